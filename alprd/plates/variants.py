"""The texts that a camera takes for a fused read: it, and what lookalikes make of it. Numeric, locked.

`KEYS` texts have numbers in this order: the read itself; the read with one character changed to a lookalike,
by place; and the read with two changed, of the `DOUBTFUL` likeliest changes each two. A lookalike that fewer
frames than the rule asks for could have read has no odds. Where there is no further lookalike the read
itself has that number again, without odds; two changes at one place have none either.

Their keys stand in another order: the pairs, the read, and the single changes by falling odds. So those of
all texts that have odds, which are what a list is searched for, stand together: pairs of likelier changes
come last.
"""

from __future__ import annotations

import itertools
from functools import cache
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
_PAIRS: Final = np.array(list(itertools.combinations(range(DOUBTFUL), 2)), np.intp).T.copy()
"""Of the likeliest changes, by rising odds: those of the n likeliest ones alone come last."""
PAIRS: Final = _PAIRS.shape[1]
"""How many keys stand before the read's."""
KEYS: Final = PAIRS + 1 + _SLOTS
_SINGLES: Final = slice(1, 1 + _SLOTS)
_BLOCK_BYTES: Final = 1 << 12

# An item is a place, the number of a lookalike there and the code that it is one of, each in bits of its own.
# The first two are a slot.
_PLACE_SHIFT: Final = 8
_LOOKALIKE_SHIFT: Final = 6
_ITEMS: Final = (MAX_CHARACTERS, 1 << (_PLACE_SHIFT - _LOOKALIKE_SHIFT), 1 << _LOOKALIKE_SHIFT)
_AN_ITEM: Final = 1 << (MAX_CHARACTERS - 1).bit_length() + _PLACE_SHIFT
_PLACES: Final = np.arange(MAX_CHARACTERS)[:, None, None]


def _alike() -> NDArray[np.intp]:
    alike = np.zeros(_ITEMS[1:], np.intp)
    alike[:MOST, :CODES] = LOOKALIKES.T
    return alike


def _changes() -> NDArray[np.uint64]:
    steps = np.where(_ARE_NONE, 0, _ALIKE - np.arange(_ITEMS[2])).astype(np.int64).view(np.uint64)
    changes: NDArray[np.uint64] = WEIGHTS[_PLACES] * steps
    return changes.reshape(-1)


@cache
def _too_few(votes: int) -> NDArray[np.uint16]:
    """Return the most frames that are too few for each item; no number is enough where there is none."""
    most = np.where(_ARE_NONE, np.iinfo(np.uint16).max, votes - 1).astype(np.uint16)
    return np.broadcast_to(most, _ITEMS).reshape(-1)


def _pair_sums() -> NDArray[np.uint64]:
    sums = np.zeros((PAIRS, 1 + DOUBTFUL), np.int64)
    np.put_along_axis(sums, DOUBTFUL - _PAIRS.T, 1, axis=1)
    sums[:, 0] = -1
    return sums.view(np.uint64)


_ALIKE: Final = _alike()
_ARE_NONE: Final = _ALIKE == 0
_CHANGES: Final = _changes()
"""What a lookalike adds to the packed plate, 0 where there is none."""
_IS_ONE: Final[NDArray[np.intp]] = np.broadcast_to(np.where(_ARE_NONE, 0, _AN_ITEM), _ITEMS).reshape(-1)
"""A bit above those of an item whose lookalike there is."""
_CELLS: Final[NDArray[np.intp]] = (_PLACES * _LETTERS + np.where(_ARE_NONE, 0, _ALIKE - 1)).reshape(-1)
"""Where it stands in the odds."""
_SLOT_OF: Final[NDArray[np.intp]] = (
    (_PLACES * MOST + np.arange(_ITEMS[1])[:, None]).repeat(_ITEMS[2], axis=2).reshape(-1)
)
_FIRST_ITEMS: Final[NDArray[np.intp]] = (
    (_PLACES[:, 0] << _PLACE_SHIFT) + (np.arange(MOST) << _LOOKALIKE_SHIFT)
).astype(np.intp)
_SLOT_PLACES: Final[NDArray[np.intp]] = np.repeat(np.arange(MAX_CHARACTERS), MOST).reshape(-1, MOST)
_IS_CODE: Final[NDArray[np.bool_]] = (np.arange(256) > 0) & (np.arange(256) < CODES)
_WEIGHTS: Final = WEIGHTS.reshape(1, -1)
_PAIR_SUMS: Final = _pair_sums()
"""Adds up for each pair two texts with one change, less the read itself, which both have in them."""
# Arrays: a number would cost more than the step that it is for.
_ITEM_BITS: Final[NDArray[np.uint64]] = np.full(_SLOTS, _AN_ITEM - 1, np.uint64)
_NEXT_PLACE: Final[NDArray[np.uint32]] = np.full(PAIRS, 1 << _PLACE_SHIFT, np.uint32)
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
        self._items: NDArray[np.intp] = self._part(shape, np.intp)
        self._is_one: NDArray[np.intp] = self._part(shape, np.intp)
        self._cells: NDArray[np.intp] = self._part(shape, np.intp)
        self._falling: NDArray[np.uint64] = self._part(_SLOTS, np.uint64)
        self._slots: NDArray[np.intp] = self._part(_SLOTS, np.intp)
        self._pair_ranks: NDArray[np.uint64] = self._part(_PAIRS.shape, np.uint64)
        self.odds: NDArray[np.float32] = self._part(KEYS, np.float32)
        self._nearby: NDArray[np.float32] = self._part(shape, np.float32)
        self._apart: NDArray[np.uint32] = self._part(PAIRS, np.uint32)
        self._backings: NDArray[np.uint16] = self._part(shape, np.uint16)
        self._too_few: NDArray[np.uint16] = self._part(shape, np.uint16)
        self._alike: NDArray[np.uint8] = self._part(shape, np.uint8)
        self._is_code: NDArray[np.bool_] = self._part(MAX_CHARACTERS, np.bool_)
        self._is_weak: NDArray[np.bool_] = self._part(shape, np.bool_)
        self._is_one_place: NDArray[np.bool_] = self._part(PAIRS, np.bool_)
        # Views of these.
        self._digits = self._codes.view(np.uint64)
        self._read_key = self.keys[PAIRS : PAIRS + 1]
        self._single_keys = self.keys[PAIRS + 1 :]
        self._pair_keys = self.keys[:PAIRS]
        self._likeliest_keys = self.keys[PAIRS : PAIRS + 1 + DOUBTFUL]
        self._slot_odds = self.odds[_SINGLES].reshape(shape)
        self._of_pairs = self.odds[_SINGLES.stop :]
        self._ranks = self._items.reshape(-1).view(np.uint64)
        self._falling_ranks = self._ranks[::-1]
        self._rank_odds = self._items.view(np.float32)[:, 1::2]
        self._falling_items = self._falling.view(np.intp)
        self._likeliest = self._ranks[-DOUBTFUL:]
        self._pair_odds, self._other_odds = self._pair_ranks.view(np.float32)[:, 1::2]
        self._pair_item, self._other_item = self._pair_ranks.view(np.uint32)[:, ::2]

    def of(self, read: FusedRead, votes: int, *, with_all: bool) -> slice:
        """Fill ``keys`` for ``read``; return which of them are of texts that have odds.

        ``with_all`` adds those with one change that have none. ``odds`` of the read, which are 1, and of
        those with one change are there, too. A read that is no plate text (empty, code 0 or above 36 among
        its characters) has no keys: it could alias another plate's. `wipe` comes before the next read.
        """
        length = int(read.length[0])
        # This casts straight into place; a ufunc or an index of another type would go through heap memory.
        self._codes[:length] = read.codes[:length]
        # mode="clip" writes straight into `out=`, too.
        _IS_CODE.take(self._codes, mode="clip", out=self._is_code)
        if length == 0 or np.count_nonzero(self._is_code) < length:
            return slice(0, 0)
        # An array of one: a number would be an object of its own, whose freed memory keeps it, and an array
        # without an axis would be copied to the stack where it is added.
        _WEIGHTS.dot(self._digits, out=self._read_key)
        self._find_odds(read, votes)
        doubtful = np.count_nonzero(self._slot_odds)
        if doubtful == 0 and not with_all:
            return slice(PAIRS, PAIRS + 1)
        looked_up = doubtful
        if with_all:
            _IS_ONE.take(self._items, mode="clip", out=self._is_one)
            np.bitwise_or(self._items, self._is_one, out=self._items)
            looked_up = np.count_nonzero(self._is_one)
        # An item below the bits of its odds, which sort as these do; one without a lookalike comes last.
        self._rank_odds[...] = self._slot_odds
        self._ranks.sort()
        np.bitwise_and(self._falling_ranks, _ITEM_BITS, out=self._falling)
        _CHANGES.take(self._falling_items, mode="clip", out=self._single_keys)
        np.add(self._single_keys, self._read_key, out=self._single_keys)
        paired = min(doubtful, DOUBTFUL)
        pairs = paired * (paired - 1) // 2
        if pairs:
            _PAIR_SUMS.dot(self._likeliest_keys, out=self._pair_keys)
        return slice(PAIRS - pairs, PAIRS + 1 + looked_up)

    def weigh_pairs(self) -> NDArray[np.float32]:
        """Fill in the odds of those with two changes, and return them."""
        self._likeliest.take(_PAIRS, mode="clip", out=self._pair_ranks)
        np.multiply(self._pair_odds, self._other_odds, out=self._of_pairs)
        np.bitwise_xor(self._pair_item, self._other_item, out=self._apart)
        np.less(self._apart, _NEXT_PLACE, out=self._is_one_place)
        np.putmask(self._of_pairs, self._is_one_place, _NO_ODDS)
        return self._of_pairs

    def in_order(self, found: NDArray[np.int64], out: NDArray[np.int64]) -> None:
        """Write into ``out`` what was found for each key, ``found``, by the texts' numbers instead."""
        out[:1] = found[PAIRS : PAIRS + 1]
        _SLOT_OF.take(self._falling_items, mode="clip", out=self._slots)
        out[_SINGLES].put(self._slots, found[PAIRS + 1 :], mode="clip")
        out[_SINGLES.stop :] = found[:PAIRS]

    def codes_of(self, number: int, codes: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        """Write text ``number`` of the read with ``codes`` into ``out`` (10,)."""
        LOOKALIKES.take(self._codes, axis=0, mode="clip", out=self._alike)
        np.copyto(out, codes)
        pair = number - _SINGLES.stop
        _SLOT_OF.take(self._falling_items, mode="clip", out=self._slots)
        falling = () if pair < 0 else DOUBTFUL - 1 - _PAIRS[:, pair]
        slots = (number - 1,) if pair < 0 else (int(slot) for slot in self._slots[falling])
        for slot in slots if number else ():
            place, which = divmod(slot, MOST)
            out[place : place + 1] = self._alike[place, which : which + 1]

    def nearest(self, read: FusedRead, is_listed: NDArray[np.bool_]) -> float:
        """Return the highest odds that the vote gives a text with one change, of those that ``is_listed``."""
        read.odds.take(self._cells, mode="clip", out=self._nearby)
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

    def _find_odds(self, read: FusedRead, votes: int) -> None:
        """Fill the odds of the read and of those with one change."""
        self._codes.take(_SLOT_PLACES, mode="clip", out=self._items)
        np.add(self._items, _FIRST_ITEMS, out=self._items)
        _CELLS.take(self._items, mode="clip", out=self._cells)
        _too_few(votes).take(self._items, mode="clip", out=self._too_few)
        read.others.take(self._cells, mode="clip", out=self._slot_odds)
        read.backings.take(self._cells, mode="clip", out=self._backings)
        np.less_equal(self._backings, self._too_few, out=self._is_weak)
        np.putmask(self._slot_odds, self._is_weak, _NO_ODDS)
        self.odds[0] = 1
