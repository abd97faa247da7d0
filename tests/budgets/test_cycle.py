"""What a frame may cost: shares of one run, never seconds of a machine."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from alprd.alerts.pending import PICTURE_HEIGHT, PICTURE_WIDTH
from alprd.camera.frame import FramePool
from alprd.cycle import Stages, run_cycle
from alprd.hotlist.match import Matcher
from alprd.meters import Tally
from alprd.pictures import HitPictures
from alprd.plates.vote import AlertRule
from alprd.vision.context import Redactor
from alprd.vision.litert import installed_runtimes
from alprd.vision.loading import open_detector, open_reader
from alprd.vision.rectify import Rectifier
from alprd.vision.shrink import Shrinker
from alprd.vision.track import Tracks
from tests.sim.bench import Bench
from tests.sim.lists import index_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from alprd.camera.frame import Frame
    from alprd.vision.litert import RuntimeName
    from tests.sim.recording import Passing

ROUNDS = 5
MOST_FOR_WIPING = 0.05
MOST_FOR_VOTING = 0.10
MOST_GROWTH_KIB = 2048


class Timed(Stages):
    """The stages, with the processor time of each counted."""

    def __init__(self, *stages: object) -> None:
        super().__init__(*stages)  # type: ignore[arg-type]
        self.spent: Counter[str] = Counter()
        counted: tuple[tuple[object, str], ...] = (
            (self.detector, "detect"),
            (self.reader, "read"),
            (self.tracks, "add"),
            (self.tracks, "fuse"),
            (self.tracks, "is_matchable"),
            (self.matcher, "finds"),
            (self.matcher, "match"),
        )
        for stage, name in counted:
            setattr(stage, name, self._counted(name, getattr(stage, name)))

    def _counted(self, name: str, work: Callable[..., object]) -> Callable[..., object]:
        def timed(*arguments: object) -> object:
            began = time.process_time_ns()
            try:
                return work(*arguments)
            finally:
                self.spent[name] += time.process_time_ns() - began

        return timed

    def wipe(self) -> None:
        began = time.process_time_ns()
        super().wipe()
        self.spent["wipe"] += time.process_time_ns() - began


@pytest.mark.parametrize("runtime", installed_runtimes())
def test_forgetting_and_voting_cost_a_small_share_of_reading(passing: Passing, runtime: RuntimeName) -> None:
    pictures = [np.asarray(Image.open(path)) for path in sorted(passing.folder.iterdir())]
    detector = open_detector(runtime)
    matcher = Matcher(index_of("ZZZZ999"), now_s=0)
    stages = Timed(detector, open_reader(runtime), Tracks(), matcher, None)
    height, width = pictures[0].shape
    pool, shrinker = FramePool(1, height, width), Shrinker(height, width)
    tally = Tally()
    began = time.process_time_ns()
    for picture in pictures * ROUNDS:
        frame = pool.lease(height, width)
        np.copyto(frame.main, picture)
        frame.fill_lores(shrinker)
        run_cycle(frame, stages, tally, AlertRule(min_chance=0.5))
    whole = time.process_time_ns() - began
    assert tally.frames_wiped == len(pictures) * ROUNDS
    assert tally.plates_read > tally.frames
    shares = {name: round(spent / whole, 4) for name, spent in stages.spent.items()}
    assert shares["wipe"] < MOST_FOR_WIPING, shares
    assert shares["finds"] + shares.get("match", 0) < shares["read"], shares
    assert shares["add"] + shares["fuse"] + shares["is_matchable"] < MOST_FOR_VOTING, shares


@pytest.mark.slow
def test_neither_the_log_nor_the_memory_grows_with_frames(tmp_path: Path, passing: Passing) -> None:
    settings = {"camera": {"loop": True}}
    with Bench(tmp_path / "unit", passing.folder, settings=settings) as bench:
        assert bench.daemon is not None
        status = Path(f"/proc/{bench.daemon.pid}/status")

        def resident_kib() -> int:
            return int(next(x for x in status.read_text().splitlines() if x.startswith("VmRSS")).split()[1])

        bench.wait_for(lambda state: state["frames"] > 50)
        log, resident = bench.log(), resident_kib()
        bench.wait_for(lambda state: state["frames"] > 400)
        assert bench.log() == log
        assert resident_kib() - resident < MOST_GROWTH_KIB


MOST_PICTURES = 3
"""How many times what the plate picture of a hit costs its context may cost, once a hit."""


def test_a_context_costs_as_little_as_the_plate_picture_and_frames_without_a_hit_nothing(
    passing: Passing, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [np.asarray(Image.open(path)) for path in sorted(passing.folder.iterdir())]
    height, width = pictures[0].shape
    spent: Counter[str] = Counter()
    for kind, name in ((Redactor, "redact"), (Rectifier, "warp")):
        monkeypatch.setattr(kind, name, _timed(getattr(kind, name), name, spent))
    desk = Pictured(width)
    for listed in ("ZZZZ999", passing.listed):
        matcher = Matcher(index_of(listed), now_s=0)
        stages = Stages(open_detector("litert"), open_reader("litert"), Tracks(), matcher, desk)
        pool, shrinker = FramePool(1, height, width), Shrinker(height, width)
        for picture in pictures:
            frame = pool.lease(height, width)
            np.copyto(frame.main, picture)
            frame.fill_lores(shrinker)
            run_cycle(frame, stages, Tally(), AlertRule())
        assert (spent["redact"] > 0) == (listed == passing.listed), "no frame without a hit pays for it"
    assert desk.hits == 1
    for _ in range(ROUNDS):
        desk.again(pictures[0])
    spent.clear()
    for _ in range(ROUNDS):
        desk.again(pictures[0])
    assert 0 < spent["redact"] < MOST_PICTURES * spent["warp"], spent


def _timed(work: Callable[..., object], name: str, spent: Counter[str]) -> Callable[..., object]:
    def timed(*arguments: object) -> object:
        began = time.process_time_ns()
        try:
            return work(*arguments)
        finally:
            spent[name] += time.process_time_ns() - began

    return timed


class Pictured:
    """A desk that makes the pictures of hits and keeps none."""

    def __init__(self, width: int) -> None:
        self.hits = 0
        self._pictures = HitPictures(width)
        self._slot: Any = SimpleNamespace(
            picture=np.zeros((PICTURE_HEIGHT, PICTURE_WIDTH), np.uint8), context=np.zeros((4, 12), np.uint8)
        )
        self._boxes = np.zeros((1, 4, 2), np.float32)

    def take(self, match: object, frame: Frame, boxes: NDArray[np.float32], plate: int, **_: object) -> bool:
        assert match is not None
        self.hits += 1
        self._boxes = boxes[plate : plate + 1].copy()
        self._pictures.take(self._slot, frame.main, boxes, plate)
        return True

    def sighted(self, *_: object) -> None:
        """A plate that has alerted is still in view."""

    def again(self, main: NDArray[np.uint8]) -> None:
        """Make the pictures of the last hit once more, of another frame."""
        self._pictures.take(self._slot, main, self._boxes, 0)
