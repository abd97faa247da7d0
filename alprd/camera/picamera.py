"""The Raspberry Pi's own camera through picamera2, without a copy of a pixel.

The image processor makes two streams of each exposure: `main` for the plate crops and `lores` for the
detector. The frame is a pair of views of the driver's buffers. They are overwritten, padding and
chroma included, before the request goes back to the driver. What the library does by itself:

* a frame that completes while none is asked for is overwritten in the library's own thread, then
  given back; none is kept in a queue (``queue=False``), and no raw sensor stream is mapped;
* a frame that the driver marks as failed goes back unseen; the next exposure overwrites it.

Outside this process and out of reach: the sensor's raw buffers in the kernel, and the image
processor's own memory.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import libcamera
import numpy as np
from picamera2 import MappedArray, Picamera2

from alprd.errors import AlprdError, CameraError, printable
from alprd.memory import wipe
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from alprd.camera.frame import Frame, FramePool

_log = logging.getLogger(__name__)

# Formats (libcamera's names) that begin with the whole brightness plane.
_FORMATS: Final = frozenset({"YUV420", "NV12"})
_MICROSECONDS: Final = 1_000_000
_AF_MANUAL: Final = 0
_SILENCE_S: Final = 5.0
# What the library raises; it has no error of its own. Its time-out is Python's TimeoutError, an OSError.
_LIBRARY_ERRORS: Final = (
    RuntimeError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    BufferError,
)


class PicameraSource:
    """The camera ``camera_number``, giving frames of ``size`` (width, height) at ``fps``.

    ``factor`` is the whole number between `main` and `lores`; both streams then have whole, even
    sides, or `CameraError` is raised. ``exposure_us`` and ``gain`` fix what would else be measured
    anew in each frame; ``lens_position`` (dioptres, 0 is far away) stops autofocus from hunting.
    ``buffer_count`` frames exist in the driver: one is read, one waits, one is exposed. No frame for
    ``silence_s`` seconds is a camera that failed. ``pixel_format`` is YUV420 or NV12; ``open_camera``
    makes the library's camera.

    Raises `CameraError` where the camera is missing, refuses the sizes, or has no such control.
    """

    def __init__(
        self,
        pool: FramePool,
        *,
        size: tuple[int, int],
        factor: int,
        fps: float,
        camera_number: int = 0,
        exposure_us: int | None = None,
        gain: float | None = None,
        lens_position: float | None = None,
        buffer_count: int = 3,
        silence_s: float = _SILENCE_S,
        pixel_format: str = "YUV420",
        open_camera: Callable[[int], Any] = Picamera2,
    ) -> None:
        self._pool, self._factor = pool, factor
        self._size = size
        self._lores_size = _lores_size(size, factor)
        if pixel_format not in _FORMATS:
            raise CameraError(f"expected the pixel format YUV420 or NV12, found {printable(pixel_format)}")
        self._format = pixel_format
        self._silence_s = silence_s
        self._job: Any = None
        self._camera: Any = None
        try:
            camera = self._camera = open_camera(camera_number)
            self._configure(camera, buffer_count, _controls(camera, fps, exposure_us, gain, lens_position))
            camera.post_callback = self._forget_unclaimed
            camera.start()
        except _LIBRARY_ERRORS as error:
            self.close()
            raise _failed("cannot be opened", error) from error
        except AlprdError:
            self.close()
            raise
        self._last_frame = time.monotonic()
        self.description = f"Pi camera {camera_number}, {size[0]}x{size[1]} at {fps:g} frames/s"
        self.skipped = 0

    def _configure(self, camera: Any, buffer_count: int, controls: dict[str, Any]) -> None:  # noqa: ANN401 - untyped library
        config = camera.create_video_configuration(
            main={"size": self._size, "format": self._format},
            lores={"size": self._lores_size, "format": self._format},
            raw=None,
            colour_space=libcamera.ColorSpace.Sycc(),  # full range, as the models were trained on
            buffer_count=buffer_count,
            controls=controls,
            display=None,
            encode=None,
            queue=False,
        )
        camera.configure(config)
        got = camera.camera_configuration()
        for name, size in (("main", self._size), ("lores", self._lores_size)):
            found = got[name]
            if tuple(found["size"]) != size or found["format"] != self._format:
                raise CameraError(
                    f"expected the {name} stream as {size[0]}x{size[1]} {self._format},"
                    f" found {found['size'][0]}x{found['size'][1]} {found['format']}",
                    hint="Set a `camera.size` that the camera offers: `rpicam-hello --list-cameras`.",
                )
        self._strides = {name: int(got[name]["stride"]) for name in ("main", "lores")}

    def capture(self, timeout_s: float) -> Frame | None:
        """Return the next exposure, or None when none came in time.

        `captured_at` is when the sensor began to expose it. Raises `CameraError` where the library
        failed, or no frame came for long.
        """
        try:
            if self._job is None:
                # A job that timed out stays in the library and takes the next frame: keep hold of it.
                self._job = self._camera.capture_request(wait=False)
            job = self._job
            request = job.get_result(timeout=timeout_s)
        except TimeoutError:
            if time.monotonic() - self._last_frame > self._silence_s:
                raise CameraError(f"the camera gave no frame for {self._silence_s:g} s") from None
            return None
        except _LIBRARY_ERRORS as error:
            self._job = None
            raise _failed("failed", error) from error
        self._job = None
        self._last_frame = time.monotonic()
        return self._lend(request)

    def close(self) -> None:
        """Stop the camera, overwrite its buffers and let it go."""
        camera, job = self._camera, self._job
        self._camera = self._job = None
        if camera is None:
            return
        try:
            if job is not None:
                camera.cancel_all_and_flush()
            camera.stop()
            _wipe_all(camera)
            camera.close()
        except _LIBRARY_ERRORS as error:
            _log.warning("the camera did not close cleanly: %s", _said(error))

    def _lend(self, request: Any) -> Frame:  # noqa: ANN401 - untyped library
        """Return ``request`` as a frame that gives it back, overwritten."""
        held = ExitStack()
        held.callback(request.release)
        planes: list[NDArray[np.uint8]] = []
        try:
            captured_at = _exposed_at(request)
            for name in ("main", "lores"):
                mapped = held.enter_context(MappedArray(request, name, reshape=False))
                planes.append(mapped.array)
            return self._pool.borrow(
                main=_brightness(planes[0], self._strides["main"], self._size),
                lores=_brightness(planes[1], self._strides["lores"], self._lores_size),
                factor=self._factor,
                captured_at=captured_at,
                planes=(planes[0], planes[1]),
                release=lambda: _give_back(held),
            )
        except _LIBRARY_ERRORS as error:
            wipe(*planes)
            planes.clear()
            _give_back(held)
            raise _failed("gave a frame that cannot be mapped", error) from error

    def _forget_unclaimed(self, request: Any) -> None:  # noqa: ANN401 - untyped library
        """Overwrite a frame that nobody asked for. Runs in the library's thread, under its lock."""
        camera = self._camera
        if camera is None or any(one is request for one in camera.completed_requests):
            try:
                _wipe_request(request)
            except _LIBRARY_ERRORS as error:
                _log.warning("a frame that nobody asked for was not overwritten: %s", _said(error))


def _lores_size(size: tuple[int, int], factor: int) -> tuple[int, int]:
    step = 2 * factor
    width, height = size
    if factor < 1 or width % step or height % step:
        raise CameraError(
            f"a frame of {width}x{height} pixels has no even {factor}th part",
            hint=f"Set `camera.size` to {width - width % step}x{height - height % step}.",
        )
    return width // factor, height // factor


def _controls(
    camera: Any,  # noqa: ANN401 - untyped library
    fps: float,
    exposure_us: int | None,
    gain: float | None,
    lens_position: float | None,
) -> dict[str, Any]:
    offered = camera.camera_controls
    period_us = round(_MICROSECONDS / fps)
    if exposure_us is not None and exposure_us > period_us:
        raise CameraError(f"an exposure of {exposure_us} us does not fit a frame period of {period_us} us")
    wanted: dict[str, Any] = {
        "FrameDurationLimits": (period_us, period_us),
        "ExposureTime": exposure_us,
        "AnalogueGain": gain,
        "LensPosition": lens_position,
        "AfMode": None if lens_position is None else _AF_MANUAL,
    }
    controls = {name: value for name, value in wanted.items() if value is not None}
    missing = sorted(set(controls) - set(offered))
    if missing:
        raise CameraError(
            f"the camera has no control {', '.join(missing)}",
            hint="Leave the settings of `camera.` out that this camera does not have.",
        )
    return controls


def _brightness(buffer: NDArray[np.uint8], stride: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    width, height = size
    return buffer[: stride * height].reshape(height, stride)[:, :width]


def _exposed_at(request: Any) -> MonotonicNs:  # noqa: ANN401 - untyped library
    """Return when the sensor began the exposure, on this unit's monotonic clock.

    The sensor's time counts from boot, asleep or awake; the difference of the clocks is taken off.
    """
    now = time.monotonic_ns()
    stamp = request.get_metadata().get("SensorTimestamp")
    if stamp is None:
        return MonotonicNs(now)
    asleep = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - now
    return MonotonicNs(min(now, int(stamp) - asleep))


def _give_back(held: ExitStack) -> None:
    """Unmap the buffers and give them back to the driver, the second even where the first fails."""
    try:
        held.close()
    except _LIBRARY_ERRORS as error:
        raise _failed("did not take a frame back", error) from error


def _wipe_request(request: Any) -> None:  # noqa: ANN401 - untyped library
    for name in ("main", "lores"):
        with MappedArray(request, name, reshape=False) as mapped:
            mapped.array.fill(0)


def _wipe_all(camera: Any) -> None:  # noqa: ANN401 - untyped library
    """Overwrite every buffer that the library has mapped, after the camera was stopped."""
    for memory in getattr(camera.allocator, "mapped_buffers", {}).values():
        np.frombuffer(memory, dtype=np.uint8).fill(0)


def _said(error: BaseException) -> str:
    return printable(f"{type(error).__name__}: {error}")


def _failed(what: str, error: BaseException) -> CameraError:
    return CameraError(f"the Pi camera {what}: {_said(error)}")
