"""People for pictures: a drawn one, a portrait and faces that a package ships, and what looks for them.

`Scene` is a frame of the rendered drive with one vehicle's plate in it, to which heads are added.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from skimage.data import astronaut, lfw_subset

from alprd.demo.drive import DriveScript
from alprd.demo.render import DriveRenderer

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLATE_M: Final = 0.305
FACE_M: Final = 0.2
"""How wide the box of a face is in which a detector finds it: brow to chin."""

_CASCADES: Final = ("frontalface_default", "frontalface_alt2", "profileface")
_DRAWN_PX: Final = 400


@dataclass(frozen=True)
class Head:
    """A picture of a head, and the box of its face in it: left, top and side in px."""

    picture: NDArray[np.uint8]
    face: tuple[float, float, float]


def drawn_head() -> Head:
    """A head with shoulders in a few ellipses."""
    image = Image.new("L", (_DRAWN_PX, _DRAWN_PX), 120)
    draw = ImageDraw.Draw(image)

    def ellipse(x: float, y: float, half_width: float, half_height: float, grey: int) -> None:
        draw.ellipse((x - half_width, y - half_height, x + half_width, y + half_height), fill=grey)

    ellipse(200, 420, 190, 130, 60)
    draw.rectangle((165, 270, 235, 340), fill=150)
    ellipse(200, 160, 100, 125, 45)
    ellipse(200, 190, 82, 108, 185)
    for x in (164, 236):
        draw.rounded_rectangle((x - 24, 143, x + 24, 153), 4, fill=60)
        ellipse(x, 172, 22, 15, 110)
        ellipse(x, 172, 16, 8, 215)
        ellipse(x, 172, 8, 8, 30)
    draw.polygon([(200, 180), (186, 222), (214, 222)], fill=150)
    ellipse(200, 224, 16, 6, 120)
    ellipse(200, 250, 30, 9, 90)
    ellipse(200, 272, 20, 6, 160)
    return Head(np.asarray(image.filter(ImageFilter.GaussianBlur(3))), (90, 80, 228))


def portrait() -> Head:
    """The head of the portrait that scikit-image ships."""
    grey: NDArray[np.uint8] = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)
    return Head(grey[0:230, 110:340], (67, 66, 96))


def faces() -> list[Head]:
    """A hundred faces of 25 x 25 px that scikit-image ships, of people in the news."""
    pictures = (lfw_subset()[:100] * 255).astype(np.uint8)
    return [Head(picture, (1, 1, 23)) for picture in pictures]


@functools.cache
def _cascades() -> list[cv2.CascadeClassifier]:
    folder = cv2.data.haarcascades  # type: ignore[attr-defined]  # OpenCV adds it when it is imported
    return [cv2.CascadeClassifier(f"{folder}haarcascade_{name}.xml") for name in _CASCADES]


def faces_in(picture: NDArray[np.uint8]) -> list[tuple[int, int, int]]:
    """Return left, top and side in px of each face that one of OpenCV's detectors finds."""
    found = [box for cascade in _cascades() for box in cascade.detectMultiScale(picture, 1.1, 3)]
    return [(int(x), int(y), int(side)) for x, y, side, _ in found]


class Scene:
    """A frame of the drive ``seed`` in which a vehicle of that ``kind`` has its plate whole at ``corners``.

    Of all such frames it is the one in which a plate is the nearest to ``width_px`` wide.
    """

    def __init__(self, seed: int, kind: str, width_px: float = 110) -> None:
        script = DriveScript(seed)
        kinds = {vehicle.number: vehicle.spec.kind for vehicle in script.vehicles}
        seen = (
            (abs(plate.width_px - width_px), number, plate.corners)
            for number in range(0, script.frames, 3)
            for plate in script.truth(number)
            if plate.is_whole and kinds[plate.vehicle] == kind
        )
        _, number, corners = min(seen, key=lambda one: one[:2])
        self.main = DriveRenderer(script).frame(number)
        self.corners = np.asarray(corners, np.float32)
        self.px_per_m = float(np.linalg.norm(corners[1] - corners[0])) / PLATE_M
        self.middle = self.corners.mean(axis=0)

    def with_head(
        self, head: Head, place_m: tuple[float, float], *, closer: float = 1.0
    ) -> NDArray[np.uint8]:
        """Return the frame with ``head``, its face ``place_m`` (right, down) from the plate's middle.

        ``closer`` is how many times nearer than the vehicle the person stands, and so is larger.
        """
        left, top, side = head.face
        scale = FACE_M * closer * self.px_per_m / side
        size = (round(head.picture.shape[1] * scale), round(head.picture.shape[0] * scale))
        picture = np.asarray(Image.fromarray(head.picture).resize(size, Image.Resampling.BICUBIC))
        middle = self.middle + np.array(place_m) * self.px_per_m
        x, y = (int(place) for place in middle - (np.array((left, top)) + side / 2) * scale)
        image = Image.fromarray(self.main)
        image.paste(Image.fromarray(picture), (x, y))
        return np.array(image)

    def is_face_at(
        self, main: NDArray[np.uint8], place_m: tuple[float, float], *, closer: float = 1.0
    ) -> bool:
        """Whether a detector finds a face in ``main`` near ``place_m`` from the plate's middle."""
        reach = 2 * FACE_M * closer * self.px_per_m
        middle = self.middle + np.array(place_m) * self.px_per_m
        x0, y0 = (max(0, int(place - reach)) for place in middle)
        x1, y1 = (int(place + reach) for place in middle)
        found = faces_in(np.ascontiguousarray(main[y0:y1, x0:x1]))
        near = FACE_M * closer * self.px_per_m / 2
        return any(
            np.abs(np.array((x0 + x + side / 2, y0 + y + side / 2)) - middle).max() < near
            for x, y, side in found
        )
