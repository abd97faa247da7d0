"""A thread that keeps one end of the alert link on its line: opens, waits, moves bytes, opens again."""

from __future__ import annotations

import logging
import math
import os
import select
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from alprd.alerts.pairing import NONCE_BYTES
from alprd.alerts.phases import Phase
from alprd.alerts.roles import NmeaEar
from alprd.alerts.serial_port import DescriptorPort, Port, SerialPort
from alprd.errors import DashError, SwappedCableError
from alprd.records import LinkState, MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.alerts.link import Link

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 2.0
FAREWELL_NS: Final = 300_000_000
"""How long `stop` lets outcomes go out to a dash that listens."""
_STUCK_MS: Final = 50
_NS_PER_MS: Final = 1_000_000

_log = logging.getLogger(__name__)


def now_ns() -> MonotonicNs:
    """Return this machine's monotonic clock."""
    return MonotonicNs(time.monotonic_ns())


def new_session() -> int:
    """Return a session number that another start is most unlikely to have."""
    return int.from_bytes(os.urandom(4), "little") % 0xFFFF_FFFE + 1


def new_nonce() -> bytes:
    """Return chance that no other start has had (16 bytes)."""
    return os.urandom(NONCE_BYTES)


def serial_opener(path: str, baud: int) -> Callable[[], Port]:
    """Return what opens the serial device at ``path``, again and again."""
    return lambda: SerialPort(path, baud)


def descriptor_opener(fd: int) -> Callable[[], Port]:
    """Return what takes up the open line ``fd``, such as the other end of a pty."""
    return lambda: DescriptorPort(fd)


class LineThread(threading.Thread):
    """Serves ``link`` on the port that ``opener`` opens, until `stop`.

    A device error closes the port and opens it again after a pause; a defect ends the thread, so that
    `is_alive` tells. ``lock`` guards the link: hold it around every call of the link from outside, and
    call `wake` after one that gives the link something to send.
    """

    def __init__(self, name: str, link: Link[Any], opener: Callable[[], Port]) -> None:
        super().__init__(name=name, daemon=True)
        self.lock = threading.Lock()
        self._link = link
        self._opener = opener
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._is_stopping = False
        self._pause_s = FIRST_PAUSE_S
        self._trouble: DashError | None = None
        self._ear = NmeaEar()

    @property
    def link_state(self) -> LinkState:
        """Whether the other end answers."""
        return self._link.state

    @property
    def trouble(self) -> DashError | None:
        """Why the port is not open, or whose line it is instead; None while all is well."""
        return self._trouble

    def wake(self) -> None:
        """Have the thread look at the link at once; nothing after `stop`."""
        if self._wake_fd >= 0:
            os.eventfd_write(self._wake_fd, 1)

    def stop(self, timeout_s: float = 1.0) -> None:
        """Let what is on its way go out for 0.3 s at most, close the port and end the thread."""
        self._is_stopping = True
        self.wake()
        if self.is_alive():
            self.join(timeout_s)
        if not self.is_alive() and self._wake_fd >= 0:
            os.close(self._wake_fd)
            self._wake_fd = -1

    def run(self) -> None:
        """Serve the line until `stop`."""
        while not self._is_stopping:
            try:
                self._hold_line()
            except DashError as error:
                self._note(error)
                self._pause()

    def react(self) -> None:
        """Do what follows from the bytes that came; called without the lock, in this thread."""

    def _note(self, error: DashError) -> None:
        if str(error) != str(self._trouble):
            _log.warning("%s", error)
        self._trouble = error

    def _pause(self) -> None:
        """Wait before the port is opened again; `stop` ends the wait, other wakes do not."""
        until = time.monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        while not self._is_stopping and (left_s := until - time.monotonic()) > 0:
            if select.select([self._wake_fd], [], [], left_s)[0]:
                os.eventfd_read(self._wake_fd)

    def _hold_line(self) -> None:
        port = self._opener()
        self._ear.reset()
        if not isinstance(self._trouble, SwappedCableError):  # a port that opens is not yet the dash unit's
            self._trouble = None
        with self.lock:
            self._link.connect(now_ns())
        reason: DashError | None = None
        try:
            self._exchange(port)
        except DashError as error:
            reason = error
            raise
        finally:
            with self.lock:
                self._link.disconnect(now_ns(), reason)
            port.close()

    def _exchange(self, port: Port) -> None:
        """Move bytes until the line is lost (`DashError`) or `stop` was called and all is said."""
        poll = select.poll()
        poll.register(self._wake_fd, select.POLLIN)
        poll.register(port.fileno(), select.POLLIN)
        unsent = b""
        stop_at: MonotonicNs | None = None
        while True:
            unsent = self._send(port, unsent)
            if self._is_stopping:
                stop_at = stop_at or MonotonicNs(now_ns() + FAREWELL_NS)
                if self._has_said_all(unsent) or now_ns() >= stop_at:
                    return
            poll.modify(port.fileno(), select.POLLIN | (select.POLLOUT if unsent else 0))
            for fd, flags in poll.poll(self._wait_ms(stop_at, is_stuck=bool(unsent))):
                if fd == self._wake_fd:
                    os.eventfd_read(self._wake_fd)
                elif flags != select.POLLOUT:  # bytes, or a hang-up, which reading turns into its error
                    self._receive(port.read())
            self.react()

    def _send(self, port: Port, unsent: bytes) -> bytes:
        """Put ``unsent``, or what the link has to say now, on the line; return what it did not take."""
        with self.lock:
            if unsent:
                self._link.tick(now_ns())
            else:
                unsent = self._link.take(now_ns())
        if not unsent:
            return unsent
        left, at = unsent[port.write(unsent) :], now_ns()
        if not left:
            with self.lock:
                self._link.written(at)
        return left

    def _receive(self, data: bytes) -> None:
        with self.lock:
            self._link.receive(data, now_ns())
            if self._link.phase is Phase.UP:
                self._pause_s, self._trouble = FIRST_PAUSE_S, None
                return
        if self._ear.hears(data):
            raise SwappedCableError("a GPS receiver is on the dash unit's line: the cables are swapped")

    def _has_said_all(self, unsent: bytes) -> bool:
        with self.lock:
            return self._link.phase is not Phase.UP or (not unsent and self._link.is_idle)

    def _wait_ms(self, stop_at: MonotonicNs | None, *, is_stuck: bool) -> int | None:
        """Return how long nothing needs to be done, in whole ms, rounded up; None for ever."""
        with self.lock:
            deadline = self._link.deadline()
        times = [time_ns for time_ns in (deadline, stop_at) if time_ns is not None]
        if not times:
            return None
        wait_ms = max(0, math.ceil((min(times) - now_ns()) / _NS_PER_MS))
        return max(wait_ms, _STUCK_MS) if is_stuck else wait_ms
