from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from alprd.camera.planes import is_grey_readable, memory, take_grey, wipe_frame
from alprd.errors import CameraError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FULL_RANGE = ("gray", "yuvj420p", "yuvj422p", "yuvj444p")
FORMATS = (*FULL_RANGE, "yuv420p", "yuv422p", "yuv444p", "nv12", "nv21", "yuyv422", "yvyu422", "uyvy422")


def picture(width: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(width)
    return np.kron(rng.integers(20, 230, (9, width // 2), np.uint8), np.ones((4, 2), np.uint8))


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("width", [32, 70, 130])
def test_the_brightness_of_each_format_arrives_past_the_padding(pixel_format: str, width: int) -> None:
    grey = picture(width)
    frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format=pixel_format)
    out = np.zeros(grey.shape, np.uint8)
    take_grey(frame, out)
    assert is_grey_readable(pixel_format)
    expected = grey if pixel_format in FULL_RANGE else 16 + grey.astype(float) * 219 / 255
    assert np.abs(out.astype(float) - expected).max() <= 1.5


@pytest.mark.parametrize("pixel_format", ["rgb24", "bgr0", "yuv420p10le", "gray16le", "pal8", "monow"])
def test_a_format_without_a_readable_brightness_is_refused_by_name(pixel_format: str) -> None:
    frame = av.VideoFrame(32, 16, pixel_format)
    assert not is_grey_readable(pixel_format)
    with pytest.raises(CameraError, match=pixel_format):
        take_grey(frame, np.zeros((16, 32), np.uint8))


def test_another_size_than_the_leased_frame_is_refused() -> None:
    with pytest.raises(CameraError, match="32x16"):
        take_grey(av.VideoFrame(30, 16, "gray"), np.zeros((16, 32), np.uint8))


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_every_plane_of_a_decoded_frame_is_overwritten(pixel_format: str) -> None:
    frame = av.VideoFrame.from_ndarray(picture(70), format="gray").reformat(format=pixel_format)
    assert memory(frame.planes[0]).any()
    wipe_frame(frame)
    for plane in frame.planes:
        assert not memory(plane).any()
