"""What the ledger counts comes out for every frame and every hit, and an auditor computes it anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from alprd.cli import alprctl
from alprd.conservation.ledger import FILE
from alprd.records import Verdict
from tests.sim.bench import Bench
from tests.sim.faults import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing

LOSES_A_FRAME = """
import alprd.daemon as daemon
whole = daemon.run_cycle
def once(frame, stages, tally, rule):
    tally.frames += tally.frames == 5  # a frame that came in and went nowhere
    return whole(frame, stages, tally, rule)
daemon.run_cycle = once
"""


def totals(
    bench: Bench, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict[str, Any] | None, str]:
    capsys.readouterr()
    file = str(bench.state / "conservation" / FILE)
    code = alprctl.main(["ledger", "totals", file, "--unit", str(bench.folder / "unit.pub"), *more])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


@pytest.mark.parametrize("verdict", [Verdict.CONFIRMED, Verdict.MISREAD])
def test_the_ledger_says_what_the_unit_did(
    tmp_path: Path, passing: Passing, verdict: Verdict, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(tmp_path / "unit", passing.folder, listed=[passing.listed], answer=lambda _: verdict)
    with bench:
        summary = bench.finish()
    code, computed, _ = totals(bench, capsys)
    assert code == 0
    assert computed is not None
    assert (computed["frames"], computed["wiped"]) == (summary["frames"], summary["frames_wiped"])
    assert computed["reads"] == summary["plates_read"]
    ends = {name: computed[name] for name in ("hits", "sealed", "misread", "unanswered")}
    is_confirmed = verdict is Verdict.CONFIRMED
    assert ends == {"hits": 1, "sealed": int(is_confirmed), "misread": int(not is_confirmed), "unanswered": 0}
    assert (computed["runs"], computed["runs_cut"], computed["sealed_uncounted"]) == (1, 0, 0)
    ledger = (bench.state / "conservation" / FILE).read_bytes()
    assert not [text for text in (passing.listed, *passing.others) if text.encode() in ledger]
    published = tmp_path / "published.json"
    published.write_text(json.dumps(computed))
    assert totals(bench, capsys, "--published", str(published))[0] == 0
    published.write_text(json.dumps({**computed, "frames": computed["frames"] - 1}))
    code, _, said = totals(bench, capsys, "--published", str(published))
    assert (code, "published frames" in said) == (54, True)


def test_a_lost_frame_stands_in_the_ledger(
    tmp_path: Path, passing: Passing, capsys: pytest.CaptureFixture[str]
) -> None:
    with Bench(tmp_path / "unit", passing.folder, program=LOSES_A_FRAME + PROGRAM) as bench:
        bench.finish()
    code, _, said = totals(bench, capsys)
    assert (code, "ended with frames in hand" in said) == (54, True)


def test_a_run_that_is_killed_is_counted_as_cut(
    tmp_path: Path, passing: Passing, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(
        tmp_path / "unit", passing.folder, listed=[passing.listed], answer=lambda _: Verdict.CONFIRMED,
        settings={"camera": {"loop": True, "fps": 10.0}},
    )  # fmt: skip
    with bench:
        bench.wait_for(lambda s: s["confirmed"] == 1 and s["ledger_waiting"] == 0)
        assert bench.daemon is not None
        bench.daemon.kill()
        bench.daemon.wait()
    code, computed, _ = totals(bench, capsys)
    assert code == 0
    assert computed is not None
    assert (computed["runs_cut"], computed["sealed"], computed["sealed_uncounted"]) == (1, 1, 0)
