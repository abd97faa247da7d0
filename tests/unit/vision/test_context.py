"""What of a frame goes into a context: means of whole cells about the plate, and nothing else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.demo.bodies import KINDS, levels_of
from alprd.demo.vehicle import VehicleSpec, make_mesh
from alprd.vision.context import Redactor

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = (200, 300)
PLATE = (140, 90, 40, 20)
"""Left, top, width and height of a plate whose cells are 20 x 20 px, from (40, 70) on."""
CELL = 20
LEFT, TOP = 40, 70


def box(left: float, top: float, width: float, height: float, roll_deg: float = 0.0) -> NDArray[np.float32]:
    """Corners of an upright plate, turned about its middle."""
    flat = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2 * (width, height)
    turn = math.radians(roll_deg)
    spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return np.asarray(flat @ spin + (left + width / 2, top + height / 2), np.float32)


def redacted(main: NDArray[np.uint8], *plates: NDArray[np.float32], plate: int = 0) -> NDArray[np.uint8]:
    out = np.full((4, 12), 77, np.uint8)
    boxes = np.stack(plates) if plates else box(*PLATE)[None]
    Redactor(main.shape[1]).redact(main, boxes, plate, out)
    return out


def grey(value: int = 100) -> NDArray[np.uint8]:
    return np.full(SIZE, value, np.uint8)


def test_each_cell_is_the_mean_of_its_own_pixels() -> None:
    main = np.random.default_rng(1).integers(0, 256, SIZE, np.uint8)
    out = redacted(main)
    for row in range(4):
        for column in range(12):
            top, left = TOP + row * CELL, LEFT + column * CELL
            mean = main[top : top + CELL, left : left + CELL].astype(np.int64).sum()
            assert out[row, column] == (mean + CELL * CELL // 2) // (CELL * CELL)


@given(st.integers(0, 2**32 - 1))
def test_pixels_that_change_places_within_a_cell_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    main = rng.integers(0, 256, SIZE, np.uint8)
    before = redacted(main)
    row, column = rng.integers(0, 4), rng.integers(0, 12)
    top, left = TOP + row * CELL, LEFT + column * CELL
    cell = main[top : top + CELL, left : left + CELL]
    cell[...] = rng.permutation(cell.reshape(-1)).reshape(CELL, CELL)
    assert np.array_equal(redacted(main), before)


def test_nothing_beyond_the_cells_is_looked_at() -> None:
    main = np.random.default_rng(1).integers(0, 256, SIZE, np.uint8)
    before = redacted(main)
    inside = main[TOP : TOP + 4 * CELL, LEFT : LEFT + 12 * CELL].copy()
    main[...] = 255
    main[TOP : TOP + 4 * CELL, LEFT : LEFT + 12 * CELL] = inside
    assert np.array_equal(redacted(main), before)


def test_a_kept_cell_is_never_0_and_white_stays_white() -> None:
    assert (redacted(grey(0)) == 1).all()
    assert (redacted(grey(255)) == 255).all()


def test_cells_that_reach_beyond_the_frame_are_masked() -> None:
    out = redacted(grey(), box(10, 5, 40, 20))
    assert not out[0].any()  # from -15 px on
    assert not out[:, :5].any()  # from -90 px on
    assert (out[1:, 5:] == 100).all()
    corner = redacted(grey(), box(250, 170, 40, 20))
    assert (corner[:2, :7] == 100).all()
    assert not corner[2:].any()
    assert not corner[:, 7:].any()


def test_a_plate_whose_cells_all_lie_beyond_the_frame_leaves_none() -> None:
    assert not redacted(grey(), box(-400, 90, 40, 20)).any()


@pytest.mark.parametrize("roll_deg", [0.0, 1.5, -1.5])
def test_a_level_plate_keeps_its_upper_row_whole(roll_deg: float) -> None:
    assert redacted(grey(), box(*PLATE, roll_deg)).all()


def test_under_a_plate_that_leans_what_would_be_over_the_windows_line_is_masked() -> None:
    out = redacted(grey(), box(*PLATE, 10.0))  # the right side is lower
    assert out[0, 0] == 100
    assert out[0, 11] == 0
    mirrored = redacted(grey(), box(*PLATE, -10.0))
    assert np.array_equal(mirrored, out[:, ::-1])
    assert out[1:].all()


def test_beside_a_long_plate_no_more_is_kept_than_beside_a_short_one() -> None:
    out = redacted(np.full((200, 1200), 100, np.uint8), box(506, 90, 188, 40))  # 520 x 110 mm
    columns = np.flatnonzero(out.any(axis=0))
    # cells of 94 px, 0.26 m, up to 6.6 x 40 px on either side
    assert columns.tolist() == [4, 5, 6, 7]


def test_the_cells_that_another_plate_touches_are_masked_with_a_rim() -> None:
    other = box(86, 112, 8, 4)  # in the cell at row 2, column 2; its rim stays within the cell
    out = redacted(grey(), box(*PLATE), other)
    assert np.argwhere(out == 0).tolist() == [[2, 2]]
    wider = redacted(grey(), box(*PLATE), box(78, 112, 24, 8))
    assert np.argwhere(wider == 0).tolist() == [[2, 1], [2, 2], [2, 3]]
    own = redacted(grey(), other, box(*PLATE), plate=1)
    assert np.array_equal(own, out), "whichever comes first"


def test_another_plate_beyond_the_cells_masks_none() -> None:
    for other in (box(2, 2, 20, 10), box(284, 190, 12, 6), box(-300, 90, 40, 20)):
        assert redacted(grey(), box(*PLATE), other).all()


@pytest.mark.parametrize(
    "corners",
    [
        np.full((4, 2), np.nan),
        np.array([[0, 0], [np.inf, 0], [9, 9], [0, 9]]),
        np.zeros((4, 2)),
        box(140, 90, 0.6, 20),
        box(140, 90, 40, 20)[::-1],
    ],
    ids=["nan", "infinite", "a point", "too narrow", "turned over"],
)
def test_corners_of_no_plate_leave_every_cell_masked(corners: NDArray[np.float32]) -> None:
    assert not redacted(grey(), np.asarray(corners, np.float32)).any()


def test_another_plate_that_is_nowhere_leaves_every_cell_masked() -> None:
    assert not redacted(grey(), box(*PLATE), np.full((4, 2), np.nan, np.float32)).any()


def test_a_plate_as_large_as_the_frame_is_no_harm() -> None:
    main = np.full((720, 1280), 90, np.uint8)
    out = redacted(main, box(20, 100, 1240, 520))
    assert out[1, 5:7].all()
    assert set(out.reshape(-1).tolist()) == {0, 90}


def test_a_frame_wider_than_the_scratch_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 299 px, found 300"):
        Redactor(299).redact(grey(), box(*PLATE)[None], 0, np.zeros((4, 12), np.uint8))


def test_of_one_plate_nothing_gets_into_the_context_of_the_next() -> None:
    rng = np.random.default_rng(1)
    redactor = Redactor(SIZE[1])
    for corners in (box(*PLATE), box(10, 5, 40, 20), box(*PLATE, 10.0), box(200, 150, 60, 30)):
        main = rng.integers(0, 256, SIZE, np.uint8)
        out = np.full((4, 12), 77, np.uint8)
        redactor.redact(main, corners[None], 0, out)
        assert np.array_equal(out, redacted(main, corners))


def test_after_the_wipe_no_sum_is_left() -> None:
    redactor = Redactor(SIZE[1])
    redactor.redact(grey(), box(*PLATE)[None], 0, np.zeros((4, 12), np.uint8))
    arrays = (redactor._sums, redactor._part, redactor._cells, redactor._is_kept)
    assert all(array.any() for array in arrays)
    redactor.wipe()
    assert not any(array.any() for array in arrays)


@pytest.mark.parametrize("view", ["rear", "front"])
@pytest.mark.parametrize("kind", KINDS)
def test_on_every_drawn_body_the_windows_begin_over_the_cells(kind: str, view: str) -> None:
    mesh = make_mesh(VehicleSpec(kind=kind, view=view, paint=120, text="ABCD123", style="ontario", seed=3))
    plate_m = np.linalg.norm(mesh.plate[0] - mesh.plate[3])
    top_m = float(mesh.plate[:, 1].mean()) + 1.5 * float(plate_m)
    glass_m = next(level.y for level in levels_of(kind, view) if level.skin == "glass")
    assert top_m < glass_m
