"""What a face has besides its lettering: paper, prints, bolts, stickers, rim and a dealer's frame.

All functions draw into ``face``, a (height, width) float32 picture in grey levels.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
Soft = NDArray[np.float32]
Rows = tuple[int, int]

_DETAILED_SHARE: Final = 0.7
_FRAME_REACHING_SHARE: Final = 0.35
_FRAME_REACH: Final = 0.045
_STICKERS: Final = (
    "JAN",
    "MAR",
    "JUL",
    "OCT",
    "18",
    "09",
    "21",
    "24",
    "DEC 12",
    "6",
    "AUG",
    "26",
    "MAY",
    "3",
)


def paper_of(height: int, width: int, shade: float, rng: np.random.Generator) -> Soft:
    """Return a surface of ``shade`` that changes slowly."""
    rough = rng.normal(0, 1, (int(rng.integers(2, 5)), int(rng.integers(2, 8)))).astype(np.float32)
    amount = rng.uniform(0, 8) if rng.random() < 0.8 else rng.uniform(8, 28)
    surface = cv2.resize(rough, (width, height), interpolation=cv2.INTER_LINEAR) * np.float32(amount)
    return np.asarray(surface + np.float32(shade), dtype=np.float32)


def put_ink(face: Soft, mask: Mask, at: tuple[int, int], ink: float, *, pressed: bool = False) -> None:
    """Blend ``mask`` in shade ``ink`` into ``face`` at (x, y), clipped; ``pressed`` adds relief."""
    x, y = max(0, at[0]), max(0, at[1])
    part = face[y : y + mask.shape[0], x : x + mask.shape[1]]
    cut = mask[: part.shape[0], : part.shape[1]]
    share = cut.astype(np.float32) * np.float32(1 / 255)
    if pressed and cut.shape[0] > 2:
        part[1:] += (share[1:] - share[:-1]) * np.float32(25)
    part += (np.float32(ink) - part) * share


def put_picture(face: Soft, mask: Mask, at: tuple[int, int], shade: float, rng: np.random.Generator) -> None:
    """Blend ``mask`` into ``face`` as a printed picture about ``shade``, shaded and outlined by chance.

    A picture of one flat shade is easily told from a character's stroke; those on real plates are not flat.
    """
    x, y = max(0, at[0]), max(0, at[1])
    part = face[y : y + mask.shape[0], x : x + mask.shape[1]]
    cut = mask[: part.shape[0], : part.shape[1]]
    if part.size == 0:
        return
    share = cut.astype(np.float32) * np.float32(1 / 255)
    print_ = np.full(part.shape, shade, np.float32)
    if rng.random() < _DETAILED_SHARE:
        for cells, depth in ((3, 30.0), (9, 22.0)):
            rough = rng.normal(0, rng.uniform(0, depth), (cells, cells)).astype(np.float32)
            print_ += cv2.resize(rough, part.shape[::-1], interpolation=cv2.INTER_CUBIC)
        if rng.random() < 0.5:
            inner = cv2.erode(cut, np.ones((3, 3), np.uint8), iterations=int(rng.integers(1, 3)))
            rim = share - inner.astype(np.float32) * np.float32(1 / 255)
            print_ += rim * np.float32(rng.uniform(-110, 110))
    part += (np.clip(print_, 5, 250) - part) * share


def print_back(face: Soft, back: str, rng: np.random.Generator) -> None:
    """Print something pale under the serial; ``back`` is one of `models.training.design.BACKS`."""
    height, width = face.shape
    depth = np.float32(rng.uniform(8, 38) * (-1 if face[0, 0] > 128 else 1))
    if back == "fade":
        ramp = np.linspace(1, -1, height, dtype=np.float32)
        face += (ramp if rng.random() < 0.5 else np.abs(ramp))[:, None] * depth
    elif back in {"hills", "waves", "outline"}:
        face += _skyline(height, width, rng, filled=back != "outline") * depth
    elif back == "rays":
        face += _rays(height, width, rng) * (depth * np.float32(0.7))
    elif back == "speckle":
        layer = np.zeros((height, width), np.float32)
        for _ in range(14):
            centre, radius = (int(rng.integers(width)), int(rng.integers(height))), int(rng.integers(4, 26))
            cv2.circle(layer, centre, radius, float(rng.uniform(-1, 1)), -1)
        face += cv2.blur(layer, (5, 5)) * depth


def _skyline(height: int, width: int, rng: np.random.Generator, *, filled: bool) -> Soft:
    x = np.linspace(0, 1, 24)
    line = sum(rng.normal(0, 0.1) * np.sin(x * rng.uniform(3, 22) + rng.uniform(0, 6)) for _ in range(3))
    points = np.stack([x * width, (rng.uniform(0.3, 0.75) + line) * height], axis=1).astype(np.int32)
    layer = np.zeros((height, width), np.float32)
    if filled:
        cv2.fillPoly(layer, [np.vstack([points, [[width, height], [0, height]]]).astype(np.int32)], 1.0)
    else:
        cv2.polylines(layer, [points], isClosed=False, color=1.0, thickness=3)
    return layer


def _rays(height: int, width: int, rng: np.random.Generator) -> Soft:
    centre = (int(width * rng.uniform(0.2, 0.8)), int(height * rng.uniform(0.6, 1.1)))
    layer = np.zeros((height, width), np.float32)
    for turn in np.arange(0, 2 * np.pi, 0.35):
        ends = [
            (centre[0] + int(width * np.cos(turn + s)), centre[1] + int(width * np.sin(turn + s)))
            for s in (0, 0.16)
        ]
        cv2.fillPoly(layer, [np.array([centre, *ends], np.int32)], 1.0)
    return layer


def fasten(face: Soft, ink: float, rng: np.random.Generator) -> None:
    """Add bolts, stickers and a rim in shade ``ink``, each by chance."""
    height, width = face.shape
    if rng.random() < 0.65:
        _bolts(face, rng)
    if rng.random() < 0.45:
        for _ in range(int(rng.integers(1, 3))):
            _sticker(face, rng)
    if rng.random() < 0.4:
        cv2.rectangle(face, (2, 2), (width - 3, height - 3), float(ink), int(rng.integers(1, 3)))


def _bolts(face: Soft, rng: np.random.Generator) -> None:
    height, width = face.shape
    shade, spread = float(rng.uniform(20, 230)), float(rng.uniform(0.16, 0.28))
    for x in (spread, 1 - spread):
        for y in (0.07, 0.93):
            if rng.random() < 0.75:
                centre, radius = (int(x * width), int(y * height)), int(rng.integers(2, 6))
                cv2.circle(face, centre, radius, shade, -1, cv2.LINE_AA)
                if radius > 3:
                    cv2.circle(face, centre, radius - 2, 255 - shade, 1, cv2.LINE_AA)


def _sticker(face: Soft, rng: np.random.Generator) -> None:
    """Put a month's or year's sticker into a corner."""
    height, width = face.shape
    wide, tall = int(height * rng.uniform(0.12, 0.24)), int(height * rng.uniform(0.1, 0.19))
    x = int(rng.choice([0.03, 0.16, 0.72, 0.86]) * width + rng.uniform(-6, 6))
    y = int(rng.choice([0.02, 0.03, 0.8]) * height + rng.uniform(0, 4))
    paper = float(rng.uniform(20, 245))
    cv2.rectangle(face, (x, y), (x + wide, y + tall), paper, -1)
    mask: Mask = np.zeros((tall, wide), np.uint8)
    text = _STICKERS[int(rng.integers(len(_STICKERS)))]
    origin = (1, int(tall * 0.8))
    cv2.putText(mask, text, origin, cv2.FONT_HERSHEY_SIMPLEX, tall / 44, 255, 1, cv2.LINE_AA)
    put_ink(face, mask, (x, y), paper - 120 if paper > 130 else paper + 110)


def put_frame(face: Soft, room: tuple[float, float], rng: np.random.Generator) -> list[Rows]:
    """Draw a dealer's frame round ``room`` (shares of the height); return its rows.

    Some frames hide a sliver of the serial: of an I's foot, of an L's or an E's.
    """
    height, width = face.shape
    covered: list[Rows] = []
    shade = float(rng.choice([18, 30, 60, 190, 225]))
    for above, limit in ((True, room[0]), (False, 1 - room[1])):
        reach = rng.uniform(0, _FRAME_REACH) if rng.random() < _FRAME_REACHING_SHARE else -0.01
        edge = int(height * min(limit + reach, rng.uniform(0.03, 0.22)))
        if edge < 2 or rng.random() < 0.15:
            continue
        rows = (0, edge) if above else (height - edge, height)
        face[rows[0] : rows[1]] = shade
        covered.append(rows)
    side = int(height * rng.uniform(0.015, 0.05))
    face[:, :side] = face[:, width - side :] = shade
    return covered
