"""The script of the drive that the project renders itself, and its truth. Everything is synthetic.

A seed fixes which vehicles pass, with which plates, when and where. The script is pure: it says
where every plate's corners lie in every frame before a pixel is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.demo.scene import HEIGHT, WIDTH, Camera, Pose
from alprd.demo.traffic import FRAMES_PER_SECOND, Vehicle, stretches_of, traffic_on
from alprd.demo.vehicle import colour_name, make_mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

RENDERER_VERSION: Final = 2
"""Raised with every change that alters a pixel, so that no stale drive is reused."""

FULL_DRIVE: Final = 300
DEFAULT_SEED: Final = 3
LISTED: Final = 7
JURISDICTIONS: Final = {
    "ontario": "CA-ON",
    "dark-on-light": "??",
    "light-on-dark": "??",
    "two-line": "??",
}
"""What the list says of each style's issuer: the others are of no issuer's design, and tell of none."""
_READABLE_PX: Final = 60.0
_GOOD_FRAMES: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateTruth:
    """A plate in a frame: ``corners`` (4, 2) px clockwise from the top left, ``width_px`` its mean width.

    ``is_whole`` says that all of it lies in the frame and no nearer vehicle hides its middle or corners.
    """

    vehicle: int
    corners: NDArray[np.float64]
    width_px: float
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """When a vehicle's plate is whole and at least a readable width: first and last frame, and how many."""

    entry: int
    exit: int
    frames: int


class DriveScript:
    """Everything about a drive but its pixels. ``listed`` holds the numbers of the listed vehicles."""

    def __init__(self, seed: int, frames: int = FULL_DRIVE) -> None:
        """Write the script of ``frames`` frames (at least 40) from ``seed``."""
        if frames < 40:
            raise ValueError(f"a drive has at least 40 frames, not {frames}")
        self.seed, self.frames = seed, frames
        rng = np.random.default_rng([seed, 7])
        self.stretches = stretches_of(frames)
        self.vehicles = tuple(traffic_on(self.stretches, rng))
        self.meshes = {vehicle.number: make_mesh(vehicle.spec) for vehicle in self.vehicles}
        good = [v.number for v in self.vehicles if self.passes[v.number].frames >= _GOOD_FRAMES]
        self.listed = _choose(good, self.vehicles, rng)

    def stretch_at(self, frame: float) -> int:
        """Return the number of the stretch that ``frame`` belongs to."""
        return max(i for i, stretch in enumerate(self.stretches) if stretch.first <= frame)

    def camera(self, frame: float) -> Camera:
        """Return the camera of ``frame``."""
        return Camera(yaw=self.stretches[self.stretch_at(frame)].yaw)

    def bounce(self, frame: float) -> int:
        """Return how far the car's pitching moves the picture down, in half pixels (-8 to 8)."""
        return round(4.5 * math.sin(frame * 0.83) + 3.0 * math.sin(frame * 0.31 + 1.0))

    def pose(self, vehicle: Vehicle, frame: float) -> Pose:
        """Where ``vehicle`` stands in ``frame`` (of its own stretch)."""
        stretch = self.stretches[vehicle.stretch]
        seconds = (frame - stretch.first) / FRAMES_PER_SECOND
        return vehicle.pose(seconds, stretch.frames / FRAMES_PER_SECOND)

    def present(self, frame: float) -> list[Vehicle]:
        """Return the vehicles of ``frame`` that are not wholly behind, the farthest first."""
        stretch = self.stretch_at(frame)
        seen = [(self.pose(v, frame).z, v) for v in self.vehicles if v.stretch == stretch]
        near = [(z, v) for z, v in seen if z + self.meshes[v.number].length > 0.5]
        return [v for _, v in sorted(near, key=lambda pair: -pair[0])]

    def corners(self, vehicle: Vehicle, frame: float) -> NDArray[np.float64] | None:
        """Return the plate's corners in px (4, 2), before the frame's bounce; None behind the camera."""
        pose = self.pose(vehicle, frame)
        return self.camera(int(frame)).project(pose.place(self.meshes[vehicle.number].plate))

    def truth(self, frame: int) -> list[PlateTruth]:
        """Return every plate that is at least partly in ``frame``, the farthest first."""
        present = self.present(frame)
        hulls = [self.hull(v, frame) for v in present]
        plates = []
        for index, vehicle in enumerate(present):
            corners = self.corners(vehicle, frame)
            if corners is None:
                continue
            points = np.vstack([corners, corners.mean(axis=0)])
            hidden = any(covers(hull, points) for hull in hulls[index + 1 :])
            corners += np.array([0.0, self.bounce(frame) / 2])
            if not (corners[:, 0].max() > 0 and corners[:, 0].min() < WIDTH and corners[:, 1].min() < HEIGHT):
                continue
            inside = bool((corners > 1).all() and (corners < (WIDTH - 1, HEIGHT - 1)).all())
            width = float(np.linalg.norm(corners[[1, 2]] - corners[[0, 3]], axis=1).mean())
            whole = inside and not hidden
            plates.append(PlateTruth(vehicle=vehicle.number, corners=corners, width_px=width, is_whole=whole))
        return plates

    @cached_property
    def passes(self) -> dict[int, Pass]:
        """When each vehicle's plate can be read."""
        seen: dict[int, list[int]] = {vehicle.number: [] for vehicle in self.vehicles}
        for frame in range(self.frames):
            for plate in self.truth(frame):
                if plate.is_whole and plate.width_px >= _READABLE_PX:
                    seen[plate.vehicle].append(frame)
        return {
            n: Pass(entry=min(f, default=-1), exit=max(f, default=-1), frames=len(f)) for n, f in seen.items()
        }

    def listed_texts(self) -> dict[str, str]:
        """Return the listed plates' texts with their jurisdictions."""
        specs = [v.spec for v in self.vehicles if v.number in self.listed]
        return {spec.text: JURISDICTIONS[spec.style] for spec in specs}

    def listed_vehicles(self) -> dict[str, tuple[str, str]]:
        """Return the colours and classes of the vehicles with listed plates, by plate."""
        specs = [v.spec for v in self.vehicles if v.number in self.listed]
        return {spec.text: (colour_name(spec.paint), spec.kind) for spec in specs}

    def hull(self, vehicle: Vehicle, frame: float) -> NDArray[np.float64] | None:
        """Return the outline (n, 2) px of a vehicle's body before the bounce; None behind the camera."""
        mesh, pose = self.meshes[vehicle.number], self.pose(vehicle, frame)
        near = max(0.0, 0.6 - pose.z)
        roof = mesh.half * 0.8
        grid = [(x, 0.3, z) for x in (-mesh.half, mesh.half) for z in (near, mesh.length)]
        grid += [(x, 1.0, z) for x in (-mesh.half, mesh.half) for z in (near, mesh.length)]
        tops = (max(near, mesh.length * 0.2), max(near, mesh.length * 0.7))
        grid += [(x, mesh.height, z) for x in (-roof, roof) for z in tops]
        flat = self.camera(frame).project(pose.place(np.array(grid)))
        return None if flat is None else _outline(flat)


def _outline(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the convex hull of ``points`` (n, 2), by Andrew's monotone chain."""
    chains: list[list[float]] = []
    ordered = sorted(points.tolist())
    for source in (ordered, ordered[::-1]):
        chain: list[list[float]] = []
        for point in source:
            while len(chain) >= 2 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains += chain[:-1]
    return np.array(chains)


def _turn(a: list[float], b: list[float], c: list[float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def covers(hull: NDArray[np.float64] | None, points: NDArray[np.float64]) -> bool:
    """Return whether the convex ``hull`` (n, 2) holds any of ``points`` (m, 2)."""
    if hull is None:
        return False
    sides = np.roll(hull, -1, axis=0) - hull
    apart = points[:, None, :] - hull[None, :, :]
    return bool((sides[:, 0] * apart[:, :, 1] - sides[:, 1] * apart[:, :, 0] > 0).all(axis=1).any())


def _choose(good: list[int], vehicles: tuple[Vehicle, ...], rng: np.random.Generator) -> frozenset[int]:
    """Choose the listed vehicles among the readable ones, a few from every stretch in turn."""
    by_stretch: dict[int, list[int]] = {}
    for number in rng.permutation(good).tolist():
        if vehicles[number].spec.style in {"ontario", "dark-on-light"}:
            by_stretch.setdefault(vehicles[number].stretch, []).append(number)
    chosen: list[int] = []
    while len(chosen) < LISTED and any(by_stretch.values()):
        for numbers in by_stretch.values():
            if numbers and len(chosen) < LISTED:
                chosen.append(numbers.pop())
    return frozenset(chosen)


def truth_of(script: DriveScript) -> dict[str, object]:
    """Return the truth of ``script`` as plain values: vehicles with their plates, and plates per frame."""
    vehicles = [
        {
            "number": v.number,
            "text": v.spec.text,
            "style": v.spec.style,
            "kind": v.spec.kind,
            "view": v.spec.view,
            "listed": v.number in script.listed,
            "entry": script.passes[v.number].entry,
            "exit": script.passes[v.number].exit,
            "frames": script.passes[v.number].frames,
        }
        for v in script.vehicles
    ]
    frames = [
        [
            {
                "vehicle": plate.vehicle,
                "corners": np.round(plate.corners, 2).tolist(),
                "width_px": round(plate.width_px, 1),
                "whole": plate.is_whole,
            }
            for plate in script.truth(number)
        ]
        for number in range(script.frames)
    ]
    return {
        "synthetic": True,
        "seed": script.seed,
        "version": RENDERER_VERSION,
        "vehicles": vehicles,
        "frames": frames,
    }
