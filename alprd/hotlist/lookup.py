"""The search for packed plates among the tags of a body, in locked memory and in few steps.

Most of what is looked up is not listed, so a filter is asked first: one word of 64 bits for each cell, which
is what the upper bits of a tag name, with some three rows a cell. Each row sets a few bits of its cell's
word, which the bits of its tag below name. A key of which one bit is not set has no row. The few others, of
which a fraction of a percent are there by chance, are compared with all rows of their bucket: it is that
comparison, and never the filter, that says what is listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.hotlist.body import bucket_groups
from alprd.hotlist.sodium import SipHash
from alprd.hotlist.tags import RESIDUAL_BITS
from alprd.memory import locked_array, wipe

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from alprd.hotlist.body import Body

AT_ONCE: Final = 64
"""Keys that are looked up together."""
_TAG_BITS: Final = 64
_ROWS_A_CELL: Final = 4
"""At most, as a mean."""
_PATTERN_BITS: Final = 16
_BITS_A_ROW: Final = 6
_WORD_BITS: Final = 64
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
"""The golden ratio: the upper bits of a number's product with it depend on all of the number's bits."""
_BUCKETS_AT_ONCE: Final = 256


class Lookup:
    """Finds plates in one body whose directory has ``bucket_bits``; all that it holds is locked memory.

    Every step writes into an array of its own.
    """

    def __init__(self, body: Body, bucket_bits: int) -> None:
        cell_bits = (len(body.residuals) // _ROWS_A_CELL).bit_length()
        self._residuals = body.residuals
        self._unset = _filter(body, bucket_bits, cell_bits)
        self._bounds: NDArray[np.int64] = locked_array((len(body.directory) - 1, 2), np.int64)
        self._bounds[:, 0] = body.directory[:-1]
        self._bounds[:, 1] = body.directory[1:]
        self._to_bucket: NDArray[np.uint64] = np.array(_TAG_BITS - bucket_bits, np.uint64)
        self._to_residual: NDArray[np.uint64] = np.array(bucket_bits, np.uint64)
        # One locked block for all of it, so that one call wipes it.
        width = _width(body)
        self._steps: NDArray[np.int64] = np.arange(width)
        questions = AT_ONCE * (5 * 8 + 1)
        self._block: NDArray[np.uint8] = locked_array(questions + 5 * 8 + 13 * width + 1, np.uint8)
        words = self._block[: 2 * 8 * AT_ONCE].view(np.uint64).reshape(2, AT_ONCE)
        self._hash = SipHash(body.tag_key, *words)
        to_cell: NDArray[np.uint64] = np.full(AT_ONCE, _TAG_BITS - cell_bits, np.uint64)
        patterns_from = _patterns_from(bucket_bits)
        self._questions = tuple(
            _Question(_Room(self._block), to_cell[:count], patterns_from) for count in range(AT_ONCE + 1)
        )
        self._bucket = _Bucket(_Room(self._block[questions:]), width)

    def find(self, keys: NDArray[np.uint64], out: NDArray[np.int64]) -> int:
        """Write each key's first row into ``out``, -1 where there is none; return how many have one.

        At most `AT_ONCE` keys; the body has rows. `wipe` comes afterwards.
        """
        count = len(keys)
        asked = self._questions[count]
        asked.words[...] = keys
        self._hash.run(count)
        np.right_shift(asked.tags, asked.to_cell, out=asked.cell)
        # mode="clip" writes straight into `out=`; the default would go through the heap.
        self._unset.take(asked.cell_number, mode="clip", out=asked.unset)
        # This casts straight into place; an index of another type would go through heap memory.
        asked.cell_number[...] = asked.pattern_number
        _PATTERNS.take(asked.cell_number, mode="clip", out=asked.pattern)
        np.bitwise_and(asked.unset, asked.pattern, out=asked.unset)
        out.fill(-1)
        if np.count_nonzero(asked.unset) == count:
            return 0
        return self._compare(asked, out)

    def wipe(self) -> None:
        """Zero what a read could be told from."""
        wipe(self._block)

    def close(self) -> None:
        """Zero what the list could be told from, too."""
        self.wipe()
        wipe(self._unset, self._bounds)

    def _compare(self, asked: _Question, out: NDArray[np.int64]) -> int:
        """Write the first rows of those that the filter lets through; return how many have one."""
        bucket, found = self._bucket, 0
        np.logical_not(asked.unset, out=asked.is_let_through)
        for place in asked.is_let_through.nonzero()[0]:
            tag = asked.tags[place : place + 1]
            np.right_shift(tag, self._to_bucket, out=bucket.word)
            self._bounds.take(bucket.number, axis=0, mode="clip", out=bucket.bounds)
            np.left_shift(tag, self._to_residual, out=bucket.word)
            np.add(self._steps, bucket.start, out=bucket.rows)
            self._residuals.take(bucket.rows, mode="clip", out=bucket.seen)
            np.not_equal(bucket.seen, bucket.residual, out=bucket.differs)
            if np.count_nonzero(bucket.differs) == len(self._steps):
                continue
            bucket.differs.argmin(keepdims=True, out=bucket.step)
            np.add(bucket.start, bucket.step, out=bucket.row)
            # Rows past the bucket's end are compared, too; one of them that is equal is no find.
            np.less(bucket.row, bucket.end, out=bucket.is_inside)
            if np.count_nonzero(bucket.is_inside):
                out[place : place + 1] = bucket.row
                found += 1
        return found


class _Room:
    """Gives out the parts of a block, one after the other."""

    def __init__(self, block: NDArray[np.uint8]) -> None:
        self._block, self._taken = block, 0

    def next(self, shape: int | tuple[int, ...], kind: DTypeLike) -> NDArray[Any]:
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        part = self._block[self._taken : self._taken + size].view(kind).reshape(shape)
        self._taken += size
        return part


class _Question:
    """Views of a lookup's memory for as many keys as ``to_cell`` has shifts."""

    def __init__(self, room: _Room, to_cell: NDArray[np.uint64], patterns_from: int) -> None:
        count = len(to_cell)
        self.to_cell = to_cell
        self.words, self.tags = room.next((2, AT_ONCE), np.uint64)[:, :count]
        self.pattern_number = self.tags.view(np.uint16)[patterns_from // _PATTERN_BITS :: 4]
        self.cell: NDArray[np.uint64] = room.next(AT_ONCE, np.uint64)[:count]
        self.cell_number = self.cell.view(np.int64)
        self.unset: NDArray[np.uint64] = room.next(AT_ONCE, np.uint64)[:count]
        self.pattern: NDArray[np.uint64] = room.next(AT_ONCE, np.uint64)[:count]
        self.is_let_through: NDArray[np.bool_] = room.next(AT_ONCE, np.bool_)[:count]


class _Bucket:
    """Views of a lookup's memory where a key is compared with ``width`` rows.

    Single values are arrays of one: one without an axis would be copied to the stack where numpy looks up
    how small a type holds it.
    """

    def __init__(self, room: _Room, width: int) -> None:
        self.word: NDArray[np.uint64] = room.next(1, np.uint64)
        self.number = self.word.view(np.int64)
        self.residual = self.word.view(np.uint32)[1:]
        """The word's upper half."""
        self.bounds: NDArray[np.int64] = room.next((1, 2), np.int64)
        self.start, self.end = self.bounds[0, :1], self.bounds[0, 1:]
        self.step: NDArray[np.int64] = room.next(1, np.int64)
        self.row: NDArray[np.int64] = room.next(1, np.int64)
        self.rows: NDArray[np.int64] = room.next(width, np.int64)
        self.seen: NDArray[np.uint32] = room.next(width, np.uint32)
        self.differs: NDArray[np.bool_] = room.next(width, np.bool_)
        self.is_inside: NDArray[np.bool_] = room.next(1, np.bool_)


def _patterns() -> NDArray[np.uint64]:
    spread = np.arange(1 << _PATTERN_BITS, dtype=np.uint64) * _SPREAD
    patterns = np.zeros(1 << _PATTERN_BITS, np.uint64)
    bits = (_WORD_BITS - 1).bit_length()
    for number in range(1, _BITS_A_ROW + 1):
        bit = spread >> np.uint64(_TAG_BITS - number * bits)
        patterns |= np.uint64(1) << (bit & np.uint64(_WORD_BITS - 1))
    patterns.setflags(write=False)
    return patterns


_PATTERNS: Final = _patterns()
"""Which bits of its cell's word a row sets, by the 16 bits of its tag that name its pattern."""


def _patterns_from(bucket_bits: int) -> int:
    """Return from which bit of a tag on its pattern's number stands: the lowest whole 16 that rows know."""
    known_from = _TAG_BITS - RESIDUAL_BITS - bucket_bits
    return -(-known_from // _PATTERN_BITS) * _PATTERN_BITS


def _filter(body: Body, bucket_bits: int, cell_bits: int) -> NDArray[np.uint64]:
    """Return the word of each cell: the bits that none of its rows sets."""
    unset: NDArray[np.uint64] = locked_array(1 << cell_bits, np.uint64)
    known_bits = bucket_bits + RESIDUAL_BITS
    to_pattern = _patterns_from(bucket_bits) - (_TAG_BITS - known_bits)
    directory = body.directory
    last = len(directory) - 1
    for first in range(0, last, _BUCKETS_AT_ONCE):
        stop = min(first + _BUCKETS_AT_ONCE, last)
        ends = directory[first : stop + 1].astype(np.int64)
        residuals = body.residuals[int(ends[0]) : int(ends[-1])]
        if len(residuals) == 0:
            continue
        buckets = np.repeat(np.arange(first, stop), np.diff(ends))
        known = (buckets << RESIDUAL_BITS) | residuals
        cells = known >> (known_bits - cell_bits)
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        patterns = _PATTERNS[known >> to_pattern & ((1 << _PATTERN_BITS) - 1)]
        unset[cells[starts]] |= np.bitwise_or.reduceat(patterns, starts)
    np.invert(unset, out=unset)
    return unset


def _width(body: Body) -> int:
    """Return how many rows of a bucket have to be compared at most to meet the first of each tag."""
    width = 1
    for start, stop, firsts, _ in bucket_groups(body.directory):
        residuals, into = body.residuals[start:stop], np.arange(start, stop) - firsts
        is_new = np.ones(len(into), np.bool_)
        is_new[1:] = (residuals[1:] != residuals[:-1]) | (into[1:] == 0)
        width = max(width, 1 + int(into[is_new].max(initial=0)))
    return width
