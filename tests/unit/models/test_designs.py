from __future__ import annotations

import numpy as np
import pytest

from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS
from alprd.plates.grammar import choices_of, formats_of
from alprd.plates.jurisdictions import JURISDICTIONS, jurisdiction_number
from models.training.design import BACKS, STYLES
from models.training.designs import DESIGNS
from models.training.serials import draw_serial, draw_serial_of, filled, text_of
from models.training.vanity import draw_vanity


def test_every_jurisdiction_has_a_design_that_names_it() -> None:
    assert set(DESIGNS) == set(JURISDICTIONS[1:])
    assert all(any(design.name for design in designs) for designs in DESIGNS.values())


def test_no_design_hides_its_serial_in_its_paper() -> None:
    for designs in DESIGNS.values():
        for design in designs:
            assert abs(design.paper - design.ink) >= 70
            assert design.style in STYLES
            assert design.back in BACKS


def test_draws_go_by_the_shares_of_what_is_on_the_road() -> None:
    rng = np.random.default_rng(4)
    families = [draw_serial(rng)[0] for _ in range(6000)]
    ontario = families.count("CA-ON") / len(families)
    canada = sum(name.startswith("CA-") for name in families) / len(families)
    states = sum(name.startswith("US-") for name in families) / len(families)
    assert 0.13 < ontario < 0.19
    assert 0.11 < canada - ontario < 0.17
    assert 0.44 < states < 0.53
    assert set(families) >= set(JURISDICTIONS[1:])


@pytest.mark.parametrize("place", JURISDICTIONS[1:])
def test_a_filled_pattern_is_a_serial_of_its_jurisdiction(place: str) -> None:
    rng = np.random.default_rng(5)
    for form in formats_of(jurisdiction_number(place)):
        text = text_of(filled(form.pattern, place, rng))
        assert len(text) == len(choices_of(form.pattern))


def test_texts_are_two_to_ten_characters_whatever_is_drawn() -> None:
    rng = np.random.default_rng(6)
    for _ in range(3000):
        _family, serial = draw_serial(rng)
        text = text_of(serial)
        assert 2 <= len(text) <= MAX_CHARACTERS
        assert set(text) <= set(CHARACTERS)


def test_small_letters_are_no_part_of_the_text() -> None:
    assert text_of("{DP}12^345") == "12345"
    assert text_of("ABC^123{TRK}") == "ABC123"


def test_personal_serials_keep_to_their_length() -> None:
    rng = np.random.default_rng(7)
    texts = [text_of(draw_vanity(rng, 7)) for _ in range(800)]
    assert all(2 <= len(text) <= 7 for text in texts)
    assert len(set(texts)) > 600


def test_the_same_seed_draws_the_same_serials() -> None:
    first, second = (np.random.default_rng(8) for _ in range(2))
    assert [draw_serial_of("US-NY", first) for _ in range(50)] == [
        draw_serial_of("US-NY", second) for _ in range(50)
    ]
