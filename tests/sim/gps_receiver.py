"""A GPS receiver on a pty, speaking NMEA 0183, and the real gpsd that listens to it.

Run as a program it prints the pty's name and drives along a road until it is stopped:

    python tests/sim/gps_receiver.py [LATITUDE LONGITUDE]
"""

from __future__ import annotations

import datetime as dt
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tty
from pathlib import Path
from typing import Self

PERIOD_S = 0.1
STEP_DEG = 1e-5


def sentence(body: str) -> str:
    checksum = 0
    for character in body:
        checksum ^= ord(character)
    return f"${body}*{checksum:02X}\r\n"


def degrees_minutes(value: float, digits: int) -> str:
    whole = int(abs(value))
    return f"{whole:0{digits}d}{(abs(value) - whole) * 60:07.4f}"


def epoch(at: dt.datetime, place: tuple[float, float] | None, *, has_fix: bool, year: str | None) -> str:
    """Return one epoch's sentences: a 3D fix at 25 knots eastward, or what a receiver sends without.

    ``place`` None claims a fix and leaves the place empty. With ``year`` the date comes in a ZDA
    sentence, which has four digits for it, and not in RMC.
    """
    time_of_day, date = at.strftime("%H%M%S.%f")[:9], at.strftime("%d%m%y")
    if not has_fix:
        return (
            sentence(f"GPRMC,{time_of_day},V,,,,,,,{date},,,N")
            + sentence(f"GPGGA,{time_of_day},,,,,0,00,99.9,,M,,M,,")
            + sentence("GPGSA,A,1,,,,,,,,,,,,,99.9,99.9,99.9")
        )
    where = ",,,"
    if place is not None:
        north, east = degrees_minutes(place[0], 2), degrees_minutes(place[1], 3)
        where = f"{north},{'N' if place[0] >= 0 else 'S'},{east},{'E' if place[1] >= 0 else 'W'}"
    dated = sentence(f"GPRMC,{time_of_day},A,{where},25.0,90.0,{date},,,A")
    if year is not None:
        dated = sentence(f"GPZDA,{time_of_day},{at:%d},{at:%m},{year},00,00")
    return (
        sentence(f"GPGGA,{time_of_day},{where},1,08,1.0,50.0,M,0.0,M,,")
        + sentence("GPGSA,A,3,01,02,03,04,05,06,07,08,,,,,1.5,1.0,1.1")
        + sentence("GPVTG,90.0,T,,M,25.0,N,46.3,K,A")
        + dated
    )


class PtyReceiver:
    """A receiver whose output is the pty ``device``. Set its attributes to change what it sends.

    ``has_fix`` False sends void sentences, ``is_silent`` True nothing at all, ``has_place`` False a
    fix with an empty place. ``clock_offset`` is added to the time it reports, and ``year`` stands in
    for the year of it. ``step_deg`` is how far east it goes in each epoch.
    """

    def __init__(self, latitude: float = 51.5007, longitude: float = -0.1246) -> None:
        self.latitude, self.longitude = latitude, longitude
        self.has_fix = True
        self.is_silent = False
        self.clock_offset = dt.timedelta(0)
        self.has_place = True
        self.year: str | None = None
        self.step_deg = STEP_DEG
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.device = os.ttyname(self._slave)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._feed, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)

    def _feed(self) -> None:
        while not self._stop.wait(PERIOD_S):
            if self.is_silent:
                continue
            self.longitude += self.step_deg
            at = dt.datetime.now(dt.UTC) + self.clock_offset
            place = (self.latitude, self.longitude) if self.has_place else None
            sent = epoch(at, place, has_fix=self.has_fix, year=self.year)
            try:
                os.write(self._master, sent.encode("ascii"))
            except BlockingIOError:
                continue  # nobody reads the pty


class Gpsd:
    """The real gpsd, reading ``device`` and listening on ``port`` of this machine alone."""

    def __init__(self, device: str, port: int | None = None) -> None:
        program = shutil.which("gpsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            raise AssertionError("gpsd is not installed; on Debian: apt-get install gpsd")
        self._command = [program, "-N", "-n", "-b", "-D", "0"]
        self._device = device
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        self._process = subprocess.Popen([*self._command, "-S", str(self.port), self._device])
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError("gpsd did not accept a connection within 10 s")

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def hang(self) -> None:
        """Stop it from running, with its connections open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    place = [float(word) for word in sys.argv[1:3]]
    with PtyReceiver(*place) as receiver:
        print(receiver.device, flush=True)  # noqa: T201 - a program's output
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    assert Path("/dev/ptmx").exists()
    main()
