"""The real daemon on a drive, and the dash unit's own firmware at the other end of its line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.sim.bench import PIN, Bench
from tests.sim.dash_unit import Cable
from tests.sim.firmware import FirmwareDash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sim.recording import Passing

HOLD_KEYS_S = 0.8


@pytest.fixture
def cable() -> Iterator[Cable]:
    cable = Cable(bytes_per_s=11_520)
    yield cable
    cable.unplug()


def test_a_shift_from_the_log_in_to_the_next_officer(
    tmp_path: Path, passing: Passing, modules: Path, cable: Cable
) -> None:
    settings: dict[str, dict[str, Any]] = {
        "dash": {"port": cable.unit_path},
        "camera": {"loop": True, "fps": 8.0},
        "alerts": {"repeat_hold_s": 0.0, "answer_time_s": 60.0},
    }
    bench = Bench(tmp_path / "unit", passing.folder, listed=[passing.listed], settings=settings)
    firmware = FirmwareDash(cable.dash_path, tmp_path / "unit" / "dash.key", tmp_path, modules)
    with bench:
        bench.wait_for(lambda state: state["pending"] >= 1)
        firmware.wait(lambda _: firmware.lamps[1] == 8)  # an alert waits, and nothing of it is shown
        assert bench.status()["frame_to_alert_ms"]["p50"] is None
        firmware.log_in("4711", PIN)
        bench.wait_for(lambda state: state["has_session"])
        bench.wait_for(lambda state: state["frame_to_alert_ms"]["p50"] is not None)
        firmware.wait(lambda _: firmware.lamps[1] == 8)
        time.sleep(HOLD_KEYS_S)
        firmware.press("a")
        bench.wait_for(lambda state: state["confirmed"] >= 1)
        firmware.press("c")  # whichever comes first, the report or the next alert: later, or wrong place
        firmware.press("c")
        bench.wait_for(lambda state: state["paused"] or state["rejected"] >= 1)
        while not bench.status()["paused"]:
            time.sleep(HOLD_KEYS_S)
            firmware.press("c")
        assert bench.wait_for(lambda state: state["camera"] is None)["paused"]
        firmware.press("push", "right", "a")
        firmware.type("77")
        firmware.press("a")
        firmware.type(PIN)
        firmware.press("a")
        bench.wait_for(lambda state: "camera opened" in bench.log() or state["has_session"])
        for number in range(1, 60):
            if not bench.status()["paused"]:
                break
            time.sleep(HOLD_KEYS_S)
            firmware.press("c")
            assert number < 59, "it never opens again"
        assert "camera opened by badge 77" in bench.log()
    assert len(bench.records()) >= 1
    firmware.check()
    firmware.stop()
    assert passing.listed not in bench.log()
