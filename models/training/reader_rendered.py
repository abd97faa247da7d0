"""Measure the reader on rendered plates that no training saw, jurisdiction by jurisdiction.

``python -m models.training.reader_rendered --fonts DIR --data DIR [--count 6000]`` prints a Markdown table:
how many plates, the share read exactly, the share whose jurisdiction is answered at the operating point, and
the share of these that is right. Rendered plates flatter a reader that was trained on the same renderer:
the table compares jurisdictions, and is the only word on those of which no real pictures could be had.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.vision.litert import Model
from alprd.vision.read import Reader
from alprd.vision.rectify import Rectifier
from models.training.plates import CROP_HEIGHT, CROP_MARGIN, CROP_WIDTH, PlateRenderer, Sample
from models.training.scene import box_corners
from models.training.surroundings import load_backgrounds

_SEED: Final = (77, 2026)
_ELSEWHERE: Final = "elsewhere"


def reading(reader: Reader, sample: Sample) -> tuple[bool, bool, bool]:
    """Return whether ``reader`` reads the text of ``sample``, answers its place, and answers it rightly."""
    margin_x, margin_y = CROP_MARGIN
    width, height = CROP_WIDTH / (1 + 2 * margin_x), CROP_HEIGHT / (1 + 2 * margin_y)
    left, top = margin_x * width, margin_y * height
    length = reader.read(sample.crop, box_corners(left, top, left + width, top + height))
    text_right = bool((reader.codes == sample.codes).all())
    answered = length > 0 and reader.place > 0 and float(reader.place_confidence[0]) >= reader.place_accept
    return text_right, answered, answered and reader.place == sample.place


def main() -> None:
    """Render, read and print the table."""
    parser = argparse.ArgumentParser(prog="python -m models.training.reader_rendered", description=__doc__)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="for the backgrounds")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--model", type=Path, default=Path("models/reader"))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    reader = Reader(Model.open(options.model), Rectifier())
    renderer = PlateRenderer(options.fonts, load_backgrounds(options.data))
    rng = np.random.default_rng(_SEED)
    found = defaultdict(list)
    for index in range(options.count):
        sample = renderer.sample(rng)
        if sample.place < len(JURISDICTIONS) and sample.codes.any():
            name = JURISDICTIONS[sample.place] if sample.place else _ELSEWHERE
            found[name].append(reading(reader, sample))
        if (index + 1) % 1000 == 0:
            print(f"{index + 1} of {options.count}", flush=True)
    print("| plates of | plates | text exact | place answered | right of answered |\n|---|---|---|---|---|")
    groups = {"all": [row for rows in found.values() for row in rows], **dict(sorted(found.items()))}
    for name, rows in groups.items():
        text, answered, right = np.array(rows).mean(axis=0) * 100
        share = f"{100 * right / answered:.1f} %" if answered and name != _ELSEWHERE else "-"
        print(f"| {name} | {len(rows)} | {text:.1f} % | {answered:.1f} % | {share} |")


if __name__ == "__main__":
    main()
