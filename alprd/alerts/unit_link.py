"""The unit's end of the alert link: sends alerts, takes the officer's session and verdicts. No I/O."""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
from alprd.alerts.link import Link, Phase
from alprd.alerts.messages import (
    CHUNK_BYTES,
    FULL_PERCENT,
    MAX_LIST_AGE_S,
    PICTURE_BYTES,
    PICTURE_HEIGHT,
    PICTURE_WIDTH,
    AlertMessage,
    HeartbeatMessage,
    HelloMessage,
    Message,
    Outcome,
    OutcomeMessage,
    PictureMessage,
    Received,
    Role,
    SessionMessage,
    StateMessage,
    VerdictMessage,
)
from alprd.memory import wipe
from alprd.records import AlertId, Answer, GpsState, MonotonicNs, UnitState

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from alprd.records import Alert

MAX_OUTCOMES: Final = 64
"""Outcomes that wait for their turn; of more the oldest is dropped, and ends at the next greeting."""
STATE_DELAY_NS: Final = 200_000_000

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


class AlertPhase(enum.Enum):
    """Where an alert stands at the unit."""

    QUEUED = "queued"
    DRAWING = "drawing"
    """The dash shows it, its picture is on the way."""
    SHOWN = "shown"
    GONE = "gone"


class AlertTrigger(enum.Enum):
    """What moves an alert from one phase to another."""

    ACKED = "ALERT acknowledged"
    DRAWN = "whole picture acknowledged, or none wanted"
    LINK_LOST = "link lost"
    CONCLUDED = "concluded"


ALERT_TRANSITIONS: Final[Mapping[AlertPhase, Mapping[AlertTrigger, AlertPhase]]] = {
    AlertPhase.QUEUED: {
        AlertTrigger.ACKED: AlertPhase.DRAWING,
        AlertTrigger.LINK_LOST: AlertPhase.QUEUED,
        AlertTrigger.CONCLUDED: AlertPhase.GONE,
    },
    AlertPhase.DRAWING: {
        AlertTrigger.DRAWN: AlertPhase.SHOWN,
        AlertTrigger.LINK_LOST: AlertPhase.QUEUED,
        AlertTrigger.CONCLUDED: AlertPhase.GONE,
    },
    AlertPhase.SHOWN: {
        AlertTrigger.LINK_LOST: AlertPhase.QUEUED,
        AlertTrigger.CONCLUDED: AlertPhase.GONE,
    },
    AlertPhase.GONE: {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The dash unit has acknowledged an alert's text, for the first time, at ``at``."""

    alert_id: AlertId
    at: MonotonicNs


@dataclass(slots=True, kw_only=True)
class _Slot:
    message: AlertMessage
    picture: NDArray[np.uint8]
    phase: AlertPhase = AlertPhase.QUEUED
    sent: int = 0
    vehicle: VehicleMessage | None = None
    is_described: bool = False
    was_shown: bool = False
    is_answered: bool = False

    def step(self, trigger: AlertTrigger) -> None:
        self.phase = ALERT_TRANSITIONS[self.phase][trigger]


class UnitLink(Link[Shown | Answer]):
    """The unit's end. ``pictures``: uint8 (alerts, 3456), locked; one row per alert that may wait."""

    def __init__(self, *, build: str, session: int, baud: int, pictures: NDArray[np.uint8]) -> None:
        super().__init__(HelloMessage(role=Role.UNIT, session=session, peer=0, build=build), baud)
        self._free: list[NDArray[np.uint8]] = [pictures[i] for i in range(len(pictures))]
        self._slots: dict[AlertId, _Slot] = {}
        self._outcomes: deque[OutcomeMessage] = deque(maxlen=MAX_OUTCOMES)
        self._persons: deque[PersonMessage] = deque(maxlen=len(pictures))
        self._names: dict[int, CategoryMessage] = {}
        self._told: set[int] = set()
        self._state = _UNKNOWN
        self._badge: str | None = None

    @property
    def badge(self) -> str | None:
        """The officer who is logged in, None when nobody is or the link is down."""
        return self._badge

    def show(self, message: AlertMessage) -> NDArray[np.uint8] | None:
        """Queue an alert and return the memory to fill with its picture before the next `take`.

        uint8 (3456,), zeros: 144 x 48 pixels, 4-bit grey, left pixel in the high half. None when no
        slot is free, or the alert's id is in use.
        """
        if not self._free or message.alert_id in self._slots:
            return None
        picture = self._free.pop()
        self._slots[message.alert_id] = _Slot(message=message, picture=picture)
        return picture

    def name_category(self, name: CategoryMessage) -> None:
        """Send what an added category is called before the next alert of it, once a greeting."""
        if self._names.get(name.number) != name:
            self._names[name.number] = name
            self._told.discard(name.number)

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
        if self._flight is not None and isinstance(self._flight.message, PersonMessage):
            self._flight = None

    def update_state(self, state: UnitState, now: MonotonicNs) -> bool:
        """Note the unit's state; return whether the dash is to hear of it before the next heartbeat."""
        before, self._state = self._state, state
        is_urgent = replace(before, fps=0, list_age_s=None) != replace(state, fps=0, list_age_s=None)
        if is_urgent:
            self._beat_due = min(self._beat_due, MonotonicNs(now + STATE_DELAY_NS))
        return is_urgent

    def _abandon(self, alert_id: AlertId) -> bool:
        """Give up the message on its way if it is about ``alert_id``; return whether it was."""
        message = None if self._flight is None else self._flight.message
        if (
            isinstance(message, AlertMessage | VehicleMessage | PictureMessage)
            and message.alert_id == alert_id
        ):
            self._flight = None
            return True
        return False

    def _choose(self) -> Message | None:
        slots = self._slots.values()
        queued = [s for s in slots if s.phase is AlertPhase.QUEUED and not s.is_answered]
        if queued and self._has_room():
            slot = _most_urgent(queued)
            name = self._names.get(slot.message.category)
            if name is not None and name.number not in self._told:
                return name
            return self._announcement(slot)
        if self._outcomes:
            return self._outcomes[0]
        if self._persons:
            return self._persons[0]
        untold = [s for s in slots if s.phase is not AlertPhase.QUEUED and s.vehicle and not s.is_described]
        if untold:
            return _most_urgent(untold).vehicle
        drawing = [s for s in slots if s.phase is AlertPhase.DRAWING]
        return _next_chunk(_most_urgent(drawing)) if drawing else None

    def _has_room(self) -> bool:
        at_dash = sum(slot.phase is not AlertPhase.QUEUED for slot in self._slots.values())
        return self.peer_hello is not None and at_dash + len(self._outcomes) < self.peer_hello.slots

    def _announcement(self, slot: _Slot) -> AlertMessage:
        display = self.peer_hello
        if display is not None and display.width >= PICTURE_WIDTH and display.height >= PICTURE_HEIGHT:
            return slot.message
        return replace(slot.message, picture_width=0, picture_height=0)

    def _delivered(self, message: Message, now: MonotonicNs) -> None:
        match message:
            case CategoryMessage() if self._names.get(message.number) == message:
                self._told.add(message.number)
            case AlertMessage():
                self._announced(message, now)
            case VehicleMessage():
                self._slots[message.alert_id].is_described = True
            case PictureMessage():
                slot = self._slots[message.alert_id]
                slot.sent = message.offset + len(message.chunk)
                if slot.sent == PICTURE_BYTES:
                    slot.step(AlertTrigger.DRAWN)
            case PersonMessage() | OutcomeMessage():
                for waiting in (self._persons, self._outcomes):
                    if waiting and waiting[0] is message:
                        waiting.popleft()

    def _announced(self, message: AlertMessage, now: MonotonicNs) -> None:
        slot = self._slots[message.alert_id]
        slot.step(AlertTrigger.ACKED)
        if not slot.was_shown:
            slot.was_shown = True
            self._events.append(Shown(alert_id=message.alert_id, at=now))
        if message.picture_width == 0:
            slot.step(AlertTrigger.DRAWN)

    def _accept(self, message: Received, now: MonotonicNs) -> bool:
        del now
        match message:
            case HeartbeatMessage():
                pass
            case SessionMessage():
                self._badge = message.badge or None
            case VerdictMessage():
                self._judge(message)
            case _:
                return False
        return True

    def _judge(self, message: VerdictMessage) -> None:
        slot = self._slots.get(message.alert_id)
        if slot is None:
            self._tell(message.alert_id, Outcome.EXPIRED)
        elif self._badge is None:
            self._tell(message.alert_id, Outcome.REFUSED_NO_SESSION)
        elif not slot.is_answered:
            slot.is_answered = True
            answer = Answer(alert_id=message.alert_id, verdict=message.verdict, badge=self._badge)
            self._events.append(answer)

    def _tell(self, alert_id: AlertId, outcome: Outcome) -> None:
        message = OutcomeMessage(alert_id=alert_id, outcome=outcome)
        if message not in self._outcomes:
            self._outcomes.append(message)

    def _heartbeat(self) -> Message:
        return StateMessage(state=self._state)

    def _came_up(self) -> None:
        self._badge = None

    def _went_down(self) -> None:
        self._badge = None
        self._persons.clear()
        self._told.clear()
        for slot in self._slots.values():
            slot.step(AlertTrigger.LINK_LOST)
            slot.sent = 0
            slot.is_described = False


def _most_urgent(slots: list[_Slot]) -> _Slot:
    """Return the slot of the highest priority, the oldest of equals."""
    return max(slots, key=lambda slot: slot.message.priority)


def _next_chunk(slot: _Slot) -> PictureMessage:
    chunk = slot.picture[slot.sent : slot.sent + CHUNK_BYTES].tobytes()
    return PictureMessage(alert_id=slot.message.alert_id, offset=slot.sent, chunk=chunk)


def _percent(share: float) -> int:
    return min(FULL_PERCENT, max(0, round(share * FULL_PERCENT)))


def alert_message(alert: Alert) -> AlertMessage:
    """Return ``alert`` as it goes over the link, announcing a picture."""
    hit = alert.hit
    return AlertMessage(
        alert_id=alert.alert_id,
        plate=hit.entry.plate,
        jurisdiction=hit.entry.jurisdiction,
        category=hit.entry.category,
        priority=hit.entry.priority,
        confidence=_percent(hit.confidence),
        confidences=tuple(_percent(share) for share in hit.confidences),
        list_age_s=min(alert.list_age_s, MAX_LIST_AGE_S),
        captured=hit.instant,
        has_location=hit.fix is not None,
        place_confidence=0 if hit.place_confidence is None else max(1, _percent(hit.place_confidence)),
        picture_width=PICTURE_WIDTH,
        picture_height=PICTURE_HEIGHT,
        chance=_percent(hit.chance),
        doubts=hit.doubts,
    )
