"""The committed chain cases against the code, and against their generator."""

from __future__ import annotations

import pytest

from alprd.audit.events import read_event
from alprd.chain.records import check_chain, read_chain
from alprd.errors import ChainError
from tests.vectors.chain.generate import EVENTS, KEY, KIND, all_cases, records
from tests.vectors.sealed_cases import FOLDER, Case, hex_lines, read_cases

CASES = read_cases("chain")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_ends_as_it_says(case: Case) -> None:
    chain = read_chain(case.data, KIND, KEY.verify_key)
    if case.expect == "ok":
        check_chain(chain)
        assert [read_event(record.fields) for record in chain.records] == list(EVENTS[: len(chain.records)])
        assert chain.records
        return
    assert case.expect == "ChainError"
    with pytest.raises(ChainError, match=case.because):
        check_chain(chain)


def test_the_files_are_what_the_generator_makes() -> None:
    made = sorted(all_cases(), key=lambda case: case.name)
    assert [case.name for case in CASES] == [case.name for case in made]
    for case in made:
        assert (FOLDER / "chain" / f"{case.name}.json").read_text("utf-8") == case.text()


def test_the_document_shows_the_first_record() -> None:
    document = (FOLDER.parents[1] / "alprd/docs/formats/chain.md").read_text("utf-8")
    assert hex_lines(records()[0]) in document
