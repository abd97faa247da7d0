"""Read labelled pictures with the product's own stages, score the reads, and time them.

    python -m models.evaluate --data DIR [--out DIR] [--report DIR] [--plots DIR] [--sweep]
    python -m models.evaluate --images DIR --out reads.csv [--truth truth.csv] [--boxes truth.csv]
    python -m models.evaluate --costs

With --data every folder in DIR that holds a truth.csv is a set, read in a process of its own; a set of plate
crops (each label covers its picture) is read by the corners that the detector gives the labelled plate when
the picture stands in a frame, and by the labelled box where it finds none. With --images one folder is read,
by the detector unless --boxes is given.

Reads are written as image,x1,y1,x2,y2,text,confidence,place,place_confidence,ms: one row for each whole text
of at least --least, boxes upright in px; place is empty where it is not answered at the operating
point; ms is the whole picture, from its file's bytes to its last read, wiped, on one core.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.errors import AlprdError
from models.evaluate.reading import Reading, Task, read_apart, read_folder, write_reads
from models.evaluate.score import Evaluated, Score, scored, swept, together
from models.evaluate.table import as_text, set_table, stage_table, sweep_table
from models.evaluate.truth import TRUTH, InputError, Label, are_crops, labels_of, sets_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEAST_CONFIDENCE: Final = 0.35
"""The least confidence of an output: models/detector/CARD.md."""

_NOT_READ: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, evaluate, and return the exit code: 2 where the input cannot be evaluated."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.core is None:
        chosen.core = max(os.sched_getaffinity(0))
    try:
        if chosen.costs:
            _print_costs(chosen.core)
        elif chosen.data is not None:
            _conclude(_read_sets(chosen), chosen)
        elif chosen.images is None or chosen.out is None:
            parser.error("expected --data DIR, or --images DIR and --out FILE")
        else:
            _conclude(_read_one(chosen), chosen)
    except (AlprdError, InputError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return _NOT_READ
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m models.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, help="read every set in this folder")
    parser.add_argument("--images", type=Path, help="read this folder")
    parser.add_argument(
        "--out", type=Path, help="write the reads: a file, or with --data a folder of SET.csv"
    )
    parser.add_argument("--truth", type=Path, help="score the folder's reads against this truth file")
    parser.add_argument("--boxes", type=Path, help="read the boxes of this truth file, not the detector's")
    parser.add_argument("--report", type=Path, help="write a page with plots and failures into this folder")
    parser.add_argument(
        "--plots", type=Path, help="write the plots alone, for a model card, into this folder"
    )
    parser.add_argument("--sweep", action="store_true", help="show what each least confidence would give")
    parser.add_argument(
        "--costs", action="store_true", help="show what the models and one rendered frame cost here"
    )
    parser.add_argument("--runtime", choices=("auto", "litert", "tflite"), default="auto")
    parser.add_argument("--least", type=float, default=LEAST_CONFIDENCE, help="least confidence of an output")
    parser.add_argument("--core", type=int, help="run on this core; otherwise on the last that is allowed")
    return parser


def _read_sets(chosen: argparse.Namespace) -> list[Evaluated]:
    """Read every set of ``--data``, each in a process of its own."""
    if chosen.out is not None:
        chosen.out.mkdir(parents=True, exist_ok=True)
    sets = []
    for folder in sets_in(chosen.data):
        labels = labels_of(folder / TRUTH)
        reading = read_apart(_task(chosen, folder, labels if are_crops(labels) else None, close_ups=True))
        if chosen.out is not None:
            write_reads(chosen.out / f"{reading.name}.csv", reading.outputs(chosen.least))
        sets.append(_evaluated(reading, labels, chosen.least))
    return sets


def _read_one(chosen: argparse.Namespace) -> list[Evaluated]:
    """Read the folder of ``--images`` in this process; without ``--truth`` nothing is scored."""
    truth = None if chosen.truth is None else labels_of(chosen.truth)
    boxes = None if chosen.boxes is None else labels_of(chosen.boxes)
    reading = read_folder(_task(chosen, chosen.images, boxes))
    outputs = reading.outputs(chosen.least)
    write_reads(chosen.out, outputs)
    plates = sum(len(reads) for reads in outputs.reads.values())
    print(
        f"{len(reading.reads)} pictures, {plates} outputs, {len(reading.unreadable)} unreadable files skipped"
    )
    if truth is not None:
        return [_evaluated(reading, truth, chosen.least)]
    print(f"{reading.runtime} on core {chosen.core}, median ms a picture:")
    print(as_text(stage_table({reading.name: reading.stages})))
    return []


def _task(
    chosen: argparse.Namespace,
    images: Path,
    labels: Mapping[str, Sequence[Label]] | None,
    *,
    close_ups: bool = False,
) -> Task:
    boxes = None
    if labels is not None:
        boxes = {image: [label.box for label in here] for image, here in labels.items()}
    name = images.resolve().name
    return Task(
        name=name,
        images=images,
        runtime=chosen.runtime,
        core=chosen.core,
        boxes=boxes,
        are_close_ups=close_ups and boxes is not None,
    )


def _evaluated(reading: Reading, labels: Mapping[str, Sequence[Label]], least: float) -> Evaluated:
    absent = sorted(labels.keys() - reading.reads.keys() - set(reading.unreadable))
    if absent:
        print(
            f"{reading.name}: {len(absent)} labelled pictures are not there, the first is {absent[0]}; "
            "their plates count as not found",
            file=sys.stderr,
        )
    return Evaluated(reading, labels, scored(reading, labels, least))


def with_totals(sets: Sequence[Evaluated]) -> list[Score]:
    """Return the sets' scores, and those of all scenes and of all crops where there are several."""
    scores = [one.score for one in sets]
    for name, is_by_boxes in (("all scenes", False), ("all crops", True)):
        alike = [one.score for one in sets if one.reading.is_by_boxes == is_by_boxes]
        if len(alike) > 1:
            scores.append(together(name, alike))
    return scores


def _conclude(sets: Sequence[Evaluated], chosen: argparse.Namespace) -> None:
    """Print the tables, and write the report and the plots that were asked for."""
    if not sets:
        return
    reading = sets[0].reading
    point = reading.point
    print(
        f"{reading.runtime} on core {chosen.core}; "
        f"outputs: whole texts of confidence {chosen.least:g} or more; "
        f"accepted from {point.accept:g}, place answered from {point.place_accept:g}\n"
    )
    print(as_text(set_table(with_totals(sets))))
    print("\nMedian milliseconds a picture:\n")
    print(as_text(stage_table({one.reading.name: one.reading.stages for one in sets})))
    if chosen.sweep:
        for one in sets:
            print(f"\n{one.reading.name}:\n")
            print(as_text(sweep_table(swept(one.reading, one.labels), one.score)))
    if chosen.report is not None or chosen.plots is not None:
        from models.evaluate import page, plots  # noqa: PLC0415 - reading's peak memory is measured without them

        if chosen.plots is not None:
            plots.write(chosen.plots, sets)
        if chosen.report is not None:
            print(f"\nreport: {page.write(chosen.report, sets, with_totals(sets), chosen.least)}")


def _print_costs(core: int) -> None:
    from models.evaluate import speeds  # noqa: PLC0415 - the file format's code is large and read here alone

    print(f"one rendered frame of 1280x720 with one plate, processor time on core {core}:")
    for table in speeds.speed_tables(core):
        print(f"\n{as_text(table)}")


if __name__ == "__main__":
    sys.exit(main())
