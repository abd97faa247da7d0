"""Rendered plates as a road camera sees them, with their text and imprecise corners.

A face (lettering, slogans, stickers, frame) is drawn flat, set into surroundings in perspective at
the size it would have in a picture, degraded (shadow, blur, noise, JPEG), and cut out again by
corners that are as wrong as a detector's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.lettering import (
    Lettering,
    Mask,
    font_files,
    from_font,
    from_strokes,
    script_files,
    word_mask,
)
from models.training.scene import cut_out, degrade, jitter_corners
from models.training.serials import WORDS, draw_serial, text_of

if TYPE_CHECKING:
    from pathlib import Path

Grey = NDArray[np.uint8]
Soft = NDArray[np.float32]

NEGATIVE_SHARE: Final = 0.025


class PlateRenderer:
    """Draws plates; one renderer holds its lettering and backgrounds, each call its randomness.

    ``fonts`` is the folder given to `font_files`; ``backgrounds`` are grey pictures of at least
    64 by 64 px that plates are set into.
    """

    def __init__(self, fonts: Path, backgrounds: list[Grey]) -> None:
        own = [from_strokes(pen, width) for pen in (0.10, 0.125, 0.15, 0.17) for width in (0.44, 0.5, 0.58)]
        own += [from_strokes(pen, width, slashed=True) for pen in (0.10, 0.13) for width in (0.44, 0.52)]
        files = font_files(fonts)
        self._letterings = own + [from_font(path) for path in files]
        self._own = len(own)
        word_fonts = files[:: max(1, len(files) // 8)] + script_files(fonts)
        self._words = [word_mask(words, path) for words in WORDS for path in word_fonts]
        self._backgrounds = backgrounds

    def sample(self, rng: np.random.Generator) -> tuple[Grey, str]:
        """Return one reader input (48, 144) and the text on it; empty text where no plate is."""
        if rng.random() < NEGATIVE_SHARE:
            return self._nothing(rng), ""
        family, serial = draw_serial(rng)
        face = self.face(family, serial, rng)
        return self._seen(face, rng), text_of(serial)

    def face(self, family: str, serial: str, rng: np.random.Generator) -> Grey:
        """Return the flat face of a plate, 110 to 190 px tall."""
        lines = serial.split("|")
        height, width = _size(family, len(lines), rng)
        wide = width > 3 * height
        paper, ink = _shades(rng)
        face = _paper(height, width, paper, rng)
        if family in {"canada", "us"} and rng.random() < 0.25:
            self._print_picture(face, rng)
        left, right, top, bottom = 0.03, 0.97, 0.12, 0.88
        if wide:
            top = rng.uniform(0.07, 0.18)
            bottom = 1 - top + rng.uniform(-0.03, 0.03)
            if rng.random() < 0.55:
                band = rng.uniform(0.07, 0.11)
                face[:, : int(width * band)] = rng.uniform(20, 120)
                left = band + 0.01
        elif len(lines) == 1:
            top, bottom = self._slogans(face, ink, rng)
        else:
            top, bottom = rng.uniform(0.03, 0.1), rng.uniform(0.9, 0.97)
            if rng.random() < 0.3:
                bottom = self._word(face, ink, 0.93, rng) - 0.02
        gap = (bottom - top) * rng.uniform(0.04, 0.16) if len(lines) == 2 else 0.0
        tall = (bottom - top - gap * (len(lines) - 1)) / len(lines)
        lettering = self._lettering(rng)
        pressed = rng.random() < 0.3
        for index, line in enumerate(lines):
            mask = self._line(line, int(tall * height), int((right - left) * width), lettering, rng)
            y = int((top + index * (tall + gap)) * height)
            room = int((right - left) * width) - mask.shape[1]
            x = int(left * width) + int(room * np.clip(rng.normal(0.5, 0.12), 0, 1))
            _ink(face, mask, x, y, ink, pressed=pressed)
        _furniture(face, ink, rng, frame=0.25 if len(lines) == 1 and not wide else 0.0)
        return np.clip(face, 0, 255).astype(np.uint8)

    def _print_picture(self, face: Soft, rng: np.random.Generator) -> None:
        """Print something pale under the serial, as many states do."""
        picture = self._surroundings(face.shape[0], face.shape[1], rng).astype(np.float32)
        face += (picture - picture.mean()) * np.float32(rng.uniform(0.05, 0.3))

    def _lettering(self, rng: np.random.Generator) -> Lettering:
        if rng.random() < 0.4:
            return self._letterings[int(rng.integers(self._own))]
        return self._letterings[int(rng.integers(len(self._letterings)))]

    def _line(self, line: str, tall: int, room: int, lettering: Lettering, rng: np.random.Generator) -> Mask:
        """Return the ink mask of one line of a serial, ``tall`` px tall, at most ``room`` px wide."""
        scale = tall / 64 * rng.uniform(0.85, 1.15)
        broad = rng.uniform(0.9, 1.5) if rng.random() < 0.4 else 1.0
        even = rng.random() < 0.55  # pressed plates give every character the same cell
        space = tall * rng.uniform(0.05, 0.22)
        blank = tall * rng.uniform(0.15, 0.55)
        ornament = _ORNAMENTS[int(rng.integers(len(_ORNAMENTS)))] if rng.random() < 0.35 else None
        cells: list[tuple[Mask | None, float]] = []
        for mark in line:
            if mark == " ":
                cells.append((ornament, max(blank, tall * 0.3) if ornament is not None else blank))
                continue
            mask = lettering.masks[mark]
            cells.append(
                (mask, (lettering.widest_px if even and mark.isalnum() else mask.shape[1]) * scale * broad)
            )
        total = sum(width for _mask, width in cells) + space * (len(cells) - 1)
        fill = room * rng.uniform(0.82, 1.0)
        squeeze = min(fill / total, 1.35 if rng.random() < 0.3 else 1.0)
        out = np.zeros((tall, max(4, int(total * squeeze) + 2)), np.uint8)
        x = 0.0
        for mark, (cell_mask, cell) in zip(line, cells, strict=True):
            if cell_mask is not None:
                natural = cell if mark == " " else cell_mask.shape[1] * scale * broad
                width = max(2, round(min(natural, cell) * squeeze))
                start = int(x + (cell * squeeze - width) / 2)
                small = cv2.resize(cell_mask, (width, tall), interpolation=cv2.INTER_AREA)
                part = out[:, start : start + width]
                np.maximum(part, small[:, : part.shape[1]], out=part)
            x += (cell + space) * squeeze
        return out

    def _slogans(self, face: Soft, ink: float, rng: np.random.Generator) -> tuple[float, float]:
        """Put small lettering above and below; return the top and bottom of what is left."""
        top, bottom = rng.uniform(0.1, 0.24), rng.uniform(0.78, 0.9)
        if rng.random() < 0.85:
            top = self._word(face, ink, rng.uniform(0.08, 0.14), rng, below=True)
        if rng.random() < 0.75:
            bottom = self._word(face, ink, rng.uniform(0.86, 0.92), rng)
        margin = np.maximum(0.0, rng.normal(0.05, 0.035, 2))
        return float(top + margin[0]), float(bottom - margin[1])

    def _word(
        self, face: Soft, ink: float, centre: float, rng: np.random.Generator, *, below: bool = False
    ) -> float:
        """Put small lettering about ``centre``; return the height (share) where its room ends."""
        height, width = face.shape
        mask = self._words[int(rng.integers(len(self._words)))]
        tall = int(height * rng.uniform(0.07, 0.16))
        wide = min(int(mask.shape[1] * tall / 24 * rng.uniform(0.8, 1.5)), int(width * rng.uniform(0.5, 0.9)))
        small = cv2.resize(mask, (max(4, wide), tall), interpolation=cv2.INTER_AREA)
        y = int(np.clip(centre * height - tall / 2, 1, height - tall - 1))
        room = width - wide
        _ink(
            face,
            small.astype(np.uint8),
            int(room * rng.uniform(0.3, 0.7)),
            y,
            ink + rng.uniform(-20, 50),
            pressed=False,
        )
        return (y + tall) / height if below else y / height

    def _surroundings(self, height: int, width: int, rng: np.random.Generator) -> Grey:
        """Return what a plate is mounted on: a piece of a picture, or a shaded body panel."""
        if self._backgrounds and rng.random() < 0.6:
            picture = self._backgrounds[int(rng.integers(len(self._backgrounds)))]
            side_y = min(picture.shape[0], int(rng.integers(48, 256)))
            side_x = min(picture.shape[1], int(side_y * width / height) + 1)
            y = int(rng.integers(picture.shape[0] - side_y + 1))
            x = int(rng.integers(picture.shape[1] - side_x + 1))
            piece = picture[y : y + side_y, x : x + side_x]
            return np.asarray(cv2.resize(piece, (width, height)), dtype=np.uint8)
        panel = _paper(height, width, rng.uniform(5, 230), rng)
        for _ in range(int(rng.integers(4))):
            y, tall = int(rng.integers(height)), int(rng.integers(2, height // 2))
            panel[y : y + tall] += rng.uniform(-90, 90)
        return np.clip(panel, 0, 255).astype(np.uint8)

    def _seen(self, face: Grey, rng: np.random.Generator) -> Grey:
        """Set ``face`` into a scene, degrade the scene, and cut the plate out of it."""
        plate_px = float(
            np.exp(
                rng.uniform(np.log(44), np.log(150))
                if rng.random() < 0.75
                else rng.uniform(np.log(90), np.log(300))
            )
        )
        tall_px = plate_px * face.shape[0] / face.shape[1] * rng.uniform(0.9, 1.12)
        quad = _quad(plate_px, tall_px, rng)
        margin = np.array([plate_px * 0.22 + 4, tall_px * 0.35 + 4], np.float32)
        quad += margin - quad.min(axis=0)
        width, height = (int(edge) for edge in quad.max(axis=0) + margin)
        scene = self._surroundings(height, width, rng)
        shrink = face.shape[1] / plate_px
        if shrink > 1.0:
            face = cv2.GaussianBlur(face, (0, 0), 0.42 * shrink).astype(np.uint8)
        edges = np.array(
            [[0, 0], [face.shape[1], 0], [face.shape[1], face.shape[0]], [0, face.shape[0]]], np.float32
        )
        # Pixel centres lie half a pixel inside the edges.
        matrix = cv2.getPerspectiveTransform(edges - 0.5, quad - 0.5)
        cv2.warpPerspective(
            face,
            matrix,
            (width, height),
            dst=scene,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_TRANSPARENT,
        )
        scene = degrade(scene, plate_px, rng)
        return cut_out(scene, jitter_corners(quad, rng))

    def _nothing(self, rng: np.random.Generator) -> Grey:
        """Return a reader input with no plate on it."""
        scene = self._surroundings(64, 160, rng)
        return cut_out(
            degrade(scene, 100.0, rng), np.array([[9, 9], [150, 9], [150, 55], [9, 55]], np.float32)
        )


def _size(family: str, lines: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return the height and width of a face in px."""
    if lines == 2:
        height = int(rng.integers(140, 190))
        return height, int(height * rng.uniform(1.25, 2.1))
    height = int(rng.integers(110, 160))
    if family in {"ontario", "canada", "us"}:
        return height, int(height * 2.0 * rng.uniform(0.93, 1.07))
    aspect = rng.uniform(2.0, 4.6) if family == "elsewhere" else rng.uniform(4.2, 4.9)
    if aspect > 3:
        height = int(height * 0.72)
    return height, int(height * aspect)


def _shades(rng: np.random.Generator) -> tuple[float, float]:
    """Grey levels of paper and ink: mostly dark on light, sometimes inverted, sometimes faint."""
    contrast = rng.uniform(0.2, 0.95) if rng.random() < 0.9 else rng.uniform(0.1, 0.25)
    low = rng.uniform(5, 245 * (1 - contrast) + 5)
    high = min(252.0, low + 245 * contrast)
    return (low, high) if rng.random() < 0.17 else (high, low)


def _paper(height: int, width: int, shade: float, rng: np.random.Generator) -> Soft:
    """Return a surface with slow changes of shade, sometimes a printed picture."""
    rough = rng.normal(0, 1, (int(rng.integers(2, 5)), int(rng.integers(2, 8)))).astype(np.float32)
    amount = rng.uniform(0, 10) if rng.random() < 0.7 else rng.uniform(10, 35)
    surface = cv2.resize(rough, (width, height), interpolation=cv2.INTER_LINEAR) * np.float32(amount)
    return np.asarray(surface + np.float32(shade), dtype=np.float32)


def _ink(face: Soft, mask: Mask, x: int, y: int, ink: float, *, pressed: bool) -> None:
    """Blend ``mask`` in shade ``ink`` into ``face`` at (x, y), clipped; ``pressed`` adds relief."""
    x, y = max(0, x), max(0, y)
    part = face[y : y + mask.shape[0], x : x + mask.shape[1]]
    cut = mask[: part.shape[0], : part.shape[1]]
    share = cut.astype(np.float32) * np.float32(1 / 255)
    if pressed:
        relief = np.zeros_like(share)
        relief[1:] = share[1:] - share[:-1]
        part += relief * 25
    part += (np.float32(ink) - part) * share


def _furniture(face: Soft, ink: float, rng: np.random.Generator, *, frame: float) -> None:
    """Add bolts, stickers, a rim and, with chance ``frame``, a dealer's frame."""
    height, width = face.shape
    if rng.random() < 0.6:
        shade = float(rng.uniform(20, 230))
        for x in (0.2, 0.8):
            for y in (0.08, 0.92):
                if rng.random() < 0.8:
                    centre = (int(x * width), int(y * height))
                    cv2.circle(face, centre, int(rng.integers(2, 6)), shade, -1, cv2.LINE_AA)
    for _ in range(int(rng.integers(3)) if rng.random() < 0.5 else 0):
        x = int(rng.choice([0.08, 0.88]) * width + rng.uniform(-8, 8))
        y = int(rng.choice([0.03, 0.8]) * height)
        corner = (x + int(rng.integers(10, 26)), y + int(rng.integers(10, 22)))
        cv2.rectangle(face, (x, y), corner, float(rng.uniform(20, 240)), -1)
        cv2.line(face, (x + 3, y + 7), (corner[0] - 3, y + 7), float(rng.uniform(20, 240)), 3)
    if rng.random() < 0.4:
        cv2.rectangle(face, (2, 2), (width - 3, height - 3), float(ink), int(rng.integers(1, 3)))
    if rng.random() < frame:
        shade, edge = float(rng.choice([25, 60, 190])), int(height * rng.uniform(0.03, 0.11))
        for y0, y1 in ((0, edge), (height - edge, height)):
            face[y0:y1] = shade
        face[:, : edge // 2] = shade
        face[:, width - edge // 2 :] = shade
    if rng.random() < 0.1:
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        cv2.circle(face, centre, int(rng.integers(3, 9)), float(rng.uniform(40, 160)), -1)


def _quad(width: float, height: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the four corners of a plate seen at an angle, about the origin."""
    x, y = width / 2, height / 2
    flat = np.array([[-x, -y], [x, -y], [x, y], [-x, y]])
    angle = np.deg2rad(rng.normal(0, 4.0) if rng.random() < 0.85 else rng.uniform(-18, 18))
    slant = rng.normal(0, 0.08)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    quad = flat @ np.array([[1, 0], [slant, 1]]) @ turn.T
    if rng.random() < 0.5:
        quad[:, 0] *= rng.uniform(0.72, 1.0)  # seen from the side
    quad += rng.normal(0, 0.03, (4, 2)) * [width * 0.5, height]
    return quad.astype(np.float32)


def _ornaments() -> list[Mask]:
    """Return what stands between the groups of a serial: crown, star, heart, a state's outline, dot."""
    rng = np.random.default_rng(11)
    shapes: list[list[tuple[float, float]]] = [
        [(3, 44), (3, 26), (11, 36), (20, 20), (29, 36), (37, 26), (37, 44), (3, 44)],
        [(20, 16), (25, 28), (38, 28), (28, 36), (32, 50), (20, 41), (8, 50), (12, 36), (2, 28), (15, 28)],
        [(20, 52), (3, 34), (3, 24), (10, 19), (20, 26), (30, 19), (37, 24), (37, 34)],
    ]
    for _ in range(8):
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        radii = rng.uniform(7, 19, 9)
        shapes.append([(20 + r * np.cos(a), 32 + r * np.sin(a)) for a, r in zip(angles, radii, strict=True)])
    masks: list[Mask] = []
    for index, shape in enumerate(shapes):
        mask: Mask = np.zeros((64, 40), np.uint8)
        points = np.array(shape, np.int32)
        if index % 3 == 0:
            cv2.polylines(mask, [points], isClosed=True, color=255, thickness=4)
        else:
            cv2.fillPoly(mask, [points], 255)
        masks.append(mask)
    dot: Mask = np.zeros((64, 40), np.uint8)
    cv2.circle(dot, (20, 32), 7, 255, -1)
    return [*masks, dot]


_ORNAMENTS: Final = _ornaments()
