"""The context of a hit: the body of the plate's own vehicle, in cells so coarse that nobody is told by them.

What leaves here is one grey value for each of a few cells about the plate. A cell is as tall as the plate and
half as wide, so the vehicle's size in the frame decides how coarse it is, not a model that finds persons. See
`alprd/docs/context.md`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.memory import locked_array, wipe
from alprd.records import CONTEXT_COLUMNS, CONTEXT_PLATE, CONTEXT_ROWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDEST: Final = 6.6
"""Plate heights from the plate's middle to the last cell: a long plate has fewer widths beside it."""

HIGHEST: Final = 1.25
"""Plate heights from the plate's middle to the line that the middle of a cell must be under: windows may be a
quarter of a plate's height over it."""

RIM: Final = 0.25
"""Share of another plate's sides by which it is masked beyond its box, besides the cells that it touches."""

_LEAST_PX: Final = 1
_PLATE_LEFT, _PLATE_TOP, _PLATE_COLUMNS, _PLATE_ROWS = CONTEXT_PLATE


class Redactor:
    """Makes the context of a plate in frames of at most ``max_width`` pixels; for one thread at a time.

    Scratch memory holds sums of pixels until `wipe`.
    """

    def __init__(self, max_width: int) -> None:
        self._sums: NDArray[np.uint32] = locked_array((CONTEXT_ROWS, max_width), np.uint32)
        self._part: NDArray[np.uint32] = locked_array((CONTEXT_ROWS, max_width), np.uint32)
        self._cells: NDArray[np.uint32] = locked_array((CONTEXT_ROWS, CONTEXT_COLUMNS), np.uint32)
        self._is_kept: NDArray[np.bool_] = locked_array((CONTEXT_ROWS, CONTEXT_COLUMNS), np.bool_)

    def redact(
        self, main: NDArray[np.uint8], boxes: NDArray[np.float32], plate: int, out: NDArray[np.uint8]
    ) -> None:
        """Fill ``out`` (4, 12) with the context of the plate ``boxes[plate]`` in the frame ``main`` (H, W).

        ``boxes`` (n, 4, 2) are the corners of all plates of the frame, clockwise from top left. A cell gets
        the mean of its pixels, 1 to 255, or 0: beyond the frame, over the line of windows, beyond the body's
        sides, or where another plate is. Corners that span no cell, or are not finite, leave every cell 0.
        Raises `ValueError` for a frame wider than ``max_width``.
        """
        out.fill(0)
        if main.shape[1] > self._sums.shape[1]:
            raise ValueError(f"expected a frame of at most {self._sums.shape[1]} px, found {main.shape[1]}")
        grid = _Grid.about(boxes[plate])
        if grid is None or not np.isfinite(boxes).all():
            return
        rows, columns = grid.within(*main.shape)
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        self._is_kept.fill(0)
        self._is_kept[rows, columns] = grid.is_body()[rows, columns]
        for number, box in enumerate(boxes):
            if number != plate:
                self._is_kept[grid.touched(box)] = False
        self._average(main, grid, rows, columns)
        np.copyto(out, self._cells, casting="unsafe", where=self._is_kept)

    def wipe(self) -> None:
        """Zero what holds sums of pixels, and which cells were kept."""
        wipe(self._sums, self._part, self._cells, self._is_kept)

    def _average(self, main: NDArray[np.uint8], grid: _Grid, rows: slice, columns: slice) -> None:
        """Leave in ``_cells`` the mean of each cell of ``rows`` and ``columns``, and at least 1."""
        tall, wide = grid.tall, grid.wide
        left, right = (grid.left + place * wide for place in (columns.start, columns.stop))
        top, bottom = (grid.top + place * tall for place in (rows.start, rows.stop))
        body = main[top:bottom, left:right]
        sums, part = (work[: rows.stop - rows.start, : right - left] for work in (self._sums, self._part))
        sums.fill(0)
        for row in range(tall):  # assigning widens without a hidden buffer; a mixed sum would not
            np.copyto(part, body[row::tall])
            np.add(sums, part, out=sums)
        cells = self._cells[rows, columns]
        cells.fill(wide * tall // 2)
        for column in range(wide):
            np.add(cells, sums[:, column::wide], out=cells)
        np.floor_divide(cells, wide * tall, out=cells)
        np.maximum(cells, 1, out=cells)


class _Grid:
    """The cells about one plate: ``left`` and ``top`` of the first, ``wide`` and ``tall``, px of a frame."""

    def __init__(self, corners: NDArray[np.float32], wide: int, tall: int) -> None:
        self.wide, self.tall = wide, tall
        x, y = corners.mean(axis=0).tolist()
        self.left = round(x - (_PLATE_LEFT + _PLATE_COLUMNS / 2) * wide)
        self.top = round(y - (_PLATE_TOP + _PLATE_ROWS / 2) * tall)
        self._middle = (x, y)
        self._right, self._down = _sides(corners)

    @classmethod
    def about(cls, corners: NDArray[np.float32]) -> _Grid | None:
        """Return the cells about the plate at ``corners`` (4, 2), None where they span none."""
        right, down = _sides(corners)
        width, height = math.hypot(*right), math.hypot(*down)
        turn = right[0] * down[1] - right[1] * down[0]
        if not (math.isfinite(width) and math.isfinite(height) and turn > 0):
            return None
        wide, tall = round(width / _PLATE_COLUMNS), round(height / _PLATE_ROWS)
        return cls(corners, wide, tall) if min(wide, tall) >= _LEAST_PX else None

    def within(self, height: int, width: int) -> tuple[slice, slice]:
        """Return the rows and columns of cells that lie whole in a frame of ``height`` x ``width``."""
        rows = _whole(self.top, self.tall, CONTEXT_ROWS, height)
        return rows, _whole(self.left, self.wide, CONTEXT_COLUMNS, width)

    def is_body(self) -> NDArray[np.bool_]:
        """Return which cells (4, 12) are body: under the windows and not wider than a vehicle."""
        (rx, ry), (dx, dy) = self._right, self._down
        across = (self.left + (np.arange(CONTEXT_COLUMNS) + 0.5) * self.wide - self._middle[0])[None, :]
        down = (self.top + (np.arange(CONTEXT_ROWS) + 0.5) * self.tall - self._middle[1])[:, None]
        lower = (down * rx - across * ry) / (rx * dy - ry * dx)  # plate heights under the plate's middle
        half = WIDEST * math.hypot(dx, dy)
        is_body: NDArray[np.bool_] = (lower >= -HIGHEST) & (np.abs(across) + self.wide / 2 <= half)
        return is_body

    def touched(self, corners: NDArray[np.float32]) -> tuple[slice, slice]:
        """Return the rows and columns of cells that the plate at ``corners``, and a rim about it, touches."""
        least, most = corners.min(axis=0), corners.max(axis=0)
        rim = RIM * (most - least)
        (x0, y0), (x1, y1) = (least - rim).tolist(), (most + rim).tolist()
        return (
            _between(y0, y1, self.top, self.tall, CONTEXT_ROWS),
            _between(x0, x1, self.left, self.wide, CONTEXT_COLUMNS),
        )


def _sides(corners: NDArray[np.float32]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the mean of a plate's upper and lower side, and of its left and right one, as vectors."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners.tolist()
    return ((x1 - x0 + x2 - x3) / 2, (y1 - y0 + y2 - y3) / 2), (
        (x3 - x0 + x2 - x1) / 2,
        (y3 - y0 + y2 - y1) / 2,
    )


def _whole(start: int, size: int, count: int, end: int) -> slice:
    """Return which of ``count`` cells of ``size`` px from ``start`` on lie whole within 0 to ``end``."""
    return slice(max(0, math.ceil(-start / size)), max(0, min(count, (end - start) // size)))


def _between(low: float, high: float, start: int, size: int, count: int) -> slice:
    """Return which of ``count`` cells of ``size`` px from ``start`` on touch ``low`` to ``high``."""
    first, last = (min(count, max(0, math.floor((place - start) / size))) for place in (low, high + size))
    return slice(first, last)
