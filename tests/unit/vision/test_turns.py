"""Which plate boxes of a frame are read, in which order, and when it is time to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from alprd.records import MonotonicNs
from alprd.vision.track import TIME_OUT_NS
from alprd.vision.turns import FULL_WAIT_NS, MAX_PLACES, NEAR, RECENT, REST_NS, Turns
from tests.unit.vision.test_track import box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MS = 1_000_000
FRAME_NS = 33 * MS
BUDGET_MS, BEFORE_MS, READ_MS = 24, 12, 5
"""Of a frame, until the first read begins, and of a read: two fit."""


class Street:
    """Frames of a unit whose clock is told, and which takes so long for each read."""

    def __init__(self, budget_ms: int | None = BUDGET_MS) -> None:
        self.now, self.at = 0, 1
        self.before_ms, self.read_ms = BEFORE_MS, READ_MS
        self.turns = Turns(None if budget_ms is None else budget_ms * MS, lambda: self.now)

    def frame(
        self,
        boxes: Sequence[NDArray[np.float32]],
        scores: Sequence[float] | None = None,
        *,
        resting: Sequence[int] = (),
        is_still: bool = False,
        step_ns: int = FRAME_NS,
    ) -> list[int]:
        """Take a frame; return which boxes were read, in turn. Those of ``resting`` teach nothing."""
        self.turns.wipe_frame()
        self.at += step_ns
        self.now = self.at + self.before_ms * MS
        corners = np.array(boxes, np.float32).reshape(-1, 4, 2)
        sure = np.array([0.8] * len(boxes) if scores is None else scores, np.float32)
        read = []
        for i in self.turns.take(corners, sure, MonotonicNs(self.at), is_still=is_still):
            read.append(i)
            self.now += self.read_ms * MS
            if i in resting:
                self.turns.rest(i)
        assert self.turns.left == len(boxes) - len(read)
        return read

    @property
    def places(self) -> int:
        return int(np.count_nonzero(self.turns._is_used))


@pytest.fixture
def street() -> Street:
    return Street()


ROW = [box(300.0 * i) for i in range(MAX_PLACES)]


def test_the_first_in_turn_is_read_however_late_it_is(street: Street) -> None:
    street.before_ms = 500
    assert [len(street.frame(ROW)) for _ in range(5)] == [1] * 5


def test_no_read_begins_that_would_not_end_within_the_budget(street: Street) -> None:
    for read_ms, most in ((5, 2), (6, 2), (7, 1), (4, 3), (12, 1), (1, 12)):
        street.read_ms = read_ms
        for _ in range(RECENT):
            street.frame(ROW)
        assert len(street.frame(ROW)) == most
        assert street.now <= street.at + BUDGET_MS * MS


def test_the_longest_of_the_last_reads_tells_how_long_one_may_take(street: Street) -> None:
    street.read_ms = 12
    street.frame(ROW)
    street.read_ms = 1
    counts = [len(street.frame(ROW)) for _ in range(RECENT)]
    assert counts == [1] * (RECENT - 1) + [12], "one read a frame, until the long one is so many reads ago"


def test_a_frame_without_boxes_has_no_turns(street: Street) -> None:
    assert street.frame([]) == []


def test_what_the_detector_is_surest_of_is_read_first(street: Street) -> None:
    assert street.frame(ROW[:3], [0.5, 0.9, 0.7]) == [1, 2]


def test_of_equals_the_one_that_waits_longest_is_read_first(street: Street) -> None:
    assert street.frame(ROW[:4]) == [0, 1]
    assert street.frame(ROW[:4]) == [2, 3]
    assert street.frame(ROW[:4]) == [0, 1]


def test_a_box_of_which_the_detector_is_unsure_has_its_turn_in_time(street: Street) -> None:
    street.before_ms = 500  # one read a frame
    scores = [0.95, 0.35]
    frames = [street.frame(ROW[:2], scores)[0] for _ in range(300)]
    gaps = np.diff([number for number, i in enumerate(frames) if i == 1])
    assert 1 <= max(gaps) * FRAME_NS <= 0.6 * FULL_WAIT_NS + 2 * FRAME_NS
    assert frames.count(0) > 4 * frames.count(1)


@pytest.mark.parametrize("resting", [(), (2,), tuple(range(MAX_PLACES))])
def test_every_box_is_read_within_a_bounded_number_of_frames(
    street: Street, resting: tuple[int, ...]
) -> None:
    street.before_ms = 500  # one read a frame
    scores = np.linspace(0.3, 1, MAX_PLACES).tolist()
    last = dict.fromkeys(range(MAX_PLACES), 0)
    longest = 0
    for number in range(1, 600):
        (i,) = street.frame(ROW, scores, resting=resting)
        longest, last[i] = max(longest, number - last[i]), number
    longest = max(longest, *(600 - number for number in last.values()))
    # A wait outweighs any score, and a rest; then everyone before it has one more turn.
    assert longest <= (FULL_WAIT_NS + REST_NS) // FRAME_NS + MAX_PLACES


def test_a_place_that_taught_nothing_rests_while_others_wait(street: Street) -> None:
    street.before_ms = 500
    frames = [street.frame(ROW[:2], resting=(0,))[0] for _ in range(90)]
    gaps = np.diff([number for number, i in enumerate(frames) if i == 0])
    assert REST_NS <= min(gaps) * FRAME_NS <= REST_NS + 3 * FRAME_NS


def test_a_place_that_rests_is_read_all_the_same_where_there_is_time(street: Street) -> None:
    assert [street.frame(ROW[:2], resting=(0, 1)) for _ in range(3)] == [[0, 1]] * 3


def test_a_box_left_unread_is_not_one_that_taught_nothing(street: Street) -> None:
    street.before_ms = 500
    assert street.frame(ROW[:2], resting=(0,)) == [0]
    assert street.frame(ROW[:2]) == [1]
    assert street.frame(ROW[:2]) == [1], "the other rests"


def test_a_place_is_known_again_though_its_box_moved_and_came_at_another_number(street: Street) -> None:
    street.before_ms = 500
    assert street.frame([box(500), box(900)]) == [0]
    moved = 100 * (NEAR - 0.1)
    assert street.frame([box(900 + moved), box(500 + moved)]) == [0], "it waits, the other was read"
    assert street.places == 2


def test_a_box_elsewhere_or_of_another_size_is_in_a_new_place(street: Street) -> None:
    street.frame([box(500)])
    street.frame([box(500 + 100 * NEAR + 1)])
    street.frame([box(500, width=200)])
    assert street.places == 3


def test_every_box_of_a_still_is_read(street: Street) -> None:
    assert street.frame(ROW, is_still=True) == list(range(MAX_PLACES))


def test_without_a_budget_every_box_is_read() -> None:
    street = Street(budget_ms=None)
    assert street.frame(ROW) == list(range(MAX_PLACES))


def test_places_are_bounded_and_the_longest_unseen_gives_way(street: Street) -> None:
    street.frame(ROW)
    street.frame(ROW[8:])
    street.frame([*ROW[8:], *(box(300.0 * i, 900) for i in range(8))])
    assert street.places == MAX_PLACES
    kept = {tuple(middle) for middle in street.turns._middle.tolist()}
    assert {(300.0 * i, 300.0) for i in range(8, 16)} <= kept


@pytest.mark.parametrize("end", ["time-out", "next frame", "wipe"])
def test_all_memory_of_a_place_is_zero_at_its_end(street: Street, end: str) -> None:
    street.frame(ROW[1:4])
    assert street.turns._middle.any()
    match end:
        case "time-out":
            street.turns.wipe_frame()
            street.turns.expire(MonotonicNs(street.at + TIME_OUT_NS))
            assert street.places == 3
            street.turns.expire(MonotonicNs(street.at + TIME_OUT_NS + 1))
        case "next frame":
            street.frame([], step_ns=TIME_OUT_NS + 1)
            street.turns.wipe_frame()
        case _:
            street.turns.wipe()
    assert [name for name, array in arrays(street.turns).items() if array.any()] == []


def test_after_a_frame_nothing_of_it_is_left_but_the_places(street: Street) -> None:
    street.frame(ROW[1:4])
    street.turns.wipe_frame()
    kept = street.turns._of_places
    left = {name: array for name, array in arrays(street.turns).items() if array.any()}
    assert left
    assert all(any(array is one for one in kept) for array in left.values())


def arrays(turns: Turns) -> dict[str, NDArray[Any]]:
    return {name: value for name, value in vars(turns).items() if isinstance(value, np.ndarray)}
