"""What a long run says of itself on stderr while it goes on."""

from __future__ import annotations

import sys
import time
from typing import Final

PERIOD_S: Final = 10.0


class Progress:
    """Says every ten seconds how far ``what`` has come of ``count``, and how long it will still take."""

    def __init__(self, what: str, count: int) -> None:
        self._what, self._count = what, count
        self._began = time.monotonic()
        self._due = self._began + PERIOD_S

    def at(self, done: int, more: str = "") -> None:
        """Say that ``done`` are done, and ``more``, where it is time to."""
        now = time.monotonic()
        if not done or (now < self._due and done < self._count):
            return
        self._due = now + PERIOD_S
        each_s = (now - self._began) / done
        left = _duration((self._count - done) * each_s)
        line = f"{self._what}: {done} of {self._count}, {1000 * each_s:.1f} ms each, {left} left"
        sys.stderr.write(f"{line}, {more}\n" if more else f"{line}\n")
        sys.stderr.flush()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
