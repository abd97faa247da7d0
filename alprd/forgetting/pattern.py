"""Pixels that can be recognised wherever they were left, without keeping them to compare with. Pure.

A planted picture repeats eight random bytes. Wherever it is copied, two equal eight-byte words follow each
other, and the word is one of eight rotations. The rotations stand in memory once each, never two
equal ones in a row: so what is looked for does not find itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.memory import MALLOC_FILL, locked_array, wipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD: Final = 8
MAX_FORMS: Final = 16
_LEAST_VALUES: Final = 3
_COMMON: Final = tuple(np.uint64(octet * 0x0101010101010101) for octet in (0, MALLOC_FILL, 0xFF))
"""What memory is full of: nothing, and what the allocator writes over what is freed."""
_SIGN: Final = np.uint64(0x8080808080808080)


class Pattern:
    """The forms of one planted frame: `add` learns them while it is in memory, `count` finds them after."""

    def __init__(self, block: int) -> None:
        self._rotations: NDArray[np.uint64] = locked_array(MAX_FORMS * WORD, np.uint64)
        self._known = 0
        self._equal: NDArray[np.bool_] = locked_array(block // WORD, np.bool_)
        self._other: NDArray[np.bool_] = locked_array(block // WORD, np.bool_)
        self._runs: NDArray[np.uint64] = locked_array(block // WORD, np.uint64)

    @property
    def forms(self) -> int:
        """How many forms are known."""
        return self._known

    def add(self, pixels: NDArray[np.uint8] | NDArray[np.int8]) -> bool:
        """Learn the form in which the planted picture stands in a row of ``pixels`` (at least 16).

        It is learnt with its sign bit as it is and turned. Returns False where the row does not repeat, or
        is too plain to be told from what memory holds anyway.
        """
        row = pixels.view(np.uint8)
        start = len(row) // 2 - WORD
        word, again = row[start : start + WORD], row[start + WORD : start + 2 * WORD]
        if not np.array_equal(word, again) or len(np.unique(word)) < _LEAST_VALUES:
            return False
        if self._known + 2 > MAX_FORMS:
            raise ValueError(f"a pattern has at most {MAX_FORMS} forms")
        for turn in (np.uint64(0), _SIGN):
            slot = self._rotations[self._known * WORD : (self._known + 1) * WORD]
            octets = slot.view(np.uint8).reshape(WORD, WORD)
            for place in range(WORD):
                octets[place, : WORD - place] = word[place:]
                octets[place, WORD - place :] = word[:place]
            np.bitwise_xor(slot, turn, out=slot)
            self._known += 1
        return True

    def count(self, words: NDArray[np.uint64]) -> int:
        """Return how many runs of the picture's forms, 16 bytes at least, stand in ``words``."""
        pairs = len(words) - 1
        if pairs < 1:
            return 0
        equal, other = self._equal[:pairs], self._other[:pairs]
        np.equal(words[1:], words[:-1], out=equal)
        for common in _COMMON:
            np.not_equal(words[1:], common, out=other)
            np.logical_and(equal, other, out=equal)
        places = np.flatnonzero(equal)
        count = len(places)
        if not count:
            return 0
        # Never a temporary: numpy keeps small ones aside, as they are, and the next search would find them.
        runs, found = self._runs[:count], 0
        np.take(words, places, out=runs, mode="clip")  # in mode raise it would go through a buffer
        for place in range(self._known * WORD):
            is_it = np.equal(runs, self._rotations[place], out=other[:count])
            found += int(np.count_nonzero(is_it)) if self._is_first(place) else 0
        wipe(runs)
        return found

    def _is_first(self, place: int) -> bool:
        """Return whether no rotation before ``place`` is the same word."""
        return not np.any(self._rotations[:place] == self._rotations[place])

    def wipe(self) -> None:
        """Forget every form."""
        wipe(self._rotations, self._equal, self._other, self._runs)
        self._known = 0
