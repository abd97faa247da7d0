from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.plates.alphabet import CHARACTERS, CODES
from alprd.plates.jurisdictions import JURISDICTIONS, UNKNOWN, jurisdiction_name, jurisdiction_number
from alprd.plates.normal import MAX_KEY, SEPARATORS, WEIGHTS, encode, normal_form, pack, unpack

plates = st.text(CHARACTERS, min_size=1, max_size=10)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("abcd 123", "ABCD123"),
        ("AB-C.D\u00b71\u20132", "ABCD12"),
        ("O0I1B8", "O0I1B8"),
        ("ABCDE 12345", "ABCDE12345"),
        (" 7 ", "7"),
    ],
)
def test_case_and_separators_go_and_lookalikes_stay(text: str, normal: str) -> None:
    assert normal_form(text) == normal


@pytest.mark.parametrize(
    "text", ["", " - ", "ABCDEFGHIJK", "AB*1", "AB\0", "\u00c91", "\u00df", "\u0131", "\uff11", "A\n"]
)
def test_what_no_plate_can_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a plate has"):
        normal_form(text)


@given(st.text(max_size=12).filter(lambda text: not text.isascii()))
def test_a_refusal_never_repeats_the_text(text: str) -> None:
    bare = "".join(character for character in text if character not in SEPARATORS)
    if bare.isascii():
        return
    with pytest.raises(
        ValueError, match=r"^a plate has only A-Z, 0-9 and separators; found another character$"
    ):
        normal_form(text)


@given(plates)
def test_packing_is_reversible(text: str) -> None:
    assert normal_form(text) == text
    assert unpack(pack(text)) == text


@given(plates, plates)
def test_packed_plates_sort_as_texts_do(one: str, other: str) -> None:
    assert (pack(one) < pack(other)) == (one < other)


@given(plates)
def test_codes_packed_by_weights_are_the_packed_key(text: str) -> None:
    codes = encode(text)
    assert codes.dtype == np.uint8
    assert codes.shape == (10,)
    assert int((codes * WEIGHTS).sum(dtype=np.uint64)) == pack(text)


@given(st.integers(1, MAX_KEY))
def test_a_key_unpacks_to_its_plate_or_has_a_gap(key: int) -> None:
    digits = [key // CODES**place % CODES for place in range(9, -1, -1)]
    while digits[-1] == 0:
        digits.pop()
    if 0 in digits:
        with pytest.raises(ValueError, match="no gap"):
            unpack(key)
    else:
        assert pack(unpack(key)) == key


@pytest.mark.parametrize("key", [0, -1, MAX_KEY + 1, 1, 37, CODES**9 + 1])
def test_keys_of_no_plate_are_refused(key: int) -> None:
    with pytest.raises(ValueError, match="a packed key"):
        unpack(key)


def test_only_a_normal_form_is_encoded() -> None:
    with pytest.raises(ValueError, match="not a normal form"):
        encode("abc")


def test_the_table_has_thirteen_canadian_and_fifty_one_american_jurisdictions() -> None:
    assert JURISDICTIONS[0] == UNKNOWN
    assert sum(name.startswith("CA-") for name in JURISDICTIONS) == 13
    assert sum(name.startswith("US-") for name in JURISDICTIONS) == 51
    assert len(set(JURISDICTIONS)) == len(JURISDICTIONS) == 65


def test_a_jurisdiction_s_number_gives_its_name_back() -> None:
    assert [jurisdiction_number(jurisdiction_name(n)) for n in range(65)] == list(range(65))
    assert jurisdiction_number("CA-ON") == 9


@pytest.mark.parametrize("name", ["", "ON", "ca-on", "CA-XX", "US-PR"])
def test_a_jurisdiction_outside_the_table_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a jurisdiction is"):
        jurisdiction_number(name)


@pytest.mark.parametrize("number", [-1, 65])
def test_a_number_outside_the_table_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="number is 0 to 64"):
        jurisdiction_name(number)
