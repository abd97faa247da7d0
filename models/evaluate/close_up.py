"""The corners of the plate on a close-up, as the detector finds them when the picture stands in a frame.

A set of plate crops labels upright boxes. The upright box of a leaning plate is a poor cut, and a unit never
reads by one: there the detector gives four corners. So it does here, where it finds the labelled plate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from alprd.memory import wipe
from alprd.vision.shrink import MAX_HEIGHT, MAX_WIDTH
from models.evaluate.truth import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.vision.detect import Detector

_PLATE_PX: Final = 120.0
"""How wide the labelled plate stands in the frame: as on a road camera's picture."""

_ROOM: Final = 0.875
"""Share of the frame's width and height that the close-up takes at most; the rest is grey."""

_OVERLAP: Final = 0.4
"""Share of both boxes together that a found box and the labelled one share, for it to be that plate."""

_GREY: Final = 128


class CloseUps:
    """Finds the plates of close-ups with ``detector``, one at a time."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._frame: NDArray[np.uint8] = np.zeros((MAX_HEIGHT, MAX_WIDTH), np.uint8)

    def corners(self, main: NDArray[np.uint8], box: Box) -> NDArray[np.float32] | None:
        """Return the corners (4, 2; px of ``main``) of the plate at ``box``, None where none is found.

        They lie within ``box``: the label says that the plate does.
        """
        height, width = main.shape
        wide = max(1.0, box.x2 - box.x1)
        scale = min(_PLATE_PX / wide, _ROOM * MAX_WIDTH / width, _ROOM * MAX_HEIGHT / height)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        left, top = (MAX_WIDTH - size[0]) // 2, (MAX_HEIGHT - size[1]) // 2
        self._frame.fill(_GREY)
        # Pillow's bilinear filter widens with the reduction: each pixel is a mean of those it stands for.
        small = Image.fromarray(main).resize(size, Image.Resampling.BILINEAR)
        self._frame[top : top + size[1], left : left + size[0]] = small
        back = np.array([width / size[0], height / size[1]], np.float32)
        best, most = None, _OVERLAP
        for found in self._detector.corners[: self._detector.detect(self._frame, 1)]:
            corners = (found - np.array([left, top], np.float32)) * back
            share = _overlap(Box(*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist()), box)
            if share > most:
                best, most = corners.clip((box.x1, box.y1), (box.x2, box.y2)).astype(np.float32), share
        self._detector.wipe()
        wipe(self._frame)
        return best


def _overlap(a: Box, b: Box) -> float:
    """Return the area that both boxes cover over the area that either covers."""
    wide = max(0.0, min(a.x2, b.x2) - max(a.x1, b.x1))
    tall = max(0.0, min(a.y2, b.y2) - max(a.y1, b.y1))
    shared = wide * tall
    both = (a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - shared
    return shared / both if both > 0 else 0.0
