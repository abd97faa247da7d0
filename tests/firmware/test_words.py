"""The firmware's words are those that the unit knows, in both languages, and fit the display."""

from __future__ import annotations

import runpy
import textwrap
from typing import Any

import pytest

from alprd.hotlist.categories import Category
from alprd.records import Doubt
from hardware.dash.make_words import TARGET, words

COLUMNS = 40
"""Letters in a row of the display."""


def test_the_module_is_what_the_generator_writes() -> None:
    assert TARGET.read_text("utf-8") == words()


@pytest.fixture
def module() -> dict[str, Any]:
    return runpy.run_path(str(TARGET))


@pytest.mark.parametrize("language", ["ENGLISH", "FRENCH"])
def test_every_word_fits_its_place(module: dict[str, Any], language: str) -> None:
    say = module[language]
    assert max(len(text) for name, text in say.items() if name.startswith("b ")) <= 13
    assert max(len(text) for name, text in say.items() if name.startswith(("m ", "q "))) <= COLUMNS - 6
    assert max(map(len, say.values())) <= COLUMNS - 1
    assert max(map(len, module[f"{language}_LABELS"].values())) <= 24
    assert module[f"{language}_LABELS"].keys() == {category.value for category in Category}
    assert max(map(len, module[f"{language}_REMINDERS"].values())) <= 2 * (COLUMNS - 2)
    doubts = module[f"{language}_DOUBTS"]
    assert doubts.keys() == {doubt.value for doubt in Doubt}
    others = [text for bit, text in doubts.items() if bit != Doubt.LIST_STALE]
    for title, reasons in (("verify", doubts.values()), ("no grade", others)):
        said = f"{say[title]}: {', '.join(reasons)}"
        assert len(textwrap.wrap(said, COLUMNS - 1, break_on_hyphens=False)) <= 3, said


@pytest.mark.parametrize("language", ["ENGLISH", "FRENCH"])
def test_every_letter_can_be_drawn(module: dict[str, Any], language: str) -> None:
    glyphs = (TARGET.parent / "glyphs.py").read_text("utf-8")
    texts = [*module[language].values()]
    for table in ("LABELS", "REMINDERS", "DOUBTS"):
        texts += module[f"{language}_{table}"].values()
    letters = {letter for text in texts for letter in text if not letter.isascii()}
    assert len(letters) >= (6 if language == "FRENCH" else 0)
    assert {letter for letter in letters if f'"{letter}"' not in glyphs} == set()
