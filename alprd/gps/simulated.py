"""A receiver that drives along a list of places: for the demo and for tests without gpsd."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from alprd.records import Fix, GpsState, MonotonicNs, UnixMs

if TYPE_CHECKING:
    from collections.abc import Sequence

_NS_PER_S: Final = 1_000_000_000
_NS_PER_MS: Final = 1_000_000
_ERROR_M: Final = 5.0


class SimulatedReceiver:
    """Gives ``places`` (latitude, longitude) one after the other, ``period_s`` each, over and over.

    The same methods as `alprd.gps.receiver.GpsReceiver`. A place that is None is a time without a fix.
    """

    def __init__(self, places: Sequence[tuple[float, float] | None], period_s: float = 1.0) -> None:
        if not places or period_s <= 0:
            raise ValueError("a simulated drive has at least one place and a period over 0")
        self._places = tuple(places)
        self._period_ns = round(period_s * _NS_PER_S)
        self._lock = threading.Lock()
        self._started: tuple[MonotonicNs, UnixMs] | None = None

    def start(self) -> None:
        """Set off now."""
        with self._lock:
            self._started = MonotonicNs(time.monotonic_ns()), UnixMs(time.time_ns() // _NS_PER_MS)

    def stop(self) -> None:
        """End the drive: from here on the receiver is unreachable."""
        with self._lock:
            self._started = None

    def is_alive(self) -> bool:
        """Return whether it drives."""
        with self._lock:
            return self._started is not None

    def fix(self, now: MonotonicNs) -> Fix | None:
        """Return the place at ``now``, fixed at the beginning of its period."""
        with self._lock:
            started = self._started
        if started is None or now < started[0]:
            return None
        number = (now - started[0]) // self._period_ns
        place = self._places[number % len(self._places)]
        if place is None:
            return None
        gone_ns = number * self._period_ns
        return Fix(
            latitude_deg=place[0],
            longitude_deg=place[1],
            dimensions=3,
            fixed_at=UnixMs(started[1] + gone_ns // _NS_PER_MS),
            received_at=MonotonicNs(started[0] + gone_ns),
            error_m=_ERROR_M,
        )

    def state(self, now: MonotonicNs) -> GpsState:
        """Return FIX exactly where `fix` gives one, UNREACHABLE before the start and after the end."""
        with self._lock:
            is_started = self._started is not None
        if not is_started:
            return GpsState.UNREACHABLE
        return GpsState.NO_FIX if self.fix(now) is None else GpsState.FIX
