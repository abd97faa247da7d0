"""The dash unit's end of the alert link: holds alerts, sends the session and verdicts. No I/O.

The terminal dash, the simulated dash units of the tests and the headless demo are built on it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
from alprd.alerts.link import Link, Phase
from alprd.alerts.messages import (
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
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alprd.records import AlertId, UnitState, UnixMs, Verdict

DASH_SLOTS: Final = 32
MAX_PERSONS: Final = 8
"""Owners that are held at once; for another the oldest is taken down."""
_NS: Final = 1_000_000_000
MAX_RECENT: Final = 64
"""Alerts whose id and capture time are remembered, so that one sent again gives no second sound."""


@dataclass(slots=True, kw_only=True)
class DashAlert:
    """An alert that the dash holds. ``picture`` is 4-bit grey, ``drawn`` of its 3,456 bytes have come.

    ``vehicle`` is None until it has come. ``name`` is what its category is called, None for one of the closed
    set.
    """

    message: AlertMessage
    name: CategoryMessage | None = None
    vehicle: VehicleMessage | None = None
    picture: bytearray = field(default_factory=lambda: bytearray(PICTURE_BYTES), repr=False)
    drawn: int = 0
    verdict: Verdict | None = None

    @property
    def is_drawn(self) -> bool:
        """Whether the whole picture is here."""
        return self.drawn == PICTURE_BYTES

    def wipe(self) -> None:
        """Zero the picture, and let go of what the list says."""
        self.picture[:] = bytes(PICTURE_BYTES)
        self.vehicle = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DashPerson:
    """The owner of a confirmed plate, shown until ``until``."""

    message: PersonMessage
    until: MonotonicNs


@dataclass(frozen=True, slots=True, kw_only=True)
class StateArrived:
    """The unit's state, every second or so."""

    state: UnitState


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertArrived:
    """An alert to show. ``is_repeat``: it was shown before the link was lost; no second sound."""

    alert_id: AlertId
    is_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleArrived:
    """What the list says of the vehicle of an alert is here."""

    alert_id: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonArrived:
    """The owner of a confirmed plate is here."""

    alert_id: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonGone:
    """An owner was taken down: by the officer, at the time limit, or with the link."""

    alert_id: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureArrived:
    """The picture of an alert is whole."""

    alert_id: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeArrived:
    """What became of an alert, and the verdict given here, None if it was given none."""

    alert_id: AlertId
    outcome: Outcome
    verdict: Verdict | None


DashEvent = (
    StateArrived
    | AlertArrived
    | VehicleArrived
    | PersonArrived
    | PersonGone
    | PictureArrived
    | OutcomeArrived
)


class DashLink(Link[DashEvent]):
    """The dash unit's end, for a display of ``width`` x ``height`` pixels that holds ``slots`` alerts."""

    def __init__(
        self,
        *,
        build: str,
        session: int,
        baud: int,
        width: int = PICTURE_WIDTH,
        height: int = PICTURE_HEIGHT,
        slots: int = DASH_SLOTS,
    ) -> None:
        hello = HelloMessage(
            role=Role.DASH,
            session=session,
            peer=0,
            width=width,
            height=height,
            slots=slots,
            build=build,
        )
        super().__init__(hello, baud)
        self._alerts: dict[AlertId, DashAlert] = {}
        self._persons: dict[AlertId, DashPerson] = {}
        self._names: dict[int, CategoryMessage] = {}
        self._recent: deque[tuple[AlertId, UnixMs]] = deque(maxlen=MAX_RECENT)
        self._verdicts: deque[VerdictMessage] = deque(maxlen=slots)
        self._badge = ""
        self._told_badge = ""

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
    def badge(self) -> str:
        """The officer who is logged in here, empty for nobody."""
        return self._badge

    def log_in(self, badge: str) -> None:
        """Make ``badge`` the session, the empty one to log out; ValueError for one that cannot be sent.

        Another officer's owners are taken down.
        """
        before, self._badge = self._badge, SessionMessage(badge=badge).badge
        if badge != before:
            self._take_down_all()

    def answer(self, alert_id: AlertId, verdict: Verdict) -> bool:
        """Send a verdict; False when the link is down, or the alert is gone or answered."""
        alert = self._alerts.get(alert_id)
        if self._phase is not Phase.UP or alert is None or alert.verdict is not None:
            return False
        self._verdicts.append(VerdictMessage(alert_id=alert_id, verdict=verdict))
        alert.verdict = verdict
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
        if self._told_badge != self._badge:
            return SessionMessage(badge=self._badge)
        return self._verdicts[0] if self._verdicts else None

    def _delivered(self, message: Message, now: MonotonicNs) -> None:
        del now
        match message:
            case SessionMessage():
                self._told_badge = message.badge
            case VerdictMessage():
                self._verdicts.popleft()

    def _accept(self, message: Received, now: MonotonicNs) -> bool:
        match message:
            case StateMessage():
                self._events.append(StateArrived(state=message.state))
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
            case _:
                return False
        return True

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
        self._told_badge = ""

    def _went_down(self) -> None:
        self._verdicts.clear()
        self._take_down_all()
