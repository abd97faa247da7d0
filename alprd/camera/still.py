"""One still picture, decoded into the leased frame.

A grey file (`.pgm`) is read straight into the frame. A JPEG or grey PNG is decoded straight into it
too: Pillow is given the frame's memory as the picture's own. Colour pictures other than JPEG, and
pictures stored turned, pass through memory of Pillow's, which is overwritten before it is freed.
What stays out of reach: the compressed bytes on their way from the file, and the row buffers (for a
progressive JPEG the coefficients of the whole picture) that the decoding libraries free unwiped;
`alprd.memory.harden_process` has the C library overwrite those.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final, cast

from PIL import ExifTags, Image

if TYPE_CHECKING:
    import io
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from alprd.camera.frame import Frame, FramePool

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".pgm", ".bmp", ".webp", ".tif", ".tiff"})

_FORMATS: Final = ("JPEG", "PNG", "PPM", "BMP", "WEBP", "TIFF")
# Formats that Pillow decodes into the memory that the picture has, where it has some.
_DECODED_IN_PLACE: Final = frozenset({"JPEG", "PNG", "BMP", "PPM"})
_PGM_HEADER_MAX: Final = 512
_DEEP_MODES: Final = frozenset({"I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
_TURNED: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises on pictures that are damaged; it has no error of its own.
_PILLOW_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class UnreadableError(Exception):
    """This picture or video frame cannot be shown; the message says why. The source goes on."""


def read_still(path: Path, pool: FramePool) -> Frame:
    """Return the picture at ``path`` as a leased grey frame, upright, without its small picture.

    `captured_at` is before decoding. Raises `UnreadableError` where the file is no picture, is
    damaged or larger than the pool's frames; `CameraError` where no frame is free.
    """
    if path.suffix.lower() == ".pgm":
        frame = _read_pgm(path, pool)
        if frame is not None:
            return frame
    try:
        return _read_pillow(path, pool)
    except _PILLOW_ERRORS as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from None


def _checked_lease(pool: FramePool, height: int, width: int) -> Frame:
    if not pool.fits(height, width):
        raise UnreadableError(
            f"{width}x{height} pixels are over the largest frame, {pool.max_width}x{pool.max_height}"
        )
    return pool.lease(height, width)


def _read_pgm(path: Path, pool: FramePool) -> Frame | None:
    """Read an 8-bit binary grey file without any decoder; None where it is another kind of PGM."""
    try:
        with path.open("rb", buffering=0) as file:
            size = _pgm_size(file)
            if size is None:
                return None
            frame = _checked_lease(pool, *size)
            try:
                _read_full(file, frame.main)
            except BaseException:
                frame.wipe()
                raise
            return frame
    except OSError as error:
        raise UnreadableError(f"{type(error).__name__}: {error.strerror}") from None


def _pgm_size(file: io.FileIO) -> tuple[int, int] | None:
    """Read the header of ``file`` and return (height, width), or None where it is no 8-bit P5.

    Byte by byte, so that no pixel is read into an object of Python's.
    """
    words: list[bytes] = []
    word = b""
    is_comment = False
    for _ in range(_PGM_HEADER_MAX):
        byte = file.read(1)
        if is_comment:
            is_comment = byte != b"\n"
        elif byte == b"#":
            is_comment = True
        elif byte.isspace():
            words += [word] if word else []
            word = b""
            if len(words) == len(("P5", "width", "height", "largest")):
                break
        else:
            word += byte
    match words:
        case [b"P5", width, height, b"255"] if width.isdigit() and height.isdigit():
            return int(height), int(width)
        case _:
            return None


def _read_full(file: io.FileIO, into: NDArray[np.uint8]) -> None:
    rest = into.reshape(-1)
    while rest.size:
        count = file.readinto(cast("memoryview", rest))
        if not count:
            raise UnreadableError(f"expected {into.size} bytes of pixels, found {into.size - rest.size}")
        rest = rest[count:]


def _read_pillow(path: Path, pool: FramePool) -> Frame:
    # Given a path, Pillow would map an uncompressed file read-only, which cannot be overwritten.
    with path.open("rb") as file, Image.open(file, formats=_FORMATS) as image:
        turn = _TURNED.get(_orientation(image))
        width, height = image.size
        if turn in _SWAPS_SIDES:
            width, height = height, width
        if image.mode in _DEEP_MODES:
            raise UnreadableError("expected 8 bits a channel, found a deeper picture")
        frame = _checked_lease(pool, height, width)
        try:
            _decode(image, turn, frame)
        except BaseException:
            frame.wipe()
            raise
        return frame


def _orientation(image: Image.Image) -> int:
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # asking further would decode the picture, in search of a note at its end
    return int(image.getexif().get(ExifTags.Base.Orientation, 1))


_SWAPS_SIDES: Final = frozenset(_TURNED[orientation] for orientation in (5, 6, 7, 8))


def _decode(image: Image.Image, turn: Image.Transpose | None, frame: Frame) -> None:
    height, width = frame.main.shape
    # Writing to this image writes to the frame: it has no memory of its own.
    target = Image.frombuffer("L", (width, height), frame.main.reshape(-1), "raw", "L", 0, 1)
    image.draft("L", image.size)
    if image.mode == "L" and turn is None and image.format in _DECODED_IN_PLACE:
        image.im = target.im
        image.load()
        if image.im is target.im:
            return
    owned = [image]
    try:
        image.load()
        if image.mode != "L":
            owned.append(owned[-1].convert("L"))
        if turn is not None:
            owned.append(owned[-1].transpose(turn))
        target.im.paste(owned[-1].im, (0, 0, width, height))
    finally:
        for one in owned:
            _overwrite(one)


def _overwrite(image: Image.Image) -> None:
    """Zero the memory that Pillow holds of ``image``."""
    if getattr(image, "_im", None) is not None:
        image.readonly = 0
        image.im.paste(0, (0, 0, *image.im.size))
