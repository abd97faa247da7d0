"""A GPS receiver on the dash's line is known by its sentences, and nothing else is taken for one."""

from __future__ import annotations

import random

import pytest

from alprd.alerts.roles import MAX_HELD, NmeaEar
from alprd.alerts.wire import encode
from tests.sim.dash_pair import alert
from tests.vectors.dash_link.details import KEY

SENTENCE = b"$GPGGA,092725.00,4717.11399,N,00833.91590,E,1,08,1.01,499.6,M,48.0,M,,*5B\r\n"


def test_a_sentence_is_heard_whole_and_byte_by_byte() -> None:
    assert NmeaEar().hears(b"\xff\x00" + SENTENCE)
    ear = NmeaEar()
    assert [ear.hears(SENTENCE[place : place + 1]) for place in range(len(SENTENCE))].count(True) == 1


@pytest.mark.parametrize("place", [1, 8, 30, len(SENTENCE) - 4, len(SENTENCE) - 1])
def test_a_sentence_with_one_wrong_byte_is_none(place: int) -> None:
    spoiled = SENTENCE[:place] + bytes((SENTENCE[place] ^ 4,)) + SENTENCE[place + 1 :]
    assert not NmeaEar().hears(spoiled)


def test_what_came_before_another_line_began_is_forgotten() -> None:
    ear = NmeaEar()
    ear.hears(SENTENCE[:40])
    ear.reset()
    assert not ear.hears(SENTENCE[40:])


def test_neither_frames_nor_noise_are_taken_for_a_receiver() -> None:
    rng, ear = random.Random(1), NmeaEar()
    for number in range(300):
        assert not ear.hears(encode(alert(1 + number), 1, 1 + number, KEY))
        assert not ear.hears(rng.randbytes(200))
        assert len(ear._held) <= MAX_HELD
