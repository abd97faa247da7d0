"""A camera that is covered shows nothing for a while; a dark road with a lamp, or a dark moment, is none."""

from __future__ import annotations

import numpy as np
import pytest

from alprd.records import MonotonicNs
from alprd.vision.cover import LEAST_RANGE, LONG_NS, Cover

S = 1_000_000_000


def picture(low: int, high: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    frame = np.full((90, 160), low, np.uint8)
    frame[40:48, 80:88] = high
    return frame


@pytest.mark.parametrize(
    ("spread", "is_covered"), [(0, True), (LEAST_RANGE - 1, True), (LEAST_RANGE, False), (200, False)]
)
def test_what_shows_nothing_for_twenty_seconds_is_covered(
    spread: int,
    is_covered: bool,  # noqa: FBT001 - the parameters of the table above
) -> None:
    cover = Cover()
    for second in range(21):
        cover.look(picture(10, 10 + spread), MonotonicNs(second * S))
    assert cover.is_covered == is_covered


def test_it_takes_the_whole_time_and_one_frame_that_shows_something_ends_it() -> None:
    cover = Cover()
    cover.look(picture(0, 0), MonotonicNs(S))
    cover.look(picture(0, 0), MonotonicNs(S + LONG_NS - 1))
    assert not cover.is_covered
    cover.look(picture(0, 0), MonotonicNs(S + LONG_NS))
    assert cover.is_covered
    cover.look(picture(0, 90), MonotonicNs(2 * S + LONG_NS))
    assert not cover.is_covered
    cover.look(picture(0, 0), MonotonicNs(3 * S + LONG_NS))
    assert not cover.is_covered


def test_a_camera_that_was_closed_begins_anew() -> None:
    cover = Cover()
    cover.look(picture(0, 0), MonotonicNs(0))
    cover.look(picture(0, 0), MonotonicNs(LONG_NS))
    cover.forget()
    assert not cover.is_covered
    cover.look(picture(0, 0), MonotonicNs(LONG_NS + S))
    assert not cover.is_covered


def test_what_was_blanked_on_purpose_is_neither_dark_nor_something_to_see() -> None:
    covered = picture(120, 0)  # a blank region in a frame that shows nothing else
    is_kept = covered > 0
    for kept, is_covered in ((is_kept, True), (None, False)):
        cover = Cover()
        for second in range(21):
            cover.look(covered, MonotonicNs(second * S), kept)
        assert cover.is_covered is is_covered
