"""A delta: what changed in a list, and its application to the whole list in memory. Pure.

A delta is a file of the same kind that names its base: the rows that it takes out and those that it adds,
all by the base's tag key. It is applied by 256 buckets at a time, so that what stands in ordinary memory
meanwhile is small. See `alprd/docs/formats/hotlist.md`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import HotlistFormatError, HotlistTrustError
from alprd.hotlist.blob import MAX_ENTRIES, MAX_FACTS
from alprd.hotlist.body import FACT, Body, BodyShape, fact_order
from alprd.hotlist.index import HotlistIndex
from alprd.memory import locked_array, wipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BUCKETS_AT_ONCE: Final = 256
_RESIDUAL_BITS: Final = np.uint64(32)
_NUMBER_BITS: Final = np.uint64(16)
_LOW: Final = np.uint64(2**16 - 1)


def apply_delta(base: HotlistIndex, delta: HotlistIndex) -> HotlistIndex:
    """Return the list that ``delta`` makes of ``base``, in locked memory of its own.

    The result is in force as long as the delta says. It takes over both: the base's rows are wiped once they
    are merged, and its own `wipe` ends the rest. Raises `HotlistTrustError` when the delta is on another
    list, `HotlistFormatError` when it takes out what is not there or adds what is; then both stay.
    """
    _check_pair(base, delta)
    facts, base_numbers, delta_numbers = _merge_facts(base.body.facts, delta.body.facts)
    rows = len(base) - len(delta.body.removed_numbers) + len(delta)
    if not 0 <= rows <= MAX_ENTRIES:
        raise HotlistFormatError(
            f"with the delta the list has {rows} rows; at most {MAX_ENTRIES} are allowed"
        )
    shape = BodyShape(
        facts=len(facts),
        bucket_bits=base.header.shape.bucket_bits,
        rows=rows,
        removed=0,
        details=len(base.body.pointers),
    )
    data = locked_array(shape.size, "uint8")
    try:
        body = Body.over(data, shape)
        body.tag_key[:] = base.body.tag_key
        body.details_key[:] = base.body.details_key
        body.facts[:] = facts
        moved = _Merge(base.body, delta.body, body, base_numbers, delta_numbers).run()
        merged = _with_details(base, delta, body, moved)
    except BaseException:
        wipe(data)
        raise
    wipe(base.body.data)
    return merged


def _check_pair(base: HotlistIndex, delta: HotlistIndex) -> None:
    if delta.header.base != base.header.sequence:
        raise HotlistTrustError(
            f"the delta is on list {delta.header.base}; the whole list here is {base.header.sequence}"
        )
    if delta.header.shape.bucket_bits != base.header.shape.bucket_bits or not np.array_equal(
        delta.body.tag_key, base.body.tag_key
    ):
        raise HotlistTrustError("the delta does not use the tag key of the list that it is on")


def _merge_facts(
    base: NDArray[np.void], delta: NDArray[np.void]
) -> tuple[NDArray[np.void], NDArray[np.uint64], NDArray[np.uint64]]:
    """Return all facts, sorted, and the new number of each of the base's and of the delta's."""
    both = np.concatenate([base, delta])
    names = ("jurisdiction", "plate_type", "category", "priority", "flags")
    order = fact_order(both["expires"], *(both[name] for name in names))
    _, firsts, numbers = np.unique(order, return_index=True, return_inverse=True)
    if len(firsts) > MAX_FACTS:
        raise HotlistFormatError(f"with the delta the list has {len(firsts)} facts; at most {MAX_FACTS}")
    facts: NDArray[np.void] = both[firsts].astype(FACT)
    new = numbers.astype(np.uint64)
    return facts, new[: len(base)], new[len(base) :]


class _Merge:
    """Merges two sorted bodies into a third, and tells where the rows with details went."""

    def __init__(
        self,
        base: Body,
        delta: Body,
        out: Body,
        base_numbers: NDArray[np.uint64],
        delta_numbers: NDArray[np.uint64],
    ) -> None:
        self._base, self._delta, self._out = base, delta, out
        self._base_numbers, self._delta_numbers = base_numbers, delta_numbers
        self._base_moved = np.full(len(base.pointers), -1, dtype=np.int64)
        self._delta_moved = np.full(len(delta.pointers), -1, dtype=np.int64)

    def run(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Fill the third body; return the new row of each pointer of base and delta, -1 where it is gone."""
        out, last = self._out, len(self._out.directory) - 1
        place = 0
        for first in range(0, last, _BUCKETS_AT_ONCE):
            stop = min(first + _BUCKETS_AT_ONCE, last)
            keys, sizes = self._group(first, stop, place)
            if place + len(keys) > len(out.numbers):
                raise HotlistFormatError("the delta adds more than it says")
            out.residuals[place : place + len(keys)] = (keys >> _NUMBER_BITS).astype(np.uint32)
            out.numbers[place : place + len(keys)] = (keys & _LOW).astype(np.uint16)
            out.directory[first + 1 : stop + 1] = place + np.cumsum(sizes)
            place += len(keys)
        return self._base_moved, self._delta_moved

    def _group(self, first: int, stop: int, place: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return the merged keys of buckets ``first`` to ``stop`` and how many rows each bucket has."""
        base, delta = self._base, self._delta
        old = _keys(base, self._base_numbers, first, stop)
        added = _keys(delta, self._delta_numbers, first, stop)
        gone = _removed_keys(delta, self._delta_numbers, first, stop)
        at = np.searchsorted(old, gone)
        if not np.array_equal(old.take(at, mode="clip") if len(old) else old, gone):
            raise HotlistFormatError("the delta takes out a row that its base does not have")
        keep = np.ones(len(old), dtype=np.bool_)
        keep[at] = False
        both = np.concatenate([old[keep], added])
        order = np.argsort(both, kind="stable")
        keys = both[order]
        if bool((keys[:-1] == keys[1:]).any()):
            raise HotlistFormatError("the delta adds a row that its base has")
        new_place = np.empty(len(both), dtype=np.int64)
        new_place[order] = np.arange(place, place + len(both))
        kept = int(keep.sum())
        where = np.full(len(old), -1, dtype=np.int64)
        where[keep] = new_place[:kept]
        _follow(base, first, stop, where, self._base_moved)
        _follow(delta, first, stop, new_place[kept:], self._delta_moved)
        buckets = (keys >> (_NUMBER_BITS + _RESIDUAL_BITS)).astype(np.int64)
        return keys, np.bincount(buckets, minlength=stop - first)


def _keys(body: Body, numbers: NDArray[np.uint64], first: int, stop: int) -> NDArray[np.uint64]:
    """Return the rows of some buckets as bucket (from ``first``), residual and new facts number in one."""
    ends = body.directory[first : stop + 1].astype(np.int64)
    buckets = np.repeat(np.arange(stop - first, dtype=np.uint64), np.diff(ends))
    rows = slice(int(ends[0]), int(ends[-1]))
    tags = (buckets << _RESIDUAL_BITS) | body.residuals[rows]
    keys: NDArray[np.uint64] = (tags << _NUMBER_BITS) | numbers[body.numbers[rows]]
    return keys


def _removed_keys(body: Body, numbers: NDArray[np.uint64], first: int, stop: int) -> NDArray[np.uint64]:
    start, end = np.searchsorted(body.removed_buckets, [first, stop])
    rows = slice(int(start), int(end))
    tags = (body.removed_buckets[rows].astype(np.uint64) - np.uint64(first)) << _RESIDUAL_BITS
    tags |= body.removed_residuals[rows]
    keys: NDArray[np.uint64] = (tags << _NUMBER_BITS) | numbers[body.removed_numbers[rows]]
    return keys


def _follow(body: Body, first: int, stop: int, where: NDArray[np.int64], moved: NDArray[np.int64]) -> None:
    """Note in ``moved`` the new rows of those of the group's rows that have details."""
    start, end = int(body.directory[first]), int(body.directory[stop])
    pointers = slice(*np.searchsorted(body.pointers[:, 0], [start, end]).tolist())
    moved[pointers] = where[body.pointers[pointers, 0].astype(np.int64) - start]


def _with_details(
    base: HotlistIndex, delta: HotlistIndex, body: Body, moved: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> HotlistIndex:
    """Return the index over ``body``, with the pointers of both lists to their rows in it."""
    base_moved, delta_moved = moved
    stays = base_moved >= 0
    count = int(stays.sum())
    body.pointers[:count, 0] = base_moved[stays]
    body.pointers[:count, 1] = base.body.pointers[stays, 1]
    delta.body.pointers[:, 0] = delta_moved
    trimmed = replace(body, pointers=body.pointers[:count])
    shape = replace(delta.header.shape, facts=len(body.facts), rows=len(body.numbers), removed=0, details=0)
    header = replace(delta.header, shape=shape, details_bytes=0)
    return HotlistIndex(header, trimmed, base.details, delta, categories=delta.categories)
