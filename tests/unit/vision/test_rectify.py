"""Cutting a plate out of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from alprd.vision.rectify import SOFT, Rectifier

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _picture() -> NDArray[np.uint8]:
    """A smooth picture, so that sampling it may be compared within a few grey levels."""
    noise = np.random.default_rng(4).integers(0, 256, (24, 40), dtype=np.uint8)
    return np.asarray(Image.fromarray(noise).resize((640, 360), Image.Resampling.BICUBIC))


def _box(x1: float, y1: float, x2: float, y2: float) -> NDArray[np.float32]:
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)


def _buffers(rectifier: Rectifier) -> list[NDArray[Any]]:
    grids = {"_u", "_v"}
    return [v for k, v in vars(rectifier).items() if isinstance(v, np.ndarray) and k not in grids]


def test_a_box_of_the_crops_own_size_is_copied_pixel_by_pixel() -> None:
    picture = _picture()
    rectifier = Rectifier(48, 144, 0.0, 0.0)
    out = np.zeros((48, 144), np.uint8)
    rectifier.warp(picture, _box(100, 50, 244, 98), out)
    np.testing.assert_array_equal(out, picture[50:98, 100:244])


def test_a_margin_shows_what_lies_around_the_plate() -> None:
    picture = _picture()
    out = np.zeros((48, 144), np.uint8)
    Rectifier(48, 144, 0.25, 0.5).warp(picture, _box(124, 62, 220, 86), out)
    np.testing.assert_array_equal(out, picture[50:98, 100:244])


def test_a_large_plate_is_averaged_and_not_skipped_over() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (400, 400))  # one pixel black, one white
    out = np.zeros((48, 144), np.uint8)
    Rectifier(48, 144, 0.0, 0.0).warp(stripes, _box(100, 100, 388, 196), out)
    assert np.abs(out.astype(int) - 128).max() <= 2


def test_a_leaning_plate_is_set_upright() -> None:
    """A plate drawn through a known projection comes back as it was."""
    flat = np.asarray(Image.fromarray(_picture()[:96, :288]).resize((144, 48)), np.uint8)
    corners = np.array([[60, 40], [330, 70], [320, 190], [75, 140]], np.float32)
    scene = Image.new("L", (400, 240), 90)
    # Pillow wants the map from the scene to the plate: solve it from the four pairs of corners.
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, [(0, 0), (144, 0), (144, 48), (0, 48)], strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    plan = np.linalg.solve(np.array(rows, float), np.array(values, float))
    seen = Image.fromarray(flat).transform(
        scene.size, Image.Transform.PERSPECTIVE, plan.tolist(), Image.Resampling.BILINEAR, fillcolor=90
    )
    out = np.zeros((48, 144), np.uint8)
    Rectifier(48, 144, 0.0, 0.0).warp(np.asarray(seen), corners, out)
    difference = np.abs(out.astype(int) - flat)[2:-2, 2:-2]
    assert difference.mean() < 3
    assert difference.max() < 25


def test_a_frame_with_padded_rows_and_wide_pixels_is_read_in_place() -> None:
    picture = _picture()
    padded = np.full((360, 704, 2), 7, np.uint8)  # as a YUYV buffer with a row stride has it
    padded[:, :640, 0] = picture
    view = padded[:, :640, 0]
    outs = [np.zeros((48, 144), np.uint8) for _ in range(2)]
    corners = np.array([[500, 300], [650, 310], [648, 365], [505, 350]], np.float32)
    for frame, out in zip((picture, view), outs, strict=True):
        Rectifier().warp(frame, corners, out)
    np.testing.assert_array_equal(outs[0], outs[1])


@pytest.mark.parametrize(
    "corners",
    [_box(5, 5, 5, 5), _box(5, 5, 90, 5), np.full((4, 2), np.nan, np.float32), _box(0, 0, np.inf, 9)],
)
def test_corners_without_an_area_give_an_empty_crop(corners: NDArray[np.float32]) -> None:
    out = np.full((48, 144), 9, np.uint8)
    Rectifier().warp(_picture(), corners, out)
    assert not out.any()


@given(st.lists(st.floats(-5000, 5000, width=32), min_size=8, max_size=8))
@settings(max_examples=60, deadline=None)
def test_no_corners_read_outside_the_frame(numbers: list[float]) -> None:
    frame = np.full((60, 80), 77, np.uint8)
    guarded = np.zeros((64, 84), np.uint8)
    guarded[2:62, 2:82] = frame
    out = np.zeros((48, 144), np.uint8)
    Rectifier().warp(guarded[2:62, 2:82], np.array(numbers, np.float32).reshape(4, 2), out)
    assert np.isin(out, (0, 77)).all()
    assert len(np.unique(out)) == 1


def test_a_wipe_leaves_zeros_in_every_buffer() -> None:
    rectifier = Rectifier()
    rectifier.warp(_picture(), _box(10, 10, 500, 300), np.zeros((48, 144), np.uint8))
    assert sum(bool(buffer.any()) for buffer in _buffers(rectifier)) > 10
    rectifier.wipe()
    assert not any(buffer.any() for buffer in _buffers(rectifier))


def test_wrong_shapes_are_refused() -> None:
    rectifier = Rectifier()
    with pytest.raises(ValueError, match="48x144"):
        rectifier.warp(_picture(), _box(0, 0, 9, 9), np.zeros((48, 143), np.uint8))
    with pytest.raises(ValueError, match="at least 2x2"):
        rectifier.warp(_picture()[:1], _box(0, 0, 9, 9), np.zeros((48, 144), np.uint8))


def test_a_near_plate_is_softened_and_a_far_one_is_not() -> None:
    """One bright column: its neighbours take `SOFT` each where the crop shows the plate smaller."""
    out = np.zeros((48, 144), np.uint8)
    rectifier = Rectifier(48, 144, 0.0, 0.0)
    far = np.zeros((400, 400), np.uint8)
    far[:, 172] = 255
    rectifier.warp(far, _box(100, 100, 244, 148), out)
    assert out[24, 71:74].tolist() == [0, 255, 0]
    near = np.zeros((400, 400), np.uint8)
    near[:, 200:202] = 255
    rectifier.warp(near, _box(100, 100, 388, 196), out)
    share = SOFT / 256
    np.testing.assert_allclose(out[24, 49:52] / 255, [share, 1 - 2 * share, share], atol=0.006)
    assert not out[24, 40:48].any()


def test_no_pixel_of_a_very_near_plate_is_passed_over() -> None:
    """One black row in 8 pixels a crop pixel tall: found wherever it lies."""
    rectifier = Rectifier(48, 144, 0.0, 0.0)
    out = np.zeros((48, 144), np.uint8)
    for row in range(192, 200):
        street = np.full((600, 1300), 255, np.uint8)
        street[row] = 0
        rectifier.warp(street, _box(50, 100, 50 + 144 * 8, 100 + 48 * 8), out)
        assert out[11, 72] < 250
