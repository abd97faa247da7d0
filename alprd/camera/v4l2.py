"""USB and Jetson cameras through the kernel's V4L2 interface, by way of PyAV.

Only raw formats and MJPEG are taken. An inter-coded stream (H.264, H.265) is refused: its decoder
predicts each image from earlier ones and so must keep them, up to sixteen whole images in memory of
its own, long after their cycle ended. No overwriting of ours could reach them without breaking the
images that follow.

Of each image the packet, which is the driver's own mapped buffer where FFmpeg does not copy it, and
the decoded planes are overwritten as soon as the brightness is in the leased frame. Images that the
cycle was too slow for are overwritten unseen. Out of reach are the driver's transfer buffers.
"""

from __future__ import annotations

import os
import select
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av
import av.logging

from alprd.camera.planes import is_grey_readable, take_grey, wipe_frame, wipe_packet
from alprd.camera.video import INTRA_CODED, prepare
from alprd.errors import CameraError, printable
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

    from alprd.camera.frame import Frame, FramePool, Shrinker

_SILENCE_S: Final = 5.0
_MJPEG: Final = "mjpeg"
_MS: Final = 1000
_STALE_NS: Final = 10_000_000_000
# FFmpeg would read ahead to guess what the driver already says.
_NO_PROBING: Final = {"probesize": "32", "analyzeduration": "0", "fpsprobesize": "0"}


class V4l2Source:
    """The camera at ``device``, giving frames of ``size`` (width, height).

    ``device`` is a name that stays with the socket or the camera: ``/dev/v4l/by-path/...`` or the
    ``/dev/alprd-camera`` of the udev rules, not ``/dev/video0``, which counts in the order of
    arrival. ``input_format`` is FFmpeg's name of a raw pixel format (``yuyv422``, ``nv12``, ``gray``)
    or ``mjpeg``; raw is faster to read, MJPEG is what USB 2 carries at full rate. ``fps`` is asked of
    the camera; None leaves it its own. No image for ``silence_s`` is a camera that failed.

    Raises `CameraError` where the device is missing or busy, or gives another size or coding.
    """

    def __init__(
        self,
        device: str,
        pool: FramePool,
        make_shrinker: Callable[[int, int], Shrinker],
        *,
        size: tuple[int, int],
        input_format: str,
        fps: float | None = None,
        silence_s: float = _SILENCE_S,
    ) -> None:
        options = _options(size, input_format, fps)
        self._pool, self._silence_s = pool, silence_s
        self._shrinker = make_shrinker(size[1], size[0])
        self._container, self._file = _open(device, options)
        try:
            stream = _checked_stream(self._container, size)
        except CameraError:
            self._container.close()
            raise
        self._packets: Iterator[Packet[VideoStream]] = iter(self._container.demux(stream))
        self._last_image = time.monotonic()
        self.description = f"camera {printable(device)}, {size[0]}x{size[1]} {input_format}"
        self.skipped = 0

    def capture(self, timeout_s: float) -> Frame | None:
        """Return the newest image, or None when none came in time; a damaged one counts as none.

        `captured_at` is the driver's own time of the image. Raises `CameraError` where the camera was
        unplugged or is silent for long.
        """
        try:
            return self._capture(time.monotonic() + timeout_s)
        except BaseException as error:
            # What the functions it came through still hold of the driver's buffers must not outlive
            # the device: FFmpeg would give them back to memory that is gone.
            traceback.clear_frames(error.__traceback__)
            raise

    def close(self) -> None:
        """Let the device go and overwrite the scratch memory."""
        self._packets = iter(())  # it holds the last packet, which must not outlive the device either
        self._container.close()
        self._shrinker.wipe()

    def _capture(self, deadline: float) -> Frame | None:
        while self._is_ready(deadline - time.monotonic()):
            packet = self._newest_packet()
            frame = None if packet is None else self._decode(packet)
            if frame is not None:
                self._last_image = time.monotonic()
                return frame
            if time.monotonic() >= deadline:
                break
        if time.monotonic() - self._last_image > self._silence_s:
            raise CameraError(f"the camera gave no image for {self._silence_s:g} s")
        return None

    def _is_ready(self, timeout_s: float) -> bool:
        if self._file is None:
            return True
        poll = select.poll()
        poll.register(self._file, select.POLLIN)
        for _file, event in poll.poll(max(0.0, timeout_s) * _MS):
            if event & (select.POLLERR | select.POLLHUP | select.POLLNVAL):
                raise CameraError("the camera's device reports an error; was it unplugged?")
            return True
        return False

    def _newest_packet(self) -> Packet[VideoStream] | None:
        """Return the last image that waits, overwriting those before it, or None for a false alarm."""
        packet = self._next_packet()
        try:
            while packet is not None and self._file is not None and self._is_ready(0.0):
                newer = self._next_packet()
                if newer is None:
                    break
                wipe_packet(packet)
                packet = newer
        except CameraError:
            if packet is not None:
                wipe_packet(packet)
            raise
        return packet

    def _next_packet(self) -> Packet[VideoStream] | None:
        try:
            return next(self._packets)
        except StopIteration:
            raise CameraError("the camera ended its stream; was it unplugged?") from None
        except av.BlockingIOError:
            return None
        except av.FFmpegError as error:
            raise CameraError(f"the camera failed: {_said(error)}") from error

    def _decode(self, packet: Packet[VideoStream]) -> Frame | None:
        captured_at = _stamped_at(packet)
        decoded = []
        try:
            decoded = packet.decode()
            if len(decoded) != 1 or decoded[0].is_corrupt:
                self.skipped += 1
                return None
            image = decoded[0]
            frame = self._pool.lease(image.height, image.width, captured_at)
            try:
                take_grey(image, frame.main)
                frame.fill_lores(self._shrinker)
            except BaseException:
                frame.wipe()
                raise
        except av.FFmpegError:
            self.skipped += 1
            return None
        else:
            return frame
        finally:
            for image in decoded:
                wipe_frame(image)
            wipe_packet(packet)


def _options(size: tuple[int, int], input_format: str, fps: float | None) -> dict[str, str]:
    """Return FFmpeg's options, or raise `CameraError` for a coding that is not taken."""
    if input_format != _MJPEG and not is_grey_readable(input_format):
        raise CameraError(
            f"the camera format {printable(input_format)} is not taken: its decoder keeps images, or it"
            " has no brightness of its own",
            hint="Use yuyv422, nv12, gray or mjpeg: `v4l2-ctl --list-formats-ext` shows what there is.",
        )
    options = {"video_size": f"{size[0]}x{size[1]}", **_NO_PROBING}
    options["input_format" if input_format == _MJPEG else "pixel_format"] = input_format
    if fps is not None:
        options["framerate"] = f"{fps:g}"
    return options


def _open(device: str, options: dict[str, str]) -> tuple[InputContainer, int | None]:
    """Return the opened device and the number of FFmpeg's file of it, made non-blocking.

    FFmpeg's own reads have no time-out, so we wait on its file before each.
    """
    if not Path(device).is_char_device():
        raise CameraError(f"there is no camera at {printable(device)}")
    av.logging.set_level(av.logging.PANIC)
    try:
        container = av.open(device, "r", format="v4l2", options=options)
    except (av.FFmpegError, OSError) as error:
        raise CameraError(f"the camera at {printable(device)} cannot be opened: {_said(error)}") from error
    file = _file_of(device)
    if file is None:
        container.close()
        raise CameraError(f"the open device {printable(device)} was not found among this process's files")
    os.set_blocking(file, False)
    return container, file


def _file_of(device: str) -> int | None:
    """Return the number of this process's newest open file of ``device``."""
    wanted = Path(device).resolve()
    numbers = [int(link.name) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    for number in sorted(numbers, reverse=True):
        try:
            if Path(f"/proc/self/fd/{number}").readlink() == wanted:
                return number
        except OSError:
            continue  # closed since it was listed
    return None


def _checked_stream(container: InputContainer, size: tuple[int, int]) -> VideoStream:
    """Return the video stream, prepared; `CameraError` where it is inter-coded or of another size."""
    if not container.streams.video:
        raise CameraError("the device gives no video")
    stream = container.streams.video[0]
    codec = stream.codec_context
    if codec.name not in INTRA_CODED:
        raise CameraError(
            f"the camera sends {printable(codec.name)}, whose decoder must keep earlier images",
            hint="Set `camera.format` to yuyv422, nv12, gray or mjpeg.",
        )
    if (codec.width, codec.height) != size:
        raise CameraError(
            f"expected images of {size[0]}x{size[1]} pixels, found {codec.width}x{codec.height}",
            hint="Set a `camera.size` that `v4l2-ctl --list-formats-ext` shows.",
        )
    prepare(stream)
    return stream


def _stamped_at(packet: Packet[VideoStream]) -> MonotonicNs:
    """Return the driver's time of the image (monotonic), or now where it is not plausible."""
    now = time.monotonic_ns()
    if packet.pts is not None and packet.time_base is not None:
        stamp = int(packet.pts * packet.time_base * 1_000_000_000)
        if now - _STALE_NS < stamp <= now:
            return MonotonicNs(stamp)
    return MonotonicNs(now)


def _said(error: Exception) -> str:
    return printable(getattr(error, "strerror", None) or type(error).__name__)
