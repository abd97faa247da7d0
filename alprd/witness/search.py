"""Counts many byte patterns in a stream of blocks, with little more work than for one. Pure.

Memory is hundreds of MiB and there are hundreds of patterns. Each pattern is first known by four of its
bytes, which a table finds in one pass; only where they stand is the whole compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.witness.sentinels import LEAST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_KEY: Final = 4
_MANY_ZEROS: Final = 3
"""A pattern whose every four bytes hold so many zeros is common as they are: it is searched by itself."""


@dataclass(slots=True)
class Searched:
    """What one place gave. ``name`` is of the place, ``found`` of the sentinels in it, with their counts."""

    kind: str
    name: str
    bytes_read: int = 0
    unread_bytes: int = 0
    control: int | None = None
    found: dict[str, int] = field(default_factory=dict)

    def add(self, counts: Mapping[str, int]) -> None:
        """Add what was found in a part of the place."""
        for name, count in counts.items():
            self.found[name] = self.found.get(name, 0) + count


class Patterns:
    """``needles`` by name, made ready to be searched. Raises `ValueError` for one under four bytes."""

    def __init__(self, needles: Mapping[str, bytes]) -> None:
        if not needles or any(len(needle) < LEAST_BYTES for needle in needles.values()):
            raise ValueError(f"a sentinel has {LEAST_BYTES} bytes at least, and there is one at least")
        self.overlap = max(map(len, needles.values())) - 1
        """How many bytes of a block must be put before the next one, so that nothing falls between."""
        self._single: list[tuple[str, bytes]] = []
        self._keyed: dict[int, list[tuple[str, bytes, int]]] = {}
        self._first, self._last = np.zeros(1 << 16, bool), np.zeros(1 << 16, bool)
        for name, needle in needles.items():
            place = _rarest(needle)
            key = needle[place : place + _KEY]
            if key.count(0) >= _MANY_ZEROS:
                self._single.append((name, needle))
                continue
            number = int.from_bytes(key, "little")
            self._keyed.setdefault(number, []).append((name, needle, place))
            self._first[number & 0xFFFF] = self._last[number >> 16] = True
        self._keys = np.array(sorted(self._keyed), np.uint32)

    def count(self, data: bytes, fresh: int = 0) -> dict[str, int]:
        """Return how often each pattern stands in ``data``, those that end within ``fresh`` left out.

        ``fresh`` is how many bytes at its start were searched before, with the last block.
        """
        found = {name: _count(data, needle, fresh) for name, needle in self._single}
        for name, needle, place in self._near(data):
            if data.startswith(needle, place) and place + len(needle) > fresh:
                found[name] = found.get(name, 0) + 1
        return {name: count for name, count in found.items() if count}

    def _near(self, data: bytes) -> Iterable[tuple[str, bytes, int]]:
        """Yield each pattern and where it could start."""
        if len(data) < _KEY or not self._keyed:
            return
        octets = np.frombuffer(data, np.uint8).astype(np.uint16)
        pairs = octets[:-1] | (octets[1:] << np.uint16(8))
        hits = np.flatnonzero(self._first[pairs[:-2]] & self._last[pairs[2:]])
        keys = pairs[hits].astype(np.uint32) | (pairs[hits + 2].astype(np.uint32) << np.uint32(16))
        is_key = np.isin(keys, self._keys)
        for at, key in zip(hits[is_key].tolist(), keys[is_key].tolist(), strict=True):
            for name, needle, offset in self._keyed[key]:
                if at >= offset:
                    yield name, needle, at - offset


def _rarest(needle: bytes) -> int:
    """Return where the four bytes stand that are the least like padding: most of them different."""
    places = range(len(needle) - _KEY + 1)
    return max(places, key=lambda at: (-needle[at : at + _KEY].count(0), len(set(needle[at : at + _KEY]))))


def _count(data: bytes, needle: bytes, fresh: int) -> int:
    count, place = 0, data.find(needle, max(0, fresh - len(needle) + 1))
    while place >= 0:
        count += 1
        place = data.find(needle, place + 1)
    return count
