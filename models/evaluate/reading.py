"""Reading whole folders: in this process, or in one of its own whose peak memory is then that of reading."""

from __future__ import annotations

import csv
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image

from models.evaluate.bench import Bench
from models.evaluate.truth import InputError, pictures_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from alprd.vision.litert import RuntimeChoice
    from models.evaluate.bench import OperatingPoint, Read
    from models.evaluate.truth import Box

COLUMNS: Final = (
    "image", "x1", "y1", "x2", "y2", "text", "confidence", "place", "place_confidence", "ms",
)  # fmt: skip
_EVERY: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A folder of pictures to read on ``core``; the boxes of ``boxes`` by picture where given.

    ``are_close_ups``: each box covers its picture, and the detector finds the plate's corners in it.
    """

    name: str
    images: Path
    runtime: RuntimeChoice
    core: int
    boxes: Mapping[str, Sequence[Box]] | None = None
    are_close_ups: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a folder gave.

    ``reads`` and ``ms`` by picture, every read whatever its confidence; ``stages``: the median milliseconds
    of each; ``peak_mib``: the reading process's largest resident set so far; ``unreadable``: files skipped.
    """

    name: str
    images: Path
    runtime: str
    point: OperatingPoint
    is_by_boxes: bool
    reads: dict[str, list[Read]]
    ms: dict[str, float]
    stages: dict[str, float]
    peak_mib: float
    are_close_ups: bool = False
    unreadable: list[str] = field(default_factory=list)

    def outputs(self, least: float) -> Reading:
        """Return this reading with its outputs alone: whole texts of confidence ``least`` and more.

        A place that does not reach the operating point is not answered.
        """
        kept = {
            image: [self._answered(read) for read in here if not read.is_partial and read.confidence >= least]
            for image, here in self.reads.items()
        }
        return replace(self, reads=kept)

    def _answered(self, read: Read) -> Read:
        if read.place and read.place_confidence >= self.point.place_accept:
            return read
        return replace(read, place="", place_confidence=0.0)


def read_folder(task: Task) -> Reading:
    """Read the pictures of a folder in the order of their names, in this process.

    Raises `InputError` where there is none that can be read, and as `Bench`.
    """
    paths = pictures_in(task.images)
    os.sched_setaffinity(0, {task.core})
    bench = Bench(task.runtime)
    reads: dict[str, list[Read]] = {}
    ms: dict[str, float] = {}
    unreadable: list[str] = []
    for i, path in enumerate(paths, 1):
        boxes = None if task.boxes is None else task.boxes.get(path.name, ())
        try:
            reads[path.name], ms[path.name] = bench.read(path, boxes, close_up=task.are_close_ups)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            unreadable.append(path.name)
            print(f"skipped {path.name}: {error}", file=sys.stderr)
        if i % _EVERY == 0 or i == len(paths):
            print(f"{task.name}: {i} of {len(paths)} pictures", file=sys.stderr)
    if not reads:
        raise InputError(f"{task.images}: expected pictures, found {len(paths)} files that are none")
    return Reading(
        name=task.name,
        images=task.images,
        runtime=bench.runtime,
        point=bench.point,
        is_by_boxes=task.boxes is not None,
        reads=reads,
        ms=ms,
        stages=bench.times.medians(),
        peak_mib=peak_mib(),
        are_close_ups=task.are_close_ups,
        unreadable=unreadable,
    )


def read_apart(task: Task) -> Reading:
    """Do as `read_folder` in a new process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(read_folder, task).result()


def peak_mib() -> float:
    """Return the largest resident set that this process has had, in MiB."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def rows_of(image: str, reads: Iterable[Read], ms: float) -> Iterator[tuple[str, ...]]:
    """Yield the rows of one picture for a file of reads."""
    for read in reads:
        box = read.box
        sides = (f"{side:.1f}" for side in (box.x1, box.y1, box.x2, box.y2))
        place = (read.place, f"{read.place_confidence:.3f}") if read.place else ("", "")
        yield image, *sides, read.text, f"{read.confidence:.3f}", *place, f"{ms:.2f}"


def write_reads(path: Path, outputs: Reading) -> None:
    """Write what `Reading.outputs` returned to the file ``path``. Raises `InputError` where it cannot be."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for image, reads in outputs.reads.items():
                writer.writerows(rows_of(image, reads, outputs.ms[image]))
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
