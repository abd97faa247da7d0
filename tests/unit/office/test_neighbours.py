"""Neighbours are found as a comparison of each plate with each other finds them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.office.neighbours import find_neighbours
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.lookalikes import ARE_LOOKALIKES
from alprd.plates.normal import pack, unpack


def keys(*texts: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(sorted(pack(text) for text in texts), np.uint64)


def are_neighbours(one: str, other: str) -> bool:
    differing = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    if len(one) != len(other) or len(differing) != 1:
        return False
    a, b = (CHARACTERS.index(character) + 1 for character in differing[0])
    return bool(ARE_LOOKALIKES[a, b])


def test_a_seeded_list_gives_its_pairs() -> None:
    found = find_neighbours(
        keys("ABCD128", "ABCD12B", "ABCD123", "ABC0123", "ABCO123", "ABCQ123", "XYZ999", "XYZ99"), shown=10
    )
    pairs = {(unpack(one), unpack(other)) for one, other in found.shown.tolist()}
    assert pairs == {
        *(("ABCD128", "ABCD12B"), ("ABCD123", "ABCD128"), ("ABC0123", "ABCD123"), ("ABC0123", "ABCO123")),
        *(("ABC0123", "ABCQ123"), ("ABCD123", "ABCO123"), ("ABCD123", "ABCQ123"), ("ABCO123", "ABCQ123")),
    }
    assert (found.plates, found.with_neighbour, found.pairs, found.most) == (8, 6, 8, 4)


def test_a_plate_of_two_issuers_is_one_plate() -> None:
    found = find_neighbours(keys("ABCD128", "ABCD128", "ABCD12B"))
    assert (found.plates, found.pairs, found.most) == (2, 1, 1)


def test_no_list_has_no_neighbours() -> None:
    found = find_neighbours(keys())
    assert (found.plates, found.pairs, found.most, len(found.shown)) == (0, 0, 0, 0)


@pytest.mark.parametrize("shown", [0, 1, 3])
def test_no_more_pairs_are_kept_than_asked_for(shown: int) -> None:
    found = find_neighbours(keys("A0", "AO", "AQ", "AD"), shown=shown)
    assert (len(found.shown), found.pairs, found.most) == (shown, 6, 3)


@given(st.sets(st.text("0OD8B3A", min_size=1, max_size=4), max_size=25))
def test_the_fast_way_finds_what_comparing_all_finds(texts: set[str]) -> None:
    expected = [pair for pair in combinations(texts, 2) if are_neighbours(*pair)]
    found = find_neighbours(keys(*texts), shown=1000)
    shown = {frozenset(unpack(key) for key in pair) for pair in found.shown.tolist()}
    assert shown == {frozenset(pair) for pair in expected}
    assert found.pairs == len(expected)
    assert found.with_neighbour == len({text for pair in expected for text in pair})
