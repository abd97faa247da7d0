"""Training windows for the plate detector.

Real pictures at many scales are laid side by side, and plates of known corners pasted in perspective.
Boxes of real pictures supervise the extents of a plate's corners; only pasted plates have corners.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[Any]

GREY: Final = 128  # what the product leaves where the frame does not fill the input
STRETCHED: Final = "usmixed"  # its pictures were squeezed to squares
HALF_LABELLED: Final = "openlpr"  # a second plate may stand there without a box
_HALF_LABELLED_WEIGHT: Final = 0.25
# How far a source's boxes are trusted for a plate's sides: some stand a tenth or more off the plate.
_TRUST: Final = {"openlpr": 0.15, "usmixed": 0.6}
_LOOSE_CROPS: Final = "olpr/"
_VALIDATION_EVERY: Final = 37
_MIN_WIDTH_PX: Final = 11.0
_NEAR_PX: Final = 110.0
_SLIVER_PX: Final = 20
_MAX_TILES: Final = 7


@dataclass(frozen=True, slots=True)
class Picture:
    """One labelled grey picture; ``boxes`` is (n, 4) x1 y1 x2 y2 px."""

    name: str
    pixels: Array
    boxes: Array

    @property
    def source(self) -> str:
        """The folder that the picture came from."""
        return self.name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Patch:
    """A plate with something of its surroundings; ``corners`` is (4, 2) px, clockwise from top left."""

    pixels: Array
    corners: Array


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate in a window: ``corners`` (4, 2) px, true or of its box.

    ``trust`` 0 to 1 weighs what is learnt of its sides. ``unturn`` (2, 2) brings offsets from the centre back
    to the frame in which the labelled box, of ``extent`` (w, h) px, is upright.
    """

    corners: Array
    has_corners: bool
    unturn: Array
    extent: Array
    trust: float = 1.0


@dataclass(slots=True)
class Window:
    """One training picture and what is known of it."""

    pixels: Array
    weight: Array  # (H, W) float32: how much a false plate counts here
    plates: list[Plate] = field(default_factory=list)
    ignored: list[Array] = field(default_factory=list)  # x1 y1 x2 y2 px each

    def occupied(self) -> Iterator[Array]:
        """Yield the upright box (x1, y1, x2, y2) of each plate and each ignored place."""
        for plate in self.plates:
            yield np.concatenate([plate.corners.min(0), plate.corners.max(0)])
        yield from self.ignored


def load_pictures(data: Path) -> tuple[list[Picture], list[Picture]]:
    """Return the training and the validation pictures of ``data``/detection."""
    boxes: dict[str, list[list[float]]] = {}
    with (data / "detection" / "boxes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found = boxes.setdefault(row["image"], [])
            box = [float(row[key] or 0) for key in ("x1", "y1", "x2", "y2")]
            if box[2] - box[0] >= 2 and box[3] - box[1] >= 2:
                found.append(box)
    training: list[Picture] = []
    validation: list[Picture] = []
    for i, name in enumerate(sorted(boxes)):
        pixels = cv2.imread(str(data / "detection" / name), cv2.IMREAD_GRAYSCALE)
        if pixels is None:
            continue
        picture = Picture(name, pixels, np.array(boxes[name], np.float32).reshape(-1, 4))
        (validation if i % _VALIDATION_EVERY == 0 else training).append(picture)
    return training, validation


def load_crops(data: Path) -> list[Patch]:
    """Return the plate crops of ``data``/crops whose box fits the plate.

    A box with the sides of a European or a North American plate is tight, and its plate is upright.
    """
    patches = []
    with (data / "crops" / "labels.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            x1, y1, x2, y2 = (float(row[key]) for key in ("x1", "y1", "x2", "y2"))
            sides = (x2 - x1) / max(y2 - y1, 1)
            is_tight = 1.85 < sides < 2.12 or 4.0 < sides < 5.2
            if x2 - x1 < 40 or not is_tight or row["image"].startswith(_LOOSE_CROPS):
                continue
            pixels = cv2.imread(str(data / "crops" / row["image"]), cv2.IMREAD_GRAYSCALE)
            if pixels is not None:
                corners = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)
                patches.append(Patch(pixels, corners))
    return patches


class Composer:
    """Makes windows of ``height`` x ``width`` px from pictures and patches, from one seed.

    Plates that are aimed at are ``least_px`` to nine tenths of the window wide.
    """

    def __init__(
        self,
        pictures: list[Picture],
        patches: list[Patch],
        size: tuple[int, int],
        rng: np.random.Generator,
        least_px: float = 14.0,
    ) -> None:
        self.pictures, self.patches = pictures, patches
        self.near = [
            p for p in pictures if len(p.boxes) and np.ptp(p.boxes[:, ::2], axis=1).max() >= _NEAR_PX
        ]
        self.height, self.width = size
        self.rng = rng
        self.least_px, self.largest_px = least_px, 0.9 * self.width

    def compose(self) -> Window:
        """Return a new window."""
        window = Window(
            np.full((self.height, self.width), GREY, np.uint8),
            np.ones((self.height, self.width), np.float32),
        )
        todo = [(0, 0, self.width, self.height)]
        for tile in range(_MAX_TILES):
            if not todo:
                break
            rest = self._place(window, todo.pop(0), aimed=tile == 0 or self.rng.random() < 0.5)
            todo += [r for r in rest if r[2] - r[0] >= _SLIVER_PX and r[3] - r[1] >= _SLIVER_PX]
        if self.rng.random() < 0.55:
            for _ in range(int(self.rng.integers(1, 4))):
                self._paste(window)
        if self.rng.random() < 0.2:
            self._write(window)
        return window

    def _place(
        self, window: Window, rect: tuple[int, int, int, int], *, aimed: bool
    ) -> list[tuple[int, int, int, int]]:
        """Lay a picture into ``rect`` of the window and return the parts it does not fill."""
        rng, (x1, y1, x2, y2) = self.rng, rect
        wanted = float(np.exp(rng.uniform(np.log(self.least_px), np.log(self.largest_px))))
        is_near = aimed and wanted > _NEAR_PX and bool(self.near)
        choice = self.near if is_near else self.pictures
        picture = choice[int(rng.integers(len(choice)))]
        boxes = picture.boxes
        target = boxes[int(rng.integers(len(boxes)))] if len(boxes) else None
        if is_near:
            target = boxes[np.argmax(boxes[:, 2] - boxes[:, 0])]
        if target is not None:
            scale = min(wanted / (target[2] - target[0]), 3.0 if is_near else 2.0)
        else:
            scale = float(rng.uniform(0.4, 1.5))
        stretch = rng.uniform(1.0, 1.7) if picture.source == STRETCHED else rng.uniform(0.88, 1.14)
        scale_x, scale_y = scale * stretch**0.5, scale / stretch**0.5
        pixels, scale_x, scale_y = _resized(picture.pixels, scale_x, scale_y)
        height, width = pixels.shape
        right, bottom = min(x2, x1 + width), min(y2, y1 + height)
        turn = self._turn() if rng.random() < 0.3 else np.eye(2)
        mirror = rng.random() < 0.5
        flip = np.diag([-1.0 if mirror else 1.0, 1.0])
        linear = turn @ flip
        # The middle of the part that is shown: near the target when aimed, else anywhere.
        middle = np.array([rng.uniform(0.3, 0.7) * width, rng.uniform(0.3, 0.7) * height])
        if target is not None and aimed:
            span = np.array([right - x1, bottom - y1])
            middle = (target[:2] + target[2:]) / 2 * [scale_x, scale_y] + rng.uniform(-0.42, 0.42, 2) * span
        half = np.array([right - x1, bottom - y1]) / 2
        middle = np.clip(middle, half, np.maximum([width, height] - half, half))
        shift = half - linear @ middle
        matrix = np.column_stack([linear, shift])
        tile = window.pixels[y1:bottom, x1:right]
        cv2.warpAffine(
            pixels,
            matrix,
            (right - x1, bottom - y1),
            dst=tile,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=GREY,
        )
        if picture.source == HALF_LABELLED:
            window.weight[y1:bottom, x1:right] = _HALF_LABELLED_WEIGHT
        for box in boxes * np.array([scale_x, scale_y, scale_x, scale_y], np.float32):
            self._label(window, (x1, y1, right, bottom), box, matrix, turn, source=picture.source)
        return [(right, y1, x2, y2), (x1, bottom, right, y2)]

    def _turn(self) -> Array:
        angle, shear = np.radians(self.rng.uniform(-9, 9)), self.rng.uniform(-0.1, 0.1)
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turned: Array = rotation @ np.array([[1.0, shear], [0.0, 1.0]])
        return turned

    @staticmethod
    def _label(
        window: Window,
        rect: tuple[int, int, int, int],
        box: Array,
        matrix: Array,
        turn: Array,
        *,
        source: str,
    ) -> None:
        """Add one box, in px of the placed picture, to the window's plates or ignored places."""
        x1, y1, x2, y2 = box
        square = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]])
        corners = square @ matrix[:, :2].T + matrix[:, 2] + [rect[0], rect[1]]
        if np.linalg.det(matrix[:, :2]) < 0:  # mirrored: name the corners anew, clockwise from top left
            corners = corners[[1, 0, 3, 2]]
        low, high = corners.min(0), corners.max(0)
        seen_low, seen_high = np.maximum(low, rect[:2]), np.minimum(high, rect[2:])
        seen = np.prod(np.maximum(seen_high - seen_low, 0)) / np.prod(high - low)
        if seen < 0.2:
            return
        if seen < 0.85 or x2 - x1 < _MIN_WIDTH_PX:
            window.ignored.append(np.concatenate([seen_low, seen_high]))
            return
        extent = np.array([x2 - x1, y2 - y1])
        unturn, trust = np.linalg.inv(turn), _TRUST.get(source, 1.0)
        window.plates.append(Plate(corners, has_corners=False, unturn=unturn, extent=extent, trust=trust))

    def _paste(self, window: Window) -> None:
        """Paste a plate of known corners where it covers no other plate; give up after a few tries."""
        rng = self.rng
        patch = self.patches[int(rng.integers(len(self.patches)))]
        size = np.linalg.norm(patch.corners[1] - patch.corners[0])
        width = float(np.exp(rng.uniform(np.log(14), np.log(min(0.7 * self.largest_px, 1.6 * float(size))))))
        height = width * np.linalg.norm(patch.corners[3] - patch.corners[0]) / size
        quad = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
        quad[:, 0] *= rng.uniform(0.65, 1.0)
        quad[:, 1] *= rng.uniform(0.85, 1.1)
        quad += (
            quad[:, :1]
            * quad[:, 1:]
            / (width / 2 * height / 2)
            * rng.uniform(-0.06, 0.06, 2)
            * [width, height]
        )
        quad = quad @ self._turn().T + rng.normal(0, 0.012 * height, (4, 2))
        if rng.random() < 0.25:
            quad = quad @ self._turn().T
        half = (quad.max(0) - quad.min(0)) / 2
        span = np.array([self.width, self.height])
        if (2 * half + 8 > span).any():
            return
        matrix = cv2.getPerspectiveTransform(patch.corners, quad.astype(np.float32))
        reach = cv2.perspectiveTransform(_outline(patch.pixels), matrix)[0]
        for _ in range(8):
            middle = rng.uniform(half + 3, span - half - 3)
            corners = quad + middle
            low, high = reach.min(0) + middle, reach.max(0) + middle
            if not any((low < b[2:]).all() and (b[:2] < high).all() for b in window.occupied()):
                break
        else:
            return
        self._blend(window, patch, corners.astype(np.float32))
        extent = corners.max(0) - corners.min(0)
        window.plates.append(Plate(corners, has_corners=True, unturn=np.eye(2), extent=extent))

    def _blend(self, window: Window, patch: Patch, corners: Array) -> None:
        rng = self.rng
        matrix = cv2.getPerspectiveTransform(patch.corners, corners)
        height, width = patch.pixels.shape
        source = patch.pixels
        shrink = np.linalg.norm(patch.corners[1] - patch.corners[0]) / np.linalg.norm(corners[1] - corners[0])
        if shrink > 1.5:  # soften first, as an area mean does
            source = cv2.GaussianBlur(source, (0, 0), 0.4 * float(shrink))
        gain, lift = rng.uniform(0.55, 1.15), rng.uniform(-25, 25)
        source = np.clip(source * gain + lift, 0, 255).astype(np.uint8)
        rim = max(1, int(0.04 * min(height, width)))
        mask = np.zeros((height, width), np.float32)
        mask[rim : height - rim, rim : width - rim] = 1
        reach = cv2.perspectiveTransform(_outline(source), matrix)[0]
        low = np.clip(np.floor(reach.min(0)), 0, [self.width, self.height]).astype(int)
        high = np.clip(np.ceil(reach.max(0)), 0, [self.width, self.height]).astype(int)
        size = (int(high[0] - low[0]), int(high[1] - low[1]))
        if min(size) < 4:
            return
        moved = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]]) @ matrix
        face = cv2.warpPerspective(source, moved, size, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.GaussianBlur(cv2.warpPerspective(mask, moved, size), (0, 0), rng.uniform(0.5, 1.2))
        under = window.pixels[low[1] : high[1], low[0] : high[0]]
        under[:] = np.clip(under * (1 - alpha) + face * alpha, 0, 255).astype(np.uint8)

    def _write(self, window: Window) -> None:
        """Write words that are no plate, as signs and overlays do, clear of the plates."""
        rng = self.rng
        text = "".join(rng.choice(list("ABCDEHKLMNOPRSTUXY0123456789:-/ "), int(rng.integers(4, 20))))
        scale = float(rng.uniform(0.25, 0.9))
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
        x, y = int(rng.integers(-width // 2, self.width)), int(rng.integers(height, self.height))
        place = np.array([x, y - height, x + width, y + 4])
        if not any((place[:2] < b[2:]).all() and (b[:2] < place[2:]).all() for b in window.occupied()):
            shade, pen = int(rng.integers(0, 256)), int(rng.integers(1, 3))
            font = cv2.FONT_HERSHEY_SIMPLEX if rng.random() < 0.6 else cv2.FONT_HERSHEY_DUPLEX
            cv2.putText(window.pixels, text, (x, y), font, scale, shade, pen, cv2.LINE_AA)


def _outline(pixels: Array) -> Array:
    """Return the picture's own corners as (1, 4, 2)."""
    height, width = pixels.shape
    return np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float32)


def _resized(pixels: Array, scale_x: float, scale_y: float) -> tuple[Array, float, float]:
    """Return the picture scaled, and the exact scales; smaller by area mean as the product does it."""
    height, width = pixels.shape
    size = (max(8, round(width * scale_x)), max(8, round(height * scale_y)))
    way = cv2.INTER_AREA if scale_x * scale_y < 0.9 else cv2.INTER_LINEAR
    return cv2.resize(pixels, size, interpolation=way), size[0] / width, size[1] / height


def spoil(pixels: Array, rng: np.random.Generator) -> Array:
    """Return the uint8 picture as another camera, hour or weather would have given it."""
    image = pixels.astype(np.float32)
    if rng.random() < 0.35:
        sigma = rng.uniform(0.3, 1.3)
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    if rng.random() < 0.15:
        image = _streaked(image, rng)
    if rng.random() < 0.7:
        image = 255 * np.clip(image / 255, 0, 1) ** np.exp(rng.normal(0, 0.35))
    if rng.random() < 0.7:
        dusk = rng.random() < 0.2
        gain = rng.uniform(0.2, 0.5) if dusk else np.exp(rng.normal(0, 0.25))
        image = (image - 110) * gain + (rng.uniform(25, 65) if dusk else 110 + rng.normal(0, 22))
    if rng.random() < 0.5:
        image = image + rng.normal(0, rng.uniform(1, 11), image.shape).astype(np.float32)
    spoiled: Array = np.clip(image, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))]
        spoiled = cv2.imdecode(cv2.imencode(".jpg", spoiled, quality)[1], cv2.IMREAD_GRAYSCALE)
    return spoiled


def _streaked(image: Array, rng: np.random.Generator) -> Array:
    """Blur along a short line, as motion does."""
    length = int(rng.integers(2, 6))
    kernel = np.zeros((7, 7), np.float32)
    angle = rng.uniform(0, np.pi)
    for t in np.linspace(-length / 2, length / 2, 15):
        kernel[round(3 + t * np.sin(angle) * 0.9), round(3 + t * np.cos(angle) * 0.9)] = 1
    streaked: Array = cv2.filter2D(image, -1, kernel / kernel.sum())
    return streaked
