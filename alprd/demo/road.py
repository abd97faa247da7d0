"""The street of the demonstration drive: sky, ground and what stands beside the road.

All names on signs are invented; telephone numbers are of the 555-01xx range kept for fiction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw

from alprd.demo.scene import HEIGHT, MARGIN, WIDTH, Camera, Canvas, Light, Pose, Solid
from alprd.demo.vehicle import Facet, letters, letters_width

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TILE: Final = 1024
_TILE_M: Final = 0.035
_AHEAD_M: Final = 95.0
_BAND_ROWS: Final = 48
SHOPS: Final = (
    "LAKESIDE BAKERY", "NORTHWAY TIRES", "CEDAR BOOKS", "MAPLE DENTAL", "QUILL CAFE 24H",
    "HARBOUR PIZZA", "FABRIC WORLD", "555-0142 MOVERS", "BIKES 2 GO", "OPTIC 100",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """How a stretch looks. ``kerb_right`` and ``kerb_left`` are metres from the camera's line."""

    kerb_right: float
    kerb_left: float
    lanes: tuple[float, ...]
    """Dashed lane lines, metres across."""
    solid_lines: tuple[float, ...]
    built: bool
    """Shops beside the road; else trees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prop:
    """Something that stands beside the road. ``z`` is metres along it from where the stretch begins."""

    solid: Solid | Tree
    x: float
    z: float
    lamp: tuple[float, float] | None = None
    """Offset across and height of a street lamp's head, metres."""


class Ground:
    """Sky and ground as one picture: asphalt that moves below, everything else still."""

    def __init__(self, street: Street, camera: Camera, *, night: bool, rng: np.random.Generator) -> None:
        """Work out, per pixel, what it shows and which part of the asphalt's grain."""
        rows = HEIGHT + 2 * MARGIN
        waves = rng.uniform(0.5, 3.0, (5, 3)) * (0.004, 0.016, 2.0)
        self._still = np.empty((rows, WIDTH), dtype=np.int16)
        self._top = int(camera.horizon) + MARGIN + 2
        self._index = np.empty((rows - self._top, WIDTH), dtype=np.int32)
        self._gain = np.empty((rows - self._top, WIDTH), dtype=np.int16)
        for first in range(0, rows, _BAND_ROWS):  # in bands: a Raspberry Pi has little memory
            last = min(rows, first + _BAND_ROWS)
            u, v = _pixels(first, last)
            x, z, depth = _on_road(camera, u, v)
            shade = np.where(
                v > camera.horizon + 0.3,
                _lit_surface(street, x, z, night=night),
                _sky(u, v, camera, waves, night=night),
            )
            self._still[first:last] = shade.reshape(last - first, 2, WIDTH, 2).mean(axis=(1, 3))
            skip = max(0, self._top - first)
            if skip < last - first:
                rows_of = slice(first + skip - self._top, last - self._top)
                across, along, deep = (part[::2, ::2][skip:] for part in (x, z, depth))
                cells = (np.minimum(along, 500) / _TILE_M).astype(np.int32) % _TILE
                self._index[rows_of] = cells * _TILE + (across / _TILE_M).astype(np.int32) % _TILE
                gain = np.clip(7.0 / deep, 0.0, 1.0) * np.clip(deep / 9.0, 0.3, 1.0)
                self._gain[rows_of] = 64 * gain * (0.4 if night else 1.0)
        grain = rng.normal(0, 1, (_TILE, _TILE)).astype(np.float32)
        coarse = np.kron(rng.normal(0, 1, (64, 64)), np.ones((16, 16))).astype(np.float32)
        grain = (grain + np.roll(grain, 1, 0) + np.roll(grain, 2, 0)) * 4.2 + coarse * 2.0
        self._tile = np.tile(grain.astype(np.int16), (2, 1)).ravel()
        self._scratch = np.empty(self._index.shape, dtype=np.int16)

    def at(self, travel: float) -> NDArray[np.uint8]:
        """Return the ground after ``travel`` metres, (HEIGHT + 2 MARGIN, WIDTH) grey."""
        shift = int(travel / _TILE_M) % _TILE
        frame = self._still.copy()
        np.take(self._tile, self._index + shift * _TILE, out=self._scratch, mode="clip")
        self._scratch *= self._gain
        self._scratch >>= 6
        frame[self._top :] += self._scratch
        np.clip(frame, 0, 255, out=frame)
        return np.asarray(frame, dtype=np.uint8)


def _pixels(first: int, last: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return u and v (frame px) of canvas rows ``first`` to ``last``, each pixel in four."""
    v, u = np.mgrid[first * 2 : last * 2, 0 : WIDTH * 2]
    return (u + 0.5) / 2, (v + 0.5) / 2 - MARGIN


def _on_road(
    camera: Camera, u: NDArray[np.float64], v: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return where on the road pixels lie: metres across, ahead, and in the camera's depth."""
    below = v > camera.horizon + 0.3
    depth = np.where(below, camera.height * camera.focal / np.where(below, v - camera.horizon, 1.0), 1e4)
    side = (u - WIDTH / 2) / camera.focal * depth
    c, s = np.cos(camera.yaw), np.sin(camera.yaw)
    return side * c + depth * s, depth * c - side * s, depth


def _lit_surface(
    street: Street, x: NDArray[np.float64], z: NDArray[np.float64], *, night: bool
) -> NDArray[np.float64]:
    shade = _surface(street, x)
    if night:  # the pool of the patrol car's own headlamps
        shade *= 0.13 + 0.62 * np.exp(-(((x - 0.3) / (1.3 + 0.13 * np.abs(z))) ** 2) - (z / 17) ** 2)
    return shade


def _surface(street: Street, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Grey of the ground by its place across the road: asphalt, gutter, kerb, pavement or grass."""
    shade = 104.0 - 7.0 * np.cos((x - 0.1) * 2 * np.pi / 1.75)  # worn wheel tracks
    for kerb, sign in ((street.kerb_right, 1.0), (street.kerb_left, -1.0)):
        beyond = (x - kerb) * sign
        shade = np.where(beyond > -0.35, 122.0, shade)
        shade = np.where(beyond > 0.0, 168.0, shade)
        shade = np.where(beyond > 0.16, 148.0 if street.built else 92.0, shade)
        shade = np.where(beyond > 3.2, 120.0 if street.built else 84.0, shade)
    for line in street.solid_lines:
        shade = np.where(np.abs(x - line) < 0.065, 205.0, shade)
    return np.asarray(shade)


def _sky(
    u: NDArray[np.float64],
    v: NDArray[np.float64],
    camera: Camera,
    waves: NDArray[np.float64],
    *,
    night: bool,
) -> NDArray[np.float64]:
    """Sky with a little cloud, and the far line of trees and roofs below it."""
    up = np.clip((camera.horizon - v) / camera.horizon, 0, 1)
    cloud = sum(np.sin(u * a + v * b * 1.4 + c * 3) for a, b, c in waves)
    sky = (222 - 62 * up + 4.0 * cloud) if not night else (30 - 18 * up + 0.8 * cloud)
    edge = sum(np.sin(u[0] * f + p) * h for f, p, h in ((0.011, 1, 9), (0.037, 2, 5), (0.13, 3, 2.5)))
    edge = camera.horizon - 30 - edge
    far = (112.0 + 24.0 * (1 - up)) if not night else 12.0 + 4.0 * (1 - up)
    return np.where(v > edge, far, sky)


def marks(canvas: Canvas, camera: Camera, street: Street, travel: float, light: Light) -> None:
    """Draw the dashed lane lines, the kerb's joints and a few patches, which move towards the camera."""
    for line in street.lanes:
        for z in np.arange(-(travel % 9.0), _AHEAD_M, 9.0).tolist():
            fall = _fall(z) if light.night else 1.0
            _strip(
                canvas,
                camera,
                (line - 0.07, line + 0.07),
                (z, z + 3.2),
                212 * (0.16 + 0.8 * fall if light.night else 1),
            )
    for z in np.arange(-(travel % 2.4), 30.0, 2.4).tolist():
        kerb = street.kerb_right
        _strip(canvas, camera, (kerb, kerb + 0.16), (z, z + 0.03), 112 * light.gain)
    for number, z in enumerate(np.arange(-(travel % 23.0), 46.0, 23.0).tolist()):
        x = street.kerb_right - 3.0 + number * 0.8
        _strip(canvas, camera, (x, x + 1.1), (z, z + 1.7), 86 * light.gain)


def _fall(z: float) -> float:
    """How much of the patrol car's own light reaches ``z`` metres."""
    return float(np.exp(-((max(0.0, z) / 17) ** 2)))


def _strip(
    canvas: Canvas, camera: Camera, across: tuple[float, float], along: tuple[float, float], shade: float
) -> None:
    (x0, x1), (z0, z1) = across, along
    if z1 > 0.2:
        canvas.polygon(camera, np.array([(x0, 0.0, z0), (x1, 0.0, z0), (x1, 0.0, z1), (x0, 0.0, z1)]), shade)


def _panel(
    along: tuple[float, float], up: tuple[float, float], shade: float, side: float, glow: float = 0.0
) -> Facet:
    """Return an upright rectangle along the road that faces it; ``side`` is 1 right of it, -1 left."""
    (z0, z1), (y0, y1) = along, up
    points = np.array([(0.0, y1, z0), (0.0, y1, z1), (0.0, y0, z1), (0.0, y0, z0)])
    return Facet(points, shade, glow, facing=(-side, 0.0, 0.0))


def shop(length: float, side: float, rng: np.random.Generator) -> Solid:
    """Build a house with a shop on the ground floor, ``length`` m along the road."""
    wall, height = float(rng.uniform(95, 175)), float(rng.uniform(6.5, 9.5))
    facets = [_panel((0, length), (0, height), wall, side, 16.0)]
    end = np.array([(0, height, 0), (side * 9, height, 0), (side * 9, 0, 0), (0, 0, 0)], dtype=np.float64)
    facets.append(Facet(end, wall * 0.72, 10.0, facing=(0.0, 0.0, -1.0)))
    lit = float(rng.choice([0.0, 120.0, 165.0]))
    facets += [
        _panel((0.5, length - 1.8), (0.5, 2.6), 62.0, side, lit),
        _panel((length - 1.5, length - 0.5), (0, 2.5), 48.0, side),
    ]
    for z in np.arange(0.5, length - 2.4, 1.6).tolist():
        facets.append(_panel((z, z + 0.08), (0.5, 2.6), wall * 0.6, side, 20.0))
    board = float(rng.choice([38.0, 60.0, 215.0]))
    facets.append(_panel((0.3, length - 0.3), (2.8, 3.6), board, side, board * 0.3 + lit * 0.2))
    name = SHOPS[int(rng.integers(len(SHOPS)))]
    tall = min(0.5, 0.5 * (length - 1.2) / letters_width(name, 0.5))
    ink = 230.0 if board < 100 else 30.0
    # Seen from the road, writing runs away from the camera on the left and towards it on the right.
    way, start = (1.0, 0.6) if side < 0 else (-1.0, length - 0.6)
    facets += letters(name, (-side * 0.05, 2.95, start), (0.0, 0.0, way), tall, ink, glow=ink * 0.8)
    for y in np.arange(4.2, height - 1.4, 2.3).tolist():
        for z in np.arange(0.8, length - 1.3, 2.0).tolist():
            glow = float(rng.choice([0.0, 0.0, 0.0, 95.0, 130.0]))
            facets += [_panel((z - 0.08, z + 1.08), (y - 0.1, y + 1.5), wall * 0.8, side)]
            facets += [_panel((z, z + 1.0), (y, y + 1.4), 60.0 + 6 * y, side, glow)]
    return Solid(facets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree as a flat picture that always faces the camera, ``height`` m tall and 0.8 as wide."""

    picture: Image.Image
    mask: Image.Image
    height: float


def tree(rng: np.random.Generator) -> Tree:
    """Draw a tree: a trunk, and a crown of clumps lit from above."""
    wide, tall = 160, 200
    leaves, mask = Image.new("L", (wide, tall), 44), Image.new("L", (wide, tall), 0)
    on_leaves, on_mask = ImageDraw.Draw(leaves), ImageDraw.Draw(mask)
    on_mask.polygon((75, 200, 77, 90, 84, 90, 87, 200), fill=255)
    for _ in range(420):
        turn, out = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform()) * rng.uniform(0.75, 1.0)
        x, y, r = 80 + 66 * out * np.cos(turn), 72 + 62 * out * np.sin(turn), rng.uniform(3, 10)
        shade = int(np.clip(74 - 0.45 * (y - 40) + rng.normal(0, 12), 20, 128))
        box = (float(x - r), float(y - r), float(x + r), float(y + r))
        on_leaves.ellipse(box, fill=shade)
        on_mask.ellipse(box, fill=255)
    return Tree(picture=leaves, mask=mask, height=float(rng.uniform(5.5, 8.5)))


def draw_prop(canvas: Canvas, camera: Camera, prop: Prop, travel: float, light: Light) -> None:
    """Draw ``prop`` as it stands after ``travel`` metres."""
    pose = Pose(x=prop.x, z=prop.z - travel)
    if isinstance(prop.solid, Solid):
        canvas.solid(camera, prop.solid, pose, light)
        return
    flat = camera.project(pose.place(np.array([(0.0, 0.0, 0.0), (0.0, prop.solid.height, 0.0)])))
    if flat is not None:
        (x, bottom), (_, top) = flat.tolist()
        half = 0.4 * (bottom - top)
        picture = (
            prop.solid.picture.point(lambda grey: int(grey * 0.2)) if light.night else prop.solid.picture
        )
        canvas.sprite(picture, prop.solid.mask, (x - half, top, x + half, bottom))


def _upright(
    box: tuple[float, float, float, float], shade: float, glow: float = 0.0, z: float = 0.0
) -> Facet:
    """Return an upright rectangle ``box`` (left, bottom, right, top) across the road."""
    x0, y0, x1, y1 = box
    points = np.array([(x0, y1, z), (x1, y1, z), (x1, y0, z), (x0, y0, z)])
    return Facet(points, shade, glow, facing=(0.0, 0.0, -1.0))


def lamp_post(side: float) -> Solid:
    """Build a street lamp with its arm over the road."""
    arm = sorted((0.0, -side * 1.9))
    return Solid(
        [
            _upright((-0.07, 0.0, 0.07, 7.0), 82.0),
            _upright((arm[0], 6.95, arm[1], 7.05), 82.0),
            _upright((-side * 1.9 - 0.3, 6.86, -side * 1.9 + 0.3, 7.0), 120.0, 250.0),
        ]
    )


def sign(words: str) -> Solid:
    """Build a street sign on a post: one more piece of writing that is no plate."""
    width = letters_width(words, 0.16) + 0.2
    facets = [
        _upright((-0.03, 0.0, 0.03, 2.6), 96.0),
        _upright((-width / 2, 2.1, width / 2, 2.45), 225.0, 40.0, -0.03),
    ]
    facets += letters(words, (0.1 - width / 2, 2.19, -0.05), (1.0, 0.0, 0.0), 0.16, 30.0)
    return Solid(facets)


def props(street: Street, length: float, rng: np.random.Generator) -> list[Prop]:
    """Line ``length`` metres of ``street`` with houses or trees, lamps and signs."""
    placed: list[Prop] = []
    for side, kerb in ((1.0, street.kerb_right), (-1.0, street.kerb_left)):
        z = -6.0
        while z < length + _AHEAD_M:
            if street.built:
                wide = float(rng.uniform(8.0, 12.5))
                placed.append(Prop(solid=shop(wide, side, rng), x=kerb + side * 3.6, z=z))
                z += wide + float(rng.choice([0.0, 0.0, 2.5]))
            else:
                placed.append(Prop(solid=tree(rng), x=kerb + side * float(rng.uniform(3, 6)), z=z))
                z += float(rng.uniform(5.0, 12.0))
        for post in np.arange(7.0 if side > 0 else 21.0, length + _AHEAD_M, 28.0).tolist():
            lamp = (-side * 1.9, 6.9)
            placed.append(Prop(solid=lamp_post(side), x=kerb + side * 0.6, z=post, lamp=lamp))
    words = ("NO STOPPING", "QUEEN ST W", "SPEED 50", "PARKING 2H")
    for number, z in enumerate(np.arange(18.0, length + 40.0, 27.0).tolist()):
        placed.append(Prop(solid=sign(words[number % len(words)]), x=street.kerb_right + 0.8, z=z))
    return placed
