"""A camera that sends MJPEG into a FIFO, from a folder of stills, over and over; for the container tests.

    python tests/sim/camera_feed.py FOLDER FIFO FRAMES_PER_SECOND

Where a file FIFO.only lies, only the stills that it names, one a line, are sent. A reader that goes away is
waited for again. Stopped with SIGSTOP, it is a camera that hangs.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path


def main() -> None:
    stills = {path.name: path.read_bytes() for path in sorted(Path(sys.argv[1]).glob("*.jpg"))}
    fifo, period_s = Path(sys.argv[2]), 1 / float(sys.argv[3])
    assert stills, "no stills to send"
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    fifo.unlink(missing_ok=True)
    os.mkfifo(fifo)
    fifo.chmod(0o666)
    while True:
        with fifo.open("wb", buffering=0) as line:
            try:
                while True:
                    for name, still in stills.items():
                        if is_sent(name, Path(f"{fifo}.only")):
                            line.write(still)
                            time.sleep(period_s)
            except BrokenPipeError:
                continue


def is_sent(name: str, only: Path) -> bool:
    try:
        return name in only.read_text("utf-8").split()
    except FileNotFoundError:
        return True


if __name__ == "__main__":
    main()
