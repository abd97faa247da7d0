"""What the cycle relies on, asked of every source that runs without a device."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, TypedDict

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PIL import Image

from alprd.camera.frame import FramePool
from alprd.camera.recorded import RecordedSource
from alprd.camera.source import EndOfSource
from alprd.errors import CameraError
from alprd.vision.shrink import Shrinker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Unpack

    from numpy.typing import NDArray

    from alprd.camera.frame import Frame
    from alprd.camera.source import FrameSource
    from alprd.records import MonotonicNs

HEIGHT, WIDTH, FRAMES = 90, 700, 4


@pytest.fixture
def pool() -> FramePool:
    return FramePool(1, 120, 800)


def scene(number: int) -> NDArray[np.uint8]:
    grey = np.full((HEIGHT, WIDTH), 60 + 20 * number, np.uint8)
    grey[20:60, 300:400] = 230
    return grey


def write_clip(path: Path, codec: str, pixel_format: str, muxer: str) -> Path:
    with av.open(str(path), "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixel_format
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(scene(number), format="gray").reformat(format=pixel_format)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def write_stills(folder: Path, suffix: str) -> Path:
    folder.mkdir()
    for number in range(FRAMES):
        Image.fromarray(scene(number)).save(folder / f"{number:03}{suffix}")
    return folder


RECORDINGS: dict[str, Callable[[Path], Path]] = {
    "jpeg folder": lambda tmp: write_stills(tmp / "stills", ".jpg"),
    "grey folder": lambda tmp: write_stills(tmp / "stills", ".pgm"),
    "png folder": lambda tmp: write_stills(tmp / "stills", ".png"),
    "mjpeg avi": lambda tmp: write_clip(tmp / "a.avi", "mjpeg", "yuvj420p", "avi"),
    "bare mjpeg": lambda tmp: write_clip(tmp / "a.mjpeg", "mjpeg", "yuvj422p", "mjpeg"),
    "h264 mkv": lambda tmp: write_clip(tmp / "a.mkv", "libx264", "yuv420p", "matroska"),
    "h264 mp4": lambda tmp: write_clip(tmp / "a.mp4", "libx264", "yuv420p", "mp4"),
    "raw yuyv avi": lambda tmp: write_clip(tmp / "a.avi", "rawvideo", "yuyv422", "avi"),
}


@pytest.fixture(params=sorted(RECORDINGS))
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return RECORDINGS[request.param](tmp_path)


class Options(TypedDict, total=False):
    """What a recording may be opened with, by name."""

    loop: bool
    fps: float | None
    stall_s: float


def open_source(path: Path | str, pool: FramePool, **options: Unpack[Options]) -> RecordedSource:
    return RecordedSource(str(path), pool, Shrinker, **options)


def shown(source: FrameSource) -> Frame:
    """Return the next frame of ``source``, which a recording always has in time."""
    frame = source.capture(5.0)
    assert frame is not None
    return frame


def levels(source: FrameSource) -> list[int]:
    """Capture to the end; return each frame's level, corrected for video's limited range."""
    found: list[int] = []
    while True:
        try:
            frame = source.capture(5.0)
        except EndOfSource:
            return found
        assert frame is not None
        with frame:
            raw, mark = int(frame.main[5, 5]), int(frame.main[40, 350])
            found.append(raw if mark > 224 else round((raw - 16) * 255 / 219))


def test_every_frame_comes_once_and_in_order(recording: Path, pool: FramePool) -> None:
    source = open_source(recording, pool)
    found = levels(source)
    source.close()
    assert len(found) == FRAMES
    for number, level in enumerate(found):
        assert abs(level - (60 + 20 * number)) <= 3
    assert source.skipped == 0
    assert source.description.isprintable()


def test_a_frame_carries_main_and_its_small_picture(recording: Path, pool: FramePool) -> None:
    source = open_source(recording, pool)
    before = time.monotonic_ns()
    with shown(source) as frame:
        assert frame.main.shape == (HEIGHT, WIDTH)
        assert frame.main.dtype == np.uint8
        shrinker = Shrinker(HEIGHT, WIDTH)
        assert frame.factor == shrinker.k > 1
        assert np.array_equal(frame.lores, shrinker.shrink(frame.main))
        assert before <= frame.captured_at <= time.monotonic_ns()
    assert not pool._slabs[0].any()
    source.close()


def test_the_end_is_said_again_when_asked_again(recording: Path, pool: FramePool) -> None:
    source = open_source(recording, pool)
    levels(source)
    for _ in range(2):
        with pytest.raises(EndOfSource):
            source.capture(1.0)
    source.close()
    source.close()


def test_a_looped_recording_starts_over(recording: Path, pool: FramePool) -> None:
    source = open_source(recording, pool, loop=True)
    numbers: list[int] = []
    for _ in range(2 * FRAMES + 1):
        with shown(source) as frame:
            numbers.append(frame.number)
            first = int(frame.main[5, 5])
    assert numbers == list(range(1, 2 * FRAMES + 2))
    assert abs(first - 60) <= 8
    source.close()


def test_a_frame_that_is_not_due_is_not_given_and_none_is_dropped(recording: Path, pool: FramePool) -> None:
    source = open_source(recording, pool, fps=20.0)
    captured: list[MonotonicNs] = []
    empty = 0
    while len(captured) < FRAMES:
        frame = source.capture(0.005)
        if frame is None:
            empty += 1
            continue
        with frame:
            captured.append(frame.captured_at)
    assert empty >= FRAMES - 1
    assert captured[-1] - captured[0] >= (FRAMES - 1) * 45_000_000
    source.close()


def test_a_source_refuses_while_the_only_frame_is_leased(recording: Path, pool: FramePool) -> None:
    source = open_source(recording, pool)
    with shown(source), pytest.raises(CameraError, match="leased"):
        source.capture(5.0)
    source.close()


@pytest.mark.parametrize("muxer", ["avi", "mjpeg", "matroska", "mpegts"])
def test_a_video_comes_through_a_fifo(tmp_path: Path, pool: FramePool, muxer: str) -> None:
    codec, pixel_format = ("libx264", "yuv420p") if muxer == "mpegts" else ("mjpeg", "yuvj420p")
    clip = write_clip(tmp_path / "clip", codec, pixel_format, muxer)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_bytes(clip.read_bytes()))
    writer.start()
    source = open_source(fifo, pool)
    found = levels(source)
    writer.join()
    source.close()
    assert len(found) == FRAMES


def test_a_video_comes_through_stdin(
    tmp_path: Path, pool: FramePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_clip(tmp_path / "a.mkv", "mjpeg", "yuvj420p", "matroska")
    with clip.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        source = open_source("-", pool)
        assert len(levels(source)) == FRAMES
        assert "stdin" in source.description
        source.close()


def test_a_writer_that_stalls_is_a_camera_that_failed(tmp_path: Path, pool: FramePool) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(CameraError, match=r"paused for more than 0\.1 s"):
        open_source(fifo, pool, stall_s=0.1)


def test_damaged_stills_are_skipped_counted_and_named_once(
    tmp_path: Path, pool: FramePool, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_stills(tmp_path / "stills", ".jpg")
    (folder / "000a.jpg").write_bytes(b"no picture")
    (folder / "001a.png").write_bytes((folder / "001.jpg").read_bytes()[:700])
    Image.new("L", (801, 10)).save(folder / "002a.pgm")
    Image.new("L", (800, 1)).save(folder / "002b.pgm")
    (folder / "notes.txt").write_text("not a picture at all")
    source = open_source(folder, pool, loop=True)
    with caplog.at_level(logging.WARNING):
        for _ in range(2 * FRAMES):
            with shown(source) as frame:
                assert frame.main.shape == (HEIGHT, WIDTH)
    assert source.skipped == 8
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 4
    for name in ("000a.jpg", "001a.png", "002a.pgm", "002b.pgm"):
        assert sum(name in line for line in said) == 1
    assert pool.free == 1
    source.close()


@pytest.mark.parametrize("loop", [False, True])
def test_a_folder_of_damaged_stills_alone_is_a_failed_camera(
    tmp_path: Path,
    pool: FramePool,
    loop: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(b"no picture")
    source = open_source(tmp_path, pool, loop=loop)
    with pytest.raises(CameraError, match="nothing in it can be shown, 3 skipped"):
        source.capture(5.0)


def test_a_time_out_is_kept_while_only_damaged_stills_come(tmp_path: Path, pool: FramePool) -> None:
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(b"no picture")
    source = open_source(tmp_path, pool)
    assert source.capture(0.0) is None
    assert source.skipped == 1


@pytest.mark.parametrize("kind", ["mjpeg avi", "bare mjpeg"])
def test_a_damaged_image_of_a_video_is_skipped_and_the_rest_shown(
    tmp_path: Path, pool: FramePool, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    clip = RECORDINGS[kind](tmp_path)
    data = bytearray(clip.read_bytes())
    starts = [i for i in range(len(data)) if data[i : i + 3] == b"\xff\xd8\xff"]
    middle = (starts[1] + starts[2]) // 2
    data[middle : middle + 300] = bytes(300)
    clip.write_bytes(data)
    source = open_source(clip, pool)
    with caplog.at_level(logging.WARNING):
        assert len(levels(source)) == FRAMES - 1
    assert source.skipped == 1
    assert "damaged" in caplog.text
    source.close()


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("mjpeg avi", 75),
        ("bare mjpeg", 40),
        ("bare mjpeg", 75),
        ("raw yuyv avi", 40),
        ("raw yuyv avi", 75),
        ("h264 mkv", 97),
    ],
)
def test_a_video_cut_off_shows_what_is_whole_and_ends(
    tmp_path: Path, pool: FramePool, kind: str, kept: int
) -> None:
    clip = RECORDINGS[kind](tmp_path)
    whole = clip.read_bytes()
    clip.write_bytes(whole[: len(whole) * kept // 100])
    source = open_source(clip, pool)
    found = levels(source)
    assert 1 <= len(found) < FRAMES
    assert found == sorted(found)
    for level in found:
        assert min(abs(level - (60 + 20 * number)) for number in range(FRAMES)) <= 3
    assert pool.free == 1
    source.close()


def test_a_video_over_the_largest_frame_is_skipped_and_then_said_to_show_nothing(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.avi", "mjpeg", "yuvj420p", "avi")
    source = open_source(clip, FramePool(1, 50, 800))
    with pytest.raises(CameraError, match=f"{FRAMES} skipped"):
        source.capture(5.0)
    source.close()


def test_what_is_not_there_or_no_recording_is_a_camera_error(tmp_path: Path, pool: FramePool) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.mkv").write_text("hello " * 500)
    (tmp_path / "no.mp4").write_bytes(b"")
    with av.open(str(tmp_path / "sound.wav"), "w") as container:
        container.add_stream("pcm_s16le", rate=8000)
    for name in ("absent", "empty", "text.mkv", "no.mp4", "sound.wav"):
        with pytest.raises(CameraError):
            open_source(tmp_path / name, pool)


def test_a_video_in_colours_without_a_brightness_is_refused_by_name(tmp_path: Path, pool: FramePool) -> None:
    source = open_source(write_clip(tmp_path / "a.avi", "rawvideo", "bgr24", "avi"), pool)
    with pytest.raises(CameraError, match="bgr24"):
        source.capture(5.0)
    assert pool.free == 1


def test_a_pace_is_over_zero(tmp_path: Path, pool: FramePool) -> None:
    with pytest.raises(ValueError, match="over 0"):
        open_source(tmp_path, pool, fps=0.0)
