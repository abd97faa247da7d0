"""A short recording for whole-unit tests: one listed vehicle passes, others do too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from alprd.demo.drive import DriveScript
from alprd.demo.render import DriveRenderer
from alprd.demo.scene import HEIGHT, WIDTH
from alprd.vision.track import MOST_MISSED

if TYPE_CHECKING:
    from pathlib import Path

FRAMES = 10


@dataclass(frozen=True)
class Passing:
    """``folder`` holds the frames in which the plate ``listed`` passes, among the plates ``others``."""

    folder: Path
    listed: str
    others: frozenset[str]


def drawn_passing(folder: Path) -> Passing:
    """Draw the recording into ``folder``, which must exist."""
    script = DriveScript(seed=1)
    texts = {vehicle.number: vehicle.spec.text for vehicle in script.vehicles}
    vehicle = max(script.listed, key=lambda number: script.passes[number].frames)
    seen = [n for n in range(script.frames) for p in script.truth(n) if p.vehicle == vehicle and p.is_whole]
    widths = {n: next(p.width_px for p in script.truth(n) if p.vehicle == vehicle) for n in seen}
    numbers = sorted(sorted(seen, key=lambda n: abs(widths[n] - 130))[:FRAMES])
    renderer = DriveRenderer(script)
    for number in numbers:
        Image.fromarray(renderer.frame(number)).save(folder / f"{number:04}.pgm")
    others = {texts[p.vehicle] for n in numbers for p in script.truth(n)} - {texts[vehicle]}
    return Passing(folder, texts[vehicle], frozenset(others))


def add_nothing(folder: Path) -> None:
    """Add frames with nothing in view to ``folder``, so that the next time round is another pass."""
    for number in range(MOST_MISSED + 1):
        Image.new("L", (WIDTH, HEIGHT), 128).save(folder / f"nothing-{number}.pgm")


@pytest.fixture(scope="session")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Passing:
    return drawn_passing(tmp_path_factory.mktemp("passing"))
