"""What an officer may ask of the unit, with and without a session."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from alprd.alerts.decide import AnsweredGuard
from alprd.alerts.link import LinkChanged
from alprd.alerts.requests import (
    Action,
    LiveCheck,
    MuteMessage,
    Notice,
    PauseMessage,
    ReportMessage,
    SessionCode,
    SessionMessage,
)
from alprd.alerts.shift import AWAY_NS, LONGEST_NS
from alprd.alerts.unit_events import LogIn, LogOut, Requested
from alprd.duty import PAUSE_FILE, Duty
from alprd.keys.officers import OFFICERS_FILE, SignedOfficers, write_signed
from alprd.meters import Tally
from alprd.records import AlertId, ClockSource, Instant, LinkState, MonotonicNs, UnixMs
from tests.sim.officers import officer, record_of, signed
from tests.vectors.hotlist.made import ROOT, SIGNER

if TYPE_CHECKING:
    from pathlib import Path

NOW = MonotonicNs(1)
PIN = "1357"
REPORT = ReportMessage(
    alert_id=AlertId(1), live_check=LiveCheck.AGREES, action=Action.TICKET, notice=Notice.GIVEN
)


class Around:
    """The dash, the desk and the clock, which note what they are told."""

    def __init__(self) -> None:
        self.sessions: list[SessionMessage] = []
        self.reports: list[ReportMessage] = []
        self.noted: list[tuple[str, str]] = []

    def set_session(self, session: SessionMessage) -> None:
        self.sessions.append(session)

    def report(self, report: ReportMessage) -> bool:
        self.reports.append(report)
        return len(self.reports) == 1

    def log_in_refused(self, badge: str, why: str) -> None:
        self.noted.append((f"refused {why}", badge))

    def camera_closed(self, badge: str, *, is_closed: bool) -> None:
        self.noted.append(("closed" if is_closed else "opened", badge))

    def reported(self, badge: str, report: ReportMessage) -> None:
        self.noted.append((f"reported {report.action.name}", badge))

    def instant(self, _now: MonotonicNs) -> Instant:
        return Instant(at=UnixMs(1_795_700_000_000), source=ClockSource.GPS)  # 2026-11-26


class Post:
    """A `Duty` with two officers, 4711 and 77, and one whose training is over, 88."""

    def __init__(self, folder: Path) -> None:
        days = {"4711": "2026-12-31", "77": "2026-12-31", "88": "2026-01-31"}
        write_signed(
            folder / OFFICERS_FILE, signed(officer(badge, secret=PIN, day=day) for badge, day in days.items())
        )
        self.around, self.answered, self.tally = Around(), AnsweredGuard(), Tally()
        self.folder = folder
        self.duty = self.start()

    def start(self) -> Duty:
        return Duty(
            dash=self.around,
            reports=self.around,
            clock=self.around,
            keys_folder=self.folder,
            root=ROOT,
            answered=self.answered,
            tally=self.tally,
            books=self.around,
        )

    def log_in(self, badge: str = "4711", secret: str = PIN) -> SessionCode:
        self.duty.take(LogIn(badge=badge, secret=secret), NOW)
        return self.around.sessions[-1].code

    def ask(self, message: PauseMessage | MuteMessage | ReportMessage, badge: str = "4711") -> None:
        self.duty.take(Requested(message=message, badge=badge), NOW)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def test_officers_log_in_and_out_and_refusals_are_counted(post: Post) -> None:
    assert post.log_in() is SessionCode.ACTIVE
    post.duty.take(LogOut(), NOW)
    assert post.around.sessions[-1].code is SessionCode.NOBODY
    assert post.log_in("88") is SessionCode.TRAINING_OVER
    assert post.log_in("4711", "0000") is SessionCode.WRONG
    assert post.log_in("99") is SessionCode.WRONG
    assert post.tally.refused_log_ins == 3


def test_a_record_that_the_approvers_did_not_sign_lets_nobody_in(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    bare = SignedOfficers(record=record_of([officer("4711", secret=PIN)]), approvals=())
    write_signed(post.folder / OFFICERS_FILE, bare.approved_by(SIGNER))
    assert post.log_in() is SessionCode.WRONG
    assert "2 approvers are needed; found 1" in caplog.text


def test_what_was_refused_closed_opened_and_reported_is_written_down_with_who_it_was(post: Post) -> None:
    post.log_in("88")
    post.log_in("4711", "0000")
    post.log_in("2468", PIN)  # a PIN, typed where the badge goes
    post.ask(PauseMessage(is_paused=True), badge="")
    post.ask(PauseMessage(is_paused=True))
    post.log_in()
    post.ask(PauseMessage(is_paused=False))
    post.ask(REPORT)
    post.ask(REPORT)
    assert post.around.noted == [
        ("refused TRAINING_OVER", "88"),
        ("refused WRONG", "4711"),
        ("refused WRONG", ""),
        ("closed", ""),
        ("opened", "4711"),
        ("reported TICKET", "4711"),
    ]


def test_the_undertaking_of_the_officer_on_duty_is_known_by_its_digest(post: Post) -> None:
    post.log_in()
    assert post.duty.undertaking == hashlib.sha256(b"signed").hexdigest()


def test_a_list_of_officers_that_is_spoiled_lets_nobody_in(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    (post.folder / OFFICERS_FILE).write_text("{")
    assert post.log_in() is SessionCode.WRONG
    assert "nobody can log in" in caplog.text
    assert PIN not in caplog.text


def test_anybody_closes_the_camera_and_an_officer_opens_it(post: Post) -> None:
    post.ask(PauseMessage(is_paused=True), badge="")
    assert post.duty.is_paused
    post.ask(PauseMessage(is_paused=False), badge="")
    assert post.duty.is_paused
    assert post.start().is_paused, "a restart does not open it"
    post.ask(PauseMessage(is_paused=False))
    assert not post.duty.is_paused
    assert not post.start().is_paused
    assert post.tally.pauses == 1


def test_a_pause_that_cannot_be_kept_still_closes_the_camera(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    (post.folder / PAUSE_FILE).mkdir()
    post.duty.is_paused = False
    post.ask(PauseMessage(is_paused=True))
    assert post.duty.is_paused
    assert "not kept over a restart" in caplog.text


def test_muting_takes_an_officer_and_ends_with_the_session(post: Post) -> None:
    post.log_in()
    post.ask(MuteMessage(classes=0xFF))
    assert post.duty.muted_priorities == {1, 2}
    post.ask(MuteMessage(classes=1), badge="")
    assert post.duty.muted_priorities == frozenset()
    post.ask(MuteMessage(classes=1))
    post.log_in("77")
    assert post.duty.muted == 0


def test_a_shift_remembers_answers_and_the_next_one_does_not(post: Post) -> None:
    post.log_in()
    post.answered.note("ABCD123", "CA-ON")
    post.log_in()
    assert post.answered.knows("ABCD123", "CA-ON"), "the same officer again"
    post.log_in("77")
    assert not post.answered.knows("ABCD123", "CA-ON")


def test_reports_take_an_officer(post: Post) -> None:
    post.ask(REPORT, badge="")
    assert post.around.reports == []
    post.ask(REPORT)
    assert post.around.reports == [REPORT]


def test_a_session_ends_after_the_longest_shift_and_after_a_long_loss(post: Post) -> None:
    post.log_in()
    post.duty.expire(MonotonicNs(NOW + LONGEST_NS - 1))
    assert len(post.around.sessions) == 1
    post.duty.expire(MonotonicNs(NOW + LONGEST_NS))
    assert post.around.sessions[-1].code is SessionCode.ENDED
    post.log_in()
    post.duty.link_changed(LinkChanged(state=LinkState.DOWN), NOW)
    post.duty.expire(MonotonicNs(NOW + AWAY_NS))
    assert post.around.sessions[-1].code is SessionCode.ENDED
    assert not post.answered.knows("ABCD123", "CA-ON")
