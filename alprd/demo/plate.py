"""Plate faces for the demonstration, its tests and the reader's self-test.

The designs are invented after the general look of North American plates (12 by 6 inches); they
carry no trade dress and no real vehicle's number. Nothing is read from disk.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw

from alprd.demo.glyphs import CROWN, draw_character, draw_line, draw_strokes, outline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_SUPERSAMPLE: Final = 3
_CROWN: Final = tuple(tuple(outline(stroke)) for stroke in CROWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateStyle:
    """How a plate looks. Lengths are px on the face, shades are grey levels 0 to 255."""

    name: str
    width: int = 300
    height: int = 150
    face: int = 225
    ink: int = 40
    slogan_ink: int = 70
    header: str = ""
    footer: str = ""
    character_height: int = 68
    character_width: int = 32
    spacing: int = 6
    pen: float = 9.0
    break_width: int = 22
    breaks: tuple[int, ...] = ()  # characters in each group; empty: one group
    crown: bool = False
    lines: int = 1

    def __post_init__(self) -> None:
        """Refuse a style that cannot be drawn."""
        if self.lines not in {1, 2}:
            raise ValueError(f"a plate has 1 or 2 lines, not {self.lines}")


ONTARIO: Final = PlateStyle(
    name="ontario",
    header="ONTARIO",
    footer="YOURS TO DISCOVER",
    breaks=(4, 3),
    crown=True,
    character_width=31,
    spacing=5,
)
DARK_ON_LIGHT: Final = PlateStyle(
    name="dark-on-light", face=210, ink=45, header="NORTHLAND", footer="GREAT LAKES", breaks=(3, 4)
)
LIGHT_ON_DARK: Final = PlateStyle(
    name="light-on-dark", face=60, ink=225, slogan_ink=200, header="WESTERN", breaks=(3, 3)
)
TWO_LINE: Final = PlateStyle(
    name="two-line",
    width=200,
    height=150,
    lines=2,
    character_height=54,
    character_width=34,
    pen=8.5,
    spacing=9,
)

STYLES: Final[Mapping[str, PlateStyle]] = {
    style.name: style for style in (ONTARIO, DARK_ON_LIGHT, LIGHT_ON_DARK, TWO_LINE)
}
"""Every style by its name."""


def draw_plate(text: str, style: PlateStyle, *, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the face of a plate as (height, width) grey pixels.

    ``text`` is 1 to 10 characters A-Z and 0-9 without spaces; on a two-line style its first half
    stands above. ``rng`` varies shades and dirt a little, so that no two plates are alike.
    Raises `ValueError` on another text.
    """
    if not 1 <= len(text) <= 10 or not (text.isascii() and text.isalnum() and text == text.upper()):
        raise ValueError("a plate text is 1 to 10 characters A-Z and 0-9")
    style = replace(
        style,
        face=int(np.clip(style.face + rng.integers(-14, 15), 0, 255)),
        ink=int(np.clip(style.ink + rng.integers(-14, 15), 0, 255)),
    )
    width, height = style.width * _SUPERSAMPLE, style.height * _SUPERSAMPLE
    image = Image.new("L", (width, height), style.face)
    draw = ImageDraw.Draw(image)
    _draw_face(draw, style)
    for line, top in _lines_of(text, style):
        _draw_serial(draw, line, top, style)
    face = np.asarray(image.reduce(_SUPERSAMPLE), dtype=np.float32)
    slope = np.linspace(rng.uniform(-8, 8), rng.uniform(-8, 8), style.width, dtype=np.float32)
    grain = rng.normal(0.0, 2.0, face.shape).astype(np.float32)
    return np.clip(face + slope + grain, 0, 255).astype(np.uint8)


def _lines_of(text: str, style: PlateStyle) -> list[tuple[str, float]]:
    """Part ``text`` into its lines, each with its top edge in px of the face."""
    if style.lines == 1 or len(text) == 1:
        return [(text, (style.height - style.character_height) / 2 + 2)]
    upper = len(text) // 2
    margin = (style.height - 2 * style.character_height) / 3
    return [(text[:upper], margin), (text[upper:], 2 * margin + style.character_height)]


def _draw_face(draw: ImageDraw.ImageDraw, style: PlateStyle) -> None:
    """Draw the embossed rim, the bolt holes and the small lettering."""
    s = _SUPERSAMPLE
    width, height = style.width * s, style.height * s
    rim = (style.face + style.ink) // 2
    draw.rounded_rectangle((3 * s, 3 * s, width - 3 * s, height - 3 * s), 10 * s, outline=rim, width=s)
    for x in (0.2, 0.8):
        for y in (0.09, 0.91) if style.lines == 1 else (0.07,):
            cx, cy, r = x * width, y * height, 4 * s
            draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=rim)
    for words, centre, tall in ((style.header, 0.14, 17), (style.footer, 0.88, 11)):
        if words:
            wide = len(words) * tall * 0.72 * s
            box = ((width - wide) / 2, centre * height - tall * s / 2, wide, tall * s)
            draw_line(draw, words, box, pen=tall * s * 0.15, fill=style.slogan_ink)


def _draw_serial(draw: ImageDraw.ImageDraw, text: str, top: float, style: PlateStyle) -> None:
    """Draw one line of the serial, centred, narrowed where it would not fit."""
    s = _SUPERSAMPLE
    breaks = _break_after(text, style)
    natural = len(text) * (style.character_width + style.spacing) - style.spacing
    natural += len(breaks) * style.break_width
    squeeze = min(1.0, (style.width - 24) / natural)
    cell, step = style.character_width * squeeze * s, (style.character_width + style.spacing) * squeeze * s
    x = (style.width - natural * squeeze) / 2 * s
    tall, y = style.character_height * s, top * s
    for index, character in enumerate(text):
        draw_character(draw, character, (x, y, cell, tall), pen=style.pen * s, fill=style.ink)
        x += step
        if index + 1 in breaks:
            if style.crown:
                box = (
                    x - style.spacing * squeeze * s / 2,
                    y + tall * 0.3,
                    style.break_width * squeeze * s,
                    tall * 0.4,
                )
                draw_strokes(draw, _CROWN, box, pen=2.0 * s, fill=style.slogan_ink)
            x += style.break_width * squeeze * s


def _break_after(text: str, style: PlateStyle) -> frozenset[int]:
    """Character counts after which a gap stands: only when the groups add up to ``text``."""
    if style.lines != 1 or len(style.breaks) < 2 or sum(style.breaks) != len(text):
        return frozenset()
    return frozenset(int(count) for count in np.cumsum(style.breaks)[:-1])
