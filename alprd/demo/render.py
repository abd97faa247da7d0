"""Draws the demonstration drive's frames, and keeps a finished drive for the next run."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from alprd.demo.drive import FULL_DRIVE, RENDERER_VERSION, DriveScript, covers, truth_of
from alprd.demo.road import Ground, Prop, draw_prop, marks, props
from alprd.demo.scene import Camera, Canvas, Glow, Light, Pose, Sensor, Solid
from alprd.demo.traffic import FRAMES_PER_SECOND, Vehicle

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from alprd.demo.vehicle import Mesh

_JPEG_QUALITY: Final = 88
_TRUTH_FILE: Final = "truth.json"
_PARTS: Final = 1000
"""Moments between two frames that have noise of their own."""


class DriveRenderer:
    """Draws the frames of a script one after the other."""

    def __init__(self, script: DriveScript) -> None:
        """Take the script; each stretch's street is prepared when its first frame is drawn."""
        self.script = script
        self._solids = {number: Solid(mesh.facets) for number, mesh in script.meshes.items()}
        self._faces = {number: Image.fromarray(mesh.face) for number, mesh in script.meshes.items()}
        self._sensor = Sensor(np.random.default_rng([script.seed, 11]))
        self._glow = Glow()
        self._stretch = -1
        self._ground: Ground
        self._props: list[Prop] = []

    def frame(self, number: float) -> NDArray[np.uint8]:
        """Return frame ``number`` as (HEIGHT, WIDTH) grey. Frames may be asked for in any order.

        A number between two whole ones is a moment between two frames, as a faster camera would take it.
        """
        script = self.script
        self._prepare(script.stretch_at(number))
        stretch, camera = script.stretches[self._stretch], script.camera(number)
        travel = stretch.speed * (number - stretch.first) / FRAMES_PER_SECOND
        light = Light(gain=0.25, night=True) if stretch.night else Light()
        canvas = Canvas(self._ground.at(travel))
        marks(canvas, camera, stretch.street, travel, light)
        things: list[tuple[float, Prop | Vehicle]] = [
            (p.z - travel, p) for p in self._props if -14 < p.z - travel < 95
        ]
        things += [(script.pose(v, number).z, v) for v in script.present(number)]
        for _, thing in sorted(things, key=lambda pair: -pair[0]):
            if isinstance(thing, Prop):
                draw_prop(canvas, camera, thing, travel, light)
            else:
                self._vehicle(canvas, thing, number, night=stretch.night)
        picture = canvas.reduced(script.bounce(number))
        if stretch.night:
            self._lights(picture, number, travel)
        between = [] if number == int(number) else [round(number % 1 * _PARTS)]
        noise = np.random.default_rng([script.seed, 13, int(number), *between])
        return self._sensor.expose(picture, night=stretch.night, rng=noise)

    def _prepare(self, stretch: int) -> None:
        if stretch == self._stretch:
            return
        what = self.script.stretches[stretch]
        rng = np.random.default_rng([self.script.seed, 17, stretch])
        camera = self.script.camera(what.first)
        self._ground = Ground(what.street, camera, night=what.night, rng=rng)
        self._props = props(what.street, what.speed * what.frames / FRAMES_PER_SECOND, rng)
        self._stretch = stretch

    def _vehicle(self, canvas: Canvas, vehicle: Vehicle, number: float, *, night: bool) -> None:
        script, mesh = self.script, self.script.meshes[vehicle.number]
        camera, pose = script.camera(number), script.pose(vehicle, number)
        far = math.exp(-((max(0.0, pose.z) / 15) ** 2))
        gain = 0.17 + 0.42 * far if night else 1.0
        parked = vehicle.speed == -script.stretches[self._stretch].speed
        canvas.shadow(camera, pose, mesh.half, mesh.length, depth=0.72)
        canvas.solid(camera, self._solids[vehicle.number], pose, Light(gain=gain, night=night and not parked))
        corners, before = script.corners(vehicle, number), script.corners(vehicle, number - 1 / 2)
        if corners is None:
            return
        face = self._faces[vehicle.number]
        if night:  # the sheeting throws the patrol car's own light straight back
            bright = 0.5 + 0.55 * far
            face = face.point(lambda grey: int(min(244.0, 7 + grey * bright)))
        canvas.plate(face, corners)
        if before is not None:
            dx, dy = ((corners - before).mean(axis=0) * 2 * (0.05 if night else 0.03)).tolist()
            self._smear(canvas, mesh, pose, camera, (dx, dy))

    def _smear(
        self, canvas: Canvas, mesh: Mesh, pose: Pose, camera: Camera, move: tuple[float, float]
    ) -> None:
        corners = np.array([(x, y, 0.0) for x in (-mesh.half, mesh.half) for y in (0.1, mesh.height)])
        flat = camera.project(pose.place(corners))
        if flat is not None:
            (left, top), (right, bottom) = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
            canvas.smear(
                (left, top, right, bottom), min(1.0, max(-1.0, move[0])), min(1.0, max(-1.0, move[1]))
            )

    def _lights(self, picture: Image.Image, number: float, travel: float) -> None:
        """Add the glow of every lamp: street lamps, tail lamps, headlamps of those who come."""
        script, camera = self.script, self.script.camera(number)
        for prop in self._props:
            if prop.lamp is not None and 3 < prop.z - travel < 90:
                place = np.array([(prop.x + prop.lamp[0], prop.lamp[1], prop.z - travel)])
                self._shine(picture, place, (0.55, 0.9), number)
        present = script.present(number)
        hulls = [script.hull(vehicle, number) for vehicle in present]
        for index, vehicle in enumerate(present):
            pose, mesh = script.pose(vehicle, number), script.meshes[vehicle.number]
            parked = vehicle.speed == -script.stretches[self._stretch].speed
            for lamp in mesh.lamps if not parked else ():
                place = pose.place(np.array([lamp.place]))
                flat = camera.project(place)
                if flat is not None and not any(covers(hull, flat) for hull in hulls[index + 1 :]):
                    self._shine(picture, place, (lamp.power, lamp.size), number)

    def _shine(
        self, picture: Image.Image, place: NDArray[np.float64], light: tuple[float, float], number: float
    ) -> None:
        """Add the glow of a ``light`` (power, size in metres) at ``place`` (1, 3)."""
        camera, (power, size) = self.script.camera(number), light
        flat = camera.project(place)
        if flat is not None:
            x, y = flat[0].tolist()
            radius = camera.focal * size * 0.5 / max(3.0, float(place[0, 2]))
            self._glow.add(picture, (x, y + self.script.bounce(number) / 2), max(10.0, radius), power)


def cache_folder(seed: int, frames: int = FULL_DRIVE) -> Path:
    """Return where the drive of ``seed`` is kept: the checkout's `.cache`, or the person's cache folder."""
    name = f"drive-v{RENDERER_VERSION}-s{seed}-f{frames}"
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and os.access(checkout, os.W_OK):
        return checkout / ".cache" / "demo" / name
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "alprd" / name


def render_drive(
    folder: Path, script: DriveScript, progress: Callable[[int, int], None] | None = None
) -> Path:
    """Draw ``script`` into ``folder`` as grey JPEG stills and `truth.json`; reuse what is complete.

    The folder appears whole or not at all, whoever else draws the same drive meanwhile. ``progress`` is
    told the frames drawn and their count. Returns ``folder``. Raises `OSError` when it cannot be written.
    """
    if (folder / _TRUTH_FILE).is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.part-", dir=folder.parent))
    try:
        renderer = DriveRenderer(script)
        for number in range(script.frames):
            path = part / f"frame-{number:04d}.jpg"
            Image.fromarray(renderer.frame(number)).save(path, quality=_JPEG_QUALITY)
            if progress is not None:
                progress(number + 1, script.frames)
        truth = json.dumps(truth_of(script), separators=(",", ":"))
        (part / _TRUTH_FILE).write_text(truth + "\n", encoding="utf-8")
        part.chmod(0o755)
        try:
            part.rename(folder)
        except OSError:
            if not (folder / _TRUTH_FILE).is_file():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder
