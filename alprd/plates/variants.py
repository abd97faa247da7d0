"""The texts that a camera takes for a fused read: it, and what lookalikes make of it. Numeric, locked.

`KEYS` texts in this order: the read itself; the read with one character changed to a lookalike, by place;
and the read with two changed, of the `DOUBTFUL` likeliest changes each two. A lookalike that fewer frames
than the rule asks for could have read has no odds. Where there is no further lookalike, and for two changes
at one place, the read itself stands again, without odds.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import CODES, MAX_CHARACTERS
from alprd.plates.lookalikes import LOOKALIKES, MOST
from alprd.plates.normal import WEIGHTS

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from alprd.plates.vote import FusedRead

DOUBTFUL: Final = 8

_LETTERS: Final = CODES - 1
_SLOTS: Final = MAX_CHARACTERS * MOST
_SINGLES: Final = slice(1, 1 + _SLOTS)
_PAIRS: Final = np.array(list(itertools.combinations(range(DOUBTFUL), 2)), np.intp).T.copy()
KEYS: Final = 1 + _SLOTS + _PAIRS.shape[1]
_BLOCK_BYTES: Final = 1 << 12
_PLACE_WEIGHTS: Final = WEIGHTS[:, None]
_FIRST_CELLS: Final = np.arange(MAX_CHARACTERS, dtype=np.intp)[:, None] * _LETTERS
# Of each code, for each of its lookalikes: what is added to it, where it stands in a row of odds, and if
# there is one.
_ARE_NONE: Final = LOOKALIKES == 0
_STEPS: Final = (
    np.where(_ARE_NONE, 0, LOOKALIKES - np.arange(CODES)[:, None]).astype(np.int64).view(np.uint64)
)
_COLUMNS: Final = np.where(_ARE_NONE, 0, LOOKALIKES.astype(np.intp) - 1)
_SLOT_NUMBERS: Final = np.arange(_SLOTS, dtype=np.int64)
_SLOT_BITS: Final = np.int64(8)
_SLOT_MASK: Final = np.int64(2**8 - 1)


class Variants:
    """Locked memory for the texts of one read at a time; `wipe` zeroes it. ``keys`` are packed plates."""

    def __init__(self) -> None:
        shape = (MAX_CHARACTERS, MOST)
        # One locked block for all of it, so that one call wipes it.
        self._block: NDArray[np.uint8] = locked_array(_BLOCK_BYTES, np.uint8)
        self._taken = 0
        self.keys: NDArray[np.uint64] = self._part(KEYS, np.uint64)
        self._digits: NDArray[np.uint64] = self._part(MAX_CHARACTERS, np.uint64)
        self._changes: NDArray[np.uint64] = self._part(shape, np.uint64)
        self._pair_changes: NDArray[np.uint64] = self._part(_PAIRS.shape, np.uint64)
        self._codes: NDArray[np.intp] = self._part(MAX_CHARACTERS, np.intp)
        self._cells: NDArray[np.intp] = self._part(shape, np.intp)
        self._ranks: NDArray[np.int64] = self._part(_SLOTS, np.int64)
        self._top: NDArray[np.int64] = self._part(DOUBTFUL, np.int64)
        self._pairs: NDArray[np.int64] = self._part(_PAIRS.shape, np.int64)
        self._pair_places: NDArray[np.int64] = self._part(_PAIRS.shape, np.int64)
        self.odds: NDArray[np.float32] = self._part(KEYS, np.float32)
        self._slot_odds: NDArray[np.float32] = self._part(shape, np.float32)
        self._pair_odds: NDArray[np.float32] = self._part(_PAIRS.shape, np.float32)
        self._backings: NDArray[np.uint16] = self._part(shape, np.uint16)
        self._alike: NDArray[np.uint8] = self._part(shape, np.uint8)
        self._is_none: NDArray[np.bool_] = self._part(shape, np.bool_)
        self._is_weak: NDArray[np.bool_] = self._part(shape, np.bool_)
        self._is_one_place: NDArray[np.bool_] = self._part(_PAIRS.shape[1], np.bool_)

    def of(self, read: FusedRead, votes: int, *, with_all: bool) -> int:
        """Fill ``keys`` and ``odds`` for ``read``, whose own odds are 1; return how many texts that are.

        Those with one change are left out where none has odds and ``with_all`` is not asked for, those
        with two where fewer than two have. `wipe` comes before the next read.
        """
        length = int(read.length[0])
        # copyto casts straight into place; a ufunc or an index of another type would go through heap memory.
        np.copyto(self._codes[:length], read.codes[:length])
        np.copyto(self._digits[:length], read.codes[:length])
        np.multiply(self._digits, WEIGHTS, out=self._digits)
        np.add.reduce(self._digits, keepdims=True, out=self.keys[:1])
        self._find_odds(read, votes)
        changes = np.count_nonzero(self._slot_odds)
        if changes == 0 and not with_all:
            return 1
        _STEPS.take(self._codes, axis=0, mode="clip", out=self._changes)
        np.multiply(self._changes, _PLACE_WEIGHTS, out=self._changes)
        np.add(self._changes.reshape(-1), self.keys[:1], out=self.keys[_SINGLES])
        if changes < 2:  # noqa: PLR2004 - a pair
            return 1 + _SLOTS
        self._find_pairs()
        return KEYS

    def codes_of(self, number: int, codes: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        """Write text ``number`` of the read with ``codes`` into ``out`` (10,)."""
        LOOKALIKES.take(self._codes, axis=0, mode="clip", out=self._alike)
        np.copyto(out, codes)
        first = number - 1 - _SLOTS
        slots = (number - 1,) if first < 0 else (int(slot) for slot in self._pairs[:, first])
        for slot in slots if number else ():
            place, which = divmod(slot, MOST)
            out[place : place + 1] = self._alike[place, which : which + 1]

    def nearest(self, read: FusedRead, is_listed: NDArray[np.bool_]) -> float:
        """Return the highest odds that the vote gives a text with one change, of those that ``is_listed``."""
        np.take(read.odds.reshape(-1), self._cells, mode="clip", out=self._slot_odds)
        np.copyto(self._slot_odds, np.float32(0), where=self._is_none)
        np.multiply(self._slot_odds.reshape(-1), is_listed[_SINGLES], out=self._slot_odds.reshape(-1))
        return float(self._slot_odds.max())

    def wipe(self) -> None:
        """Zero everything."""
        wipe(self._block)

    def _part(self, shape: int | tuple[int, ...], kind: DTypeLike) -> NDArray[Any]:
        """Return the next part of the block."""
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        part = self._block[self._taken : self._taken + size].view(kind).reshape(shape)
        self._taken += size
        return part

    def _find_odds(self, read: FusedRead, votes: int) -> None:
        """Fill the odds of the read and of those with one change."""
        cells, odds = self._cells, self._slot_odds
        _ARE_NONE.take(self._codes, axis=0, mode="clip", out=self._is_none)
        _COLUMNS.take(self._codes, axis=0, mode="clip", out=cells)
        np.add(cells, _FIRST_CELLS, out=cells)
        np.take(read.others.reshape(-1), cells, mode="clip", out=odds)
        np.take(read.backings.reshape(-1), cells, mode="clip", out=self._backings)
        np.less(self._backings, np.uint16(votes), out=self._is_weak)
        np.logical_or(self._is_weak, self._is_none, out=self._is_weak)
        np.copyto(odds, np.float32(0), where=self._is_weak)
        self.odds[0] = 1
        np.copyto(self.odds[_SINGLES], odds.reshape(-1))

    def _find_pairs(self) -> None:
        """Fill keys and odds of the texts with two changes."""
        ranks, pairs = self._ranks, self._pairs
        np.copyto(ranks, self._slot_odds.reshape(-1).view(np.uint32))  # these sort as the odds do
        np.left_shift(ranks, _SLOT_BITS, out=ranks)
        np.bitwise_or(ranks, _SLOT_NUMBERS, out=ranks)
        ranks.sort()
        np.bitwise_and(ranks[-DOUBTFUL:], _SLOT_MASK, out=self._top)
        self._top.take(_PAIRS, mode="clip", out=pairs)
        self._changes.reshape(-1).take(pairs, mode="clip", out=self._pair_changes)
        self._slot_odds.reshape(-1).take(pairs, mode="clip", out=self._pair_odds)
        np.add.reduce(self._pair_changes, axis=0, out=self.keys[1 + _SLOTS :])
        np.add(self.keys[1 + _SLOTS :], self.keys[:1], out=self.keys[1 + _SLOTS :])
        np.floor_divide(pairs, np.int64(MOST), out=self._pair_places)
        np.equal(self._pair_places[0], self._pair_places[1], out=self._is_one_place)
        np.multiply.reduce(self._pair_odds, axis=0, out=self.odds[1 + _SLOTS :])
        np.copyto(self.odds[1 + _SLOTS :], np.float32(0), where=self._is_one_place)
        np.copyto(self.keys[1 + _SLOTS :], self.keys[:1], where=self._is_one_place)
