"""Whose turn it is: which plate boxes of a frame are read, in which order, and when it is time to stop.

A frame has a time budget from its capture on. The first box in turn is always read, another one only where
it will be read in time, going by the longest of the last reads. One left out has a better turn in the next
frame: the turns go by how sure the detector is of a box, and by how long its place has waited for a read.
A place that a read taught nothing new rests: nothing was read there, or what was sure already.

A place is where a box was: a middle, a width in px and times, numbers in locked memory. It ends
`TIME_OUT_NS` after its box was last found, or when a newer one needs its memory, which is then zeroed.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.memory import locked_array, wipe
from alprd.vision.track import MAX_TRACKS, MOST_GROWTH, TIME_OUT_NS, width_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from alprd.records import MonotonicNs

MAX_PLACES: Final = MAX_TRACKS
"""Places at once, and boxes a frame."""

FULL_WAIT_NS: Final = 4_000_000_000
"""So long a wait counts as much as a detector that is quite sure: whatever it thinks of a box, it is read."""

REST_NS: Final = 500_000_000
"""A place that taught nothing new counts as read so much later."""

NEAR: Final = 1.5
"""Plate widths within which a box is in a place."""

RECENT: Final = 8
"""Reads whose longest tells how long the next may take."""

_NONE: Final = -1


class Turns:
    """Gives the boxes of a unit's frames their turns. Not for use by two threads at a time.

    ``budget_ns`` is a frame's time from its capture until its last read ends, None for as long as it takes;
    ``clock`` tells the time as frames tell their capture. In each frame: `take`, with a `rest` for each place
    that taught nothing; ``left`` is then how many boxes were left unread.
    """

    def __init__(self, budget_ns: int | None = None, clock: Callable[[], int] = lambda: 0) -> None:
        self._budget_ns, self._clock = budget_ns, clock
        self._recent: deque[int] = deque(maxlen=RECENT)
        self.left = 0
        self._is_used: NDArray[np.bool_] = locked_array(MAX_PLACES, np.bool_)
        self._seen_at: NDArray[np.int64] = locked_array(MAX_PLACES, np.int64)
        self._waits_since: NDArray[np.int64] = locked_array(MAX_PLACES, np.int64)
        self._middle: NDArray[np.float32] = locked_array((MAX_PLACES, 2), np.float32)
        self._width: NDArray[np.float32] = locked_array(MAX_PLACES, np.float32)
        self._of_places: tuple[NDArray[Any], ...] = (
            self._is_used, self._seen_at, self._waits_since, self._middle, self._width,
        )  # fmt: skip
        self._box_middle: NDArray[np.float32] = locked_array((MAX_PLACES, 2), np.float32)
        self._box_width: NDArray[np.float32] = locked_array(MAX_PLACES, np.float32)
        self._place_of: NDArray[np.intp] = locked_array(MAX_PLACES, np.intp)

    def take(
        self, boxes: NDArray[np.float32], scores: NDArray[np.float32], at: MonotonicNs, *, is_still: bool
    ) -> Iterator[int]:
        """Yield the numbers of the boxes to read, in turn, until it is time to stop.

        ``boxes`` (n, 4, 2; px) are of a frame captured ``at``, with the detector's ``scores`` (n,), 0 to 1.
        The caller reads each before it asks for the next. Every box of a still is read.
        """
        count = self.left = len(boxes)
        self._find_places(boxes, at)
        waited = (at - self._waits_since[self._place_of[:count]]) / FULL_WAIT_NS
        for i in map(int, np.argsort(-(scores[:count] + waited), kind="stable")):
            is_first = self.left == count
            if not (is_first or is_still or self._has_time(at)):
                return
            self.left -= 1
            self._waits_since[self._place_of[i]] = at
            if self._budget_ns is None:
                yield i
                continue
            began = self._clock()
            yield i
            self._recent.append(self._clock() - began)

    def rest(self, i: int) -> None:
        """Let the place of box ``i`` of this frame, which was read, wait longer for its next turn."""
        self._waits_since[self._place_of[i]] += REST_NS

    def expire(self, now: MonotonicNs) -> None:
        """End the places whose time is over, though no frame came that would have said so."""
        self._end(self._is_used & (now - self._seen_at > TIME_OUT_NS))

    def wipe_frame(self) -> None:
        """Zero all that is of the frame's boxes alone. The places stay."""
        wipe(self._box_middle, self._box_width, self._place_of)

    def wipe(self) -> None:
        """End every place, and zero everything."""
        self.wipe_frame()
        wipe(*self._of_places)

    def _has_time(self, at: MonotonicNs) -> bool:
        """Tell whether one more box of the frame captured ``at`` would be read within the budget."""
        return self._budget_ns is None or self._clock() + max(self._recent) <= at + self._budget_ns

    def _find_places(self, boxes: NDArray[np.float32], at: MonotonicNs) -> None:
        """Find the place of each of ``boxes``, or make one."""
        count = len(boxes)
        middle, width, place_of = self._box_middle[:count], self._box_width[:count], self._place_of[:count]
        np.mean(boxes, axis=1, out=middle)
        for i, corners in enumerate(boxes):
            width[i] = width_of(corners)
        self.expire(at)
        place_of.fill(_NONE)
        for place, i in self._pairs(count):
            self._put(place, i, at)
        for i in range(count):
            if place_of[i] == _NONE:
                self._put(self._begin(at), i, at)

    def _pairs(self, count: int) -> Iterator[tuple[int, int]]:
        """Yield which places and boxes belong together, the nearest pair first, each at most once."""
        used = np.flatnonzero(self._is_used)
        apart = self._box_middle[:count] - self._middle[used, None]
        away = np.hypot(apart[..., 0], apart[..., 1]) / self._width[used, None]
        growth = np.abs(np.log(self._box_width[:count] / self._width[used, None]))
        rows, columns = np.nonzero((away <= NEAR) & (growth <= MOST_GROWTH))
        order = np.argsort((away + growth)[rows, columns], kind="stable")
        taken: set[int] = set()
        placed: set[int] = set()
        for place, i in zip(used[rows[order]], columns[order], strict=True):
            if place not in taken and i not in placed:
                taken.add(place)
                placed.add(i)
                yield int(place), int(i)

    def _put(self, place: int, i: int, at: MonotonicNs) -> None:
        self._place_of[i], self._seen_at[place] = place, at
        self._middle[place], self._width[place] = self._box_middle[i], self._box_width[i]

    def _begin(self, at: MonotonicNs) -> int:
        """Begin a place, instead of the one whose box is unseen the longest where none is free."""
        # A frame brings no more boxes than there are places: one is free, or was not seen in this frame.
        place = int(np.argmin(np.where(self._is_used, self._seen_at, np.int64(-1))))
        self._end(np.arange(MAX_PLACES) == place)
        self._is_used[place] = True
        self._waits_since[place] = at - 1  # longer than one that is read in this very frame
        return place

    def _end(self, which: NDArray[np.bool_]) -> None:
        """End the places ``which`` (16,) and zero their memory."""
        for place in np.flatnonzero(which):
            wipe(*(array[place : place + 1] for array in self._of_places))
