"""After frames without a hit, an outside process finds no pixel row and no plate of them in the daemon.

Two frames with one listed plate pass first, and that hit waits for a verdict that never comes. 200 frames
(1,000 in `make soak`) without a listed plate follow; then the recording is over and the daemon stands
still, waiting. The witness, a process of its own, then searches the daemon's whole memory.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from alprd.demo.drive import DriveScript
from alprd.demo.render import DriveRenderer
from alprd.vision.detect import Detector
from alprd.vision.litert import Model, default_folder, installed_runtimes
from alprd.vision.loading import open_reader
from alprd.vision.shrink import Shrinker
from alprd.witness.sentinels import of_picture, of_plate
from tests.conftest import IS_CI, IS_SOAK
from tests.sim.bench import Bench
from tests.sim.faults import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.sim.recording import Passing

LEAST_FRAMES = 1000 if IS_SOAK else 200
FRAMES = LEAST_FRAMES + 15
DISTINCT = 40
"""Pictures that are drawn; they pass five times."""
READABLE_PX = 70
SEED = 5

WITHOUT_WIPE = """
import sys, time
import alprd.camera.frame as frame
import alprd.cycle as cycle
def let_go(self):
    if self._main is not None:
        self._main, self._wiped_at = None, time.monotonic_ns()
        self._release()
frame.Frame.wipe = let_go
cycle.Stages.wipe = lambda self: None
import alprd.forgetting.meter as meter
meter.ForgettingMeter.attend = lambda self, now: False  # it would see that and stop reading
from alprd.cli.alprd import main
sys.exit(main())
"""


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        reason = "reading another process's memory needs root"
        pytest.fail(reason) if IS_CI else pytest.skip(reason)


class Scene:
    """The drive of the test: pictures in ``folder``, the one listed plate, and what must not be found."""

    def __init__(self, folder: Path, suffix: str) -> None:
        script = DriveScript(seed=SEED)
        renderer = DriveRenderer(script)
        first, self.listed = _hit_frame(script)
        passing = [n for n in range(script.frames) if self.listed not in _texts(script, n, 0)]
        numbers = passing[:: len(passing) // DISTINCT][:DISTINCT]
        self.folder, self._suffix = folder, suffix
        folder.mkdir()
        self._save(0, renderer.frame(first))
        os.link(self._path(0), folder / f"0000-again{suffix}")  # one frame alone would not alert
        for place, number in enumerate(numbers, 1):
            self._save(place, renderer.frame(number))
        for place in range(DISTINCT + 1, FRAMES + 1):
            os.link(self._path((place - 1) % DISTINCT + 1), self._path(place))
        self.texts = set().union(*(_texts(script, n) for n in (first, *numbers))) - {self.listed}
        self.needles: dict[str, bytes] = {}
        last = self._add_last_read()
        for place in (last, last - 1, last - 25):
            self.needles |= of_picture(f"frame {place}", self._picture(place))
        for text in sorted(self.texts):
            self.needles |= of_plate(text)

    def _path(self, place: int) -> Path:
        return self.folder / f"{place:04}{self._suffix}"

    def _save(self, place: int, picture: NDArray[np.uint8]) -> None:
        Image.fromarray(picture).save(self._path(place))

    def _picture(self, place: int) -> NDArray[np.uint8]:
        with Image.open(self._path(place)) as picture:
            return np.asarray(picture)

    def _add_last_read(self) -> int:
        """Add what the unit reads in its last frame, as the models read it here; return that frame."""
        detector = Detector(Model.open(default_folder("detector"), "litert"))
        reader = open_reader("litert")
        for place in range(FRAMES, LEAST_FRAMES - 1, -1):
            main = self._picture(place)
            shrinker = Shrinker(*main.shape)
            count = detector.detect(shrinker.shrink(main), shrinker.k)
            for i, corners in enumerate(detector.corners[:count]):  # whichever of them is read last
                length = reader.read(main, corners)
                self.needles |= of_picture(f"last crop {i}", reader.crop)
                if length >= 5:
                    self.needles[f"last read codes {i}"] = reader.codes[:length].tobytes()
            if any(name.startswith("last read codes") for name in self.needles):
                return place
            self.needles.clear()
            self._path(place).unlink()  # so that the recording ends with a plate that can be read
        raise AssertionError("no frame of the test's drive can be read")


def _texts(script: DriveScript, frame: int, least_px: float = READABLE_PX) -> set[str]:
    """The plates of ``frame`` that are wide enough to be read; 0: every one, hidden ones too."""
    texts = {vehicle.number: vehicle.spec.text for vehicle in script.vehicles}
    return {
        texts[p.vehicle]
        for p in script.truth(frame)
        if p.width_px >= least_px and (p.is_whole or not least_px)
    }


def _hit_frame(script: DriveScript) -> tuple[int, str]:
    """A frame with an Ontario plate of good size, and as many other readable plates as can be."""
    ontario = {v.number: v.spec.text for v in script.vehicles if v.spec.style == "ontario"}
    good = [
        (len(_texts(script, number)), -abs(plate.width_px - 130), number, ontario[plate.vehicle])
        for number in range(script.frames)
        for plate in script.truth(number)
        if plate.is_whole and 100 <= plate.width_px <= 170 and plate.vehicle in ontario
    ]
    _, _, number, text = max(good)
    return number, text


def search(tmp_path: Path, scene: Scene, runtime: str, program: str = PROGRAM) -> tuple[dict[str, int], int]:
    """Run the daemon on ``scene`` and let the witness search it; return what it found and the reads."""
    bench = Bench(
        tmp_path / "unit",
        scene.folder,
        listed=[scene.listed],
        settings={"vision": {"runtime": runtime}, "alerts": {"answer_time_s": 600.0}},
        program=program,
    )
    with bench:
        frames = len(list(scene.folder.iterdir()))
        assert frames > LEAST_FRAMES
        state = bench.wait_for(lambda s: s["frames"] == frames and s["pending"] == 1)
        proof = {"proof: the hit's own text": scene.listed.encode()}
        counts = bench.search_memory({**scene.needles, **proof})
    # The waiting hit is in memory by design: a witness that cannot see it would see nothing at all.
    assert counts.pop("proof: the hit's own text") > 0
    return counts, int(state["plates_read"])


def test_no_track_is_left_when_the_plates_are_out_of_view(tmp_path: Path, passing: Passing) -> None:
    bench = Bench(tmp_path / "unit", passing.folder, listed=[passing.listed])
    with bench:
        seen = bench.wait_for(lambda s: s["pending"] == 1 and s["frames"] == 10 and s["tracked"] == 0)
    assert seen["tracks"] > 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("runtime", "suffix"), [(runtime, ".pgm") for runtime in installed_runtimes()] + [("litert", ".jpg")]
)
def test_a_witness_finds_nothing_of_a_non_hit(tmp_path: Path, runtime: str, suffix: str) -> None:
    scene = Scene(tmp_path / "drive", suffix)
    counts, reads = search(tmp_path, scene, runtime)
    assert reads > LEAST_FRAMES / 2, "frames in which nothing was read prove nothing"
    assert len(scene.texts) >= 3
    assert {name: count for name, count in counts.items() if count} == {}


@pytest.mark.slow
def test_with_the_wipe_taken_out_the_witness_finds_pixels_and_plates(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "drive", ".pgm")
    counts, _ = search(tmp_path, scene, "litert", WITHOUT_WIPE)
    found = {name for name, count in counts.items() if count}
    assert any(name.startswith("frame") and " 1/1 " in name for name in found)
    assert any(name.startswith("frame") and " 1/2 " in name for name in found)
    assert any(name.startswith("last read codes") for name in found)
    assert any(name.startswith("last crop") for name in found)
