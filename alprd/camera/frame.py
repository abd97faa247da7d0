"""The frame: one camera image, leased for one cycle and wiped on every way out of it.

Every stage gets views of the leased memory, so after the wipe nobody is left holding pixels.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, Protocol, Self

import numpy as np

from alprd.errors import AlprdError, CameraError
from alprd.memory import locked_array, wipe
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from numpy.typing import NDArray

LORES_HEIGHT: Final = 384
LORES_WIDTH: Final = 640
_LORES_SIZE: Final = LORES_HEIGHT * LORES_WIDTH


class Shrinker(Protocol):
    """Makes the small picture of frames of one size (`alprd.vision.shrink.Shrinker`)."""

    @property
    def k(self) -> float:
        """The factor between the frame and its small picture."""

    def shrink(self, main: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the small picture of ``main`` (H, W), H / k by W / k, in memory of the shrinker."""

    def wipe(self) -> None:
        """Zero everything the shrinker holds."""


class Frame:
    """One leased camera image. Use it in a ``with`` block: every way out of the block wipes it.

    ``number`` counts the pool's frames from 1, ``captured_at`` is when the sensor (or the decoder)
    began. ``planes`` are all arrays that hold this image's pixels, padding and chroma included; the
    wipe overwrites each, and only then calls ``release``. Reading `main` or `lores` after the wipe
    raises `AlprdError`; a view taken before it shows zeros.
    """

    def __init__(
        self,
        *,
        number: int,
        captured_at: MonotonicNs,
        main: NDArray[np.uint8],
        lores: NDArray[np.uint8] | None,
        factor: float,
        planes: tuple[NDArray[np.uint8], ...],
        release: Callable[[], None] | None,
        lores_buffer: NDArray[np.uint8] | None = None,
    ) -> None:
        self.number = number
        self.captured_at = captured_at
        self._main: NDArray[np.uint8] | None = main
        self._lores = lores
        self._factor = factor
        self._planes = planes
        self._release = release
        self._lores_buffer = lores_buffer
        self._wiped_at: int | None = None

    @property
    def main(self) -> NDArray[np.uint8]:
        """The Y plane, (H, W) uint8, as a view of the leased memory."""
        if self._main is None:
            raise AlprdError("the frame was read after it was wiped")
        return self._main

    @property
    def lores(self) -> NDArray[np.uint8]:
        """The small picture, (H // k, W // k) uint8, as a view of the leased memory."""
        if self._main is None:
            raise AlprdError("the frame was read after it was wiped")
        if self._lores is None:
            raise AlprdError("the frame's source made no small picture")
        return self._lores

    @property
    def factor(self) -> float:
        """How many pixels of `main` make one of `lores`, along each side."""
        return self._factor

    @property
    def is_wiped(self) -> bool:
        """True once the pixels are overwritten."""
        return self._main is None

    @property
    def life_ns(self) -> int:
        """Nanoseconds from capture to the end of the wipe. Raises `AlprdError` before the wipe."""
        if self._wiped_at is None:
            raise AlprdError("the life of a frame is known once it is wiped")
        return self._wiped_at - self.captured_at

    def fill_lores(self, shrinker: Shrinker) -> None:
        """Make `lores` of `main`, and wipe what the shrinker holds of it.

        For sources whose camera has no small stream. Raises `CameraError` where the small picture
        does not fit 384x640 pixels.
        """
        main, buffer = self.main, self._lores_buffer
        try:
            small = shrinker.shrink(main)
            height, width = small.shape
            if buffer is None or height > LORES_HEIGHT or width > LORES_WIDTH:
                raise CameraError(f"a small picture of {width}x{height} pixels has no place in this frame")
            lores = buffer[: height * width].reshape(height, width)
            np.copyto(lores, small)
        finally:
            shrinker.wipe()
        self._lores, self._factor = lores, shrinker.k

    def wipe(self) -> None:
        """Overwrite every plane, then give the memory back. A second call does nothing."""
        if self._main is None:
            return
        is_done = False
        try:
            wipe(*self._planes)
            is_done = True
        finally:
            # An interrupt can fall between two planes: overwrite again before letting go.
            if not is_done:
                wipe(*self._planes)
            self._let_go()

    def _let_go(self) -> None:
        release = self._release
        self._main = self._lores = self._lores_buffer = None
        self._release, self._planes = None, ()
        self._wiped_at = time.monotonic_ns()
        if release is not None:
            release()

    def __enter__(self) -> Self:
        if self._main is None:
            raise AlprdError("the frame was read after it was wiped")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wipe()

    def __del__(self) -> None:
        # A frame that an interrupt dropped before its `with` block began.
        if getattr(self, "_main", None) is not None:
            self.wipe()


class FramePool:
    """Locked memory for ``leases`` frames of at most ``max_height`` x ``max_width`` pixels.

    All of it is allocated here, once. Raises `MemoryLockError` where the lock limit is too low.
    """

    def __init__(self, leases: int, max_height: int, max_width: int) -> None:
        if leases < 1 or max_height < 1 or max_width < 1:
            raise ValueError("a pool has at least one lease of at least 1x1 pixels")
        self.max_height, self.max_width = max_height, max_width
        size = _LORES_SIZE + max_height * max_width
        # Small picture first, frame behind it: one contiguous run, so that one overwrite clears both.
        self._slabs: list[NDArray[np.uint8]] = [locked_array(size, np.uint8) for _ in range(leases)]
        self._free = list(range(leases))
        self._lock = threading.Lock()
        self._number = 0

    @property
    def free(self) -> int:
        """How many leases are left."""
        return len(self._free)

    def fits(self, height: int, width: int) -> bool:
        """Whether a frame of ``height`` x ``width`` pixels can be leased at all."""
        return 1 <= height <= self.max_height and 1 <= width <= self.max_width

    def lease(self, height: int, width: int, captured_at: MonotonicNs | None = None) -> Frame:
        """Return a zeroed frame of ``height`` x ``width`` pixels, to be filled by its source.

        ``captured_at`` is now unless given. Never blocks: raises `CameraError` where the size is
        over the pool's, or every lease is out.
        """
        if not self.fits(height, width):
            raise CameraError(
                f"a frame has at most {self.max_width}x{self.max_height} pixels, found {width}x{height}"
            )
        with self._lock:
            if not self._free:
                raise CameraError(f"all {len(self._slabs)} frames are leased; the cycle has not wiped one")
            place = self._free.pop()
        used = self._slabs[place][: _LORES_SIZE + height * width]
        return Frame(
            number=self._next_number(),
            captured_at=_now() if captured_at is None else captured_at,
            main=used[_LORES_SIZE:].reshape(height, width),
            lores=None,
            factor=0,
            planes=(used,),
            release=lambda: self._take_back(place),
            lores_buffer=used[:_LORES_SIZE],
        )

    def borrow(
        self,
        *,
        main: NDArray[np.uint8],
        lores: NDArray[np.uint8],
        factor: float,
        captured_at: MonotonicNs,
        planes: tuple[NDArray[np.uint8], ...],
        release: Callable[[], None],
    ) -> Frame:
        """Return a frame on a camera's own buffers, without a copy.

        ``main`` (H, W) and ``lores`` (H // factor, W // factor) are views of ``planes``, the whole
        buffers, which are overwritten before ``release`` gives them back to the driver. Takes no
        lease: the driver's buffer count is the bound.
        """
        return Frame(
            number=self._next_number(),
            captured_at=captured_at,
            main=main,
            lores=lores,
            factor=factor,
            planes=planes,
            release=release,
        )

    def wipe(self) -> None:
        """Overwrite all memory of the pool, leased or not: for the end of the daemon."""
        wipe(*self._slabs)

    def _next_number(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    def _take_back(self, place: int) -> None:
        with self._lock:
            self._free.append(place)


def _now() -> MonotonicNs:
    return MonotonicNs(time.monotonic_ns())
