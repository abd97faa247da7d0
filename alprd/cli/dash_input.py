"""What the officer types at the terminal dash: the log-in, and the report after a confirmed hit."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from alprd.alerts.pairing import SECRET_BYTES
from alprd.alerts.requests import Action, LiveCheck, Notice, ReportMessage
from alprd.records import MAX_BADGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alprd.records import AlertId

ERASE: Final = ("\x7f", "\b")
ESCAPE: Final = "\x1b"
ENTER: Final = ("\r", "\n")


class Asked(enum.Enum):
    """What a log-in asks for."""

    BADGE = "badge"
    PIN = "pin"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInPrompt:
    """A log-in that is being typed; ``badge`` is complete while the PIN is asked for."""

    asked: Asked = Asked.BADGE
    badge: str = ""
    text: str = ""

    def after(self, key: str) -> LogInPrompt | None:
        """Return the prompt after ``key``, None when it is over: left, or whole (see `is_whole`)."""
        if key == ESCAPE:
            return None
        if key in ERASE:
            return replace(self, text=self.text[:-1])
        if key in ENTER:
            is_done = self.asked is Asked.PIN or not self.text
            return None if is_done else LogInPrompt(asked=Asked.PIN, badge=self.text)
        most = MAX_BADGE if self.asked is Asked.BADGE else SECRET_BYTES
        if key.isascii() and key.isprintable() and key != " ":
            return replace(self, text=(self.text + key)[:most])
        return self

    @property
    def shown(self) -> str:
        """What stands on the screen of it: a PIN's length at most."""
        return self.text if self.asked is Asked.BADGE else "*" * len(self.text)


class ReportStep(enum.Enum):
    """What is asked after a confirmed hit, in this order."""

    LIVE = "live"
    ACTION = "action"
    NOTICE = "notice"


_LIVE: Final[Mapping[str, LiveCheck]] = {
    "1": LiveCheck.AGREES,
    "2": LiveCheck.DIFFERS,
    "3": LiveCheck.NOT_REACHED,
}
_ACTIONS: Final[Mapping[str, Action]] = {str(action.value): action for action in Action}
_NOTICES: Final[Mapping[str, Notice]] = {"1": Notice.GIVEN, "2": Notice.WITHHELD_FOR_SAFETY}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPrompt:
    """A report on the confirmed hit ``alert_id`` that is being made: live check, action, verbal notice."""

    alert_id: AlertId
    live_check: LiveCheck | None = None
    action: Action | None = None

    @property
    def step(self) -> ReportStep:
        """What is asked now."""
        if self.live_check is None:
            return ReportStep.LIVE
        return ReportStep.ACTION if self.action is None else ReportStep.NOTICE

    def after(self, key: str) -> ReportPrompt | ReportMessage:
        """Return the prompt after ``key``, or the report when it is whole."""
        match self.step:
            case ReportStep.LIVE if key in _LIVE:
                return replace(self, live_check=_LIVE[key])
            case ReportStep.ACTION if key in _ACTIONS:
                asked = replace(self, action=_ACTIONS[key])
                return asked.whole(Notice.NOT_DUE) if asked.action is Action.NO_STOP else asked
            case ReportStep.NOTICE if key in _NOTICES:
                return self.whole(_NOTICES[key])
        return self

    def whole(self, notice: Notice) -> ReportMessage:
        """Return the report with the last answer."""
        return ReportMessage(
            alert_id=self.alert_id,
            live_check=self.live_check or LiveCheck.NOT_MADE,
            action=self.action or Action.NO_STOP,
            notice=notice,
        )
