"""How a source writes its list: the mapping file, read strictly. Pure; see `alprd/docs/office.md`.

The file is YAML whose every scalar is a text: YAML's own rules would read the province ON as "yes".
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from alprd.errors import OfficeInputError, printable
from alprd.hotlist.categories import CLOSED_SET
from alprd.hotlist.plate_types import plate_type_number
from alprd.plates.jurisdictions import jurisdiction_number

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from alprd.hotlist.categories import CategoryTable

MAX_FORM_BYTES: Final = 1 << 16
MAX_VALID_DAYS: Final = 31
MAX_LINE_BYTES: Final = 4096

NEEDED: Final = ("plate", "jurisdiction", "category")
DETAILS: Final = ("make", "model", "year", "colour", "vehicle_class", "owner", "corrective_lens")
FIELDS: Final = (*NEEDED, "plate_type", "expires", *DETAILS)
"""What a line can say. The first three must be given, in a column or as a constant."""

_CONSTANTS: Final = {"jurisdiction", "category", "plate_type"}
_KEYS: Final = {
    *("format", "encoding", "delimiter", "header", "columns", "constants", "jurisdictions", "categories"),
    *("plate_types", "corrective_lens", "dates", "valid_days", "outside_grammar"),
}
_ENCODINGS: Final = ("utf-8", "latin-1", "cp1252")
_DATES: Final = {"YYYY-MM-DD": "%Y-%m-%d", "YYYYMMDD": "%Y%m%d", "DD/MM/YYYY": "%d/%m/%Y"}


class Cut(enum.Enum):
    """How a line is cut into fields."""

    CSV = "csv"
    FIXED = "fixed-width"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedForm:
    """A source's way of writing.

    ``columns`` gives for each field the CSV column's name (with ``header``) or number from 1, or the first
    and last position from 1. The tables turn the source's codes into numbers; a code that is in no
    table makes a line bad. An entry without a date stays ``valid_days`` after its import, and none longer.
    """

    cut: Cut
    encoding: str
    delimiter: str
    header: bool
    columns: Mapping[str, str | int | tuple[int, int]]
    constants: Mapping[str, int]
    jurisdictions: Mapping[str, int]
    categories: Mapping[str, int]
    plate_types: Mapping[str, int]
    corrective_lens: Mapping[str, int]
    date: str
    valid_days: int
    keeps_outside_grammar: bool


def parse_form(data: bytes, what: str, categories: CategoryTable = CLOSED_SET) -> FeedForm:
    """Return the mapping file ``data``, called ``what`` in errors. Raises `OfficeInputError`."""
    table = _Table(_load(data, what), what)

    def category_number(slug: str) -> int:
        number = categories.number(slug)
        if number is None:
            raise ValueError("the category is none of the closed set, nor of the category record in force")
        return number

    unknown = sorted(table.values.keys() - _KEYS)
    if unknown:
        raise OfficeInputError(f"{what}: no setting is named {printable(unknown[0])!r}")
    cut = table.choice("format", {form.value: form for form in Cut})
    header = table.choice("header", {"true": True, "false": False}, "false")
    form = FeedForm(
        cut=cut,
        encoding=table.choice("encoding", {name: name for name in _ENCODINGS}, "utf-8"),
        delimiter=table.choice("delimiter", {mark: mark for mark in (*",;|", "\t")}, ","),
        header=header,
        columns=_columns(table, cut, header=header),
        constants=_constants(table, category_number),
        jurisdictions=table.codes("jurisdictions", jurisdiction_number),
        categories=table.codes("categories", category_number),
        plate_types=table.codes("plate_types", plate_type_number),
        corrective_lens=table.codes("corrective_lens", _yes_or_no),
        date=table.choice("dates", _DATES, "YYYY-MM-DD"),
        valid_days=_valid_days(table),
        keeps_outside_grammar=table.choice("outside_grammar", {"keep": True, "quarantine": False}, "keep"),
    )
    _check_complete(form, what)
    return form


@dataclass(frozen=True, slots=True)
class _Table:
    """The file's settings, and the ways of reading one."""

    values: Mapping[str, Any]
    what: str

    def choice(self, name: str, choices: Mapping[str, Any], default: str | None = None) -> Any:  # noqa: ANN401 - of the choices
        found = self.values.get(name, default)
        if not isinstance(found, str) or found not in choices:
            raise OfficeInputError(f"{self.what}: {name} is one of {', '.join(map(repr, choices))}")
        return choices[found]

    def table(self, name: str) -> Mapping[str, Any]:
        found = self.values.get(name, {})
        if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
            raise OfficeInputError(f"{self.what}: {name} is a table of names and values")
        return found

    def codes(self, name: str, number_of: Callable[[str], int]) -> dict[str, int]:
        numbers = {}
        for code, meaning in self.table(name).items():
            try:
                numbers[code] = number_of(str(meaning))
            except ValueError as error:
                raise OfficeInputError(f"{self.what}: {name}, {printable(code)!r}: {error}") from None
        return numbers


class _Loader(yaml.BaseLoader):
    """Every scalar is a text; a name that stands twice is an error."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: ANN401, FBT001, FBT002 - the library's own signature
        pairs = [(self.construct_object(key, deep=True), value) for key, value in node.value]
        names = [key for key, _value in pairs]
        if len(set(map(str, names))) != len(names):
            raise yaml.YAMLError("a name stands twice")
        return super().construct_mapping(node, deep)


def _load(data: bytes, what: str) -> dict[str, Any]:
    if len(data) > MAX_FORM_BYTES:
        raise OfficeInputError(f"{what} has more than {MAX_FORM_BYTES} bytes: it is no mapping file")
    try:
        values = yaml.load(data, _Loader)  # noqa: S506 - a loader that makes nothing but texts
    except (yaml.YAMLError, ValueError, RecursionError):
        raise OfficeInputError(f"{what} is not YAML with each name once") from None
    if not isinstance(values, dict):
        raise OfficeInputError(f"{what} is no mapping file: a table of settings is expected")
    return values


def _columns(table: _Table, cut: Cut, *, header: bool) -> dict[str, str | int | tuple[int, int]]:
    columns: dict[str, str | int | tuple[int, int]] = {}
    for name, place in table.table("columns").items():
        if name not in FIELDS:
            raise OfficeInputError(f"{table.what}: columns: no field is named {printable(name)!r}")
        match cut:
            case Cut.CSV if header:
                columns[name] = str(place)
            case Cut.CSV:
                columns[name] = _number(place, f"{table.what}: columns, {name}", 1000)
            case Cut.FIXED:
                columns[name] = _span(place, f"{table.what}: columns, {name}")
    if not columns:
        raise OfficeInputError(f"{table.what}: columns is missing")
    return columns


def _span(place: object, what: str) -> tuple[int, int]:
    if not isinstance(place, list) or len(place) != 2:  # noqa: PLR2004 - first and last
        raise OfficeInputError(f"{what}: the first and the last position are expected, like [1, 8]")
    first, last = (_number(number, what, MAX_LINE_BYTES) for number in place)
    if first > last:
        raise OfficeInputError(f"{what}: the first position is after the last")
    return first, last


def _number(text: object, what: str, limit: int) -> int:
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 5:  # noqa: PLR2004 - digits
        raise OfficeInputError(f"{what}: a number is expected")
    number = int(text)
    if not 1 <= number <= limit:
        raise OfficeInputError(f"{what}: a number from 1 to {limit} is expected; found {number}")
    return number


def _constants(table: _Table, category_number: Callable[[str], int]) -> dict[str, int]:
    numbers = {}
    rules = {
        "jurisdiction": jurisdiction_number,
        "category": category_number,
        "plate_type": plate_type_number,
    }
    for name, value in table.table("constants").items():
        if name not in _CONSTANTS:
            raise OfficeInputError(f"{table.what}: constants: {printable(name)!r} cannot be one")
        try:
            numbers[name] = rules[name](str(value))
        except ValueError as error:
            raise OfficeInputError(f"{table.what}: constants, {name}: {error}") from None
    return numbers


def _valid_days(table: _Table) -> int:
    return _number(table.values.get("valid_days"), f"{table.what}: valid_days", MAX_VALID_DAYS)


def _yes_or_no(text: str) -> int:
    if text not in {"yes", "no"}:
        raise ValueError("a code means yes or no")
    return int(text == "yes")


def _check_complete(form: FeedForm, what: str) -> None:
    for name in NEEDED:
        if name not in form.columns and name not in form.constants:
            raise OfficeInputError(f"{what}: where the {name} stands is missing")
    for name in form.constants:
        if name in form.columns:
            raise OfficeInputError(f"{what}: {name} is a column and a constant")
    tables = (
        ("jurisdiction", "jurisdictions", form.jurisdictions),
        ("category", "categories", form.categories),
        ("plate_type", "plate_types", form.plate_types),
        ("corrective_lens", "corrective_lens", form.corrective_lens),
    )
    for name, named, table in tables:
        if name in form.columns and not table:
            raise OfficeInputError(f"{what}: {named}, which tells what the column's codes mean, is missing")
