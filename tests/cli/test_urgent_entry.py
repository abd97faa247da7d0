"""The life-safety fast path: from an officer's word to the alert, at the real command lines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from alprd.cli import alprctl
from tests.sim.bench import Bench
from tests.sim.vault_office import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing

MINUTES_NOT_A_DAY_S = 120


@pytest.mark.slow
def test_an_urgent_entry_alerts_and_its_removal_ends_that_within_minutes(
    tmp_path: Path, passing: Passing
) -> None:
    settings = {"camera": {"loop": True, "fps": 10.0}}
    bench = Bench(tmp_path / "unit", passing.folder, listed=["ZZZZ999"], settings=settings)
    office, stick = bench.office, tmp_path / "stick"
    stick.mkdir()
    me = bench.desk.me

    def to_the_unit() -> None:
        out = tmp_path / "delta"
        run("release", "delta", office, "--days", "1", "--out", out, *me)
        run("release", "approve", f"{office}.approver", out)
        run("release", "publish", office, whole, out, "--to", stick)
        words = ["hotlist", "install", str(stick), "--state", str(bench.state)]
        assert alprctl.main([*words, "--socket", str(bench.folder / "control.sock")]) == 0

    whole = bench.folder / "new.hotlist"
    with bench:
        bench.wait_for(lambda state: state["frames"] > 10)
        assert bench.status()["hits"] == 0
        began = time.monotonic()
        run(
            *("entry", "add", office, "--plate", passing.listed, "--jurisdiction", "CA-ON", "--days", "1"),
            *("--category", "amber-alert", "--officer", "Sam Oak", "--badge", "4711"),
            *("--reason", "child taken, grey van", *me),
        )
        to_the_unit()
        state = bench.wait_for(lambda state: state["hits"] == 1)
        alerted_s = time.monotonic() - began
        assert state["list_sequence"] == 2
        began = time.monotonic()
        run("entry", "remove", office, "M1", "--why", "child found", *me)
        to_the_unit()
        state = bench.wait_for(lambda state: state["list_sequence"] == 3)
        removed_s = time.monotonic() - began
        reads = state["plates_read"]
        hits = bench.wait_for(lambda state: state["plates_read"] > reads + 20)["hits"]
        reads = bench.status()["plates_read"]
        assert bench.wait_for(lambda state: state["plates_read"] > reads + 20)["hits"] == hits
    assert max(alerted_s, removed_s) < MINUTES_NOT_A_DAY_S, (alerted_s, removed_s)
