"""Whether a hit is put to the officer: not twice while it waits, and not again straight after.

Pure. The guard keeps entry numbers of the hotlist and times, nothing of the read.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from alprd.records import MonotonicNs

MAX_HELD: Final = 256
"""Entries that the guard remembers; the longest unseen is forgotten first."""

_NS: Final = 1_000_000_000


class RepeatGuard:
    """Holds back a second alert for an entry seen within ``hold_s`` seconds of its last sighting."""

    def __init__(self, hold_s: float) -> None:
        self._hold_ns = int(hold_s * _NS)
        self._last_seen: OrderedDict[int, MonotonicNs] = OrderedDict()

    def is_due(self, entry_number: int, now: MonotonicNs) -> bool:
        """Note a sighting of ``entry_number`` and return whether it deserves an alert of its own."""
        last = self._last_seen.pop(entry_number, None)
        self._last_seen[entry_number] = now
        if len(self._last_seen) > MAX_HELD:
            self._last_seen.popitem(last=False)
        return last is None or now - last > self._hold_ns

    def forget(self, entry_number: int) -> None:
        """Let the next sighting of ``entry_number`` alert at once: the officer was not shown this one."""
        self._last_seen.pop(entry_number, None)

    def clear(self) -> None:
        """Forget all: another list has other entry numbers."""
        self._last_seen.clear()
