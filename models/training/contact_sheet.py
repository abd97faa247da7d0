"""A sheet of rendered plates by jurisdiction, for people to look at.

``python -m models.training.contact_sheet --fonts DIR [--data DIR] --out sheet.png`` draws two flat faces
and two crops of each jurisdiction and rows of mixed samples; ``--data`` gives backgrounds to set them into.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alprd.plates.jurisdictions import JURISDICTIONS, UNKNOWN
from models.training.plates import CROP_HEIGHT, CROP_WIDTH, PlateRenderer
from models.training.serials import draw_serial_of
from models.training.surroundings import load_backgrounds

Grey = NDArray[np.uint8]

LARGEST_JPEG: Final = 200_000
_LABEL_PX: Final = 11


def draw_sheet(renderer: PlateRenderer, rng: np.random.Generator, *, across: int = 8, faces: int = 2) -> Grey:
    """Return the sheet: each jurisdiction's flat faces and as many crops, ``across`` cells a row."""
    cells = []
    for name in (*JURISDICTIONS, "gb", "eu", "elsewhere", "two-line"):
        if name == UNKNOWN:
            continue
        for _ in range(faces):
            face = renderer.whole_face(name, draw_serial_of(name, rng), rng)
            cells.append(_cell(face.picture, name))
            cells.append(_cell(renderer.seen(face, rng).crop, name))
    cells += [_cell(renderer.sample(rng).crop, "") for _ in range(-len(cells) % across + 2 * across)]
    rows = [np.hstack(cells[start : start + across]) for start in range(0, len(cells), across)]
    return np.vstack(rows)


def _cell(picture: Grey, label: str) -> Grey:
    """Return ``picture`` under its label, every cell the same size."""
    cell = np.full((CROP_HEIGHT + _LABEL_PX, CROP_WIDTH + 2), 255, np.uint8)
    scale = min(CROP_WIDTH / picture.shape[1], CROP_HEIGHT / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cell[_LABEL_PX : _LABEL_PX + small.shape[0], : small.shape[1]] = small[:CROP_HEIGHT, :CROP_WIDTH]
    cv2.putText(cell, label, (2, 9), cv2.FONT_HERSHEY_SIMPLEX, 0.33, 0, 1, cv2.LINE_AA)
    return cell


def _packed(sheet: Grey) -> bytes:
    """Return ``sheet`` as JPEG of at most `LARGEST_JPEG` bytes, made smaller and coarser until it is."""
    small = cv2.resize(sheet, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    for quality in range(80, 10, -4):
        packed = bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])
        if len(packed) <= LARGEST_JPEG:
            break
    return packed


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faces", type=int, default=2)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    backgrounds = [] if options.data is None else load_backgrounds(options.data, 100)
    renderer = PlateRenderer(options.fonts, backgrounds)
    sheet = draw_sheet(renderer, np.random.default_rng(options.seed), faces=options.faces)
    options.out.write_bytes(
        _packed(sheet) if options.out.suffix == ".jpg" else cv2.imencode(".png", sheet)[1]
    )
    print(f"{options.out}: {sheet.shape[1]} by {sheet.shape[0]} px")


if __name__ == "__main__":
    main()
