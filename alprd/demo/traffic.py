"""Who drives and who is parked where in the demonstration drive. All plates are invented."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from alprd.demo.bodies import KINDS
from alprd.demo.road import Street
from alprd.demo.scene import Pose
from alprd.demo.vehicle import VehicleSpec

FRAMES_PER_SECOND: Final = 10
_ONTARIO_LETTERS: Final = "ABCDEFHJKLMNPRSTVWXYZ"
_LETTERINGS: Final = ("NORTHERN/PLUMBING", "FRESH FISH/DAILY", "ABLE ELECTRIC/555-0117", "CITY PARCEL/24H7")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One part of the drive: a street, an aim of the camera, day or night. Speeds in metres a second."""

    first: int
    frames: int
    night: bool
    yaw: float
    speed: float
    street: Street
    kerb: bool
    """Parked cars along the kerb; else traffic in lanes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """One vehicle's pass through one stretch, seen from the patrol car.

    It stands ``x`` m across and ``z`` m ahead when the stretch begins, moves by ``speed`` m/s against
    the patrol car, sways by ``sway`` m along the road (slowing and catching up) and by ``drift`` m
    across it over the stretch.
    """

    number: int
    spec: VehicleSpec
    stretch: int
    x: float
    z: float
    speed: float
    sway: float = 0.0
    drift: float = 0.0

    def pose(self, seconds: float, whole: float) -> Pose:
        """Where it stands ``seconds`` after the stretch of ``whole`` seconds began."""
        part = seconds / whole
        across = self.drift * part * part * (3 - 2 * part)
        sway = self.sway * 0.5 * (1 - math.cos(2 * math.pi * part))
        way = math.atan2(self.drift * 6 * part * (1 - part), 12.0 * whole)
        return Pose(x=self.x + across, z=self.z + self.speed * seconds + sway, yaw=way)


def stretches_of(frames: int) -> tuple[Stretch, ...]:
    """Share ``frames`` among the stretches: kerb and traffic, by day and by night."""
    town = Street(kerb_right=3.45, kerb_left=-7.6, lanes=(), solid_lines=(-1.85, -1.65), built=True)
    avenue = Street(
        kerb_right=5.4, kerb_left=-12.6, lanes=(1.75, -1.75), solid_lines=(-5.3, -5.5), built=False
    )
    kerb = {"kerb": True, "street": town, "yaw": math.radians(15.5), "speed": 3.5}
    lanes = {"kerb": False, "street": avenue, "yaw": math.radians(-12.5), "speed": 13.0}
    plan = (
        ((kerb, False), (lanes, False), (lanes, True), (kerb, True))
        if frames >= 150
        else ((kerb, False), (lanes, True))
    )
    ends = [round(frames * (i + 1) / len(plan)) for i in range(len(plan))]
    starts = [0, *ends[:-1]]
    return tuple(
        Stretch(first=first, frames=end - first, night=night, **how)  # type: ignore[arg-type]  # the fields above
        for (how, night), first, end in zip(plan, starts, ends, strict=True)
    )


def _plate_text(style: str, rng: np.random.Generator) -> str:
    def pick(source: str, count: int) -> str:
        return "".join(source[int(i)] for i in rng.integers(0, len(source), count))

    letters, digits = _ONTARIO_LETTERS, "0123456789"
    match style:
        case "ontario":
            return pick(letters, 4) + pick(digits, 3)
        case "dark-on-light":
            return pick(letters, 3) + pick(digits, 4)
        case "light-on-dark":
            return pick(letters, 3) + pick(digits, 3)
        case _:
            return pick(letters, 2) + pick(digits, 4)


def traffic_on(stretches: tuple[Stretch, ...], rng: np.random.Generator) -> list[Vehicle]:
    """Fill every stretch with vehicles."""
    vehicles: list[Vehicle] = []
    texts: set[str] = set()

    def add(stretch: int, view: str, x: float, z: float, speed: float, **how: float) -> None:
        style = str(
            rng.choice(["ontario", "dark-on-light", "light-on-dark", "two-line"], p=[0.76, 0.1, 0.08, 0.06])
        )
        text = _plate_text(style, rng)
        while text in texts:
            text = _plate_text(style, rng)
        texts.add(text)
        kind = str(rng.choice(KINDS, p=[0.2, 0.1, 0.3, 0.25, 0.15]))
        lettering = str(rng.choice(_LETTERINGS)) if kind == "van" else ""
        paint = int(rng.choice([38, 62, 95, 140, 178, 214, 232]))
        spec = VehicleSpec(
            kind=kind,
            view=view,
            paint=paint,
            text=text,
            style=style,
            seed=int(rng.integers(1 << 30)),
            lettering=lettering,
        )
        vehicles.append(
            Vehicle(number=len(vehicles), spec=spec, stretch=stretch, x=x, z=z, speed=speed, **how)
        )

    for number, stretch in enumerate(stretches):
        whole = stretch.frames / FRAMES_PER_SECOND
        if stretch.kerb:
            z = 5.0
            while z < stretch.speed * whole + 5.0:
                add(number, "rear", 2.36 + float(rng.uniform(-0.08, 0.1)), z, -stretch.speed)
                z += float(rng.uniform(7.5, 8.3))
            for z in np.arange(16.0, 16.0 + 12.0 * whole, 24.0).tolist():
                add(number, "front", -3.3, z, -12.0)
            add(number, "rear", -0.25, 17.0, 0.0, sway=-7.0)
        else:
            for index, z in enumerate(np.arange(5.5, 6.5 - 2.5 * whole, -7.7).tolist()):
                add(number, "rear", -3.15 + 0.12 * (index % 2), z, 2.5)
            add(number, "rear", 0.0, 9.8, 0.0, sway=-5.9)
            add(number, "rear", 3.5, 11.0, 1.4)
            add(number, "rear", 3.6, 24.0, -0.9)
            for z in np.arange(30.0, 30.0 + 26.0 * whole, 46.0).tolist():
                add(number, "front", -8.6, z, -26.0)
    return vehicles
