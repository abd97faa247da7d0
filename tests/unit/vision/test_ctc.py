"""The chance of a text is the sum over every path of columns that reads so."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS, READ_CODES
from alprd.vision.ctc import TextChance

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = 6


def codes_of(text: str) -> NDArray[np.intp]:
    codes = np.zeros(MAX_CHARACTERS, np.intp)
    codes[: len(text)] = [CHARACTERS.index(mark) + 1 for mark in text]
    return codes


def chance_of(text: str, chances: NDArray[np.float32]) -> float:
    out = np.zeros(1, np.float32)
    TextChance(len(chances)).of(chances, codes_of(text), len(text), out)
    return float(out[0])


def folded(code: int) -> int:
    return codes_of(CHARACTERS[code - 1].replace("O", "0").replace("I", "1"))[0] if code else 0


def sum_over_paths(text: str, chances: NDArray[np.float32]) -> float:
    """The definition: each path of one code a column, equal neighbours merged, blanks dropped."""
    wanted = [folded(code) for code in codes_of(text)[: len(text)]]
    marks = [0, *(code for code in range(1, len(CHARACTERS) + 1) if folded(code) in wanted)]
    total = 0.0
    for path in itertools.product(marks, repeat=len(chances)):
        read = [folded(code) for code in path]
        merged = [code for before, code in itertools.pairwise([0, *read]) if code not in {0, before}]
        if merged == wanted:
            total += float(np.prod([chances[column, code] for column, code in enumerate(path)]))
    return total


@pytest.mark.parametrize("text", ["7", "AB", "AA", "O0", "I1A", "2Z2"])
def test_it_is_the_sum_over_all_paths_where_twins_count_as_one(text: str) -> None:
    chances = np.random.default_rng(3).dirichlet(np.full(READ_CODES, 0.3), COLUMNS).astype(np.float32)
    assert chance_of(text, chances) == pytest.approx(sum_over_paths(text, chances), rel=1e-4)


def test_columns_that_are_surely_blank_are_counted_though_they_are_not_gone_through() -> None:
    chances = np.random.default_rng(4).dirichlet(np.full(READ_CODES, 0.3), COLUMNS).astype(np.float32)
    chances[2:5] = 0.005 / (READ_CODES - 1)
    chances[2:5, 0] = 0.995
    assert chance_of("AB", chances) == pytest.approx(sum_over_paths("AB", chances), rel=0.03)


def test_a_character_nearly_seen_between_two_others_costs_the_text_its_certainty() -> None:
    chances = np.full((COLUMNS, READ_CODES), 1e-6, np.float32)
    a, b, c = (CHARACTERS.index(mark) + 1 for mark in "ABC")
    for column, code in enumerate((a, 0, 0, 0, b, 0)):
        chances[column, code] = 1
    clear = chance_of("AB", chances)
    chances[2, [0, c]] = 0.6, 0.4
    assert clear == pytest.approx(1, abs=0.01)
    assert chance_of("AB", chances) == pytest.approx(0.6, abs=0.01)


def test_a_wipe_leaves_zeros() -> None:
    text_chance = TextChance(COLUMNS)
    text_chance.of(
        np.full((COLUMNS, READ_CODES), 0.1, np.float32), codes_of("ABC"), 3, np.zeros(1, np.float32)
    )
    arrays = [value for value in vars(text_chance).values() if isinstance(value, np.ndarray)]
    assert any(array.any() for array in arrays)
    text_chance.wipe()
    assert not any(array.any() for array in arrays)
