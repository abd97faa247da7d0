"""Draws the picture of `alprd/docs/context.md`: ``python -m tests.vectors.context.generate``.

Above a frame of the rendered drive with drawn people in it, below what a record keeps of it.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

import alprd
from alprd.alerts.pending import PICTURE_HEIGHT, PICTURE_WIDTH
from alprd.office.evidence_words import context_png
from alprd.vision.context import Redactor
from alprd.vision.rectify import Rectifier
from tests.sim.people import Scene, drawn_head
from tests.vectors.evidence.generate import WITH_CONTEXT

FILE: Final = Path(alprd.__file__).parent / "docs" / "context.png"
_PEOPLE: Final = (((-0.35, -0.72), 1.0), ((-1.2, -0.45), 1.0), ((-0.55, 0.08), 2.0))
"""At the window, beside the vehicle, and half way to it: metres from the plate, and how many times nearer."""
_REACH_M: Final = (1.6, 1.1, 0.8, 0.6)
"""What of the frame is shown: left of, over, right of and under the plate's middle."""
_WIDTH: Final = 576
_GREYS: Final = 32
_GAP: Final = 8


def picture() -> Image.Image:
    """Return the picture, 8-bit grey."""
    view = Scene(1, "sedan", 91)
    for place_m, closer in _PEOPLE:
        view.main = view.with_head(drawn_head(), place_m, closer=closer)
    cells = np.zeros((4, 12), np.uint8)
    Redactor(view.main.shape[1]).redact(view.main, view.corners[None], 0, cells)
    plate = np.zeros((PICTURE_HEIGHT, PICTURE_WIDTH), np.uint8)
    Rectifier(PICTURE_HEIGHT, PICTURE_WIDTH).warp(view.main, view.corners, plate)
    item = replace(
        WITH_CONTEXT,
        picture_width=PICTURE_WIDTH,
        picture_height=PICTURE_HEIGHT,
        picture=plate.tobytes(),
        context=cells.tobytes(),
    )
    x, y = view.middle.tolist()
    left, up, right, down = (reach * view.px_per_m for reach in _REACH_M)
    box = (round(x - left), round(y - up), min(view.main.shape[1], round(x + right)), round(y + down))
    frame = Image.fromarray(view.main).crop(box)
    frame = frame.resize((_WIDTH, round(frame.height * _WIDTH / frame.width)), Image.Resampling.BICUBIC)
    with Image.open(io.BytesIO(context_png(item))) as whole:
        kept = whole.resize((_WIDTH, whole.height * _WIDTH // whole.width), Image.Resampling.BICUBIC)
    page = Image.new("L", (_WIDTH, frame.height + _GAP + kept.height), 255)
    page.paste(frame, (0, 0))
    page.paste(kept, (0, frame.height + _GAP))
    return page.quantize(_GREYS).convert("L")


if __name__ == "__main__":
    picture().save(FILE, optimize=True)
