"""A source's lines, turned into rows by its mapping: strictly, each bad line with its number and fault. Pure.

No fault holds a plate or any other text of the line.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from alprd.errors import OfficeInputError
from alprd.hotlist.blob import MAX_UNIX_S
from alprd.hotlist.categories import CLOSED_SET, Category, Source
from alprd.office.entries import DAY_S, MAX_LINE, manual_days
from alprd.office.feed_form import DETAILS, MAX_LINE_BYTES, NEEDED, Cut, FeedForm
from alprd.office.plate_check import is_placeholder, outside_grammar
from alprd.office.rows import DOUBTFUL, Details, DetailTexts, Rows, join, sort_unique
from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS
from alprd.plates.normal import WEIGHTS, normal_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from alprd.hotlist.categories import CategoryTable

MAX_BAD: Final = 10_000
"""After so many bad lines the file is given up: it is the wrong file, or the wrong mapping."""
MAX_TOLD: Final = 1000
"""So many plates outside their issuer's formats are told by their line numbers; the rest is counted."""

_IS_NORMAL: Final = re.compile(r"[A-Z0-9]{1,10}", re.ASCII)
_MAX_CACHED: Final = 100_000
_MAX_YEAR_DIGITS: Final = 4
_CODE_OF_BYTE: Final = np.zeros(256, np.uint64)
_CODE_OF_BYTE[np.frombuffer(CHARACTERS.encode(), np.uint8)] = np.arange(1, len(CHARACTERS) + 1)
_YEAR: Final = DETAILS.index("year")


class Fact(NamedTuple):
    """What a line's codes and date mean."""

    jurisdiction: int
    category: int
    plate_type: int
    expires: int


class BadLine(NamedTuple):
    """A line that was not taken: its number from 1, what is wrong, and the line itself."""

    number: int
    fault: str
    line: bytes


@dataclass(slots=True)
class Lines:
    """What became of a feed's lines. ``rows`` is sorted and unique; ``outside`` are line numbers."""

    rows: Rows
    lines: int = 0
    bad: list[BadLine] = field(default_factory=list)
    duplicates: int = 0
    expired: int = 0
    doubtful: int = 0
    outside: list[int] = field(default_factory=list)


def read_lines(
    blocks: Iterable[bytes],
    form: FeedForm,
    *,
    allowed: frozenset[int],
    now_s: int,
    progress: Callable[[int], None],
    categories: CategoryTable = CLOSED_SET,
) -> Lines:
    """Read a feed that comes in ``blocks`` of any size, as of ``now_s`` (Unix seconds).

    A line of another category than the ``allowed`` ones is bad. Raises `OfficeInputError` when the header
    lacks a column, a line has no end, or after `MAX_BAD` bad lines.
    """
    reader = _Reader(form, allowed, now_s, categories)
    parts = []
    for lines in split_lines(blocks):
        parts.append(reader.convert(lines))
        progress(reader.found.lines)
    if reader.found.lines == 0:
        raise OfficeInputError("the feed is empty")
    reader.found.bad.sort()
    reader.found.rows, reader.found.duplicates = sort_unique(join(parts))
    return reader.found


def split_lines(blocks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield the lines of each block without their ends. Raises `OfficeInputError` for one without end."""
    rest = b""
    for block in blocks:
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        if len(rest) > 1 << 20:
            raise OfficeInputError("a line has more than a million bytes: it is no feed")
        if lines:
            yield lines
    if rest:
        yield [rest]


class _Reader:
    """Turns lines into rows, a slice at a time."""

    def __init__(
        self, form: FeedForm, allowed: frozenset[int], now_s: int, categories: CategoryTable
    ) -> None:
        self._categories = categories
        self._form = form
        self._allowed = allowed
        self._now_s = now_s
        self._latest = now_s + form.valid_days * DAY_S
        self._known: dict[tuple[str, ...], Fact] = {}
        self._width = 0
        self._places: dict[str, int] = {}
        self._header_due = form.cut is Cut.CSV and form.header
        if form.cut is Cut.CSV and not form.header:
            self._places = {name: int(str(place)) - 1 for name, place in form.columns.items()}
        elif form.cut is Cut.FIXED:
            self._spans = [place for place in form.columns.values() if isinstance(place, tuple)]
            self._places = {name: number for number, name in enumerate(form.columns)}
        self._details = [self._places.get(name) for name in DETAILS]
        self.found = Lines(join([]))

    def convert(self, lines: list[bytes]) -> Rows:
        """Return the good lines of ``lines`` as rows, and count the others."""
        plates: list[str] = []
        facts: list[Fact] = []
        numbers: list[int] = []
        details: list[tuple[int, bytes]] = []
        first = self.found.lines + 1
        self.found.lines += len(lines)
        for number, fields in self._cut(lines, first):
            try:
                plate, fact = self._row(fields)
                if fact.expires <= self._now_s:
                    self.found.expired += 1
                    continue
                packed = self._pack_details(fields, fact)
            except ValueError as error:
                self._refuse(number, str(error), lines[number - first])
                continue
            if packed:
                details.append((len(plates), packed))
            plates.append(plate)
            facts.append(fact)
            numbers.append(number)
        return self._checked(_rows(plates, facts, details), numbers, lines, first)

    def _cut(self, lines: list[bytes], first: int) -> Iterator[tuple[int, list[str]]]:
        """Yield each well-formed line's number and fields; refuse the others."""
        start = 0
        if self._header_due:
            self._read_header(lines[0])
            self._header_due, start = False, 1
        if self._form.cut is Cut.CSV and (rows := self._cut_at_once(lines[start:])) is not None:
            yield from enumerate(rows, first + start)
            return
        for number, line in enumerate(lines[start:], first + start):
            try:
                yield number, self._cut_one(line)
            except ValueError as error:
                self._refuse(number, str(error), line)

    def _cut_at_once(self, lines: list[bytes]) -> list[list[str]] | None:
        """Return the fields of all lines, None when any of them needs a closer look."""
        try:
            text = b"\n".join(lines).decode(self._form.encoding)
            rows = list(csv.reader(text.split("\n"), delimiter=self._form.delimiter, strict=True))
        except (UnicodeDecodeError, csv.Error):
            return None
        if rows and not self._width:
            self._width = len(rows[0])
        if len(rows) != len(lines) or any(len(row) != self._width for row in rows):
            return None
        return rows if max(map(len, lines), default=0) <= MAX_LINE_BYTES else None

    def _cut_one(self, line: bytes) -> list[str]:
        line = line.removesuffix(b"\r")
        if len(line) > MAX_LINE_BYTES:
            raise ValueError(f"it has more than {MAX_LINE_BYTES} bytes")
        try:
            text = line.decode(self._form.encoding)
        except UnicodeDecodeError:
            raise ValueError(f"it is not {self._form.encoding} text") from None
        if not text.strip():
            raise ValueError("it is empty")
        if self._form.cut is Cut.FIXED:
            last = max(last for _first, last in self._spans)
            if len(text) < last:
                raise ValueError(f"{last} positions are expected; found {len(text)}")
            return [text[first - 1 : last] for first, last in self._spans]
        try:
            rows = list(csv.reader([text], delimiter=self._form.delimiter, strict=True))
        except csv.Error:
            raise ValueError("it is not well-formed CSV") from None
        self._width = self._width or len(rows[0])
        if len(rows[0]) != self._width:
            raise ValueError(f"{self._width} fields are expected; found {len(rows[0])}")
        return rows[0]

    def _read_header(self, line: bytes) -> None:
        try:
            text = line.removeprefix(b"\xef\xbb\xbf").decode(self._form.encoding).removesuffix("\r")
            names = next(csv.reader([text], delimiter=self._form.delimiter, strict=True), [])
        except (UnicodeDecodeError, csv.Error):
            raise OfficeInputError("the feed's first line is no header in CSV") from None
        for name, column in self._form.columns.items():
            if names.count(str(column)) != 1:
                raise OfficeInputError(
                    f"the feed's first line does not name the column for {name} once",
                    hint="Compare the mapping file's columns with the feed's first line.",
                )
            self._places[name] = names.index(str(column))
        self._width = len(names)
        self._details = [self._places.get(name) for name in DETAILS]

    def _row(self, fields: list[str]) -> tuple[str, Fact]:
        places = self._places
        try:
            key = tuple(
                fields[places[name]] if name in places else ""
                for name in (*NEEDED[1:], "plate_type", "expires")
            )
            plate = fields[places["plate"]].strip()
        except IndexError:
            raise ValueError("it has fewer fields than the mapping names") from None
        if _IS_NORMAL.fullmatch(plate) is None:
            plate = normal_form(plate)
        if is_placeholder(plate):
            raise ValueError("its plate is a placeholder, no plate")
        fact = self._known.get(key)
        if fact is None:
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
            fact = self._known[key] = self._fact(*(text.strip() for text in key))
        return plate, fact

    def _fact(self, jurisdiction: str, category: str, plate_type: str, expires: str) -> Fact:
        form, constants = self._form, self._form.constants
        place = constants.get("jurisdiction", form.jurisdictions.get(jurisdiction))
        if place is None:
            raise ValueError("its jurisdiction's code is not in the mapping")
        number = constants.get("category", form.categories.get(category))
        if number is None:
            raise ValueError("its category's code is not in the mapping")
        if number not in self._allowed:
            raise ValueError("its category is not in the agreement")
        kind = constants.get("plate_type", form.plate_types.get(plate_type))
        if kind is None and "plate_type" in form.columns:
            raise ValueError("its plate type's code is not in the mapping")
        return Fact(place, number, kind or 0, self._expiry(number, expires))

    def _expiry(self, category: int, text: str) -> int:
        moment = self._latest
        if text:
            try:
                day = dt.datetime.strptime(text, self._form.date).replace(tzinfo=dt.UTC)
            except ValueError:
                day = None
            if day is None or f"{day:{self._form.date}}" != text:  # strptime would take 1 for 01
                raise ValueError("its date is not of the mapping's form")
            moment = int(day.timestamp()) + DAY_S  # to the end of that day
            if not 0 < moment <= MAX_UNIX_S:
                raise ValueError("its date is not between 1970 and 2106")
        facts, slug = self._categories.facts(category), self._categories.slug(category)
        if facts.source is Source.SERVICE:
            days = manual_days(self._categories)[slug]
            if not text or moment > self._now_s + (days + 1) * DAY_S:
                raise ValueError(f"an entry of {slug} ends within {days} days")
        return min(moment, self._latest)

    def _pack_details(self, fields: list[str], fact: Fact) -> bytes:
        texts = ["" if place is None else fields[place].strip() for place in self._details]
        if not any(texts):
            return b""
        for name, text in zip(DETAILS, texts, strict=True):
            if not text.isprintable() or len(text.encode()) > MAX_LINE:
                raise ValueError(f"its {name} is not a text of at most {MAX_LINE} bytes")
        year = texts[_YEAR]
        if year and not (year.isascii() and year.isdigit() and len(year) == _MAX_YEAR_DIGITS):
            raise ValueError("its year has not four digits")
        make, model, _year, colour, vehicle_class, owner, lens = texts
        has_lens = self._form.corrective_lens.get(lens)
        if lens and has_lens is None:
            raise ValueError("its corrective lens's code is not in the mapping")
        if fact.category != Category.SUSPENDED_DRIVER:
            # The guidance names these two for one purpose: to tell a suspended driver who owns the plate.
            owner, has_lens = "", None
        details = Details(
            make, model, year, colour, vehicle_class, "", owner, None if has_lens is None else bool(has_lens)
        )
        return b"" if details.is_empty else details.packed()

    def _checked(self, rows: Rows, numbers: list[int], lines: list[bytes], first: int) -> Rows:
        """Mark the rows outside their issuer's formats, or set them aside as the mapping says."""
        outside = outside_grammar(rows.plate, rows.jurisdiction)
        if not outside.any():
            return rows
        where = np.flatnonzero(outside).tolist()
        if not self._form.keeps_outside_grammar:
            for place in where:
                number = numbers[place]
                self._refuse(number, "its plate is in no format of its jurisdiction", lines[number - first])
            return rows.take(np.flatnonzero(~outside))
        self.found.doubtful += len(where)
        room = MAX_TOLD - len(self.found.outside)
        self.found.outside += [numbers[place] for place in where[:room]]
        rows.flags[outside] |= np.uint8(DOUBTFUL)
        return rows

    def _refuse(self, number: int, fault: str, line: bytes) -> None:
        self.found.bad.append(BadLine(number, fault, line[:MAX_LINE_BYTES]))
        if len(self.found.bad) >= MAX_BAD:
            raise OfficeInputError(
                f"given up after {MAX_BAD} bad lines; the first is line {self.found.bad[0].number}: "
                f"{self.found.bad[0].fault}",
                hint="Check that the file and its mapping belong together.",
            )


def _rows(plates: list[str], facts: list[Fact], details: list[tuple[int, bytes]]) -> Rows:
    numbers = np.array(facts, np.uint32).reshape(-1, len(Fact._fields))
    texts = [text for _row, text in details]
    return Rows(
        plate=pack_all(plates),
        jurisdiction=numbers[:, 0].astype(np.uint8),
        category=numbers[:, 1].astype(np.uint8),
        plate_type=numbers[:, 2].astype(np.uint8),
        expires=numbers[:, 3],
        flags=np.zeros(len(plates), np.uint8),
        details=DetailTexts(
            rows=np.array([row for row, _text in details], np.uint32),
            ends=np.cumsum([len(text) for text in texts], dtype=np.uint64),
            text=bytearray(b"".join(texts)),
        ),
    )


def pack_all(plates: list[str]) -> NDArray[np.uint64]:
    """Return the packed keys of normal forms: `alprd.plates.normal.pack` for many at once, uint64 (n,)."""
    text = "".join([plate.ljust(MAX_CHARACTERS, "\0") for plate in plates]).encode("ascii")
    codes = _CODE_OF_BYTE[np.frombuffer(text, np.uint8)].reshape(-1, MAX_CHARACTERS)
    keys: NDArray[np.uint64] = (codes * WEIGHTS).sum(axis=1, dtype=np.uint64)
    return keys
