"""The vote over which province or state a plate is of.

Numeric only, and in locked memory, as `plates.vote`: for each plate the sum of the logarithms of what each
frame makes of its design. The pattern of the fused text is weighed in once, not frame by frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alprd.memory import locked_array
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.plates.likeness import FLOOR, temper
from alprd.plates.places import weigh_by_serial

if TYPE_CHECKING:
    from numpy.typing import NDArray


class PlaceVotes:
    """The votes for ``plates`` plates at once, and what the reads of one frame say, as many.

    In each frame: `take`, `weigh`, `cast`, `fuse`, as in `plates.vote.Votes`. ``fused`` (uint8) and
    ``confidences`` (float32) then hold each read's place and how likely it is.
    """

    def __init__(self, plates: int) -> None:
        shape = (plates, len(JURISDICTIONS))
        self._sums: NDArray[np.float32] = locked_array(shape, np.float32)
        self._reads: NDArray[np.float32] = locked_array(plates, np.float32)
        self._logs: NDArray[np.float32] = locked_array(shape, np.float32)
        self._chances: NDArray[np.float32] = locked_array(shape[1], np.float32)
        self._fits: NDArray[np.bool_] = locked_array(shape[1], np.bool_)
        self.fused: NDArray[np.uint8] = locked_array(plates, np.uint8)
        self.confidences: NDArray[np.float32] = locked_array(plates, np.float32)
        self.of_plates: tuple[NDArray[Any], ...] = (self._sums, self._reads)
        """What is kept of each plate, by its number: for `Votes` to wipe."""
        self.of_frame: tuple[NDArray[Any], ...] = (
            self._logs, self._chances, self._fits, self.fused, self.confidences,
        )  # fmt: skip
        """What is of one frame's reads: for `Votes` to wipe."""

    def take(self, i: int, places: NDArray[np.float32]) -> None:
        """Take what read ``i`` of the frame says: ``places`` (65,), probabilities."""
        np.copyto(self._logs[i], places)

    def weigh(self, count: int) -> None:
        """Make what the first ``count`` reads say into logarithms."""
        logs = self._logs[:count]
        np.maximum(logs, np.float32(FLOOR), out=logs)
        np.log(logs, out=logs)

    def cast(self, i: int, plate: int) -> None:
        """Add what read ``i`` says to the votes for ``plate``."""
        np.add(self._sums[plate], self._logs[i], out=self._sums[plate])
        self._reads[plate] += 1

    def fuse(self, i: int, plate: int, codes: NDArray[np.uint8], length: int) -> None:
        """Fill in the likeliest place of ``plate`` for read ``i``; its text is ``length`` ``codes`` (10,)."""
        chances, sums = self._chances, self._sums[plate]
        np.subtract(sums, np.max(sums), out=chances)
        np.multiply(chances, temper(self._reads[plate]), out=chances)
        np.exp(chances, out=chances)
        weigh_by_serial(chances, codes, length, self._fits)
        self.fused[i] = chances.argmax()
        self.confidences[i] = chances[self.fused[i]]
