"""Whichever stage fails, the frame's pixels, the crops and the reads are zero when its cycle ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from alprd.camera.frame import Frame, FramePool
from alprd.cycle import Stages, run_cycle
from alprd.demo.drive import DriveScript
from alprd.demo.render import DriveRenderer
from alprd.hotlist.match import Match, Matcher
from alprd.meters import Tally
from alprd.plates.places import NOT_KNOWN
from alprd.plates.vote import AlertRule, FusedRead
from alprd.records import Doubt
from alprd.vision.detect import Detector
from alprd.vision.litert import Model, default_folder
from alprd.vision.loading import READER_MODELS
from alprd.vision.read import Reader
from alprd.vision.rectify import Rectifier
from alprd.vision.shrink import Shrinker
from alprd.vision.track import Tracks
from tests.sim.lists import index_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from alprd.records import MonotonicNs

FRAME_WITH_PLATES = 60


class StageFailedError(Exception):
    """What the planted fault raises."""


@dataclass
class Planted:
    """A fault that goes off in one stage, after the stage has done its work."""

    stage: str
    error: type[BaseException]
    gone_off: bool = False

    def at(self, stage: str) -> None:
        if stage == self.stage:
            self.gone_off = True
            raise self.error


class FaultyDetector(Detector):
    fault: Planted

    def detect(self, lores: NDArray[np.uint8], factor: float) -> int:
        count = super().detect(lores, factor)
        assert count, "the frame must hold a plate, or the test proves nothing"
        self.fault.at("detect")
        return count


class FaultyReader(Reader):
    fault: Planted

    def read(self, main: NDArray[np.uint8], corners: NDArray[np.float32]) -> int:
        length = super().read(main, corners)
        self.fault.at("read")
        return length


class FaultyMatcher(Matcher):
    fault: Planted

    def finds(self, read: FusedRead, rule: AlertRule) -> bool:
        super().finds(read, rule)
        return True

    def match(self, read: FusedRead, rule: AlertRule, place: int = NOT_KNOWN) -> Match | None:
        super().match(read, rule, place)
        self.fault.at("match")
        # Every read is a hit, so that the desk is reached.
        return Match(entry_number=0, plate="A", differs_at=(), chance=1.0, doubts=Doubt.NONE)


@dataclass
class FaultyDesk:
    fault: Planted
    taken: list[int] = field(default_factory=list)

    def take(
        self,
        match: Match,
        frame: Frame,
        boxes: NDArray[np.float32],
        plate: int,
        *,
        read: FusedRead,
        place: int,
    ) -> bool:
        assert frame.main.any()
        assert read.codes.any()
        assert boxes[plate].any()
        assert place == NOT_KNOWN
        self.taken.append(match.entry_number)
        self.fault.at("take")
        return True

    def sighted(self, _match: Match, _at: MonotonicNs) -> None:
        raise AssertionError("one frame cannot alert and be seen again")


def arrays(thing: object, path: str = "") -> Iterator[tuple[str, NDArray[Any]]]:
    """Every array that hangs on ``thing``, however deep."""
    for name, value in vars(thing).items():
        if isinstance(value, np.ndarray):
            yield f"{path}.{name}", value
        elif type(value).__module__.startswith(("alprd.vision", "alprd.plates")) and hasattr(
            value, "__dict__"
        ):
            yield from arrays(value, f"{path}.{name}")


@pytest.fixture(scope="module")
def picture() -> NDArray[np.uint8]:
    return DriveRenderer(DriveScript(seed=1)).frame(FRAME_WITH_PLATES)


def run(picture: NDArray[np.uint8], fault: Planted) -> tuple[FramePool, Stages, Tally, dict[str, bytes]]:
    detector = FaultyDetector(Model.open(default_folder("detector")))
    first, second = (Model.open(default_folder(name)) for name in READER_MODELS)
    reader = FaultyReader(first, second, Rectifier())
    matcher = FaultyMatcher(index_of("ZZZZ999"), now_s=0)
    desk = FaultyDesk(fault)
    detector.fault = reader.fault = matcher.fault = fault
    stages = Stages(detector, reader, Tracks(), matcher, desk)
    stages.wipe()
    clean = {
        name: array.tobytes()
        for stage in (detector, reader, stages.tracks, stages.turns, matcher)
        for name, array in arrays(stage, type(stage).__name__)
    }
    height, width = picture.shape
    pool = FramePool(1, height, width)
    frame = pool.lease(height, width)
    frame.main[:] = picture
    frame.fill_lores(Shrinker(*picture.shape))
    tally = Tally()
    try:
        run_cycle(frame, stages, tally, AlertRule(votes=1))
    except fault.error:
        assert fault.gone_off
    assert frame.is_wiped
    return pool, stages, tally, clean


@pytest.mark.parametrize("error", [StageFailedError, KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("stage", ["none", "detect", "read", "match", "take"])
def test_pixels_and_reads_are_zero_whichever_stage_fails(
    picture: NDArray[np.uint8], stage: str, error: type[BaseException]
) -> None:
    fault = Planted(stage, error)
    pool, stages, tally, clean = run(picture, fault)
    assert fault.gone_off == (stage != "none")
    assert not any(slab.any() for slab in pool._slabs)
    assert pool.free == 1
    after = {
        name: array.tobytes()
        for part in (stages.detector, stages.reader, stages.tracks, stages.turns, stages.matcher)
        for name, array in arrays(part, type(part).__name__)
    }
    assert len(clean) > 20
    # A track's numbers, and a place's, outlive the frame, unless a stage failed.
    tracks, turns = stages.tracks, stages.turns
    outliving = {
        name
        for part in (tracks, turns)
        for name, array in arrays(part, type(part).__name__)
        if any(array is k for k in (*tracks._of_tracks, *tracks._votes._of_plates, *turns._of_places))
    }
    assert len(outliving) > 15
    left = {name for name in clean if after[name] != clean[name]}
    assert left - outliving == set()
    assert bool(left) == (stage == "none")
    for model in (stages.detector._model, stages.reader._model):
        assert not model.input.any()
    assert (tally.frames, tally.frames_wiped, tally.frame_life.count) == (1, 1, 1)


def test_a_frame_can_not_be_read_after_its_cycle(picture: NDArray[np.uint8]) -> None:
    height, width = picture.shape
    pool = FramePool(1, height, width)
    frame = pool.lease(height, width)
    view = frame.main
    view[:] = picture
    with frame:
        assert view.any()
    assert not view.any()
