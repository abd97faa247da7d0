"""The dash unit's end of the alert link: holds alerts, sends the session and verdicts. No I/O.

The terminal dash, the simulated dash units of the tests and the headless demo are built on it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from alprd.alerts.dash_events import (
    AlertArrived,
    AlertUpdated,
    BatchArrived,
    DashAlert,
    DashEvent,
    DashPerson,
    OutcomeArrived,
    PersonArrived,
    PersonGone,
    PictureArrived,
    SessionChanged,
    SettingsArrived,
    StateArrived,
    VehicleArrived,
)
from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
from alprd.alerts.hello import HelloMessage, Role
from alprd.alerts.link import Link
from alprd.alerts.messages import (
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
from alprd.alerts.pairing import SECRET_BYTES
from alprd.alerts.phases import Phase
from alprd.alerts.requests import (
    AdjustMessage,
    BatchMessage,
    LogInMessage,
    LogOutMessage,
    MuteMessage,
    PauseMessage,
    ReportMessage,
    SessionCode,
    SessionMessage,
    SettingsMessage,
    check_badge,
    check_secret,
)
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alprd.alerts.pairing import Pairing
    from alprd.records import AlertId, UnixMs, Verdict

DASH_SLOTS: Final = 32
MAX_PERSONS: Final = 8
"""Owners that are held at once; for another the oldest is taken down."""
_NS: Final = 1_000_000_000
MAX_REQUESTS: Final = 32
"""What the officer has done and the unit does not know yet; of more the oldest is dropped."""
MAX_RECENT: Final = 64
"""Alerts whose id and capture time are remembered, so that one sent again gives no second sound."""


_NOBODY: Final = SessionMessage(code=SessionCode.NOBODY)
_Request = (
    LogInMessage | LogOutMessage | VerdictMessage | PauseMessage | MuteMessage | AdjustMessage | ReportMessage
)


class DashLink(Link[DashEvent]):
    """The dash unit's end, for a display of ``width`` x ``height`` pixels that holds ``slots`` alerts."""

    def __init__(
        self,
        *,
        build: str,
        session: int,
        nonce: bytes,
        baud: int,
        pairing: Pairing,
        width: int = PICTURE_WIDTH,
        height: int = PICTURE_HEIGHT,
        slots: int = DASH_SLOTS,
    ) -> None:
        hello = HelloMessage(
            role=Role.DASH,
            session=session,
            peer=0,
            nonce=nonce,
            width=width,
            height=height,
            slots=slots,
            build=build,
        )
        super().__init__(hello, baud, pairing)
        self._alerts: dict[AlertId, DashAlert] = {}
        self._persons: dict[AlertId, DashPerson] = {}
        self._names: dict[int, CategoryMessage] = {}
        self._recent: deque[tuple[AlertId, UnixMs]] = deque(maxlen=MAX_RECENT)
        self._requests: deque[_Request] = deque(maxlen=MAX_REQUESTS)
        self._session = _NOBODY
        self._attempts = 0

    @property
    def alerts(self) -> Mapping[AlertId, DashAlert]:
        """The alerts held, oldest first."""
        return self._alerts

    @property
    def category_names(self) -> Mapping[int, CategoryMessage]:
        """What the unit calls the added categories, by number."""
        return self._names

    @property
    def persons(self) -> Mapping[AlertId, DashPerson]:
        """The owners held, oldest first."""
        return self._persons

    @property
    def session(self) -> SessionMessage:
        """Who is logged in at the unit, as it said last; nobody while the link is down."""
        return self._session

    @property
    def badge(self) -> str:
        """The officer who is logged in, empty for nobody."""
        return self._session.badge

    def log_in(self, badge: str, secret: str) -> bool:
        """Ask for a session with a PIN or token; False while the link is down.

        ValueError for a badge or secret that cannot be sent. Nothing of the secret stays here uncovered.
        """
        check_badge(badge)
        check_secret(secret)
        if self._phase is not Phase.UP or self._keys is None:
            return False
        self._attempts += 1
        covered = self._keys.mask(self._attempts, secret.encode("ascii").ljust(SECRET_BYTES, b"\0"))
        return self._ask(LogInMessage(attempt=self._attempts, badge=badge, covered=covered))

    def log_out(self) -> bool:
        """End the session; False while the link is down."""
        self._take_down_all()
        return self._ask(LogOutMessage())

    def pause(self, *, is_paused: bool) -> bool:
        """Have the unit close its camera, or open it again; False while the link is down."""
        return self._ask(PauseMessage(is_paused=is_paused))

    def mute(self, classes: int) -> bool:
        """Have the unit leave priority classes out (bit 0 is class 1); False while the link is down."""
        return self._ask(MuteMessage(classes=classes))

    def adjust(self, settings: AdjustMessage) -> bool:
        """Have the unit remember how the officer set this dash; False while the link is down."""
        return self._ask(settings)

    def report(self, report: ReportMessage) -> bool:
        """Say what came of a confirmed hit; False while the link is down."""
        return self._ask(report)

    def answer(self, alert_id: AlertId, verdict: Verdict) -> bool:
        """Send a verdict; False when the link is down, or the alert is gone or answered."""
        alert = self._alerts.get(alert_id)
        if alert is None or alert.verdict is not None:
            return False
        if not self._ask(VerdictMessage(alert_id=alert_id, verdict=verdict)):
            return False
        alert.verdict = verdict
        return True

    def _ask(self, request: _Request) -> bool:
        if self._phase is not Phase.UP:
            return False
        self._requests.append(request)
        return True

    def take_down(self, alert_id: AlertId) -> None:
        """Show the owner under ``alert_id`` no more, and forget it."""
        if self._persons.pop(alert_id, None) is not None:
            self._events.append(PersonGone(alert_id=alert_id))

    def tick(self, now: MonotonicNs) -> None:
        """Run the timers, those of the owners too."""
        for alert_id, person in tuple(self._persons.items()):
            if now >= person.until:
                self.take_down(alert_id)
        super().tick(now)

    def deadline(self) -> MonotonicNs | None:
        """Return when `take` has something to do without being fed, None for never."""
        of_link = super().deadline()
        times = [person.until for person in self._persons.values()]
        return min(times if of_link is None else [*times, of_link], default=None)

    def clear(self) -> None:
        """Take down and wipe every alert."""
        for alert in self._alerts.values():
            alert.wipe()
        self._alerts.clear()

    def _choose(self) -> Message | None:
        return self._requests[0] if self._requests else None

    def _delivered(self, message: Message, now: MonotonicNs) -> None:
        del now
        if self._requests and self._requests[0] is message:
            self._requests.popleft()

    def _accept(self, message: Received, now: MonotonicNs) -> bool:
        match message:
            case CategoryMessage():
                self._names[message.number] = message
            case AlertMessage():
                return self._hold(message)
            case VehicleMessage():
                return self._describe(message)
            case PersonMessage():
                self._disclose(message, now)
            case PictureMessage():
                return self._draw(message)
            case OutcomeMessage():
                self._end(message)
            case UpdateMessage():
                return self._update(message)
            case SessionMessage():
                self._change_session(message)
            case StateMessage() | SettingsMessage() | BatchMessage():
                self._pass_on(message)
            case _:
                return False
        return True

    def _pass_on(self, message: StateMessage | SettingsMessage | BatchMessage) -> None:
        match message:
            case StateMessage():
                self._events.append(StateArrived(state=message.state))
            case SettingsMessage():
                self._events.append(SettingsArrived(settings=message))
            case BatchMessage():
                self._events.append(BatchArrived(batch=message))

    def _hold(self, message: AlertMessage) -> bool:
        if len(self._alerts) >= self._hello.slots or message.alert_id in self._alerts:
            return False
        self._alerts[message.alert_id] = DashAlert(message=message, name=self._names.get(message.category))
        mark = (message.alert_id, message.captured.at)
        self._events.append(AlertArrived(alert_id=message.alert_id, is_repeat=mark in self._recent))
        if mark not in self._recent:
            self._recent.append(mark)
        return True

    def _describe(self, message: VehicleMessage) -> bool:
        alert = self._alerts.get(message.alert_id)
        if alert is None:
            return False
        alert.vehicle = message
        self._events.append(VehicleArrived(alert_id=message.alert_id))
        return True

    def _update(self, message: UpdateMessage) -> bool:
        alert = self._alerts.get(message.alert_id)
        if alert is None:
            return False
        alert.message = replace(
            alert.message,
            chance=message.chance,
            place_confidence=message.place_confidence,
            doubts=message.doubts,
        )
        self._events.append(AlertUpdated(alert_id=message.alert_id))
        return True

    def _change_session(self, message: SessionMessage) -> None:
        if message.badge != self._session.badge:
            self.clear()
            self._take_down_all()
        self._session = message
        self._events.append(SessionChanged(session=message))

    def _disclose(self, message: PersonMessage, now: MonotonicNs) -> None:
        if len(self._persons) >= MAX_PERSONS:
            self.take_down(next(iter(self._persons)))
        until = MonotonicNs(now + message.seconds * _NS)
        self._persons[message.alert_id] = DashPerson(message=message, until=until)
        self._events.append(PersonArrived(alert_id=message.alert_id))

    def _take_down_all(self) -> None:
        for alert_id in tuple(self._persons):
            self.take_down(alert_id)

    def _draw(self, message: PictureMessage) -> bool:
        alert = self._alerts.get(message.alert_id)
        if alert is None or message.offset not in (alert.drawn, 0):
            return False
        end = message.offset + len(message.chunk)
        alert.picture[message.offset : end] = message.chunk
        alert.drawn = end
        if alert.is_drawn:
            self._events.append(PictureArrived(alert_id=message.alert_id))
        return True

    def _end(self, message: OutcomeMessage) -> None:
        alert = self._alerts.get(message.alert_id)
        verdict = None if alert is None else alert.verdict
        if message.outcome is Outcome.REFUSED_NO_SESSION:
            if alert is not None:
                alert.verdict = None
        elif alert is not None:
            del self._alerts[message.alert_id]
            alert.wipe()
        event = OutcomeArrived(alert_id=message.alert_id, outcome=message.outcome, verdict=verdict)
        self._events.append(event)

    def _heartbeat(self) -> Message:
        return HeartbeatMessage()

    def _came_up(self) -> None:
        self.clear()
        self._names.clear()
        self._attempts = 0

    def _went_down(self) -> None:
        self._session = _NOBODY
        self._requests.clear()
        self._take_down_all()
