"""The detector's small picture: an exact box mean of the frame, made without a temporary.

A sensor with its own small stream (the Pi's lores) does not come here; every other camera does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.memory import locked_array, wipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_WIDTH: Final = 640
MAX_HEIGHT: Final = 384
# k * k * 255 must fit 16 bits.
_MAX_FACTOR: Final = 16


def factor(height: int, width: int) -> int:
    """Return the least whole factor that brings ``height`` x ``width`` pixels within 384 x 640.

    Raises `ValueError` where the picture is empty or needs a factor over 16.
    """
    if height < 1 or width < 1:
        raise ValueError(f"a picture has at least 1x1 pixels, not {width}x{height}")
    k = max(1, -(-width // MAX_WIDTH), -(-height // MAX_HEIGHT))
    if k > _MAX_FACTOR or height < k or width < k:
        raise ValueError(f"a picture of {width}x{height} pixels does not shrink into 640x384")
    return k


class Shrinker:
    """Box mean of frames of one size.

    ``k`` is the factor, ``height`` and ``width`` the size of ``lores``: the small picture, uint8, in
    locked memory, overwritten by each `shrink`. Rows and columns that do not fill a box are left out.
    """

    def __init__(self, height: int, width: int) -> None:
        self.k = factor(height, width)
        self.height, self.width = height // self.k, width // self.k
        self.lores: NDArray[np.uint8] = locked_array((self.height, self.width), np.uint8)
        self._size = (height, width)
        self._row: NDArray[np.uint16] = locked_array((self.height, self.width * self.k), np.uint16)
        self._sums: NDArray[np.uint16] = locked_array((self.height, self.width * self.k), np.uint16)
        self._boxes: NDArray[np.uint16] = locked_array((self.height, self.width), np.uint16)

    def shrink(self, main: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Fill `lores` with the mean of each k x k box of ``main`` (H, W), halves rounded up.

        Returns `lores`. Raises `ValueError` where ``main`` has another size.
        """
        if main.shape != self._size:
            raise ValueError(f"expected a frame of {self._size} pixels, found {main.shape}")
        k, high, wide = self.k, self.height * self.k, self.width * self.k
        if k == 1:
            np.copyto(self.lores, main)
            return self.lores
        # Assigning widens directly; a ufunc on mixed types would go through a hidden buffer.
        np.copyto(self._sums, main[0:high:k, :wide])
        for i in range(1, k):
            np.copyto(self._row, main[i:high:k, :wide])
            np.add(self._sums, self._row, out=self._sums)
        boxes = self._boxes
        np.add(self._sums[:, 0::k], self._sums[:, 1::k], out=boxes)
        for j in range(2, k):
            np.add(boxes, self._sums[:, j::k], out=boxes)
        np.add(boxes, np.uint16(k * k // 2), out=boxes)
        np.floor_divide(boxes, np.uint16(k * k), out=boxes)
        np.copyto(self.lores, boxes, casting="unsafe")
        return self.lores

    def wipe(self) -> None:
        """Zero the small picture and the scratch sums."""
        wipe(self.lores, self._row, self._sums, self._boxes)
