"""The firmware under test ends with the process that runs it, whichever way that goes."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

PATIENCE_S = 20.0
PROGRAM = """
import os, signal, sys
from pathlib import Path
from tests.sim.dash_unit import Cable
from tests.sim.firmware import FirmwareDash
folder, modules = Path(sys.argv[1]), Path(sys.argv[2])
firmware = FirmwareDash(Cable().dash_path, folder / "no.key", folder, modules)
firmware.screen()
print(firmware.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_no_firmware_outlives_a_test_that_is_killed(tmp_path: Path, modules: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, str(tmp_path), str(modules)]
    pid = int(subprocess.run(words, capture_output=True, text=True, check=False).stdout)
    until = time.monotonic() + PATIENCE_S
    while is_running(pid):
        assert time.monotonic() < until, "it goes on without its test"
        time.sleep(0.05)
