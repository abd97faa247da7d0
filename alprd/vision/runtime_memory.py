"""What a TFLite runtime keeps of its input in memory of its own: found by running it, zeroed by address.

A runtime copies its input (padded, packed, shifted by 128) and keeps that copy, and all that it made of it,
until another input overwrites it. No call of it clears them. So a model that is opened runs on noise a few
times. A block of memory that came with it and holds the same bytes after the same noise, others after other
noise, is where it works: the runtime fills it anew in every run, and between two runs it can be zeroed.

Only what the runtime itself calls a tensor counts, and blocks that the C library mapped for one allocation
alone: nothing else lies in them. They stay where they are as long as the model does: its shapes never change.
Needs glibc; elsewhere nothing is found.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.address_space import borrowed, private_mappings, read_own
from alprd.memory import wipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

LEAST_BLOCK: Final = 16 * 1024
"""Blocks from this size on are mapped by themselves while a model is opened."""

_PAGE: Final = 4096
_IS_MAPPED: Final = 2
_FLAGS: Final = 7
_WORDS: Final = 16
"""Bytes of glibc's own words before what it gives out, and the step of its alignment."""
_AT_ONCE: Final = 1 << 18


class RuntimeMemory:
    """The blocks that hold something of a model's last input."""

    def __init__(self, blocks: Sequence[NDArray[np.uint8]]) -> None:
        self._blocks = blocks

    @property
    def size(self) -> int:
        """How many bytes a wipe zeroes."""
        return sum(block.size for block in self._blocks)

    def wipe(self) -> None:
        """Zero all of it. Never while the model runs."""
        wipe(*self._blocks)


class Search:
    """Looks for a model's memory. Made before the runtime loads it, asked once afterwards.

    ``size`` is that of the model's input in bytes. Nothing large is allocated in between: it would be taken
    for the runtime's.
    """

    def __init__(self, size: int) -> None:
        self._noise = [np.frombuffer(os.urandom(size), np.uint8) for _ in range(2)]
        self._buffer = np.zeros(_AT_ONCE, np.uint8)
        self._before = private_mappings()

    def find(
        self, run: Callable[[NDArray[np.uint8]], int], tensors: Sequence[tuple[int, int]]
    ) -> RuntimeMemory | None:
        """Return the memory of the model that ``run`` runs on noise, None where it cannot be told.

        ``run`` returns the same number for the same outputs. ``tensors`` are start and size of those that the
        runtime tells of: they may lie among other things. Where None is returned the model may be spoilt.
        """
        first, second = self._noise
        run(first)  # in its first run a runtime grows its blocks to their size
        blocks = [block for start, end in self._new() for block in _mapped(start, end)]
        blocks += [tensor for tensor in tensors if not any(_is_within(tensor, block) for block in blocks)]
        run(first)
        once = self._prints(blocks)
        result = run(second)
        other = self._prints(blocks)
        run(first)
        if self._prints(blocks) != once:
            return None  # one changes by itself: somebody else's, perhaps
        found = [block for block, a, b in zip(blocks, once, other, strict=True) if a != b]
        memory = RuntimeMemory([borrowed(*block) for block in found])
        memory.wipe()
        # What the runtime wants to find again in a block would be missed now.
        return memory if found and run(second) == result else None

    def _prints(self, blocks: Sequence[tuple[int, int]]) -> list[int]:
        """Return a checksum of what stands in each block."""
        return [self._print(start, size) for start, size in blocks]

    def _print(self, start: int, size: int) -> int:
        checksum = 0
        for at in range(0, size, _AT_ONCE):
            part = self._buffer[: min(_AT_ONCE, size - at)]
            checksum = zlib.crc32(part[: read_own(start + at, part)].data, checksum)
        return checksum

    def _new(self) -> Iterator[tuple[int, int]]:
        """Yield start and end of what is mapped now and was not before."""
        for start, end in private_mappings():
            at = start
            for known, known_end in self._before:
                if known_end <= at or known >= end:
                    continue
                if known > at:
                    yield at, known
                at = max(at, known_end)
            if at < end:
                yield at, end


def _is_within(part: tuple[int, int], whole: tuple[int, int]) -> bool:
    return whole[0] <= part[0] and sum(part) <= sum(whole)


def _mapped(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield start and size of what glibc gave out from ``start`` to ``end`` in mappings of its own."""
    at = start
    while at < end:
        _, size = _words(at)
        if _PAGE <= size <= end - at and size % _PAGE == 0:
            yield _given_out(at, size)
            at += size
        else:
            at += _PAGE


def _given_out(start: int, size: int) -> tuple[int, int]:
    """Return start and size of what was given out of the mapping of ``size`` at ``start``.

    For an aligned block glibc moves its two words up to it: how far, and what is left of the size.
    """
    for moved in range(_PAGE - _WORDS, 0, -_WORDS):
        if _words(start + moved) == (moved, size - moved):
            break
    else:
        moved = 0
    return start + moved + _WORDS, size - moved - _WORDS


def _words(at: int) -> tuple[int, int]:
    """Return glibc's two words before a block that it mapped by itself; zeros where there are none such."""
    words = np.zeros(2, np.uint64)
    if read_own(at, words) < words.nbytes or int(words[1]) & _FLAGS != _IS_MAPPED:
        return 0, 0
    return int(words[0]), int(words[1]) - _IS_MAPPED
