"""This process's own memory, read safely: a mapping that goes away is skipped, not a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.address_space import private_mappings, read_own
from alprd.memory import locked_array, locked_regions, wipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BLOCK: Final = 1 << 20


class OwnMemory:
    """Reads this process's writable memory in blocks, each into one locked buffer that is wiped after it."""

    def __init__(self) -> None:
        self._block: NDArray[np.uint64] = locked_array(BLOCK // 8, np.uint64)

    def locked(self, most: int) -> Iterator[tuple[int, int]]:
        """Yield start and size of each locked region of at most ``most`` bytes."""
        return ((start, size) for start, size in locked_regions().items() if size <= most)

    def writable(self) -> Iterator[tuple[int, int]]:
        """Yield start and size of each writable, private mapping in blocks of at most `BLOCK`."""
        for start, end in private_mappings():
            for at in range(start, end, BLOCK):
                yield at, min(BLOCK, end - at)

    def read(self, start: int, size: int) -> NDArray[np.uint64]:
        """Return what stands at ``start``, (n,) words, in the buffer; shorter where it could not be read.

        The buffer is zero when a read begins, so it adds nothing of its own.
        """
        return self._block[: read_own(start, self._block[: min(size, BLOCK) // 8]) // 8]

    def wipe(self, words: NDArray[np.uint64]) -> None:
        """Zero what was read into the buffer."""
        wipe(words)
