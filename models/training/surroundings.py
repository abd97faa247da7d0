"""What plates are mounted on and seen before: pieces of pictures without their plates, or shaded panels."""

from __future__ import annotations

import csv
from collections import defaultdict
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pathlib import Path

Grey = NDArray[np.uint8]


def load_backgrounds(data: Path, count: int = 400) -> list[Grey]:
    """Return about ``count`` grey pictures of streets and cars, at least 64 by 64 px, plates smudged out.

    ``data`` holds ``detection``: pictures, and in ``boxes.csv`` where plates are on them.
    """
    boxes: defaultdict[str, list[tuple[int, ...]]] = defaultdict(list)
    with (data / "detection/boxes.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            boxes[row["image"]].append(tuple(int(float(row[key])) for key in ("x1", "y1", "x2", "y2")))
    files = sorted((data / "detection").glob("*/**/*.jpg"))
    pictures: list[Grey] = []
    for path in files[:: max(1, len(files) // count)]:
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if picture is None or min(picture.shape) < 64:
            continue
        for x1, y1, x2, y2 in boxes[path.relative_to(data / "detection").as_posix()]:
            grow_x, grow_y = (x2 - x1) // 8 + 2, (y2 - y1) // 6 + 2
            part = picture[max(0, y1 - grow_y) : y2 + grow_y, max(0, x1 - grow_x) : x2 + grow_x]
            if part.size:
                few = cv2.resize(part, (3, 2), interpolation=cv2.INTER_AREA)
                part[:] = cv2.resize(few, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR)
        pictures.append(picture.astype(np.uint8))
    return pictures


class Surroundings:
    """Draws what is around a plate; ``pictures`` are as `load_backgrounds` gives them, or none."""

    def __init__(self, pictures: list[Grey]) -> None:
        self._pictures = pictures

    def __call__(self, height: int, width: int, rng: np.random.Generator, /) -> Grey:
        """Return a (height, width) piece."""
        if self._pictures and rng.random() < 0.6:
            picture = self._pictures[int(rng.integers(len(self._pictures)))]
            side_y = min(picture.shape[0], int(rng.integers(48, 256)))
            side_x = min(picture.shape[1], int(side_y * width / height) + 1)
            y = int(rng.integers(picture.shape[0] - side_y + 1))
            x = int(rng.integers(picture.shape[1] - side_x + 1))
            piece = picture[y : y + side_y, x : x + side_x]
            return np.asarray(cv2.resize(piece, (width, height)), dtype=np.uint8)
        rough = rng.normal(0, 1, (int(rng.integers(2, 5)), int(rng.integers(2, 8)))).astype(np.float32)
        panel = cv2.resize(rough, (width, height)) * np.float32(rng.uniform(2, 30))
        panel += np.float32(rng.uniform(5, 230))
        for _ in range(int(rng.integers(4))):
            y, tall = int(rng.integers(height)), int(rng.integers(2, max(3, height // 2)))
            panel[y : y + tall] += rng.uniform(-90, 90)
        return np.clip(panel, 0, 255).astype(np.uint8)
