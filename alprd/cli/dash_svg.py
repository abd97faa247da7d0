"""The dash's screen as an SVG picture for the documentation, which loads nothing from elsewhere."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from rich.console import Console

from alprd.cli.dash_screen import SCREEN_COLUMNS, render_screen

if TYPE_CHECKING:
    from alprd.cli.dash_model import DashModel
    from alprd.cli.dash_words import Language

_CELL_WIDTH: Final = 12.2
_CELL_HEIGHT: Final = 24.4
_BASELINE: Final = 18.5
"""Where rich's SVG puts a line's text below the upper edge of its cells, in the picture's units."""
_OVERLAP: Final = 0.25
"""What rects reach into their neighbours, so that no seam shows."""
_WEB_FONT: Final = re.compile(r"@font-face \{[^}]*\}\s*")
_BLOCK_TEXT: Final = re.compile(
    r'<text class="(?P<style>[^"]+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)"[^>]*>'
    r"(?P<cells>(?:[▀▄█]|&#160;)+)</text>"
)
_PARTS: Final = {"▀": (0.0, 0.5), "▄": (0.5, 0.5), "█": (0.0, 1.0)}
"""Upper edge and height of each block character, in cells."""


def screen_svg(model: DashModel, language: Language) -> str:
    """Return the screen as SVG text. Block characters become rectangles: fonts draw them with seams."""
    console = Console(record=True, width=SCREEN_COLUMNS, file=io.StringIO(), color_system="truecolor")
    console.print(render_screen(model, language))
    svg = console.export_svg(title="alprctl dash", unique_id="alprd-dash")
    return _BLOCK_TEXT.sub(_rects, _WEB_FONT.sub("", svg))


def _rects(text: re.Match[str]) -> str:
    left, top = float(text["x"]), float(text["y"]) - _BASELINE
    rects = []
    for column, cell in enumerate(text["cells"].replace("&#160;", " ")):
        if cell in _PARTS:
            edge, height = _PARTS[cell]
            rects.append(
                f'<rect class="{text["style"]}" x="{left + column * _CELL_WIDTH:.1f}"'
                f' y="{top + edge * _CELL_HEIGHT:.1f}" width="{_CELL_WIDTH + _OVERLAP}"'
                f' height="{height * _CELL_HEIGHT + _OVERLAP}"/>'
            )
    return "".join(rects)
