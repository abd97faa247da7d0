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
_ARE_NONE: Final = LOOKALIKES == 0


def _changes() -> NDArray[np.uint64]:
    steps = np.where(_ARE_NONE, 0, LOOKALIKES - np.arange(CODES)[:, None]).astype(np.int64).view(np.uint64)
    changes: NDArray[np.uint64] = WEIGHTS[:, None, None] * steps
    return changes.reshape(-1, MOST)


def _cells() -> NDArray[np.intp]:
    columns = np.where(_ARE_NONE, 0, LOOKALIKES.astype(np.intp) - 1)
    cells: NDArray[np.intp] = np.arange(MAX_CHARACTERS)[:, None, None] * _LETTERS + columns
    return cells.reshape(-1, MOST)


def _pair_sums() -> NDArray[np.uint64]:
    sums = np.zeros((_PAIRS.shape[1], DOUBTFUL + 1), np.uint64)
    np.put_along_axis(sums, _PAIRS.T, 1, axis=1)
    sums[:, DOUBTFUL] = 1
    return sums


# A row of these is a place and a code at it; a column one of the code's lookalikes.
_FIRST_ROWS: Final = np.arange(MAX_CHARACTERS, dtype=np.intp) * CODES
_CHANGES: Final = _changes()
"""What a lookalike adds to the packed plate, 0 where there is none."""
_CELLS: Final = _cells()
"""Where it stands in the odds."""
_PAIR_SUMS: Final = _pair_sums()
"""Adds up for each pair its two changes and, as the last item, the read itself."""
_SLOT_PLACES: Final = np.repeat(np.arange(MAX_CHARACTERS), MOST)
_SLOT_NUMBERS: Final = np.arange(_SLOTS, dtype=np.uint32)
_NO_ODDS: Final[NDArray[np.float32]] = np.array(0, np.float32)


class Variants:
    """Locked memory for the texts of one read at a time; `wipe` zeroes it. ``keys`` are packed plates."""

    def __init__(self) -> None:
        shape = (MAX_CHARACTERS, MOST)
        # One locked block for all of it, so that one call wipes it.
        self._block: NDArray[np.uint8] = locked_array(_BLOCK_BYTES, np.uint8)
        self._taken = 0
        self.keys: NDArray[np.uint64] = self._part(KEYS, np.uint64)
        self._codes: NDArray[np.intp] = self._part(MAX_CHARACTERS, np.intp)
        self._weighted: NDArray[np.uint64] = self._part(MAX_CHARACTERS, np.uint64)
        self._rows: NDArray[np.intp] = self._part(MAX_CHARACTERS, np.intp)
        self._changes: NDArray[np.uint64] = self._part(shape, np.uint64)
        self._cells: NDArray[np.intp] = self._part(shape, np.intp)
        self._ranks: NDArray[np.uint64] = self._part(_SLOTS, np.uint64)
        self._top: NDArray[np.intp] = self._part(DOUBTFUL, np.intp)
        self._top_changes: NDArray[np.uint64] = self._part(DOUBTFUL + 1, np.uint64)
        self._top_places: NDArray[np.intp] = self._part(DOUBTFUL, np.intp)
        self._pair_places: NDArray[np.intp] = self._part(_PAIRS.shape, np.intp)
        self.odds: NDArray[np.float32] = self._part(KEYS, np.float32)
        self._nearby: NDArray[np.float32] = self._part(shape, np.float32)
        self._top_odds: NDArray[np.float32] = self._part(DOUBTFUL, np.float32)
        self._pair_odds: NDArray[np.float32] = self._part(_PAIRS.shape, np.float32)
        self._backings: NDArray[np.uint16] = self._part(shape, np.uint16)
        self._votes_asked: NDArray[np.uint16] = self._part((), np.uint16)
        self._alike: NDArray[np.uint8] = self._part(shape, np.uint8)
        self._is_none: NDArray[np.bool_] = self._part(shape, np.bool_)
        self._is_weak: NDArray[np.bool_] = self._part(shape, np.bool_)
        self._is_one_place: NDArray[np.bool_] = self._part(_PAIRS.shape[1], np.bool_)
        # Views of these.
        self._digits = self._codes.view(np.uint64)
        self._read_key = self.keys[:1]
        self._single_keys = self.keys[_SINGLES].reshape(shape)
        self._pair_keys = self.keys[1 + _SLOTS :]
        self._slot_odds = self.odds[_SINGLES].reshape(shape)
        self._of_pairs = self.odds[1 + _SLOTS :]
        self._rank_slots, self._rank_odds = self._ranks.view(np.uint32).reshape(-1, 2).T

    def of(self, read: FusedRead, votes: int, *, with_all: bool) -> int:
        """Fill ``keys`` and ``odds`` for ``read``, whose own odds are 1; return how many texts that are.

        Those with one change are left out where none has odds and ``with_all`` is not asked for, those
        with two where fewer than two have. `wipe` comes before the next read.
        """
        length = int(read.length[0])
        # copyto casts straight into place; a ufunc or an index of another type would go through heap memory.
        np.copyto(self._codes[:length], read.codes[:length])
        # A dot product into one number would return it as an object of its own, whose freed memory keeps it.
        np.multiply(self._digits, WEIGHTS, out=self._weighted)
        np.add.reduce(self._weighted, keepdims=True, out=self._read_key)
        np.add(self._codes, _FIRST_ROWS, out=self._rows)
        self._votes_asked[()] = votes
        self._find_odds(read)
        changes = np.count_nonzero(self._slot_odds)
        if changes == 0 and not with_all:
            return 1
        _CHANGES.take(self._rows, axis=0, mode="clip", out=self._changes)
        np.add(self._changes, self._read_key, out=self._single_keys)
        if changes < 2:  # noqa: PLR2004 - a pair
            return 1 + _SLOTS
        self._find_pairs()
        return KEYS

    def codes_of(self, number: int, codes: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        """Write text ``number`` of the read with ``codes`` into ``out`` (10,)."""
        LOOKALIKES.take(self._codes, axis=0, mode="clip", out=self._alike)
        np.copyto(out, codes)
        first = number - 1 - _SLOTS
        slots = (number - 1,) if first < 0 else (int(slot) for slot in self._top[_PAIRS[:, first]])
        for slot in slots if number else ():
            place, which = divmod(slot, MOST)
            out[place : place + 1] = self._alike[place, which : which + 1]

    def nearest(self, read: FusedRead, is_listed: NDArray[np.bool_]) -> float:
        """Return the highest odds that the vote gives a text with one change, of those that ``is_listed``."""
        read.odds.reshape(-1).take(self._cells, mode="clip", out=self._nearby)
        np.copyto(self._nearby, _NO_ODDS, where=self._is_none)
        np.multiply(self._nearby.reshape(-1), is_listed[_SINGLES], out=self._nearby.reshape(-1))
        return float(self._nearby.max())

    def wipe(self) -> None:
        """Zero everything."""
        wipe(self._block)

    def _part(self, shape: int | tuple[int, ...], kind: DTypeLike) -> NDArray[Any]:
        """Return the next part of the block."""
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        part = self._block[self._taken : self._taken + size].view(kind).reshape(shape)
        self._taken += size
        return part

    def _find_odds(self, read: FusedRead) -> None:
        """Fill the odds of the read and of those with one change."""
        _ARE_NONE.take(self._codes, axis=0, mode="clip", out=self._is_none)
        _CELLS.take(self._rows, axis=0, mode="clip", out=self._cells)
        read.others.reshape(-1).take(self._cells, mode="clip", out=self._slot_odds)
        read.backings.reshape(-1).take(self._cells, mode="clip", out=self._backings)
        np.less(self._backings, self._votes_asked, out=self._is_weak)
        np.logical_or(self._is_weak, self._is_none, out=self._is_weak)
        np.copyto(self._slot_odds, _NO_ODDS, where=self._is_weak)
        self.odds[0] = 1

    def _find_pairs(self) -> None:
        """Fill keys and odds of the texts with two changes."""
        # A slot's number below the bits of its odds, which sort as these do.
        np.copyto(self._rank_slots, _SLOT_NUMBERS)
        np.copyto(self._rank_odds, self._slot_odds.reshape(-1).view(np.uint32))
        self._ranks.sort()
        np.copyto(self._top, self._rank_slots[-DOUBTFUL:])
        self._changes.reshape(-1).take(self._top, mode="clip", out=self._top_changes[:DOUBTFUL])
        np.copyto(self._top_changes[DOUBTFUL:], self._read_key)
        _PAIR_SUMS.dot(self._top_changes, out=self._pair_keys)
        self._slot_odds.reshape(-1).take(self._top, mode="clip", out=self._top_odds)
        self._top_odds.take(_PAIRS, mode="clip", out=self._pair_odds)
        np.multiply(self._pair_odds[0], self._pair_odds[1], out=self._of_pairs)
        _SLOT_PLACES.take(self._top, mode="clip", out=self._top_places)
        self._top_places.take(_PAIRS, mode="clip", out=self._pair_places)
        np.equal(self._pair_places[0], self._pair_places[1], out=self._is_one_place)
        np.copyto(self._of_pairs, _NO_ODDS, where=self._is_one_place)
        np.copyto(self._pair_keys, self._read_key, where=self._is_one_place)
