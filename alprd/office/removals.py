"""Since which list a plate is listed no more: keyed tags, so that a file of removals names no plate. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HERE: Final = np.uint64(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removals:
    """Two uint64 arrays of one length: sorted ``tags``, and ``since`` which list each is listed no more.

    ``since`` 0: the last delta lists the plate, and the whole list that it is on does not.
    """

    tags: NDArray[np.uint64]
    since: NDArray[np.uint64]

    def after(self, base: NDArray[np.uint64], now: NDArray[np.uint64], sequence: int) -> Removals:
        """Return the removals once list ``sequence`` lists the plates ``now``.

        ``base`` is what the last whole list before it listed; both are sorted tags, none twice.
        """
        gone = np.setdiff1d(base, now, assume_unique=True)
        come = np.setdiff1d(now, base, assume_unique=True)
        away = np.setdiff1d(np.union1d(gone, self.tags), now, assume_unique=True)
        since = np.full(len(away), sequence, np.uint64)
        place, known = self._places(away)
        earlier = np.where(known, self.since[place], _HERE) if len(self.tags) else np.zeros_like(since)
        since[earlier > _HERE] = earlier[earlier > _HERE]
        return _sorted(np.concatenate([away, come]), np.concatenate([since, np.zeros(len(come), np.uint64)]))

    def of_whole_list(self, oldest: int) -> Removals:
        """Return the same after a whole list, which lists what has come, for lists from ``oldest`` on.

        What no list from ``oldest`` on ever listed is forgotten.
        """
        kept = self.since > np.uint64(oldest)
        return Removals(tags=self.tags[kept], since=self.since[kept])

    def since_list(self, tag: int) -> int | None:
        """Return since which list a plate is listed no more; 0: a delta added it; None: not known here."""
        place, known = self._places(np.array([tag], np.uint64))
        return int(self.since[place[0]]) if len(self.tags) and bool(known[0]) else None

    def _places(self, tags: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        place = np.minimum(np.searchsorted(self.tags, tags), max(0, len(self.tags) - 1))
        if not len(self.tags):
            return place, np.zeros(len(tags), np.bool_)
        return place, self.tags[place] == tags


NONE: Final = Removals(tags=np.zeros(0, np.uint64), since=np.zeros(0, np.uint64))
"""No removals yet."""


def _sorted(tags: NDArray[np.uint64], since: NDArray[np.uint64]) -> Removals:
    order = np.argsort(tags)
    return Removals(tags=tags[order], since=since[order])
