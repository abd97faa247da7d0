"""What the office keeps of its last whole list, sealed, to make deltas on it: rows and the tag key. Pure.

Of a row's details there is a keyed mark alone, which tells other details from the same ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.hotlist.blob import MAX_ENTRIES
from alprd.hotlist.columns import Columns
from alprd.office.documents import base64_text, bytes_of, number_of
from alprd.office.tables import Table, pack_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from alprd.office.rows import DetailTexts, Rows

_FORMAT: Final = "alprd kept base 1"
_NAMES: Final = frozenset({"sequence", "tag_key", "rows", "details"})
_COLUMNS: Final = (
    ("plate", np.uint64),
    ("expires", np.uint32),
    ("jurisdiction", np.uint8),
    ("plate_type", np.uint8),
    ("category", np.uint8),
    ("priority", np.uint8),
    ("flags", np.uint8),
)
_TAG_KEY_BYTES: Final = 16
_MARK_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Which rows have details, uint32 (d,) sorted, and the keyed mark of each, uint64 (d,)."""

    rows: NDArray[np.uint32]
    marks: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBase:
    """A whole list as the office keeps it."""

    sequence: int
    tag_key: bytes
    columns: Columns
    marks: Marks


def marks_of(details: DetailTexts, key: bytes) -> Marks:
    """Return the marks of ``details`` under ``key`` (at most 64 bytes)."""
    ends = details.ends.tolist()
    marks = np.empty(len(ends), np.uint64)
    start = 0
    for place, end in enumerate(ends):
        mark = hashlib.blake2b(details.text[start:end], digest_size=_MARK_BYTES, key=key).digest()
        marks[place] = int.from_bytes(mark, "little")
        start = end
    return Marks(rows=details.rows, marks=marks)


def changed_details(base: KeptBase, rows: Rows, key: bytes) -> list[int]:
    """Return the rows of ``rows`` whose details may be others than they are in ``base``.

    ``key`` is the one that the base's marks were made with. A row that ``base`` does not have may be among
    them: a delta brings it anyway.
    """
    new = marks_of(rows.details, key)
    before = dict(zip(_names(base.columns, base.marks.rows), base.marks.marks.tolist(), strict=True))
    changed = []
    for row, name, mark in zip(new.rows.tolist(), _names(rows, new.rows), new.marks.tolist(), strict=True):
        if before.pop(name, None) != mark:
            changed.append(row)
    # What is left had details and has none: its row, if it is still listed, is among those of its plate.
    plates = np.array([name[0] for name in before], np.uint64)
    listed = np.flatnonzero(np.isin(rows.plate, plates)).astype(np.uint32)
    changed.extend(
        row for row, name in zip(listed.tolist(), _names(rows, listed), strict=True) if name in before
    )
    return changed


def pack_base(base: KeptBase) -> Iterator[bytes | memoryview]:
    """Yield the vault's file of ``base``."""
    facts = {
        "sequence": base.sequence,
        "tag_key": base64_text(base.tag_key),
        "rows": len(base.columns),
        "details": len(base.marks.rows),
    }
    arrays: list[NDArray[Any]] = [np.asarray(getattr(base.columns, name), dtype) for name, dtype in _COLUMNS]
    return pack_table(_FORMAT, facts, [*arrays, base.marks.rows, base.marks.marks])


def read_base(content: bytearray) -> KeptBase:
    """Return the base in ``content``; its arrays are views. Raises `OfficeInputError`."""
    what = "the kept base"
    table = Table(content, _FORMAT, _NAMES, what)
    rows = min(number_of(table.facts, "rows", what), MAX_ENTRIES + 1)
    arrays: dict[str, Any] = {name: table.take(dtype, rows) for name, dtype in _COLUMNS}
    details = number_of(table.facts, "details", what)
    return KeptBase(
        sequence=number_of(table.facts, "sequence", what),
        tag_key=bytes_of(table.facts, "tag_key", _TAG_KEY_BYTES, what),
        columns=Columns(**arrays),
        marks=Marks(rows=table.take(np.uint32, details), marks=table.take(np.uint64, details)),
    )


def _names(columns: Columns | Rows, rows: NDArray[np.uint32]) -> list[tuple[int, int, int, int]]:
    """Return what tells each of ``rows`` from the others: plate, jurisdiction, plate type and category."""
    parts = (columns.plate, columns.jurisdiction, columns.plate_type, columns.category)
    return list(zip(*(part[rows].tolist() for part in parts), strict=True))
