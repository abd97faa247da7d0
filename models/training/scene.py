"""What a camera does to a plate, and the cut that the reader is given.

The cut follows `alprd.vision.rectify`: the same margins and the same sampling.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alprd.vision.rectify import HEIGHT, MARGIN_X, MARGIN_Y, WIDTH

Grey = NDArray[np.uint8]
Corners = NDArray[np.float32]

_DENSE: Final = 1.6
"""Picture pixels per reader pixel from which the cut is taken at twice the size and averaged."""


def jitter_corners(quad: Corners, rng: np.random.Generator) -> Corners:
    """Return (4, 2) corners as a detector would give them for the plate at ``quad``."""
    if rng.random() < 0.4:
        quad = box_corners(*quad.min(axis=0), *quad.max(axis=0))
    width = float(np.linalg.norm(quad[1] - quad[0]))
    height = float(np.linalg.norm(quad[3] - quad[0]))
    size = np.array([width, height])
    centre = quad.mean(axis=0)
    amount = 1.0 if rng.random() < 0.75 else 2.0
    grow = 1.0 + rng.normal(0.01, 0.025, 2) * amount
    moved = (quad - centre) * grow + centre
    moved = moved + rng.normal(0, 0.018, 2) * size * amount + rng.normal(0, 0.016, (4, 2)) * size * amount
    return np.asarray(moved, dtype=np.float32)


def box_corners(x1: float, y1: float, x2: float, y2: float) -> Corners:
    """Return the corners of an upright box, clockwise from top-left."""
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)


def cut_out(
    scene: Grey,
    corners: Corners,
    *,
    size: tuple[int, int] = (HEIGHT, WIDTH),
    margins: tuple[float, float] = (MARGIN_X, MARGIN_Y),
) -> Grey:
    """Return the plate at ``corners`` in ``scene``, ``size`` (height, width) px with ``margins`` around it.

    The defaults make the reader's input; ``margins`` are shares of the plate's width and height.
    """
    height, width = size
    margin_x, margin_y = margins
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    grown = unit + np.array(
        [[-margin_x, -margin_y], [margin_x, -margin_y], [margin_x, margin_y], [-margin_x, margin_y]],
        np.float32,
    )
    out_size = np.array([width, height], np.float32)
    place = cv2.getPerspectiveTransform(unit, corners.astype(np.float32))
    outer = cv2.perspectiveTransform(grown[None], place)[0]
    across = np.linalg.norm(outer[1] - outer[0]) / width
    down = np.linalg.norm(outer[3] - outer[0]) / height
    taps = 2 if max(across, down) > _DENSE else 1
    matrix = cv2.getPerspectiveTransform(unit * out_size * taps - 0.5, outer.astype(np.float32) - 0.5)
    cut = cv2.warpPerspective(
        scene,
        matrix,
        (width * taps, height * taps),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if taps == 2:
        cut = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cut, dtype=np.uint8)


def degrade(scene: Grey, plate_px: float, rng: np.random.Generator) -> Grey:
    """Return ``scene`` with light, blur, noise and compression; ``plate_px`` bounds the blur."""
    soft = scene.astype(np.float32)
    if rng.random() < 0.25:
        _shadow(soft, rng)
    if rng.random() < 0.5:
        soft = 255 * np.power(np.clip(soft, 0, 255) / 255, rng.uniform(0.55, 1.7)).astype(np.float32)
    if rng.random() < 0.35:
        soft = (soft - 128) * np.float32(rng.uniform(0.3, 1.0)) + np.float32(rng.uniform(60, 190))
    if rng.random() < 0.5:
        limit = 0.3 + plate_px * 0.0075
        soft = cv2.GaussianBlur(soft, (0, 0), rng.uniform(0.25, limit))
    elif rng.random() < 0.5:
        soft = cv2.filter2D(soft, -1, _motion(max(2.0, plate_px * 0.035 * rng.uniform(0.3, 1.0)), rng))
    if rng.random() < 0.25:
        blurred = cv2.GaussianBlur(soft, (0, 0), 1.2)
        soft = soft + (soft - blurred) * rng.uniform(0.4, 1.5)  # a camera's own sharpening
    if rng.random() < 0.7:
        noise = rng.standard_normal(soft.shape, dtype=np.float32) * np.float32(rng.uniform(1, 8))
        soft = soft + noise
    picture = np.clip(soft, 0, 255).astype(np.uint8)
    if rng.random() < 0.65:
        packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))])[1]
        picture = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
    return np.asarray(picture, dtype=np.uint8)


def _shadow(soft: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Darken or light up one side of a random line."""
    height, width = soft.shape
    slope = rng.normal(0, 1, 2)
    y, x = np.ogrid[:height, :width]
    side = slope[0] * (x / width - rng.uniform(0.1, 0.9)) + slope[1] * (y / height - rng.uniform(0.1, 0.9))
    share = np.clip(side * rng.uniform(3, 30), 0, 1).astype(np.float32)
    soft *= 1 + share * np.float32(rng.uniform(-0.6, 0.5))


def _motion(length: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a motion kernel of about ``length`` px, mostly level."""
    half = int(np.ceil(length / 2))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    angle = rng.normal(0, 0.35) if rng.random() < 0.7 else rng.uniform(0, np.pi)
    step = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    start, end = (tuple(int(v) for v in np.round((half + sign * step) * 16)) for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_AA, 4)
    kernel /= max(float(kernel.sum()), 1e-6)
    return kernel
