"""Which plates of consecutive frames are one plate: tracks, each with the vote over its reads.

A track is a place, a speed and a size in px, and the votes of `plates.vote`: numbers in locked memory. It
ends `TIME_OUT_NS` or `MOST_MISSED` frames after its plate was last found, `LONGEST_NS` after it began, or
when a newer plate needs its place; its memory is then zeroed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.memory import locked_array, wipe
from alprd.plates.vote import Votes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.plates.reads import Read
    from alprd.plates.vote import AlertRule, FusedRead
    from alprd.records import MonotonicNs

MAX_TRACKS: Final = 16
"""Tracks at once, and plates a frame."""

TIME_OUT_NS: Final = 1_000_000_000
MOST_MISSED: Final = 8
"""Frames without its plate after which a track ends, where that is sooner than the time-out."""

LONGEST_NS: Final = 30_000_000_000
"""A vehicle that stays in view is tracked afresh after this time: no vote grows without bound."""

FAR: Final = 4.0
"""Plate widths from where a plate is expected, within which it is known again by its text."""

NEAR: Final = 0.6
"""The same for a plate of which nothing is read: it is known again by its place alone."""

MOST_GROWTH: Final = 0.4
"""Log of the most by which a plate's width changes between two sightings."""

ALIKE: Final = 0.5
"""Share of its characters by which a text is known again."""

_NS: Final = 1e-9
_NONE: Final = -1


def width_of(corners: NDArray[np.float32]) -> float:
    """Return the mean width in px, 1 or more, of the plate at ``corners`` (4, 2), clockwise from top-left."""
    a, b, c, d = corners
    return max(1.0, (math.dist(a, b) + math.dist(c, d)) / 2)


class Tracks:
    """Follows the plates of a unit's frames. Not for use by two threads at a time.

    In each frame: `place` all plate boxes, `add` the reads of those that are read, then `fuse`; ``fused[i]``
    is then what the track of box ``i`` says, until `wipe_frame`. ``begun`` counts the tracks since start.
    """

    def __init__(self) -> None:
        self._votes = Votes(MAX_TRACKS)
        self.fused: tuple[FusedRead, ...] = self._votes.fused
        self.begun = 0
        self._is_used: NDArray[np.bool_] = locked_array(MAX_TRACKS, np.bool_)
        self._is_alerted: NDArray[np.bool_] = locked_array(MAX_TRACKS, np.bool_)
        self._begun_at: NDArray[np.int64] = locked_array(MAX_TRACKS, np.int64)
        self._seen_at: NDArray[np.int64] = locked_array(MAX_TRACKS, np.int64)
        self._missed: NDArray[np.int64] = locked_array(MAX_TRACKS, np.int64)
        self._centre: NDArray[np.float64] = locked_array((MAX_TRACKS, 2), np.float64)
        self._speed: NDArray[np.float64] = locked_array((MAX_TRACKS, 2), np.float64)  # px/s
        self._width: NDArray[np.float64] = locked_array(MAX_TRACKS, np.float64)
        self._of_tracks: tuple[NDArray[Any], ...] = (
            self._is_used, self._is_alerted, self._begun_at, self._seen_at, self._missed, self._centre,
            self._speed, self._width,
        )  # fmt: skip
        self._boxes = 0
        self._box_centre: NDArray[np.float64] = locked_array((MAX_TRACKS, 2), np.float64)
        self._box_width: NDArray[np.float64] = locked_array(MAX_TRACKS, np.float64)
        self._is_box_read: NDArray[np.bool_] = locked_array(MAX_TRACKS, np.bool_)
        self._track_of: NDArray[np.intp] = locked_array(MAX_TRACKS, np.intp)

    def __len__(self) -> int:
        return int(np.count_nonzero(self._is_used))

    def place(self, boxes: NDArray[np.float32]) -> None:
        """Take where the plates of the next frame are: ``boxes`` (n, 4, 2; px).

        IndexError for more than `MAX_TRACKS`.
        """
        for i, corners in enumerate(boxes):
            np.add.reduce(corners, axis=0, out=self._box_centre[i])
            self._box_centre[i] /= 4
            self._box_width[i] = width_of(corners)
        self._boxes = len(boxes)
        self._is_box_read[:] = False

    def add(self, i: int, read: Read, length: int) -> None:
        """Take the read of plate ``i`` of this frame, of ``length`` characters."""
        self._is_box_read[i] = length > 0
        self._votes.take(i, read, length)

    def fuse(self, at: MonotonicNs) -> int:
        """Find each plate's track, or begin one, and let it vote; return the number of plates added.

        ``at`` is when the frame was taken. A plate that was not read, or of which nothing was, keeps its
        track alive, and has no text in this frame. One whose text is another than that of the track in its
        place begins a track of its own.
        """
        count = self._boxes
        self._votes.weigh(count)
        self._missed += self._is_used
        self._end(
            self._is_used
            & (
                (at - self._seen_at > TIME_OUT_NS)
                | (at - self._begun_at > LONGEST_NS)
                | (self._missed > MOST_MISSED)
            )
        )
        self._track_of.fill(_NONE)
        for track, i in self._pairs(at) if count else ():
            self._track_of[i] = track
            self._follow(track, i, at)
        for i in range(count):
            if self._track_of[i] == _NONE and self._is_box_read[i]:
                self._track_of[i] = self._begin(i, at)
        for i in range(count):
            if not self._is_box_read[i]:
                self._track_of[i] = _NONE
            elif self._track_of[i] != _NONE:
                self._votes.cast(i, int(self._track_of[i]))
        self._votes.fuse(self._track_of[:count])
        self._boxes = 0
        return count

    def is_matchable(self, i: int, rule: AlertRule) -> bool:
        """Return whether ``rule`` lets the text of the frame's plate ``i`` be matched.

        Only in a frame that reads it so by itself, too: its picture is what the officer compares. Where two
        texts claim one place, one of them is misread: the one with fewer votes waits until it has more, or
        until the other's track has ended. Where one vote is enough, as for stills, nobody waits.
        """
        if not (self.fused[i].is_matchable(rule) and self._votes.is_as_read(i)):
            return False
        if rule.votes == 1:
            return True
        track = self._track_of[i]
        away = np.hypot(*(self._centre - self._centre[track]).T) / self._width[track]
        rivals = self._is_used & (away <= NEAR) & (self._votes.strength >= self._votes.strength[track])
        return int(np.count_nonzero(rivals)) == 1  # itself

    def place_known(self, i: int, rule: AlertRule) -> int:
        """Return the jurisdiction of the frame's plate ``i``: see `FusedRead.place_known`."""
        self._votes.fuse_place(i, int(self._track_of[i]))
        return self.fused[i].place_known(rule)

    def is_alerted(self, i: int) -> bool:
        """Return whether the track of the frame's plate ``i`` has alerted."""
        return bool(self._is_alerted[self._track_of[i]])

    def note_alert(self, i: int) -> None:
        """Note that the track of the frame's plate ``i`` has alerted."""
        self._is_alerted[self._track_of[i]] = True

    def expire(self, now: MonotonicNs) -> None:
        """End the tracks whose time is over, though no frame came that would have said so."""
        self._end(self._is_used & (now - self._seen_at > TIME_OUT_NS))

    def wipe_frame(self) -> None:
        """Zero all that is of the frame's reads alone. The tracks stay."""
        self._boxes = 0
        self._votes.wipe_frame()
        wipe(self._box_centre, self._box_width, self._is_box_read, self._track_of)

    def wipe(self) -> None:
        """End every track, and zero everything."""
        self.wipe_frame()
        self._votes.wipe()
        wipe(*self._of_tracks)

    def _pairs(self, at: MonotonicNs) -> list[tuple[int, int]]:
        """Return which tracks and plates belong together, the likeliest pair first, each at most once."""
        used = np.flatnonzero(self._is_used)
        boxes, widths = self._box_centre[: self._boxes], self._box_width[: self._boxes]
        seconds = (at - self._seen_at[used]) * _NS
        ahead = self._centre[used] + self._speed[used] * seconds[:, None]
        # Where it was counts as well as where it should be: frames of a recording come at any pace.
        expected = np.stack((ahead, self._centre[used]))
        apart = boxes - expected[:, :, None]  # (2, tracks, boxes, 2)
        ratio = widths / self._width[used, None]
        away = np.hypot(apart[..., 0], apart[..., 1]).min(axis=0) / (self._width[used, None] * np.sqrt(ratio))
        growth = np.abs(np.log(ratio))
        costs: list[tuple[float, int, int]] = []
        for row, i in zip(*np.nonzero((away <= FAR) & (growth <= MOST_GROWTH)), strict=True):
            track, distance = int(used[row]), float(away[row, i])
            alike = self._votes.likeness(track, i)
            if alike >= ALIKE or (distance <= NEAR and not self._is_box_read[i]):
                costs.append((distance + float(growth[row, i]) + 1 - alike, track, int(i)))
        pairs: list[tuple[int, int]] = []
        for _, track, i in sorted(costs):
            if all(track != other and i != box for other, box in pairs):
                pairs.append((track, i))
        return pairs

    def _follow(self, track: int, i: int, at: MonotonicNs) -> None:
        """Move ``track`` to plate ``i``."""
        seconds = (at - int(self._seen_at[track])) * _NS
        if seconds > 0:
            speed = (self._box_centre[i] - self._centre[track]) / seconds
            is_new = self._seen_at[track] == self._begun_at[track]
            self._speed[track] = speed if is_new else (speed + self._speed[track]) / 2
        self._place(track, i, at)

    def _begin(self, i: int, at: MonotonicNs) -> int:
        """Begin a track at plate ``i``, in place of the one unseen the longest where none is free."""
        free = np.flatnonzero(~self._is_used)
        if free.size:
            track = int(free[0])
        else:
            track = int(np.argmax(self._missed))  # a frame brings no more plates than there are tracks
            self._end(np.arange(MAX_TRACKS) == track)
        self._is_used[track] = True
        self._begun_at[track] = at
        self._place(track, i, at)
        self.begun += 1
        return track

    def _place(self, track: int, i: int, at: MonotonicNs) -> None:
        self._seen_at[track], self._missed[track] = at, 0
        self._centre[track], self._width[track] = self._box_centre[i], self._box_width[i]

    def _end(self, which: NDArray[np.bool_]) -> None:
        """End the tracks ``which`` (16,) and zero their memory."""
        for track in np.flatnonzero(which):
            self._votes.wipe_plate(track)
            wipe(*(array[track : track + 1] for array in self._of_tracks))
