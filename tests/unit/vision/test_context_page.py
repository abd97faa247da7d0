"""The document of contexts: its picture is what the project draws, its numbers are those of the code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import alprd
from alprd.records import CONTEXT_COLUMNS, CONTEXT_ROWS
from alprd.vision.context import RIM, WIDEST
from tests.vectors.context.generate import FILE, picture

DOCUMENT = Path(alprd.__file__).parent / "docs" / "context.md"
MOST_APART = 4
"""Grey levels on average: noise and lenses of the renderer differ from machine to machine in the last bit."""


def test_the_picture_is_what_the_generator_draws() -> None:
    with Image.open(FILE) as kept:
        drawn = picture()
        assert (kept.size, kept.mode) == (drawn.size, drawn.mode)
        apart = np.abs(np.asarray(kept).astype(np.int16) - np.asarray(drawn))
    assert apart.mean() < MOST_APART


def test_the_numbers_are_those_of_the_code() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert (CONTEXT_ROWS, CONTEXT_COLUMNS) == (4, 12)
    assert "four rows of twelve cells" in text
    assert f"farther than {WIDEST} plate heights" in text
    assert RIM == 0.25
    assert "a rim of a quarter of its sides" in text
