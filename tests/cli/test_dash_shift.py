"""An officer's shift at the terminal dash on the real daemon: every answer, hand-over, pause, lost link."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from alprd.alerts.line import descriptor_opener
from alprd.cli import alpr_office
from alprd.cli.dash import TerminalDash
from tests.sim.bench import PIN, Bench
from tests.vectors.dash_screen.generate import screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.sim.recording import Passing


def press(dash: TerminalDash, keys: str) -> None:
    dash.model()
    for key in keys:
        assert dash.press(key)


def grown(counted: str, before: int) -> Callable[[dict[str, Any]], bool]:
    return lambda state: state[counted] > before


def test_a_shift_at_the_terminal(
    tmp_path: Path, passing: Passing, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"camera": {"loop": True, "fps": 8.0}, "alerts": {"repeat_hold_s": 0.0, "answer_time_s": 60.0}}
    bench = Bench(tmp_path / "unit", passing.folder, listed=[passing.listed], settings=settings)
    dash = TerminalDash(descriptor_opener(bench.dash_fd), pairing=bench.pairing, hold_keys_s=0)
    bench.dash = dash
    with bench:
        bench.wait_for(lambda state: state["pending"] >= 1)
        bench.wait_for(lambda _: "ALERT WAITING" in screen(dash.model()))
        assert dash.model().alerts == ()
        press(dash, f"l4711\r{PIN}\r")
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
        press(dash, f"l77\r{PIN}\r")
        bench.wait_for(lambda _: dash.model().badge == "77")
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
    capsys.readouterr()
    badges = []
    for record in bench.records():
        assert alpr_office.main(["evidence", "open", str(bench.office), str(record), "--json"]) == 0
        badges.append(json.loads(capsys.readouterr().out)["badge"])
    assert badges[:2] == ["4711", "77"]
    assert "camera closed by badge 4711" in bench.log()
    assert "camera opened by badge 77" in bench.log()
    assert passing.listed not in bench.log()
