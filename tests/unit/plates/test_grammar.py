from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS, UNREADABLE
from alprd.plates.grammar import (
    CLASSES,
    choices_of,
    fits,
    formats_of,
    places_of,
)
from alprd.plates.jurisdictions import JURISDICTIONS, jurisdiction_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLACES = range(1, len(JURISDICTIONS))


def codes_of(text: str) -> NDArray[np.uint8]:
    codes = np.zeros(MAX_CHARACTERS, np.uint8)
    codes[: len(text)] = [UNREADABLE if mark == "?" else CHARACTERS.index(mark) + 1 for mark in text]
    return codes


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ABCD123", "CA-ON"),
        ("ABC123", "CA-ON"),
        ("AB12345", "CA-ON"),
        ("A12BCD", "CA-QC"),
        ("FAB1234", "CA-QC"),
        ("AB123C", "CA-BC"),
        ("ABC1234", "CA-AB"),
        ("7ABC234", "US-CA"),
        ("8A12345", "US-CA"),
        ("12345A1", "US-CA"),
        ("ABC1234", "US-NY"),
        ("T123456C", "US-NY"),
        ("12345MA", "US-NY"),
        ("BCD1234", "US-TX"),
        ("BC1D234", "US-TX"),
        ("123456", "US-DE"),
        ("A12BCD", "US-NJ"),
        ("1231234", "US-NH"),
        ("1712345", "US-WY"),
    ],
)
def test_serials_of_the_road_are_formats_of_their_jurisdiction(text: str, place: str) -> None:
    assert fits(codes_of(text), len(text), jurisdiction_number(place))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ABCD12", "CA-ON"),
        ("GIOQ123", "CA-ON"),
        ("1234567890", "CA-ON"),
        ("0ABC234", "US-CA"),
        ("ABCD123", "US-CA"),
        ("AEI1234", "US-TX"),
        ("4512345", "US-WY"),
        ("GREAT", "US-CA"),
        ("S123456C", "US-NY"),
    ],
)
def test_other_reads_are_not(text: str, place: str) -> None:
    assert not fits(codes_of(text), len(text), jurisdiction_number(place))


def test_every_jurisdiction_has_formats_and_the_unknown_one_has_none() -> None:
    assert all(formats_of(place) for place in PLACES)
    assert formats_of(0) == ()
    assert not fits(codes_of("ABCD123"), 7, 0)


@pytest.mark.parametrize("place", PLACES)
def test_formats_are_two_to_ten_characters_of_the_alphabet(place: int) -> None:
    for form in formats_of(place):
        choices = choices_of(form.pattern)
        assert form.weight >= 1
        assert 2 <= len(choices) <= MAX_CHARACTERS
        assert set("".join(choices)) <= set(CHARACTERS)


@given(st.data())
def test_whatever_a_format_draws_fits_it_and_is_among_the_places(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(PLACES))
    pattern = data.draw(st.sampled_from(formats_of(place))).pattern
    text = "".join(data.draw(st.sampled_from(characters)) for characters in choices_of(pattern))
    codes, answer = codes_of(text), np.zeros(len(JURISDICTIONS), np.bool_)
    places_of(codes, len(text), answer)
    assert fits(codes, len(text), place)
    assert answer[place]
    assert not answer[0]


@given(st.text(CHARACTERS + "?", max_size=MAX_CHARACTERS))
def test_the_mask_of_places_says_what_each_place_says(text: str) -> None:
    codes, answer = codes_of(text), np.ones(len(JURISDICTIONS), np.bool_)
    places_of(codes, len(text), answer)
    assert answer.tolist() == [fits(codes, len(text), place) for place in range(len(JURISDICTIONS))]


def test_a_character_that_cannot_be_made_out_fits_any_place_of_a_format() -> None:
    assert fits(codes_of("?BC?234"), 7, jurisdiction_number("US-CA"))
    assert not fits(codes_of("G?EAT"), 5, jurisdiction_number("US-CA"))


def test_nothing_of_a_read_is_left_in_the_scratch() -> None:
    from alprd.plates import grammar  # noqa: PLC0415 - looks inside

    fits(codes_of("ABCD123"), 7, jurisdiction_number("CA-ON"))
    assert not grammar._FORMATS.row.any()
    assert not grammar._FORMATS.fit.any()
    places_of(codes_of("ABCD123"), 7, np.zeros(len(JURISDICTIONS), np.bool_))
    assert not grammar._FORMATS.fit.any()


def test_small_letters_and_ornaments_are_not_read() -> None:
    assert choices_of("{tk}99A^9") == ("0123456789",) * 2 + (CLASSES["A"], "0123456789")
