"""What covers parts of a plate: mud, snow, bolts, tow bars, cables, stickers, and things in front of it.

A character of which at least 80 % is hidden cannot be read and gets `UNREADABLE`; one of which less
than 35 % is hidden is still read; nothing in between is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alprd.plates.alphabet import UNREADABLE

if TYPE_CHECKING:
    from models.training.faces import Face
    from models.training.surroundings import Surroundings

Grey = NDArray[np.uint8]

HIDDEN: Final = 0.8
STILL_READ: Final = 0.35


def hide_characters(face: Face, surroundings: Surroundings, rng: np.random.Generator) -> tuple[Grey, Grey]:
    """Return ``face``'s picture with one or two characters hidden, and the codes that say so.

    When no cover could be placed within the limits, both come back as they were.
    """
    count = len(face.boxes)
    if count < 2:
        return face.picture, face.codes
    for _ in range(4):
        first = int(rng.integers(count))
        last = min(count - 1, first + (1 if rng.random() < 0.15 else 0))
        if rng.random() < 0.35 and np.all(face.boxes[:, 1] == face.boxes[0, 1]):
            first = last = 0 if rng.random() < 0.4 else count - 1
            cover = _cut_off(face, at_end=first > 0, rng=rng)
            paint = surroundings(face.picture.shape[0], face.picture.shape[1], rng)
        else:
            cover = _blob_over(face, first, last, rng)
            paint = _paint(face.picture, rng)
        shares = _covered(face, cover)
        if (
            shares[first : last + 1].min() >= HIDDEN
            and np.delete(shares, range(first, last + 1)).max(initial=0) < STILL_READ
        ):
            codes = face.codes.copy()
            codes[first : last + 1] = UNREADABLE
            return _covering(face.picture, cover, paint), codes
    return face.picture, face.codes


def soil(face: Face, rng: np.random.Generator) -> Grey:
    """Return ``face``'s picture with small blobs, streaks or a cable that leave every character readable."""
    picture = face.picture
    for _ in range(int(rng.integers(1, 4))):
        cover = np.zeros(picture.shape, np.uint8)
        height, width = picture.shape
        kind = rng.random()
        if kind < 0.5:
            centre = (int(rng.integers(width)), int(rng.integers(height)))
            radius = int(height * rng.uniform(0.02, 0.14))
            _blob(cover, centre, (radius, int(radius * rng.uniform(0.6, 1.4))), rng)
        elif kind < 0.75:
            ends = (int(rng.integers(width)), 0), (int(rng.integers(width)), height)
            cv2.line(cover, ends[0], ends[1], 255, int(rng.integers(1, max(2, height // 22))), cv2.LINE_AA)
        else:
            for _speck in range(int(rng.integers(5, 30))):
                centre = (int(rng.integers(width)), int(height * rng.beta(2, 1)))
                cv2.circle(cover, centre, int(rng.integers(1, 4)), 255, -1, cv2.LINE_AA)
        if _covered(face, cover).max(initial=0) < STILL_READ * 0.8:
            picture = _covering(picture, cover, _paint(picture, rng))
    return picture


def _covered(face: Face, cover: Grey) -> NDArray[np.float64]:
    """Return which share of each character's box ``cover`` hides."""
    return np.array(
        [float(cover[y1:y2, x1:x2].mean()) / 255 if x2 > x1 else 0.0 for x1, y1, x2, y2 in face.boxes]
    )


def _blob_over(face: Face, first: int, last: int, rng: np.random.Generator) -> Grey:
    cover: Grey = np.zeros(face.picture.shape, np.uint8)
    x1, y1 = face.boxes[first, :2]
    x2, y2 = face.boxes[last, 2:]
    centre = (int((x1 + x2) / 2), int((y1 + y2) / 2))
    half = (int((x2 - x1) / 2 * rng.uniform(1.0, 1.25)) + 2, int((y2 - y1) / 2 * rng.uniform(1.0, 1.4)) + 2)
    if rng.random() < 0.4:
        cv2.rectangle(
            cover,
            (centre[0] - half[0], centre[1] - half[1]),
            (centre[0] + half[0], centre[1] + half[1]),
            255,
            -1,
        )
    else:
        _blob(cover, centre, (int(half[0] * 1.12), int(half[1] * 1.15)), rng)
    return cover


def _blob(cover: Grey, centre: tuple[int, int], half: tuple[int, int], rng: np.random.Generator) -> None:
    angles = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    radii = rng.uniform(0.9, 1.15, 14)
    points = np.stack(
        [centre[0] + half[0] * radii * np.cos(angles), centre[1] + half[1] * radii * np.sin(angles)], 1
    )
    cv2.fillPoly(cover, [points.astype(np.int32)], 255, lineType=cv2.LINE_AA)


def _cut_off(face: Face, *, at_end: bool, rng: np.random.Generator) -> Grey:
    """Return a cover from mid-character to the plate's end."""
    cover: Grey = np.zeros(face.picture.shape, np.uint8)
    x1, _y1, x2, _y2 = face.boxes[-1 if at_end else 0]
    left = rng.uniform(0.1, 0.19) * (x2 - x1)
    if at_end:
        cover[:, int(x1 + left) :] = 255
    else:
        cover[:, : int(x2 - left) + 1] = 255
    return cover


def _paint(picture: Grey, rng: np.random.Generator) -> Grey:
    """Return a rough surface of one shade, unlike the paper: what is hidden must be seen to be hidden."""
    shape, paper = picture.shape, float(np.median(picture))
    shade = float(rng.uniform(20, 240))
    if abs(shade - paper) < 55:
        shade = paper + 75 if paper < 128 else paper - 75
    rough = rng.normal(
        rng.uniform(20, 240), rng.uniform(2, 20), (max(2, shape[0] // 6), max(2, shape[1] // 6))
    )
    surface = cv2.resize(rough.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.clip(surface, 0, 255).astype(np.uint8)


def _covering(picture: Grey, cover: Grey, paint: Grey) -> Grey:
    share = cv2.blur(cover, (3, 3)).astype(np.float32) / 255
    soft = picture.astype(np.float32)
    return np.asarray(soft + (paint - soft) * share, dtype=np.uint8)
