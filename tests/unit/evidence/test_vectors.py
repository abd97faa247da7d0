"""The committed cases against the code, and against their generator."""

from __future__ import annotations

import pytest

from alprd.errors import EvidenceError
from alprd.evidence.envelope import open_record
from tests.vectors.evidence.generate import (
    AT_NULL_ISLAND,
    GOOD,
    LOCATED,
    NO_LOCATION,
    OFFICE,
    UNIT,
    WITH_CONTEXT,
    all_cases,
)
from tests.vectors.sealed_cases import FOLDER, Case, hex_lines, read_cases

CASES = read_cases("evidence")
ITEMS = {
    "good_no_location": NO_LOCATION,
    "good_located": LOCATED,
    "good_null_island": AT_NULL_ISLAND,
    "good_context": WITH_CONTEXT,
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_ends_as_it_says(case: Case) -> None:
    if case.expect == "ok":
        assert open_record(case.data, OFFICE, UNIT.verify_key) == ITEMS[case.name]
        return
    assert case.expect == "EvidenceError"
    with pytest.raises(EvidenceError, match=case.because):
        open_record(case.data, OFFICE, UNIT.verify_key)


def test_the_files_are_what_the_generator_makes() -> None:
    made = sorted(all_cases(), key=lambda case: case.name)
    assert [case.name for case in CASES] == [case.name for case in made]
    for case in made:
        assert (FOLDER / "evidence" / f"{case.name}.json").read_text("utf-8") == case.text()


def test_the_document_shows_the_good_case() -> None:
    document = (FOLDER.parents[1] / "alprd/docs/formats/evidence.md").read_text("utf-8")
    assert hex_lines(GOOD) in document
