"""Measure the reader on rendered plates that no training saw, jurisdiction by jurisdiction.

``python -m models.training.reader_rendered --fonts DIR --data DIR [--count 6000] [--failures FILE]`` prints a
Markdown table: how many plates, the share read exactly, the share whose jurisdiction is answered at the
operating point, and the share of these that is right. ``FILE`` gets a picture of the first misread ones, each
with what stands on it and what was read. Rendered plates flatter a reader that was trained on the same
renderer: the table compares jurisdictions, and is the only word on those without real pictures.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from alprd.plates.alphabet import CHARACTERS
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.vision.loading import open_reader
from models.training.plates import CROP_HEIGHT, CROP_MARGIN, CROP_WIDTH, PlateRenderer, Sample
from models.training.scene import box_corners
from models.training.surroundings import load_backgrounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.vision.read import Reader

_SEED: Final = (77, 2026)
_ELSEWHERE: Final = "elsewhere"
_TILE_HEIGHT, _TILE_WIDTH, _ROW = 76, 150, 8
_MOST_FAILURES: Final = 80


def reading(reader: Reader, sample: Sample) -> tuple[bool, bool, bool]:
    """Return whether ``reader`` reads the text of ``sample``, answers its place, and answers it rightly."""
    margin_x, margin_y = CROP_MARGIN
    width, height = CROP_WIDTH / (1 + 2 * margin_x), CROP_HEIGHT / (1 + 2 * margin_y)
    left, top = margin_x * width, margin_y * height
    length = reader.read(sample.crop, box_corners(left, top, left + width, top + height))
    text_right = bool((reader.codes == sample.codes).all())
    answered = length > 0 and reader.place > 0 and float(reader.place_confidence[0]) >= reader.place_accept
    return text_right, answered, answered and reader.place == sample.place


def tile(reader: Reader, sample: Sample) -> NDArray[np.uint8]:
    """Return a misread plate as the reader saw it, with its text and the read below, (76, 150)."""
    texts = (
        "".join(f"?{CHARACTERS}#"[code] for code in codes if code) for codes in (sample.codes, reader.codes)
    )
    picture: NDArray[np.uint8] = np.full((_TILE_HEIGHT, _TILE_WIDTH), 255, np.uint8)
    picture[2:50, 3:147] = reader.crop
    for row, text in enumerate(texts):
        cv2.putText(picture, text, (4, 61 + 12 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.38, 0, 1, cv2.LINE_AA)
    return picture


def write_failures(path: Path, tiles: list[NDArray[np.uint8]]) -> None:
    """Write ``tiles`` as one picture of `_ROW` a row; the last row is cut to whole ones."""
    rows = [np.hstack(tiles[i : i + _ROW]) for i in range(0, len(tiles) - _ROW + 1, _ROW)]
    if rows:
        quality = [cv2.IMWRITE_JPEG_QUALITY, 70] if path.suffix == ".jpg" else []
        path.write_bytes(bytes(cv2.imencode(path.suffix, np.vstack(rows), quality)[1]))


def main() -> None:
    """Render, read and print the table."""
    parser = argparse.ArgumentParser(prog="python -m models.training.reader_rendered", description=__doc__)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="for the backgrounds")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--failures", type=Path, help="picture of misread plates to write, .jpg or .png")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    reader = open_reader(models=options.models)
    renderer = PlateRenderer(options.fonts, load_backgrounds(options.data))
    rng = np.random.default_rng(_SEED)
    found = defaultdict(list)
    failures: list[NDArray[np.uint8]] = []
    for index in range(options.count):
        sample = renderer.sample(rng)
        if sample.place < len(JURISDICTIONS) and sample.codes.any():
            name = JURISDICTIONS[sample.place] if sample.place else _ELSEWHERE
            found[name].append(reading(reader, sample))
            if not found[name][-1][0] and len(failures) < _MOST_FAILURES:
                failures.append(tile(reader, sample))
        if (index + 1) % 1000 == 0:
            print(f"{index + 1} of {options.count}", flush=True)
    if options.failures is not None:
        write_failures(options.failures, failures)
    print("| plates of | plates | text exact | place answered | right of answered |\n|---|---|---|---|---|")
    groups = {"all": [row for rows in found.values() for row in rows], **dict(sorted(found.items()))}
    for name, rows in groups.items():
        text, answered, right = np.array(rows).mean(axis=0) * 100
        share = f"{100 * right / answered:.1f} %" if answered and name != _ELSEWHERE else "-"
        print(f"| {name} | {len(rows)} | {text:.1f} % | {answered:.1f} % | {share} |")


if __name__ == "__main__":
    main()
