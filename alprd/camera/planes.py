"""The grey plane of a decoded video frame, taken without conversion. PyAV frames come in here only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from alprd.errors import CameraError

if TYPE_CHECKING:
    from av.buffer import Buffer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

# Formats whose first plane is the 8-bit brightness, one byte a pixel.
_PLANAR: Final = frozenset(
    {"gray", "nv12", "nv21", "nv16", "nv24"}
    | {f"yuv{j}{sampling}p" for j in ("", "j") for sampling in (410, 411, 420, 422, 440, 444)}
)
# Packed formats: where in each pair of bytes the brightness stands.
_PACKED: Final = {"yuyv422": 0, "yvyu422": 0, "uyvy422": 1}


def is_grey_readable(pixel_format: str) -> bool:
    """Whether the brightness can be read from ``pixel_format`` (FFmpeg's name) without conversion."""
    return pixel_format in _PLANAR or pixel_format in _PACKED


def memory(holder: Buffer) -> NDArray[np.uint8]:
    """Return the bytes of a plane or packet as a flat, writable array, without a copy."""
    # PyAV's buffers speak the buffer protocol, which their type stubs do not say.
    return np.frombuffer(cast("memoryview", holder), dtype=np.uint8)


def take_grey(frame: VideoFrame, out: NDArray[np.uint8]) -> None:
    """Copy the brightness of ``frame`` into ``out`` (H, W), row by row past the padding.

    Raises `CameraError` for a pixel format without a readable brightness, or another size than ``out``.
    """
    height, width = out.shape
    if (frame.height, frame.width) != out.shape:
        raise CameraError(f"expected a frame of {width}x{height} pixels, found {frame.width}x{frame.height}")
    name = frame.format.name
    plane = frame.planes[0]
    stride = plane.line_size
    if stride < 0:
        raise CameraError(f"a {name} frame stored bottom to top is not supported")
    flat = memory(plane)
    lines = flat[: height * stride].reshape(height, stride)
    if name in _PLANAR:
        np.copyto(out, lines[:, :width])
    elif name in _PACKED:
        first = _PACKED[name]
        np.copyto(out, lines[:, first : 2 * width : 2])
    else:
        raise CameraError(
            f"no brightness can be read from pixel format {name} without conversion",
            hint="Use a camera or recording in YUV, NV12, YUYV, grey or MJPEG.",
        )


def wipe_frame(frame: VideoFrame) -> None:
    """Overwrite all planes of ``frame``, for frames that no decoder will refer to again."""
    for plane in frame.planes:
        memory(plane).fill(0)


def wipe_packet(packet: Packet[Any]) -> None:
    """Overwrite the coded image in ``packet``."""
    if packet.size:
        memory(packet).fill(0)
