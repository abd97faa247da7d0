"""What the witness looks for: every form in which a plate or a pixel row could be left behind. Pure.

The forms are those of `alprd/docs/formats/witness.md`.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.plates.normal import encode, pack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

ROW_BYTES: Final = 48
"""Length of the piece of a pixel row that is looked for; chance alone does not make it."""
LEAST_BYTES: Final = 4
FACTORS: Final = (1, 2, 3, 4)
_SHARES: Final = (0.2, 0.4, 0.6, 0.8)
_LEAST_VALUES: Final = 8
_FLOATS: Final = 24
_ENCODINGS: Final = ("ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


def of_plate(text: str) -> dict[str, bytes]:
    """Return the forms of a plate ``text`` (its normal form, else `ValueError`), each under its name."""
    codes = encode(text)[: len(text)]
    key = np.uint64(pack(text)).tobytes()
    forms = {f"{text} {coding}": text.encode(coding) for coding in _ENCODINGS}
    forms |= {f"{text} base64+{place}": form for place, form in enumerate(_base64_forms(text.encode()))}
    forms[f"{text} codes"] = codes.tobytes()
    forms[f"{text} wide codes"] = codes.astype(np.int64).tobytes()
    forms[f"{text} key"] = key
    forms[f"{text} key base64"] = base64.b64encode(key).rstrip(b"=")[:-1]
    return {name: form for name, form in forms.items() if len(form) >= LEAST_BYTES}


def of_picture(name: str, picture: NDArray[np.uint8]) -> dict[str, bytes]:
    """Return the forms of pixel rows of ``picture`` (H, W), each under a name that begins with ``name``.

    A row without detail has none: it could stand anywhere by chance.
    """
    forms: dict[str, bytes] = {}
    for factor in FACTORS:
        small = box_mean(picture, factor)
        for share in _SHARES:
            row = small[int(small.shape[0] * share)]
            if row.size < ROW_BYTES:
                continue
            start = _busiest(row)
            piece = row[start : start + ROW_BYTES]
            if len(np.unique(piece)) >= _LEAST_VALUES:
                forms |= {f"{name} 1/{factor} row {share:g} {form}": data for form, data in _row_forms(piece)}
    return forms


def box_mean(picture: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return the mean of each ``factor`` x ``factor`` box of ``picture`` (H, W), halves rounded up."""
    if factor == 1:
        return picture
    height, width = (size // factor for size in picture.shape)
    boxes = picture[: height * factor, : width * factor].reshape(height, factor, width, factor)
    sums = boxes.sum(axis=(1, 3), dtype=np.uint32) + factor * factor // 2
    small: NDArray[np.uint8] = (sums // (factor * factor)).astype(np.uint8)
    return small


def _row_forms(piece: NDArray[np.uint8]) -> Iterator[tuple[str, bytes]]:
    yield "u8", piece.tobytes()
    yield "int8", (piece ^ 0x80).tobytes()
    real = piece[:_FLOATS].astype(np.float32)
    yield "float", real.tobytes()
    yield "float 0..1", (real / np.float32(255)).tobytes()
    yield "float -1..1", (real / np.float32(127.5) - np.float32(1)).tobytes()


def _base64_forms(text: bytes) -> Iterator[bytes]:
    """Yield what ``text`` looks like inside base64, wherever in a group of three it starts."""
    for lead in range(3):
        coded = base64.b64encode(b"\0" * lead + text)
        # Only the characters that nothing but the text decides.
        first, last = -(-lead * 8 // 6), (lead + len(text)) * 8 // 6
        yield coded[first:last]


def _busiest(row: NDArray[np.uint8]) -> int:
    """Return where ``row`` has most detail: a piece of plain sky could stand in memory by chance."""
    detail = np.abs(np.diff(row.astype(np.int16)))
    return int(np.convolve(detail, np.ones(ROW_BYTES - 1), "valid").argmax())
