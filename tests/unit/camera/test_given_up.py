"""A frame that a source gives up is wiped there and then, whoever still holds it; its scratch is at the end.

A frame that nobody holds is wiped by its own end: these tests hold every frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PIL import Image

from alprd.camera import still, v4l2, video
from alprd.camera.frame import Frame, FramePool
from alprd.camera.planes import memory, take_grey, wipe_packet
from alprd.camera.recorded import RecordedSource
from alprd.camera.still import UnreadableError, read_still
from alprd.camera.v4l2 import V4l2Source
from alprd.errors import CameraError
from alprd.vision.shrink import Shrinker

if TYPE_CHECKING:
    from pathlib import Path

    from av.packet import Packet
    from av.stream import Stream
    from numpy.typing import NDArray

    from alprd.records import MonotonicNs

HEIGHT, WIDTH = 96, 160


class HoldingPool(FramePool):
    """A pool of one lease that holds on to every frame it gave."""

    def __init__(self) -> None:
        super().__init__(1, HEIGHT, WIDTH)
        self.given: list[Frame] = []

    def lease(self, height: int, width: int, captured_at: MonotonicNs | None = None) -> Frame:
        self.given.append(super().lease(height, width, captured_at))
        return self.given[-1]

    def has_forgotten(self) -> bool:
        """Whether it gave one frame, and that one is wiped."""
        return [frame.is_wiped for frame in self.given] == [True] and not self._slabs[0].any()


class StoppedError(BaseException):
    """What comes from outside while a frame is filled."""


def grey_then_stop(image: av.VideoFrame, into: NDArray[np.uint8]) -> None:
    take_grey(image, into)
    assert into.any()
    raise StoppedError


def clip(path: Path) -> str:
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("mjpeg", rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        for level in (80, 120, 160):
            image = av.VideoFrame.from_ndarray(np.full((HEIGHT, WIDTH), level, np.uint8), format="gray")
            container.mux(stream.encode(image.reformat(format="yuvj420p")))
        container.mux(stream.encode())
    return str(path)


def camera(path: Path, pool: FramePool, monkeypatch: pytest.MonkeyPatch) -> V4l2Source:
    monkeypatch.setattr(v4l2, "_open", lambda device, _options: (av.open(device), None))
    return V4l2Source(clip(path), pool, Shrinker, size=(WIDTH, HEIGHT), input_format="mjpeg")


def picture(path: Path) -> Path:
    Image.fromarray(np.full((HEIGHT, WIDTH), 90, np.uint8)).save(path)
    return path


def test_a_grey_file_that_is_cut_off(tmp_path: Path) -> None:
    path, pool = picture(tmp_path / "a.pgm"), HoldingPool()
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UnreadableError, match="bytes of pixels"):
        read_still(path, pool)
    assert pool.has_forgotten()


def test_a_picture_whose_decoding_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, decode = HoldingPool(), still._decode

    def decode_then_stop(image: Image.Image, turn: Any, frame: Frame) -> None:
        decode(image, turn, frame)
        assert frame.main.any()
        raise StoppedError

    monkeypatch.setattr(still, "_decode", decode_then_stop)
    with pytest.raises(StoppedError):
        read_still(picture(tmp_path / "a.jpg"), pool)
    assert pool.has_forgotten()


@pytest.mark.parametrize("error", [StoppedError, ValueError])
def test_a_recorded_picture_of_which_no_small_one_can_be_made(
    tmp_path: Path, error: type[BaseException]
) -> None:
    pool = HoldingPool()

    def fail(_height: int, _width: int) -> Shrinker:
        raise error

    source = RecordedSource(str(picture(tmp_path / "a.pgm")), pool, fail)
    with pytest.raises(StoppedError if error is StoppedError else CameraError):
        source.capture(1.0)
    assert pool.has_forgotten()


def test_an_image_of_a_video_that_is_stopped_while_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = HoldingPool()
    source = RecordedSource(clip(tmp_path / "a.mkv"), pool, Shrinker)
    monkeypatch.setattr(video, "take_grey", grey_then_stop)
    with pytest.raises(StoppedError):
        source.capture(1.0)
    assert pool.has_forgotten()


def test_image_and_packet_of_a_video_are_overwritten_once_they_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = RecordedSource(clip(tmp_path / "a.mkv"), FramePool(1, HEIGHT, WIDTH), Shrinker)
    planes: list[NDArray[np.uint8]] = []

    def take(image: av.VideoFrame, into: NDArray[np.uint8]) -> None:
        planes.extend(memory(plane) for plane in image.planes)
        assert all(plane.any() for plane in planes)
        take_grey(image, into)

    monkeypatch.setattr(video, "take_grey", take)
    frame = source.capture(1.0)
    assert frame is not None
    assert frame.main.any()
    assert len(planes) == 3
    assert not any(plane.any() for plane in planes)
    reader = source._reader
    assert isinstance(reader, video.VideoReader)
    assert reader._packet is not None
    packet = memory(reader._packet)
    assert packet.size > 100
    assert not packet.any()
    frame.wipe()


def test_an_image_of_a_camera_that_is_stopped_while_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = HoldingPool()
    source = camera(tmp_path / "a.mkv", pool, monkeypatch)
    monkeypatch.setattr(v4l2, "take_grey", grey_then_stop)
    with pytest.raises(StoppedError):
        source.capture(1.0)
    assert pool.has_forgotten()
    source.close()


def test_the_image_that_waits_while_a_camera_fails_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = camera(tmp_path / "a.mkv", HoldingPool(), monkeypatch)
    source._file = -1
    answers = iter([True, True])

    def is_ready(_timeout_s: float) -> bool:
        for answer in answers:
            return answer
        raise CameraError("unplugged")

    wiped: list[object] = []

    def record(packet: Packet[Stream]) -> None:
        wipe_packet(packet)
        wiped.append(packet)

    monkeypatch.setattr(source, "_is_ready", is_ready)
    monkeypatch.setattr(v4l2, "wipe_packet", record)
    with pytest.raises(CameraError, match="unplugged"):
        source.capture(1.0)
    assert len(wiped) == 2, "the one that was passed over, and the one in hand"
    wiped.clear()
    source.close()


@pytest.mark.parametrize("kind", ["recorded", "camera"])
def test_the_scratch_of_a_source_is_zero_after_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    pool = FramePool(1, HEIGHT, WIDTH)
    source: RecordedSource | V4l2Source = (
        RecordedSource(str(picture(tmp_path / "a.pgm")), pool, Shrinker)
        if kind == "recorded"
        else camera(tmp_path / "a.mkv", pool, monkeypatch)
    )
    frame = source.capture(1.0)
    assert frame is not None
    frame.wipe()
    shrinker = source._shrinker
    assert isinstance(shrinker, Shrinker)
    arrays = [value for value in vars(shrinker).values() if isinstance(value, np.ndarray)]
    assert arrays
    shrinker.lores[...] = 7
    source.close()
    assert not shrinker.lores.any()
