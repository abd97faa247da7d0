"""The pictures in the hardware's document are what the firmware draws, pixel by pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.firmware.generate_screens import FOLDER, screens

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_the_pictures_are_the_firmwares_screens(tmp_path: Path, modules: Path) -> None:
    drawn = 0
    for name, picture in screens(tmp_path, modules):
        kept = Image.open(FOLDER / f"{name}.png").convert("RGB")
        assert kept.tobytes() == picture.tobytes(), name
        drawn += 1
    assert drawn == len(list(FOLDER.glob("*.png"))) == 10
