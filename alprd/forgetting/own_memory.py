"""This process's own memory, read safely: a mapping that goes away is skipped, not a crash."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.memory import locked_array, locked_regions, wipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BLOCK: Final = 1 << 20
_MAPS: Final = Path("/proc/self/maps")
_libc = ctypes.CDLL(None, use_errno=True)


class _Part(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


_libc.process_vm_readv.argtypes = [
    ctypes.c_int,
    ctypes.POINTER(_Part),
    ctypes.c_ulong,
    ctypes.POINTER(_Part),
    ctypes.c_ulong,
    ctypes.c_ulong,
]
_libc.process_vm_readv.restype = ctypes.c_ssize_t


class OwnMemory:
    """Reads this process's writable memory in blocks, each into one locked buffer that is wiped after it."""

    def __init__(self) -> None:
        self._block: NDArray[np.uint64] = locked_array(BLOCK // 8, np.uint64)
        self._here = int(self._block.ctypes.data)

    def locked(self, most: int) -> Iterator[tuple[int, int]]:
        """Yield start and size of each locked region of at most ``most`` bytes."""
        return ((start, size) for start, size in locked_regions().items() if size <= most)

    def writable(self) -> Iterator[tuple[int, int]]:
        """Yield start and size of each writable, private mapping in blocks of at most `BLOCK`."""
        for line in _MAPS.read_text("ascii").splitlines():
            place, rights = line.split()[:2]
            if not rights.startswith("rw") or not rights.endswith("p"):
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            for at in range(start, end, BLOCK):
                yield at, min(BLOCK, end - at)

    def read(self, start: int, size: int) -> NDArray[np.uint64]:
        """Return what stands at ``start``, (n,) words, in the buffer; shorter where it could not be read.

        The buffer is zero when a read begins, so it adds nothing of its own.
        """
        size = min(size, BLOCK)
        here = _Part(self._here, size)
        there = _Part(start, size)
        got = int(_libc.process_vm_readv(os.getpid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0))
        return self._block[: max(0, got) // 8]

    def wipe(self, words: NDArray[np.uint64]) -> None:
        """Zero what was read into the buffer."""
        wipe(words)
