"""Regions of the frame that the unit must not look at: blank before anything reads the frame.

They are set at fitting, in px of the frame, as polygons. A blank region is zeros in the frame and in its
small picture, so nothing can be found, read or kept there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from alprd.camera.frame import Frame

_KEPT: Final = 0xFF


class IgnoredRegions:
    """Blanks ``regions`` in frames: polygons by their corners (x, y), px from the frame's top left corner."""

    def __init__(self, regions: Sequence[Sequence[tuple[int, int]]] = ()) -> None:
        self._regions = regions
        self._size = (0, 0)
        self._lores_size = (0, 0)
        self._keep: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self._keep_lores = self._keep
        self.is_kept: NDArray[np.bool_] | None = None
        """Where the small picture of the last frame was left as it was, (h, w); None where all of it was."""

    def blank(self, frame: Frame) -> None:
        """Zero the regions in ``frame``: in `main` each pixel that they touch, in `lores` what those make."""
        if not self._regions:
            return
        main, lores = frame.main, frame.lores
        if (main.shape, lores.shape) != (self._size, self._lores_size):
            self._draw(main.shape, lores.shape, frame.factor)
        np.bitwise_and(main, self._keep, out=main)
        np.bitwise_and(lores, self._keep_lores, out=lores)

    def share(self, height: int, width: int) -> float:
        """Return the share of a frame of ``height`` x ``width`` px that is blank, 0 to 1."""
        return 1 - float(np.count_nonzero(self._drawn((height, width)))) / (height * width)

    def _drawn(self, size: tuple[int, ...]) -> NDArray[np.uint8]:
        height, width = size
        image = Image.new("L", (width, height), _KEPT)
        draw = ImageDraw.Draw(image)
        for corners in self._regions:
            draw.polygon(list(corners), fill=0)
        return np.asarray(image)

    def _draw(self, size: tuple[int, ...], lores_size: tuple[int, ...], factor: float) -> None:
        """Prepare what frames of this size are masked with."""
        self._keep = self._drawn(size)
        # A small pixel is blank where a blank one is among those it may be made of; a sensor's own scaler
        # looks at some beyond its box.
        blank = np.zeros((size[0] + 1, size[1] + 1), np.int64)
        blank[1:, 1:] = (self._keep == 0).cumsum(axis=0).cumsum(axis=1)
        (top, bottom), (left, right) = (
            _reach(count, factor, end) for count, end in zip(lores_size, size, strict=True)
        )
        found = blank[bottom][:, right] - blank[top][:, right] - blank[bottom][:, left] + blank[top][:, left]
        self.is_kept = found == 0
        self._keep_lores = np.where(self.is_kept, _KEPT, 0).astype(np.uint8)
        self._size, self._lores_size = (size[0], size[1]), (lores_size[0], lores_size[1])


def _reach(count: int, factor: float, end: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where the boxes of ``count`` small pixels begin and end, each grown by one small pixel."""
    places = np.arange(count)
    first = np.floor((places - 1) * factor).astype(np.intp)
    last = np.ceil((places + 2) * factor).astype(np.intp)
    return np.clip(first, 0, end), np.clip(last, 0, end)
