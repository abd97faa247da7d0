"""What the daemon tells systemd. The watchdog is fed only while frames move, so a stall is a restart.

The only import of systemd-python. Outside systemd (no ``NOTIFY_SOCKET``) everything here does nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from alprd.errors import InstallerError, printable
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_NS_PER_US: Final = 1000


def ready() -> None:
    """Say that the unit has started (``READY=1``).

    Raises `InstallerError` when systemd waits for it and systemd-python is not installed.
    """
    _notify("READY=1")


def status(text: str) -> None:
    """Set the line of state that `systemctl status` shows. Counts and device states, never a plate."""
    _notify(f"STATUS={printable(text)}")


def stopping() -> None:
    """Say that the daemon stops on purpose."""
    _notify("STOPPING=1")


def interval() -> MonotonicNs | None:
    """Return the watchdog's interval in nanoseconds, None when systemd asked this process for none."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    owner = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not microseconds.isdecimal() or int(microseconds) == 0 or owner != str(os.getpid()):
        return None
    return MonotonicNs(int(microseconds) * _NS_PER_US)


class Watchdog:
    """Feeds systemd's watchdog at half its interval, as long as frames move and every thread lives.

    ``alive`` are questions such as ``thread.is_alive``; one False starves the watchdog for good or
    until it is True again. Without a watchdog nothing is fed.
    """

    def __init__(self, alive: Iterable[Callable[[], bool]] = ()) -> None:
        self._alive = tuple(alive)
        self._interval = interval()
        self._latest = 0
        self._latest_fed = 0
        self._fed_at: MonotonicNs | None = None

    def moved(self, frame_number: int) -> None:
        """Note that frame ``frame_number`` (counted from 1) came to its end, wiped."""
        self._latest = frame_number

    def tick(self, now: MonotonicNs, *, is_paused: bool = False) -> bool:
        """Feed the watchdog if it is due and deserved; return whether it was fed.

        Due: half of the interval has passed since the last feed. Deserved: a frame has come to its
        end since then, or the camera is closed on purpose. Call it often: in the daemon's loop, whether or
        not a frame came.
        """
        if self._interval is None:
            return False
        if self._fed_at is not None and now - self._fed_at < self._interval // 2:
            return False
        if (self._latest == self._latest_fed and not is_paused) or not all(
            is_alive() for is_alive in self._alive
        ):
            return False
        self._fed_at, self._latest_fed = now, self._latest
        _notify("WATCHDOG=1")
        return True


def _notify(message: str) -> None:
    if not os.environ.get("NOTIFY_SOCKET"):
        return
    try:
        from systemd.daemon import notify  # noqa: PLC0415 - an extra, needed only under systemd
    except ImportError:
        raise InstallerError(
            "systemd waits for this service (NOTIFY_SOCKET is set), but systemd-python is not installed",
            hint="Install the package with its extra: pip install 'alprd[systemd]'.",
        ) from None
    notify(message)
