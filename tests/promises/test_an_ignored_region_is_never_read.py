"""What lies in a region to ignore is zeros before anything looks at the frame: no plate in it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from alprd.camera.frame import FramePool
from alprd.cycle import Stages, run_cycle
from alprd.demo.drive import DriveScript
from alprd.hotlist.match import Matcher
from alprd.meters import Tally
from alprd.plates.vote import AlertRule
from alprd.records import Verdict
from alprd.settings import parse
from alprd.vision.detect import Detector
from alprd.vision.ignore import IgnoredRegions
from alprd.vision.litert import Model, default_folder
from alprd.vision.loading import open_reader
from alprd.vision.shrink import Shrinker
from alprd.vision.track import Tracks
from tests.sim.bench import Bench
from tests.sim.lists import index_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.sim.recording import Passing

SEED = 1
"""The drive that `passing` is of."""


def places_of(passing: Passing) -> list[tuple[float, float, float, float]]:
    """Return left, top, right and bottom of the listed plate in each frame."""
    script = DriveScript(SEED)
    (vehicle,) = (v.number for v in script.vehicles if v.spec.text == passing.listed)
    places = []
    for path in sorted(passing.folder.iterdir()):
        (plate,) = (p for p in script.truth(int(path.stem)) if p.vehicle == vehicle)
        places.append((*plate.corners.min(axis=0).tolist(), *plate.corners.max(axis=0).tolist()))
    return places


def around(places: list[tuple[float, float, float, float]]) -> list[list[int]]:
    """Return the corners of a region in which the plate is in every frame."""
    lefts, tops, rights, bottoms = zip(*places, strict=True)
    left, top = max(0, int(min(lefts)) - 8), max(0, int(min(tops)) - 8)
    right, bottom = min(1280, int(max(rights)) + 8), min(720, int(max(bottoms)) + 8)
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def elsewhere(region: list[list[int]]) -> list[list[int]]:
    """Return the corners of a region at the upper edge that the plate never is in."""
    top = region[0][1]
    assert top > 40
    return [[0, 0], [1280, 0], [1280, top - 20], [0, top - 20]]


@pytest.mark.parametrize("is_ignored", [True, False])
def test_a_listed_plate_in_an_ignored_region_is_never_put_to_the_officer(
    tmp_path: Path, passing: Passing, *, is_ignored: bool
) -> None:
    region = around(places_of(passing))
    bench = Bench(
        tmp_path / "unit",
        passing.folder,
        listed=[passing.listed],
        answer=lambda _: Verdict.CONFIRMED,
        settings={"camera": {"ignore": [region if is_ignored else elsewhere(region)]}},
    )
    with bench:
        summary = bench.finish()
    assert summary["frames_wiped"] == summary["frames"] == 10
    assert (summary["hits"], len(bench.records())) == ((0, 0) if is_ignored else (1, 1))


class Watched(Detector):
    """A detector that notes what lay in a box of the frame and of its small picture when it was asked."""

    def __init__(self, box: tuple[int, int, int, int]) -> None:
        super().__init__(Model.open(default_folder("detector")))
        self.box, self.main = box, np.zeros((1, 1), np.uint8)
        self.seen: list[bool] = []

    def detect(self, lores: NDArray[np.uint8], factor: float) -> int:
        left, top, right, bottom = self.box
        small = [int(place / factor) for place in self.box]
        self.seen.append(
            bool(self.main[top:bottom, left:right].any())
            or bool(lores[small[1] : small[3], small[0] : small[2]].any())
        )
        found = super().detect(lores, factor)
        middles = self.corners[:found].mean(axis=1)
        inside = (middles > (left, top)).all(axis=1) & (middles < (right, bottom)).all(axis=1)
        assert self.seen[-1] or not inside.any()
        return found


@pytest.mark.parametrize("is_ignored", [True, False])
def test_the_detector_is_given_zeros_there_and_all_else_as_it_was(
    passing: Passing, *, is_ignored: bool
) -> None:
    region = around(places_of(passing))
    left, top, right, bottom = *region[0], *region[2]
    settings = parse(f"camera: {{ignore: [{region}]}}".encode()).camera
    detector = Watched((left, top, right, bottom))
    stages = Stages(
        detector,
        open_reader(),
        Tracks(),
        Matcher(index_of("ZZZZ999"), now_s=0),
        _NoDesk(),
        ignored=IgnoredRegions(settings.ignore) if is_ignored else None,
    )
    pool, shrinker, tally = FramePool(1, 720, 1280), Shrinker(720, 1280), Tally()
    for path in sorted(passing.folder.iterdir()):
        frame = pool.lease(720, 1280)
        with Image.open(path) as picture:
            np.copyto(frame.main, np.asarray(picture))
        frame.fill_lores(shrinker)
        detector.main = frame.main
        run_cycle(frame, stages, tally, AlertRule())
    assert detector.seen == [not is_ignored] * 10
    assert tally.frames_wiped == 10


class _NoDesk:
    """Nothing is listed here, so nothing is put to a desk."""

    def take(self, *_: Any, **__: Any) -> bool:
        raise AssertionError("no plate of the drive is listed")

    def sighted(self, *_: Any) -> None:
        raise AssertionError("no plate of the drive is listed")
