"""A source's lines become rows, or are told by number and fault and never by what stands in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import OfficeInputError
from alprd.hotlist.categories import Category
from alprd.office.entries import CAP_DAYS, DAY_S
from alprd.office.feed_form import parse_form
from alprd.office.feed_lines import MAX_BAD, Lines, pack_all, read_lines, split_lines
from alprd.office.rows import DOUBTFUL, Details, differences, join, sort_unique
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.normal import pack, unpack

NOW = 1_790_553_600
"""2026-09-28 00:00 UTC."""
ALL = frozenset(range(1, 18))
CSV = """
format: csv
header: true
columns:
  {plate: P, jurisdiction: J, category: C, plate_type: T, expires: E, make: M, year: Y, owner: O,
   corrective_lens: L}
jurisdictions: {ON: CA-ON, QC: CA-QC}
categories: {S: suspended-driver, V: stolen-vehicle, A: amber-alert}
plate_types: {P: passenger, M: motorcycle}
corrective_lens: {Y: yes, N: no}
dates: YYYYMMDD
valid_days: 3
"""
HEADER = "P,J,C,T,E,M,Y,O,L"
GOOD = "ABCD 123,ON,V,P,20261001,Honda,2019,,"
FIXED = """
format: fixed-width
encoding: latin-1
columns: {plate: [1, 8], jurisdiction: [9, 10], category: [12, 12], make: [13, 20]}
jurisdictions: {ON: CA-ON, QC: CA-QC}
categories: {S: suspended-driver, V: stolen-vehicle}
valid_days: 3
"""


def read(*lines: str | bytes, form: str = CSV, allowed: frozenset[int] = ALL, size: int = 1 << 20) -> Lines:
    data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n"
    blocks = (data[place : place + size] for place in range(0, len(data), size))
    return read_lines(
        blocks, parse_form(form.encode(), "m"), allowed=allowed, now_s=NOW, progress=lambda _: None
    )


def plates(found: Lines) -> list[str]:
    return [unpack(int(key)) for key in found.rows.plate]


def faults(found: Lines) -> list[tuple[int, str]]:
    return [(line.number, line.fault) for line in found.bad]


def test_a_good_line_becomes_a_row() -> None:
    found = read(HEADER, GOOD)
    rows = found.rows
    assert (plates(found), found.bad, found.lines) == (["ABCD123"], [], 2)
    assert (rows.jurisdiction[0], rows.category[0], rows.plate_type[0]) == (9, Category.STOLEN_VEHICLE, 1)
    assert rows.expires[0] == NOW + 3 * DAY_S, "no longer than the feed is valid"
    assert rows.details.of(0) == Details(make="Honda", year="2019")


def test_a_date_counts_to_the_end_of_its_day() -> None:
    assert read(HEADER, GOOD.replace("20261001", "20260929")).rows.expires[0] == NOW + 2 * DAY_S


def test_a_line_without_a_date_expires_with_the_feed() -> None:
    assert read(HEADER, GOOD.replace("20261001", "")).rows.expires[0] == NOW + 3 * DAY_S


def test_what_has_expired_is_counted_and_left_out() -> None:
    found = read(HEADER, GOOD.replace("20261001", "20260927"), GOOD.replace("20261001", "20260928"))
    assert (found.expired, len(found.rows), found.bad) == (1, 1, [])


def test_owner_and_lens_are_kept_for_suspended_drivers_alone() -> None:
    found = read(
        HEADER,
        "AAAA111,ON,S,P,,Kia,,Lee Roy,Y",
        "AAAA222,ON,V,P,,Kia,,Lee Roy,Y",
        "AAAA333,ON,V,P,,,,Lee Roy,N",
    )
    details = found.rows.details
    assert details.of(0) == Details(make="Kia", owner="Lee Roy", corrective_lens=True)
    assert details.of(1) == Details(make="Kia")
    assert details.of(2) is None
    assert bytes(details.text).count(b"Lee Roy") == 1


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (",ON,V,P,,,,,", "a plate has 1 to 10 characters; found 0"),
        ("ABCDEFGHIJK,ON,V,P,,,,,", "a plate has 1 to 10 characters; found 11"),
        ("AB*123,ON,V,P,,,,,", "a plate has only A-Z, 0-9 and separators; found another character"),
        ("NOPLATE,ON,V,P,,,,,", "its plate is a placeholder, no plate"),
        ("000,ON,V,P,,,,,", "its plate is a placeholder, no plate"),
        ("ABCD123,XX,V,P,,,,,", "its jurisdiction's code is not in the mapping"),
        ("ABCD123,ON,X,P,,,,,", "its category's code is not in the mapping"),
        ("ABCD123,ON,V,X,,,,,", "its plate type's code is not in the mapping"),
        ("ABCD123,ON,V,P,2026-10-01,,,,", "its date is not of the mapping's form"),
        ("ABCD123,ON,V,P,2026101,,,,", "its date is not of the mapping's form"),
        ("ABCD123,ON,V,P,20260230,,,,", "its date is not of the mapping's form"),
        ("ABCD123,ON,V,P,99991231,,,,", "its date is not between 1970 and 2106"),
        ("ABCD123,ON,V,P,,Hon\tda,,,", "its make is not a text of at most 255 bytes"),
        (f"ABCD123,ON,V,P,,{'x' * 256},,,", "its make is not a text of at most 255 bytes"),
        ("ABCD123,ON,V,P,,,19,,", "its year has not four digits"),
        ("ABCD123,ON,V,P,,,,,?", "its corrective lens's code is not in the mapping"),
        ("ABCD123,ON,V,P,,,,", "9 fields are expected; found 8"),
        ("ABCD123,ON,V,P,,,,,,", "9 fields are expected; found 10"),
        ('"ABCD123,ON,V,P,,,,,', "it is not well-formed CSV"),
        ('AB"CD"123,ON,V,P,,,,,', "a plate has only A-Z, 0-9 and separators; found another character"),
        ("", "it is empty"),
        ("   ", "it is empty"),
        (b"ABCD123,ON,V,P,,Citro\xebn,,,", "it is not utf-8 text"),
        (f"ABCD123,ON,V,P,,{'x' * 4096},,,", "it has more than 4096 bytes"),
        ("ABCD123,ON,A,P,,,,,", "an entry of amber-alert ends within 7 days"),
        ("ABCD123,ON,A,P,20261101,,,,", "an entry of amber-alert ends within 7 days"),
    ],
)
def test_each_fault_is_told_with_its_line_and_without_its_text(line: str | bytes, fault: str) -> None:
    found = read(HEADER, GOOD, line, GOOD.replace("ABCD", "ABCE"))
    assert faults(found) == [(3, fault)]
    assert plates(found) == ["ABCD123", "ABCE123"]
    assert found.bad[0].line == (line if isinstance(line, bytes) else line.encode())[:4096]


def test_a_category_outside_the_agreement_is_a_fault() -> None:
    found = read(HEADER, GOOD, allowed=ALL - {Category.STOLEN_VEHICLE})
    assert faults(found) == [(2, "its category is not in the agreement")]


def test_a_manual_category_from_another_service_keeps_its_cap() -> None:
    assert CAP_DAYS[Category.AMBER_ALERT] == 7
    assert len(read(HEADER, "ABCD123,ON,A,P,20261005,,,,").rows) == 1


@pytest.mark.parametrize("size", [1, 7, 64, 1 << 20])
def test_blocks_of_any_size_give_the_same(size: int) -> None:
    lines = [HEADER, *(GOOD.replace("123", f"{n:03d}") for n in range(100, 140)), "bad", GOOD + "\r"]
    found = read(*lines, size=size)
    assert (len(found.rows), found.duplicates) == (40, 1)
    assert faults(found) == [(42, "9 fields are expected; found 1")]


def test_a_plate_outside_its_issuers_formats_stays_and_is_told_by_line() -> None:
    found = read(HEADER, GOOD, "BIGDOG,ON,V,P,,,,,", GOOD.replace("ABCD", "ABCE"))
    assert (found.doubtful, found.outside, plates(found)) == (1, [3], ["ABCD123", "ABCE123", "BIGDOG"])
    assert found.rows.flags.tolist() == [0, 0, DOUBTFUL]


def test_a_mapping_may_set_such_plates_aside() -> None:
    found = read(HEADER, GOOD, "BIGDOG,ON,V,P,,,,,", form=CSV + "outside_grammar: quarantine\n")
    assert faults(found) == [(3, "its plate is in no format of its jurisdiction")]
    assert (found.doubtful, plates(found)) == (0, ["ABCD123"])


def test_fixed_width_lines_are_cut_by_position() -> None:
    found = read(b"ABCD123 ON VCitro\xebn ", b"F12 ABC QC S        ", b"ABCD12 ON V", form=FIXED)
    assert plates(found) == ["ABCD123", "F12ABC"]
    assert found.rows.details.of(0) == Details(make="Citro\xebn")
    assert found.rows.details.of(1) is None
    assert faults(found) == [(3, "20 positions are expected; found 11")]


def test_of_duplicates_the_longest_lasting_stays() -> None:
    short = GOOD.replace("20261001", "20260929").replace("Honda", "Kia")
    found = read(HEADER, short, GOOD, short, GOOD.replace(",P,", ",M,"))
    assert (found.duplicates, len(found.rows)) == (2, 2)
    assert found.rows.expires.tolist() == [NOW + 3 * DAY_S] * 2
    assert found.rows.details.of(0) == Details(make="Honda", year="2019")
    assert b"Kia" not in found.rows.details.text


@pytest.mark.parametrize("header", ["P,J,C", "P,P,J,C,T,E,M,Y,O,L", "", GOOD])
def test_a_header_that_lacks_a_column_is_refused(header: str) -> None:
    with pytest.raises(OfficeInputError, match="does not name the column for"):
        read(header, GOOD)


def test_a_csv_without_header_takes_its_first_lines_width() -> None:
    form = """
format: csv
delimiter: ";"
columns: {plate: 1, category: 2}
constants: {jurisdiction: CA-ON}
categories: {V: stolen-vehicle}
valid_days: 3
"""
    found = read("ABCD123;V", "ABCE123", "ABCF123;V", form=form)
    assert (plates(found), faults(found)) == (
        ["ABCD123", "ABCF123"],
        [(2, "2 fields are expected; found 1")],
    )


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert plates(read(b"\xef\xbb\xbf" + HEADER.encode(), GOOD)) == ["ABCD123"]


def test_the_wrong_file_is_given_up() -> None:
    with pytest.raises(OfficeInputError, match=f"given up after {MAX_BAD} bad lines; the first is line 2"):
        read(HEADER, *["nothing"] * (MAX_BAD + 5))


def test_an_empty_feed_and_one_without_line_ends_are_refused() -> None:
    with pytest.raises(OfficeInputError, match="the feed is empty"):
        read_lines([], parse_form(CSV.encode(), "m"), allowed=ALL, now_s=NOW, progress=print)
    with pytest.raises(OfficeInputError, match="it is no feed"):
        list(split_lines([b"x" * (1 << 20), b"x"]))


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=8))
def test_whatever_the_lines_hold_they_are_rows_or_told(lines: list[bytes]) -> None:
    kept = [line.replace(b"\n", b"") for line in lines]
    found = read(HEADER, GOOD, *kept)
    assert found.lines == len(kept) + 2
    assert len(found.rows) + found.duplicates + found.expired + len(found.bad) == len(kept) + 1


@given(st.lists(st.text(CHARACTERS, min_size=1, max_size=10)))
def test_packing_many_is_packing_each(texts: list[str]) -> None:
    assert pack_all(texts).tolist() == [pack(text) for text in texts]


SOME = st.lists(st.integers(100, 130), max_size=12)


@given(SOME, SOME)
def test_differences_are_those_of_sets(old: list[int], new: list[int]) -> None:
    def rows(numbers: list[int]) -> Lines:
        return read(HEADER, "ABCD999,ON,V,P,,,,,", *(GOOD.replace("123", str(n)) for n in numbers))

    before, after = rows(old).rows, rows(new).rows
    assert differences(before, after) == (len(set(new) - set(old)), len(set(old) - set(new)))
    both, dropped = sort_unique(join([before, after]))
    assert len(both) == len(set(old) | set(new)) + 1
    assert dropped == len(set(old) & set(new)) + 1
