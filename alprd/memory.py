"""Locked memory for everything that holds pixels or reads, and the process's own hygiene.

numpy arrays live on anonymous mappings that are locked (never swapped), left out of core dumps and
zeroed in forked children. `harden_process` does for the rest of the process what can be done from
inside: no core dumps, no ptrace by others, and freed heap memory overwritten by the allocator.
"""

from __future__ import annotations

import ctypes
import math
import mmap
import resource
import weakref
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.errors import MemoryLockError

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

ENVIRONMENT: Final = {"PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
"""What a process needs from its start on for `harden_process` to reach every Python object that is freed.

They go to glibc, and glibc keeps none of them aside in its threads' caches, which it does not overwrite.
"""

MARK_BYTES: Final = 16
MALLOC_FILL: Final = 0xA5

_MADV_DONTDUMP: Final = 16
_MADV_WIPEONFORK: Final = 18
_PR_SET_DUMPABLE: Final = 4
_M_PERTURB: Final = -6

STACK: Final = 64 * 1024
"""How deep `clear_stack` reaches: far more than any function of a runtime's uses."""

_regions: Final[dict[int, int]] = {}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mlock.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


class _Zeros(ctypes.Structure):
    _fields_ = (("zeros", ctypes.c_char * STACK),)


_ZEROS: Final = _Zeros()


def locked_array(shape: tuple[int, ...] | int, dtype: DTypeLike) -> NDArray[Any]:
    """Return a zeroed array of ``shape`` on locked, undumpable memory of its own pages.

    The mapping lives as long as the array or a view of it. Raises `MemoryLockError` when the
    kernel's lock limit (RLIMIT_MEMLOCK) is too low; the hint names the setting to raise.
    """
    shape = (shape,) if isinstance(shape, int) else shape
    count = math.prod(shape)
    size = max(1, count * np.dtype(dtype).itemsize)
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    pages.madvise(_MADV_DONTDUMP)
    pages.madvise(_MADV_WIPEONFORK)
    array = np.frombuffer(pages, dtype=dtype, count=count).reshape(shape)
    address = int(array.ctypes.data)
    _regions[address] = size
    weakref.finalize(pages, _regions.pop, address, None)
    if _libc.mlock(array.ctypes.data, size) != 0:
        soft, _hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
        raise MemoryLockError(f"locking {size} bytes failed; the limit is {soft} bytes")
    return array


def locked_regions() -> dict[int, int]:
    """Return address and size in bytes of each locked array's memory that is in use now."""
    return dict(_regions)


def clear_stack() -> None:
    """Overwrite what functions that have returned left on this thread's stack, `STACK` bytes deep.

    A value that is handed over whole is copied there: zeros are. What stands just below the caller, some
    hundred bytes, is the call's own.
    """
    _libc.labs(_ZEROS)


class Mark:
    """Random bytes in locked memory that an outside witness must find there, or it sees nothing.

    `hexadecimal` tells them; nothing but this array holds them as they are.
    """

    def __init__(self) -> None:
        self._bytes: NDArray[np.uint8] = locked_array(MARK_BYTES, np.uint8)
        with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123 - straight into the locked array
            source.readinto(self._bytes.data)

    @property
    def hexadecimal(self) -> str:
        """The mark in hex, which is another pattern than the mark."""
        return "".join(f"{byte:02x}" for byte in self._bytes)


def wipe(*arrays: NDArray[Any]) -> None:
    """Zero ``arrays`` in place."""
    for array in arrays:
        array.fill(0)


def harden_process() -> None:
    """Forbid core dumps and ptrace, and have the allocator overwrite what is freed.

    The overwrite (glibc's M_PERTURB) reaches memory that libraries borrow and give back without
    wiping it, such as a decoder's row buffers. On a C library without it, it does nothing.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    mallopt = getattr(_libc, "mallopt", None)
    if mallopt is not None:
        mallopt(_M_PERTURB, MALLOC_FILL)
