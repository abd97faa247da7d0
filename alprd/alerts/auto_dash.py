"""A dash unit that answers by itself: for the headless demo and the tests."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from alprd.alerts.dash_events import AlertArrived, OutcomeArrived, StateArrived
from alprd.alerts.dash_link import DashLink
from alprd.alerts.line import LineThread, new_nonce, new_session, serial_opener
from alprd.alerts.link import LinkChanged
from alprd.records import Doubt, LinkState

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.alerts.dash_events import DashEvent
    from alprd.alerts.messages import AlertMessage
    from alprd.alerts.pairing import Pairing
    from alprd.alerts.serial_port import Port
    from alprd.records import UnitState, Verdict

DEFAULT_BAUD: Final = 115_200
_MAX_OUTCOMES: Final = 4096
DISPLAY: Final = {"width": 320, "height": 240}
"""Pixels of the dash unit's display, which the terminal stands for."""


class AutoDash(LineThread):
    """Logs ``badge`` in (empty: nobody) with ``pin``, and gives each alert the verdict of ``answer``.

    ``pairing`` holds the key of the unit. ``port`` is a serial device's path, or what opens a line (see
    `line.descriptor_opener`). ``answer`` is called once an alert in this object's thread; None leaves the
    alert without a verdict.
    """

    def __init__(
        self,
        port: str | Callable[[], Port],
        answer: Callable[[AlertMessage], Verdict | None],
        badge: str,
        *,
        pairing: Pairing,
        pin: str = "",
        baud: int = DEFAULT_BAUD,
        build: str = "auto dash",
    ) -> None:
        self.link = DashLink(
            build=build, session=new_session(), nonce=new_nonce(), baud=baud, pairing=pairing, **DISPLAY
        )
        self._badge, self._pin = badge, pin
        self._answer = answer
        self.shown = 0
        """Alerts shown, each counted once."""
        self.sounds = 0
        """Of these, those that are not quiet: another time of a plate that was answered in this shift."""
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
                    self.sounds += not event.is_repeat and not self._is_quiet(event)
                    self._judge(event)
                case OutcomeArrived():
                    self.outcomes.append(event)
                case StateArrived():
                    self.unit_state = event.state
                case LinkChanged(state=LinkState.UP) if self._badge:
                    with self.lock:
                        self.link.log_in(self._badge, self._pin)
            self.notice(event)

    def _is_quiet(self, event: AlertArrived) -> bool:
        with self.lock:
            alert = self.link.alerts.get(event.alert_id)
        return alert is not None and Doubt.ANSWERED_BEFORE in alert.message.doubts

    def _judge(self, event: AlertArrived) -> None:
        with self.lock:
            alert = self.link.alerts.get(event.alert_id)
        verdict = None if alert is None else self._answer(alert.message)
        if verdict is not None:
            with self.lock:
                self.link.answer(event.alert_id, verdict)
