"""A plate box cut out of the frame and straightened, without a temporary that holds pixels.

The four corners, grown by a margin because they are never exact, are mapped onto an upright crop by
a homography; pixels are sampled bilinearly in 8-bit fixed point, at so many places in each crop pixel
that none of a plate much larger in the frame than in the crop is passed over. A plate that the crop shows
smaller than the frame is softened: a far one is soft already, and near and far look alike to the reader.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.memory import locked_array, wipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT: Final = 48
WIDTH: Final = 144
MARGIN_X: Final = 0.04
MARGIN_Y: Final = 0.06
"""Share of the plate's width and height that the crop shows beyond each side."""

DENSE: Final = 1.6
"""Frame pixels between samples along a side, at most: a crop pixel that spans more is the mean of several."""

MOST_SAMPLES: Final = 6
"""Along a side of one crop pixel: enough for a plate of 1,270 px, as wide as a frame."""

SOFT: Final = 77
"""Of 256: what a pixel of a near plate takes of each neighbour, along rows and then columns."""

_ONE: Final = 256
_LEAST_DEPTH: Final = 1e-3
_LEAST_AREA_PX: Final = 1.0


class Rectifier:
    """Cuts plates of any size to ``height`` x ``width``; not for use by two threads at a time.

    ``margin_x`` and ``margin_y`` are shares of the plate's sides.
    """

    def __init__(
        self,
        height: int = HEIGHT,
        width: int = WIDTH,
        margin_x: float = MARGIN_X,
        margin_y: float = MARGIN_Y,
    ) -> None:
        self.height, self.width = height, width
        self.margin_x, self.margin_y = margin_x, margin_y
        shape = (height, width)
        # Places on the plate (0 to 1 between its corners) of the crop's pixel centres.
        across = (np.arange(width, dtype=np.float32) + 0.5) / width * (1 + 2 * margin_x) - margin_x
        down = (np.arange(height, dtype=np.float32) + 0.5) / height * (1 + 2 * margin_y) - margin_y
        self._u, self._v = (np.ascontiguousarray(grid) for grid in np.meshgrid(across, down))
        self._depth: NDArray[np.float32] = locked_array(shape, np.float32)
        self._x: NDArray[np.float32] = locked_array(shape, np.float32)
        self._y: NDArray[np.float32] = locked_array(shape, np.float32)
        self._part: NDArray[np.float32] = locked_array(shape, np.float32)
        self._fixed_x: NDArray[np.int32] = locked_array(shape, np.int32)
        self._fixed_y: NDArray[np.int32] = locked_array(shape, np.int32)
        self._place: NDArray[np.intp] = locked_array(shape, np.intp)
        self._step: NDArray[np.intp] = locked_array(shape, np.intp)
        self._taken: NDArray[np.uint8] = locked_array(shape, np.uint8)
        self._right: NDArray[np.uint16] = locked_array(shape, np.uint16)
        self._lower: NDArray[np.uint16] = locked_array(shape, np.uint16)
        self._rest: NDArray[np.uint16] = locked_array(shape, np.uint16)
        self._a: NDArray[np.uint16] = locked_array(shape, np.uint16)
        self._b: NDArray[np.uint16] = locked_array(shape, np.uint16)
        self._c: NDArray[np.uint16] = locked_array(shape, np.uint16)
        self._sum: NDArray[np.uint16] = locked_array(shape, np.uint16)

    def warp(self, main: NDArray[np.uint8], corners: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
        """Fill ``out`` (height, width) with the plate at ``corners`` of the frame ``main`` (H, W).

        ``corners`` is (4, 2): x, y in px of ``main``, clockwise from the plate's top-left, where pixel
        (0, 0) covers 0 to 1. Beyond the frame its border is repeated. Corners that span no area, or
        are not finite, give an empty (zero) crop. Raises `ValueError` on wrong shapes.
        """
        if out.shape != (self.height, self.width) or corners.shape != (4, 2):
            raise ValueError(f"expected a crop of {self.height}x{self.width} and 4 corners")
        if main.ndim != 2 or min(main.shape) < 2:  # noqa: PLR2004 - two rows and columns to sample between
            raise ValueError("expected a frame of at least 2x2 pixels")
        mapping = _homography(corners)
        if mapping is None:
            out.fill(0)
            return
        span_x = max(math.dist(corners[0], corners[1]), math.dist(corners[3], corners[2]))
        span_y = max(math.dist(corners[0], corners[3]), math.dist(corners[1], corners[2]))
        across = samples(span_x * (1 + 2 * self.margin_x) / self.width)
        down = samples(span_y * (1 + 2 * self.margin_y) / self.height)
        count = across * down
        self._sum.fill(count // 2)
        for row in range(down):
            for column in range(across):
                self._sample(main, mapping, ((column + 0.5) / across - 0.5, (row + 0.5) / down - 0.5))
                np.add(self._sum, self._a, out=self._sum)
        np.floor_divide(self._sum, count, out=self._sum)
        if span_x * (1 + 2 * self.margin_x) > self.width:
            for picture, work in ((self._sum, self._a), (self._sum.T, self._a.T)):
                _soften(picture, work)
        np.copyto(out, self._sum, casting="unsafe")

    def wipe(self) -> None:
        """Zero every buffer that held pixels or places."""
        wipe(
            self._depth, self._x, self._y, self._part, self._fixed_x, self._fixed_y, self._place, self._step,
            self._taken, self._right, self._lower, self._rest, self._a, self._b, self._c, self._sum,
        )  # fmt: skip

    def _sample(
        self, main: NDArray[np.uint8], mapping: tuple[float, ...], shift: tuple[float, float]
    ) -> None:
        """Leave in ``_a`` the frame's pixels at the crop's pixel centres, moved by ``shift`` crop pixels."""
        a, b, c, d, e, f, g, h = mapping
        su = shift[0] * (1 + 2 * self.margin_x) / self.width
        sv = shift[1] * (1 + 2 * self.margin_y) / self.height
        self._plane(self._depth, g, h, g * su + h * sv + 1.0)
        np.maximum(self._depth, _LEAST_DEPTH, out=self._depth)
        self._plane(self._x, a, b, a * su + b * sv + c)
        self._plane(self._y, d, e, d * su + e * sv + f)
        self._fix(self._x, self._fixed_x, main.shape[1])
        self._fix(self._y, self._fixed_y, main.shape[0])

        row, column = main.strides
        flat = np.lib.stride_tricks.as_strided(
            main,
            shape=((main.shape[0] - 1) * row + (main.shape[1] - 1) * column + 1,),
            strides=(1,),
            writeable=False,
        )
        np.right_shift(self._fixed_y, 8, out=self._place, casting="unsafe")
        np.multiply(self._place, row, out=self._place)
        np.right_shift(self._fixed_x, 8, out=self._step, casting="unsafe")
        np.multiply(self._step, column, out=self._step)
        np.add(self._place, self._step, out=self._place)
        np.bitwise_and(self._fixed_x, _ONE - 1, out=self._right, casting="unsafe")
        np.bitwise_and(self._fixed_y, _ONE - 1, out=self._lower, casting="unsafe")

        self._between_columns(flat, column, self._a)
        np.add(self._place, row - column, out=self._place)
        self._between_columns(flat, column, self._b)
        np.subtract(_ONE, self._lower, out=self._rest)
        self._blend(self._a, self._b, self._lower)

    def _plane(self, out: NDArray[np.float32], u: float, v: float, constant: float) -> None:
        """Fill ``out`` with u * U + v * V + constant over the crop."""
        np.multiply(self._u, np.float32(u), out=out)
        np.multiply(self._v, np.float32(v), out=self._part)
        np.add(out, self._part, out=out)
        np.add(out, np.float32(constant), out=out)

    def _fix(self, place: NDArray[np.float32], out: NDArray[np.int32], size: int) -> None:
        """Turn places into 8-bit fixed point within ``size`` pixels, measured from pixel centres."""
        np.divide(place, self._depth, out=place)
        np.subtract(place, np.float32(0.5), out=place)
        np.multiply(place, np.float32(_ONE), out=place)
        np.clip(place, np.float32(0), np.float32((size - 1) * _ONE - 1), out=place)
        np.copyto(out, place, casting="unsafe")

    def _between_columns(self, flat: NDArray[np.uint8], column: int, out: NDArray[np.uint16]) -> None:
        """Fill ``out`` with the mean of each place and its right neighbour; leaves places moved right."""
        # "clip" only because "raise" would buffer ``out``; the places are within the frame already.
        np.take(flat, self._place, out=self._taken, mode="clip")
        np.copyto(out, self._taken)
        np.add(self._place, column, out=self._place)
        np.take(flat, self._place, out=self._taken, mode="clip")
        np.copyto(self._c, self._taken)
        np.subtract(_ONE, self._right, out=self._rest)
        self._blend(out, self._c, self._right)

    def _blend(
        self, first: NDArray[np.uint16], second: NDArray[np.uint16], share: NDArray[np.uint16]
    ) -> None:
        """Leave in ``first`` the rounded mean with ``second``; ``_rest`` is 256 less ``share``."""
        np.multiply(first, self._rest, out=first)
        np.multiply(second, share, out=second)
        np.add(first, second, out=first)  # at most 255 * 256: fits 16 bits with the rounding
        np.add(first, _ONE // 2, out=first)
        np.right_shift(first, 8, out=first)


def _soften(picture: NDArray[np.uint16], work: NDArray[np.uint16]) -> None:
    """Give each pixel of ``picture`` its share of both neighbours along the last axis, as `SOFT` says.

    At the border a pixel is its own neighbour.
    """
    np.multiply(picture, SOFT, out=work)
    np.multiply(picture, _ONE - 2 * SOFT, out=picture)
    np.add(picture[:, 1:], work[:, :-1], out=picture[:, 1:])
    np.add(picture[:, :-1], work[:, 1:], out=picture[:, :-1])
    for column in (0, -1):
        np.add(picture[:, column], work[:, column], out=picture[:, column])
    np.add(picture, _ONE // 2, out=picture)  # at most 255 * 256 + 128: fits 16 bits
    np.right_shift(picture, 8, out=picture)


def samples(pixels: float) -> int:
    """Return at how many places along a side a crop pixel is sampled that spans ``pixels`` of the frame."""
    return max(1, min(MOST_SAMPLES, math.ceil(pixels / DENSE)))


def _homography(corners: NDArray[np.float32]) -> tuple[float, ...] | None:
    """Return a..h of x = (a u + b v + c) / w, y = (d u + e v + f) / w, w = g u + h v + 1, or None.

    The unit square's (0, 0), (1, 0), (1, 1), (0, 1) go to the four corners (Heckbert 1989, "Fundamentals of
    texture mapping and image warping", 2.2.3).
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners.tolist()
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    turn = dx1 * dy2 - dx2 * dy1
    if not abs(turn) >= _LEAST_AREA_PX or not math.isfinite(turn):
        return None
    g = (dx3 * dy2 - dx2 * dy3) / turn
    h = (dx1 * dy3 - dx3 * dy1) / turn
    mapping = (x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h)
    return mapping if all(math.isfinite(number) for number in mapping) else None
