"""Who is on duty, and what the officer asked for: session, privacy stop, muted classes, reports.

Between the dash's events and the daemon; the rules themselves are in `alerts.shift` and `alerts.decide`.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from typing import TYPE_CHECKING, Final, Protocol

from alprd.alerts.decide import POLICIES, is_muted, mutable_of
from alprd.alerts.requests import MuteMessage, PauseMessage, ReportMessage, SessionCode
from alprd.alerts.shift import Shift, judge
from alprd.alerts.unit_events import LogIn, LogOut, Requested
from alprd.disk import write_durably
from alprd.errors import AlprdError, StorageError, printable
from alprd.keys.officers import OFFICERS_FILE, is_secret, read_officers

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.alerts.decide import AnsweredGuard
    from alprd.alerts.link import LinkChanged
    from alprd.alerts.requests import SessionMessage
    from alprd.keys.root import Root
    from alprd.meters import Tally
    from alprd.records import Instant, MonotonicNs

log = logging.getLogger(__name__)

PAUSE_FILE: Final = "paused"
SHIFT_KEY_BYTES: Final = 32


class SessionPort(Protocol):
    """The dash, as far as it is told of sessions."""

    def set_session(self, session: SessionMessage) -> None:
        """Say who is logged in, or why nobody is."""


class Reports(Protocol):
    """Who counts what came of confirmed hits."""

    def report(self, report: ReportMessage) -> bool:
        """Count it; False where there is nothing to report."""


class Books(Protocol):
    """What is written down of sessions and requests."""

    def log_in_refused(self, badge: str, why: str) -> None:
        """Note a log-in that was refused; ``badge`` is an officer's, or empty."""

    def camera_closed(self, badge: str, *, is_closed: bool) -> None:
        """Note that somebody has closed the camera, or an officer opened it."""

    def reported(self, badge: str, report: ReportMessage) -> None:
        """Note what came of a confirmed hit."""


class TimeOfDay(Protocol):
    """What the time is."""

    def instant(self, now: MonotonicNs) -> Instant:
        """Return the time of day at ``now``."""


class Duty:
    """What holds while an officer is on duty, and what does not without one.

    In ``keys_folder`` stands who may log in, signed by ``root``'s approvers, and, while the camera is to stay
    closed, a file that says so: no restart opens it again.
    """

    def __init__(
        self,
        *,
        dash: SessionPort,
        reports: Reports,
        clock: TimeOfDay,
        keys_folder: Path,
        root: Root,
        answered: AnsweredGuard,
        tally: Tally,
        books: Books,
    ) -> None:
        self._dash = dash
        self._reports = reports
        self._clock = clock
        self._officers_file, self._root = keys_folder / OFFICERS_FILE, root
        self._pause_file = keys_folder / PAUSE_FILE
        self._answered = answered
        self._tally = tally
        self._books = books
        self._shift = Shift(self._check)
        self._on_duty = self._known = ""
        self.undertaking = ""
        """Digest of what the officer on duty has signed, in hex."""
        self.is_paused = self._pause_file.exists()
        self.muted = 0
        """Mask of the priority classes that are not matched: bit 0 is class 1."""

    @property
    def muted_priorities(self) -> frozenset[int]:
        """The priority classes that are not matched."""
        return frozenset(number for number in POLICIES if is_muted(number, self.muted))

    def take(self, event: LogIn | LogOut | Requested, now: MonotonicNs) -> None:
        """Do what the officer asks for, as far as it is allowed."""
        match event:
            case LogIn():
                self._known = ""
                session = self._shift.log_in(event.badge, event.secret, now, self._today(now))
                if session.code is not SessionCode.ACTIVE:
                    self._books.log_in_refused(self._known, session.code.name)
                self._tell(session)
            case LogOut():
                self._tell(self._shift.log_out())
            case Requested(message=PauseMessage(is_paused=is_paused)):
                self._pause(is_paused=is_paused, badge=event.badge)
            case Requested(message=MuteMessage(classes=classes)):
                # Nobody on duty mutes nothing; of what is asked for only what may be muted is.
                self.muted = mutable_of(classes) if event.badge else 0
            case Requested(message=ReportMessage() as report):
                if event.badge and self._reports.report(report):
                    self._books.reported(event.badge, report)
                    log.info("officer reported what came of a confirmed hit")

    def link_changed(self, event: LinkChanged, now: MonotonicNs) -> None:
        """Note that the dash came or went."""
        log.warning("dash link is %s%s", event.state.name, "" if event.error is None else f": {event.error}")
        self._shift.link_changed(event.state, now)

    def expire(self, now: MonotonicNs) -> None:
        """Log out by itself when the session's time is over."""
        ended = self._shift.expire(now)
        if ended is not None:
            log.warning("the officer's session has ended by itself")
            self._tell(ended)

    def _tell(self, session: SessionMessage) -> None:
        if session.badge != self._on_duty:
            self._on_duty = session.badge
            # Another officer's answers are none of this one's; the mute is not handed over either.
            self._answered.begin(secrets.token_bytes(SHIFT_KEY_BYTES) if session.badge else None)
            self.muted = 0
        self._tally.refused_log_ins += session.code not in _NO_REFUSAL
        log.info("session: %s", session.code.name)
        self._dash.set_session(session)

    def _pause(self, *, is_paused: bool, badge: str) -> None:
        if not is_paused and not badge:
            return  # anybody may close the camera; opening it again takes a name
        try:
            if is_paused:
                write_durably(self._pause_file, b"")
            else:
                self._pause_file.unlink(missing_ok=True)
        except (StorageError, OSError) as error:
            log.error("the pause is not kept over a restart: %s", error)  # noqa: TRY400 - one line says all
        self._tally.pauses += is_paused and not self.is_paused
        if is_paused != self.is_paused:
            self._books.camera_closed(badge, is_closed=is_paused)
        self.is_paused = is_paused
        log.warning(
            "camera %s by %s",
            "closed" if is_paused else "opened",
            f"badge {badge}" if badge else "nobody logged in",
        )

    def _check(self, badge: str, secret: str, today: dt.date) -> SessionCode:
        try:
            officer = read_officers(self._officers_file, self._root).get(badge)
        except AlprdError as error:
            log.error("nobody can log in: %s", printable(str(error)))  # noqa: TRY400 - one line says all
            officer = None
        self._known = "" if officer is None else badge
        self.undertaking = "" if officer is None else officer.undertaking
        return judge(officer, today, is_right=is_secret(officer, secret))

    def _today(self, now: MonotonicNs) -> dt.date:
        return dt.datetime.fromtimestamp(self._clock.instant(now).at / 1000, dt.UTC).date()


_NO_REFUSAL: Final = (SessionCode.NOBODY, SessionCode.ACTIVE, SessionCode.ENDED)
