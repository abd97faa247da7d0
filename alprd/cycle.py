"""The frame's journey: camera, detect, read, vote, match, alert, wipe.

This is the whole of what happens to a frame. A read that is not on the list exists as codes in
locked scratch memory from `read` to the end of the cycle, and is never anything else. What outlives the
cycle of a plate that is in view are the numbers of its track: see `vision.track`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from alprd.vision.cover import Cover
from alprd.vision.turns import Turns

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from alprd.camera.frame import Frame
    from alprd.hotlist.match import Match, Matcher
    from alprd.meters import Tally
    from alprd.plates.vote import AlertRule, FusedRead
    from alprd.records import MonotonicNs
    from alprd.vision.detect import Detector
    from alprd.vision.ignore import IgnoredRegions
    from alprd.vision.read import Reader
    from alprd.vision.track import Tracks


class HitTaker(Protocol):
    """Who takes a hit and puts it to the officer."""

    def take(
        self,
        match: Match,
        frame: Frame,
        boxes: NDArray[np.float32],
        plate: int,
        *,
        read: FusedRead,
        place: int,
    ) -> bool:
        """Hold the pictures of the hit ``boxes[plate]`` and alert; False when the officer is not told."""

    def sighted(self, match: Match, at: MonotonicNs) -> None:
        """Note that a plate that has alerted is still in view, and what it matches by now."""


class Stages:
    """The stages of one unit and their scratch memory, wiped on every way out of the ``with``."""

    def __init__(
        self,
        detector: Detector,
        reader: Reader,
        tracks: Tracks,
        matcher: Matcher | None,
        desk: HitTaker,
        *,
        turns: Turns | None = None,
        ignored: IgnoredRegions | None = None,
    ) -> None:
        self.detector = detector
        self.reader = reader
        self.tracks = tracks
        self.matcher = matcher
        """None while no list is trusted: frames are then wiped unread."""
        self.desk = desk
        self.ignored = ignored
        """Regions that are blank before anything looks at a frame; None where none are set."""
        self.cover = Cover()
        self.turns = turns or Turns()
        """Without a budget of time unless given: every box is then read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()
        if kind is not None:
            self.forget()

    def wipe(self) -> None:
        """Zero crops, tensors, boxes, codes and keys: all that is of one frame."""
        self.detector.wipe()
        self.reader.wipe()
        self.tracks.wipe_frame()
        self.turns.wipe_frame()
        if self.matcher is not None:
            self.matcher.wipe()

    def forget(self) -> None:
        """End every track and place: after a failure, for another list, and at the end."""
        self.tracks.wipe()
        self.turns.wipe()

    def expire(self, now: MonotonicNs) -> None:
        """End the tracks and places whose time is over, though no frame came that would have said so."""
        self.tracks.expire(now)
        self.turns.expire(now)


def run_cycle(frame: Frame, stages: Stages, tally: Tally, rule: AlertRule) -> int:
    """Take ``frame`` to its end and return the number of hits put to the officer.

    What the frames of a track together hold to be its text is matched, with its lookalikes, once ``rule``
    lets it. A track alerts once at most.
    """
    tally.frames += 1
    hits = 0
    try:
        with frame, stages:  # every way out of this block wipes the pixels, the crops and the reads
            ignored = stages.ignored
            if ignored is not None:
                ignored.blank(frame)
            is_kept = None if ignored is None else ignored.is_kept
            stages.cover.look(frame.lores, frame.captured_at, is_kept)
            matcher, tracks = stages.matcher, stages.tracks
            if matcher is None:
                tally.unread += 1
                return 0
            boxes = _read_in_turn(frame, stages, tally, rule)
            for plate in range(tracks.fuse(frame.captured_at)):
                read = tracks.fused[plate]
                if not tracks.is_matchable(plate, rule):
                    continue
                if not matcher.finds(read, rule):  # wherever it is from
                    if read.is_certain(rule):
                        stages.turns.rest(plate)
                    continue
                place = tracks.place_known(plate, rule)
                match = matcher.match(read, rule, place)
                if match is None:
                    continue
                if tracks.is_alerted(plate):
                    stages.desk.sighted(match, frame.captured_at)
                elif stages.desk.take(match, frame, boxes, plate, read=read, place=place):
                    tracks.note_alert(plate)
                    hits += 1
    finally:
        tally.tracks = stages.tracks.begun
        tally.frames_wiped += frame.is_wiped
        tally.frame_life.add(frame.life_ns)
    return hits


def _read_in_turn(frame: Frame, stages: Stages, tally: Tally, rule: AlertRule) -> NDArray[np.float32]:
    """Find the plate boxes of ``frame``, read those for which there is time, and return them all."""
    detector, reader, tracks, turns = stages.detector, stages.reader, stages.tracks, stages.turns
    count = detector.detect(frame.lores, frame.factor)
    boxes, scores = detector.corners[:count], detector.scores[:count]
    tracks.place(boxes)
    for plate in turns.take(boxes, scores, frame.captured_at, is_still=rule.votes == 1):
        length = reader.read(frame.main, boxes[plate])
        tracks.add(plate, reader, length)
        tally.plates_read += bool(length > 0 and reader.score[0] >= rule.min_chance)
        if length == 0:
            turns.rest(plate)
    tally.boxes_unread += turns.left
    return boxes
