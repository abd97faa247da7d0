"""An officer's shift at the terminal dash on the real daemon: every answer, hand-over, pause, lost link."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

from alprd.alerts.line import descriptor_opener
from alprd.cli.dash import TerminalDash
from tests.sim.bench import PIN, Bench
from tests.sim.gps_receiver import Gpsd, PtyReceiver
from tests.vectors.dash_screen.generate import screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.sim.recording import Passing


TRIES = 5
SOON_S = 10.0


def press(dash: TerminalDash, keys: str) -> None:
    dash.model()
    for key in keys:
        assert dash.press(key)


def log_in(dash: TerminalDash, badge: str) -> None:
    """Log in; once more where the line of a busy machine was lost in between, as an officer would."""
    for _ in range(TRIES):
        press(dash, f"l{badge}\r{PIN}\r")
        until = time.monotonic() + SOON_S
        while time.monotonic() < until:
            if dash.model().badge == badge:
                return
            time.sleep(0.05)
    raise AssertionError(f"nobody is logged in: {screen(dash.model())}")


def grown(counted: str, before: int) -> Callable[[dict[str, Any]], bool]:
    return lambda state: state[counted] > before


def test_a_shift_at_the_terminal(
    tmp_path: Path, passing: Passing, capsys: pytest.CaptureFixture[str]
) -> None:
    with PtyReceiver() as receiver, Gpsd(receiver.device) as gpsd:
        bench = Bench(
            tmp_path / "unit",
            passing.folder,
            listed=[passing.listed],
            settings={
                "camera": {"loop": True, "fps": 8.0},
                "gps": {"source": "gpsd", "host": "127.0.0.1", "port": gpsd.port},
                "alerts": {"repeat_hold_s": 0.0, "answer_time_s": 60.0},
            },
        )
        dash = TerminalDash(descriptor_opener(bench.dash_fd), pairing=bench.pairing, hold_keys_s=0)
        bench.dash = dash
        with bench:
            serve(bench, dash, receiver)
    first = bench.desk.open_evidence(bench.state / "evidence", capsys)
    second = bench.desk.opened("E-2", capsys)
    assert (first["badge"], second["badge"]) == ("4711", "77")
    assert "camera closed by badge 4711" in bench.log()
    assert "camera opened by badge 77" in bench.log()
    assert passing.listed not in bench.log()


def serve(bench: Bench, dash: TerminalDash, receiver: PtyReceiver) -> None:
    """The shift, from the log-in to a list that is over its age limit."""
    bench.wait_for(lambda state: state["pending"] >= 1 and state["gps"] == "FIX")
    bench.wait_for(lambda _: "ALERT WAITING" in screen(dash.model()))
    assert dash.model().alerts == ()
    log_in(dash, "4711")
    bench.wait_for(lambda state: state["has_session"])
    for key, counted in (("m", "rejected"), ("d", "dismissed"), ("w", "rejected"), ("c", "confirmed")):
        before = bench.status()[counted]
        bench.wait_for(lambda _: bool(dash.model().alerts) and not dash.model().alerts[0].is_answered)
        press(dash, key)
        bench.wait_for(grown(counted, before))
    bench.wait_for(lambda _: dash.model().report is not None)
    press(dash, "121")
    reports = bench.wait_for(lambda state: bool(state["reports"]))["reports"]
    assert reports == {"LiveCheck.AGREES": 1, "Action.WARNING": 1, "Notice.GIVEN": 1}
    press(dash, "p")
    bench.wait_for(lambda state: state["paused"] and state["camera"] is None)
    bench.wait_for(lambda _: "PAUSED" in screen(dash.model()))
    log_in(dash, "77")
    press(dash, "pu")
    bench.wait_for(lambda state: not state["paused"] and state["muted"] == 1)
    bench.wait_for(lambda _: "MUTED" in screen(dash.model()))
    bench.wait_for(lambda _: bool(dash.model().alerts) and not dash.model().alerts[0].is_answered)
    press(dash, "c")
    bench.wait_for(lambda state: state["confirmed"] >= 2)
    assert bench.daemon is not None
    bench.daemon.terminate()
    bench.daemon.wait()
    while dash.model().is_online:
        pass
    assert "ALPR OFFLINE" in screen(dash.model())

    bench.start_daemon()
    bench.wait_for(lambda state: state["pending"] >= 1 and state["gps"] == "FIX")
    bench.wait_for(lambda _: "ALERT WAITING" in screen(dash.model()))
    log_in(dash, "77")
    bench.wait_for(lambda _: bool(dash.model().alerts))
    assert "VERIFY LIVE" not in screen(dash.model())
    receiver.clock_offset = dt.timedelta(hours=25)
    bench.wait_for(lambda state: state["list_stale"])
    bench.wait_for(lambda _: bool(dash.model().alerts) and "VERIFY LIVE" in screen(dash.model()))
    assert "LIST STALE" in screen(dash.model())
