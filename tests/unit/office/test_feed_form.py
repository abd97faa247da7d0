"""A mapping file says the whole of how a source writes, or is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import alprd
from alprd.errors import OfficeInputError
from alprd.office.feed_form import Cut, parse_form

CSV = """
format: csv
header: true
columns: {plate: PLATE, jurisdiction: PROV, category: CODE, expires: UNTIL, owner: NAME, corrective_lens: L}
jurisdictions: {ON: CA-ON, QC: CA-QC, NO: "??"}
categories: {S: suspended-driver, V: stolen-vehicle}
corrective_lens: {Y: yes, N: no}
dates: YYYYMMDD
valid_days: 3
"""
FIXED = """
format: fixed-width
columns: {plate: [1, 8], category: [9, 10]}
constants: {jurisdiction: CA-ON, plate_type: passenger}
categories: {"01": expired-sticker}
valid_days: 7
outside_grammar: quarantine
"""


def refused(text: str, message: str) -> None:
    with pytest.raises(OfficeInputError, match=message):
        parse_form(text.encode(), "m.yaml")


def test_a_csv_mapping_is_read() -> None:
    form = parse_form(CSV.encode(), "m.yaml")
    assert (form.cut, form.header, form.delimiter, form.encoding) == (Cut.CSV, True, ",", "utf-8")
    assert form.columns["plate"] == "PLATE"
    assert form.categories == {"S": 8, "V": 11}
    assert form.corrective_lens == {"Y": 1, "N": 0}
    assert (form.date, form.valid_days, form.keeps_outside_grammar) == ("%Y%m%d", 3, True)


def test_the_mapping_that_the_document_shows_is_read() -> None:
    page = (Path(alprd.__file__).parent / "docs" / "office.md").read_text("utf-8")
    blocks = [block for block in page.split("```") if block.startswith("\nformat: csv")]
    assert len(blocks) == 1
    assert parse_form(blocks[0].encode(), "office.md").valid_days == 3


def test_the_province_on_is_a_text_and_no_yes() -> None:
    assert parse_form(CSV.encode(), "m.yaml").jurisdictions == {"ON": 9, "QC": 11, "NO": 0}


def test_a_fixed_width_mapping_is_read() -> None:
    form = parse_form(FIXED.encode(), "m.yaml")
    assert (form.cut, form.columns) == (Cut.FIXED, {"plate": (1, 8), "category": (9, 10)})
    assert form.constants == {"jurisdiction": 9, "plate_type": 1}
    assert form.categories == {"01": 1}
    assert not form.keeps_outside_grammar


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format: csv", "format: xml", "format is one of 'csv', 'fixed-width'"),
        ("format: csv", "", "format is one of"),
        ("format: csv", "format: csv\nformat: csv", "each name once"),
        ("{ON: CA-ON, QC", "{ON: CA-ON, ON", "each name once"),
        ("format: csv", "format: csv\ncovert: true", "no setting is named 'covert'"),
        ("header: true", "header: yes", "header is one of 'true', 'false'"),
        ("plate: PLATE, ", "", "where the plate stands is missing"),
        ("jurisdiction: PROV, ", "", "where the jurisdiction stands is missing"),
        ("category: CODE, ", "", "where the category stands is missing"),
        ("owner: NAME", "driver: NAME", "no field is named 'driver'"),
        ("CA-QC", "QC", "jurisdictions, 'QC': a jurisdiction is"),
        ("stolen-vehicle", "uninsured", "categories, 'V': the category is none of the closed set"),
        ('jurisdictions: {ON: CA-ON, QC: CA-QC, NO: "??"}', "", "jurisdictions, which tells"),
        ("Y: yes", "Y: perhaps", "a code means yes or no"),
        ("dates: YYYYMMDD", "dates: MMDDYY", "dates is one of"),
        ("valid_days: 3", "", "valid_days: a number is expected"),
        ("valid_days: 3", "valid_days: 0", "a number from 1 to 31"),
        ("valid_days: 3", "valid_days: 32", "a number from 1 to 31"),
        ("valid_days: 3", "valid_days: -1", "a number is expected"),
        ("valid_days: 3", "valid_days: 3\nconstants: {plate: ABC}", "'plate' cannot be one"),
        ("valid_days: 3", "valid_days: 3\nconstants: {category: stolen-vehicle}", "a column and a constant"),
        ("format: csv", "format: [", "is not YAML"),
        (CSV, "- a\n- b\n", "a table of settings is expected"),
        (CSV, "x" * 65537, "no mapping file"),
        (CSV, "&a [*a]", "is not YAML|a table of settings"),
    ],
)
def test_what_is_missing_or_unknown_is_refused(old: str, new: str, message: str) -> None:
    assert old in CSV
    refused(CSV.replace(old, new), message)


@pytest.mark.parametrize("span", ["[8, 1]", "[0, 8]", "[1]", "8", "[1, 9999]", "[a, b]", "{a: b}"])
def test_a_position_that_is_none_is_refused(span: str) -> None:
    refused(FIXED.replace("[1, 8]", span), "columns, plate: ")


def test_a_csv_without_header_names_columns_by_number() -> None:
    text = CSV.replace("header: true", "header: false")
    refused(text, "columns, plate: a number is expected")
    for place, name in enumerate(("PLATE", "PROV", "CODE", "UNTIL", "NAME", " L}"), 1):
        text = text.replace(name, f" {place}}}" if name == " L}" else str(place))
    assert parse_form(text.encode(), "m.yaml").columns["expires"] == 4


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_only_the_offices_error_comes_out(data: bytes) -> None:
    with pytest.raises(OfficeInputError):
        parse_form(data, "m.yaml")
