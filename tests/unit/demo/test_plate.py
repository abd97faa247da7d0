"""Plate faces of the demonstration."""

from __future__ import annotations

import numpy as np
import pytest

from alprd.demo.glyphs import GLYPHS
from alprd.demo.plate import STYLES, TWO_LINE, PlateStyle, draw_plate
from alprd.plates.alphabet import CHARACTERS


def test_every_character_of_a_plate_has_a_glyph() -> None:
    assert set(CHARACTERS) <= GLYPHS.keys()


@pytest.mark.parametrize("style", STYLES.values(), ids=str)
def test_a_face_has_the_size_of_its_style_and_both_its_shades(style: PlateStyle) -> None:
    face = draw_plate("ABCD123", style, rng=np.random.default_rng(0))
    assert face.shape == (style.height, style.width)
    assert face.dtype == np.uint8
    dark, light = sorted((style.face, style.ink))
    assert face.min() < dark + 40
    assert face.max() > light - 40


def test_the_same_seed_draws_the_same_face() -> None:
    first, second = (draw_plate("BXZT905", TWO_LINE, rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_two_texts_that_differ_in_one_lookalike_differ_in_their_ink() -> None:
    for one, other in (("0", "O"), ("1", "I"), ("8", "B"), ("5", "S"), ("2", "Z")):
        faces = [
            draw_plate(f"AB{c}D", STYLES["dark-on-light"], rng=np.random.default_rng(1)) for c in (one, other)
        ]
        changed = np.abs(faces[0].astype(int) - faces[1].astype(int)) > 100
        assert changed.sum() > 60, (one, other)


@pytest.mark.parametrize("text", ["", "ABCDEFGHIJK", "abc123", "AB 123", "ÄB123"])
def test_a_text_that_no_plate_carries_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 10 characters"):
        draw_plate(text, TWO_LINE, rng=np.random.default_rng(0))


def test_a_style_of_three_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or 2 lines"):
        PlateStyle(name="odd", lines=3)
