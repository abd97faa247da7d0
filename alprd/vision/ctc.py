"""How likely a text is, given the columns that a CTC network saw: all ways to write it, summed.

Graves et al. 2006, "Connectionist temporal classification", section 4.1. The product of each character's best
column, the usual shortcut, does not know of a character that was nearly seen between two others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS, READ_CODES

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STATES: Final = 2 * MAX_CHARACTERS + 1
_EMPTY: Final = 0.99
"""Of blank columns of this probability and more that follow each other one stands for all."""


def _twins() -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return each code's twin, and 1 where it has one: O and 0, I and 1 are alike on many plates."""
    twin, has = np.zeros(READ_CODES, np.intp), np.zeros(READ_CODES, np.float32)
    for pair in ("O0", "I1"):
        first, second = (CHARACTERS.index(mark) + 1 for mark in pair)
        twin[first], twin[second] = second, first
        has[[first, second]] = 1
    return twin, has


_TWIN, _HAS_TWIN = _twins()


class TextChance:
    """Sums over the alignments of one text with ``columns`` columns; not for two threads at a time.

    O and 0 count as the same character, as do I and 1: which of them it is, the vote over frames decides
    with its margin for lookalikes.
    """

    def __init__(self, columns: int) -> None:
        self._seen: NDArray[np.float32] = locked_array((columns, _STATES), np.float32)
        self._marks: NDArray[np.float32] = locked_array((columns, MAX_CHARACTERS), np.float32)
        self._ways: NDArray[np.float32] = locked_array((2, _STATES), np.float32)
        self._part: NDArray[np.float32] = locked_array(_STATES, np.float32)
        self._twin: NDArray[np.intp] = locked_array(MAX_CHARACTERS, np.intp)
        self._has_twin: NDArray[np.float32] = locked_array(MAX_CHARACTERS, np.float32)
        self._may_follow: NDArray[np.float32] = locked_array(_STATES, np.float32)
        self._differs: NDArray[np.bool_] = locked_array(MAX_CHARACTERS, np.bool_)
        self._repeats: NDArray[np.bool_] = locked_array(MAX_CHARACTERS, np.bool_)

    def of(
        self, chances: NDArray[np.float32], codes: NDArray[np.intp], count: int, out: NDArray[np.float32]
    ) -> None:
        """Leave in ``out`` (1,) how likely the text of ``count`` (1 to 10) ``codes`` is.

        ``chances`` (columns, 38) are each column's probabilities, the blank first. What stands in this
        object's memory afterwards is for `wipe`.
        """
        states = 2 * count + 1
        self._see(chances, codes[:count])
        self._rule(codes[:count])
        before, after = self._ways[0, :states], self._ways[1, :states]
        before.fill(0)
        before[0] = 1
        follow, part = self._may_follow[2:states], self._part[: states - 2]
        was_empty, rest = False, 1.0
        # A path stands on a blank before the first column; no path begins on a character twice.
        for column, seen in enumerate(self._seen[:, :states]):
            blank = float(chances[column, 0])
            if blank >= _EMPTY and was_empty:
                rest *= blank
                continue
            was_empty = blank >= _EMPTY
            np.copyto(after, before)
            np.add(after[1:], before[:-1], out=after[1:])
            np.multiply(before[:-2], follow, out=part)
            np.add(after[2:], part, out=after[2:])
            np.multiply(after, seen, out=after)
            before, after = after, before
        np.add(before[-1:], before[-2:-1], out=out)
        np.multiply(out, np.float32(rest), out=out)

    def wipe(self) -> None:
        """Zero everything."""
        wipe(
            self._seen, self._marks, self._ways, self._part, self._twin, self._has_twin, self._may_follow,
            self._differs, self._repeats,
        )  # fmt: skip

    def _see(self, chances: NDArray[np.float32], codes: NDArray[np.intp]) -> None:
        """Set out, column by column, how likely the blank and each character of the text are."""
        count = len(codes)
        seen = self._seen[:, : 2 * count + 1]
        marks = self._marks.reshape(-1)[: len(chances) * count].reshape(-1, count)
        np.copyto(seen[:, 0::2], chances[:, :1])
        np.take(_TWIN, codes, out=self._twin[:count], mode="clip")
        np.take(_HAS_TWIN, codes, out=self._has_twin[:count], mode="clip")
        np.take(chances, self._twin[:count], axis=1, out=marks, mode="clip")
        np.multiply(marks, self._has_twin[:count], out=seen[:, 1::2])
        np.take(chances, codes, axis=1, out=marks, mode="clip")
        np.add(seen[:, 1::2], marks, out=seen[:, 1::2])

    def _rule(self, codes: NDArray[np.intp]) -> None:
        """Note which characters may follow the one before without a blank: those that differ from it."""
        count = len(codes)
        differs, repeats = self._differs[: count - 1], self._repeats[: count - 1]
        np.not_equal(codes[1:], codes[:-1], out=differs)
        np.not_equal(codes[1:], self._twin[: count - 1], out=repeats)
        np.logical_and(differs, repeats, out=differs)
        self._may_follow.fill(0)
        np.copyto(self._may_follow[3 : 2 * count + 1 : 2], differs)
