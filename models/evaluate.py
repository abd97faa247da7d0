"""Read every plate of a folder of pictures with the product's own stages, and time them.

    python -m models.evaluate --images DIR --out reads.csv [--runtime litert|tflite]
        [--boxes truth.csv] [--truth truth.csv] [--least 0.2] [--core N]

Writes ``image,x1,y1,x2,y2,text,confidence,place,place_confidence,ms``: one row for each plate read, boxes
upright in px, ``ms`` the whole picture from its file's bytes to its last read, wiped, on one core. With
``--boxes`` the labelled boxes are read instead of the detector's. With ``--truth`` the reads are scored.
The jurisdiction is not read yet: the place columns are empty.

These are labelled pictures on a bench; here, and not on a unit, a read becomes text.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from PIL import Image

from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import CHARACTERS
from alprd.vision.detect import MAX_PLATES, Detector
from alprd.vision.litert import Model, default_folder
from alprd.vision.read import Reader
from alprd.vision.rectify import Rectifier
from alprd.vision.shrink import Shrinker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

LEAST_CONFIDENCE: Final = 0.2  # see models/detector/CARD.md
_COLUMNS: Final = (
    "image", "x1", "y1", "x2", "y2", "text", "confidence", "place", "place_confidence", "ms",
)  # fmt: skip
_SUFFIXES: Final = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
_LARGEST_PX: Final = 64_000_000
_SWEEP: Final = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Box:
    """An upright box in px of its picture."""

    x1: float
    y1: float
    x2: float
    y2: float

    def holds_centre_of(self, other: Box) -> bool:
        """Tell whether the centre of ``other`` lies inside."""
        x, y = (other.x1 + other.x2) / 2, (other.y1 + other.y2) / 2
        return self.x1 <= x <= self.x2 and self.y1 <= y <= self.y2


@dataclass(frozen=True, slots=True)
class Read:
    """One plate read of a labelled picture."""

    box: Box
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Label:
    """One row of a truth file."""

    image: str
    box: Box
    text: str


@dataclass(slots=True)
class Times:
    """Milliseconds of each picture, by stage; ``whole`` is all of them together."""

    stages: dict[str, list[float]] = field(default_factory=dict)

    def add(self, stage: str, began: float) -> float:
        """Note that ``stage`` of the current picture ran from ``began`` until now; return now."""
        now = time.perf_counter()
        self.stages.setdefault(stage, []).append((now - began) * 1000)
        return now

    def __str__(self) -> str:
        return ", ".join(f"{name} {statistics.median(values):.2f}" for name, values in self.stages.items())


class Bench:
    """The product's stages, one picture at a time."""

    def __init__(self, runtime: Literal["auto", "litert", "tflite"], least: float) -> None:
        detector, reader = (Model.open(default_folder(name), runtime) for name in ("detector", "reader"))
        self.runtime = detector.runtime
        self.detector = Detector(detector)
        self.reader = Reader(reader, Rectifier())
        self.least = least
        self.times = Times()
        self._shrinker = Shrinker(1, 1)
        self._size = (1, 1)
        self._labelled: NDArray[np.float32] = locked_array((MAX_PLATES, 4, 2), np.float32)

    def read(self, path: Path, labels: Sequence[Label] | None = None) -> tuple[list[Read], float]:
        """Return the reads of the picture ``path``, best box first, and the milliseconds it took.

        Reads the boxes of ``labels`` where given, else those that the detector finds. Raises `OSError`
        or `ValueError` where the file is no picture that can be read.
        """
        self._prepare(path)
        start = time.perf_counter()
        main = decoded(path)
        now = self.times.add("decode", start)
        if labels is None:
            lores = self._shrinker.shrink(main)
            now = self.times.add("shrink", now)
            count = self.detector.detect(lores, self._shrinker.k)
            corners = self.detector.corners
        else:
            count, corners = self._take(labels), self._labelled
        now = self.times.add("detect", now)
        reads = []
        for plate in corners[:count]:
            characters = self.reader.read(main, plate)
            if characters and float(self.reader.score[0]) >= self.least:
                reads.append(self._as_read(plate, characters))
        now = self.times.add("read", now)
        self.detector.wipe()
        self.reader.wipe()
        self._shrinker.wipe()
        wipe(main)
        self.times.add("wipe", now)
        self.times.add("whole", start)
        return reads, self.times.stages["whole"][-1]

    def _prepare(self, path: Path) -> None:
        """Have a shrinker of the picture's size; a camera has one size, so this is not timed."""
        with Image.open(path) as image:
            width, height = image.size
        if width * height > _LARGEST_PX:
            raise ValueError(f"{width}x{height} px")
        if (height, width) != self._size:
            self._shrinker, self._size = Shrinker(height, width), (height, width)

    def _take(self, labels: Sequence[Label]) -> int:
        count = min(len(labels), MAX_PLATES)
        for i in range(count):
            box = labels[i].box
            self._labelled[i] = [[box.x1, box.y1], [box.x2, box.y1], [box.x2, box.y2], [box.x1, box.y2]]
        return count

    def _as_read(self, plate: NDArray[np.float32], characters: int) -> Read:
        (x1, y1), (x2, y2) = plate.min(axis=0).tolist(), plate.max(axis=0).tolist()
        text = "".join(CHARACTERS[int(code) - 1] for code in self.reader.codes[:characters])
        return Read(Box(x1, y1, x2, y2), text, float(self.reader.score[0]))


def decoded(path: Path) -> NDArray[np.uint8]:
    """Return the picture's brightness as a writable (H, W) array."""
    with Image.open(path) as image:
        image.draft("L", image.size)  # a JPEG then never unpacks its colours
        grey = image if image.mode == "L" else image.convert("L")
        pixels = np.empty((grey.height, grey.width), np.uint8)
        pixels[:] = grey
    return pixels


def labels_of(path: Path) -> dict[str, list[Label]]:
    """Return the rows of a truth file by picture."""
    labels: dict[str, list[Label]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            box = Box(*(float(row[key]) for key in ("x1", "y1", "x2", "y2")))
            labels.setdefault(row["image"], []).append(Label(row["image"], box, row["text"]))
    return labels


def normal(text: str, *, fold: bool = False) -> str:
    """Return the letters and digits of ``text``; with ``fold``, O as 0 and I as 1."""
    kept = re.sub("[^A-Z0-9]", "", text.upper())
    return kept.translate(str.maketrans("OI", "01")) if fold else kept


def scored(reads: dict[str, list[Read]], labels: dict[str, list[Label]]) -> dict[str, float]:
    """Return the score of ``reads`` (by picture): plates, exact, fold and found in percent, false in number.

    A plate is found when a read's centre lies in its box, and read when its text is among the picture's
    reads. A false read is one on no labelled plate; pictures may hold plates that nobody labelled.
    """
    plates = exact = folded = found = false = 0
    for image, truth in labels.items():
        here = reads.get(image, [])
        for label in truth:
            plates += 1
            exact += any(normal(read.text) == normal(label.text) for read in here)
            wanted = normal(label.text, fold=True)
            folded += any(normal(read.text, fold=True) == wanted for read in here)
            found += any(label.box.holds_centre_of(read.box) for read in here)
        false += sum(not any(label.box.holds_centre_of(read.box) for label in truth) for read in here)
    share = 100 / max(plates, 1)
    counts = {"exact": exact * share, "fold": folded * share, "found": found * share}
    return {"plates": plates, **counts, "false": false}


def swept(reads: dict[str, list[Read]], labels: dict[str, list[Label]]) -> list[tuple[float, int, int]]:
    """Return, for each least confidence that one could ask for, how many reads on and off plates remain."""
    on: list[float] = []
    off: list[float] = []
    for image, truth in labels.items():
        for read in reads.get(image, []):
            side = on if any(label.box.holds_centre_of(read.box) for label in truth) else off
            side.append(read.confidence)
    return [(least, sum(c >= least for c in on), sum(c >= least for c in off)) for least in _SWEEP]


def rows_of(image: str, reads: Iterable[Read], ms: float) -> Iterator[tuple[str, ...]]:
    """Yield the rows of one picture for the file of reads."""
    for read in reads:
        box = read.box
        sides = (f"{side:.1f}" for side in (box.x1, box.y1, box.x2, box.y2))
        yield image, *sides, read.text, f"{read.confidence:.3f}", "", "", f"{ms:.2f}"


def evaluate(bench: Bench, images: Path, out: Path, boxes: Path | None = None) -> dict[str, list[Read]]:
    """Read the pictures of the folder ``images`` in the order of their names into the file ``out``."""
    labels = None if boxes is None else labels_of(boxes)
    paths = sorted(path for path in images.iterdir() if path.suffix.lower() in _SUFFIXES)
    reads: dict[str, list[Read]] = {}
    skipped = 0
    with out.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for i, path in enumerate(paths, 1):
            try:
                found, ms = bench.read(path, None if labels is None else labels.get(path.name, []))
            except (OSError, ValueError, Image.DecompressionBombError) as error:
                skipped += 1
                print(f"skipped {path.name}: {error}", file=sys.stderr)
                continue
            reads[path.name] = found
            writer.writerows(rows_of(path.name, found, ms))
            if i % 50 == 0 or i == len(paths):
                print(f"{i} of {len(paths)} pictures", file=sys.stderr)
    plates = sum(len(found) for found in reads.values())
    print(f"{len(reads)} pictures, {plates} plates read, {skipped} unreadable pictures skipped")
    return reads


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and evaluate."""
    parser = argparse.ArgumentParser(prog="python -m models.evaluate", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--runtime", choices=("auto", "litert", "tflite"), default="auto")
    parser.add_argument("--boxes", type=Path, help="read the boxes of this truth file, not the detector's")
    parser.add_argument("--truth", type=Path, help="score the reads against this truth file")
    parser.add_argument("--least", type=float, default=LEAST_CONFIDENCE, help="least confidence of a read")
    parser.add_argument("--core", type=int, help="run on this core; otherwise on the last that is allowed")
    chosen = parser.parse_args(arguments)
    core = max(os.sched_getaffinity(0)) if chosen.core is None else chosen.core
    os.sched_setaffinity(0, {core})
    bench = Bench(chosen.runtime, chosen.least)
    reads = evaluate(bench, chosen.images, chosen.out, chosen.boxes)
    print(f"{bench.runtime} on core {core}, median ms a picture: {bench.times}")
    if chosen.truth is not None:
        labels = labels_of(chosen.truth)
        score = scored(reads, labels)
        print(" ".join(f"{name} {value:.1f}".removesuffix(".0") for name, value in score.items()))
        rows = (
            f"{least:.2f}: {on}/{off}" for least, on, off in swept(reads, labels) if least >= chosen.least
        )
        print("reads on/off labelled plates by least confidence:", ", ".join(rows))


if __name__ == "__main__":
    main()
