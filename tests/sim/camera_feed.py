"""A camera that sends MJPEG into a FIFO, from a folder of stills, over and over; for the container tests.

    python tests/sim/camera_feed.py FOLDER FIFO FRAMES_PER_SECOND

A reader that goes away is waited for again. Stopped with SIGSTOP, it is a camera that hangs.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path


def main() -> None:
    stills = [path.read_bytes() for path in sorted(Path(sys.argv[1]).glob("*.jpg"))]
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
                    for still in stills:
                        line.write(still)
                        time.sleep(period_s)
            except BrokenPipeError:
                continue


if __name__ == "__main__":
    main()
