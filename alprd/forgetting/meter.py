"""The forgetting meter: plants a frame now and then, and looks for it in the unit's own memory.

A planted frame goes the way of every frame, through the same stages and the same wipe. What is left of it
afterwards is found, whichever stage or library kept it. A unit that has not forgotten stops reading.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import CameraError
from alprd.forgetting.own_memory import BLOCK, OwnMemory
from alprd.forgetting.pattern import WORD, Pattern
from alprd.memory import locked_array, wipe
from alprd.records import MonotonicNs
from alprd.vision.shrink import Shrinker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from alprd.camera.frame import FramePool
    from alprd.cycle import Stages
    from alprd.meters import Tally
    from alprd.vision.read import Reader

_log = logging.getLogger(__name__)

SLICE_NS: Final = 3_000_000
"""How long the meter searches between two frames."""
AT_ONCE_BYTES: Final = 16 << 20
"""Locked regions up to this size are searched before the next frame can overwrite what was left."""
MOST_FAILURES: Final = 3
_MS: Final = 1_000_000
_LEAST_VALUES: Final = 6
_LEAST_BYTES: Final = 1 << 20
"""Under this a search has seen nothing: the system forbids it."""
FOUND: Final = "a planted frame was found in memory"


class ForgettingMeter:
    """Watches that frames are forgotten: none lives over ``life_limit_ms``, and none planted is found.

    A frame is planted at once and then every ``period_s`` seconds, in a lease of ``pool``, and goes through
    ``stages``.
    """

    def __init__(
        self,
        pool: FramePool,
        stages: Stages,
        tally: Tally,
        *,
        period_s: float,
        life_limit_ms: float,
        now: MonotonicNs,
    ) -> None:
        self._pool, self._stages, self._tally = pool, stages, tally
        self._period_ns, self._limit_ns = int(period_s * 1e9), int(life_limit_ms * _MS)
        self._shrinker = Shrinker(pool.max_height, pool.max_width)
        self._word: NDArray[np.uint8] = locked_array(WORD, np.uint8)
        self._pattern = Pattern(BLOCK)
        self._memory = OwnMemory()
        self._rest: Iterator[tuple[int, int]] | None = None
        self._due = now  # before anything was read for long
        self._overdue = self._failures = 0
        self._is_broken = False
        self._told: str | None = None
        self.breach: str | None = None
        """Why reading is stopped, None while it is not."""
        self.checks = 0
        """Searches that were finished."""
        self.found = 0
        """Runs of planted pixels that were found."""
        self._searched = 0
        self._searched_now = 0

    @property
    def may_read(self) -> bool:
        """Whether frames may be given to the stages."""
        return self.breach is None

    def state(self) -> dict[str, object]:
        """Return what the status says of forgetting."""
        return {
            "planted": self._tally.planted,
            "checks": self.checks,
            "found": self.found,
            "searched_mib": self._searched >> 20,
            "over_limit": self._overdue,
            "breach": self.breach,
        }

    def note_life(self, life_ns: int) -> None:
        """Note how long a frame lived. One over the limit stops reading until a search finds nothing."""
        if life_ns > self._limit_ns:
            self._overdue += 1
            self._stop(f"a frame lived {life_ns // _MS} ms, at most {self._limit_ns // _MS} are allowed")
            self._due = MonotonicNs(0)

    def alarm(self, text: str) -> None:
        """Stop reading for good: the counts do not come out, or memory was not clean."""
        self._is_broken = True
        self._stop(text)

    def failed(self, place: str) -> None:
        """Give up a planted frame, or a search, that failed at ``place``: it is tried again after the period.

        After `MOST_FAILURES` of them in a row nobody knows whether the unit forgets: reading stops.
        """
        _log.error("planted frame failed: %s", place)
        self._rest = None
        self._pattern.wipe()
        self._failures += 1
        if self._failures == MOST_FAILURES:
            self.alarm(f"memory could not be searched: {place}")

    def attend(self, now: MonotonicNs) -> bool:
        """Plant, or search on for some milliseconds; call it between frames.

        Returns whether reading was stopped or goes on since the last call.
        """
        if self._rest is not None:
            self._search_on()
        elif now >= self._due:
            self._due = MonotonicNs(now + self._period_ns)
            self._plant()
        told, self._told = self._told, self.breach
        return told != self.breach

    def wipe(self) -> None:
        """Forget the pattern."""
        wipe(self._word)
        self._pattern.wipe()
        self._shrinker.wipe()

    def _stop(self, text: str) -> None:
        self.breach = self.breach or text

    def _plant(self) -> None:
        """Send a frame of a new pattern through all stages, and begin to look for it."""
        try:
            frame = self._pool.lease(self._pool.max_height, self._pool.max_width)
        except CameraError:
            return  # every lease is out: it is tried again after the period
        self._pattern.wipe()
        self._draw_word()
        stages = self._stages
        with frame, stages:
            main = frame.main
            flat = main.reshape(-1)
            flat[: flat.size // WORD * WORD].reshape(-1, WORD)[:] = self._word
            frame.fill_lores(self._shrinker)
            stages.detector.detect(frame.lores, frame.factor)
            learnt = [self._pattern.add(rows[len(rows) // 2]) for rows in (main, frame.lores)]
            learnt.append(self._pattern.add(_middle(stages.detector.model_input)))
            stages.reader.read(main, _unscaled(stages.reader, main))
            learnt.append(self._pattern.add(_middle(stages.reader.model_input)))
        self._tally.planted += 1
        wipe(self._word)
        if not any(learnt):
            self.alarm("a planted frame was not where it was planted")
            return
        for start, size in self._memory.locked(AT_ONCE_BYTES):
            for at in range(start, start + size, BLOCK):
                self._look(at, min(BLOCK, start + size - at))
        self._rest = self._memory.writable()

    def _search_on(self) -> None:
        end = time.monotonic_ns() + SLICE_NS
        assert self._rest is not None  # noqa: S101 - `attend` has looked
        for start, size in self._rest:
            self._look(start, size)
            if time.monotonic_ns() >= end:
                return
        self._rest = None
        self._failures = 0
        self.checks += 1
        self._searched, self._searched_now = self._searched_now, 0
        if self._searched < _LEAST_BYTES:
            self.alarm("the unit's own memory cannot be read")
        self._pattern.wipe()
        if not self._is_broken:
            self.breach = None

    def _look(self, start: int, size: int) -> None:
        words = self._memory.read(start, size)
        self._searched_now += words.nbytes
        try:
            found = self._pattern.count(words)
        finally:
            self._memory.wipe(words)
        if found:
            self.found += found
            self.alarm(FOUND)

    def _draw_word(self) -> None:
        with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123 - straight into the locked array
            while len(np.unique(self._word)) < _LEAST_VALUES:
                source.readinto(self._word.data)


def _unscaled(reader: Reader, main: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the corners (4, 2) of a plate box in the middle of ``main`` of which a crop is not scaled."""
    height, width = reader.unscaled
    left, top = (main.shape[1] - width) / 2, (main.shape[0] - height) / 2
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _middle(tensor: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the middle row of a model's input (1, H, W, 1)."""
    row: NDArray[np.int8] = tensor[0, tensor.shape[1] // 2, :, 0]
    return row
