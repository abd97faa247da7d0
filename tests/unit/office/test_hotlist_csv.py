from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alprd.errors import OfficeInputError
from alprd.hotlist.categories import Category
from alprd.hotlist.columns import check_rows
from alprd.office.hotlist_csv import MAX_BAD_LINES, MAX_CSV_BYTES, ListRows, parse_expiry, read_list
from alprd.plates.jurisdictions import jurisdiction_name
from alprd.plates.normal import unpack

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_767_323_045
"""2026-01-02 03:04:05 UTC."""
HEADER = "plate,jurisdiction,category,expires\n"


class Reading:
    """Reads CSV text from a file and keeps what was reported."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "list.csv"
        self.reported: list[str] = []
        self.progress: list[int] = []

    def read(self, text: str | bytes) -> ListRows:
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_list(self.path, now_s=NOW, report=self.reported.append, progress=self.progress.append)


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    return Reading(tmp_path)


def rows_of(rows: ListRows) -> list[tuple[str, str, int, int, int]]:
    columns = rows.columns
    return [
        (
            unpack(int(columns.plate[n])),
            jurisdiction_name(int(columns.jurisdiction[n])),
            int(columns.category[n]),
            int(columns.priority[n]),
            int(columns.expires[n]),
        )
        for n in range(len(columns))
    ]


def test_rows_come_out_sorted_in_normal_form_with_their_category_s_priority(reading: Reading) -> None:
    rows = reading.read(HEADER + "zz 9,??,amber-alert,\nabc-123,CA-ON,stolen-vehicle,2026-01-02\n")
    assert rows_of(rows) == [
        ("ABC123", "CA-ON", 11, 3, 1_767_398_400),
        ("ZZ9", "??", 17, 4, 0),
    ]
    check_rows(rows.columns)
    assert (rows.lines, rows.duplicates, rows.expired) == (2, 0, 0)


def test_the_expires_column_may_be_left_out_and_a_byte_order_mark_put_in(reading: Reading) -> None:
    rows = reading.read("\ufeffplate,jurisdiction,category\r\nA1,CA-QC,spoiled-stock\r\n")
    assert rows_of(rows) == [("A1", "CA-QC", 6, 1, 0)]


def test_a_list_of_no_entries_is_a_list(reading: Reading) -> None:
    assert len(reading.read(HEADER).columns) == 0


def test_of_duplicates_the_one_that_lasts_longest_is_kept_and_they_are_counted(reading: Reading) -> None:
    rows = reading.read(
        HEADER + "A,CA-ON,stolen-plate,2026-02-01\nA,CA-ON,stolen-plate,2026-03-01\n"
        "a,CA-ON,stolen-plate,2026-01-09\n"
        "B,CA-ON,stolen-plate,2030-01-01\nB,CA-ON,stolen-plate,\nA,CA-ON,wanted-person,\nA,CA-QC,stolen-plate,\n"
    )
    assert [(row[0], row[1], row[2]) for row in rows_of(rows)] == [
        ("A", "CA-ON", 10),
        ("A", "CA-ON", 12),
        ("A", "CA-QC", 10),
        ("B", "CA-ON", 10),
    ]
    assert rows_of(rows)[0][4] == parse_expiry("2026-03-01")
    assert rows_of(rows)[3][4] == 0, "with the list is the longest"
    assert rows.duplicates == 3


def test_entries_that_have_expired_are_left_out_and_counted(reading: Reading) -> None:
    rows = reading.read(
        HEADER + "A,??,stolen-plate,2026-01-02T03:04:05Z\nB,??,stolen-plate,2026-01-02T03:04:06Z\n"
    )
    assert [row[0] for row in rows_of(rows)] == ["B"]
    assert (rows.lines, rows.expired) == (2, 1)


def test_every_bad_line_is_named_by_its_number_and_none_by_its_plate(reading: Reading) -> None:
    text = HEADER + (
        "SECRET*1,CA-ON,stolen-vehicle,\n"
        "GOOD1,CA-ON,stolen-vehicle,\n"
        "SECRETSECRET,CA-ON,stolen-vehicle,\n"
        "SECRET1,CA-XX,stolen-vehicle,\n"
        "SECRET1,CA-ON,uninsured\x1b,\n"
        "SECRET1,CA-ON,stolen-vehicle,tomorrow\n"
        "SECRET1,CA-ON,stolen-vehicle\n"
        "\n"
        ",CA-ON,stolen-vehicle,\n"
        "SECRET1,CA-ON,suspended-driver-use,\n"
        "SECRET1,CA-ON,suspended-driver-use,2026-02-02\n"
        "GOOD2,CA-ON,suspended-driver-use,2026-01-30\n"
        "SECRET1,CA-ON,stolen-vehicle,2107-01-01\n"
    )
    with pytest.raises(OfficeInputError, match="11 bad lines; nothing was built"):
        reading.read(text)
    assert reading.reported == [
        "line 2: a plate has only A-Z, 0-9 and separators; found another character",
        "line 4: a plate has 1 to 10 characters; found 12",
        "line 5: a jurisdiction is ?? or an ISO 3166-2 code of Canada or the United States",
        "line 6: the category 'uninsured?' is none of the closed set",
        "line 7: expires is neither like 2026-05-01 nor like 2026-05-01T12:00:00Z",
        "line 8: 4 fields are expected; found 3",
        "line 9: 4 fields are expected; found 0",
        "line 10: a plate has 1 to 10 characters; found 0",
        "line 11: an entry of category suspended-driver-use must expire within 30 days",
        "line 12: an entry of category suspended-driver-use must expire within 30 days",
        "line 14: expires is not between 1970 and 2106",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "plate,category,jurisdiction\n",
        "Plate,Jurisdiction,Category\n",
        "plate,jurisdiction,category,expires,owner\n",
        "plate;jurisdiction;category\n",
    ],
)
def test_another_first_line_is_refused(reading: Reading, text: str) -> None:
    with pytest.raises(OfficeInputError, match="the first line must be plate,jurisdiction,category"):
        reading.read(text)


def test_what_is_no_text_is_refused(reading: Reading) -> None:
    with pytest.raises(OfficeInputError, match="is not UTF-8"):
        reading.read(HEADER.encode() + b"A\xff,??,stolen-plate,\n")
    with pytest.raises(OfficeInputError, match="not well-formed CSV"):
        reading.read(HEADER + '"A" B,??,stolen-plate,\n')


def test_the_wrong_file_is_given_up_early(reading: Reading) -> None:
    with pytest.raises(OfficeInputError, match=f"given up after {MAX_BAD_LINES} bad lines"):
        reading.read(HEADER + "x\n" * (MAX_BAD_LINES + 1))
    assert len(reading.reported) == MAX_BAD_LINES


def test_a_file_over_the_limit_is_refused_before_it_is_read(reading: Reading) -> None:
    with reading.path.open("wb") as file:
        file.truncate(MAX_CSV_BYTES + 1)
    with pytest.raises(OfficeInputError, match="it is no list"):
        read_list(reading.path, now_s=NOW, report=reading.reported.append, progress=reading.progress.append)


def test_a_missing_file_is_told(reading: Reading) -> None:
    with pytest.raises(OfficeInputError, match="cannot be read: No such file"):
        read_list(reading.path, now_s=NOW, report=reading.reported.append, progress=reading.progress.append)


def test_long_lists_tell_how_far_they_are(reading: Reading) -> None:
    reading.read("plate,jurisdiction,category\n" + "A,??,stolen-plate\n" * 65_537)
    assert reading.progress == [65_536, 65_537]


def test_every_category_can_be_listed(reading: Reading) -> None:
    lines = "".join(f"A,??,{category.slug},2026-01-03\n" for category in Category)
    assert [row[2] for row in rows_of(reading.read(HEADER + lines))] == list(range(1, 19))


@pytest.mark.parametrize(
    "text", ["2026-13-01", "2026-1-1", "26-01-01", "2026-01-01 12:00", "1960-01-01", "0"]
)
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expires is"):
        parse_expiry(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_a_list_or_an_input_error(reading: Reading, data: bytes) -> None:
    for start in (b"", HEADER.encode()):
        try:
            check_rows(reading.read(start + data).columns)
        except OfficeInputError:
            continue
