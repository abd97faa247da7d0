"""The office's rows of a hotlist as seven arrays, and the check of every row. Pure.

This is what a list is built from, off the vehicle: it holds plates. A sealed list holds tags instead, see
`hotlist.body`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import HotlistFormatError
from alprd.hotlist.body import check_fact_fields
from alprd.hotlist.categories import CLOSED_SET
from alprd.plates.alphabet import CODES, MAX_CHARACTERS
from alprd.plates.normal import MAX_KEY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.hotlist.categories import CategoryTable

_CHECKED_AT_ONCE: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Seven arrays of one length; row ``i`` of the list is their items ``i``.

    ``plate`` is the packed plate, ``expires`` Unix seconds (0: with the list), ``flags`` bit 0: entered by
    the service itself and for its own units.
    """

    plate: NDArray[np.uint64]
    expires: NDArray[np.uint32]
    jurisdiction: NDArray[np.uint8]
    plate_type: NDArray[np.uint8]
    category: NDArray[np.uint8]
    priority: NDArray[np.uint8]
    flags: NDArray[np.uint8]

    def rows(self, which: slice | NDArray[np.int64] | NDArray[np.bool_]) -> Columns:
        """Return the rows that ``which`` picks: views for a slice, else copies."""
        return Columns(
            plate=self.plate[which],
            expires=self.expires[which],
            jurisdiction=self.jurisdiction[which],
            plate_type=self.plate_type[which],
            category=self.category[which],
            priority=self.priority[which],
            flags=self.flags[which],
        )

    def __len__(self) -> int:
        return len(self.plate)


def check_rows(columns: Columns, categories: CategoryTable = CLOSED_SET) -> None:
    """Raise `HotlistFormatError` unless every row is allowed and they are sorted, none twice.

    Sorted by plate, jurisdiction, plate type and category, and no row has all four in common with another.
    """
    for start in range(0, len(columns), _CHECKED_AT_ONCE):
        stop = min(start + _CHECKED_AT_ONCE, len(columns))
        rows = columns.rows(slice(start, stop))
        for bad, why in check_fact_fields(
            rows.jurisdiction,
            rows.plate_type,
            rows.category,
            rows.priority,
            rows.flags,
            categories=categories,
        ):
            _refuse(bad, start, why)
        _check_packing(rows, start)
        first = max(0, start - 1)
        _check_order(columns.rows(slice(first, stop)), first)


def _check_packing(rows: Columns, start: int) -> None:
    _refuse((rows.plate == 0) | (rows.plate > MAX_KEY), start, "its packed plate is out of range")
    left = rows.plate
    seen = np.zeros(len(rows), dtype=np.bool_)
    gap = np.zeros(len(rows), dtype=np.bool_)
    for _ in range(MAX_CHARACTERS):  # from the last place to the first: once a character, no more gaps
        shorter = left // np.uint64(CODES)
        filled = left != shorter * np.uint64(CODES)
        gap |= seen & ~filled
        seen |= filled
        left = shorter
    _refuse(gap, start, "its packed plate has a gap")


def within_plate(columns: Columns) -> NDArray[np.uint32]:
    """Return the number that orders the rows of one plate: jurisdiction, plate type, category."""
    order = columns.jurisdiction.astype(np.uint32) << np.uint32(16)
    order |= columns.plate_type.astype(np.uint32) << np.uint32(8)
    return order | columns.category


def _check_order(rows: Columns, start: int) -> None:
    before, after = rows.rows(slice(None, -1)), rows.rows(slice(1, None))
    same = before.plate == after.plate
    unsorted = (before.plate > after.plate) | (same & (within_plate(before) >= within_plate(after)))
    _refuse(unsorted, start + 1, "it is not sorted, or stands twice")


def _refuse(bad: NDArray[np.bool_], start: int, why: str) -> None:
    if bad.any():
        raise HotlistFormatError(f"hotlist row {start + int(bad.argmax())}: {why}")
