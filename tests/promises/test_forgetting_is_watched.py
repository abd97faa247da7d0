"""A unit plants frames and looks for them in its own memory; one that keeps them stops reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alprd.audit.events import Act, read_event
from alprd.audit.log import FILE
from alprd.chain.disk import read_file
from alprd.chain.records import ChainKind
from alprd.forgetting.meter import FOUND
from alprd.keys import read_unit_public
from tests.sim.bench import Bench
from tests.sim.faults import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing

OFTEN = {
    "camera": {"loop": True, "fps": 10.0},
    "forgetting": {"check_period_s": 1.0, "life_limit_ms": 10_000.0},
}

WITHOUT_WIPE = """
from alprd.camera.frame import Frame
def let_go(self):
    if not self.is_wiped:
        self._let_go()
Frame.wipe = let_go
"""


def is_told(bench: Bench) -> bool:
    """Whether the dash unit knows that reading is stopped."""
    return bench.dash.unit_state is not None and bench.dash.unit_state.reading_stopped


def acts(bench: Bench) -> list[tuple[Act, str]]:
    unit = read_unit_public(bench.folder / "unit.pub")
    chain = read_file(bench.state / "audit" / FILE, ChainKind(kind="audit", unit=unit.unit), unit.verify)
    assert chain.fault is None
    events = [read_event(record.fields) for record in chain.records]
    return [(event.act, event.subject) for event in events]


def test_a_unit_that_forgets_finds_no_planted_frame_and_reads_on(tmp_path: Path, passing: Passing) -> None:
    with Bench(tmp_path / "unit", passing.folder, settings=OFTEN) as bench:
        state = bench.wait_for(lambda s: s["forgetting"]["checks"] >= 2)
        watched = state["forgetting"]
        assert (watched["found"], watched["breach"]) == (0, None)
        assert watched["searched_mib"] > 20
        reads = state["plates_read"]
        bench.wait_for(lambda s: s["plates_read"] > reads)


def test_a_unit_that_keeps_frames_stops_reading_and_says_so(tmp_path: Path, passing: Passing) -> None:
    program = WITHOUT_WIPE + PROGRAM
    with Bench(tmp_path / "unit", passing.folder, settings=OFTEN, program=program) as bench:
        bench.wait_for(lambda s: s["forgetting"]["breach"] == FOUND)
        state = bench.wait_for(lambda s: s["frames_unread"] > 0)
        reads, unread = state["plates_read"], state["frames_unread"]
        state = bench.wait_for(lambda s: s["frames_unread"] > unread + 5)
        assert state["plates_read"] == reads, "no model sees a frame any more"
        bench.wait_for(lambda _: is_told(bench))
        assert "reading stopped: a planted frame was found in memory" in bench.log()
    assert (Act.READING_STOPPED, FOUND) in acts(bench)


def test_a_frame_that_lives_too_long_stops_reading_until_memory_is_found_clean(
    tmp_path: Path, passing: Passing
) -> None:
    slow = """
import time
from alprd.vision.detect import Detector
whole, Detector.left = Detector.detect, 1
def detect(self, lores, factor):
    if Detector.left:
        Detector.left = 0
        time.sleep(10.5)
    return whole(self, lores, factor)
Detector.detect = detect
"""
    with Bench(tmp_path / "unit", passing.folder, settings=OFTEN, program=slow + PROGRAM) as bench:
        state = bench.wait_for(
            lambda s: s["forgetting"]["over_limit"] == 1 and s["forgetting"]["breach"] is None
        )
        reads = state["plates_read"]
        bench.wait_for(lambda s: s["plates_read"] > reads)
    names = [act for act, _ in acts(bench)]
    stopped = names.index(Act.READING_STOPPED)
    assert Act.READING_RESUMED in names[stopped:]
