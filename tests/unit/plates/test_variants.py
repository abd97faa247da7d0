"""The texts that a camera takes for a read."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS
from alprd.plates.lookalikes import ARE_LOOKALIKES, LOOKALIKES, MOST
from alprd.plates.normal import encode, unpack
from alprd.plates.variants import DOUBTFUL, KEYS, Variants
from tests.sim.reads import fused_read

if TYPE_CHECKING:
    from alprd.plates.vote import FusedRead

PLATE = "ABCD123"
SINGLES = 1 + MAX_CHARACTERS * MOST


def read_of(text: str, others: dict[tuple[int, str], float] | None = None, *, backed: int = 9) -> FusedRead:
    """A fused read of ``text``; ``others`` are the odds of other characters at their places."""
    read = fused_read(encode(text), len(text))
    for (place, character), odds in (others or {}).items():
        code = CHARACTERS.index(character)
        read.others[place, code], read.odds[place, code], read.backings[place, code] = odds, odds, backed
    return read


def looked_up(
    variants: Variants, read: FusedRead, *, votes: int = 2, with_all: bool = True
) -> dict[int, str]:
    """Each text that is looked up, by its number; of those with two changes the ones that have odds."""
    asked = variants.of(read, votes, with_all=with_all)
    variants.weigh_pairs()
    found, places = np.full(KEYS, -1), np.full(KEYS, -1)
    found[asked] = np.arange(KEYS)[asked]
    variants.in_order(found, places)
    return {
        number: unpack(int(variants.keys[place]))
        for number, place in enumerate(places)
        if place >= 0 and (number < SINGLES or variants.odds[number])
    }


def variants_of(read: FusedRead, *, votes: int = 2, with_all: bool = True) -> dict[str, float]:
    """Each text that is looked up, and its odds."""
    variants = Variants()
    texts = looked_up(variants, read, votes=votes, with_all=with_all)
    assert len(set(texts.values())) == len(texts), "none is looked up twice"
    return {text: float(variants.odds[number]) for number, text in texts.items()}


def lookalikes_of(text: str) -> set[str]:
    """Every text that one lookalike makes of ``text``."""
    return {
        text[:place] + CHARACTERS[other - 1] + text[place + 1 :]
        for place, character in enumerate(text)
        for other in np.flatnonzero(ARE_LOOKALIKES[CHARACTERS.index(character) + 1])
    }


def test_the_table_by_code_holds_every_lookalike_and_no_other() -> None:
    for code, row in enumerate(LOOKALIKES):
        assert set(row) - {0} == set(np.flatnonzero(ARE_LOOKALIKES[code]))


@given(st.text(CHARACTERS, min_size=1, max_size=10))
def test_the_read_and_every_text_that_one_lookalike_makes_are_looked_up(text: str) -> None:
    assert set(variants_of(read_of(text))) == {text} | lookalikes_of(text)


def test_a_read_without_doubt_is_looked_up_alone_unless_all_are_asked_for() -> None:
    assert variants_of(read_of(PLATE), with_all=False) == {PLATE: 1.0}
    assert variants_of(read_of(PLATE, {(3, "O"): 0.5}), with_all=False) == {PLATE: 1.0, "ABCO123": 0.5}


def test_two_doubtful_characters_are_changed_together() -> None:
    found = variants_of(read_of(PLATE, {(3, "O"): 0.5, (4, "I"): 0.25, (5, "7"): 0.125}))
    assert found["ABCO123"] == 0.5
    assert found["ABCOI23"] == 0.125
    assert found["ABCDI73"] == 0.03125
    assert "ABCOI73" not in found


def test_one_place_is_never_changed_twice() -> None:
    found = variants_of(read_of("D", {(0, "O"): 0.5, (0, "0"): 0.25, (0, "Q"): 0.125}))
    assert found == {"D": 1, "O": 0.5, "0": 0.25, "Q": 0.125}


def test_of_many_doubtful_changes_the_likeliest_are_paired() -> None:
    text = "0" * 10
    doubts = {
        (place, other): (1 + place) / 100 + number / 1000
        for place in range(10)
        for number, other in enumerate("DOQ")
    }
    found = variants_of(read_of(text, doubts))
    likeliest = sorted(doubts, key=lambda change: doubts[change])[-DOUBTFUL:]
    pairs = {
        (one, two): doubts[one] * doubts[two]
        for one, two in itertools.combinations(likeliest, 2)
        if one[0] != two[0]
    }
    double = {t: odds for t, odds in found.items() if sum(c != "0" for c in t) == 2 and odds > 0}
    assert sorted(double.values()) == pytest.approx(sorted(pairs.values()))
    assert len(pairs) == 28 - 3 - 3 - 1, "eight of ten times three are of three places"


def test_a_lookalike_that_too_few_frames_could_have_read_has_no_odds() -> None:
    doubt = {(3, "O"): 0.5}
    assert variants_of(read_of(PLATE, doubt, backed=1))["ABCO123"] == 0
    assert variants_of(read_of(PLATE, doubt, backed=2))["ABCO123"] == 0.5
    assert variants_of(read_of(PLATE, doubt, backed=2), votes=3)["ABCO123"] == 0


def test_a_character_that_is_no_lookalike_is_not_looked_up() -> None:
    assert "ABCE123" not in variants_of(read_of(PLATE, {(3, "E"): 0.9}))


def test_every_text_can_be_told_from_its_number() -> None:
    read = read_of(PLATE, {(3, "O"): 0.5, (4, "I"): 0.25, (5, "7"): 0.125})
    variants, out = Variants(), np.zeros(10, np.uint8)
    texts = looked_up(variants, read)
    assert np.count_nonzero(variants.odds) == 1 + 3 + 3
    assert len(texts) == 1 + len(lookalikes_of(PLATE)) + 3
    for number, text in texts.items():
        variants.codes_of(number, read.codes, out)
        assert "".join(CHARACTERS[code - 1] for code in out if code) == text


@pytest.mark.parametrize("codes", [[], [0, 5], [5, 0, 5], [5, 37], [5, 255], [36, 36, 0]])
def test_what_is_no_text_has_no_keys(codes: list[int]) -> None:
    read = fused_read(np.array(codes + [0] * (10 - len(codes)), np.uint8), len(codes))
    for with_all in (False, True):
        asked = Variants().of(read, 2, with_all=with_all)
        assert asked.start == asked.stop


def test_what_stands_behind_the_text_counts_for_nothing() -> None:
    read = read_of("A8")
    read.codes[2:] = 99
    assert set(variants_of(read)) == {"A8", "A3", "AB"}


def test_the_nearest_listed_text_is_told_by_the_odds_of_the_vote() -> None:
    read = read_of(PLATE, {(3, "O"): 0.5, (4, "I"): 0.25}, backed=1)
    variants, is_listed = Variants(), np.zeros(KEYS, np.bool_)
    numbers = {text: number for number, text in looked_up(variants, read).items()}
    assert variants.nearest(read, is_listed) == 0
    is_listed[numbers["ABCDI23"]] = True
    assert variants.nearest(read, is_listed) == 0.25


def test_wiping_leaves_nothing() -> None:
    variants = Variants()
    variants.of(read_of(PLATE, {(3, "O"): 0.5, (4, "I"): 0.25}), 2, with_all=True)
    assert variants._block.any()
    arrays = [value for value in vars(variants).values() if isinstance(value, np.ndarray)]
    assert len(arrays) > 15
    assert all(np.shares_memory(array, variants._block) for array in arrays)
    variants.wipe()
    assert not any(array.any() for array in arrays)
