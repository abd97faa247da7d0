"""Rendered plates as a road camera sees them, with their text, place and corners.

A face (see `models.training.faces`) is set into surroundings in perspective at the size it would have
in a picture, soiled, degraded, and cut out again by its corners or by its upright box.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from alprd.plates.alphabet import MAX_CHARACTERS
from models.training.blemishes import hide_characters, soil
from models.training.designs import NO_PLATES
from models.training.faces import NOT_LEARNT, Face, FaceMaker
from models.training.scene import box_corners, cut_out, degrade
from models.training.serials import draw_serial
from models.training.surroundings import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

Grey = NDArray[np.uint8]

CROP_WIDTH: Final = 192
CROP_HEIGHT: Final = 80
CROP_SIZE: Final = (CROP_HEIGHT, CROP_WIDTH)
CROP_MARGIN: Final = (0.15, 0.30)
"""Shares of the plate's width and height on each side of it."""

NOTHING_SHARE: Final = 0.025
LETTERING_SHARE: Final = 0.03
HIDDEN_SHARE: Final = 0.03
_POOL: Final = 256


class Sample(NamedTuple):
    """One crop for the reader with what it should answer."""

    crop: Grey
    """(CROP_HEIGHT, CROP_WIDTH)."""
    codes: Grey
    """(MAX_CHARACTERS,): codes of `alprd.plates.alphabet`, `UNREADABLE` among them, 0 behind the last."""
    place: int
    """Jurisdiction, 0 for elsewhere, `NOT_LEARNT` where the plate does not tell."""


class PlateRenderer:
    """Draws plates; one renderer holds its lettering and backgrounds, each call its randomness.

    ``fonts`` is the folder given to `models.training.lettering.font_files`; ``backgrounds`` are grey
    pictures of at least 64 by 64 px that plates are set into.
    """

    def __init__(self, fonts: Path, backgrounds: list[Grey]) -> None:
        self._maker = FaceMaker(fonts)
        self._surroundings = Surroundings(backgrounds)
        self._pool: list[Face] = []
        self._pool_of: np.random.Generator | None = None

    def sample(self, rng: np.random.Generator) -> Sample:
        """Return one crop; a face is seen about twice, in different light and perspective."""
        kind = rng.random()
        if kind < NOTHING_SHARE:
            return Sample(self._nothing(rng), np.zeros(MAX_CHARACTERS, np.uint8), NOT_LEARNT)
        if kind < NOTHING_SHARE + LETTERING_SHARE:
            return Sample(self._lettering(rng), np.zeros(MAX_CHARACTERS, np.uint8), NOT_LEARNT)
        face = self._next_face(rng)
        return self.seen(face, rng)

    def face(self, family: str, serial: str, rng: np.random.Generator) -> Grey:
        """Return the flat face of a plate, 60 to 160 px tall; arguments as `draw_serial` gives them."""
        return self._maker.face(family, serial, rng).picture

    def whole_face(self, family: str, serial: str, rng: np.random.Generator) -> Face:
        """Return the flat face of a plate with what is to be read of it."""
        return self._maker.face(family, serial, rng)

    def _next_face(self, rng: np.random.Generator) -> Face:
        if self._pool_of is not rng:  # faces kept for another sequence would make this one depend on it
            self._pool, self._pool_of = [], rng
        if len(self._pool) > 64 and rng.random() < 0.5:
            return self._pool.pop(int(rng.integers(len(self._pool))))
        face = self._maker.face(*draw_serial(rng), rng)
        if len(self._pool) < _POOL:
            self._pool.append(face)
        return face

    def seen(self, face: Face, rng: np.random.Generator) -> Sample:
        """Set ``face`` into a scene, degrade the scene, and cut the plate out of it."""
        picture, codes = face.picture, face.codes
        if rng.random() < HIDDEN_SHARE / (1 - NOTHING_SHARE - LETTERING_SHARE):
            picture, codes = hide_characters(face, self._surroundings, rng)
        elif rng.random() < 0.16:
            picture = soil(face, rng)
        plate_px = _plate_width(rng)
        tall_px = plate_px * picture.shape[0] / picture.shape[1] * rng.uniform(0.94, 1.08)
        quad = _quad(plate_px, tall_px, rng)
        margin = np.array([plate_px * 0.24 + 4, tall_px * 0.45 + 4], np.float32)
        quad += margin - quad.min(axis=0)
        width, height = (int(edge) for edge in quad.max(axis=0) + margin)
        scene = self._surroundings(height, width, rng)
        if rng.random() < 0.75:
            picture = _round_corners(
                picture, float(scene[int(quad[0, 1]), int(max(0.0, quad[0, 0] - 3))]), rng
            )
        if rng.random() < 0.3:  # a holder that is larger than the plate
            wider = (quad - quad.mean(axis=0)) * (1 + rng.uniform(0.01, 0.12, 2)) + quad.mean(axis=0)
            cv2.fillPoly(scene, [np.round(wider).astype(np.int32)], float(rng.choice([12, 25, 50, 170, 230])))
        shrink = picture.shape[1] / plate_px
        if shrink > 1.0:
            picture = cv2.GaussianBlur(picture, (0, 0), 0.42 * shrink).astype(np.uint8)
        edges = np.array(
            [[0, 0], [picture.shape[1], 0], [picture.shape[1], picture.shape[0]], [0, picture.shape[0]]],
            np.float32,
        )
        # Pixel centres lie half a pixel inside the edges.
        matrix = cv2.getPerspectiveTransform(edges - 0.5, quad - 0.5)
        cv2.warpPerspective(
            picture,
            matrix,
            (width, height),
            dst=scene,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_TRANSPARENT,
        )
        scene = degrade(scene, plate_px, rng)
        return Sample(
            cut_out(scene, _corners(quad, rng), size=CROP_SIZE, margins=CROP_MARGIN), codes, face.place
        )

    def _nothing(self, rng: np.random.Generator) -> Grey:
        """Return a crop with no plate on it."""
        scene = degrade(self._surroundings(90, 180, rng), 100.0, rng)
        return _whole(scene, rng)

    def _lettering(self, rng: np.random.Generator) -> Grey:
        """Return a crop with lettering that is no plate: names, signs, telephone numbers."""
        scene = self._surroundings(100, 220, rng)
        style = ("sans", "narrow", "serif", "slab", "script", "wide")[int(rng.integers(6))]
        shade = 235.0 if float(scene.mean()) < 128 else 25.0
        words = [NO_PLATES[int(rng.integers(len(NO_PLATES)))] for _ in range(int(rng.integers(1, 3)))]
        # On a panel of its own a short word could as well be a personal plate.
        if rng.random() < 0.5 and sum(len(word) for word in words) > 11:
            top, left = int(rng.integers(15, 35)), int(rng.integers(0, 40))
            scene[top : 100 - top, left : 220 - left] = int(rng.integers(10, 245))
            shade = 235.0 if scene[50, 110] < 128 else 25.0
        rows = len(words)
        for row, word in enumerate(words):
            mask = self._maker.word(word, style, rng)
            tall = int(rng.uniform(22, 60) / rows)
            wide = min(int(mask.shape[1] * tall / 24 * rng.uniform(0.8, 1.4)), 215)
            small = cv2.resize(mask, (max(8, wide), tall), interpolation=cv2.INTER_AREA)
            y = int(50 + (row - (rows - 1) / 2) * tall * 1.3 - tall / 2)
            x = max(0, int((220 - wide) * rng.uniform(0.3, 0.7)))
            part = scene[y : y + tall, x : x + wide]
            share = small[: part.shape[0], : part.shape[1]].astype(np.float32) / 255
            part[:] = (part + (shade - part) * share).astype(np.uint8)
        return _whole(degrade(scene, 110.0, rng), rng)


def _round_corners(picture: Grey, shade: float, rng: np.random.Generator) -> Grey:
    """Return ``picture`` with its corners rounded off into what is behind, of ``shade``."""
    radius = max(3, int(picture.shape[0] * rng.uniform(0.04, 0.12)))
    away = np.arange(radius, 0, -1)
    outside = away[:, None] ** 2 + away[None, :] ** 2 > radius**2
    rounded = picture.copy()
    for corner in (rounded, rounded[::-1], rounded[:, ::-1], rounded[::-1, ::-1]):
        corner[:radius, :radius][outside] = int(shade)
    return rounded


def _whole(scene: Grey, rng: np.random.Generator) -> Grey:
    """Cut nearly all of ``scene`` out, leaning a little."""
    height, width = scene.shape
    corners = box_corners(width * 0.14, height * 0.22, width * 0.86, height * 0.78)
    corners += rng.normal(0, 0.03, (4, 2)).astype(np.float32) * np.array([width, height], np.float32)
    return cut_out(scene, corners, size=CROP_SIZE, margins=CROP_MARGIN)


def _corners(quad: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the corners of the cut: nearly the true ones, or those of the upright box."""
    if rng.random() < 0.4:
        return box_corners(*quad.min(axis=0), *quad.max(axis=0))
    size = np.array([np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])])
    return (quad + rng.normal(0, 0.01, (4, 2)) * size).astype(np.float32)


def _plate_width(rng: np.random.Generator) -> float:
    """Draw a plate's width in picture px: 45 to 400, in six of ten cases 55 to 160.

    Sharp close-ups are fewer on the road, but a reader that has hardly seen any is misled by their detail.
    """
    kind = rng.random()
    low, high = (55, 160) if kind < 0.57 else (45, 60) if kind < 0.62 else (130, 400)
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _quad(width: float, height: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the four corners of a plate seen at an angle, about the origin.

    Yaw and pitch are mostly within 25 degrees and reach 45; ``width`` stays the width seen.
    """
    often = rng.random() < 0.85
    yaw = np.deg2rad(np.clip(rng.normal(0, 13 if often else 26), -45, 45))
    pitch = np.deg2rad(np.clip(rng.normal(4, 7 if often else 12), -32, 32))
    roll = np.deg2rad(rng.normal(0, 5.0) if rng.random() < 0.85 else rng.uniform(-18, 18))
    x, y = width / 2 / np.cos(yaw) ** 0.5, height / 2
    flat = np.array([[-x, -y, 0], [x, -y, 0], [x, y, 0], [-x, y, 0]])
    turned = np.stack(
        [
            flat[:, 0] * np.cos(yaw),
            flat[:, 1] * np.cos(pitch) + flat[:, 0] * np.sin(yaw) * np.sin(pitch),
            flat[:, 0] * np.sin(yaw) * np.cos(pitch) - flat[:, 1] * np.sin(pitch),
        ],
        axis=1,
    )
    away = width * rng.uniform(3.5, 16)
    seen = turned[:, :2] * (away / (away + turned[:, 2:]))
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    quad = seen @ turn.T
    quad += rng.normal(0, 0.008, (4, 2)) * [width, height]
    return quad.astype(np.float32)
