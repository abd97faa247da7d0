"""Silhouettes of an openly licensed icon font: the pictures that plates carry, in more shapes than we draw.

``npm install --prefix FOLDER @fortawesome/fontawesome-free`` brings the font (SIL OFL 1.1) and the table of
what each icon shows. It is used at training time and is never part of the project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import yaml
from PIL import Image, ImageDraw, ImageFont

from models.training.lettering import as_truetype

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Mask = NDArray[np.uint8]

_PACKAGE: Final = "node_modules/@fortawesome/fontawesome-free"
_KINDS: Final = (
    "animals", "astronomy", "buildings", "camping", "charity", "childhood", "construction", "disaster",
    "education", "energy", "food-beverage", "fruits-vegetables", "gaming", "halloween", "hands", "holidays",
    "household", "humanitarian", "maritime", "medical-health", "music-audio", "nature", "religion",
    "science-fiction", "sports-fitness", "transportation", "travel-hotel", "users-people", "weather",
)  # fmt: skip
_NO_PICTURES: Final = frozenset(
    {"bahai", "bars", "circle", "circle-h", "circle-info", "clipboard-question", "cross", "gopuram", "h",
     "hospital", "hospital-user", "info", "minus", "plus", "question", "slash", "square", "square-h", "xmark",
     "z", "i", "om", "peace", "stop", "a", "t"}
)  # fmt: skip
"""Icons that are, or hold, a character."""


def icon_masks(folder: Path, side: int) -> list[Mask]:
    """Return each picture ``side`` px tall and cut to its width; none where the font is not installed."""
    package = folder / _PACKAGE
    if not package.is_dir():
        return []
    kinds = yaml.safe_load((package / "metadata/categories.yml").read_text(encoding="utf-8"))
    icons = yaml.safe_load((package / "metadata/icons.yml").read_text(encoding="utf-8"))
    names = sorted({name for kind in _KINDS for name in kinds[kind]["icons"]} - _NO_PICTURES)
    path = package / "webfonts/fa-solid-900.woff2"
    font = ImageFont.truetype(as_truetype(path), 2 * side)
    return [
        mask
        for name in names
        if "solid" in icons[name]["styles"]
        and (mask := _mask(font, chr(int(icons[name]["unicode"], 16)), side)) is not None
    ]


def _mask(font: ImageFont.FreeTypeFont, mark: str, side: int) -> Mask | None:
    """Return ``mark`` as a mask, or None where next to nothing or nearly all of its cell is ink."""
    left, top, right, bottom = (int(edge) for edge in font.getbbox(mark))
    image = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    ImageDraw.Draw(image).text((-left, -top), mark, fill=255, font=font)
    drawn = np.asarray(image)
    wide = round(drawn.shape[1] * side / drawn.shape[0])
    if not side // 3 <= wide <= 2 * side or not 0.1 < float(drawn.mean()) / 255 < 0.9:
        return None
    return np.asarray(cv2.resize(drawn, (wide, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)
