"""A dash unit on a pty whose officer answers every alert; a program for the container tests.

    python tests/sim/answering_dash.py LINK STATE KEY

makes the pty, names it LINK, and keeps what it has seen in the file STATE as JSON:
``{"shown": 7, "outcomes": {"SEALED": 7}, "unit": {...}}``. It runs until it is stopped. The answer is
CONFIRMED, or what the file STATE.verdict names: UNANSWERED is none. While there is a file STATE.pause, the
officer has paused the unit. All that comes over the line is kept in STATE.tape.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pty
import shutil
import sys
import time
import tty
from collections import Counter
from pathlib import Path

from alprd.alerts.auto_dash import AutoDash
from alprd.alerts.pairing import Pairing
from alprd.alerts.serial_port import DescriptorPort
from alprd.keys import read_dash_key
from alprd.records import Verdict

BADGE, PIN = "4711", "2468"


class TapedPort(DescriptorPort):
    """The dash's end of the line; what comes over it is written to a file."""

    def __init__(self, fd: int, tape: Path) -> None:
        super().__init__(fd)
        self._tape = tape

    def read(self, timeout_s: float = 0.0) -> bytes:
        data = super().read(timeout_s)
        with self._tape.open("ab") as tape:
            tape.write(data)
        return data


def answer(told: Path) -> Verdict | None:
    """Return the verdict that the file ``told`` names."""
    try:
        verdict = Verdict[told.read_text("utf-8").strip()]
    except FileNotFoundError:
        return Verdict.CONFIRMED
    return None if verdict is Verdict.UNANSWERED else verdict


def main() -> None:
    link, state, key = (Path(argument) for argument in sys.argv[1:4])
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    device = os.ttyname(theirs)
    shutil.chown(device, "root", "dialout")  # as udev leaves a serial line
    Path(device).chmod(0o660)
    link.unlink(missing_ok=True)
    link.symlink_to(device)
    tape, told = Path(f"{state}.tape"), Path(f"{state}.verdict")
    pairing = Pairing(read_dash_key(key))
    dash = AutoDash(
        lambda: TapedPort(ours, tape), lambda _alert: answer(told), BADGE, pairing=pairing, pin=PIN
    )
    dash.start()
    half, pause, is_paused = state.with_suffix(".half"), Path(f"{state}.pause"), False
    while dash.is_alive():
        if pause.exists() is not is_paused:
            with dash.lock:
                is_paused ^= dash.link.pause(is_paused=not is_paused)
        seen = {
            "shown": dash.shown,
            "outcomes": Counter(outcome.outcome.name for outcome in dash.outcomes),
            "unit": None if dash.unit_state is None else dataclasses.asdict(dash.unit_state),
        }
        half.write_text(json.dumps(seen))
        half.replace(state)
        time.sleep(0.1)


if __name__ == "__main__":
    main()
