"""Whether the camera is covered, or faces something that shows nothing. Pure; keeps no pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.records import MonotonicNs

LEAST_RANGE: Final = 24
"""Grey levels between the darkest and the brightest part of a frame that shows anything: a road at night has
its lamps."""
LONG_NS: Final = 20_000_000_000
"""A frame may be dark; a camera that shows nothing for so long is covered."""
_STEP: Final = 4


class Cover:
    """Looks at one frame after the other; ``is_covered`` once they have shown nothing for 20 s."""

    def __init__(self) -> None:
        self.is_covered = False
        self._nothing_since: MonotonicNs | None = None

    def look(
        self, picture: NDArray[np.uint8], at: MonotonicNs, is_kept: NDArray[np.bool_] | None = None
    ) -> None:
        """Take in a frame's small picture, uint8 (height, width), taken ``at``.

        ``is_kept`` (height, width) says where it was not blanked, None where all of it is as it was.
        """
        part = picture[::_STEP, ::_STEP]  # a view
        seen = True if is_kept is None else is_kept[::_STEP, ::_STEP]
        brightest, darkest = np.max(part, where=seen, initial=0), np.min(part, where=seen, initial=255)
        if int(brightest) - int(darkest) >= LEAST_RANGE:
            self._nothing_since = None
        elif self._nothing_since is None:
            self._nothing_since = at
        self.is_covered = self._nothing_since is not None and at - self._nothing_since >= LONG_NS

    def forget(self) -> None:
        """Begin anew: the camera was closed."""
        self._nothing_since = None
        self.is_covered = False
