"""Recordings in the place of a camera: a folder of stills, one still, or a video.

A recording drops nothing: a frame that is due while the cycle is busy is shown late. What it holds of
the pictures besides the leased frame is said in `still` and `video`.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from alprd.camera.source import EndOfSource
from alprd.camera.still import SUFFIXES, UnreadableError, read_still
from alprd.errors import CameraError, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.camera.frame import Frame, FramePool, Shrinker

_log = logging.getLogger(__name__)
_STALL_S: Final = 10.0
# After so many different warnings a recording is hopeless; the rest are only counted.
_SAID_MAX: Final = 100


class RecordedSource:
    """Shows the recording at ``path``: a folder, a picture, a video, a FIFO, or ``-`` for stdin.

    ``make_shrinker(height, width)`` makes what fills `lores`; it is called again where the size
    changes, and its `ValueError` means a picture that cannot be shown. ``loop`` starts over at the
    end. ``fps`` paces the frames; None shows each as soon as it is asked for. A stream's writer may
    pause for ``stall_s``: a capture then takes longer than its time-out. Pictures that are damaged or
    too large are skipped, counted, and named once each in the log.

    Raises `CameraError` where there is nothing to show.
    """

    def __init__(
        self,
        path: str,
        pool: FramePool,
        make_shrinker: Callable[[int, int], Shrinker],
        *,
        loop: bool = False,
        fps: float | None = None,
        stall_s: float = _STALL_S,
    ) -> None:
        if fps is not None and fps <= 0:
            raise ValueError("fps is over 0")
        self._pool, self._make_shrinker = pool, make_shrinker
        self._reader = _open(path, pool, stall_s)
        self._loop = loop
        self._period_s = 0.0 if fps is None else 1.0 / fps
        self._due_s = 0.0
        self._shrinker: Shrinker | None = None
        self._shrinks = (0, 0)
        self._said: set[str] = set()
        self._shown_in_pass = 0
        self._skipped = 0

    @property
    def description(self) -> str:
        """What is shown, for the log."""
        return self._reader.description

    @property
    def skipped(self) -> int:
        """How many pictures were damaged or too large."""
        return self._skipped

    def capture(self, timeout_s: float) -> Frame | None:
        """Return the next picture, or None where it is not due, or only damaged ones came, in time.

        Raises `EndOfSource` at the end, `CameraError` where a whole pass showed nothing.
        """
        deadline = time.monotonic() + timeout_s
        if not self._wait_until_due(deadline):
            return None
        while True:
            try:
                frame = self._reader.read()
                self._fill(frame)
            except EndOfSource:
                self._start_over()
            except UnreadableError as error:
                self._skip(error)
                if time.monotonic() >= deadline:
                    return None
            else:
                self._shown_in_pass += 1
                return frame

    def close(self) -> None:
        """Let the files go and overwrite the scratch memory."""
        self._reader.close()
        if self._shrinker is not None:
            self._shrinker.wipe()

    def _wait_until_due(self, deadline: float) -> bool:
        now = time.monotonic()
        if self._due_s > now:
            time.sleep(min(self._due_s, deadline) - now)
            if self._due_s > deadline:
                return False
        self._due_s = max(self._due_s, now) + self._period_s
        return True

    def _fill(self, frame: Frame) -> None:
        try:
            height, width = frame.main.shape
            if self._shrinker is None or self._shrinks != (height, width):
                self._shrinker, self._shrinks = self._make_shrinker(height, width), (height, width)
            frame.fill_lores(self._shrinker)
        except ValueError as error:
            frame.wipe()
            raise UnreadableError(str(error)) from None
        except BaseException:
            frame.wipe()
            raise

    def _start_over(self) -> None:
        if not self._shown_in_pass:
            raise CameraError(
                f"{self.description}: nothing in it can be shown, {self._skipped} skipped",
                hint="The log names each picture and why; use JPEG, PNG, PGM or a common video format.",
            )
        if not self._loop:
            raise EndOfSource(self.description)
        self._reader.rewind()
        self._shown_in_pass = 0

    def _skip(self, error: UnreadableError) -> None:
        self._skipped += 1
        name = self._reader.name
        said = f"{name}: {error}"
        if said not in self._said and len(self._said) < _SAID_MAX:
            self._said.add(said)
            _log.warning("skipped %s", printable(said))


class _Reader(Protocol):
    """What stills and videos have in common."""

    name: str
    description: str

    def read(self) -> Frame:
        """Return the next frame, or raise `UnreadableError` or `EndOfSource`."""

    def rewind(self) -> None:
        """Start from the first again."""

    def close(self) -> None:
        """Let the files go."""


class _Stills:
    """The pictures ``paths``, in their order."""

    def __init__(self, paths: list[Path], where: Path, pool: FramePool) -> None:
        self._paths, self._pool = paths, pool
        self._place = 0
        self.name = ""
        self.description = f"{len(paths)} recorded stills in {printable(str(where))}"

    def read(self) -> Frame:
        if self._place >= len(self._paths):
            raise EndOfSource(self.description)
        path = self._paths[self._place]
        self._place += 1
        self.name = path.name
        return read_still(path, self._pool)

    def rewind(self) -> None:
        self._place = 0

    def close(self) -> None:
        self._place = len(self._paths)


def _open(path: str, pool: FramePool, stall_s: float) -> _Reader:
    if path == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise CameraError("expected a video on stdin, found none")
        return _open_video(path, pool, stall_s)
    where = Path(path)
    if where.is_dir():
        paths = sorted(p for p in where.iterdir() if p.suffix.lower() in SUFFIXES)
        if not paths:
            raise CameraError(f"no picture in {printable(path)}; expected {', '.join(sorted(SUFFIXES))}")
        return _Stills(paths, where, pool)
    if not where.exists():
        raise CameraError(f"{printable(path)} does not exist")
    if where.suffix.lower() in SUFFIXES:
        return _Stills([where], where, pool)
    return _open_video(path, pool, stall_s)


def _open_video(path: str, pool: FramePool, stall_s: float) -> _Reader:
    # FFmpeg costs a quarter of a second and 18 MiB: units that show no video do not pay for it.
    from alprd.camera.video import VideoReader  # noqa: PLC0415

    return VideoReader(path, pool, stall_s)
