"""A planted picture is recognised wherever a piece of it was left, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from alprd.forgetting.pattern import MAX_FORMS, WORD, Pattern

BLOCK = 1 << 16
WORD_BYTES = np.array([7, 201, 33, 90, 128, 5, 250, 64], np.uint8)


@pytest.fixture
def pattern() -> Pattern:
    pattern = Pattern(BLOCK)
    assert pattern.add(np.tile(WORD_BYTES, 20))
    return pattern


def words(data: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.frombuffer(data[: len(data) // 8 * 8], np.uint64)


@pytest.mark.parametrize("lead", range(17))
@pytest.mark.parametrize("first", range(8))
@pytest.mark.parametrize("turn", [0, 0x80])
def test_a_piece_of_a_row_is_found_wherever_it_lies(
    pattern: Pattern, lead: int, first: int, turn: int
) -> None:
    piece = np.roll(np.tile(WORD_BYTES ^ turn, 4), -first).tobytes()[:31]
    memory = b"\xaa" * lead + piece + b"\xaa" * 40
    assert pattern.count(words(memory)) >= 1


def test_what_repeats_otherwise_or_is_zero_is_not_it(pattern: Pattern) -> None:
    other = WORD_BYTES.copy()
    other[3] ^= 1
    memory = bytes(4096) + b"\xff" * 4096 + np.tile(other, 100).tobytes() + bytes(8)
    assert pattern.count(words(memory)) == 0
    noise = np.random.default_rng(1).integers(0, 256, BLOCK, dtype=np.uint8)
    assert pattern.count(words(noise.tobytes())) == 0


def test_the_pattern_does_not_find_itself(pattern: Pattern) -> None:
    assert pattern.count(pattern._rotations) == 0
    assert pattern._rotations[: 2 * WORD].all()


@pytest.mark.parametrize("row", [np.zeros(64, np.uint8), np.arange(64, dtype=np.uint8), np.tile([9, 8], 32)])
def test_a_row_that_does_not_repeat_or_is_plain_is_not_learnt(
    row: np.ndarray[tuple[int], np.dtype[np.uint8]],
) -> None:
    pattern = Pattern(BLOCK)
    assert not pattern.add(row.astype(np.uint8))
    assert pattern.forms == 0


def test_a_wiped_pattern_finds_nothing_and_holds_nothing(pattern: Pattern) -> None:
    memory = words(np.tile(WORD_BYTES, 100).tobytes())
    assert pattern.count(memory) == 99
    pattern.wipe()
    for array in (pattern._rotations, pattern._equal, pattern._other, pattern._runs):
        assert not array.any()
    assert pattern.count(memory) == 0


def test_more_forms_than_there_is_room_for_are_refused(pattern: Pattern) -> None:
    for turn in range(1, MAX_FORMS // 2):
        pattern.add(np.tile(WORD_BYTES ^ turn, 3))
    with pytest.raises(ValueError, match="16 forms"):
        pattern.add(np.tile(WORD_BYTES ^ 99, 3))
