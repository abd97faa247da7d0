"""How likely the fused text is the plate's, and how likely each character could be another. Numeric, locked.

`plates.vote` decides what the text is, robustly: no frame counts for more than `FLOOR` lets it, so what it
makes of a text that all frames read alike says more of that floor than of the frames. Here is what they
are worth. A text can be wrong in two ways:

- **The frames disagree, or waver.** What they hold for another character beyond the floor is its odds, as
  `plates.vote` pools them; where a frame read that character, to the power of `QUARREL`.
- **The frames are wrong alike**: a screw, a bent plate. The reader's score, which is calibrated on plates
  held out from its training, says how often one frame errs. Errors of frames of one pass go together as
  `LIKENESS` says (a Polya urn with that correlation): that n frames err alike is `likeness.ALIKE` times
  as likely as that one does, and no number of frames makes it nothing.

Both together are the odds that the text is another one; a quarrel about its length counts beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.memory import locked_array
from alprd.plates.alphabet import CODES, MAX_CHARACTERS
from alprd.plates.likeness import ALIKE, FLOOR
from alprd.plates.lookalikes import ARE_LOOKALIKES

if TYPE_CHECKING:
    from numpy.typing import NDArray

BACKED: Final = 0.05
"""From this probability on a frame counts as one that could have read a character so."""

QUARREL: Final = 0.7
"""Fitted on the passes of `tests/sim/passes.py`: of frames that quarrel the outvoted are right so often."""

_LETTERS: Final = CODES - 1
_ARE_LOOKALIKES: Final = np.ascontiguousarray(ARE_LOOKALIKES[1:, 1:])
_LEAST_DOUBT: Final = 1e-6
_LOG_FLOOR: Final = np.float32(np.log(FLOOR))


class TextChances:
    """The chances of ``plates`` plates at once, and what the reads of one frame say, as many.

    In each frame: `take`, `weigh`, `cast`, `fuse`, as in `plates.vote.Votes`, which says what the arguments
    are. Then ``chances`` (float32) holds how likely each read's fused text is right, ``others`` (float32,
    10 x 36) the odds of each character against the text's own, ``backings`` (uint16, 10 x 36) how many
    frames could have read it, and ``is_disputed`` whether a frame read a lookalike of one of the text's.
    """

    def __init__(self, plates: int) -> None:
        table = (MAX_CHARACTERS, _LETTERS)
        self._backings: NDArray[np.uint16] = locked_array((plates, MAX_CHARACTERS, *table), np.uint16)
        self._doubts: NDArray[np.float32] = locked_array((plates, MAX_CHARACTERS), np.float32)
        self._is_backed: NDArray[np.bool_] = locked_array((plates, *table), np.bool_)
        self._ones: NDArray[np.uint16] = locked_array((plates, *table), np.uint16)
        self._read_doubts: NDArray[np.float32] = locked_array(plates, np.float32)
        self._reads: NDArray[np.float32] = locked_array((plates, MAX_CHARACTERS), np.float32)
        self.others: NDArray[np.float32] = locked_array((plates, *table), np.float32)
        self._wrong: NDArray[np.float32] = locked_array((plates, MAX_CHARACTERS), np.float32)
        self._is_rival: NDArray[np.bool_] = locked_array((plates, *table), np.bool_)
        self.chances: NDArray[np.float32] = locked_array(plates, np.float32)
        self.is_disputed: NDArray[np.bool_] = locked_array(plates, np.bool_)
        self._floors: NDArray[np.float32] = locked_array((plates, MAX_CHARACTERS), np.float32)
        self.backings: NDArray[np.uint16] = locked_array((plates, *table), np.uint16)
        self.of_plates: tuple[NDArray[Any], ...] = (self._backings, self._doubts)
        """What is kept of each plate, by its number: for `Votes` to wipe."""
        self.of_frame: tuple[NDArray[Any], ...] = (
            self._is_backed, self._ones, self._read_doubts, self._reads, self.others, self._wrong,
            self._is_rival, self.chances, self.is_disputed, self._floors, self.backings,
        )  # fmt: skip
        """What is of one frame's reads: for `Votes` to wipe."""

    def take(self, i: int, score: NDArray[np.float32]) -> None:
        """Take read ``i``'s own ``score`` (1,): the probability that its text is right."""
        np.subtract(np.float32(1), score, out=self._read_doubts[i : i + 1])

    def weigh(self, probabilities: NDArray[np.float32], is_read: NDArray[np.bool_]) -> None:
        """Note what the first reads could have read: ``probabilities`` (n, 10, 36), ``is_read`` (n, 10)."""
        count = len(is_read)
        is_backed, doubts = self._is_backed[:count], self._read_doubts[:count]
        np.greater_equal(probabilities, np.float32(BACKED), out=is_backed)
        np.logical_and(is_backed, is_read[:, :, None], out=is_backed)
        np.copyto(self._ones[:count], is_backed)
        np.maximum(doubts, np.float32(_LEAST_DOUBT), out=doubts)
        np.log(doubts, out=doubts)

    def cast(self, i: int, plate: int, length: int, *, is_full: bool) -> None:
        """Add what read ``i`` of ``length`` characters says of ``plate``."""
        backings = self._backings[plate, length - 1]
        np.add(backings, self._ones[i], out=backings)
        if is_full:
            self._doubts[plate, length - 1] += self._read_doubts[i]

    def fuse(
        self,
        plates: NDArray[np.intp],
        lengths: NDArray[np.intp],
        *,
        best: NDArray[np.intp],
        odds: NDArray[np.float32],
        highest: NDArray[np.float32],
        counts: NDArray[np.uint16],
        tempers: NDArray[np.float32],
        full_reads: NDArray[np.float32],
        votes: NDArray[np.uint16],
        length_odds: NDArray[np.float32],
    ) -> None:
        """Fill in the chances of the frame's reads; read ``i`` is of plate ``plates[i]``.

        Of n reads: ``best`` (n, 10) the text's codes less 1, ``odds`` (n, 10, 36) of each character against
        the text's own, ``highest`` (n, 10, 1) the sums of the latter, ``counts`` all votes of all plates,
        ``tempers`` (n,), ``full_reads`` (n,) of the text's length, ``votes`` (n,) the fewest,
        ``length_odds`` (n,) that the length is another.
        """
        count = len(plates)
        rows = plates * MAX_CHARACTERS + lengths
        flat = self.backings[:count].reshape(count, -1)
        np.take(counts.reshape(-1, flat.shape[1]), rows, axis=0, out=flat, mode="clip")
        reads, floors = self._reads[:count], self._floors[:count]
        np.add.reduce(self.backings[:count], axis=2, out=reads)  # frames that read anything there
        np.multiply(reads, _LOG_FLOOR, out=floors)
        np.subtract(floors, highest[:, :, 0], out=floors)
        np.minimum(floors, np.float32(0), out=floors)  # of no plate the numbers mean nothing
        np.multiply(floors, tempers[:, None], out=floors)
        np.exp(floors, out=floors)
        others, wrong, is_read = self.others[:count], self._wrong[:count], self._is_backed[:count]
        np.subtract(odds, floors[:, :, None], out=others)
        np.maximum(others, np.float32(0), out=others)
        np.greater(self.backings[:count], np.uint16(0), out=is_read)
        np.take(_ARE_LOOKALIKES, best, axis=0, mode="clip", out=self._is_rival[:count])
        np.logical_and(self._is_rival[:count], is_read, out=self._is_rival[:count])
        np.logical_or.reduce(self._is_rival[:count], axis=(1, 2), out=self.is_disputed[:count])
        np.power(odds, np.float32(QUARREL), out=others, where=is_read)
        np.add.reduce(others, axis=2, out=wrong)  # the text's own character among them, as 1
        np.maximum(wrong, np.float32(1), out=wrong)
        past = np.arange(MAX_CHARACTERS) > lengths[:, None]
        np.copyto(wrong, np.float32(1), where=past)
        chances = self.chances[:count]
        np.multiply.reduce(wrong, axis=1, out=chances)
        np.multiply(chances, 1 + length_odds, out=chances)
        alike = np.exp(self._doubts[plates, lengths] / np.maximum(full_reads, 1))
        alike = ALIKE[np.minimum(votes, len(ALIKE) - 1)] * alike / np.maximum(1 - alike, _LEAST_DOUBT)
        np.multiply(chances, 1 + alike, out=chances)
        np.reciprocal(chances, out=chances)
        np.take(self._backings.reshape(-1, flat.shape[1]), rows, axis=0, out=flat, mode="clip")
