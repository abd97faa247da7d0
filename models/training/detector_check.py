"""How well a detector finds the plates of held-out pictures.

    python -m models.training.detector_check --data DIR --held-out FOLDER

writes the held-out pictures and a ``truth.csv`` without texts into FOLDER, for `models.evaluate`: there
thresholds are chosen, never on the pictures kept for measuring.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import torch

from models.training.detector_data import STRETCHED, Picture, load_pictures
from models.training.detector_loss import SIGNS, SIZE_UNIT_PX
from models.training.detector_net import HEIGHT, STRIDE, WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Maps = tuple[Array, ...]

THRESHOLDS: Final = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
_LEAST_PX: Final = 16.0
_IOU: Final = 0.5


@dataclass(frozen=True, slots=True)
class Score:
    """Recall, precision and their best point over held-out plates of 16 px and more."""

    plates: int
    threshold: float
    recall: float
    precision: float
    iou: float
    table: tuple[tuple[float, float, float], ...]

    def __str__(self) -> str:
        shown = " ".join(f"{t:.2f}:{100 * r:.1f}/{100 * p:.1f}" for t, r, p in self.table)
        return (
            f"{self.plates} plates, best at {self.threshold:.2f}: recall {100 * self.recall:.1f} % "
            f"precision {100 * self.precision:.1f} % mean IoU {self.iou:.3f}; recall/precision {shown}"
        )


def prepared(picture: Picture) -> tuple[Array, Array]:
    """Return the network's input (384, 640) uint8 for a picture and its boxes there.

    Pictures go in at 1.25 times their size where they fit, so that plates have about the road's sizes.
    """
    height, width = picture.pixels.shape
    stretch = 1.45 if picture.source == STRETCHED else 1.0
    scale = min(1.25, WIDTH / (width * stretch), HEIGHT / height)
    size = (int(width * scale * stretch), int(height * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    pixels = np.full((HEIGHT, WIDTH), 128, np.uint8)
    pixels[: size[1], : size[0]] = cv2.resize(picture.pixels, size, interpolation=way)
    by = np.array([size[0] / width, size[1] / height] * 2, np.float32)
    return pixels, picture.boxes * by


def decode(maps: Maps, threshold: float) -> list[tuple[float, Array]]:
    """Return (score, corners (4, 2) px) of each plate of one picture's maps, best first.

    The product's own decoding, written plainly for training: local peaks, then no two that overlap.
    """
    heat, offset, size, corner = (np.asarray(values[0], np.float32) for values in maps)
    score = 1 / (1 + np.exp(-heat[0]))
    peak = cv2.dilate(score, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((score >= peak) & (score >= threshold))
    found: list[tuple[float, Array]] = []
    for i in np.argsort(-score[rows, columns]):
        y, x = rows[i], columns[i]
        centre = (np.array([x + 0.5, y + 0.5]) + offset[:, y, x]) * STRIDE
        half = np.exp(size[:, y, x]) * SIZE_UNIT_PX / 2
        corners = centre + half * (np.array(SIGNS) + corner[:, y, x].reshape(4, 2))
        if all(overlap(corners, other) < 0.3 for _, other in found):
            found.append((float(score[y, x]), corners))
    return found


def overlap(a: Array, b: Array) -> float:
    """Return the intersection over union of two quads' upright boxes."""
    low, high = np.maximum(a.min(0), b.min(0)), np.minimum(a.max(0), b.max(0))
    both = float(np.prod(np.maximum(high - low, 0)))
    return both / float(np.prod(np.ptp(a, axis=0)) + np.prod(np.ptp(b, axis=0)) - both)


def check(net: torch.nn.Module, pictures: Sequence[Picture]) -> Score:
    """Return the network's score over ``pictures``."""
    net.eval()

    def run(pixels: Array) -> Maps:
        x = (torch.from_numpy(pixels)[None, None].float() - 128) / 128
        with torch.no_grad():
            return tuple(values.numpy() for values in net(x))

    return score_over(run, pictures)


def score_over(run: Callable[[Array], Maps], pictures: Sequence[Picture]) -> Score:
    """Return the score of any way to get maps from an input picture."""
    plates, hits, ious = 0, [], []
    falses: list[float] = []
    for picture in pictures:
        pixels, boxes = prepared(picture)
        quads = [np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]]) for x1, y1, x2, y2 in boxes]
        open_quads = list(range(len(quads)))
        plates += sum(np.ptp(quad[:, 0]) >= _LEAST_PX for quad in quads)
        for score, corners in decode(run(pixels), THRESHOLDS[0]):
            shares = [overlap(corners, quads[i]) for i in open_quads]
            best = int(np.argmax(shares)) if shares else -1
            if best >= 0 and shares[best] >= _IOU:
                if np.ptp(quads[open_quads.pop(best)][:, 0]) >= _LEAST_PX:
                    hits.append(score)
                    ious.append(shares[best])
            elif not any(overlap(corners, quad) > 0.1 for quad in quads if np.ptp(quad[:, 0]) < _LEAST_PX):
                falses.append(score)
    table = []
    for threshold in THRESHOLDS:
        right = sum(score >= threshold for score in hits)
        wrong = sum(score >= threshold for score in falses)
        table.append((threshold, right / max(plates, 1), right / max(right + wrong, 1)))
    best_row = max(table, key=lambda row: row[1] + row[2])
    return Score(plates, *best_row, iou=float(np.mean(ious)) if ious else 0.0, table=tuple(table))


def write_held_out(pictures: Sequence[Picture], folder: Path) -> None:
    """Write ``pictures`` and their boxes into ``folder``, for `models.evaluate`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "width", "height", "x1", "y1", "x2", "y2", "place", "text"))
        for picture in pictures:
            name = picture.name.replace("/", "-").rpartition(".")[0] + ".png"
            cv2.imwrite(str(folder / name), picture.pixels)
            height, width = picture.pixels.shape
            writer.writerows((name, width, height, *box.tolist(), "", "") for box in picture.boxes)


def main() -> None:
    """Read the command line and write the held-out pictures."""
    parser = argparse.ArgumentParser(prog="python -m models.training.detector_check", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, required=True)
    chosen = parser.parse_args()
    write_held_out(load_pictures(chosen.data)[1], chosen.held_out)


if __name__ == "__main__":
    main()
