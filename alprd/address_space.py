"""This process's own address space: what is mapped, read safely, and blocks that stand by themselves."""

from __future__ import annotations

import ctypes
import mmap
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MADV_DONTDUMP: Final = 16
_M_MMAP_THRESHOLD: Final = -3
_M_TOP_PAD: Final = -2
_USUAL: Final = 128 * 1024
"""Of both, in glibc."""

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


class BlocksApart:
    """While it is entered, the C library maps each block of ``least`` bytes or more by itself; glibc does.

    Such a block shares no page with another, and goes back to the kernel when it is freed. glibc maps a block
    only where it has no room for it in between: that is taken up meanwhile, and none is kept beyond what is
    asked for.
    """

    def __init__(self, least: int) -> None:
        self._least = least
        self._taken: list[int] = []

    def take_up_room(self) -> None:
        """Take up the room that has come free since: before what allocates the blocks that matter."""
        while not self._taken or not _is_mapped(self._taken[-1]):
            self._taken.append(_libc.malloc(self._least))
        _libc.free(self._taken.pop())

    def __enter__(self) -> Self:
        _mallopt(_M_MMAP_THRESHOLD, self._least)
        _mallopt(_M_TOP_PAD, 0)
        self.take_up_room()
        return self

    def __exit__(self, *_: object) -> None:
        for block in self._taken:
            _libc.free(block)
        self._taken.clear()
        _mallopt(_M_MMAP_THRESHOLD, _USUAL)
        _mallopt(_M_TOP_PAD, _USUAL)


def _mallopt(name: int, value: int) -> None:
    getattr(_libc, "mallopt", lambda *_: 0)(name, value)


def _is_mapped(block: int) -> bool:
    """Tell whether the C library mapped ``block`` by itself, or gave none."""
    return not block or bool(ctypes.c_size_t.from_address(block - ctypes.sizeof(ctypes.c_size_t)).value & 2)
