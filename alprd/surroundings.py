"""Place and time at a moment: the receiver's fix, and the clock with what it rests on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from alprd.gps import system_clock
from alprd.gps.clock import TrustedClock
from alprd.records import GpsState

if TYPE_CHECKING:
    from alprd.records import Fix, Instant, MonotonicNs


class Receiver(Protocol):
    """A source of fixes, asked and never waited for."""

    def start(self) -> None:
        """Begin to listen."""

    def stop(self) -> None:
        """End within a second."""

    def fix(self, now: MonotonicNs) -> Fix | None:
        """Return a fix that is fresh at ``now``, else None: no location is never 0, 0."""

    def is_alive(self) -> bool:
        """Return whether it still listens; False after a defect."""

    def state(self, now: MonotonicNs) -> GpsState:
        """Return how much the receiver gives at ``now``."""


class Surroundings:
    """What the unit knows of place and time. ``receiver`` is None when the settings name none."""

    def __init__(self, receiver: Receiver | None) -> None:
        self._receiver = receiver
        self._clock = TrustedClock()
        self._lock = threading.Lock()  # the cycle and the control socket both ask for the time

    def start(self) -> None:
        """Begin to listen to the receiver."""
        if self._receiver is not None:
            self._receiver.start()

    def stop(self) -> None:
        """End listening."""
        if self._receiver is not None:
            self._receiver.stop()

    def is_alive(self) -> bool:
        """Return whether the receiver still listens; one that the settings leave out cannot die."""
        return self._receiver is None or self._receiver.is_alive()

    def fix(self, now: MonotonicNs) -> Fix | None:
        """Return a fix that is fresh at ``now``, else None."""
        return None if self._receiver is None else self._receiver.fix(now)

    def gps_state(self, now: MonotonicNs) -> GpsState:
        """Return how much the receiver gives at ``now``."""
        return GpsState.UNREACHABLE if self._receiver is None else self._receiver.state(now)

    def instant(self, now: MonotonicNs) -> Instant:
        """Return the time of day at ``now`` and what it rests on."""
        fix = self.fix(now)
        with self._lock:
            if fix is not None:
                self._clock.learn(fix)
            return self._clock.at(now, system_clock.read())
