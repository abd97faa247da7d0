"""The frame's journey: camera, detect, read, match, alert, wipe.

This is the whole of what happens to a frame. A read that is not on the list exists as codes in
locked scratch memory from `read` to the end of the loop, and is never anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from alprd.camera.frame import Frame
    from alprd.hotlist.match import Matcher
    from alprd.meters import Tally
    from alprd.vision.detect import Detector
    from alprd.vision.read import Reader


class HitTaker(Protocol):
    """Who takes a hit and puts it to the officer."""

    def take(self, entry_number: int, frame: Frame, corners: NDArray[np.float32], reader: Reader) -> bool:
        """Hold the hit's plate picture and alert; return whether it was put to the officer."""


class Stages:
    """The stages of one unit and their scratch memory, wiped on every way out of the ``with``."""

    def __init__(self, detector: Detector, reader: Reader, matcher: Matcher | None, desk: HitTaker) -> None:
        self.detector = detector
        self.reader = reader
        self.matcher = matcher
        """None while no list is trusted: frames are then wiped unread."""
        self.desk = desk

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()

    def wipe(self) -> None:
        """Zero crops, tensors, boxes, codes and keys."""
        self.detector.wipe()
        self.reader.wipe()
        if self.matcher is not None:
            self.matcher.wipe()


def run_cycle(frame: Frame, stages: Stages, tally: Tally, min_confidence: float) -> int:
    """Take ``frame`` to its end and return the number of hits put to the officer.

    Reads whose text confidence (0 to 1) is below ``min_confidence`` are wiped unmatched.
    """
    tally.frames += 1
    hits = 0
    try:
        with frame, stages:  # every way out of this block wipes the pixels, the crops and the reads
            matcher = stages.matcher
            if matcher is None:
                return 0
            boxes = stages.detector.detect(frame.lores, frame.factor)
            for corners in stages.detector.corners[:boxes]:
                length = stages.reader.read(frame.main, corners)
                if length == 0 or stages.reader.score[0] < min_confidence:
                    continue
                tally.plates_read += 1
                entry_number = matcher.match(stages.reader.codes, length)
                if entry_number is None:
                    continue
                hits += stages.desk.take(entry_number, frame, corners, stages.reader)
    finally:
        tally.frames_wiped += frame.is_wiped
        tally.frame_life.add(frame.life_ns)
    return hits
