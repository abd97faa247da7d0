"""Plate text in large letters and plate pictures in grey, drawn with half blocks for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.color import Color
from rich.style import Style
from rich.text import Text

from alprd.alerts.messages import PICTURE_HEIGHT, PICTURE_WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LETTER_COLUMNS: Final = 5
LETTER_ROWS: Final = 4
"""Terminal rows of a letter: seven dots, two a row."""
_DOTS: Final = 7
_GREY_STEP: Final = 17
"""From 4-bit grey (0 to 15) to 8-bit (0 to 255)."""
_BLOCKS: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}

_ORDER: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_COLUMNS: Final = bytes.fromhex(
    "3E5149453E 00427F4000 4261514946 2141454B31 1814127F10 2745454539 3C4A494930 0171090503 3649494936 "
    "064949291E 7E1111117E 7F49494936 3E41414122 7F4141221C 7F49494941 7F09090901 3E4149497A 7F0808087F "
    "00417F4100 2040413F01 7F08142241 7F40404040 7F020C027F 7F0408107F 3E4141413E 7F09090906 3E4151215E "
    "7F09192946 4649494931 01017F0101 3F4040403F 1F2040201F 3F4038403F 6314081463 0708700807 6151494543"
)
_LETTERS: Final[Mapping[str, bytes]] = {
    letter: _COLUMNS[LETTER_COLUMNS * i : LETTER_COLUMNS * (i + 1)] for i, letter in enumerate(_ORDER)
}
"""Each letter as five columns of seven dots, the top dot in the lowest bit."""


def large(text: str, styles: Sequence[str]) -> Text:
    """Return ``text`` (A-Z, 0-9) in letters of 5 x 4 cells, one style per character."""
    out = Text(no_wrap=True)
    for row in range(LETTER_ROWS):
        for letter, style in zip(text, styles, strict=True):
            out.append("".join(_cell(column, row) for column in _LETTERS[letter]), style)
            out.append("  ")
        out.append("\n" if row < LETTER_ROWS - 1 else "")
    return out


def _cell(column: int, row: int) -> str:
    upper, lower = 2 * row, 2 * row + 1
    return _BLOCKS[(column >> upper & 1, column >> lower & 1 if lower < _DOTS else 0)]


def grey_picture(packed: bytes, shrink: int = 2) -> Text:
    """Return a plate picture (144 x 48, 4-bit grey, packed) as half blocks, ``shrink`` pixels to a dot.

    Dots are means. With ``shrink`` 2 the picture takes 72 columns and 12 rows.
    """
    out = Text(no_wrap=True)
    for y in range(0, PICTURE_HEIGHT, 2 * shrink):
        for x in range(0, PICTURE_WIDTH, shrink):
            upper, lower = _mean(packed, x, y, shrink), _mean(packed, x, y + shrink, shrink)
            out.append("▀", Style(color=_grey(upper), bgcolor=_grey(lower)))
        out.append("\n" if y + 2 * shrink < PICTURE_HEIGHT else "")
    return out


def _grey(level: int) -> Color:
    return Color.from_rgb(level, level, level)


def _mean(packed: bytes, x: int, y: int, shrink: int) -> int:
    total = 0
    for row in range(y, y + shrink):
        for column in range(x, x + shrink):
            pair = packed[(row * PICTURE_WIDTH + column) // 2]
            total += pair & 0x0F if column & 1 else pair >> 4
    return _GREY_STEP * total // (shrink * shrink)
