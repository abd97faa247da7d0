"""A dash unit that answers by itself: for the headless demo and the tests."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from alprd.alerts.dash_link import AlertArrived, DashLink, OutcomeArrived, StateArrived
from alprd.alerts.line import LineThread, new_session, serial_opener

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.alerts.dash_link import DashEvent
    from alprd.alerts.link import LinkChanged
    from alprd.alerts.messages import AlertMessage
    from alprd.alerts.serial_port import Port
    from alprd.records import UnitState, Verdict

DEFAULT_BAUD: Final = 115_200
_MAX_OUTCOMES: Final = 4096


class AutoDash(LineThread):
    """Logs ``badge`` in (empty: nobody) and gives each alert the verdict that ``answer`` returns.

    ``port`` is a serial device's path, or what opens a line (see `line.descriptor_opener`). ``answer`` is
    called once an alert in this object's thread; None leaves the alert without a verdict.
    """

    def __init__(
        self,
        port: str | Callable[[], Port],
        answer: Callable[[AlertMessage], Verdict | None],
        badge: str,
        *,
        baud: int = DEFAULT_BAUD,
        build: str = "auto dash",
    ) -> None:
        self.link = DashLink(build=build, session=new_session(), baud=baud)
        self.link.log_in(badge)
        self._answer = answer
        self.shown = 0
        """Alerts shown, each counted once."""
        self.outcomes: deque[OutcomeArrived] = deque(maxlen=_MAX_OUTCOMES)
        self.unit_state: UnitState | None = None
        opener = serial_opener(port, baud) if isinstance(port, str) else port
        super().__init__("auto-dash", self.link, opener)

    def notice(self, event: DashEvent | LinkChanged) -> None:
        """Take note of ``event``, after this object has; called in this thread, without the lock."""

    def react(self) -> None:
        """Answer the alerts that came."""
        with self.lock:
            events = self.link.events()
        for event in events:
            match event:
                case AlertArrived():
                    self.shown += not event.is_repeat
                    self._judge(event)
                case OutcomeArrived():
                    self.outcomes.append(event)
                case StateArrived():
                    self.unit_state = event.state
            self.notice(event)

    def _judge(self, event: AlertArrived) -> None:
        with self.lock:
            alert = self.link.alerts.get(event.alert_id)
        verdict = None if alert is None else self._answer(alert.message)
        if verdict is not None:
            with self.lock:
                self.link.answer(event.alert_id, verdict)
