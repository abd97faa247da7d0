"""What a camera does to a plate, and the cut that the reader is given.

The cut follows `alprd.vision.rectify`: the same margins and the same sampling.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alprd.vision.rectify import HEIGHT, MARGIN_X, MARGIN_Y, WIDTH, samples

_SMALL_PX: Final = 60

Grey = NDArray[np.uint8]
Corners = NDArray[np.float32]


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
    taps = np.array([samples(float(across)), samples(float(down))], np.float32)
    matrix = cv2.getPerspectiveTransform(unit * out_size * taps - 0.5, outer.astype(np.float32) - 0.5)
    cut = cv2.warpPerspective(
        scene,
        matrix,
        (width * int(taps[0]), height * int(taps[1])),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if taps.max() > 1:
        cut = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cut, dtype=np.uint8)


def degrade(scene: Grey, plate_px: float, rng: np.random.Generator) -> Grey:
    """Return ``scene`` with light, blur, noise and compression; ``plate_px`` bounds what is lost.

    At most two of the changes that cost most are made to one scene: what nobody can read teaches guessing.
    """
    soft = _lit(scene.astype(np.float32), plate_px, rng)
    losses = 0
    if rng.random() < 0.45:
        soft = cv2.GaussianBlur(soft, (0, 0), rng.uniform(0.25, 0.3 + plate_px * 0.0075))
        losses += 1
    elif rng.random() < 0.45:
        soft = cv2.filter2D(soft, -1, _motion(max(2.0, plate_px * 0.035 * rng.uniform(0.3, 1.0)), rng))
        losses += 1
    elif rng.random() < 0.3:
        soft = _resampled(soft, max(0.5, 48 / plate_px), rng)
        losses += 1
    if rng.random() < 0.05:
        soft = _sheared_by_rows(soft, plate_px, rng)
    if rng.random() < 0.05:
        soft = _interlaced(soft, plate_px, rng)
    if rng.random() < 0.35:  # a camera's own sharpening, to wide halos
        blurred = cv2.GaussianBlur(soft, (0, 0), rng.uniform(0.7, 2.2))
        soft = soft + (soft - blurred) * rng.uniform(0.4, 1.5 if rng.random() < 0.7 else 3.5)
    if rng.random() < 0.65:
        losses += 1
        night = rng.random() < 0.12
        limit = float(soft.std()) * (0.4 if losses < 2 else 0.22) + 1
        noise = rng.standard_normal(soft.shape, dtype=np.float32)
        if night:
            noise = cv2.GaussianBlur(noise, (0, 0), 0.7) * np.float32(1.8)  # as denoised frames look
        soft = soft + noise * np.float32(min(limit, rng.uniform(8, 22) if night else rng.uniform(1, 8)))
    picture = np.clip(soft, 0, 255).astype(np.uint8)
    if rng.random() < 0.65:
        picture = _packed(picture, plate_px, 15 if plate_px > 110 and losses < 2 else 28, rng)
    return picture


def _packed(picture: Grey, plate_px: float, low: int, rng: np.random.Generator) -> Grey:
    """Return ``picture`` out of a JPEG of at least quality ``low``, at times one smaller than it is shown."""
    size = picture.shape[::-1]
    if rng.random() < 0.15 and plate_px > _SMALL_PX:
        share = rng.uniform(max(0.55, _SMALL_PX / plate_px), 1.0)
        picture = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA).astype(np.uint8)
    content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(low, 92))])[1]
    unpacked = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)
    if unpacked.shape[::-1] != size:
        unpacked = cv2.resize(unpacked, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(unpacked, dtype=np.uint8)


def _lit(soft: NDArray[np.float32], plate_px: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return ``soft`` in other light: shadow, glow of a lit plate, exposure, haze."""
    if rng.random() < 0.25:
        _shadow(soft, rng)
    if rng.random() < 0.08:  # headlights on the plate's beads: the light paint spreads over the ink
        bright = np.maximum(soft - np.float32(soft.mean()), 0)
        spread = cv2.GaussianBlur(bright, (0, 0), max(0.6, plate_px * rng.uniform(0.006, 0.025)))
        soft = soft * np.float32(rng.uniform(0.6, 1.0)) + spread * np.float32(rng.uniform(0.4, 1.1))
    if rng.random() < 0.5:
        soft = 255 * np.power(np.clip(soft, 0, 255) / 255, rng.uniform(0.55, 1.7)).astype(np.float32)
    kind = rng.random()
    if kind < 0.28:
        soft = (soft - 128) * np.float32(rng.uniform(0.35, 1.0)) + np.float32(rng.uniform(60, 190))
    elif kind < 0.33:  # over-exposed: the paper is all white
        soft = soft * np.float32(rng.uniform(1.1, 1.6)) + np.float32(rng.uniform(0, 45))
    elif kind < 0.41:  # night
        soft = soft * np.float32(rng.uniform(0.18, 0.5)) + np.float32(rng.uniform(0, 12))
    return soft


def _resampled(soft: NDArray[np.float32], least: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return ``soft`` made smaller by a factor of ``least`` to 1 and larger again, sharpened."""
    height, width = soft.shape
    factor = float(rng.uniform(min(least, 0.95), 1.0))
    how = cv2.INTER_AREA if rng.random() < 0.6 else cv2.INTER_LINEAR
    small = cv2.resize(soft, (max(8, int(width * factor)), max(8, int(height * factor))), interpolation=how)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.7:
        large = large + (large - cv2.GaussianBlur(large, (0, 0), 1.0)) * np.float32(rng.uniform(0.4, 1.6))
    return np.asarray(large, dtype=np.float32)


def _interlaced(soft: NDArray[np.float32], plate_px: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return ``soft`` as two fields make it: every other row from another moment, or from the row above."""
    fields = soft.copy()
    if rng.random() < 0.5:
        fields[1::2] = soft[: 2 * (soft.shape[0] // 2) : 2]
    else:
        shift = max(1, round(plate_px * rng.uniform(0.005, 0.015)))
        fields[1::2] = np.roll(soft[1::2], shift if rng.random() < 0.5 else -shift, axis=1)
    return fields


def _sheared_by_rows(
    soft: NDArray[np.float32], plate_px: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return ``soft`` as a rolling shutter sees it shake: rows moved sideways in a slow wave."""
    height, width = soft.shape
    rows = np.arange(height, dtype=np.float32)
    shift = (
        plate_px * rng.uniform(0.004, 0.018) * np.sin(rows / height * rng.uniform(2, 14) + rng.uniform(0, 6))
    )
    x = np.arange(width, dtype=np.float32)[None, :] + shift.astype(np.float32)[:, None]
    y = np.repeat(rows[:, None], width, axis=1)
    moved = cv2.remap(soft, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


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
