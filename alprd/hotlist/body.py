"""The plain body of a hotlist: its parts as views of one array, and the check of all of them. Pure.

See `alprd/docs/formats/hotlist.md` for the parts and what they may hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import HotlistFormatError
from alprd.hotlist.categories import CLOSED_SET, Category, Priority
from alprd.hotlist.plate_types import PLATE_TYPES
from alprd.hotlist.sodium import KEY_BYTES, SIP_KEY_BYTES
from alprd.plates.jurisdictions import JURISDICTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from alprd.hotlist.categories import CategoryTable

FACT_BYTES: Final = 12
FACT: Final = np.dtype(
    {
        "names": ["expires", "jurisdiction", "plate_type", "category", "priority", "flags", "reserved"],
        "formats": ["<u4", "u1", "u1", "u1", "u1", "u1", ("u1", (3,))],
    }
)
"""One row of the facts table: 12 bytes."""
DIRECTORY_ENTRY_BYTES: Final = 4
RESIDUAL_BYTES: Final = 4
POINTER_BYTES: Final = 8
NUMBER_BYTES: Final = 2
PLACE_BYTES: Final = 16
"""The unit in which a detail pointer's place is counted."""
MAX_BUCKET_ROWS: Final = 4096
FLAG_INTERNAL: Final = 1
FLAG_CANARY: Final = 4
"""The plate is no vehicle's: read, it makes a self-test record and no alert."""
_DAY_S: Final = 86_400
MAX_INTERNAL_S: Final = 30 * _DAY_S
"""The longest that a plate in use by a suspended driver may stay listed after the list was made."""

_UNKNOWN: Final = "its category is not in the closed set, nor in a category record in force"
_RECORD_HINT: Final = (
    "Install the office's newest category record with `alprctl category install FILE` first."
)
_PART_BITS: Final = (8, 8, 8, 4, 4)
_BUCKETS_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyShape:
    """How many of each there are in a body; `size` is what they take together."""

    facts: int
    bucket_bits: int
    rows: int
    removed: int
    details: int

    @property
    def size(self) -> int:
        """Bytes of the plain body."""
        directory = DIRECTORY_ENTRY_BYTES * ((1 << self.bucket_bits) + 1)
        rows = (RESIDUAL_BYTES + NUMBER_BYTES) * self.rows
        removed = (RESIDUAL_BYTES + 2 * NUMBER_BYTES) * self.removed
        keys = SIP_KEY_BYTES + KEY_BYTES
        return keys + FACT_BYTES * self.facts + directory + rows + removed + POINTER_BYTES * self.details


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The parts of a plain body, views of ``data``.

    ``facts`` has the fields of `FACT`; ``pointers`` is (D, 2): row and place; the rest is one item a row.
    """

    data: NDArray[np.uint8]
    tag_key: NDArray[np.uint8]
    details_key: NDArray[np.uint8]
    facts: NDArray[np.void]
    directory: NDArray[np.uint32]
    residuals: NDArray[np.uint32]
    removed_residuals: NDArray[np.uint32]
    pointers: NDArray[np.uint32]
    numbers: NDArray[np.uint16]
    removed_buckets: NDArray[np.uint16]
    removed_numbers: NDArray[np.uint16]

    @classmethod
    def over(cls, data: NDArray[np.uint8], shape: BodyShape) -> Body:
        """Return the parts of ``data``: uint8, 4-byte aligned, of the shape's size. No copy."""
        if len(data) != shape.size:
            raise ValueError(f"a body of this shape has {shape.size} bytes; found {len(data)}")
        place = 0

        def take(size: int) -> NDArray[np.uint8]:
            nonlocal place
            place += size
            return data[place - size : place]

        return cls(
            data=data,
            tag_key=take(SIP_KEY_BYTES),
            details_key=take(KEY_BYTES),
            facts=take(FACT_BYTES * shape.facts).view(FACT),
            directory=take(DIRECTORY_ENTRY_BYTES * ((1 << shape.bucket_bits) + 1)).view("<u4"),
            residuals=take(RESIDUAL_BYTES * shape.rows).view("<u4"),
            removed_residuals=take(RESIDUAL_BYTES * shape.removed).view("<u4"),
            pointers=take(POINTER_BYTES * shape.details).view("<u4").reshape(-1, 2),
            numbers=take(NUMBER_BYTES * shape.rows).view("<u2"),
            removed_buckets=take(NUMBER_BYTES * shape.removed).view("<u2"),
            removed_numbers=take(NUMBER_BYTES * shape.removed).view("<u2"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a row says beside its plate: see `FACT`. ``expires`` 0: with the list."""

    expires: int
    jurisdiction: int
    plate_type: int
    category: int
    priority: int
    flags: int

    @classmethod
    def of(cls, facts: NDArray[np.void], number: int) -> Facts:
        """Return row ``number`` of a facts table."""
        row = facts[number]
        return cls(
            expires=int(row["expires"]),
            jurisdiction=int(row["jurisdiction"]),
            plate_type=int(row["plate_type"]),
            category=int(row["category"]),
            priority=int(row["priority"]),
            flags=int(row["flags"]),
        )


def check_fact_fields(
    jurisdiction: NDArray[np.uint8],
    plate_type: NDArray[np.uint8],
    category: NDArray[np.uint8],
    priority: NDArray[np.uint8],
    flags: NDArray[np.uint8],
    *,
    categories: CategoryTable,
) -> Iterator[tuple[NDArray[np.bool_], str]]:
    """Yield which of the given rows break a rule, and the rule's words, rule by rule."""
    known, priorities = _tables(categories)
    yield jurisdiction >= len(JURISDICTIONS), "its jurisdiction is not in the table"
    yield plate_type >= len(PLATE_TYPES), "its plate type is not in the table"
    is_canary = flags & np.uint8(FLAG_CANARY) != 0
    yield ~known[category] & ~is_canary, _UNKNOWN
    yield is_canary & (category != 0), "a canary is in no category"
    yield is_canary & (priority != Priority.ADMINISTRATIVE), "a canary's priority is the lowest"
    yield (priority < 1) | (priority > max(Priority)), "its priority is not 1 to 4"
    fixed = priorities[category]
    yield (fixed > 0) & (priority != fixed), "its priority is not the one of the category record"
    yield flags & ~np.uint8(FLAG_INTERNAL | FLAG_CANARY) != 0, "its reserved flags are not 0"


def _tables(categories: CategoryTable) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """Return by category number whether it is known, and the priority that an added one has, else 0."""
    known, priorities = np.zeros(256, np.bool_), np.zeros(256, np.uint8)
    known[list(categories.numbers)] = True
    for one in categories.added:
        priorities[one.number] = one.facts.priority
    return known, priorities


def fact_order(expires: NDArray[np.uint32], *parts: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the facts of rows as one number each, equal and sorted as the facts are; for allowed rows.

    ``parts`` are jurisdiction, plate type, category, priority and flags.
    """
    order = expires.astype(np.uint64)
    for part, bits in zip(parts, _PART_BITS, strict=True):
        order <<= np.uint64(bits)
        order |= part
    return order


def check_body(
    body: Body, *, created: int, details_bytes: int, categories: CategoryTable = CLOSED_SET
) -> None:
    """Raise `HotlistFormatError` unless every part of ``body`` is allowed (check 9 of the document).

    ``categories`` are those that may be listed.
    """
    _check_facts(body.facts, created, categories)
    _check_directory(body.directory, len(body.residuals))
    _check_rows(body)
    _check_removed(body)
    _check_pointers(body, details_bytes)


def bucket_groups(
    directory: NDArray[np.uint32],
) -> Iterator[tuple[int, int, NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the rows of 256 buckets at a time: first row, end, and each row's bucket's first row and end."""
    last = len(directory) - 1
    for first in range(0, last, _BUCKETS_AT_ONCE):
        ends = directory[first : min(first + _BUCKETS_AT_ONCE, last) + 1].astype(np.int64)
        sizes = np.diff(ends)
        yield int(ends[0]), int(ends[-1]), np.repeat(ends[:-1], sizes), np.repeat(ends[1:], sizes)


def _check_facts(facts: NDArray[np.void], created: int, categories: CategoryTable) -> None:
    fields = (
        facts["jurisdiction"],
        facts["plate_type"],
        facts["category"],
        facts["priority"],
        facts["flags"],
    )
    for bad, why in check_fact_fields(*fields, categories=categories):
        _refuse(bad, 0, "facts", why, _RECORD_HINT if why == _UNKNOWN else None)
    _refuse(facts["reserved"].any(axis=1), 0, "facts", "its reserved bytes are not 0")
    order = fact_order(facts["expires"], *fields)
    _refuse(order[:-1] >= order[1:], 1, "facts", "it is not sorted, or stands twice")
    expires = facts["expires"].astype(np.int64)
    is_short = facts["category"] == Category.SUSPENDED_DRIVER_USE
    lasts = (expires == 0) | (expires > created + MAX_INTERNAL_S)
    _refuse(
        is_short & lasts, 0, "facts", "a plate in use by a suspended driver is listed for 30 days at most"
    )
    for one in categories.added:
        days = one.facts.max_days or 0
        lasts = (expires == 0) | (expires > created + days * _DAY_S)
        _refuse(
            (facts["category"] == one.number) & lasts, 0, "facts",
            f"an entry of {one.slug} is listed for {days} days at most",
        )  # fmt: skip
    shared = facts["flags"] & FLAG_INTERNAL == 0
    _refuse(is_short & shared, 0, "facts", "a plate in use by a suspended driver is listed internally alone")


def _check_directory(directory: NDArray[np.uint32], rows: int) -> None:
    sizes = np.diff(directory.astype(np.int64))
    if directory[0] != 0 or directory[-1] != rows or bool((sizes < 0).any()):
        raise HotlistFormatError("the hotlist's bucket directory does not rise from 0 to its rows")
    if bool((sizes > MAX_BUCKET_ROWS).any()):
        raise HotlistFormatError(f"a bucket of the hotlist has more than {MAX_BUCKET_ROWS} rows")


def _check_rows(body: Body) -> None:
    for start, stop, firsts, _ in bucket_groups(body.directory):
        numbers = body.numbers[start:stop]
        _refuse(numbers >= len(body.facts), start, "row", "its facts are not in the table")
        order = (body.residuals[start:stop].astype(np.uint64) << np.uint64(16)) | numbers
        unsorted = (order[:-1] >= order[1:]) & (firsts[:-1] == firsts[1:])
        _refuse(unsorted, start + 1, "row", "it is not sorted, or stands twice")


def _check_removed(body: Body) -> None:
    _refuse(body.removed_numbers >= len(body.facts), 0, "removed row", "its facts are not in the table")
    _refuse(body.removed_buckets >= len(body.directory) - 1, 0, "removed row", "its bucket is not there")
    tags = (body.removed_buckets.astype(np.uint64) << np.uint64(32)) | body.removed_residuals
    same = tags[:-1] == tags[1:]
    unsorted = (tags[:-1] > tags[1:]) | (same & (body.removed_numbers[:-1] >= body.removed_numbers[1:]))
    _refuse(unsorted, 1, "removed row", "it is not sorted, or stands twice")


def _check_pointers(body: Body, details_bytes: int) -> None:
    rows, places = body.pointers[:, 0], body.pointers[:, 1]
    _refuse(rows >= len(body.residuals), 0, "pointer", "its row is not there")
    _refuse(rows[:-1] >= rows[1:], 1, "pointer", "it is not sorted, or stands twice")
    _refuse(places[:-1] >= places[1:], 1, "pointer", "its place is not after the last one's")
    _refuse(places.astype(np.int64) * PLACE_BYTES >= details_bytes, 0, "pointer", "its place is not there")
    short = np.flatnonzero(body.facts["category"] == Category.SUSPENDED_DRIVER_USE)
    if len(short) == 0:
        return
    for start, stop, _, _ in bucket_groups(body.directory):
        described = np.zeros(stop - start, dtype=np.bool_)
        described[rows[(rows >= start) & (rows < stop)].astype(np.int64) - start] = True
        bare = np.isin(body.numbers[start:stop], short) & ~described
        _refuse(bare, start, "row", "a plate in use by a suspended driver is listed with a description")


def _refuse(bad: NDArray[np.bool_], start: int, noun: str, why: str, hint: str | None = None) -> None:
    if bad.any():
        raise HotlistFormatError(f"hotlist {noun} {start + int(bad.argmax())}: {why}", hint=hint)
