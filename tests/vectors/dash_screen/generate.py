"""Writes the golden screens: every category in every language, in the smallest terminal.

Run as ``python -m tests.vectors.dash_screen.generate`` after a change of words or layout, and read the diff.
"""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from alprd.cli.dash_model import DashModel, ShownPerson
from alprd.cli.dash_sample import sample_model
from alprd.cli.dash_screen import FULL_ROWS, LEAST_ROWS, SCREEN_COLUMNS, render_screen
from alprd.cli.dash_words import LANGUAGES, Language
from alprd.hotlist.categories import Category, Priority
from alprd.records import Doubt
from tests.vectors.dash_link.details import CATEGORY, PERSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alprd.alerts.details import PersonMessage

FOLDER = Path(__file__).parent
DESCRIPTORS = "M, about 45, 180 cm, grey beard, glasses, scar on the left cheek"


def model_of(category: Category) -> DashModel:
    """Return an alert of ``category`` without a doubt; B(6) has its descriptors."""
    (sample, *_) = sample_model().alerts
    message = dataclasses.replace(
        sample.message, category=category, priority=category.facts.priority, doubts=Doubt.NONE
    )
    vehicle = sample.vehicle
    assert vehicle is not None
    if category is Category.SUSPENDED_DRIVER_USE:
        vehicle = dataclasses.replace(vehicle, descriptors=DESCRIPTORS)
    shown = dataclasses.replace(sample, message=message, vehicle=vehicle)
    return dataclasses.replace(sample_model(), alerts=(shown,))


def added_model() -> DashModel:
    """Return an alert of an added category that is no ground for a stop."""
    (shown,) = model_of(Category.EXPIRED_STICKER).alerts
    message = dataclasses.replace(
        shown.message, category=CATEGORY.number, priority=Priority.DRIVING, doubts=Doubt.CATEGORY
    )
    added = dataclasses.replace(shown, message=message, name=CATEGORY)
    return dataclasses.replace(sample_model(), alerts=(added,))


def person_model(person: PersonMessage) -> DashModel:
    """Return the screen's model after CONFIRMED: the owner, and no alert that asks for an answer."""
    return dataclasses.replace(sample_model(), alerts=(), person=ShownPerson(message=person, left_s=52))


def screen(model: DashModel, language: Language = "en", rows: int = FULL_ROWS) -> str:
    """Return the screen as text."""
    console = Console(width=SCREEN_COLUMNS, file=io.StringIO(), record=True)
    console.print(render_screen(model, language, rows))
    return "\n".join(line.rstrip() for line in console.export_text().splitlines()) + "\n"


def cases() -> Iterator[tuple[str, str]]:
    """Return the file name and the content of every golden screen."""
    for language in LANGUAGES:
        for category in Category:
            name = f"{language}-{category:02}-{category.slug}.txt"
            yield name, screen(model_of(category), language, LEAST_ROWS)
    for language in LANGUAGES:
        model = model_of(Category.STOLEN_VEHICLE)
        (shown,) = model.alerts
        message = dataclasses.replace(shown.message, doubts=Doubt(sum(Doubt)), place_confidence=0, chance=7)
        doubted = dataclasses.replace(model, alerts=(dataclasses.replace(shown, message=message),))
        yield f"{language}-every-doubt.txt", screen(doubted, language, LEAST_ROWS)
        yield f"{language}-added-category.txt", screen(added_model(), language, LEAST_ROWS)
        yield f"{language}-owner.txt", screen(person_model(PERSON), language, LEAST_ROWS)


def main() -> None:
    """Write every screen."""
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for name, content in cases():
        (FOLDER / name).write_text(content, "utf-8")


if __name__ == "__main__":
    main()
