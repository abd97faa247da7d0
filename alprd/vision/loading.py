"""The detector and the reader from their models' folders: those that are installed, or others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alprd.vision.detect import Detector
from alprd.vision.litert import Model, RuntimeChoice, default_folder
from alprd.vision.read import Reader
from alprd.vision.rectify import Rectifier

if TYPE_CHECKING:
    from pathlib import Path

READER_MODELS: Final = ("reader", "second_reader")
"""The models that a reader is made of."""


def open_detector(
    runtime: RuntimeChoice = "auto", *, models: Path | None = None, threads: int = 1
) -> Detector:
    """Load the detector from its folder in ``models``, or the installed one. Raises as `Model.open`."""
    return Detector(Model.open(_folder("detector", models), runtime, threads))


def open_reader(runtime: RuntimeChoice = "auto", *, models: Path | None = None, threads: int = 1) -> Reader:
    """Load the reader's models as `open_detector` loads its own."""
    first, second = (Model.open(_folder(name, models), runtime, threads) for name in READER_MODELS)
    return Reader(first, second, Rectifier())


def _folder(name: str, models: Path | None) -> Path:
    return default_folder(name) if models is None else models / name
