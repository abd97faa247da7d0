from __future__ import annotations

import numpy as np
import pytest

from alprd.plates.alphabet import CHARACTERS, CODES
from alprd.plates.lookalikes import ARE_LOOKALIKES


def are_lookalikes(a: str, b: str) -> bool:
    return bool(ARE_LOOKALIKES[CHARACTERS.index(a) + 1, CHARACTERS.index(b) + 1])


@pytest.mark.parametrize(
    "pair", ["27", "2Z", "8B", "5S", "O0", "OD", "OQ", "0D", "1I", "1T", "VY", "6G", "38", "KX"]
)
def test_characters_that_are_taken_for_one_another_are_lookalikes(pair: str) -> None:
    assert are_lookalikes(*pair)


@pytest.mark.parametrize("pair", ["27", "8B"])
def test_lookalikes_are_so_both_ways(pair: str) -> None:
    assert are_lookalikes(*pair[::-1])


@pytest.mark.parametrize("pair", ["A4", "7Z", "3B", "UY", "E9"])
def test_others_are_none_though_they_share_a_lookalike(pair: str) -> None:
    assert not are_lookalikes(*pair)


def test_no_character_is_its_own_and_no_character_is_like_none() -> None:
    assert ARE_LOOKALIKES.shape == (CODES, CODES)
    assert not np.diagonal(ARE_LOOKALIKES).any()
    assert not ARE_LOOKALIKES[0].any()
    assert not ARE_LOOKALIKES[:, 0].any()
