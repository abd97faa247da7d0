"""Vehicles of the demonstration drive as small meshes of shaded facets.

A vehicle is lofted from a table of levels: at each height, where the skin turned to the camera lies,
how wide the body is, and where it ends. Coordinates are metres in the vehicle's own space: x to the
right, y up from the ground, z away from the camera, 0 at the face that carries the plate. All makes,
names and telephone numbers are invented.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from alprd.demo.bodies import LENGTHS, Level, levels_of
from alprd.demo.glyphs import GLYPHS, GRID_HEIGHT, GRID_WIDTH, outline
from alprd.demo.plate import STYLES, draw_plate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PLATE_WIDTH_M: Final = 0.305
_FACE_PX: Final = 300
_CHAMFER_M: Final = 0.09
_SUN: Final = np.array([-0.38, 0.72, -0.58])
_STRIP_M: Final = 0.035
_COLOURS: Final = ((200, "white"), (160, "silver"), (80, "grey"), (50, "dark grey"))

Point = tuple[float, float, float]


class Facet(NamedTuple):
    """A polygon (``pen`` 0) or a polyline ``pen`` metres wide. ``shade`` is its grey in daylight.

    ``glow`` is its grey at night whatever falls on it; 0 for what only reflects. A facet is drawn when
    it faces the camera: ``facing`` is its outward normal, taken from the first three points where it
    is all zero. ``fine`` ones are left out in the distance.
    """

    points: NDArray[np.float64]
    shade: float
    glow: float = 0.0
    pen: float = 0.0
    facing: Point = (0.0, 0.0, 0.0)
    fine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A light seen from the camera: its place in the vehicle, its power (0 to 1) and its size in metres."""

    place: Point
    power: float
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleSpec:
    """What a vehicle is: body ``kind``, ``view`` (rear or front), ``paint`` grey, its plate and lettering."""

    kind: str
    view: str
    paint: int
    text: str
    style: str
    seed: int
    lettering: str = ""


def colour_name(paint: int) -> str:
    """Return what a person calls a vehicle of that grey."""
    return next((name for least, name in _COLOURS if paint >= least), "black")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """A vehicle ready to draw. ``plate`` is (4, 3) metres: top left, top right, bottom right, bottom left."""

    facets: tuple[Facet, ...]
    lamps: tuple[Lamp, ...]
    plate: NDArray[np.float64]
    face: NDArray[np.uint8]
    half: float
    length: float
    height: float


@dataclass(slots=True)
class _Builder:
    facets: list[Facet] = field(default_factory=list)
    lamps: list[Lamp] = field(default_factory=list)

    def quad(self, points: Sequence[Point], shade: float, **how: float | bool) -> None:
        self.facets.append(Facet(np.array(points, dtype=np.float64), shade, **how))  # type: ignore[arg-type]  # the named fields of Facet

    def panel(
        self, box: tuple[float, float, float, float], z: float, shade: float, **how: float | bool
    ) -> None:
        """Add an upright rectangle ``box`` (left, bottom, right, top) at depth ``z``."""
        left, bottom, right, top = box
        corners = [(left, top, z), (right, top, z), (right, bottom, z), (left, bottom, z)]
        self.quad(corners, shade, **how)

    def disc(self, centre: Point, radius: float, shade: float, facing: Point) -> None:
        """Add a disc of ``radius`` m that faces along x (a wheel's side) or z (a badge)."""
        turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        ring = np.tile(np.array(centre), (20, 1))
        ring[:, 2 if facing[0] else 0] += radius * np.cos(turn)
        ring[:, 1] += radius * np.sin(turn)
        self.facets.append(Facet(ring, shade, facing=facing))


@functools.cache
def _outlines(character: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    return tuple(tuple(outline(stroke)) for stroke in GLYPHS[character])


def letters(
    text: str, origin: Point, right: Point, height: float, shade: float, *, glow: float = 0.0
) -> list[Facet]:
    """Return ``text`` as polylines from ``origin`` (its lower left) along the unit vector ``right``.

    ``height`` is the letters' height in metres. Characters without a glyph are left out.
    """
    facets = []
    unit = height / GRID_HEIGHT
    start, along = np.array(origin), np.array(right)
    facing = (right[2], 0.0, -right[0])
    for index, character in enumerate(text):
        for points in _outlines(character) if character in GLYPHS else ():
            flat = np.array(points) * unit
            flat[:, 0] += index * unit * GRID_WIDTH * 1.5
            line = start + flat[:, :1] * along
            line[:, 1] += height - flat[:, 1]
            facets.append(Facet(line, shade, glow, pen=height * 0.13, facing=facing, fine=True))
    return facets


def letters_width(text: str, height: float) -> float:
    """Return the width in metres of `letters` of ``height`` m."""
    return (len(text) * 1.5 - 0.5) * GRID_WIDTH * height / GRID_HEIGHT


def _lit(points: NDArray[np.float64], paint: float) -> float:
    """Grey of a painted facet under the sun and sky of the drive."""
    normal = np.cross(points[1] - points[0], points[2] - points[1])
    normal = normal / (np.linalg.norm(normal) + 1e-9)
    sun = max(0.0, float(normal @ _SUN))
    sky = 0.5 + 0.12 * float(normal[1])
    return float(np.clip(paint * (sky + 0.42 * sun) + 8 + 10 * max(0.0, float(normal[1])), 0, 236))


def _skin_shade(points: NDArray[np.float64], skin: str, paint: float, height: float) -> float:
    if skin == "under":
        return 18.0
    if skin == "glass":  # the sky mirrored above, the dark inside below
        return 34.0 + 75.0 * max(0.0, height - 1.15)
    if skin == "bumper":
        return _lit(points, 0.45 * paint + 22)
    crease = 0.022 * np.sin(height * 17.0) if skin == "body" else 0.0
    return _lit(points, paint * (1.0 + float(crease) + 0.16 * (height - 0.75)))


def _loft(build: _Builder, levels: tuple[Level, ...], paint: float) -> None:
    """Skin the levels from the top down, so that nearer strips cover farther ones."""
    for low, high in reversed(list(itertools.pairwise(levels))):
        count = max(1, round((high.y - low.y) / _STRIP_M))
        for step in reversed(range(count)):
            lower, upper = (
                [a + (b - a) * s / count for a, b in zip(low[:4], high[:4], strict=True)]
                for s in (step, step + 1)
            )
            _strip(build, lower, upper, low.skin, paint)


def _strip(build: _Builder, lower: list[float], upper: list[float], skin: str, paint: float) -> None:
    (ly, lz, lh, le), (uy, uz, uh, ue) = lower, upper
    c = _CHAMFER_M
    across: list[list[Point]] = []
    for side in (-1.0, 1.0):
        flank = [(side * uh, uy, uz + c), (side * uh, uy, ue), (side * lh, ly, le), (side * lh, ly, lz + c)]
        edge = [
            (side * (uh - c), uy, uz),
            (side * uh, uy, uz + c),
            (side * lh, ly, lz + c),
            (side * (lh - c), ly, lz),
        ]
        across += [flank[::-1], edge[::-1]] if side < 0 else [flank, edge]
    across.append([(c - uh, uy, uz), (uh - c, uy, uz), (lh - c, ly, lz), (c - lh, ly, lz)])
    for index, points in enumerate(across):
        array = np.array(points, dtype=np.float64)
        pillar = skin == "glass" and index in {1, 3}
        shade = _skin_shade(array, "body" if pillar else skin, paint, (ly + uy) / 2)
        build.facets.append(Facet(array, shade))


def _at(levels: tuple[Level, ...], y: float) -> tuple[float, float]:
    """Depth and half width of the skin at height ``y``."""
    heights = [level.y for level in levels]
    z = float(np.interp(y, heights, [level.z for level in levels]))
    return z, float(np.interp(y, heights, [level.half for level in levels]))


def _wheels(build: _Builder, half: float, length: float, ground: float) -> None:
    radius = 0.33 + (ground - 0.2) * 0.35
    for side in (-1.0, 1.0):
        inner, outer = sorted((side * (half - 0.24), side * (half - 0.02)))
        build.panel((inner, 0.0, outer, 0.42), 0.42, 14.0)
        for z in (0.85, length - 0.95):
            x = side * (half + 0.005)
            facing = (side, 0.0, 0.0)
            build.disc((x, radius + 0.03, z), radius + 0.07, 12.0, facing)
            build.disc((x, radius, z), radius, 24.0, facing)
            build.disc((x, radius, z), radius * 0.62, 125.0, facing)
            build.disc((x, radius, z), radius * 0.16, 60.0, facing)


def _side_windows(build: _Builder, levels: tuple[Level, ...], kind: str) -> None:
    """Break the glass flank with pillars and add the door lines and mirrors."""
    top = next(i for i, level in enumerate(levels) if level.skin == "glass")
    low, high = levels[top], levels[top + 1]
    span = high.end - low.z
    for side in (-1.0, 1.0):
        for part in (0.36, 0.66):
            z = low.z + span * part
            x0, x1 = side * (low.half + 0.004), side * (high.half + 0.004)
            post = [(x1, high.y, z), (x1, high.y, z + 0.09), (x0, low.y, z + 0.13), (x0, low.y, z)]
            facing = (side, 0.0, 0.0)
            build.facets.append(Facet(np.array(post), 150.0 if kind == "van" else 30.0, facing=facing))
            seam = np.array(
                [(side * (low.half + 0.05), low.y, z), (side * (low.half + 0.06), 0.45, z + 0.05)]
            )
            build.facets.append(Facet(seam, 28.0, pen=0.012, facing=facing, fine=True))


def _lamps(build: _Builder, levels: tuple[Level, ...], spec: VehicleSpec, rng: np.random.Generator) -> None:
    front = spec.view == "front"
    low, high = (levels[3].y, levels[4].y) if front else (levels[3].y + 0.06, levels[4].y - 0.02)
    tall = spec.kind in {"suv", "van", "pickup"} and not front
    wide = 0.13 if tall else 0.30
    high += 0.12 if tall and spec.kind != "pickup" else 0.0
    for side in (-1.0, 1.0):
        z, half = _at(levels, (low + high) / 2)
        inner, outer = sorted((side * (half - _CHAMFER_M - wide), side * (half - _CHAMFER_M)))
        box = (inner, low, outer, high)
        build.panel(box, z - 0.015, 60.0 if not front else 150.0, glow=0.0 if not front else 190.0)
        inset = (inner + 0.02, low + 0.02, outer - 0.02, high - 0.02)
        build.panel(inset, z - 0.02, 92.0 if not front else 225.0, glow=112.0 if not front else 250.0)
        mid = (low + high) / 2
        build.panel(
            (inset[0], low + 0.03, inset[2], mid - 0.01),
            z - 0.022,
            128.0,
            glow=165.0 if not front else 255.0,
            fine=True,
        )
        power = (0.95 if front else 0.36) * float(rng.uniform(0.85, 1.1))
        lamp = Lamp(place=((inner + outer) / 2, mid, z - 0.03), power=power, size=1.1 if front else 0.6)
        build.lamps.append(lamp)


def _rear_details(build: _Builder, levels: tuple[Level, ...], spec: VehicleSpec) -> None:
    z, half = _at(levels, 0.8)
    if spec.kind == "van":
        build.panel((-0.008, 0.62, 0.008, 1.9), z - 0.03, 25.0)
    if spec.kind == "suv":
        build.panel((-half * 0.75, 1.56, half * 0.75, 1.63), 0.25, spec.paint * 0.7)
    for side in (-1.0, 1.0):  # reflectors and exhaust
        x = side * (half - 0.2)
        build.panel((x - 0.07, 0.40, x + 0.07, 0.44), levels[1].z - 0.03, 105.0, fine=True)
    build.panel((half - 0.36, levels[1].y - 0.07, half - 0.24, levels[1].y), levels[1].z, 90.0, fine=True)


def _front_details(build: _Builder, levels: tuple[Level, ...], paint: float) -> None:
    y, high = levels[3].y, levels[4].y
    z, half = _at(levels, (y + high) / 2)
    build.panel((-half * 0.5, y, half * 0.5, high), z - 0.02, 30.0)
    for step in range(1, 4):
        bar = y + (high - y) * step / 4
        build.panel((-half * 0.48, bar - 0.008, half * 0.48, bar + 0.008), z - 0.025, 140.0, fine=True)
    build.panel((-half * 0.6, levels[1].y + 0.02, half * 0.6, levels[1].y + 0.1), levels[1].z - 0.04, 22.0)
    glass = next(level for level in levels if level.skin == "glass")
    for side in (-1.0, 1.0):  # mirrors
        inner, outer = sorted((side * (glass.half + 0.02), side * (glass.half + 0.2)))
        build.panel((inner, glass.y, outer, glass.y + 0.15), glass.z + 0.25, paint * 0.6)


def _names(build: _Builder, levels: tuple[Level, ...], spec: VehicleSpec, plate_y: float) -> None:
    """Add the badge, the maker's name and a trade's lettering: writing that is no plate."""
    name = ("AURIGA", "BOREAL", "TALON", "VESPER", "ORION", "KESTREL")[spec.seed % 6]
    ink = 235.0 if spec.paint < 110 else 40.0
    top = levels[4].y - (0.035 if spec.view == "rear" else 0.09)
    z, half = _at(levels, top)
    build.disc((0.0, top, z - 0.05), 0.03 if spec.view == "rear" else 0.05, 170.0, (0.0, 0.0, -1.0))
    if spec.view == "rear":
        build.facets += letters(name, (-half + 0.46, plate_y + 0.13, z - 0.035), (1.0, 0.0, 0.0), 0.045, ink)
    if not spec.lettering:
        return
    height = 0.12 if spec.kind == "van" else 0.055
    y = 1.88 if spec.kind == "van" else plate_y - 0.28
    for row, words in enumerate(spec.lettering.split("/")):
        z, half = _at(levels, y - row * 0.18)
        width = letters_width(words, height)
        tall = height * min(1.0, 1.75 * half / width)
        left = -letters_width(words, tall) / 2
        build.facets += letters(words, (left, y - row * 0.18, z - 0.04), (1.0, 0.0, 0.0), tall, ink)
        for side in (-1.0, 1.0) if spec.kind == "van" else ():
            along = letters_width(words, 0.18)
            near, way = (1.3, 1.0) if side > 0 else (1.3 + along, -1.0)
            place = (side * (0.99), 0.98 - row * 0.28, near)
            build.facets += letters(words, place, (0.0, 0.0, way), 0.18, ink)


def _plate(levels: tuple[Level, ...], spec: VehicleSpec, rng: np.random.Generator) -> NDArray[np.float64]:
    """Bolt the plate on, leaning and turned by a few degrees, and return its corners."""
    if spec.view == "front":
        y = (levels[1].y + levels[2].y) / 2 + 0.03
    else:
        y = 0.62 if spec.kind in {"van", "pickup"} else 0.79 + (0.1 if spec.kind == "suv" else 0.0)
    z, _ = _at(levels, y)
    style = STYLES[spec.style]
    half_w = PLATE_WIDTH_M * style.width / _FACE_PX / 2
    half_h = PLATE_WIDTH_M * style.height / _FACE_PX / 2
    pitch, yaw, roll = np.radians(rng.uniform([-2, -2.5, -1.2], [7, 2.5, 1.2]))
    flat = np.array([(-half_w, half_h), (half_w, half_h), (half_w, -half_h), (-half_w, -half_h)])
    spin = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    flat = flat @ spin.T
    depth = z - 0.06 + flat[:, 1] * np.sin(pitch) + flat[:, 0] * np.sin(yaw)
    return np.stack([flat[:, 0] * np.cos(yaw), y + flat[:, 1] * np.cos(pitch), depth], axis=1)


def make_mesh(spec: VehicleSpec) -> Mesh:
    """Return the mesh of ``spec``. The same specification gives the same mesh.

    Raises `KeyError` on an unknown kind, view or style.
    """
    rng = np.random.default_rng(spec.seed)
    length = LENGTHS[spec.kind]
    levels = levels_of(spec.kind, spec.view)
    plate = _plate(levels, spec, rng)
    face = draw_plate(spec.text, STYLES[spec.style], rng=rng)
    build = _Builder()
    half = max(level.half for level in levels)
    _wheels(build, half, length, levels[0].y)
    wheels, build.facets = build.facets, []
    _loft(build, levels, float(spec.paint))
    build.facets = [f for f in wheels if not f.facing[0]] + build.facets + [f for f in wheels if f.facing[0]]
    _side_windows(build, levels, spec.kind)
    _lamps(build, levels, spec, rng)
    if spec.view == "rear":
        _rear_details(build, levels, spec)
    else:
        _front_details(build, levels, float(spec.paint))
    centre = plate.mean(axis=0)
    recess = (float(plate[:, 0].min()) - 0.06, float(plate[:, 1].min()) - 0.03)
    recess_box = (*recess, float(plate[:, 0].max()) + 0.06, float(plate[:, 1].max()) + 0.04)
    build.panel(recess_box, float(centre[2]) + 0.02, max(14.0, spec.paint * 0.32))
    _names(build, levels, spec, float(centre[1]))
    return Mesh(
        facets=tuple(build.facets),
        lamps=tuple(build.lamps),
        plate=plate,
        face=face,
        half=half,
        length=length,
        height=levels[-1].y,
    )
