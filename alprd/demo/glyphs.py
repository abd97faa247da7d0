"""Plate lettering drawn as strokes: A to Z, 0 to 9 and a few marks, without any font file.

Every character is a set of polylines on a grid 4 units wide and 8 units tall, y downwards, in the
condensed manner of the dies that plates are pressed with. A vertex may carry a radius; its corner
is then rounded. The stroke weight is chosen when drawing. Look-alikes are kept apart by shape:
0 is a narrow oval and O a square-shouldered ring, I has serifs and 1 a flag, B has a flat spine
and 8 a waist.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import ImageDraw

GRID_WIDTH: Final = 4.0
GRID_HEIGHT: Final = 8.0
_CURVE_STEPS: Final = 8


class Vertex(NamedTuple):
    """A point of a stroke in grid units, its corner rounded with radius ``r``."""

    x: float
    y: float
    r: float = 0.0


Stroke = tuple[Vertex, ...]


def _strokes(source: str) -> tuple[Stroke, ...]:
    """Read strokes from ``x,y[,r]`` points: spaces part points, ``/`` parts strokes."""
    return tuple(
        tuple(Vertex(*(float(number) for number in point.split(","))) for point in stroke.split())
        for stroke in source.split("/")
    )


_SOURCES: Final[Mapping[str, str]] = {
    "0": "2,0 3.75,0,1.75 3.75,8,1.75 .25,8,1.75 .25,0,1.75 2,0",
    "1": ".7,1.5 2.2,0 2.2,8",
    "2": "0,2 0,0,1.9 4,0,1.9 4,3.6,1.4 0,6.4,.8 0,8 4,8",
    "3": "0,1.7 0,0,1.7 3.9,0,1.8 3.9,3.8,1.5 1.6,3.8 / 2.2,3.8 4,3.8,1.6 4,8,1.8 0,8,1.8 0,6.2",
    "4": "3,8 3,0 0,5.7 4,5.7",
    "5": "3.8,0 .4,0 .2,3.7 .8,3 4,3,1.8 4,8,2 0,8,1.8 0,6.3",
    "6": "3.8,1.8 3.8,0,1.8 0,0,2 0,8,1.9 4,8,1.9 4,3.4,1.8 .6,3.4,1 0,4.8",
    "7": "0,0 4,0 3.6,1.4 1.5,8",
    "8": "2,0 3.75,0,1.7 3.75,3.8,1.6 .25,3.8,1.6 .25,0,1.7 2,0 "
    "/ 2,3.8 4,3.8,1.8 4,8,1.9 0,8,1.9 0,3.8,1.8 2,3.8",
    "9": ".2,6.2 .2,8,1.8 4,8,2 4,0,1.9 0,0,1.9 0,4.6,1.8 3.4,4.6,1 4,3.2",
    "A": "0,8 1.7,0 2.3,0 4,8 / .7,5.5 3.3,5.5",
    "B": "0,3.9 0,0 3.7,0,1.5 3.7,3.9,1.4 0,3.9 0,8 4,8,1.6 4,3.9,1.6 2.4,3.9",
    "C": "4,2.3 4,0,1.9 0,0,1.9 0,8,1.9 4,8,1.9 4,5.7",
    "D": "0,4 0,0 4,0,2 4,8,2 0,8 0,4",
    "E": "3.8,0 0,0 0,8 3.8,8 / 0,3.9 3,3.9",
    "F": "3.8,0 0,0 0,8 / 0,3.9 3,3.9",
    "G": "4,2.2 4,0,1.9 0,0,1.9 0,8,1.9 4,8,1.9 4,4.4 2.2,4.4",
    "H": "0,0 0,8 / 4,0 4,8 / 0,3.9 4,3.9",
    "I": "1,0 3,0 / 2,0 2,8 / 1,8 3,8",
    "J": "3.8,0 3.8,8,1.9 0,8,1.9 0,5.8",
    "K": "0,0 0,8 / 4,0 0,4.9 / 1.3,3.4 4,8",
    "L": "0,0 0,8 3.8,8",
    "M": "0,8 0,0 2,5 4,0 4,8",
    "N": "0,8 0,0 4,8 4,0",
    "O": "2,0 4,0,1 4,8,1 0,8,1 0,0,1 2,0",
    "P": "0,8 0,0 4,0,1.8 4,4.4,1.8 0,4.4",
    "Q": "2,0 4,0,1.3 4,8,1.3 0,8,1.3 0,0,1.3 2,0 / 2.2,5.8 4.3,8.5",
    "R": "0,8 0,0 3.9,0,1.7 3.9,4.2,1.7 0,4.2 / 1.9,4.2 4,8",
    "S": "3.9,2 3.9,0,1.8 .1,0,1.8 .1,3.8,1.3 4,4.2,1.3 4,8,1.9 0,8,1.9 0,6",
    "T": "0,0 4,0 / 2,0 2,8",
    "U": "0,0 0,8,1.9 4,8,1.9 4,0",
    "V": "0,0 1.8,8 2.2,8 4,0",
    "W": "0,0 .6,8 2,2.2 3.4,8 4,0",
    "X": "0,0 4,8 / 4,0 0,8",
    "Y": "0,0 2,4.2 4,0 / 2,4.2 2,8",
    "Z": "0,0 4,0 0,8 4,8",
    "-": ".8,4.2 3.2,4.2",
    ".": "1.9,7.9 2.1,7.9",
}

GLYPHS: Final[Mapping[str, tuple[Stroke, ...]]] = {
    **{character: _strokes(source) for character, source in _SOURCES.items()},
    " ": (),
}
"""Strokes of each drawable character."""

CROWN: Final = _strokes("0,6.5 0,2.6 1.1,4.6 2,1.6 2.9,4.6 4,2.6 4,6.5 0,6.5")
"""A small crown, which parts the letters of an Ontario plate from its figures."""


def _corner(before: Vertex, corner: Vertex, after: Vertex) -> list[tuple[float, float]]:
    """Points of the rounded ``corner``: a quadratic curve between two points on its arms."""
    arms = [(end.x - corner.x, end.y - corner.y) for end in (before, after)]
    lengths = [math.hypot(*arm) for arm in arms]
    (sx, sy), (ex, ey) = (
        (corner.x + ax * min(1.0, corner.r / length), corner.y + ay * min(1.0, corner.r / length))
        for (ax, ay), length in zip(arms, lengths, strict=True)
    )
    points = []
    for step in range(_CURVE_STEPS + 1):
        t = step / _CURVE_STEPS
        # Between a quadratic curve's middle and a circle's: plate dies are squarer than circles.
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        points.append((a * sx + b * corner.x + c * ex, a * sy + b * corner.y + c * ey))
    return points


def outline(stroke: Stroke) -> list[tuple[float, float]]:
    """Return the points of ``stroke`` in grid units with its corners rounded."""
    points: list[tuple[float, float]] = []
    for index, vertex in enumerate(stroke):
        inner = 0 < index < len(stroke) - 1
        if inner and vertex.r > 0:
            points.extend(_corner(stroke[index - 1], vertex, stroke[index + 1]))
        else:
            points.append((vertex.x, vertex.y))
    return points


@functools.cache
def _outlines(character: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    return tuple(tuple(outline(stroke)) for stroke in GLYPHS[character])


def draw_strokes(
    draw: ImageDraw.ImageDraw,
    outlines: tuple[tuple[tuple[float, float], ...], ...],
    box: tuple[float, float, float, float],
    *,
    pen: float,
    fill: int,
) -> None:
    """Draw grid ``outlines`` into ``box`` (x, y, width, height in px), the ink kept inside it.

    ``pen`` is the stroke width in px; joints and ends are round.
    """
    x, y, width, height = box
    scale_x, scale_y = (width - pen) / GRID_WIDTH, (height - pen) / GRID_HEIGHT
    x, y, radius = x + pen / 2, y + pen / 2, pen / 2
    for points in outlines:
        placed = [(x + px * scale_x, y + py * scale_y) for px, py in points]
        draw.line(placed, fill=fill, width=max(1, round(pen)))
        for px, py in placed:
            draw.ellipse((px - radius, py - radius, px + radius, py + radius), fill=fill)


def draw_character(
    draw: ImageDraw.ImageDraw,
    character: str,
    box: tuple[float, float, float, float],
    *,
    pen: float,
    fill: int,
) -> None:
    """Draw ``character`` into ``box`` (x, y, width, height in px) with strokes ``pen`` px wide."""
    draw_strokes(draw, _outlines(character), box, pen=pen, fill=fill)


def draw_line(
    draw: ImageDraw.ImageDraw,
    text: str,
    box: tuple[float, float, float, float],
    *,
    pen: float,
    fill: int,
    gap: float = 0.35,
) -> None:
    """Draw ``text`` evenly across ``box`` (px), ``gap`` of a character's width between characters.

    Lower case is drawn as capitals; a character without a glyph raises `KeyError`.
    """
    x, y, width, height = box
    cell = width / (len(text) + gap * (len(text) - 1))
    for index, character in enumerate(text.upper()):
        left = x + index * cell * (1 + gap)
        draw_character(draw, character, (left, y, cell, height), pen=pen, fill=fill)
