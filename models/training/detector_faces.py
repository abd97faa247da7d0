"""Rendered plate faces of known corners, on holders and bumpers, for the detector's windows."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from alprd.demo.plate import STYLES, PlateStyle, draw_plate
from models.training.detector_data import Patch
from models.training.plates import PlateRenderer
from models.training.serials import draw_serial

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

_LONG: Final = PlateStyle(
    name="long", width=460, height=100, character_height=72, character_width=38, spacing=7, breaks=(2, 5)
)
_PART: Final = 60
_LETTERS: Final = list("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")


def render_patches(count: int, rng: np.random.Generator, fonts: Path) -> list[Patch]:
    """Return ``count`` faces, each with a margin of holder and bumper around it.

    Most are those that the reader is trained on; ``fonts`` is where their lettering lies.
    """
    styles = [*STYLES.values(), _LONG]
    renderer = PlateRenderer(fonts, [])
    patches = []
    for i in range(count):
        if i % 6 == 0:
            style = styles[int(rng.integers(len(styles)))]
            face = draw_plate("".join(rng.choice(_LETTERS, sum(style.breaks) or 6)), style, rng=rng)
        else:
            face = renderer.face(*draw_serial(rng), rng)
        patches.append(_patch(face, rng))
    return patches


def render_many(count: int, fonts: Path, workers: int) -> list[Patch]:
    """Return ``count`` faces that ``workers`` processes rendered; which they are hangs on ``count`` alone."""
    # Spawned: forked, a worker would wait for ever for OpenCV's threads, which stay behind.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        parts = pool.map(_render_part, [(seed, fonts) for seed in range(count // _PART)])
        return [patch for part in parts for patch in part]


def _render_part(task: tuple[int, Path]) -> list[Patch]:
    seed, fonts = task
    return render_patches(_PART, np.random.default_rng([7, seed]), fonts)


def _patch(face: NDArray[Any], rng: np.random.Generator) -> Patch:
    if rng.random() < 0.5:
        face = np.clip((face.astype(np.float32) - 128) * rng.uniform(0.4, 1.0) + rng.uniform(90, 150), 0, 255)
    height, width = face.shape
    margin = int(rng.integers(10, 30))
    ground = _ground(height + 2 * margin, width + 2 * margin, rng)
    rim = int(rng.integers(0, 8))
    if rim:
        inner = slice(margin - rim, margin + height + rim), slice(margin - rim, margin + width + rim)
        ground[inner] = rng.uniform(10, 230)
    ground[margin : margin + height, margin : margin + width] = face
    if rng.random() < 0.3:
        edge = int(rng.integers(2, 10))
        cv2.rectangle(
            ground,
            (margin, margin),
            (margin + width - 1, margin + height - 1),
            float(rng.uniform(10, 120)),
            edge,
        )
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) + margin
    return Patch(np.clip(ground, 0, 255).astype(np.uint8), corners)


def _ground(height: int, width: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return a smooth shaded surface (float32), as a bumper or boot lid is."""
    coarse = rng.uniform(20, 220) + rng.normal(0, 14, (3, 2))
    ground: NDArray[Any] = cv2.resize(
        coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    return ground
