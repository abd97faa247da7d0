"""The pictures of a hit, made in the cycle of its frame: nothing else of a frame outlives it.

The plate picture is cut out and straightened; the dash gets its 2x2 mean. The context, where the unit keeps
one, is made of coarse cells alone (`vision.context`). Scratch memory is locked, and wiped with `wipe`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.alerts.pending import PICTURE_HEIGHT, PICTURE_WIDTH
from alprd.memory import locked_array, wipe
from alprd.vision.context import Redactor
from alprd.vision.rectify import Rectifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.alerts.pending import PendingHit

_HALF: Final = (PICTURE_HEIGHT // 2, PICTURE_WIDTH // 2)


class HitPictures:
    """Makes the pictures of one hit at a time. Without ``max_width``, the widest frame in px, no context."""

    def __init__(self, max_width: int | None = None) -> None:
        self._rectifier = Rectifier(PICTURE_HEIGHT, PICTURE_WIDTH)
        self._redactor = None if max_width is None else Redactor(max_width)
        self._halves: NDArray[np.uint16] = locked_array(_HALF, "u2")
        self.dash: NDArray[np.uint8] = locked_array(_HALF, "u1")
        """What the dash is shown of the last hit, (48, 144)."""

    @property
    def has_context(self) -> bool:
        """Whether hits get a context; in plate-only mode they get none."""
        return self._redactor is not None

    def take(
        self, pending: PendingHit, main: NDArray[np.uint8], boxes: NDArray[np.float32], plate: int
    ) -> None:
        """Fill the pictures of ``pending`` and `dash`: of the plate ``boxes[plate]`` in ``main`` (H, W)."""
        picture = pending.picture
        self._rectifier.warp(main, boxes[plate], picture)
        if self._redactor is not None and pending.context is not None:
            self._redactor.redact(main, boxes, plate, pending.context)
        np.copyto(self._halves, picture[0::2, 0::2])
        for part in (picture[0::2, 1::2], picture[1::2, 0::2], picture[1::2, 1::2]):
            np.add(self._halves, part, out=self._halves)
        np.right_shift(self._halves, 2, out=self._halves)
        np.copyto(self.dash, self._halves, casting="unsafe")

    def wipe(self) -> None:
        """Zero all that was made of the last hit, but for what its slot keeps."""
        self._rectifier.wipe()
        if self._redactor is not None:
            self._redactor.wipe()
        wipe(self._halves, self.dash)
