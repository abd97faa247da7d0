"""The officer's session: who is logged in, since when, and when the unit logs out by itself. Pure.

Every way into a session goes through `log_in`; everything else leads out of it.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING, Final, Protocol

from alprd.alerts.requests import SessionCode, SessionMessage
from alprd.records import LinkState, MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_NS: Final = 12 * 3600 * 1_000_000_000
"""A session ends by itself after this time: no shift is longer."""
AWAY_NS: Final = 60 * 1_000_000_000
"""A session outlives a lost dash for this time."""
WRONG_TRIES: Final = 5
LOCKED_NS: Final = 60 * 1_000_000_000
"""After so many wrong PINs in a row no log-in is looked at for this time."""


class Trained(Protocol):
    """What the shift asks of an officer's record."""

    @property
    def badge(self) -> str:
        """The badge."""

    @property
    def trained_until(self) -> str:
        """The last day of the training, like ``2027-03-31``."""

    @property
    def undertaking(self) -> str:
        """The digest of the signed undertaking, empty where there is none."""


class Stand(enum.Enum):
    """Where the session stands."""

    NOBODY = "nobody"
    ACTIVE = "active"
    AWAY = "active, dash away"


class Step(enum.Enum):
    """What moves the session."""

    LOGGED_IN = "badge and PIN accepted"
    REFUSED = "log-in refused"
    LOGGED_OUT = "logged out"
    LINK_LOST = "link lost"
    LINK_UP = "link up"
    TIME_OVER = "12 h, or 60 s away"


TRANSITIONS: Final[Mapping[Stand, Mapping[Step, Stand]]] = {
    Stand.NOBODY: {
        Step.LOGGED_IN: Stand.ACTIVE,
        Step.REFUSED: Stand.NOBODY,
        Step.LOGGED_OUT: Stand.NOBODY,
        Step.LINK_LOST: Stand.NOBODY,
        Step.LINK_UP: Stand.NOBODY,
    },
    Stand.ACTIVE: {
        Step.LOGGED_IN: Stand.ACTIVE,
        Step.REFUSED: Stand.NOBODY,
        Step.LOGGED_OUT: Stand.NOBODY,
        Step.LINK_LOST: Stand.AWAY,
        Step.LINK_UP: Stand.ACTIVE,
        Step.TIME_OVER: Stand.NOBODY,
    },
    Stand.AWAY: {
        Step.LINK_LOST: Stand.AWAY,
        Step.LINK_UP: Stand.ACTIVE,
        Step.TIME_OVER: Stand.NOBODY,
    },
}


def judge(officer: Trained | None, today: dt.date, *, is_right: bool) -> SessionCode:
    """Return whether an officer may log in ``today``, or why not; ``is_right`` is what the PIN was."""
    if officer is None or not is_right:
        return SessionCode.WRONG
    if dt.date.fromisoformat(officer.trained_until) < today:
        return SessionCode.TRAINING_OVER
    if not officer.undertaking:
        return SessionCode.NO_UNDERTAKING
    return SessionCode.ACTIVE


class Shift:
    """The session of one unit. ``check`` says whether a badge and a PIN or token may log in on a day."""

    def __init__(self, check: Callable[[str, str, dt.date], SessionCode]) -> None:
        self._check = check
        self.stand = Stand.NOBODY
        self.session = SessionMessage(code=SessionCode.NOBODY)
        self._ends_at = MonotonicNs(0)
        self._away_since = MonotonicNs(0)
        self._wrong = 0
        self._locked_until = MonotonicNs(0)

    def log_in(self, badge: str, secret: str, now: MonotonicNs, today: dt.date) -> SessionMessage:
        """Begin a session, or say why not. Whoever was logged in is not any more (hand-over)."""
        code = SessionCode.LOCKED
        if now >= self._locked_until:
            code = self._check(badge, secret, today)
            self._wrong = self._wrong + 1 if code is SessionCode.WRONG else 0
            if self._wrong >= WRONG_TRIES:
                self._wrong, self._locked_until = 0, MonotonicNs(now + LOCKED_NS)
        if code is not SessionCode.ACTIVE:
            return self._move(Step.REFUSED, code)
        self._ends_at = MonotonicNs(now + LONGEST_NS)
        return self._move(Step.LOGGED_IN, code, badge)

    def log_out(self) -> SessionMessage:
        """End the session."""
        return self._move(Step.LOGGED_OUT, SessionCode.NOBODY)

    def link_changed(self, state: LinkState, now: MonotonicNs) -> None:
        """Note that the dash came or went."""
        if state is LinkState.DOWN and self.stand is Stand.ACTIVE:
            self._away_since = now
        step = Step.LINK_UP if state is LinkState.UP else Step.LINK_LOST
        self.stand = TRANSITIONS[self.stand][step]

    def expire(self, now: MonotonicNs) -> SessionMessage | None:
        """End the session when its time is over; return what to tell the dash then, else None."""
        is_over = self.stand is not Stand.NOBODY and now >= self._ends_at
        is_lost = self.stand is Stand.AWAY and now - self._away_since >= AWAY_NS
        return self._move(Step.TIME_OVER, SessionCode.ENDED) if is_over or is_lost else None

    def _move(self, step: Step, code: SessionCode, badge: str = "") -> SessionMessage:
        self.stand = TRANSITIONS[self.stand][step]
        self.session = SessionMessage(code=code, badge=badge)
        return self.session
