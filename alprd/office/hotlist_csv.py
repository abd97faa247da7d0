"""A custodian's list of plates as CSV: read strictly, every bad line told by its number.

Columns: ``plate,jurisdiction,category`` and, when needed, ``expires``. No message holds a plate.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import OfficeInputError, printable
from alprd.hotlist.blob import MAX_ENTRIES, MAX_UNIX_S
from alprd.hotlist.body import FLAG_INTERNAL
from alprd.hotlist.categories import Category
from alprd.hotlist.columns import Columns, within_plate
from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS
from alprd.plates.jurisdictions import jurisdiction_number
from alprd.plates.normal import WEIGHTS, normal_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

COLUMNS: Final = ("plate", "jurisdiction", "category", "expires")
MAX_CSV_BYTES: Final = 1 << 30
MAX_BAD_LINES: Final = 1000
"""After so many bad lines the file is given up: it is the wrong file."""

DAY_S: Final = 86_400
_AT_ONCE: Final = 1 << 16
_MAX_CACHED: Final = 100_000
_IS_NORMAL: Final = re.compile(r"[A-Z0-9]{1,10}", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SLUGS: Final = {category.slug: category for category in Category}
_CODE_OF_BYTE: Final = np.zeros(256, dtype=np.uint64)
_CODE_OF_BYTE[np.frombuffer(CHARACTERS.encode(), dtype=np.uint8)] = np.arange(1, len(CHARACTERS) + 1)

_Row = tuple[int, int, int, int]
"""Jurisdiction, category, priority, expires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRows:
    """What a CSV file lists: ``columns`` sorted and unique, and how many of ``lines`` were left out.

    Of duplicates (same plate, jurisdiction and category) the one that lasts longest is kept. ``expired``
    lines were past their date already.
    """

    columns: Columns
    lines: int
    duplicates: int
    expired: int


def read_list(
    path: Path, *, now_s: int, report: Callable[[str], None], progress: Callable[[int], None]
) -> ListRows:
    """Read the CSV file ``path`` as of ``now_s`` (Unix seconds).

    ``report`` gets each bad line's number and fault, ``progress`` the number of lines after each 65,536.
    Raises `OfficeInputError` when any line is bad, or the file is unreadable or beyond the format's
    limits.
    """
    reader = _ListReader(now_s, report)
    lines = 0
    chunks: list[Columns] = []
    for width, rows in _read_rows(path):
        chunks.append(reader.convert(rows, width))
        lines += len(rows)
        progress(lines)
    if reader.bad:
        raise OfficeInputError(
            f"{path}: {reader.bad} bad lines; nothing was built",
            hint="Correct the lines named above and run the command again.",
        )
    columns, duplicates = _sort(_join(chunks))
    if len(columns) > MAX_ENTRIES:
        raise OfficeInputError(f"{path}: {len(columns)} entries; a list has at most {MAX_ENTRIES}")
    return ListRows(columns=columns, lines=lines, duplicates=duplicates, expired=reader.expired)


def parse_expiry(text: str) -> int:
    """Return the Unix seconds from which an entry no longer matches; 0 for an empty field.

    A date counts to its end in UTC; a time is like ``2026-05-01T12:00:00Z``. Raises `ValueError`.
    """
    if not text:
        return 0
    try:
        if _DATE.fullmatch(text):
            day = dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC)
            moment = int(day.timestamp()) + DAY_S
        else:
            time = dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
            moment = int(time.timestamp())
    except ValueError:
        raise ValueError("expires is neither like 2026-05-01 nor like 2026-05-01T12:00:00Z") from None
    if not 0 < moment <= MAX_UNIX_S:
        raise ValueError("expires is not between 1970 and 2106")
    return moment


class _ListReader:
    """Turns rows of text into columns, a slice at a time, and counts what it refuses."""

    def __init__(self, now_s: int, report: Callable[[str], None]) -> None:
        self._now_s = now_s
        self._report = report
        self._known: dict[tuple[str, ...], _Row] = {}
        self.bad = 0
        self.expired = 0

    def convert(self, rows: list[tuple[int, list[str]]], width: int) -> Columns:
        """Return the good and valid ones of ``rows`` (line number, ``width`` fields) as columns."""
        plates: list[str] = []
        facts: list[_Row] = []
        for number, fields in rows:
            try:
                plate, fact = self._row(fields, width)
            except ValueError as error:
                self._refuse(number, str(error))
                continue
            if 0 < fact[3] <= self._now_s:
                self.expired += 1
                continue
            plates.append(plate)
            facts.append(fact)
        numbers = np.array(facts, dtype=np.uint32).reshape(-1, 4)
        return Columns(
            plate=_pack(plates),
            expires=numbers[:, 3],
            jurisdiction=numbers[:, 0].astype(np.uint8),
            plate_type=np.zeros(len(plates), dtype=np.uint8),
            category=numbers[:, 1].astype(np.uint8),
            priority=numbers[:, 2].astype(np.uint8),
            flags=np.where(numbers[:, 1] == Category.SUSPENDED_DRIVER_USE, FLAG_INTERNAL, 0).astype(np.uint8),
        )

    def _row(self, fields: list[str], width: int) -> tuple[str, _Row]:
        if len(fields) != width:
            raise ValueError(f"{width} fields are expected; found {len(fields)}")
        plate = fields[0]
        if _IS_NORMAL.fullmatch(plate) is None:
            plate = normal_form(plate)
        key = tuple(fields[1:])
        fact = self._known.get(key)
        if fact is None:
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
            fact = self._known[key] = self._facts(*key)
        return plate, fact

    def _facts(self, jurisdiction: str, slug: str, expires: str = "") -> _Row:
        category = _SLUGS.get(slug)
        if category is None:
            raise ValueError(f"the category {printable(slug)!r} is none of the closed set")
        moment = parse_expiry(expires)
        days = category.facts.max_days
        if days is not None and not 0 < moment <= self._now_s + days * DAY_S:
            raise ValueError(f"an entry of category {slug} must expire within {days} days")
        return jurisdiction_number(jurisdiction), category, category.facts.priority, moment

    def _refuse(self, number: int, fault: str) -> None:
        self.bad += 1
        self._report(f"line {number}: {fault}")
        if self.bad >= MAX_BAD_LINES:
            raise OfficeInputError(f"given up after {MAX_BAD_LINES} bad lines; nothing was built")


def _read_rows(path: Path) -> Iterator[tuple[int, list[tuple[int, list[str]]]]]:
    """Yield the header's width with slices of (line number, fields) after the header."""
    try:
        if path.stat().st_size > MAX_CSV_BYTES:
            raise OfficeInputError(f"{path} has more than {MAX_CSV_BYTES} bytes: it is no list")
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = tuple(next(reader, []))
            if header not in (COLUMNS, COLUMNS[:3]):
                raise OfficeInputError(f"{path}: the first line must be {','.join(COLUMNS[:3])}[,expires]")
            rows = ((reader.line_num, fields) for fields in _checked(path, reader))
            while slice_ := list(islice(rows, _AT_ONCE)):
                yield len(header), slice_
    except OSError as error:
        raise OfficeInputError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise OfficeInputError(f"{path} is not UTF-8 text") from None


def _checked(path: Path, reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise OfficeInputError(f"{path}: not well-formed CSV: {error}") from None


def _pack(plates: list[str]) -> NDArray[np.uint64]:
    """Return the packed keys of normal forms: `alprd.plates.normal.pack` for many at once."""
    text = "".join([plate.ljust(MAX_CHARACTERS, "\0") for plate in plates]).encode("ascii")
    codes = _CODE_OF_BYTE[np.frombuffer(text, dtype=np.uint8)].reshape(-1, MAX_CHARACTERS)
    keys: NDArray[np.uint64] = (codes * WEIGHTS).sum(axis=1, dtype=np.uint64)
    return keys


def _join(chunks: list[Columns]) -> Columns:
    return Columns(
        plate=np.concatenate([np.zeros(0, np.uint64), *(chunk.plate for chunk in chunks)]),
        expires=np.concatenate([np.zeros(0, np.uint32), *(chunk.expires for chunk in chunks)]),
        jurisdiction=np.concatenate([np.zeros(0, np.uint8), *(chunk.jurisdiction for chunk in chunks)]),
        plate_type=np.concatenate([np.zeros(0, np.uint8), *(chunk.plate_type for chunk in chunks)]),
        category=np.concatenate([np.zeros(0, np.uint8), *(chunk.category for chunk in chunks)]),
        priority=np.concatenate([np.zeros(0, np.uint8), *(chunk.priority for chunk in chunks)]),
        flags=np.concatenate([np.zeros(0, np.uint8), *(chunk.flags for chunk in chunks)]),
    )


def _sort(columns: Columns) -> tuple[Columns, int]:
    """Return the columns sorted, of duplicates the longest lasting, and how many were dropped."""
    # 0 lasts as long as the list: minus one, it wraps to the largest number. Inverted, it sorts first.
    shortness = ~(columns.expires - np.uint32(1))
    within = within_plate(columns)
    order = np.lexsort((shortness, within, columns.plate))
    plate, within = columns.plate[order], within[order]
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = (plate[1:] != plate[:-1]) | (within[1:] != within[:-1])
    kept = order[is_first]
    unique = columns.rows(kept)
    return unique, len(order) - len(kept)
