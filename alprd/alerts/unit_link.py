"""The unit's end of the alert link: sends alerts, takes the officer's session and verdicts. No I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
from alprd.alerts.hello import CATEGORY_BIT, HelloMessage, Role
from alprd.alerts.link import Link
from alprd.alerts.messages import (
    PICTURE_BYTES,
    PICTURE_HEIGHT,
    PICTURE_WIDTH,
    AlertMessage,
    HeartbeatMessage,
    Message,
    Outcome,
    OutcomeMessage,
    PictureMessage,
    Received,
    StateMessage,
    UpdateMessage,
    VerdictMessage,
)
from alprd.alerts.phases import Phase
from alprd.alerts.requests import (
    AdjustMessage,
    BatchMessage,
    Light,
    LogInMessage,
    LogOutMessage,
    MuteMessage,
    PauseMessage,
    ReportMessage,
    SessionCode,
    SessionMessage,
    SettingsMessage,
    Tongue,
    check_secret,
)
from alprd.alerts.slots import (
    AlertPhase,
    AlertTrigger,
    Slot,
    chunk,
    detail,
    most_urgent,
    percent,
    place_percent,
    update_of,
)
from alprd.alerts.unit_events import LogIn, LogOut, Requested, Sent, Shown, UnitEvent
from alprd.memory import wipe
from alprd.records import AlertId, Answer, Doubt, GpsState, MonotonicNs, UnitState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alprd.alerts.pairing import Pairing

MAX_OUTCOMES: Final = 64
"""Outcomes that wait for their turn; of more the oldest is dropped, and ends at the next greeting."""
MAX_BATCHES: Final = 8
STATE_DELAY_NS: Final = 200_000_000

_OF_ALERTS: Final = (AlertMessage, VehicleMessage, PictureMessage, UpdateMessage)

_UNKNOWN: Final = UnitState(
    camera_ok=False,
    gps=GpsState.UNREACHABLE,
    list_age_s=None,
    list_stale=False,
    list_expired=False,
    fps=0,
    pending=0,
    missed=0,
)


_NOBODY: Final = SessionMessage(code=SessionCode.NOBODY)
_DEFAULT_SETTINGS: Final = SettingsMessage(brightness=7, volume=7, light=Light.AUTO, tongue=Tongue.ENGLISH)


class UnitLink(Link[UnitEvent]):
    """The unit's end. ``pictures``: uint8 (alerts, 3456), locked; one row per alert that may wait.

    While nobody is logged in no alert is sent: STATE says how many wait, and how urgent they are.
    """

    def __init__(
        self,
        *,
        build: str,
        session: int,
        nonce: bytes,
        baud: int,
        pairing: Pairing,
        pictures: NDArray[np.uint8],
        settings: SettingsMessage = _DEFAULT_SETTINGS,
    ) -> None:
        hello = HelloMessage(role=Role.UNIT, session=session, peer=0, nonce=nonce, build=build)
        super().__init__(hello, baud, pairing)
        self._free: list[NDArray[np.uint8]] = [pictures[i] for i in range(len(pictures))]
        self._slots: dict[AlertId, Slot] = {}
        self._outcomes: deque[OutcomeMessage] = deque(maxlen=MAX_OUTCOMES)
        self._persons: deque[PersonMessage] = deque(maxlen=len(pictures))
        self._batches: deque[BatchMessage] = deque(maxlen=MAX_BATCHES)
        self._names: dict[int, CategoryMessage] = {}
        self._told_names: set[int] = set()
        self._state = _UNKNOWN
        self._session = _NOBODY
        self._is_deciding = False
        self._told_session: SessionMessage | None = None
        self._settings = settings
        self._told_settings: SettingsMessage | None = None

    @property
    def badge(self) -> str | None:
        """The officer who is logged in, None when nobody is, or a log-in is being looked at."""
        return None if self._is_deciding else self._session.badge or None

    def set_session(self, session: SessionMessage) -> None:
        """Say who is logged in from now on, or why nobody is. For another officer alerts are shown anew."""
        self._is_deciding = False
        is_same = session.badge == self._session.badge
        self._session, self._told_session = session, None
        if is_same:
            return
        self.withhold()
        kept = [f for f in self._flights if not isinstance(f.message, _OF_ALERTS)]
        self._flights.clear()
        self._flights.extend(kept)
        for slot in self._slots.values():
            self._send_again(slot, AlertTrigger.TAKEN_DOWN)
        self._beat_due = MonotonicNs(0)

    def update(
        self, alert_id: AlertId, *, chance: float, place_confidence: float | None, doubts: Doubt
    ) -> None:
        """Tell the dash what later frames say of an alert."""
        slot = self._slots.get(alert_id)
        if slot is None:
            return
        message = replace(
            slot.message,
            chance=percent(chance),
            place_confidence=place_percent(place_confidence),
            doubts=doubts,
        )
        slot.is_updated = slot.is_updated or (message != slot.message and slot.phase is not AlertPhase.QUEUED)
        slot.message = message

    def batch(self, message: BatchMessage) -> None:
        """Tell the dash of hits that passed without a prompt; of too many the oldest are not told."""
        self._batches.append(message)

    def show(self, message: AlertMessage) -> NDArray[np.uint8] | None:
        """Queue an alert and return the memory to fill with its picture before the next `take`.

        uint8 (3456,), zeros: 144 x 48 pixels, 4-bit grey, left pixel in the high half. None when no
        slot is free, or the alert's id is in use.
        """
        if not self._free or message.alert_id in self._slots:
            return None
        picture = self._free.pop()
        self._slots[message.alert_id] = Slot(message=message, picture=picture)
        if self.badge is None:
            self._beat_due = MonotonicNs(0)  # STATE says at once that an alert waits for an officer
        return picture

    def name_category(self, name: CategoryMessage) -> None:
        """Send what an added category is called before the next alert of it, once a greeting."""
        if self._names.get(name.number) != name:
            self._names[name.number] = name
            self._told_names.discard(name.number)

    def describe(self, vehicle: VehicleMessage) -> None:
        """Send what the list says of the vehicle of a waiting alert, after the alert itself."""
        slot = self._slots.get(vehicle.alert_id)
        if slot is not None:
            slot.vehicle = vehicle

    def disclose(self, person: PersonMessage) -> None:
        """Send the owner of a plate once: it is forgotten when the dash has it, or the link is lost."""
        if self._phase is Phase.UP:
            self._persons.append(person)

    def conclude(self, alert_id: AlertId, outcome: Outcome) -> None:
        """End an alert: wipe and free its slot, and tell the dash if it may know of it."""
        slot = self._slots.pop(alert_id, None)
        if slot is None:
            return
        is_on_its_way = self._abandon(alert_id)
        if is_on_its_way or slot.is_answered or slot.phase is not AlertPhase.QUEUED:
            self._outcomes.append(OutcomeMessage(alert_id=alert_id, outcome=outcome))
        slot.step(AlertTrigger.CONCLUDED)
        wipe(slot.picture)
        self._free.append(slot.picture)

    def conclude_all(self, outcome: Outcome) -> None:
        """End every alert."""
        for alert_id in tuple(self._slots):
            self.conclude(alert_id, outcome)

    def withhold(self) -> None:
        """Send no owner any more, and forget them all."""
        self._persons.clear()
        if any(isinstance(flight.message, PersonMessage) for flight in self._flights):
            self._flights.clear()  # it flies alone

    def update_state(self, state: UnitState, now: MonotonicNs) -> bool:
        """Note the unit's state; return whether the dash is to hear of it before the next heartbeat."""
        before, self._state = self._state, state
        is_urgent = replace(before, fps=0, list_age_s=None) != replace(state, fps=0, list_age_s=None)
        if is_urgent:
            self._beat_due = min(self._beat_due, MonotonicNs(now + STATE_DELAY_NS))
        return is_urgent

    def _abandon(self, alert_id: AlertId) -> bool:
        """Give up what is on its way if it is about ``alert_id``; return whether it was."""
        for flight in self._flights:
            if isinstance(flight.message, _OF_ALERTS) and flight.message.alert_id == alert_id:
                self._flights.clear()  # what flies together is of one alert
                return True
        return False

    def _choose(self) -> Message | None:
        if self._told_session != self._session:
            return self._session
        if self._told_settings != self._settings:
            return self._settings
        slots = self._slots.values()
        queued = [s for s in slots if s.phase is AlertPhase.QUEUED and not s.is_answered]
        if queued and self.badge is not None and self._has_room():
            slot = most_urgent(queued)
            return self._untold_name(slot.message.category) or self._announcement(slot)
        if self._outcomes:
            return self._outcomes[0]
        if self._persons:
            return self._persons[0]
        at_dash = [s for s in slots if s.phase is not AlertPhase.QUEUED]
        return detail(at_dash) or (self._batches[0] if self._batches else None)

    def _choose_behind(self, _ahead: Message) -> Message | None:
        """Let one more part of a picture go behind a part, unless something else is due."""
        if not isinstance(_ahead, PictureMessage):
            return None
        slot = self._slots.get(_ahead.alert_id)
        offset = _ahead.offset + len(_ahead.chunk)
        if slot is None or offset == PICTURE_BYTES or self._choose() != _ahead:
            return None
        return chunk(slot, offset)

    def _has_room(self) -> bool:
        at_dash = sum(slot.phase is not AlertPhase.QUEUED for slot in self._slots.values())
        return self.peer_hello is not None and at_dash + len(self._outcomes) < self.peer_hello.slots

    def _untold_name(self, category: int) -> CategoryMessage | None:
        """Return what the dash is to call ``category``, None where it knows already, or never will."""
        name, hello = self._names.get(category), self.peer_hello
        if name is None or category in self._told_names or hello is None or not hello.commands & CATEGORY_BIT:
            return None
        return name

    def _announcement(self, slot: Slot) -> AlertMessage:
        display = self.peer_hello
        if display is not None and display.width >= PICTURE_WIDTH and display.height >= PICTURE_HEIGHT:
            return slot.message
        return replace(slot.message, picture_width=0, picture_height=0)

    def _delivered(self, message: Message, now: MonotonicNs) -> None:
        match message:
            case CategoryMessage() if self._names.get(message.number) == message:
                self._told_names.add(message.number)
            case AlertMessage():
                self._delivered_alert(self._slots[message.alert_id], message, now)
            case VehicleMessage():
                self._slots[message.alert_id].is_described = True
            case UpdateMessage():
                slot = self._slots[message.alert_id]
                slot.is_updated = update_of(slot.message) != message
            case PictureMessage():
                slot = self._slots[message.alert_id]
                slot.sent = message.offset + len(message.chunk)
                if slot.sent == PICTURE_BYTES:
                    slot.step(AlertTrigger.DRAWN)
            case SessionMessage():
                self._told_session = message
            case SettingsMessage():
                self._told_settings = message
            case _:
                self._drop_first(message)

    def _left(self, message: Message, now: MonotonicNs) -> None:
        slot = self._slots.get(message.alert_id) if isinstance(message, AlertMessage) else None
        if slot is not None and not slot.was_sent:
            slot.was_sent = True
            self._events.append(Sent(alert_id=slot.message.alert_id, at=now))

    def _delivered_alert(self, slot: Slot, message: AlertMessage, now: MonotonicNs) -> None:
        slot.step(AlertTrigger.ACKED)
        slot.is_updated = update_of(slot.message) != update_of(message)
        if not slot.was_shown:
            slot.was_shown = True
            self._events.append(Shown(alert_id=message.alert_id, at=now))
        if message.picture_width == 0:
            slot.step(AlertTrigger.DRAWN)

    def _drop_first(self, message: Message) -> None:
        """Take a message that the dash has from the head of its queue, where it may have been pushed out."""
        queues: tuple[deque[Any], ...] = (self._outcomes, self._persons, self._batches)
        for queue in queues:
            if queue and queue[0] is message:
                queue.popleft()

    def _accept(self, message: Received, now: MonotonicNs) -> bool:
        del now
        match message:
            case HeartbeatMessage():
                pass
            case LogInMessage():
                self._ask_for_session(message)
            case LogOutMessage():
                self.set_session(_NOBODY)
                self._events.append(LogOut())
            case VerdictMessage():
                self._judge(message)
            case PauseMessage() | MuteMessage() | ReportMessage():
                self._events.append(Requested(message=message, badge=self.badge or ""))
            case AdjustMessage():
                self._settings = self._told_settings = SettingsMessage(
                    brightness=message.brightness,
                    volume=message.volume,
                    light=message.light,
                    tongue=message.tongue,
                )
            case _:
                return False
        return True

    def _ask_for_session(self, message: LogInMessage) -> None:
        if self._keys is None:
            return
        secret = self._keys.mask(message.attempt, message.covered).rstrip(b"\0").decode("ascii", "replace")
        try:
            check_secret(secret)
        except ValueError:
            self.set_session(SessionMessage(code=SessionCode.WRONG))
        else:
            self._is_deciding = True
            self._events.append(LogIn(badge=message.badge, secret=secret))

    def _judge(self, message: VerdictMessage) -> None:
        slot, badge = self._slots.get(message.alert_id), self.badge
        if slot is None:
            self._tell(message.alert_id, Outcome.EXPIRED)
        elif badge is None:
            self._tell(message.alert_id, Outcome.REFUSED_NO_SESSION)
        elif not slot.is_answered:
            slot.is_answered = True
            answer = Answer(alert_id=message.alert_id, verdict=message.verdict, badge=badge)
            self._events.append(answer)

    def _tell(self, alert_id: AlertId, outcome: Outcome) -> None:
        message = OutcomeMessage(alert_id=alert_id, outcome=outcome)
        if message not in self._outcomes:
            self._outcomes.append(message)

    def _heartbeat(self) -> Message:
        urgency = 0
        if self.badge is None:
            urgency = max((slot.message.priority for slot in self._slots.values()), default=0)
        return StateMessage(state=replace(self._state, urgency=urgency))

    def _came_up(self) -> None:
        self._told_session = None
        self._told_settings = None

    def _went_down(self) -> None:
        self._persons.clear()
        self._batches.clear()
        self._told_names.clear()
        for slot in self._slots.values():
            self._send_again(slot, AlertTrigger.LINK_LOST)

    @staticmethod
    def _send_again(slot: Slot, trigger: AlertTrigger) -> None:
        slot.step(trigger)
        slot.sent = 0
        slot.is_described = slot.is_updated = False
