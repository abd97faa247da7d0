"""Random frames leave the firmware with its one error and nothing else; `make bench-dash` feeds it more."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.sim.firmware import FUZZ, HEAP, micropython

if TYPE_CHECKING:
    from pathlib import Path

FRAMES = 6000


def test_random_frames_neither_end_the_firmware_nor_fill_its_memory(modules: Path) -> None:
    words = [micropython(), "-X", HEAP, str(FUZZ), str(modules), str(FRAMES), "2"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["frames"] == FRAMES
    assert told["taken"] > FRAMES // 10
    assert {"COBS", "CRC", "FIELD"} <= told["refused"].keys()
