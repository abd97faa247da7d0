"""A recorded video: a file, or a stream that another program writes into a FIFO or our stdin.

The brightness plane is copied row by row into the leased frame; nothing is converted. Of an
intra-coded stream (MJPEG, raw) the decoded frame and its coded packet are then overwritten. Of an
inter-coded one (H.264 and its kin) they cannot be: the decoder predicts the next frames from them and
keeps up to sixteen, in memory of its own, until they fall out of use. FFmpeg's demuxer keeps up to a
few packets of coded data in any case. So recordings are for trying the software out; the live cameras
take intra-coded streams alone.
"""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import av
import av.logging

from alprd.camera.planes import take_grey, wipe_frame, wipe_packet
from alprd.camera.source import EndOfSource
from alprd.camera.still import UnreadableError
from alprd.errors import CameraError, printable
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from alprd.camera.frame import Frame, FramePool

INTRA_CODED: Final = frozenset({"mjpeg", "rawvideo"})
"""Codecs (FFmpeg's names) that decode each image by itself and keep none of it."""

_READ_SIZE: Final = 65536


def prepare(stream: VideoStream) -> None:
    """Have ``stream`` decoded in this thread, with damage reported instead of painted over."""
    stream.thread_type = "NONE"
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"err_detect": "explode"}


class VideoReader:
    """Frames of the video at ``path`` (``-`` is stdin), one after the other.

    A writer that pauses for longer than ``stall_s`` counts as failed. Raises `CameraError` where
    the file cannot be opened or holds no video.
    """

    def __init__(self, path: str, pool: FramePool, stall_s: float) -> None:
        self._path, self._pool, self._stall_s = path, pool, stall_s
        self._is_stream = path == "-" or not os.path.isfile(path)  # noqa: PTH113 - "-" is no path
        self._pipe: _Pipe | None = None
        self._open()
        codec = self._stream.codec_context.name
        self.name = "stdin" if path == "-" else printable(os.path.basename(path))  # noqa: PTH119
        self.description = f"recorded video {self.name} ({codec})"
        self._is_intra = codec in INTRA_CODED

    def _open(self) -> None:
        av.logging.set_level(av.logging.PANIC)  # FFmpeg writes to stderr; errors come as exceptions
        try:
            source: Any = self._path
            if self._is_stream:
                source = self._pipe = _Pipe(self._path, self._stall_s)
            self._container: InputContainer = av.open(source, "r")
            if not self._container.streams.video:
                raise CameraError(f"{printable(self._path)} holds no video")
        except (av.FFmpegError, OSError) as error:
            self._close_pipe()
            raise CameraError(f"{printable(self._path)} cannot be opened: {_said(error)}") from error
        self._stream = self._container.streams.video[0]
        prepare(self._stream)
        self._packets: Iterator[Packet[VideoStream]] = iter(self._container.demux(self._stream))
        self._packet: Packet[VideoStream] | None = None
        self._decoded: list[VideoFrame] = []
        self._number = 0

    def read(self) -> Frame:
        """Return the next frame, leased, without its small picture; `captured_at` is before decoding.

        Raises `UnreadableError` for one that is damaged or too large (read on for the next),
        `EndOfSource` at the end, `CameraError` where a writer stalls or the pixel format has no
        readable brightness.
        """
        before = MonotonicNs(time.monotonic_ns())
        while not self._decoded:
            packet = self._next_packet()
            before = MonotonicNs(time.monotonic_ns())
            self._decode(packet)
        decoded = self._decoded.pop(0)
        self._number += 1
        try:
            return self._take(decoded, before)
        finally:
            self._overwrite(decoded)

    def rewind(self) -> None:
        """Start from the first frame again. Raises `CameraError` for a FIFO or stdin."""
        if self._is_stream:
            raise CameraError(f"{self.name} is a stream: it cannot be shown again")
        self._container.close()
        self._open()

    def close(self) -> None:
        """Let the file go."""
        self._decoded.clear()
        self._container.close()
        self._close_pipe()

    def _next_packet(self) -> Packet[VideoStream]:
        try:
            return next(self._packets)
        except StopIteration:
            raise EndOfSource(self.name) from None
        except av.FFmpegError as error:
            # The container is cut off or damaged beyond finding the next image.
            self._packets = iter(())
            raise UnreadableError(f"the recording breaks off: {_said(error)}") from None

    def _decode(self, packet: Packet[VideoStream]) -> None:
        try:
            self._decoded = packet.decode()
        except av.FFmpegError as error:
            self._number += 1
            raise UnreadableError(f"image {self._number} is damaged: {_said(error)}") from None
        finally:
            self._packet = packet

    def _take(self, decoded: VideoFrame, before: MonotonicNs) -> Frame:
        if decoded.is_corrupt:
            raise UnreadableError(f"image {self._number} is damaged")
        if not self._pool.fits(decoded.height, decoded.width):
            raise UnreadableError(
                f"{decoded.width}x{decoded.height} pixels are over the largest frame,"
                f" {self._pool.max_width}x{self._pool.max_height}"
            )
        frame = self._pool.lease(decoded.height, decoded.width, before)
        try:
            take_grey(decoded, frame.main)
        except BaseException:
            frame.wipe()
            raise
        return frame

    def _overwrite(self, decoded: VideoFrame) -> None:
        if self._is_intra:
            wipe_frame(decoded)
            if self._packet is not None:
                wipe_packet(self._packet)

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None


class _Pipe:
    """A FIFO or stdin as a file to PyAV, which gives up on a writer that pauses too long."""

    def __init__(self, path: str, stall_s: float) -> None:
        self._is_stdin = path == "-"
        self._file = sys.stdin.fileno() if self._is_stdin else os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._stall_s = stall_s

    def read(self, size: int) -> bytes:
        ready, _, _ = select.select([self._file], [], [], self._stall_s)
        if not ready:
            raise CameraError(f"the writer of the video paused for more than {self._stall_s:g} s")
        return os.read(self._file, min(size, _READ_SIZE))

    def close(self) -> None:
        if not self._is_stdin and self._file >= 0:
            os.close(self._file)
            self._file = -1


def _said(error: Exception) -> str:
    return printable(getattr(error, "strerror", None) or type(error).__name__)
