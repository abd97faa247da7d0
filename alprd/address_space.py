"""This process's own address space: what is mapped, read safely, and blocks that stand by themselves."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_MADV_DONTDUMP: Final = 16
_M_MMAP_THRESHOLD: Final = -3
_USUAL_THRESHOLD: Final = 128 * 1024

_libc = ctypes.CDLL(None, use_errno=True)


class _Part(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


_libc.malloc.argtypes, _libc.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
_libc.free.argtypes = [ctypes.c_void_p]
_libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_libc.process_vm_readv.argtypes = [
    ctypes.c_int,
    ctypes.POINTER(_Part),
    ctypes.c_ulong,
    ctypes.POINTER(_Part),
    ctypes.c_ulong,
    ctypes.c_ulong,
]
_libc.process_vm_readv.restype = ctypes.c_ssize_t


def private_mappings() -> list[tuple[int, int]]:
    """Return start and end of each writable, private mapping of this process."""
    found = []
    for line in Path("/proc/self/maps").read_text("ascii").splitlines():
        place, rights = line.split()[:2]
        if rights.startswith("rw") and rights.endswith("p"):
            start, end = (int(part, 16) for part in place.split("-"))
            found.append((start, end))
    return found


def read_own(start: int, into: NDArray[Any]) -> int:
    """Read this process's memory at ``start`` into ``into``; return how many bytes could be read.

    What is not mapped, or no longer, is no crash.
    """
    here, there = _Part(into.ctypes.data, into.nbytes), _Part(start, into.nbytes)
    return max(0, int(_libc.process_vm_readv(os.getpid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0)))


def borrowed(start: int, size: int) -> NDArray[np.uint8]:
    """Return a view of ``size`` bytes at ``start`` that another part of this process owns, undumpable now.

    The caller knows that they stay there.
    """
    page = mmap.PAGESIZE
    first, last = start // page * page, -(-(start + size) // page) * page
    _libc.madvise(first, last - first, _MADV_DONTDUMP)
    return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(start))


@contextlib.contextmanager
def blocks_apart(least: int) -> Iterator[None]:
    """Have the C library map each block of ``least`` bytes or more by itself, where it is glibc.

    Such a block shares no page with another, and goes back to the kernel when it is freed. What room there is
    for one in between is taken up meanwhile.
    """
    mallopt = getattr(_libc, "mallopt", lambda *_: 0)
    mallopt(_M_MMAP_THRESHOLD, least)
    taken: list[int] = []
    try:
        while not taken or not _is_mapped(taken[-1]):
            taken.append(_libc.malloc(least))
        yield
    finally:
        for block in taken:
            _libc.free(block)
        mallopt(_M_MMAP_THRESHOLD, _USUAL_THRESHOLD)


def _is_mapped(block: int) -> bool:
    """Tell whether the C library mapped ``block`` by itself, or gave none."""
    return not block or bool(ctypes.c_size_t.from_address(block - ctypes.sizeof(ctypes.c_size_t)).value & 2)
