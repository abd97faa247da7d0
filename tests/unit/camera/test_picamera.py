"""What the Pi camera's shell overwrites, and when, on stand-ins of the library: it imports on a Pi alone.

`tests/contract/test_picamera.py` holds every name used here against the library's own source.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pytest

from alprd.camera.frame import FramePool
from alprd.errors import CameraError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

HEIGHT, WIDTH, FACTOR = 8, 16, 2


class Request:
    """A completed request with two buffers full of pixels; ``broken`` cannot be mapped."""

    def __init__(self, broken: str = "") -> None:
        self.buffers = {"main": np.full(HEIGHT * WIDTH * 3 // 2, 9, np.uint8),
                        "lores": np.full(HEIGHT * WIDTH * 3 // 8, 9, np.uint8)}  # fmt: skip
        self.broken = broken
        self.left_at_release: list[bool] = []

    def get_metadata(self) -> dict[str, int]:
        return {}

    def release(self) -> None:
        self.left_at_release.append(any(buffer.any() for buffer in self.buffers.values()))


class MappedArray:
    """The library's context manager: ``array`` is one of a request's buffers."""

    def __init__(self, request: Request, name: str, *, reshape: bool) -> None:
        assert not reshape
        if name == request.broken:
            raise RuntimeError("no such stream")
        self.array: NDArray[np.uint8] = request.buffers[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Camera:
    """A camera that starts, and has mapped ``memory``."""

    camera_controls: tuple[str, ...] = ("FrameDurationLimits",)

    def __init__(self, memory: dict[int, bytearray]) -> None:
        self.allocator = SimpleNamespace(mapped_buffers=memory)
        self.completed_requests: list[Request] = []
        self.calls: list[str] = []

    def camera_configuration(self) -> dict[str, dict[str, Any]]:
        main = {"size": (WIDTH, HEIGHT), "format": "YUV420", "stride": WIDTH}
        return {
            "main": main,
            "lores": {**main, "size": (WIDTH // FACTOR, HEIGHT // FACTOR), "stride": WIDTH // FACTOR},
        }

    def close(self) -> None:
        self.calls.append("close")
        assert not any(any(memory) for memory in self.allocator.mapped_buffers.values())

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self.calls.append(name)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Return `alprd.camera.picamera`, imported with the stand-ins and forgotten after the test."""
    picamera2, libcamera = ModuleType("picamera2"), ModuleType("libcamera")
    picamera2.MappedArray, picamera2.Picamera2 = MappedArray, None  # type: ignore[attr-defined]
    libcamera.ColorSpace = SimpleNamespace(Sycc=lambda: None)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", picamera2)
    monkeypatch.setitem(sys.modules, "libcamera", libcamera)
    yield importlib.import_module("alprd.camera.picamera")
    del sys.modules["alprd.camera.picamera"]


def opened(shell: ModuleType, camera: Camera) -> Any:
    return shell.PicameraSource(
        FramePool(1, HEIGHT, WIDTH),
        size=(WIDTH, HEIGHT),
        factor=FACTOR,
        fps=10.0,
        open_camera=lambda _number: camera,
    )


def test_a_frame_goes_back_to_the_driver_overwritten(shell: ModuleType) -> None:
    request = Request()
    with opened(shell, Camera({}))._lend(request) as frame:
        assert frame.main.all()
        assert frame.lores.all()
    assert request.left_at_release == [False]


def test_a_frame_of_which_a_stream_cannot_be_mapped_goes_back_overwritten(shell: ModuleType) -> None:
    request = Request(broken="lores")
    request.buffers["lores"].fill(0)
    with pytest.raises(CameraError, match="cannot be mapped"):
        opened(shell, Camera({}))._lend(request)
    assert request.left_at_release == [False]


def test_a_frame_that_nobody_asked_for_is_overwritten_and_one_in_use_is_not(shell: ModuleType) -> None:
    camera = Camera({})
    source = opened(shell, camera)
    wanted, unclaimed = Request(), Request()
    camera.completed_requests.append(unclaimed)
    for request in (wanted, unclaimed):
        source._forget_unclaimed(request)
    assert all(buffer.all() for buffer in wanted.buffers.values())
    assert not any(buffer.any() for buffer in unclaimed.buffers.values())


def test_every_buffer_is_overwritten_before_the_camera_is_let_go(shell: ModuleType) -> None:
    camera = Camera({3: bytearray(b"\x09" * 100), 4: bytearray(b"\x09" * 50)})
    opened(shell, camera).close()
    assert camera.calls[-1] == "close"
