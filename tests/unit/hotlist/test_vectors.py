"""The committed cases against the code, and against their generator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from alprd.errors import CustodianError
from alprd.plates.normal import pack
from tests.unit.hotlist.opening import open_list
from tests.vectors.hotlist.generate import all_cases
from tests.vectors.hotlist.made import FIVE_ROWS, FULL, GOOD
from tests.vectors.sealed_cases import FOLDER, Case, hex_lines, read_cases

if TYPE_CHECKING:
    from alprd.hotlist.index import HotlistIndex

CASES = read_cases("hotlist")


def accept(case: Case) -> HotlistIndex:
    return open_list(case.data, now_s=case.given["now_s"], floor=case.given["floor"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_ends_as_it_says(case: Case) -> None:
    if case.expect == "ok":
        assert len(accept(case)) == case.given["entries"]
        return
    with pytest.raises(CustodianError, match=case.because) as refusal:
        accept(case)
    assert type(refusal.value).__name__ == case.expect


def test_the_files_are_what_the_generator_makes() -> None:
    made = sorted(all_cases(), key=lambda case: case.name)
    assert [case.name for case in CASES] == [case.name for case in made]
    for case in made:
        assert (FOLDER / "hotlist" / f"{case.name}.json").read_text("utf-8") == case.text()


def test_rows_and_details_come_out_as_they_went_in() -> None:
    (case,) = (case for case in CASES if case.name == "good_three_units_five_entries")
    index = accept(case)
    found = set()
    for text in ("0", "ABCD123", "ZZZZZZZZZZ"):
        for row in rows_for(index, text):
            facts = index.facts(row)
            found.add(
                (
                    pack(text),
                    facts.expires,
                    facts.jurisdiction,
                    facts.plate_type,
                    facts.category,
                    facts.priority,
                    facts.flags,
                )
            )
            if facts.category == FIVE_ROWS[2][4]:
                assert index.vehicle(row, text) == FULL.vehicle
                assert index.person(row, text) == FULL.person
    assert found == set(FIVE_ROWS)


def rows_for(index: HotlistIndex, text: str) -> range:
    out = np.zeros(1, np.int64)
    index.find(np.array([pack(text)], np.uint64), out)
    return index.rows_of(int(out[0]))


def test_the_document_shows_the_good_case() -> None:
    document = (FOLDER.parents[1] / "alprd/docs/formats/hotlist.md").read_text("utf-8")
    assert hex_lines(GOOD) in document
