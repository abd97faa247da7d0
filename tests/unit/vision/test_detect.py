from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from alprd.demo.plate import DARK_ON_LIGHT, draw_plate
from alprd.errors import ModelError
from alprd.vision.detect import MAX_PLATES, Detector
from alprd.vision.litert import Model, default_folder, installed_runtimes
from alprd.vision.shrink import Shrinker

if TYPE_CHECKING:
    from numpy.typing import NDArray

RUNTIMES = installed_runtimes()
HEIGHT, WIDTH = 720, 1280
PLACES = ((260, 300), (820, 420))  # left and top px of plates 210 x 105 px


def road(places: tuple[tuple[int, int], ...], step: int = 1) -> NDArray[np.uint8]:
    """A grey road with a dark car around each plate; plates are 300 x 150 px less every ``step``."""
    rng = np.random.default_rng(4)
    frame = np.linspace(170, 90, HEIGHT)[:, None] + rng.normal(0, 3, (HEIGHT, WIDTH))
    for i, (left, top) in enumerate(places):
        plate = draw_plate(f"ABC{100 + i}", DARK_ON_LIGHT, rng=rng)
        plate = plate.reshape(150 // step, step, 300 // step, step).mean(axis=(1, 3))
        height, width = plate.shape
        frame[max(0, top - height) : top + 2 * height, max(0, left - width // 2) : left + width * 3 // 2] = 60
        frame[top : top + height, left : left + width] = plate
    return np.clip(frame, 0, 255).astype(np.uint8)


def corners_of(left: int, top: int, width: int, height: int) -> NDArray[np.float32]:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


@pytest.fixture(params=RUNTIMES)
def detector(request: pytest.FixtureRequest) -> Detector:
    return Detector(Model.open(default_folder("detector"), request.param))


def detect(detector: Detector, frame: NDArray[np.uint8]) -> int:
    shrinker = Shrinker(*frame.shape)
    return detector.detect(shrinker.shrink(frame), shrinker.k)


def test_every_plate_of_a_frame_is_found_at_its_corners(detector: Detector) -> None:
    assert detect(detector, road(PLACES, step=2)) == 2
    found = sorted(detector.corners[:2].tolist())
    for corners, (left, top) in zip(found, PLACES, strict=True):
        assert np.abs(np.array(corners) - corners_of(left, top, 150, 75)).max() < 8  # px of the frame


def test_results_come_best_first_and_the_rest_is_zero(detector: Detector) -> None:
    count = detect(detector, road(PLACES, step=2))
    scores = detector.scores[:count]
    assert (scores >= detector.threshold - 1e-3).all()
    assert (np.diff(scores) <= 0).all()
    assert not detector.scores[count:].any()
    assert not detector.corners[count:].any()


def test_an_empty_road_has_no_plates(detector: Detector) -> None:
    assert detect(detector, road(())) == 0
    assert not detector.corners.any()


@pytest.mark.skipif(len(RUNTIMES) < 2, reason="needs both runtimes")
def test_both_runtimes_agree_within_a_pixel() -> None:
    frame = road(PLACES, step=2)
    boxes = []
    for runtime in RUNTIMES:
        detector = Detector(Model.open(default_folder("detector"), runtime))
        assert detect(detector, frame) == 2
        boxes.append(sorted(detector.corners[:2].tolist()))
    shrunk = Shrinker(HEIGHT, WIDTH).k
    assert np.abs(np.array(boxes[0]) - np.array(boxes[1])).max() <= shrunk  # a pixel of the small picture


def test_a_picture_smaller_than_the_input_is_not_mixed_with_the_one_before(detector: Detector) -> None:
    small = road(PLACES, step=2)[250:450, 200:560]
    count = detect(detector, small)
    alone = detector.corners.tolist()
    assert count == 1
    detect(detector, road(((100, 100), (700, 500)), step=2))
    assert detect(detector, small) == 1
    assert detector.corners.tolist() == alone


def test_at_most_sixteen_plates_are_reported(detector: Detector) -> None:
    places = tuple((60 + 240 * x, 60 + 120 * y) for x in range(5) for y in range(5))
    assert len(places) > MAX_PLATES
    assert detect(detector, road(places, step=3)) == MAX_PLATES


def test_a_lower_threshold_never_finds_less(detector: Detector) -> None:
    frame = road(PLACES, step=2)
    model = detector._model
    counts = [detect(Detector(model, threshold), frame) for threshold in (0.95, 0.5, 0.1)]
    assert counts == sorted(counts)
    assert counts[1] == 2


def test_nothing_is_left_after_a_wipe(detector: Detector) -> None:
    assert detect(detector, road(PLACES, step=2)) == 2
    detector.wipe()
    buffers = [value for value in vars(detector).values() if isinstance(value, np.ndarray)]
    assert len(buffers) == 9
    assert not any(buffer.any() for buffer in buffers)
    model = detector._model
    assert not model.input.any()
    assert not any(model.output(i).any() for i in range(4))


@pytest.mark.parametrize("shape", [(385, 640), (384, 641)])
def test_a_picture_larger_than_the_input_is_refused(shape: tuple[int, int]) -> None:
    detector = Detector(Model.open(default_folder("detector")))
    with pytest.raises(ValueError, match="640x384"):
        detector.detect(np.zeros(shape, np.uint8), 1)


@pytest.mark.parametrize("change", ["names", "shape", "dtype", "threshold", "stride"])
def test_a_model_that_is_no_detector_is_refused(change: Literal["names"]) -> None:
    model = Model.open(default_folder("detector"))
    manifest = model.manifest
    first, *rest = manifest.outputs
    changed = {
        "names": replace(manifest, outputs=(replace(first, name="warmth"), *rest)),
        "shape": replace(manifest, outputs=(replace(first, shape=(1, 1, 24, 40)), *rest)),
        "dtype": replace(manifest, outputs=(replace(first, dtype="float32"), *rest)),
        "threshold": replace(manifest, own={**manifest.own, "threshold": 1.5}),
        "stride": replace(manifest, own={**manifest.own, "stride_px": 4}),
    }
    model.manifest = changed[change]
    with pytest.raises(ModelError):
        Detector(model)
