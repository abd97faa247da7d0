"""The search for packed plates among the tags of a body, in locked memory and in few steps.

A list's own directory has up to 120 rows or so a bucket. When a list is opened a finer one is made of it,
with some two rows a cell, so that what has to be compared with a read fills a line or two of the
processor's fast memory. Tags are spread evenly, so no cell has many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.hotlist.sodium import SipHash
from alprd.hotlist.tags import RESIDUAL_BITS
from alprd.memory import locked_array, wipe

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from alprd.hotlist.body import Body

AT_ONCE: Final = 64
"""Keys that are looked up together."""
_TAG_BITS: Final = 64
_ROWS_A_CELL: Final = 2
_BUCKETS_AT_ONCE: Final = 256
_NOWHERE: Final[NDArray[np.int64]] = np.array(2**62)
"""A row beyond every list."""
_NOT_FOUND: Final[NDArray[np.int64]] = np.array(-1)


class Lookup:
    """Finds plates in one body whose directory has ``bucket_bits``; all that it holds is locked memory.

    Every step writes into an array of its own. What a step adds or shifts by is an array too: a number would
    cost more than the step.
    """

    def __init__(self, body: Body, bucket_bits: int) -> None:
        finer = (len(body.residuals) // (_ROWS_A_CELL << bucket_bits)).bit_length()
        self._residuals = body.residuals
        self._firsts, self._width = _cells(body, finer)
        self._to_cell: NDArray[np.uint64] = np.full(AT_ONCE, _TAG_BITS - bucket_bits - finer, np.uint64)
        self._to_residual: NDArray[np.uint64] = np.full(AT_ONCE, bucket_bits, np.uint64)
        self._words: NDArray[np.uint64] = locked_array((2, AT_ONCE), np.uint64)
        self._hash = SipHash(body.tag_key, *self._words)
        # One locked block for the rest, so that one call wipes it.
        self._block: NDArray[np.uint8] = locked_array(AT_ONCE * (13 * self._width + 33), np.uint8)
        self._parts: dict[int, _Parts] = {}

    def find(self, keys: NDArray[np.uint64], out: NDArray[np.int64]) -> None:
        """Write each key's first row into ``out``, -1 where there is none; at most `AT_ONCE` keys.

        The body has rows. `wipe` comes afterwards.
        """
        count = len(keys)
        parts = self._parts.get(count)
        if parts is None:
            parts = self._parts[count] = _Parts(self._words, self._block, self._width, count)
        np.copyto(parts.words, keys)
        self._hash.run(count)
        # mode="clip" writes straight into `out=`; the default would go through the heap.
        np.right_shift(parts.tags, self._to_cell[:count], out=parts.cell)
        self._firsts.take(parts.cell_number, mode="clip", out=parts.place)
        np.copyto(parts.first, parts.place)
        self._firsts[1:].take(parts.cell_number, mode="clip", out=parts.place)
        np.copyto(parts.end, parts.place)
        np.left_shift(parts.tags, self._to_residual[:count], out=parts.cell)
        np.copyto(parts.wanted, parts.residual)
        # Rows past the cell's end may be compared too; one of them that is equal is no find.
        np.add(parts.steps, parts.first, out=parts.window)
        self._residuals.take(parts.window, mode="clip", out=parts.seen)
        np.not_equal(parts.seen, parts.wanted, out=parts.differs)
        np.copyto(parts.window, _NOWHERE, where=parts.differs)
        np.minimum.reduce(parts.window, axis=0, out=out)
        np.greater_equal(out, parts.end, out=parts.is_absent)
        np.copyto(out, _NOT_FOUND, where=parts.is_absent)

    def wipe(self) -> None:
        """Zero what a read could be told from."""
        wipe(self._words, self._block)

    def close(self) -> None:
        """Zero what the list could be told from, too."""
        self.wipe()
        wipe(self._firsts)


class _Parts:
    """Views of a lookup's memory for ``count`` keys. Where rows are compared, a key has a column."""

    def __init__(self, words: NDArray[np.uint64], block: NDArray[np.uint8], width: int, count: int) -> None:
        self._block, self._taken = block, 0
        window = (width, count)
        self.steps: NDArray[np.int64] = np.repeat(np.arange(width), count).reshape(window)
        self.words, self.tags = words[:, :count]
        self.cell: NDArray[np.uint64] = self._next(count, np.uint64)
        self.cell_number = self.cell.view(np.int64)
        self.residual = self.cell.view(np.uint32)[1::2]
        """The upper half of each word."""
        self.first: NDArray[np.int64] = self._next(count, np.int64)
        self.end: NDArray[np.int64] = self._next(count, np.int64)
        self.window: NDArray[np.int64] = self._next(window, np.int64)
        self.wanted: NDArray[np.uint32] = self._next(count, np.uint32)
        self.place: NDArray[np.uint32] = self._next(count, np.uint32)
        self.seen: NDArray[np.uint32] = self._next(window, np.uint32)
        self.differs: NDArray[np.bool_] = self._next(window, np.bool_)
        self.is_absent: NDArray[np.bool_] = self._next(count, np.bool_)

    def _next(self, shape: int | tuple[int, int], kind: DTypeLike) -> NDArray[Any]:
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        part = self._block[self._taken : self._taken + size].view(kind).reshape(shape)
        self._taken += size
        return part


def _cells(body: Body, finer: int) -> tuple[NDArray[np.uint32], int]:
    """Return the first row of each cell, and how many rows of a cell have to be compared at most.

    A cell is what a bucket and the upper ``finer`` bits of the residual name; behind the last one stands
    the number of rows.
    """
    directory = body.directory
    last = len(directory) - 1
    firsts: NDArray[np.uint32] = locked_array((last << finer) + 1, np.uint32)
    width = 1
    for first in range(0, last, _BUCKETS_AT_ONCE):
        ends = directory[first : min(first + _BUCKETS_AT_ONCE, last) + 1].astype(np.int64)
        start, buckets = int(ends[0]), len(ends) - 1
        residuals = body.residuals[start : int(ends[-1])].astype(np.int64)
        cells = np.repeat(np.arange(buckets) << finer, np.diff(ends))
        cells += residuals >> (RESIDUAL_BITS - finer)
        sizes = np.bincount(cells, minlength=buckets << finer)
        stops = np.cumsum(sizes)
        firsts[(first << finer) + 1 : ((first + buckets) << finer) + 1] = start + stops
        into = np.arange(len(cells)) - (stops - sizes)[cells]
        is_new = np.ones(len(cells), np.bool_)
        is_new[1:] = (residuals[1:] != residuals[:-1]) | (into[1:] == 0)
        width = max(width, 1 + int(into[is_new].max(initial=0)))
    return firsts, width
