"""The kernel's clock, and whether it is synchronised: the shell that `clock` is told by."""

from __future__ import annotations

import ctypes
import time
from typing import Final

from alprd.gps.clock import SystemTime
from alprd.records import UnixMs

_TIME_ERROR: Final = 5
_STA_UNSYNC: Final = 0x0040
_TIMEX_SIZE: Final = 512
_NS_PER_MS: Final = 1_000_000

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


def read() -> SystemTime:
    """Return the system clock's time and the kernel's word on it. Where it cannot say: not synchronised."""
    state = _Timex()
    answer = _libc.adjtimex(ctypes.byref(state))
    return SystemTime(
        at=UnixMs(time.time_ns() // _NS_PER_MS),
        is_synchronised=answer not in (-1, _TIME_ERROR) and not state.status & _STA_UNSYNC,
    )
