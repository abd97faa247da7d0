from __future__ import annotations

import numpy as np
import pytest

from alprd.desk import of_listed
from alprd.hotlist.match import Match
from alprd.records import Doubt

READ = np.array([0.99, 0.97, 0.9, 0.6, 0.4, 0, 0, 0, 0, 0], np.float32)


def match(*differs_at: int) -> Match:
    return Match(entry_number=0, plate="ABC12", differs_at=differs_at, chance=0.9, doubts=Doubt.LOOKALIKE)


def test_characters_that_were_read_as_listed_are_as_sure_as_they_were_read() -> None:
    assert of_listed(READ, match()) == pytest.approx((0.99, 0.97, 0.9, 0.6, 0.4))


def test_a_character_read_as_a_lookalike_of_the_listed_one_is_never_likely() -> None:
    assert of_listed(READ, match(0, 3, 4)) == pytest.approx((0.01, 0.97, 0.9, 0.4, 0.4))
