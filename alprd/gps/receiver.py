"""The position for everyone else: a thread that asks gpsd, and answers that never wait for it."""

from __future__ import annotations

import logging
import threading
import time
from typing import Final

from alprd.errors import GpsError
from alprd.gps.gpsd_client import GpsdClient
from alprd.records import Fix, GpsState, MonotonicNs, UnixMs

_log = logging.getLogger(__name__)

MAX_AGE_S: Final = 3.0
_POLL_PERIOD_S: Final = 0.2
_TIMEOUT_S: Final = 1.0
_FIRST_PAUSE_S: Final = 0.25
_LAST_PAUSE_S: Final = 2.0
_NS_PER_S: Final = 1_000_000_000


class GpsReceiver(threading.Thread):
    """Keeps the last fix of the gpsd at ``host``:``port``, which may come and go.

    A fix counts only when the receiver's own time moved while we were connected: gpsd goes on
    reporting the last fix of a receiver that fell silent. ``max_age_s`` is how long a fix is given
    out, and how long a gpsd may be silent before it counts as unreachable.
    """

    def __init__(self, host: str, port: int, max_age_s: float = MAX_AGE_S) -> None:
        super().__init__(name="gps", daemon=True)
        self._host, self._port = host, port
        self._max_age_ns = round(max_age_s * _NS_PER_S)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._fix: Fix | None = None
        self._answered_at: int | None = None
        self._has_complained = False

    def fix(self, now: MonotonicNs) -> Fix | None:
        """Return the last fix, or None where there is none or it is older than the limit."""
        with self._lock:
            fix = self._fix
        return fix if fix is not None and now - fix.received_at <= self._max_age_ns else None

    def state(self, now: MonotonicNs) -> GpsState:
        """Return FIX exactly where `fix` gives one; else whether gpsd answers."""
        if self.fix(now) is not None:
            return GpsState.FIX
        with self._lock:
            answered_at = self._answered_at
        is_answering = answered_at is not None and now - answered_at <= self._max_age_ns
        return GpsState.NO_FIX if is_answering else GpsState.UNREACHABLE

    def stop(self) -> None:
        """End the thread; it is gone within the time-out of one question."""
        self._stopping.set()
        if self.is_alive():
            self.join(2 * _TIMEOUT_S)

    def run(self) -> None:
        """Ask gpsd until stopped, connecting anew whenever the connection fails."""
        pause_s = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                client = GpsdClient(self._host, self._port, _TIMEOUT_S)
            except GpsError as error:
                self._lost(error)
                self._stopping.wait(pause_s)
                pause_s = min(2 * pause_s, _LAST_PAUSE_S)
                continue
            pause_s = _FIRST_PAUSE_S
            try:
                self._follow(client)
            except GpsError as error:
                self._lost(error)
            finally:
                client.close()

    def _follow(self, client: GpsdClient) -> None:
        """Ask over one connection until stopped or `GpsError`."""
        is_first = True
        seen: UnixMs | None = None
        while not self._stopping.is_set():
            fix = client.poll()
            if self._has_complained:
                self._has_complained = False
                _log.info("gpsd answers again")
            is_new = fix is not None and fix.fixed_at != seen and not is_first
            with self._lock:
                self._answered_at = time.monotonic_ns()
                if fix is None or is_new:
                    self._fix = fix
            seen, is_first = (seen if fix is None else fix.fixed_at), False
            self._stopping.wait(_POLL_PERIOD_S)

    def _lost(self, error: GpsError) -> None:
        with self._lock:
            self._answered_at = None
        if not self._has_complained:
            self._has_complained = True
            _log.warning("%s; trying again until it answers", error)
