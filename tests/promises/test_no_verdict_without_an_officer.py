"""A verdict counts from the paired dash and a named officer alone; without one no plate is on the line."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from alprd.alerts.messages import VerdictMessage
from alprd.alerts.pairing import Greeted, Pairing
from alprd.alerts.requests import SessionCode
from alprd.alerts.wire import encode
from alprd.errors import PairingError
from alprd.keys.officers import OFFICERS_FILE, make_officer
from alprd.records import AlertId, Verdict
from tests.sim.bench import PIN, Bench, sign_officers
from tests.sim.taps import TappedPort

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing

SHORT = {"alerts": {"answer_time_s": 3.0}}


def bench_of(folder: Path, passing: Passing, badge: str) -> Bench:
    return Bench(
        folder / "unit",
        passing.folder,
        listed=[passing.listed],
        answer=lambda _: Verdict.CONFIRMED,
        badge=badge,
        settings=SHORT,
    )


def test_while_nobody_is_logged_in_no_plate_is_on_the_line(tmp_path: Path, passing: Passing) -> None:
    bench = bench_of(tmp_path, passing, badge="")
    tape, lock = bytearray(), threading.Lock()
    bench.dash._opener = lambda: TappedPort(bench.dash_fd, tape, lock)
    with bench:
        summary = bench.finish()
    assert (summary["hits"], summary["confirmed"], summary["unanswered"]) == (1, 0, 1)
    assert bench.dash.shown == 0
    assert len(tape) > 100, "the tap hears nothing"
    assert passing.listed.encode() not in tape
    assert bench.records() == []


@pytest.mark.parametrize(
    ("trained_until", "undertaking", "secret", "code"),
    [
        ("2020-01-01", b"signed", PIN, SessionCode.TRAINING_OVER),
        ("2999-12-31", None, PIN, SessionCode.NO_UNDERTAKING),
        ("2999-12-31", b"signed", "9753", SessionCode.WRONG),
    ],
)
def test_an_officer_who_may_not_log_in_confirms_nothing(
    tmp_path: Path,
    passing: Passing,
    trained_until: str,
    undertaking: bytes | None,
    *,
    secret: str,
    code: SessionCode,
) -> None:
    bench = bench_of(tmp_path, passing, badge="4711")
    officer = make_officer(badge="4711", secret=secret, trained_until=trained_until, undertaking=undertaking)
    sign_officers(bench.office, bench.state / "keys", [officer])
    with bench:
        summary = bench.finish()
    assert (summary["hits"], summary["confirmed"], summary["refused_log_ins"]) == (1, 0, 1)
    assert bench.dash.shown == 0
    assert f"session: {code.name}" in bench.log()
    assert PIN not in bench.log()
    assert bench.records() == []


def test_a_confirmation_that_somebody_on_the_cable_makes_up_does_not_count(
    tmp_path: Path, passing: Passing
) -> None:
    bench = bench_of(tmp_path, passing, badge="4711")
    bench.dash._answer = lambda _: None  # the officer says nothing
    link = bench.dash.link
    stranger = Pairing(b"s" * 32)
    with bench:
        bench.wait_for(lambda state: state["pending"] == 1)
        for number in range(1, 200):
            keys = stranger.session(
                Greeted(session=number, nonce=bytes(16)),
                Greeted(session=link._hello.session, nonce=link._hello.nonce),
            )
            forged = VerdictMessage(alert_id=AlertId(1), verdict=Verdict.CONFIRMED)
            os.write(bench.dash_fd, b"\0" + encode(forged, 1 + number % 255, 1_000_000 + number, keys.dash))
        state = bench.wait_for(lambda state: state["dash_forged_frames"] >= 150)
        assert state["dash"] == "UP"
        summary = bench.finish()
    assert (summary["hits"], summary["confirmed"], summary["unanswered"]) == (1, 0, 1)
    assert bench.records() == []


def test_a_dash_with_another_key_shows_nothing_and_says_why(tmp_path: Path, passing: Passing) -> None:
    bench = bench_of(tmp_path, passing, badge="4711")
    bench.dash.link._pairing = Pairing(b"s" * 32)
    with bench:
        summary = bench.finish()
    assert (summary["hits"], summary["confirmed"]) == (1, 0)
    assert bench.dash.shown == 0
    assert "does not hold this unit's pairing key" in bench.log()


def test_without_a_pairing_key_the_unit_does_not_start(tmp_path: Path, passing: Passing) -> None:
    bench = bench_of(tmp_path, passing, badge="4711")
    (bench.state / "keys" / "dash.key").unlink()
    with bench:
        assert bench.daemon is not None
        assert bench.daemon.wait(30) == PairingError.exit_code
    assert "alprctl pair" in bench.log()


def test_an_officer_whom_the_office_did_not_sign_confirms_nothing(tmp_path: Path, passing: Passing) -> None:
    bench = bench_of(tmp_path, passing, badge="4711")
    path = bench.state / "keys" / OFFICERS_FILE
    record = path.read_bytes()
    assert record.count(b'"4711"') == 1
    path.write_bytes(record.replace(b'"77"', b'"78"'))
    with bench:
        summary = bench.finish()
    assert (summary["hits"], summary["confirmed"], summary["refused_log_ins"]) == (1, 0, 1)
    assert "nobody can log in: the officers' record is not to be believed" in bench.log()
    assert bench.records() == []
