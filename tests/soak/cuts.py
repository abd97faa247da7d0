"""Power cuts by the thousand: replayed at every point of a recorded disk, and by SIGKILL."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from alprd.records import Verdict
from tests.gates.tools import ROOT
from tests.sim.cut_unit import CutUnit, check, make_folders
from tests.sim.torn_disk import Call, Recorder, Remains
from tests.soak.progress import Progress

VERDICTS: Final = (Verdict.CONFIRMED, Verdict.MISREAD, Verdict.WRONG_JURISDICTION, Verdict.CONFIRMED)
HITS: Final = 6
LONGEST_S: Final = 0.25
"""A killed unit lives so long at most after it is ready: some dozens of verdicts."""


def record(folder: Path) -> list[Call]:
    """Return the calls of a unit that takes some hits and stops in order."""
    make_folders(folder)
    with Recorder(folder) as recorder:
        unit = CutUnit(folder, recorder.mark)
        for number in range(HITS):
            unit.hit(VERDICTS[number % len(VERDICTS)])
        unit.close()
    assert len(recorder.calls) > 50, "the recorder has seen nothing"
    return recorder.calls


def replay(count: int, seed: int) -> dict[str, int]:
    """Cut the power ``count`` times at random calls; return the counts. Raises what `check` raises."""
    chance = random.Random(seed)
    shm = Path("/dev/shm")  # noqa: S108 - a disk of remains need not be written to a real one
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as scratch:
        calls = record(Path(scratch) / "whole")
        kept = torn = 0
        progress = Progress("power cuts replayed", count)
        for number in range(count):
            cut = chance.randint(0, len(calls))
            remains = Remains.after(calls, cut, chance)
            folder = Path(scratch) / "remains"
            remains.write_to(folder)
            try:
                kept += check(folder, remains.marks)
            except BaseException:
                sys.stderr.write(f"cut {number} (seed {seed}) before call {cut} of {len(calls)}\n")
                raise
            torn += b"end mended" in (folder / "audit" / "audit.chain").read_bytes()
            shutil.rmtree(folder)
            progress.at(number + 1)
    return {"cuts": count, "records_found": kept, "torn_ends_mended": torn}


def kill(count: int, seed: int) -> dict[str, int]:
    """Kill a working unit ``count`` times at random moments; return the counts."""
    chance = random.Random(seed)
    kept = told = 0
    progress = Progress("kills", count)
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(count):
            folder = Path(scratch) / str(number)
            said = _killed(folder, chance, number)
            told += sum(text.startswith("SEALED") for text in said)
            kept += check(folder, said)
            shutil.rmtree(folder)
            progress.at(number + 1)
    return {"kills": count, "told_sealed": told, "records_found": kept}


def _killed(folder: Path, chance: random.Random, number: int) -> list[str]:
    command = [sys.executable, "-m", "tests.sim.cut_unit", str(folder), str(number)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as unit:
        assert unit.stdout is not None
        assert unit.stdout.readline() == "READY\n"
        time.sleep(chance.uniform(0, LONGEST_S))
        os.kill(unit.pid, signal.SIGKILL)
        rest = unit.stdout.read()
    # A line that was cut off was not told.
    return [line for line in rest.split("\n")[:-1] if line]
