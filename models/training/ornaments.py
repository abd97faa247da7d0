"""Small pictures on plates: what stands between a serial's groups or beside it and is not read.

The shapes are our own, drawn from points and circles and varied at random, and those of an icon font (see
`models.training.icons`); none copies a plate's art.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.icons import icon_masks

if TYPE_CHECKING:
    from pathlib import Path

Mask = NDArray[np.uint8]
Points = tuple[tuple[float, float], ...]

SIDE_PX: Final = 64

_OUTLINES: Final[dict[str, tuple[Points, ...]]] = {
    "crown": (
        ((0.1, 0.75), (0.05, 0.4), (0.2, 0.55), (0.3, 0.3), (0.42, 0.5), (0.5, 0.2), (0.58, 0.5), (0.7, 0.3),
         (0.8, 0.55), (0.95, 0.4), (0.9, 0.75)),
        ((0.1, 0.8), (0.9, 0.8), (0.88, 0.9), (0.12, 0.9)),
    ),
    "star": (
        ((0.5, 0.08), (0.61, 0.39), (0.94, 0.39), (0.67, 0.59), (0.77, 0.92), (0.5, 0.72), (0.23, 0.92),
         (0.33, 0.59), (0.06, 0.39), (0.39, 0.39)),
    ),
    "texas": (
        ((0.38, 0.1), (0.55, 0.1), (0.55, 0.32), (0.75, 0.38), (0.93, 0.4), (0.95, 0.6), (0.8, 0.72),
         (0.68, 0.95), (0.55, 0.85), (0.45, 0.65), (0.32, 0.68), (0.08, 0.42), (0.38, 0.42)),
    ),
    "newyork": (
        ((0.05, 0.6), (0.2, 0.45), (0.45, 0.42), (0.5, 0.22), (0.72, 0.12), (0.78, 0.5), (0.8, 0.78),
         (0.97, 0.72), (0.78, 0.9), (0.68, 0.75), (0.55, 0.66), (0.06, 0.72)),
    ),
    "newjersey": (
        ((0.4, 0.05), (0.68, 0.2), (0.6, 0.35), (0.7, 0.5), (0.55, 0.85), (0.42, 0.97), (0.3, 0.75), (0.5,
         0.5),
         (0.32, 0.3)),
    ),
    "michigan": (
        ((0.3, 0.9), (0.25, 0.6), (0.35, 0.35), (0.45, 0.2), (0.6, 0.3), (0.62, 0.5), (0.75, 0.45), (0.8,
         0.65),
         (0.7, 0.9)),
        ((0.05, 0.2), (0.3, 0.1), (0.5, 0.15), (0.3, 0.25)),
    ),
    "horse": (
        ((0.1, 0.9), (0.2, 0.6), (0.15, 0.45), (0.35, 0.4), (0.55, 0.35), (0.7, 0.1), (0.9, 0.2), (0.75,
         0.35),
         (0.72, 0.5), (0.85, 0.62), (0.7, 0.6), (0.55, 0.6), (0.35, 0.62), (0.25, 0.88)),
        ((0.4, 0.4), (0.42, 0.15), (0.55, 0.05), (0.56, 0.36)),
    ),
    "tree": (
        ((0.5, 0.03), (0.65, 0.25), (0.58, 0.25), (0.75, 0.5), (0.62, 0.5), (0.82, 0.8), (0.55, 0.8), (0.55,
         0.97),
         (0.45, 0.97), (0.45, 0.8), (0.18, 0.8), (0.38, 0.5), (0.25, 0.5), (0.42, 0.25), (0.35, 0.25)),
    ),
    "person": (
        ((0.45, 0.3), (0.65, 0.28), (0.85, 0.1), (0.7, 0.42), (0.62, 0.6), (0.75, 0.95), (0.5, 0.7), (0.3,
         0.95),
         (0.4, 0.55)),
        ((0.42, 0.12), (0.56, 0.08), (0.6, 0.22), (0.46, 0.27)),
    ),
    "arch": (
        ((0.05, 0.95), (0.1, 0.5), (0.3, 0.25), (0.6, 0.2), (0.85, 0.4), (0.95, 0.95), (0.78, 0.95), (0.7,
         0.55),
         (0.5, 0.42), (0.32, 0.5), (0.25, 0.95)),
    ),
    "lighthouse": (
        ((0.42, 0.95), (0.46, 0.3), (0.42, 0.3), (0.42, 0.22), (0.5, 0.08), (0.58, 0.22), (0.58, 0.3), (0.54,
         0.3),
         (0.6, 0.95)),
        ((0.2, 0.95), (0.8, 0.9), (0.85, 0.97), (0.2, 0.99)),
    ),
    "palm": (
        ((0.46, 0.97), (0.48, 0.45), (0.2, 0.5), (0.1, 0.35), (0.4, 0.35), (0.2, 0.15), (0.5, 0.28), (0.75,
         0.08),
         (0.62, 0.33), (0.92, 0.35), (0.78, 0.5), (0.55, 0.44), (0.56, 0.97)),
    ),
    "shield": (
        ((0.15, 0.1), (0.5, 0.18), (0.85, 0.1), (0.85, 0.55), (0.7, 0.8), (0.5, 0.95), (0.3, 0.8), (0.15,
         0.55)),
    ),
    "mountain": (
        ((0.0, 0.85), (0.25, 0.45), (0.35, 0.55), (0.55, 0.2), (0.75, 0.55), (0.82, 0.48), (1.0, 0.85)),
    ),
    "keystone": (
        ((0.12, 0.1), (0.88, 0.1), (0.95, 0.3), (0.8, 0.3), (0.7, 0.92), (0.3, 0.92), (0.2, 0.3), (0.05,
         0.3)),
    ),
    "lily": (
        ((0.5, 0.05), (0.62, 0.3), (0.56, 0.55), (0.75, 0.3), (0.95, 0.45), (0.75, 0.65), (0.58, 0.68),
         (0.62, 0.9), (0.38, 0.9), (0.42, 0.68), (0.25, 0.65), (0.05, 0.45), (0.25, 0.3), (0.44, 0.55),
         (0.38, 0.3)),
    ),
    "bear": (
        ((0.05, 0.5), (0.15, 0.35), (0.3, 0.38), (0.6, 0.3), (0.9, 0.4), (0.95, 0.9), (0.8, 0.9), (0.78,
         0.65),
         (0.45, 0.65), (0.4, 0.9), (0.25, 0.9), (0.25, 0.6)),
    ),
    "moose": (
        ((0.05, 0.45), (0.15, 0.35), (0.05, 0.1), (0.2, 0.25), (0.4, 0.1), (0.3, 0.35), (0.85, 0.4), (0.9,
         0.95),
         (0.78, 0.95), (0.75, 0.65), (0.4, 0.65), (0.38, 0.95), (0.28, 0.95), (0.28, 0.55)),
    ),
    "eagle": (
        ((0.02, 0.3), (0.4, 0.4), (0.5, 0.25), (0.6, 0.4), (0.98, 0.3), (0.8, 0.6), (0.6, 0.65), (0.62, 0.88),
         (0.38, 0.88), (0.4, 0.65), (0.2, 0.6)),
    ),
    "heart": (
        ((0.5, 0.92), (0.08, 0.48), (0.08, 0.28), (0.25, 0.14), (0.42, 0.2), (0.5, 0.34), (0.58, 0.2), (0.75,
         0.14),
         (0.92, 0.28), (0.92, 0.48)),
    ),
    "hand": (
        ((0.3, 0.95), (0.1, 0.5), (0.22, 0.5), (0.3, 0.62), (0.28, 0.12), (0.38, 0.12), (0.42, 0.45), (0.46,
         0.05),
         (0.56, 0.05), (0.57, 0.45), (0.64, 0.12), (0.73, 0.15), (0.7, 0.5), (0.8, 0.3), (0.88, 0.35), (0.75,
         0.95)),
    ),
    "plus": (
        ((0.38, 0.12), (0.62, 0.12), (0.62, 0.38), (0.88, 0.38), (0.88, 0.62), (0.62, 0.62), (0.62, 0.88),
         (0.38, 0.88), (0.38, 0.62), (0.12, 0.62), (0.12, 0.38), (0.38, 0.38)),
    ),
    "leaf": (
        ((0.5, 0.05), (0.6, 0.25), (0.72, 0.2), (0.7, 0.45), (0.95, 0.4), (0.85, 0.6), (0.55, 0.75), (0.54,
         0.97),
         (0.46, 0.97), (0.45, 0.75), (0.15, 0.6), (0.05, 0.4), (0.3, 0.45), (0.28, 0.2), (0.4, 0.25)),
    ),
    "canoe": (
        ((0.02, 0.5), (0.15, 0.62), (0.85, 0.62), (0.98, 0.5), (0.85, 0.8), (0.15, 0.8)),
        ((0.4, 0.6), (0.45, 0.2), (0.55, 0.2), (0.6, 0.6)),
    ),
    "bell": (
        ((0.5, 0.1), (0.65, 0.2), (0.7, 0.6), (0.9, 0.8), (0.1, 0.8), (0.3, 0.6), (0.35, 0.2)),
        ((0.45, 0.85), (0.55, 0.85), (0.55, 0.95), (0.45, 0.95)),
    ),
    "bar": (((0.42, 0.1), (0.56, 0.08), (0.6, 0.92), (0.4, 0.94)),),
}  # fmt: skip

ROUND: Final = ("peach", "orange", "seal", "sun", "dot", "wheel", "flag", "ring")
"""Ornaments that `_drawn` draws by its own code."""

NAMES: Final = (*_OUTLINES, *ROUND, "blob", "animal", *("icon",) * 20)
SIDE_PICTURES: Final = (
    "seal", "wheel", "eagle", "leaf", "shield", "animal", "tree", "lily", "heart", "logo", "star", "person",
    "mountain", "bell", "flag", "ring", "blob", "logo", "bear", "palm", "canoe", "hand", "animal", "logo",
    *("icon",) * 16,
)  # fmt: skip
"""What specialty plates have beside the serial; ``logo`` is a badge of small letters."""

VARIANTS: Final = 6


def draw_ornaments(fonts: Path) -> dict[str, list[Mask]]:
    """Return masks, `SIDE_PX` tall and cut to their width: `VARIANTS` for each of `NAMES`, and all icons.

    ``fonts`` is where `models.training.icons` looks; without its font, animals stand in for icons.
    """
    rng = np.random.default_rng(11)
    own = {
        name: [_cut(_drawn(name, rng)) for _ in range(VARIANTS)]
        for name in dict.fromkeys(NAMES)
        if name != "icon"
    }
    return {**own, "icon": icon_masks(fonts, SIDE_PX) or own["animal"]}


def _drawn(name: str, rng: np.random.Generator) -> Mask:
    mask: Mask = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    if name in _OUTLINES:
        bend = rng.normal(0, 0.012, 2)
        for outline in _OUTLINES[name]:
            points = np.array(outline) + rng.normal(0, 0.015, (len(outline), 2))
            points[:, 0] += bend[0] * np.sin(points[:, 1] * 6) * 2
            _fill(mask, points, outline_only=rng.random() < 0.15 and name != "bar")
    elif name == "blob":
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        radii = rng.uniform(0.2, 0.48, 9)
        points = np.stack([0.5 + radii * np.cos(angles), 0.5 + radii * np.sin(angles)], axis=1)
        _fill(mask, points, outline_only=rng.random() < 0.3)
    elif name == "animal":
        _animal(mask, rng)
    elif name == "dot":
        cv2.circle(mask, (32, 32), int(rng.integers(5, 10)), 255, -1, cv2.LINE_AA)
    else:
        _round(mask, name, rng)
    return mask


def _fill(mask: Mask, points: NDArray[np.float64], *, outline_only: bool) -> None:
    fixed = np.round(points * SIDE_PX * 16).astype(np.int32)
    if outline_only:
        cv2.polylines(mask, [fixed], isClosed=True, color=255, thickness=4, lineType=cv2.LINE_AA, shift=4)
    else:
        cv2.fillPoly(mask, [fixed], 255, lineType=cv2.LINE_AA, shift=4)


def _animal(mask: Mask, rng: np.random.Generator) -> None:
    """Draw a body with a head, legs and a tail, of no kind in particular."""
    middle = (int(rng.integers(26, 38)), int(rng.integers(28, 38)))
    axes = (int(rng.integers(14, 24)), int(rng.integers(8, 14)))
    cv2.ellipse(mask, middle, axes, float(rng.uniform(-25, 25)), 0, 360, 255, -1, cv2.LINE_AA)
    side = 1 if rng.random() < 0.5 else -1
    head = (middle[0] + side * axes[0], middle[1] - int(rng.integers(4, 16)))
    cv2.circle(mask, head, int(rng.integers(5, 9)), 255, -1, cv2.LINE_AA)
    for share in (-0.7, -0.4, 0.4, 0.7):
        foot = (
            int(middle[0] + share * axes[0] + rng.normal(0, 3)),
            min(62, middle[1] + int(rng.integers(18, 28))),
        )
        cv2.line(
            mask,
            (int(middle[0] + share * axes[0]), middle[1]),
            foot,
            255,
            int(rng.integers(2, 5)),
            cv2.LINE_AA,
        )
    tail = (middle[0] - side * (axes[0] + 8), middle[1] - int(rng.integers(-6, 14)))
    cv2.line(mask, (middle[0] - side * axes[0] + side * 3, middle[1]), tail, 255, 3, cv2.LINE_AA)


def _round(mask: Mask, name: str, rng: np.random.Generator) -> None:
    radius = int(rng.integers(20, 28))
    centre = (32, 34)
    if name in {"peach", "orange"}:
        cv2.circle(mask, (28, 38), radius - 4, 255, -1, cv2.LINE_AA)
        if rng.random() < 0.6:
            cv2.circle(mask, (42, 32), radius - 10, 255, -1, cv2.LINE_AA)
        cv2.ellipse(mask, (44, 12), (14, 6), -30, 0, 360, 255, -1, cv2.LINE_AA)
        cv2.ellipse(mask, (22, 40), (3, 10), 20, 0, 360, 120, -1, cv2.LINE_AA)
    elif name == "seal":
        cv2.circle(mask, centre, radius, 255, 3, cv2.LINE_AA)
        cv2.circle(mask, centre, radius - 7, 190, -1, cv2.LINE_AA)
        for _ in range(5):
            ends = rng.integers(20, 46, 4)
            cv2.line(mask, (int(ends[0]), int(ends[1])), (int(ends[2]), int(ends[3])), 60, 3, cv2.LINE_AA)
    elif name == "sun":
        _sun(mask, rng)
    elif name == "wheel":
        _wheel(mask, dark=rng.random() < 0.4)
    elif name == "flag":
        mask[14:52:8] = mask[15:52:8] = mask[16:52:8] = mask[17:52:8] = 255
        mask[12:32, 4:30] = 200
        mask[:, :4] = mask[:, 60:] = 0
    else:
        cv2.circle(mask, centre, radius, 255, int(rng.integers(3, 8)), cv2.LINE_AA)
        cv2.ellipse(mask, centre, (9, 6), float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)


def _sun(mask: Mask, rng: np.random.Generator) -> None:
    """Draw a ring with four bundles of rays."""
    centre = np.array([32.0, 34.0])
    cv2.circle(mask, _point(centre), 10, 255, 4, cv2.LINE_AA)
    for turn in range(4):
        angle = turn * np.pi / 2 + rng.normal(0, 0.05)
        along = np.array([np.cos(angle), np.sin(angle)])
        across = along[::-1] * np.array([-1, 1])
        for shift in (-7, -2, 3, 8):
            start = centre + across * shift
            cv2.line(mask, _point(start + along * 13), _point(start + along * 28), 255, 2, cv2.LINE_AA)


def _wheel(mask: Mask, *, dark: bool) -> None:
    """Draw a seated figure on a wheel, or its outline on a field."""
    mask[4:60, 4:60] = 0 if dark else 255
    shade = 255 if dark else 0
    cv2.circle(mask, (34, 15), 5, shade, -1)
    for start, end in (((34, 20), (35, 36)), ((35, 36), (47, 37)), ((47, 37), (51, 50))):
        cv2.line(mask, start, end, shade, 4)
    cv2.ellipse(mask, (32, 40), (15, 15), 0, 20, 250, shade, 4)


def _point(place: NDArray[np.float64]) -> tuple[int, int]:
    return int(place[0]), int(place[1])


def _cut(mask: Mask) -> Mask:
    columns = np.flatnonzero(mask.max(axis=0))
    if columns.size == 0:
        return mask
    return np.ascontiguousarray(mask[:, columns[0] : columns[-1] + 1])
