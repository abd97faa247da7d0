"""The committed receipts against the code, and against their generator."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import EvidenceError
from alprd.evidence.receipt import DIGEST_BYTES, MAX_BYTES, MAX_RECORDS, Receipt, accept, sign
from tests.vectors.hotlist.made import CREATED, SIGNER
from tests.vectors.receipt.generate import GOOD, OFFICE_ROOT, SAID, UNIT, all_cases
from tests.vectors.sealed_cases import FOLDER, Case, hex_lines, read_cases

CASES = read_cases("receipt")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_ends_as_it_says(case: Case) -> None:
    if case.expect == "ok":
        assert accept(case.data, OFFICE_ROOT, UNIT).unit == UNIT
        return
    assert case.expect == "EvidenceError"
    with pytest.raises(EvidenceError, match=case.because):
        accept(case.data, OFFICE_ROOT, UNIT)


def test_the_files_are_what_the_generator_makes() -> None:
    made = sorted(all_cases(), key=lambda case: case.name)
    assert [case.name for case in CASES] == [case.name for case in made]
    for case in made:
        assert (FOLDER / "receipt" / f"{case.name}.json").read_text("utf-8") == case.text()


def test_the_document_shows_the_good_case() -> None:
    document = (FOLDER.parents[1] / "alprd/docs/formats/receipt.md").read_text("utf-8")
    assert hex_lines(GOOD) in document


def test_every_flipped_bit_and_every_cut_is_refused() -> None:
    assert accept(GOOD, OFFICE_ROOT, UNIT) == SAID
    for bit in range(8 * len(GOOD)):
        changed = bytearray(GOOD)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(EvidenceError):
            accept(bytes(changed), OFFICE_ROOT, UNIT)
    for size in range(len(GOOD)):
        with pytest.raises(EvidenceError):
            accept(GOOD[:size], OFFICE_ROOT, UNIT)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_give_an_evidence_error(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        accept(data, OFFICE_ROOT, UNIT)


def test_the_largest_receipt_is_accepted_and_a_larger_one_not_made() -> None:
    digests = {number: bytes(DIGEST_BYTES) for number in range(1, MAX_RECORDS + 1)}
    largest = Receipt(unit=UNIT, at_s=CREATED, digests=digests)
    data = sign(largest, SIGNER)
    assert len(data) == MAX_BYTES == 152 + 40 * 4096
    assert accept(data, OFFICE_ROOT, UNIT) == largest
    for wrong in ({}, {**digests, MAX_RECORDS + 1: bytes(DIGEST_BYTES)}, {1: b"short"}):
        with pytest.raises(ValueError, match=r"a receipt is for|a record's digest"):
            replace(largest, digests=wrong)
