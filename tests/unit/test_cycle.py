"""The frame's journey with several plates and little time: each read goes with its own box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from alprd.camera.frame import FramePool
from alprd.cycle import Stages, run_cycle
from alprd.hotlist.match import Matcher
from alprd.meters import Tally
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.vote import AlertRule
from alprd.records import MonotonicNs
from alprd.vision.shrink import Shrinker
from alprd.vision.track import TIME_OUT_NS, Tracks
from alprd.vision.turns import Turns
from tests.sim.lists import index_of
from tests.sim.reads import DrawnRead, drawn
from tests.unit.vision.test_track import box

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 64
MS = 1_000_000
LISTED = "CKHA482"
TEXTS = ("BRVN957", "", LISTED, "AXTM316")


class Plates:
    """Stands where detector and reader do: plates that stand still, each with its text. Notes the reads."""

    corners = np.array([box(300.0 * i) for i in range(len(TEXTS))], np.float32)
    scores = np.full(len(TEXTS), 0.8, np.float32)

    def __init__(self, read_ms: int) -> None:
        self.now, self._read_ms = 0, read_ms
        self.read_now: DrawnRead = drawn("")
        self.read_boxes: list[int] = []

    def detect(self, _lores: NDArray[np.uint8], _factor: float) -> int:
        return len(TEXTS)

    def read(self, _main: NDArray[np.uint8], corners: NDArray[np.float32]) -> int:
        (i,) = np.flatnonzero((self.corners == corners).all(axis=(1, 2)))
        self.read_boxes.append(int(i))
        self.now += self._read_ms * MS
        self.read_now = drawn(TEXTS[i], 0.9999, score=0.9999)
        return self.read_now.length

    def wipe(self) -> None:
        """Nothing of a camera is here."""

    def __getattr__(self, name: str) -> object:
        return getattr(self.read_now, name)


class Street:
    """A unit's stages on these plates; ``taken`` are the frames and boxes of its hits."""

    def __init__(self, *, read_ms: int = 30) -> None:
        self.plates, self.tally = Plates(read_ms), Tally()
        self.taken: list[tuple[int, int]] = []
        self.stages = Stages(
            self.plates,  # type: ignore[arg-type]  # what they read is given
            self.plates,  # type: ignore[arg-type]
            Tracks(),
            Matcher(index_of(LISTED), now_s=0),
            self,  # type: ignore[arg-type]  # the desk, as far as it is asked
            turns=Turns(24 * MS, lambda: self.plates.now),
        )
        self._pool, self._shrinker = FramePool(1, SIDE, SIDE), Shrinker(SIDE, SIDE)

    def take(self, _match: object, _frame: object, boxes: NDArray[np.float32], plate: int, **_: Any) -> bool:
        assert (boxes[plate] == Plates.corners[plate]).all()
        self.taken.append((self.tally.frames, plate))
        return True

    def sighted(self, *_: object) -> None:
        """The plate that has alerted is still in view."""

    def frames(self, count: int, rule: AlertRule | None = None) -> list[list[int]]:
        """Pass so many frames by, 33 ms apart; return which boxes were read in each."""
        read = []
        for _ in range(count):
            self.plates.read_boxes = []
            at = self.at
            self.plates.now = at + 10 * MS
            frame = self._pool.lease(SIDE, SIDE, at)
            frame.fill_lores(self._shrinker)
            run_cycle(frame, self.stages, self.tally, rule or AlertRule())
            read.append(self.plates.read_boxes)
        return read

    @property
    def at(self) -> MonotonicNs:
        return MonotonicNs((self.tally.frames + 1) * 33 * MS)


def test_with_time_for_one_read_a_frame_the_listed_plate_alerts_with_its_own_box() -> None:
    street = Street()
    read = street.frames(8)
    assert [len(boxes) for boxes in read] == [1] * 8
    assert street.tally.boxes_unread == 8 * (len(TEXTS) - 1)
    frames = [number for number, boxes in enumerate(read, 1) if boxes == [2]]
    assert street.taken == [(frames[1], 2)], "in the second frame that reads it"


def test_nothing_is_matched_in_a_frame_that_does_not_read_it() -> None:
    street = Street()
    asked: list[int] = []
    finds = street.stages.matcher.finds  # type: ignore[union-attr]  # there is a list

    def noted(read: Any, rule: AlertRule) -> bool:
        asked.append(street.plates.read_boxes[0])
        assert "".join(CHARACTERS[code - 1] for code in read.codes if code) == TEXTS[asked[-1]]
        return finds(read, rule)

    street.stages.matcher.finds = noted  # type: ignore[union-attr,method-assign]
    read = street.frames(12)
    again = [boxes[0] for number, boxes in enumerate(read) if boxes in read[:number] and TEXTS[boxes[0]]]
    assert asked == again, "once a frame, of the plate that it reads, from its second read on"


def test_a_certain_text_that_is_not_listed_and_a_box_without_one_rest() -> None:
    street = Street()
    street.frames(40)
    counts = np.bincount([boxes[0] for boxes in street.frames(60)])
    assert counts[2] > 2 * max(counts[0], counts[1], counts[3])
    assert counts.min() > 1


@pytest.mark.parametrize(("read_ms", "rule"), [(1, None), (30, AlertRule(votes=1))], ids=["time", "stills"])
def test_every_plate_is_read_where_there_is_time_and_of_every_still(
    read_ms: int, rule: AlertRule | None
) -> None:
    street = Street(read_ms=read_ms)
    assert [sorted(boxes) for boxes in street.frames(4, rule)] == [[0, 1, 2, 3]] * 4
    assert street.tally.boxes_unread == 0


def test_tracks_and_places_end_without_a_frame() -> None:
    street = Street()
    street.frames(3)
    stages, last = street.stages, street.at - 33 * MS
    stages.expire(MonotonicNs(last + TIME_OUT_NS))
    assert len(stages.tracks)
    assert stages.turns._is_used.any()
    stages.expire(MonotonicNs(last + TIME_OUT_NS + 1))
    assert not len(stages.tracks)
    assert not stages.turns._is_used.any()
