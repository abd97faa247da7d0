"""The detector's small picture: a box mean of the frame, made without a temporary.

A sensor with its own small stream (the Pi's lores) does not come here; every other camera does.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.memory import locked_array, wipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MAX_WIDTH: Final = 640
MAX_HEIGHT: Final = 384
_MAX_FACTOR: Final = 16
_PARTS: Final = 12
"""Factors are whole numbers of twelfths: so halves, thirds and quarters are among them."""

_MOST_EXACT: Final = 16
"""Largest numerator whose square times 255 fits 16 bits."""


def factor(height: int, width: int) -> Fraction:
    """Return the least factor, in twelfths, that brings ``height`` x ``width`` pixels within 384 x 640.

    Raises `ValueError` where the picture is empty or needs a factor over 16.
    """
    if height < 1 or width < 1:
        raise ValueError(f"a picture has at least 1x1 pixels, not {width}x{height}")
    least = max(Fraction(1), Fraction(width, MAX_WIDTH), Fraction(height, MAX_HEIGHT))
    k = Fraction(ceil(least * _PARTS), _PARTS)
    if k > _MAX_FACTOR or min(height, width) < k:
        raise ValueError(f"a picture of {width}x{height} pixels does not shrink into 640x384")
    return k


class Shrinker:
    """Box mean of frames of one size.

    ``k`` is the factor, ``height`` and ``width`` the size of ``lores``: the small picture, uint8, in
    locked memory, overwritten by each `shrink`. Rows and columns that do not fill a box are left out.
    """

    def __init__(self, height: int, width: int) -> None:
        k = factor(height, width)
        self.k = float(k)
        self._over, self._under = k.numerator, k.denominator
        self.height, self.width = int(height / k), int(width / k)
        self.lores: NDArray[np.uint8] = locked_array((self.height, self.width), np.uint8)
        self._size = (height, width)
        columns = ceil(self.width * k)
        self._row: NDArray[np.uint16] = locked_array((self.height, columns), np.uint16)
        self._sums: NDArray[np.uint16] = locked_array((self.height, columns), np.uint16)
        self._part: NDArray[np.uint16] = locked_array((self.height, self.width), np.uint16)
        self._boxes: NDArray[np.uint16] = locked_array((self.height, self.width), np.uint16)

    def shrink(self, main: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Fill `lores` with the mean of each box of ``main`` (H, W), k pixels wide and tall.

        A pixel that two boxes share counts in each by its share. Halves are rounded up; where the factor's
        numerator is over 16, columns are rounded before rows are, and the mean may be off by one. Returns
        `lores`. Raises `ValueError` where ``main`` has another size.
        """
        if main.shape != self._size:
            raise ValueError(f"expected a frame of {self._size} pixels, found {main.shape}")
        over = self._over
        if over == self._under:
            np.copyto(self.lores, main)
            return self.lores
        # Assigning widens directly; a ufunc on mixed types would go through a hidden buffer.
        wide = self._sums.shape[1]
        self._sums.fill(0)
        for first, source, weight in self._boxes_parts():
            sums = self._sums[first :: self._under]
            row = self._row[: len(sums)]
            np.copyto(row, main[source::over, :wide][: len(sums)])
            if weight > 1:
                np.multiply(row, np.uint16(weight), out=row)
            np.add(sums, row, out=sums)
        count = over * over
        if over > _MOST_EXACT:
            _divide(self._sums, over)
            count = over
        boxes = self._boxes
        boxes.fill(0)
        for first, source, weight in self._boxes_parts():
            box = boxes[:, first :: self._under]
            part = self._sums[:, source::over][:, : box.shape[1]]
            if weight > 1:
                part = np.multiply(part, np.uint16(weight), out=self._part[:, : box.shape[1]])
            np.add(box, part, out=box)
        _divide(boxes, count)
        np.copyto(self.lores, boxes, casting="unsafe")
        return self.lores

    def _boxes_parts(self) -> Iterator[tuple[int, int, int]]:
        """Yield the first box, the first pixel and the weight of all pixels that lie alike in their boxes.

        Boxes and pixels repeat: ``_under`` of the ones cover ``_over`` of the others.
        """
        over, under = self._over, self._under
        for box in range(under):
            for pixel in range(box * over // under, ceil((box + 1) * over / under)):
                yield box, pixel, min((box + 1) * over, (pixel + 1) * under) - max(box * over, pixel * under)

    def wipe(self) -> None:
        """Zero the small picture and the scratch sums."""
        wipe(self.lores, self._row, self._sums, self._part, self._boxes)


def _divide(sums: NDArray[np.uint16], count: int) -> None:
    np.add(sums, np.uint16(count // 2), out=sums)
    np.floor_divide(sums, np.uint16(count), out=sums)
