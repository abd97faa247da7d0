"""What a unit writes to its disk in an hour of driving without a hit: the daemon's own books."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from tests.sim.cut_unit import CutUnit, make_folders
from tests.sim.torn_disk import Recorder

MINUTES: Final = 60
FRAMES_A_MINUTE: Final = 1800
_PAGE: Final = 4096


def write() -> dict[str, int]:
    """Let an hour of 30 frames a second pass; return the bytes written, and as whole pages of the disk."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "unit"
        make_folders(folder)
        with Recorder(folder) as recorder:
            unit = CutUnit(folder, lambda _: None)
            started = len(recorder.calls)
            for _ in range(MINUTES):
                tally = unit.unit.tally
                tally.frames += FRAMES_A_MINUTE
                tally.frames_wiped += FRAMES_A_MINUTE
                tally.plates_read += FRAMES_A_MINUTE // 2
                unit.attend()
            calls = recorder.calls[started:]
        unit.close()
    writes = [call for call in calls if call.what == "write"]
    pages = sum((call.place + len(call.data) - 1) // _PAGE - call.place // _PAGE + 1 for call in writes)
    return {
        "writes": len(writes),
        "bytes": sum(len(call.data) for call in writes),
        "bytes_in_pages": pages * _PAGE,
    }
