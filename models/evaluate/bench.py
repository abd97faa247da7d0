"""The product's stages, one picture at a time, and the time that each takes."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.vision.detect import MAX_PLATES
from alprd.vision.loading import open_detector, open_reader
from alprd.vision.shrink import Shrinker
from models.evaluate.close_up import CloseUps
from models.evaluate.truth import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from alprd.vision.litert import RuntimeChoice

Corners = tuple[tuple[float, float], ...]

MASK: Final = "?"
"""Stands in a text for a character that cannot be made out."""

_LARGEST_PX: Final = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One plate read of a labelled picture.

    ``corners`` in px, clockwise from top left. ``confidence`` of the whole text, ``characters`` of each.
    ``place`` is the likeliest jurisdiction's name, empty for a plate from elsewhere; whether it is answered
    is a matter of ``place_confidence``. A partial text may hold a `MASK`.
    """

    corners: Corners
    text: str
    confidence: float
    characters: tuple[float, ...] = ()
    is_partial: bool = False
    place: str = ""
    place_confidence: float = 0.0

    @property
    def box(self) -> Box:
        """The upright box around the corners, to a tenth of a px as it is written to a file."""
        xs, ys = zip(*self.corners, strict=True)
        return Box(*(round(side, 1) for side in (min(xs), min(ys), max(xs), max(ys))))


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The confidences from which on a text is accepted and a place answered, from the reader's manifest."""

    accept: float
    place_accept: float


@dataclass(slots=True)
class Times:
    """Milliseconds of each picture, by stage; ``whole`` is all of them together. ``clock`` counts seconds."""

    stages: dict[str, list[float]] = field(default_factory=dict)
    clock: Callable[[], float] = time.perf_counter

    def add(self, stage: str, began: float) -> float:
        """Note that ``stage`` of the current picture ran from ``began`` until now; return now."""
        now = self.clock()
        self.stages.setdefault(stage, []).append((now - began) * 1000)
        return now

    def medians(self) -> dict[str, float]:
        """Return the median of each stage, and of the whole."""
        return {name: statistics.median(values) for name, values in self.stages.items()}


class Bench:
    """The product's stages, one picture at a time.

    Raises `alprd.errors.ModelError` or `RuntimeMissingError` where the models cannot be loaded.
    """

    def __init__(self, runtime: RuntimeChoice, clock: Callable[[], float] = time.perf_counter) -> None:
        self.detector = open_detector(runtime)
        self.runtime = self.detector.runtime
        self.reader = open_reader(runtime)
        self.point = OperatingPoint(self.reader.accept, self.reader.place_accept)
        self.times = Times(clock=clock)
        self._shrinker = Shrinker(1, 1)
        self._size = (1, 1)
        self._close_ups = CloseUps(self.detector)
        self._labelled: NDArray[np.float32] = locked_array((MAX_PLATES, 4, 2), np.float32)

    def read(
        self, path: Path, boxes: Sequence[Box] | None = None, *, close_up: bool = False
    ) -> tuple[list[Read], float]:
        """Return the reads of the picture ``path``, best box first, and the milliseconds it took.

        Reads ``boxes`` where given, else those that the detector finds. On a ``close_up`` each of the boxes
        is read by the corners that the detector gives the plate there, if it finds it. Raises `OSError`
        or `ValueError` where the file is no picture that can be read.
        """
        self._prepare(path)
        start = self.times.clock()
        main = decoded(path)
        now = self.times.add("decode", start)
        if boxes is None:
            lores = self._shrinker.shrink(main)
            now = self.times.add("shrink", now)
            count = self.detector.detect(lores, self._shrinker.k)
            corners = self.detector.corners
            now = self.times.add("detect", now)
        else:
            count, corners = self._take(boxes), self._labelled
            if close_up:
                self._find(main, boxes[:count])
                now = self.times.add("detect", now)
        reads = []
        for plate in corners[:count]:
            characters = self.reader.read(main, plate)
            if characters:
                reads.append(self._as_read(plate, characters))
        now = self.times.add("read", now)
        self.detector.wipe()
        self.reader.wipe()
        self._shrinker.wipe()
        wipe(main)
        self.times.add("wipe", now)
        self.times.add("whole", start)
        return reads, self.times.stages["whole"][-1]

    def crop(self, path: Path, corners: Corners) -> NDArray[np.uint8]:
        """Return the plate at ``corners`` of the picture ``path`` as the reader saw it."""
        self.reader.read(decoded(path), np.array(corners, np.float32))
        kept = self.reader.crop.copy()
        self.reader.wipe()
        return kept

    def _prepare(self, path: Path) -> None:
        """Have a shrinker of the picture's size; a camera has one size, so this is not timed."""
        with Image.open(path) as image:
            width, height = image.size
        if width * height > _LARGEST_PX:
            raise ValueError(f"{width}x{height} px")
        if (height, width) != self._size:
            self._shrinker, self._size = Shrinker(height, width), (height, width)

    def _take(self, boxes: Sequence[Box]) -> int:
        count = min(len(boxes), MAX_PLATES)
        for i in range(count):
            self._labelled[i] = corners_of(boxes[i])
        return count

    def _find(self, main: NDArray[np.uint8], boxes: Sequence[Box]) -> None:
        for i, box in enumerate(boxes):
            found = self._close_ups.corners(main, box)
            if found is not None:
                self._labelled[i] = found

    def _as_read(self, plate: NDArray[np.float32], characters: int) -> Read:
        reader = self.reader
        marks = CHARACTERS + MASK
        return Read(
            corners=tuple((float(x), float(y)) for x, y in plate),
            text="".join(marks[int(code) - 1] for code in reader.codes[:characters]),
            confidence=float(reader.score[0]),
            characters=tuple(reader.confidences[:characters].tolist()),
            is_partial=reader.partial,
            place=JURISDICTIONS[reader.place] if reader.place else "",
            place_confidence=float(reader.place_confidence[0]),
        )


def corners_of(box: Box) -> Corners:
    """Return the corners of an upright box, clockwise from top left."""
    return ((box.x1, box.y1), (box.x2, box.y1), (box.x2, box.y2), (box.x1, box.y2))


def decoded(path: Path) -> NDArray[np.uint8]:
    """Return the picture's brightness as a writable (H, W) array."""
    with Image.open(path) as image:
        image.draft("L", image.size)  # a JPEG then never unpacks its colours
        grey = image if image.mode == "L" else image.convert("L")
        pixels = np.empty((grey.height, grey.width), np.uint8)
        pixels[:] = grey
    return pixels
