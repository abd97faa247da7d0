"""The camera as the daemon holds it: opened, opened again after it was lost, and closed for a pause."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING, Final

from alprd.devices import open_source
from alprd.errors import CameraError
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from alprd.camera.frame import Frame, FramePool
    from alprd.camera.source import FrameSource
    from alprd.settings import CameraSettings

log = logging.getLogger("alprd")

RETRY_NS: Final = 1_000_000_000
"""How long a camera that was lost is left alone before it is opened again."""
_NAP_S: Final = 0.02


class Shutter:
    """The camera that ``settings`` name, whose frames are leases of ``pool``. One thread has it."""

    def __init__(self, settings: CameraSettings, pool: FramePool) -> None:
        self._settings, self._pool = settings, pool
        self._source: FrameSource | None = None
        self._skipped = 0
        self._due = MonotonicNs(0)

    @property
    def is_open(self) -> bool:
        """Whether a camera is held."""
        return self._source is not None

    @property
    def description(self) -> str | None:
        """One line that names the camera, None while there is none."""
        return None if self._source is None else self._source.description

    @property
    def skipped(self) -> int:
        """Images since start that were unreadable, corrupt or too large."""
        return self._skipped + (0 if self._source is None else self._source.skipped)

    def open(self) -> None:
        """Open the camera; `CameraError` when it cannot be opened."""
        self._source = open_source(self._settings, self._pool)

    def capture(self, timeout_s: float, now: MonotonicNs) -> Frame | None:
        """Return the next frame, None when none came in time. A camera that was lost is opened again."""
        if self._source is None:
            self._open_again(now)
            return None
        try:
            return self._source.capture(timeout_s)
        except CameraError as error:
            log.error("camera lost: %s; next: %s", error, error.next_step)  # noqa: TRY400 - a traceback could hold locals
            self.close()
            return None

    def close(self) -> None:
        """Let the camera go."""
        source, self._source = self._source, None
        if source is not None:
            self._skipped += source.skipped
            source.close()

    def rest(self) -> None:
        """Keep it closed for a moment; the next `capture` may open it at once."""
        self._due = MonotonicNs(0)
        time.sleep(_NAP_S)

    def _open_again(self, now: MonotonicNs) -> None:
        if now < self._due:
            time.sleep(_NAP_S)
            return
        self._due = MonotonicNs(now + RETRY_NS)
        with contextlib.suppress(CameraError):
            self.open()
            log.info("camera found: %s", self.description)
