"""The camera of the demonstration drive, and how solids, plates and lights are drawn with it.

The world is metres: x to the right of the patrol car, y up from the road, z ahead. The canvas is
drawn at twice the frame's size and reduced at the end, which smooths every edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from alprd.demo.vehicle import Facet

WIDTH: Final = 1280
HEIGHT: Final = 720
MARGIN: Final = 6
"""Rows above and below the frame that are drawn too, so that the car can bounce."""

SCALE: Final = 2
_NEAR_M: Final = 0.35
_FINE_PX_PER_M: Final = 42.0
_SOFT: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A pinhole camera turned by ``yaw`` radians to the right; lengths in px and metres."""

    yaw: float
    focal: float = 1680.0
    horizon: float = 296.0
    height: float = 1.38

    def to_camera(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn world ``points`` (n, 3) into the camera's space (n, 3), depth last."""
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        x, y, z = points[:, 0], points[:, 1] - self.height, points[:, 2]
        return np.stack([x * c - z * s, y, x * s + z * c], axis=1)

    def to_pixels(self, seen: NDArray[np.float64]) -> NDArray[np.float64]:
        """Project points of the camera's space (n, 3) to frame pixels (n, 2). Depths must be positive."""
        scale = self.focal / seen[:, 2]
        return np.stack([WIDTH / 2 + seen[:, 0] * scale, self.horizon - seen[:, 1] * scale], axis=1)

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Project world ``points`` (n, 3) to frame pixels (n, 2); None when one is behind the camera."""
        seen = self.to_camera(points)
        return None if float(seen[:, 2].min()) < _NEAR_M else self.to_pixels(seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where a solid stands: its origin on the road (metres) and its turn (radians, to the right)."""

    x: float
    z: float
    yaw: float = 0.0

    def place(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Bring ``points`` (n, 3) of the solid's own space into the world."""
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        x, z = points[:, 0], points[:, 2]
        return np.stack([x * c + z * s + self.x, points[:, 1], z * c - x * s + self.z], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """What falls on a solid: ``gain`` on its daylight grey, and whether its lamps count."""

    gain: float = 1.0
    night: bool = False


class Solid:
    """Facets made ready to be drawn again and again."""

    def __init__(self, facets: Iterable[Facet]) -> None:
        """Stack the points and normals of ``facets``."""
        self.facets = tuple(facets)
        self.points = np.concatenate([facet.points for facet in self.facets])
        ends = np.cumsum([len(facet.points) for facet in self.facets])
        self.spans = list(zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True))
        self.normals = np.stack([_normal(facet) for facet in self.facets])
        self.anchors = np.stack([facet.points.mean(axis=0) for facet in self.facets])


def _normal(facet: Facet) -> NDArray[np.float64]:
    if any(facet.facing):
        return np.array(facet.facing)
    a, b, c = facet.points[:3]
    return np.asarray(np.cross(b - a, c - b), dtype=np.float64)


def _clip(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut a polygon of the camera's space (n, 3) at the near plane."""
    kept = []
    for a, b in zip(points, np.roll(points, -1, axis=0), strict=True):
        if a[2] >= _NEAR_M:
            kept.append(a)
        if (a[2] >= _NEAR_M) != (b[2] >= _NEAR_M):
            kept.append(a + (b - a) * (_NEAR_M - a[2]) / (b[2] - a[2]))
    return np.array(kept).reshape(-1, 3)


class Canvas:
    """A grey picture at `SCALE` times the frame's size, with `MARGIN` rows more above and below."""

    def __init__(self, ground: NDArray[np.uint8]) -> None:
        """Start from ``ground``, (HEIGHT + 2 MARGIN, WIDTH) grey."""
        size = (WIDTH * SCALE, (HEIGHT + 2 * MARGIN) * SCALE)
        self.image = Image.fromarray(ground).resize(size, Image.Resampling.NEAREST)
        self.draw = ImageDraw.Draw(self.image)

    def to_canvas(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn frame pixels (n, 2) into this canvas's."""
        return np.asarray((pixels + np.array([0.0, MARGIN])) * SCALE, dtype=np.float64)

    def polygon(self, camera: Camera, points: NDArray[np.float64], shade: float) -> None:
        """Fill a world polygon (n, 3), cut at the near plane."""
        seen = camera.to_camera(points)
        if float(seen[:, 2].min()) < _NEAR_M:
            seen = _clip(seen)
        if len(seen) >= 3:
            flat = self.to_canvas(camera.to_pixels(seen)).ravel().tolist()
            self.draw.polygon(flat, fill=round(min(255.0, max(0.0, shade))))

    def solid(self, camera: Camera, solid: Solid, pose: Pose, light: Light) -> None:
        """Draw the facets of ``solid`` that face the camera, in their order."""
        seen = camera.to_camera(pose.place(solid.points))
        depths = seen[:, 2]
        if float(depths.max()) < _NEAR_M:
            return
        clear = float(depths.min()) >= _NEAR_M
        flat = self.to_canvas(camera.to_pixels(np.maximum(seen, (-1e9, -1e9, _NEAR_M))))
        left, right = float(flat[:, 0].min()), float(flat[:, 0].max())
        if clear and (right < 0 or left > self.image.width):
            return
        scale = camera.focal / max(_NEAR_M, float(depths.min()))
        fine = scale > _FINE_PX_PER_M
        turned = Pose(x=0.0, z=0.0, yaw=pose.yaw).place(solid.normals)
        eye = np.array([0.0, camera.height, 0.0])
        faces = np.einsum("ij,ij->i", turned, eye - pose.place(solid.anchors)) > 0
        for index in np.flatnonzero(faces).tolist():
            facet = solid.facets[index]
            if facet.fine and not fine:
                continue
            start, end = solid.spans[index]
            shade = max(facet.shade * light.gain, facet.glow if light.night else 0.0)
            fill = round(min(255.0, max(0.0, shade)))
            part = depths[start:end]
            if facet.pen:
                if float(part.min()) >= _NEAR_M:
                    way = eye - pose.place(solid.anchors[index : index + 1])[0]
                    slant = float(abs(turned[index] @ way)) / float(np.linalg.norm(way))
                    pen = round(facet.pen * (0.3 + 0.7 * slant) * camera.focal * SCALE / float(part.mean()))
                    line = flat[start:end].ravel().tolist()
                    self.draw.line(line, fill=fill, width=max(1, pen), joint="curve" if pen > 4 else None)
            elif clear or float(part.min()) >= _NEAR_M:
                self.draw.polygon(flat[start:end].ravel().tolist(), fill=fill)
            else:
                cut = _clip(seen[start:end])
                if len(cut) >= 3:
                    self.draw.polygon(self.to_canvas(camera.to_pixels(cut)).ravel().tolist(), fill=fill)

    def shadow(self, camera: Camera, pose: Pose, half: float, length: float, *, depth: float) -> None:
        """Darken the road under a vehicle to ``depth`` (0 to 1) of its grey, softly at the edges."""
        h, grow = half + 0.12, 0.15
        corners = np.array(
            [(-h, 0.0, -grow), (h, 0.0, -grow), (h, 0.0, length + grow), (-h, 0.0, length + grow)]
        )
        seen = camera.to_camera(pose.place(corners))
        seen = _clip(seen) if float(seen[:, 2].min()) < _NEAR_M else seen
        if len(seen) < 3:
            return
        flat = self.to_canvas(camera.to_pixels(seen)) / _SOFT
        size = (self.image.width // _SOFT, self.image.height // _SOFT)
        soft = max(1.0, 0.16 * camera.focal / max(1.5, pose.z) * SCALE / _SOFT)
        low = np.floor(np.clip(flat.min(axis=0) - 2 * soft, 0, size)).astype(int)
        high = np.ceil(np.clip(flat.max(axis=0) + 2 * soft, 0, size)).astype(int)
        if (high - low).min() < 2:
            return
        wide, tall = int(high[0] - low[0]), int(high[1] - low[1])
        mask = Image.new("L", (wide, tall), 0)
        ImageDraw.Draw(mask).polygon((flat - low).ravel().tolist(), fill=round(255 * depth))
        mask = mask.filter(ImageFilter.BoxBlur(soft)).resize(
            (wide * _SOFT, tall * _SOFT), Image.Resampling.BILINEAR
        )
        self.image.paste(0, (int(low[0]) * _SOFT, int(low[1]) * _SOFT), mask)

    def sprite(self, picture: Image.Image, mask: Image.Image, box: tuple[float, float, float, float]) -> None:
        """Paste ``picture`` through ``mask``, both scaled to ``box`` (left, top, right, bottom frame px)."""
        (left, top), (right, bottom) = self.to_canvas(np.array(box).reshape(2, 2)).tolist()
        size = (round(right - left), round(bottom - top))
        if min(size) > 2 and max(size) < self.image.width and right > 0 and left < self.image.width:
            scaled = (part.resize(size, Image.Resampling.BILINEAR) for part in (picture, mask))
            self.image.paste(next(scaled), (round(left), round(top)), next(scaled))

    def plate(self, face: Image.Image, corners: NDArray[np.float64]) -> None:
        """Warp ``face`` onto ``corners`` (4, 2) in frame pixels, top left first, clockwise."""
        flat = self.to_canvas(corners)
        low, high = np.floor(flat.min(axis=0)).astype(int), np.ceil(flat.max(axis=0)).astype(int)
        size = (int(high[0] - low[0]), int(high[1] - low[1]))
        if min(size) < 3 or max(size) > self.image.width:
            return
        if face.width > 1.6 * size[0]:
            face = face.reduce(max(1, min(8, round(face.width / (1.2 * size[0])))))
        coefficients = _perspective(flat - low, face.size)
        warped = face.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).polygon((flat - low).ravel().tolist(), fill=255)
        self.image.paste(warped, (int(low[0]), int(low[1])), mask)

    def smear(self, box: tuple[float, float, float, float], dx: float, dy: float) -> None:
        """Blur ``box`` (frame pixels) along a movement of ``dx``, ``dy`` px during the exposure."""
        across, down = round(dx * SCALE), round(dy * SCALE)
        if not across and not down:
            return
        corners = self.to_canvas(np.array(box).reshape(2, 2))
        low = np.clip(np.floor(corners[0]), 0, self.image.size).astype(int)
        high = np.clip(np.ceil(corners[1]), 0, self.image.size).astype(int)
        if (high - low).min() <= 2 * max(abs(across), abs(down)) + 2:
            return
        area = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
        moved = (area[0] - across, area[1] - down, area[2] - across, area[3] - down)
        blend = Image.blend(self.image.crop(area), self.image.crop(moved), 0.5)
        self.image.paste(blend, area)

    def reduced(self, bounce: int) -> Image.Image:
        """Return the frame at its own size, moved down by ``bounce`` canvas rows (at most MARGIN SCALE)."""
        top = MARGIN * SCALE - bounce
        return self.image.reduce(SCALE, box=(0, top, self.image.width, top + HEIGHT * SCALE))


def _perspective(corners: NDArray[np.float64], size: tuple[int, int]) -> tuple[float, ...]:
    """Coefficients that take output pixels inside ``corners`` (4, 2) to a face of ``size``."""
    w, h = size
    rows, goal = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (w, 0), (w, h), (0, h)), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        goal += [u, v]
    return tuple(np.linalg.solve(np.array(rows), np.array(goal)).tolist())


class Glow:
    """Round light around lamps, added to a finished frame."""

    def __init__(self) -> None:
        """Draw one disc of falling light, scaled for each lamp."""
        y, x = np.mgrid[-1:1:129j, -1:1:129j]
        r = np.hypot(x, y)
        light = 255 * np.clip(0.75 * np.exp(-26 * r**2) + 0.3 * np.exp(-5 * r**2) - 0.006, 0, 1) * (r < 1)
        self._disc = Image.fromarray(light.astype(np.uint8))

    def add(self, frame: Image.Image, centre: tuple[float, float], radius: float, power: float) -> None:
        """Brighten ``frame`` around ``centre`` (px) within ``radius`` px by ``power`` (0 to 1)."""
        size = round(min(520.0, 2 * radius))
        if size < 3:
            return
        left, top = round(centre[0] - size / 2), round(centre[1] - size / 2)
        if left >= frame.width or top >= frame.height or left + size <= 0 or top + size <= 0:
            return
        disc = self._disc.resize((size, size), Image.Resampling.BILINEAR).point(lambda v: int(v * power))
        area = (left, top, left + size, top + size)
        frame.paste(ImageChops.add(frame.crop(area), disc), (left, top))


class Sensor:
    """What lens and sensor add: vignetting, and noise that is stronger at night."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw the noise fields once; frames take them at random offsets."""
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        r2 = ((x - WIDTH / 2) ** 2 + (y - HEIGHT / 2) ** 2) / (WIDTH / 2) ** 2
        self._gain = (256 * (1 - 0.2 * r2)).astype(np.uint16)
        self._noise = rng.normal(0.0, 1.0, (HEIGHT + 64, WIDTH + 64)).astype(np.float32)
        self._levels = {
            night: (self._noise * (4.0 if night else 2.2)).round().astype(np.int16) for night in (False, True)
        }

    def expose(self, frame: Image.Image, *, night: bool, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return ``frame`` as the sensor gives it, (HEIGHT, WIDTH) grey."""
        lit = ((np.asarray(frame, dtype=np.uint16) * self._gain) >> 8).astype(np.int16)
        top, left = rng.integers(0, 64, 2)
        lit += self._levels[night][top : top + HEIGHT, left : left + WIDTH]
        np.clip(lit, 0, 255, out=lit)
        return np.asarray(lit, dtype=np.uint8)
