"""Placeholders are known, and the fast check of formats says what the reader's says."""

from __future__ import annotations

from random import Random  # noqa: TC003 - hypothesis reads the annotation

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.office.plate_check import PLACEHOLDERS, is_placeholder, outside_grammar
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.grammar import CLASSES, choices_of, fits, formats_of
from alprd.plates.jurisdictions import JURISDICTIONS, jurisdiction_number
from alprd.plates.normal import encode, normal_form, pack

ONTARIO = jurisdiction_number("CA-ON")


def is_outside(text: str, place: int) -> bool:
    return bool(outside_grammar(np.array([pack(text)], np.uint64), np.array([place], np.uint8))[0])


@pytest.mark.parametrize("text", [*sorted(PLACEHOLDERS), "0", "00", "000", "0000000", "XXXX", "7", "A"])
def test_every_placeholder_is_told(text: str) -> None:
    assert normal_form(text) == text
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["ABCD123", "ABC123", "777777", "1000", "OOO", "X1", "BIGDOG"])
def test_a_plate_is_no_placeholder(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize(("text", "outside"), [("ABCD123", False), ("ABCI123", True), ("BIGDOG", True)])
def test_a_serial_outside_its_issuers_formats_is_told(text: str, outside: bool) -> None:  # noqa: FBT001 - a case of the table
    assert is_outside(text, ONTARIO) is outside


def test_an_unknown_issuer_has_no_formats() -> None:
    assert not is_outside("BIGDOG", 0)


@given(st.text(CHARACTERS, min_size=1, max_size=10), st.integers(1, len(JURISDICTIONS) - 1), st.randoms())
def test_the_fast_check_is_the_readers(text: str, place: int, chance: Random) -> None:
    choices = choices_of(formats_of(place)[0].pattern)
    pick = chance.choice
    for candidate in (text, "".join(pick(characters) for characters in choices)):
        assert is_outside(candidate, place) is not fits(encode(candidate), len(candidate), place)


def test_every_format_of_every_issuer_is_inside() -> None:
    assert CLASSES
    for place in range(1, len(JURISDICTIONS)):
        for form in formats_of(place):
            assert not is_outside("".join(c[0] for c in choices_of(form.pattern)), place)
