"""A test plate before the camera of a running unit: a self-test, and nothing at the dash or on the disk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from alprd.plates.normal import pack
from tests.sim.bench import Bench
from tests.vectors.hotlist.made import CANARY_ROW, DAY, columns_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing


@pytest.mark.slow
def test_a_canary_before_the_camera_is_a_self_test_and_no_alert(tmp_path: Path, passing: Passing) -> None:
    bench = Bench(tmp_path / "unit", passing.folder, settings={"camera": {"loop": True, "fps": 10.0}})
    row = (pack(passing.listed), int(time.time()) + DAY, *CANARY_ROW[2:])
    bench.release_rows(columns_of([row]), {})
    with bench:
        state = bench.wait_for(lambda state: state["self_tests"] >= 1)
        assert (state["hits"], state["pending"], state["missed"]) == (0, 0, 0)
        reads = state["plates_read"]
        bench.wait_for(lambda state: state["plates_read"] > reads + 20)
        assert bench.dash.shown == 0
    assert bench.records() == []
    assert "self-test: a canary of list 2 was read" in bench.log()
    assert passing.listed not in bench.log()
