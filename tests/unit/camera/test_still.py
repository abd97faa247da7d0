from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from alprd.camera import still
from alprd.camera.frame import FramePool
from alprd.camera.still import UnreadableError, read_still

if TYPE_CHECKING:
    import io
    from pathlib import Path

    from numpy.typing import NDArray

HEIGHT, WIDTH = 90, 140


@pytest.fixture
def pool() -> FramePool:
    return FramePool(1, 150, 150)


def scene() -> Image.Image:
    """Return smooth colours with a bright mark in the upper left, so that turning shows."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    pixels = np.stack([x, y, (x + y) // 2], axis=-1).astype(np.uint8)
    pixels[5:15, 5:25] = 250
    return Image.fromarray(pixels)


def grey(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        image.draft("L", image.size)
        return np.asarray(image.convert("L"))


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("a.jpg", "RGB", {}),
        ("a.jpeg", "L", {}),
        ("a.jpg", "RGB", {"progressive": True}),
        ("a.jpg", "CMYK", {}),
        ("a.png", "RGB", {}),
        ("a.png", "L", {}),
        ("a.png", "P", {}),
        ("a.png", "1", {}),
        ("a.png", "RGBA", {}),
        ("a.bmp", "L", {}),
        ("a.webp", "RGB", {"lossless": True}),
        ("a.tiff", "L", {}),
        ("a.tiff", "L", {"compression": "tiff_lzw"}),
        ("a.pgm", "L", {}),
    ],
)
def test_a_picture_of_each_kind_arrives_as_its_grey(
    tmp_path: Path, pool: FramePool, name: str, mode: str, options: dict[str, bool | str]
) -> None:
    path = tmp_path / name
    scene().convert(mode).save(path, None, **options)
    with read_still(path, pool) as frame:
        assert frame.main.shape == (HEIGHT, WIDTH)
        assert np.array_equal(frame.main, grey(path))
    assert pool.free == 1


def test_a_jpeg_is_decoded_in_the_frame_itself(
    tmp_path: Path, pool: FramePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jpg"
    scene().save(path)
    overwritten: list[Image.Image] = []
    monkeypatch.setattr(still, "_overwrite", overwritten.append)
    with read_still(path, pool) as frame:
        assert frame.main.max() > 200
    assert overwritten == []


def test_what_pillow_held_of_a_turned_colour_picture_is_overwritten(
    tmp_path: Path, pool: FramePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    picture = scene()
    picture.getexif()[0x0112] = 6
    picture.save(path, exif=picture.getexif())
    held: list[Image.Image] = []
    overwrite = still._overwrite

    def record(image: Image.Image) -> None:
        assert any(np.asarray(image).reshape(-1))
        overwrite(image)
        held.append(image)

    monkeypatch.setattr(still, "_overwrite", record)
    with read_still(path, pool):
        pass
    assert [image.im.size for image in held] == [(WIDTH, HEIGHT), (WIDTH, HEIGHT), (HEIGHT, WIDTH)]
    for image in held:
        assert image.im.getbbox() is None


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_picture_stored_turned_arrives_upright(
    tmp_path: Path, pool: FramePool, orientation: int, name: str
) -> None:
    back = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[orientation]
    stored = scene() if back == 1 else scene().transpose(still._TURNED[back])
    exif = stored.getexif()
    exif[0x0112] = orientation
    path = tmp_path / name
    stored.save(path, exif=exif, quality=95)
    with read_still(path, pool) as frame:
        assert frame.main.shape == (HEIGHT, WIDTH)
        upright = np.asarray(scene().convert("L")).astype(int)
        assert np.abs(frame.main.astype(int) - upright).mean() < 3


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.pgm", "a.webp", "a.bmp", "a.tiff"])
@pytest.mark.parametrize("kept", [0, 1, 2, 10, 40, 60, 90])
def test_a_cut_off_picture_is_unreadable_and_leaves_no_lease_out(
    tmp_path: Path, pool: FramePool, name: str, kept: int
) -> None:
    path = tmp_path / name
    scene().convert("L").save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * kept // 100])
    with pytest.raises(UnreadableError):
        read_still(path, pool)
    assert pool.free == 1
    assert not pool._slabs[0].any()


@pytest.mark.parametrize("data", [b"", b"hello", b"P5\n", b"\xff\xd8\xff\xe0", bytes(4000), b"P5 9" * 300])
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.pgm"])
def test_a_file_that_is_no_picture_is_unreadable(
    tmp_path: Path, pool: FramePool, name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableError):
        read_still(path, pool)
    assert pool.free == 1


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.pgm"])
@pytest.mark.parametrize("size", [(151, 10), (10, 151), (9000, 11000)])
def test_a_picture_over_the_largest_frame_is_unreadable(
    tmp_path: Path, pool: FramePool, name: str, size: tuple[int, int]
) -> None:
    path = tmp_path / name
    Image.new("L", size).save(path)
    with pytest.raises(UnreadableError):
        read_still(path, pool)


def test_a_picture_of_the_largest_size_is_read(tmp_path: Path, pool: FramePool) -> None:
    path = tmp_path / "a.pgm"
    Image.new("L", (150, 150), 200).save(path)
    with read_still(path, pool) as frame:
        assert frame.main.min() == 200


@pytest.mark.parametrize(
    "header", [b"P5 4 3 255\n", b"P5\n# a comment\n4\n#another\n3\n255 ", b"P5\t4\r\n3\n255\n"]
)
def test_grey_headers_of_every_shape_are_read(tmp_path: Path, pool: FramePool, header: bytes) -> None:
    path = tmp_path / "a.pgm"
    path.write_bytes(header + bytes(range(12)))
    with read_still(path, pool) as frame:
        assert frame.main.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def test_deep_grey_is_refused_and_not_clipped(tmp_path: Path, pool: FramePool) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.full((10, 10), 40000, np.uint16)).save(path)
    with pytest.raises(UnreadableError, match="8 bits"):
        read_still(path, pool)


def test_no_pixel_of_a_grey_file_is_read_before_the_frame(
    tmp_path: Path, pool: FramePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.pgm"
    path.write_bytes(b"P5 4 3 255\n" + bytes(range(100, 112)))
    seen: list[int] = []
    read_full = still._read_full

    def record(file: io.FileIO, into: NDArray[np.uint8]) -> None:
        seen.append(file.tell())
        read_full(file, into)

    monkeypatch.setattr(still, "_read_full", record)
    with read_still(path, pool) as frame:
        assert frame.main[0, 0] == 100
    assert seen == [len(b"P5 4 3 255\n")]
