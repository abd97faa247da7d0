"""Which listed characters are in doubt, and with what they were confused."""

from __future__ import annotations

import numpy as np
import pytest

from alprd.hotlist.doubtful import confused_in, of_listed
from alprd.hotlist.match import Match
from alprd.plates.normal import encode
from alprd.records import Doubt
from tests.sim.reads import code_of, fused_read

SHARES = np.array([0.99, 0.97, 0.9, 0.6, 0.4, 0, 0, 0, 0, 0], np.float32)


def match_differing(*differs_at: int) -> Match:
    return Match(entry_number=0, plate="ABC12", differs_at=differs_at, chance=0.9, doubts=Doubt.LOOKALIKE)


def test_characters_that_were_read_as_listed_are_as_sure_as_they_were_read() -> None:
    assert of_listed(SHARES, match_differing()) == pytest.approx((0.99, 0.97, 0.9, 0.6, 0.4))


def test_a_character_read_as_a_lookalike_of_the_listed_one_is_never_likely() -> None:
    assert of_listed(SHARES, match_differing(0, 3, 4)) == pytest.approx((0.01, 0.97, 0.9, 0.4, 0.4))


def test_a_lookalike_that_was_read_is_the_other_of_the_pair() -> None:
    read = fused_read(encode("A8C12"), 5)
    read.confidences[:] = SHARES
    read.confidences[4] = 0.9
    assert confused_in(read, match_differing(1)) == ((code_of("B"), code_of("8")),)


def test_of_a_listed_character_that_was_read_unsurely_it_is_the_one_held_next() -> None:
    read = fused_read(encode("ABC12"), 5)
    read.confidences[:] = SHARES
    read.odds[4, code_of("2") - 1] = 1
    read.odds[4, code_of("Z") - 1] = 0.7
    read.odds[4, code_of("7") - 1] = 0.2
    assert confused_in(read, match_differing()) == ((code_of("2"), code_of("Z")),)


def test_a_read_that_is_sure_confuses_nothing() -> None:
    assert confused_in(fused_read(encode("ABC12"), 5), match_differing()) == ()
