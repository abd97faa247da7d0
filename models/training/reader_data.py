"""Shards of reader inputs: rendered plates and real plate crops, mixed and written ahead.

``python -m models.training.reader_data --data DIR --out DIR --shards N`` writes ``N`` shards of
`SHARD_SIZE` crops: ``NNN-crops.npy`` (n, 48, 144) uint8 and ``NNN-codes.npy`` (n, 10) uint8, and
``held-out.npz``, real crops whose texts are in no shard. ``DIR`` holds ``crops/labels.csv`` and
``detection``; fonts lie in ``OUT/../fonts`` (see `models.training.lettering.font_files`).
"""

from __future__ import annotations

import argparse
import csv
import os
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS
from models.training.plates import PlateRenderer
from models.training.scene import box_corners, cut_out, degrade, jitter_corners

Grey = NDArray[np.uint8]

SHARD_SIZE: Final = 10_000
REAL_SHARE: Final = 0.3
HELD_OUT_SHARE: Final = 0.08
_OTHER_SCRIPTS: Final = frozenset({"KR", "JP", "CN", "TH", "TW"})
_MARGIN_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class RealCrop:
    """A photographed plate with some surroundings."""

    picture: Grey
    box: tuple[float, float, float, float]
    text: str
    place: str
    unsure: bool

    @property
    def weight(self) -> float:
        """How often it is drawn: plates of North America count four times."""
        return 4.0 if self.place.startswith(("US", "CA-")) else 1.0

    @property
    def held_out(self) -> bool:
        """Whether its text is kept from training."""
        return zlib.crc32(b"reader" + self.text.encode()) % 1000 < 1000 * HELD_OUT_SHARE


def codes_of(text: str) -> Grey:
    """Return ``text`` as `MAX_CHARACTERS` codes, padded with 0."""
    codes = np.zeros(MAX_CHARACTERS, np.uint8)
    codes[: len(text)] = [CHARACTERS.index(character) + 1 for character in text]
    return codes


def load_real(data: Path) -> list[RealCrop]:
    """Return the labelled crops that can be trained on."""
    crops = []
    with (data / "crops/labels.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            flags = row["flags"].split(",")
            readable = 2 <= len(row["text"]) <= MAX_CHARACTERS and "script" not in flags
            if not readable or ("nonlatin" in flags and row["place"] in _OTHER_SCRIPTS):
                continue
            picture = cv2.imread(str(data / "crops" / row["image"]), cv2.IMREAD_GRAYSCALE)
            if picture is None:
                continue
            box = (float(row["x1"]), float(row["y1"]), float(row["x2"]), float(row["y2"]))
            crops.append(
                RealCrop(
                    picture=picture.astype(np.uint8), box=box, text=row["text"], place=row["place"],
                    unsure="unsure" in flags,
                )
            )  # fmt: skip
    return crops


def load_backgrounds(data: Path, count: int = 400) -> list[Grey]:
    """Return grey pictures of streets and cars to set plates into."""
    files = sorted((data / "detection").glob("*/**/*.jpg"))
    step = max(1, len(files) // count)
    pictures = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in files[::step]]
    return [
        picture.astype(np.uint8) for picture in pictures if picture is not None and min(picture.shape) >= 64
    ]


def view_of(crop: RealCrop, rng: np.random.Generator) -> Grey:
    """Return one reader input from a real crop, its corners and its quality varied."""
    x1, y1, x2, y2 = crop.box
    picture = crop.picture
    plate_px = x2 - x1
    scale = 1.0
    if plate_px > 70 and rng.random() < 0.5:
        scale = float(np.exp(rng.uniform(np.log(max(50.0 / plate_px, 0.2)), 0.0)))
    elif plate_px > 400:
        scale = 400 / plate_px
    if scale < 1.0:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    corners = box_corners(x1, y1, x2, y2) * np.float32(scale)
    if rng.random() < 0.35:
        picture = _blemished(picture, plate_px * scale, rng)
    elif rng.random() < 0.3:
        gain, shift = rng.uniform(0.5, 1.2), rng.uniform(-40, 40)
        picture = np.clip(picture * gain + shift, 0, 255).astype(np.uint8)
    if rng.random() < 0.35:  # a rectified or an upright cut of a leaning plate: shear the corners
        lean = rng.normal(0, 0.1) * (corners[3, 1] - corners[0, 1])
        fall = rng.normal(0, 0.05) * (corners[1, 0] - corners[0, 0])
        corners[:2, 0] += lean
        corners[1:3, 1] += fall
    return cut_out(picture, jitter_corners(corners, rng))


def _blemished(picture: Grey, plate_px: float, rng: np.random.Generator) -> Grey:
    """Degrade a real crop about half as much as a rendered one: it has seen a camera already."""
    worse = degrade(picture, plate_px * 0.5, rng)
    return np.asarray(cv2.addWeighted(picture, 0.3, worse, 0.7, 0), dtype=np.uint8)


def write_shard(
    folder: Path, number: int, renderer: PlateRenderer, real: list[RealCrop], *, size: int = SHARD_SIZE
) -> None:
    """Write shard ``number``; its seed is its number."""
    rng = np.random.default_rng((2026, number))
    weights = np.array([crop.weight for crop in real])
    weights /= weights.sum()
    crops = np.zeros((size, 48, 144), np.uint8)
    codes = np.zeros((size, MAX_CHARACTERS), np.uint8)
    picks = rng.choice(len(real), size, p=weights)
    for index in range(size):
        if rng.random() < REAL_SHARE:
            crop = real[int(picks[index])]
            crops[index], text = view_of(crop, rng), crop.text
        else:
            crops[index], text = renderer.sample(rng)
        codes[index] = codes_of(text)
    for name, array in (("crops", crops), ("codes", codes)):
        part = folder / f"{number:03d}-{name}.part.npy"
        np.save(part, array)
        part.replace(folder / f"{number:03d}-{name}.npy")


def write_held_out(folder: Path, real: list[RealCrop]) -> None:
    """Write the real crops kept from training, each once by its box, and whether it is American."""
    rng = np.random.default_rng(7)
    kept = [crop for crop in real if not crop.unsure]
    small = [rng.normal(0, 0.01, (4, 2)) * [c.box[2] - c.box[0], c.box[3] - c.box[1]] for c in kept]
    np.savez(
        folder / "held-out.npz",
        crops=np.stack(
            [
                cut_out(crop.picture, (box_corners(*crop.box) + shift).astype(np.float32))
                for crop, shift in zip(kept, small, strict=True)
            ]
        ),
        codes=np.stack([codes_of(crop.text) for crop in kept]),
        american=np.array([crop.weight > 1 for crop in kept]),
    )


def main() -> None:
    """Write the shards that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=30)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    os.nice(5)
    folder = options.out / "shards"
    folder.mkdir(parents=True, exist_ok=True)
    real = load_real(options.data)
    train = [crop for crop in real if not crop.held_out]
    write_held_out(folder, [crop for crop in real if crop.held_out])
    renderer = PlateRenderer(options.out.parent / "fonts", load_backgrounds(options.data))
    print(f"{len(train)} real crops to train on, {len(real) - len(train)} held out", flush=True)
    for number in range(options.shards):
        if (folder / f"{number:03d}-codes.npy").exists():
            continue
        start = time.monotonic()
        write_shard(folder, number, renderer, train)
        print(f"shard {number}: {SHARD_SIZE / (time.monotonic() - start):.0f} crops/s", flush=True)


if __name__ == "__main__":
    main()
