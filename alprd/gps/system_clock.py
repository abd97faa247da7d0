"""The kernel's clock, and whether it is synchronised: the shell that `clock` is told by."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Final

from alprd.gps.clock import SystemTime
from alprd.records import UnixMs

_TIME_ERROR: Final = 5
_STA_UNSYNC: Final = 0x0040
_TIMEX_SIZE: Final = 512
_MS_PER_S: Final = 1000
TIMESYNC_MARKER: Final = Path("/run/systemd/timesync/synchronized")
MARKER_HOLD_S: Final = 86_400
"""How long a clock that was set once is counted on: a quartz strays some two seconds a day."""

_libc = ctypes.CDLL(None, use_errno=True)


class _Timex(ctypes.Structure):
    """The head of the kernel's struct timex; it fills more, for which there is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * _TIMEX_SIZE),
    )


def read(marker: Path = TIMESYNC_MARKER) -> SystemTime:
    """Return the system clock's time and whether it is synchronised; not where nobody can say.

    The kernel is asked first. Under the systemd unit it may not be (`ProtectClock=`), and then the
    word of systemd-timesyncd counts: it touches ``marker`` each time that it sets the clock.
    """
    state = _Timex()
    answer = _libc.adjtimex(ctypes.byref(state))
    now_s = time.time()
    if answer == -1:
        is_synchronised = _is_fresh(marker, now_s)
    else:
        is_synchronised = answer != _TIME_ERROR and not state.status & _STA_UNSYNC
    return SystemTime(at=UnixMs(int(now_s * _MS_PER_S)), is_synchronised=is_synchronised)


def _is_fresh(marker: Path, now_s: float) -> bool:
    try:
        age_s = now_s - marker.stat().st_mtime
    except OSError:
        return False
    return 0 <= age_s <= MARKER_HOLD_S
