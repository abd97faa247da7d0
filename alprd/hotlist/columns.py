"""The rows of a hotlist as six arrays, and the check of every row. Pure.

See `alprd/docs/formats/hotlist.md` for the order of the columns and what a row may hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import HotlistFormatError
from alprd.hotlist.categories import Category, Priority
from alprd.plates.alphabet import CODES, MAX_CHARACTERS
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.plates.normal import MAX_KEY

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROW_BYTES: Final = 16
_CHECKED_AT_ONCE: Final = 1 << 16
_FIRST_EXPIRES: Final = 8
_FIRST_JURISDICTION: Final = 12
_FIRST_CATEGORY: Final = 13
_FIRST_PRIORITY: Final = 14
_FIRST_FLAGS: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Six arrays of one length; row ``i`` of the list is their items ``i``."""

    plate: NDArray[np.uint64]
    expires: NDArray[np.uint32]
    jurisdiction: NDArray[np.uint8]
    category: NDArray[np.uint8]
    priority: NDArray[np.uint8]
    flags: NDArray[np.uint8]

    @classmethod
    def over(cls, body: NDArray[np.uint8], entries: int) -> Columns:
        """Return the columns as views of ``body``: uint8, 16 bytes an entry, no copy."""
        if len(body) != ROW_BYTES * entries:
            raise ValueError(f"{entries} entries take {ROW_BYTES * entries} bytes; found {len(body)}")
        return cls(
            plate=body[: _FIRST_EXPIRES * entries].view("<u8"),
            expires=body[_FIRST_EXPIRES * entries : _FIRST_JURISDICTION * entries].view("<u4"),
            jurisdiction=body[_FIRST_JURISDICTION * entries : _FIRST_CATEGORY * entries],
            category=body[_FIRST_CATEGORY * entries : _FIRST_PRIORITY * entries],
            priority=body[_FIRST_PRIORITY * entries : _FIRST_FLAGS * entries],
            flags=body[_FIRST_FLAGS * entries :],
        )

    def rows(self, start: int, stop: int) -> Columns:
        """Return rows ``start`` to ``stop`` (excluded) as views."""
        return Columns(
            plate=self.plate[start:stop],
            expires=self.expires[start:stop],
            jurisdiction=self.jurisdiction[start:stop],
            category=self.category[start:stop],
            priority=self.priority[start:stop],
            flags=self.flags[start:stop],
        )

    def __len__(self) -> int:
        return len(self.plate)


def check_rows(columns: Columns) -> None:
    """Raise `HotlistFormatError` unless every row is allowed and they are sorted, none twice.

    Works through the list in slices, so that its temporaries stay small and are soon overwritten.
    """
    for start in range(0, len(columns), _CHECKED_AT_ONCE):
        stop = min(start + _CHECKED_AT_ONCE, len(columns))
        rows = columns.rows(start, stop)
        _check_numbers(rows, start)
        _check_packing(rows, start)
        _check_order(columns.rows(max(0, start - 1), stop), max(0, start - 1))


def _check_numbers(rows: Columns, start: int) -> None:
    _refuse(rows.jurisdiction >= len(JURISDICTIONS), start, "its jurisdiction is not in the table")
    _refuse(
        (rows.category < 1) | (rows.category > len(Category)), start, "its category is not in the closed set"
    )
    _refuse((rows.priority < 1) | (rows.priority > max(Priority)), start, "its priority is not 1 to 4")
    _refuse(rows.flags != 0, start, "its reserved flags are not 0")


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


def _check_order(rows: Columns, start: int) -> None:
    before, after = rows.rows(0, len(rows) - 1), rows.rows(1, len(rows))
    same = before.plate == after.plate
    within = before.jurisdiction.astype(np.uint16) * 256 + before.category
    within_after = after.jurisdiction.astype(np.uint16) * 256 + after.category
    unsorted = (before.plate > after.plate) | (same & (within >= within_after))
    _refuse(unsorted, start + 1, "it is not sorted, or stands twice")


def _refuse(bad: NDArray[np.bool_], start: int, why: str) -> None:
    if bad.any():
        raise HotlistFormatError(f"hotlist row {start + int(bad.argmax())}: {why}")
