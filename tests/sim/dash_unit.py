"""Both ends of a dash link on a simulated line, and real ptys that are slow, or pulled out.

`SimulatedLine` has its own clock: bytes take their time at 115,200 baud and may be spoiled. `Cable`
joins two real ptys as a serial cable does, paced when wanted, and can be unplugged.
"""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from collections import deque
from typing import TYPE_CHECKING, Any

from alprd.records import MonotonicNs

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from alprd.alerts.link import Link

BYTE_NS = 10 * 1_000_000_000 // 115_200
_STEP_NS = 10_000


def noise(rng: random.Random, share: float) -> Callable[[bytes], bytes]:
    """Return what alters, drops or doubles each byte with probability ``share``."""

    def spoil(data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            if rng.random() >= share:
                out.append(byte)
                continue
            match rng.randrange(3):
                case 0:
                    out.append(byte ^ 1 << rng.randrange(8))
                case 1:
                    out += bytes((byte, rng.randrange(256)))
        return bytes(out)

    return spoil


class SimulatedLine:
    """Two ends and the line between them. ``each`` is called after every step, with the line."""

    def __init__(
        self, unit: Link[Any], dash: Link[Any], spoil: Callable[[bytes], bytes] = lambda data: data
    ) -> None:
        self.ends: tuple[Link[Any], Link[Any]] = (unit, dash)
        self.spoil = spoil
        self.cut: set[int] = set()
        """Ends whose bytes do not arrive: 0 the unit, 1 the dash."""
        self.sent: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        """All that each end put on the line, unspoiled."""
        self._now = 0
        self._free_at = [0, 0]
        self._on_the_way: tuple[deque[tuple[int, bytes]], deque[tuple[int, bytes]]] = (deque(), deque())

    @property
    def now(self) -> MonotonicNs:
        return MonotonicNs(self._now)

    def run(self, duration_s: float, each: Callable[[], object] = lambda: None) -> None:
        """Let ``duration_s`` seconds of the line's clock pass."""
        until = self._now + int(duration_s * 1_000_000_000)
        while self._now < until:
            self._put()
            times = [end.deadline() for end in self.ends] + [way[0][0] for way in self._on_the_way if way]
            soonest = min((at for at in times if at is not None), default=until)
            self._now = min(max(soonest, self._now + _STEP_NS), until)
            self._deliver()
            each()

    def _put(self) -> None:
        for i, end in enumerate(self.ends):
            data = end.take(self.now)
            if not data:
                continue
            self.sent[i].extend(data)
            self._free_at[i] = max(self._free_at[i], self._now) + len(data) * BYTE_NS
            if i not in self.cut:
                self._on_the_way[i].append((self._free_at[i], self.spoil(data)))

    def _deliver(self) -> None:
        for way, other in zip(self._on_the_way, reversed(self.ends), strict=True):
            while way and way[0][0] <= self._now:
                other.receive(way.popleft()[1], self.now)


class Cable:
    """Two ptys joined as by a serial cable; ``bytes_per_s`` paces it, 0 does not."""

    def __init__(self, bytes_per_s: float = 0) -> None:
        self._pace_s = 1 / bytes_per_s if bytes_per_s else 0.0
        self._outer: list[int] = []
        self._inner: list[int] = []
        for _end in range(2):
            outer, inner = os.openpty()
            tty.setraw(inner)
            self._outer.append(outer)
            self._inner.append(inner)
        self.unit_path, self.dash_path = (os.ttyname(fd) for fd in self._inner)
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """Take both ptys away, as a pulled cable takes the device."""
        self._is_ending.set()
        self._thread.join()
        for fd in (*self._outer, *self._inner):
            os.close(fd)

    def inject(self, data: bytes) -> None:
        """Put bytes on the dash's end of the cable that the unit has not sent."""
        os.write(self._outer[1], data)

    def _carry(self) -> None:
        free_at = dict.fromkeys(self._outer, 0.0)
        waiting: deque[tuple[float, int, bytes]] = deque()
        while not self._is_ending.is_set():
            wait_s = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 0.01
            for fd in select.select(self._outer, [], [], min(wait_s, 0.01))[0]:
                other = self._outer[1 - self._outer.index(fd)]
                for byte in os.read(fd, 4096):
                    free_at[fd] = max(free_at[fd], time.monotonic()) + self._pace_s
                    waiting.append((free_at[fd], other, bytes((byte,))))
                waiting = deque(sorted(waiting, key=lambda item: item[0]))
            while waiting and waiting[0][0] <= time.monotonic():
                _at, other, data = waiting.popleft()
                os.write(other, data)
