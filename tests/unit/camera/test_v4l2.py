"""Cameras on V4L2: what can be shown without one, on clips that the real library encodes and reads."""

from __future__ import annotations

import gc
import logging
import os
import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from alprd.camera import v4l2
from alprd.camera.frame import FramePool
from alprd.camera.planes import memory, wipe_packet
from alprd.camera.v4l2 import V4l2Source
from alprd.errors import CameraError
from alprd.vision.shrink import Shrinker

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from numpy.typing import NDArray

    from alprd.camera.frame import Frame

WIDTH, HEIGHT, FRAMES = 160, 96, 3


def scene(number: int) -> NDArray[np.uint8]:
    grey = np.full((HEIGHT, WIDTH), 80 + 30 * number, np.uint8)
    grey[20:40, 30:60] = 220
    return grey


def clip(path: Path, codec: str, pixel_format: str) -> str:
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream(codec, rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixel_format
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(scene(number), format="gray").reformat(format=pixel_format)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return str(path)


@pytest.fixture
def pool() -> FramePool:
    return FramePool(1, HEIGHT, WIDTH)


@pytest.fixture(autouse=True)
def _clips_for_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open a clip where a device is named: all of the source runs but the device itself."""

    def open_clip(device: str, _options: dict[str, str]) -> tuple[InputContainer, None]:
        return av.open(device), None

    real = v4l2._open
    monkeypatch.setattr(v4l2, "_open", lambda d, o: real(d, o) if d.startswith("/dev") else open_clip(d, o))


def open_source(device: str, pool: FramePool, input_format: str = "mjpeg") -> V4l2Source:
    return V4l2Source(device, pool, Shrinker, size=(WIDTH, HEIGHT), input_format=input_format)


def shown(source: V4l2Source) -> Frame:
    """Return the next frame of ``source``, which a clip always has in time."""
    frame = source.capture(5.0)
    assert frame is not None
    return frame


@pytest.mark.parametrize(
    ("codec", "pixel_format", "input_format"),
    [
        ("mjpeg", "yuvj422p", "mjpeg"),
        ("rawvideo", "yuyv422", "yuyv422"),
        ("rawvideo", "uyvy422", "uyvy422"),
        ("rawvideo", "nv12", "nv12"),
        ("rawvideo", "yuv420p", "yuv420p"),
        ("rawvideo", "gray", "gray"),
    ],
)
def test_each_image_of_an_intra_coded_stream_arrives_and_its_end_is_an_unplugged_camera(
    tmp_path: Path, pool: FramePool, codec: str, pixel_format: str, input_format: str
) -> None:
    source = open_source(clip(tmp_path / "a.mkv", codec, pixel_format), pool, input_format)
    is_full_range = pixel_format in {"gray", "yuvj422p"}
    for number in range(FRAMES):
        with shown(source) as frame:
            level = int(frame.main[5, 5])
            grey = level if is_full_range else (level - 16) * 255 / 219
            assert abs(grey - (80 + 30 * number)) <= 2
            assert frame.factor == 1
            assert np.array_equal(frame.lores, frame.main)
            assert frame.captured_at <= time.monotonic_ns()
        assert not pool._slabs[0].any()
    with pytest.raises(CameraError, match="unplugged"):
        source.capture(1.0)
    source.close()


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4"])
def test_a_stream_that_keeps_earlier_images_is_refused(tmp_path: Path, pool: FramePool, codec: str) -> None:
    with pytest.raises(CameraError, match="must keep earlier images") as caught:
        open_source(clip(tmp_path / "a.mkv", codec, "yuv420p"), pool)
    assert "yuyv422" in caught.value.next_step


@pytest.mark.parametrize("input_format", ["h264", "hevc", "vp9", "rgb24", "bayer_rggb8", "yuv420p10le", ""])
def test_a_format_that_is_not_taken_is_refused_before_the_device_is_touched(
    pool: FramePool, input_format: str
) -> None:
    with pytest.raises(CameraError, match="is not taken"):
        open_source("/dev/absent", pool, input_format)


def test_a_size_the_camera_does_not_give_is_refused(tmp_path: Path, pool: FramePool) -> None:
    device = clip(tmp_path / "a.mkv", "mjpeg", "yuvj420p")
    with pytest.raises(CameraError, match="expected images of 100x80 pixels, found 160x96"):
        V4l2Source(device, pool, Shrinker, size=(100, 80), input_format="mjpeg")


@pytest.mark.parametrize("device", ["/dev/alprd-camera", "/dev/v4l/by-path/absent", "/dev"])
def test_a_device_that_is_not_there_is_a_camera_error(pool: FramePool, device: str) -> None:
    with pytest.raises(CameraError, match="no camera at"):
        open_source(device, pool)


def test_a_device_that_is_no_camera_is_a_camera_error(pool: FramePool) -> None:
    with pytest.raises(CameraError, match="cannot be opened"):
        open_source("/dev/zero", pool)


@pytest.mark.parametrize(("codec", "pixel_format"), [("mjpeg", "yuvj420p"), ("rawvideo", "nv12")])
def test_the_packet_and_the_decoded_planes_are_overwritten_before_the_frame_is_given(
    tmp_path: Path,
    pool: FramePool,
    codec: str,
    pixel_format: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held: list[NDArray[np.uint8]] = []
    for name in ("wipe_frame", "wipe_packet"):
        real: Callable[[object], None] = getattr(v4l2, name)

        def record(thing: av.VideoFrame | Packet[Stream], wiping: Callable[[object], None] = real) -> None:
            for part in thing.planes if isinstance(thing, av.VideoFrame) else [thing]:
                held.append(memory(part))
                assert held[-1].size
            wiping(thing)

        monkeypatch.setattr(v4l2, name, record)
    device = clip(tmp_path / "a.mkv", codec, pixel_format)
    source = open_source(device, pool, "mjpeg" if codec == "mjpeg" else pixel_format)
    with shown(source) as frame:
        assert frame.main.any()
        assert len(held) == (4 if codec == "mjpeg" else 3)
        for part in held:
            assert not part.any()
    source.close()


def test_a_damaged_image_is_counted_and_the_next_one_given(tmp_path: Path, pool: FramePool) -> None:
    path = Path(clip(tmp_path / "a.mkv", "mjpeg", "yuvj420p"))
    data = bytearray(path.read_bytes())
    starts = [i for i in range(len(data)) if data[i : i + 3] == b"\xff\xd8\xff"]
    assert len(starts) == FRAMES
    scan = data.index(b"\xff\xda", starts[0])
    data[scan + 20 : scan + 200] = bytes(180)
    path.write_bytes(data)
    source = open_source(str(path), pool)
    with shown(source) as frame:
        assert abs(int(frame.main[5, 5]) - 110) <= 2
    assert source.skipped == 1
    assert pool.free == 1
    source.close()


def test_the_drivers_time_is_taken_where_it_is_plausible() -> None:
    now = time.monotonic_ns()
    packet = cast("Packet[VideoStream]", av.Packet(b"image"))
    packet.time_base = Fraction(1, 1_000_000)
    for age_ns, is_taken in ((40_000_000, True), (20_000_000_000, False), (-1_000_000_000, False)):
        packet.pts = (now - age_ns) // 1000
        stamped = v4l2._stamped_at(packet)
        assert (abs(stamped - (now - age_ns)) < 1000) == is_taken
        if not is_taken:
            assert stamped >= now


def test_the_open_file_of_a_device_is_found_through_a_link(tmp_path: Path) -> None:
    target = tmp_path / "video7"
    target.touch()
    link = tmp_path / "alprd-camera"
    link.symlink_to(target)
    assert v4l2._file_of(str(link)) is None
    with target.open() as file:
        assert v4l2._file_of(str(link)) == file.fileno()


def test_no_image_in_time_is_none_and_a_long_silence_a_camera_that_failed(
    tmp_path: Path, pool: FramePool
) -> None:
    source = open_source(clip(tmp_path / "a.mkv", "mjpeg", "yuvj420p"), pool)
    quiet, other = os.pipe()
    source._file = quiet
    assert source.capture(0.01) is None
    source._silence_s = 0.0
    with pytest.raises(CameraError, match="no image for 0 s"):
        source.capture(0.01)
    os.close(other)
    with pytest.raises(CameraError, match="reports an error"):
        source.capture(0.01)
    os.close(quiet)
    source.close()


def test_images_the_cycle_was_too_slow_for_are_overwritten_and_the_newest_is_given(
    tmp_path: Path, pool: FramePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_source(clip(tmp_path / "a.mkv", "mjpeg", "yuvj420p"), pool)
    source._file = -1
    answers = iter([True, True, True, False])
    monkeypatch.setattr(source, "_is_ready", lambda _timeout_s: next(answers))
    wiped: list[int] = []

    def record(packet: Packet[Stream]) -> None:
        wipe_packet(packet)
        wiped.append(int(memory(packet).max()))

    monkeypatch.setattr(v4l2, "wipe_packet", record)
    with shown(source) as frame:
        assert abs(int(frame.main[5, 5]) - 140) <= 2
    assert wiped == [0, 0, 0]
    source.close()


@pytest.mark.device
def test_a_real_camera_gives_frames() -> None:
    pool = FramePool(1, 480, 640)
    source = V4l2Source("/dev/alprd-camera", pool, Shrinker, size=(640, 480), input_format="yuyv422")
    for _ in range(30):
        frame = source.capture(1.0)
        assert frame is not None
        with frame:
            logging.getLogger(__name__).info("life so far %d ns", time.monotonic_ns() - frame.captured_at)
    source.close()


class WatchedContainer:
    """A container that looks, when it is closed, whether anybody still holds a packet or an image."""

    def __init__(self, container: InputContainer) -> None:
        self._container = container
        self.held_at_close: list[object] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._container, name)

    def close(self) -> None:
        gc.collect()
        things = gc.get_objects()
        packets = [thing for thing in things if isinstance(thing, av.Packet)]
        # The decoder keeps an empty frame in store, without a format.
        images = [thing for thing in things if isinstance(thing, av.VideoFrame) and thing.format]
        self.held_at_close = [*packets, *images]
        self._container.close()


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize(("codec", "pixel_format"), [("mjpeg", "yuvj420p"), ("rawvideo", "nv12")])
def test_nothing_of_the_drivers_outlives_the_device(
    tmp_path: Path,
    pool: FramePool,
    codec: str,
    pixel_format: str,
    fails: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """FFmpeg gives a buffer back when its packet is freed, and crashes if the device is gone by then."""
    device = clip(tmp_path / "a.mkv", codec, pixel_format)
    source = open_source(device, pool, "mjpeg" if codec == "mjpeg" else pixel_format)
    watched = WatchedContainer(source._container)
    source._container = watched  # type: ignore[assignment]  # all of a container that the source uses
    with shown(source) as frame:
        assert frame.main.any()
        if fails:
            with pytest.raises(CameraError, match="leased") as caught:
                source.capture(1.0)
            assert caught.value.__traceback__ is not None
    source.close()
    assert watched.held_at_close == []
