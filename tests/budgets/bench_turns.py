"""Measures what a frame's time budget costs: how much later plates alert, and by which order of reads.

    python -m tests.budgets.bench_turns [--fps 8 10 30] [--before-ms 12] [--read-ms 8] [--budget-ms 24]

Draws the demonstration drive at each frame rate, and finds and reads all its plate boxes once. Then the
frames pass again and again on a clock that is told: so long until the first read begins, so long for each
read. What a machine takes plays no part. Ends with one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.demo.drive import DEFAULT_SEED, DriveScript
from alprd.demo.render import DriveRenderer
from alprd.demo.scene import HEIGHT, WIDTH
from alprd.demo.traffic import FRAMES_PER_SECOND
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.vote import AlertRule
from alprd.records import MonotonicNs
from alprd.settings import VisionSettings
from alprd.vision.loading import open_detector, open_reader
from alprd.vision.shrink import Shrinker
from alprd.vision.track import Tracks
from alprd.vision.turns import Turns
from tests.sim.reads import DrawnRead

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from alprd.vision.read import Reader

NS: Final = 1_000_000_000
MS: Final = 1_000_000
BEFORE_MS: Final = 12.0
READ_MS: Final = 8.0


@dataclass
class Seen:
    """A frame's plate boxes, with what is read of each."""

    at: MonotonicNs
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    reads: list[DrawnRead]


@dataclass
class Passed:
    """What came of a drive: when each text could first alert, in ns, and how many boxes were left unread."""

    alerted: dict[str, int]
    unread: int


def look(script: DriveScript, fps: float) -> list[Seen]:
    """Return what is found and read in the drive of ``script`` at ``fps`` frames a second."""
    renderer, detector, reader = DriveRenderer(script), open_detector(), open_reader()
    shrinker = Shrinker(HEIGHT, WIDTH)
    seen = []
    for number in range(int((script.frames - 1) * fps / FRAMES_PER_SECOND) + 1):
        main = renderer.frame(number * FRAMES_PER_SECOND / fps)
        found = detector.detect(shrinker.shrink(main), shrinker.k)
        boxes, scores = np.array(detector.corners[:found]), np.array(detector.scores[:found])
        reads = [_read(reader, main, corners) for corners in boxes]
        seen.append(Seen(MonotonicNs(1 + round(number * NS / fps)), boxes, scores, reads))
    return seen


def _read(reader: Reader, main: NDArray[np.uint8], corners: NDArray[np.float32]) -> DrawnRead:
    return DrawnRead(
        length=reader.read(main, corners),
        codes=np.array(reader.codes),
        confidences=np.array(reader.confidences),
        probabilities=np.array(reader.probabilities),
        score=np.array(reader.score),
        places=np.array(reader.places),
        partial=reader.partial,
    )


class Order:
    """The unit's own turns, or one of these with a part of them left out."""

    NAMES: Final = ("turns", "surest first", "longest unread first")

    def __init__(self, name: str, *, before_ms: float, read_ms: float, budget_ms: float) -> None:
        self._name, self._now = name, 0
        self._before_ns, self._read_ns = round(before_ms * MS), round(read_ms * MS)
        self._turns = Turns(round(budget_ms * MS), lambda: self._now)

    def pass_by(self, seen: list[Seen], rule: AlertRule) -> Passed:
        """Let all frames of ``seen`` pass."""
        tracks, passed = Tracks(), Passed({}, 0)
        for frame in seen:
            tracks.wipe_frame()
            tracks.place(frame.boxes)
            self._take(frame, tracks)
            passed.unread += self._turns.left
            for i in range(tracks.fuse(frame.at)):
                fused = tracks.fused[i]
                if not (tracks.is_matchable(i, rule) and fused.would_alert(rule)):
                    continue
                text = "".join(CHARACTERS[code - 1] for code in fused.codes if code)
                passed.alerted.setdefault(text, frame.at)
                if fused.is_certain(rule):
                    self._turns.rest(i)
        return passed

    def _take(self, frame: Seen, tracks: Tracks) -> None:
        scores = frame.scores
        match self._name:
            case "surest first":
                self._turns.wipe()  # no place has waited
            case "longest unread first":
                scores = np.zeros_like(scores)
        self._now = frame.at + self._before_ns
        for i in self._turns.take(frame.boxes, scores, frame.at, is_still=False):
            self._now += self._read_ns
            tracks.add(i, frame.reads[i], frame.reads[i].length)
            if frame.reads[i].length == 0:
                self._turns.rest(i)


def measure(
    script: DriveScript, fps: float, *, before_ms: float, read_ms: float, budget_ms: float
) -> dict[str, Any]:
    """Return what each order makes of the drive at ``fps`` frames a second, against reading every box."""
    seen, rule = look(script, fps), AlertRule()

    def passed(name: str, budget_ms: float) -> Passed:
        return Order(name, before_ms=before_ms, read_ms=read_ms, budget_ms=budget_ms).pass_by(seen, rule)

    whole = passed("turns", 1e9)
    listed = set(script.listed_texts())
    plates = {vehicle.spec.text for vehicle in script.vehicles} & set(whole.alerted)
    boxes = sum(len(frame.boxes) for frame in seen)
    return {
        "frames": len(seen),
        "boxes_a_frame": round(boxes / len(seen), 2),
        "listed": len(listed),
        "plates": len(plates),
        "with_every_box_read": {"listed_alerted": len(listed & set(whole.alerted))},
        **{name: _against(whole, passed(name, budget_ms), listed, plates, boxes) for name in Order.NAMES},
    }


def _against(whole: Passed, passed: Passed, listed: set[str], plates: set[str], boxes: int) -> dict[str, Any]:
    def later_ms(texts: set[str]) -> dict[str, float]:
        both = texts & set(whole.alerted) & set(passed.alerted)
        later = [(passed.alerted[text] - whole.alerted[text]) / MS for text in both] or [0.0]
        return {"mean": round(float(np.mean(later)), 1), "max": round(max(later), 1)}

    return {
        "boxes_unread": round(passed.unread / boxes, 3),
        "listed_alerted": len(listed & set(passed.alerted)),
        "listed_later_ms": later_ms(listed),
        "plates_alerted": len(plates & set(passed.alerted)),
        "plates_later_ms": later_ms(plates),
    }


def main(say: Callable[[str], object] = print) -> int:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fps", type=float, nargs="+", default=[8.0, 10.0, 30.0])
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--before-ms", type=float, default=BEFORE_MS)
    parser.add_argument("--read-ms", type=float, default=READ_MS)
    parser.add_argument("--budget-ms", type=float, default=VisionSettings().budget_ms)
    args = parser.parse_args()
    times = {"before_ms": args.before_ms, "read_ms": args.read_ms, "budget_ms": args.budget_ms}
    script = DriveScript(args.seed)
    say(json.dumps({**times, **{f"{fps:g} fps": measure(script, fps, **times) for fps in args.fps}}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
