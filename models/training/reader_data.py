"""Shards of wide plate pictures for the reader's training: rendered plates, real ones, and no plates.

``python -m models.training.reader_data --data DIR --out DIR [--rendered N] [--workers N]`` writes under
``OUT/shards`` what is not there yet: ``real-NNN`` and ``none-NNN`` from the pictures of ``DIR``, then
``rendered-NNN`` up to ``N``, each of at most `SHARD_SIZE` pictures as ``-crops.npy`` (n, 80, 192),
``-codes.npy`` (n, 10) and ``-places.npy`` (n,), all uint8; and ``held-out.npz``, real plates whose texts are
in no shard. ``DIR`` holds ``crops/labels.csv`` and ``detection``; fonts lie in ``OUT/../fonts`` (see
`models.training.lettering.font_files` and `models.training.icons`).

A wide picture shows the plate and what is around it: `models.training.reader_views` cuts the reader's
input out of it, another one each time.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
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
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.vision.detect import Detector
from alprd.vision.litert import Model, default_folder
from models.training.detector_data import load_pictures
from models.training.faces import NOT_LEARNT
from models.training.plates import CROP_HEIGHT, CROP_MARGIN, CROP_SIZE, CROP_WIDTH, PlateRenderer
from models.training.scene import box_corners, cut_out, degrade
from models.training.surroundings import load_backgrounds

Grey = NDArray[np.uint8]

SHARD_SIZE: Final = 1_000
HELD_OUT_SHARE: Final = 0.08
_VARIANTS: Final = 8
_NOT_PLATES: Final = 12_000
_OTHER_SCRIPTS: Final = frozenset({"KR", "JP", "CN", "TH", "TW"})
_ALL_LABELLED: Final = frozenset({"openimages", "robertlucian", "usmixed"})
_SHARED: Final = 0.02
_FOUND_SHARE: Final = 0.6
_FOUND_FROM: Final = 0.3
_FOUND_OVERLAP: Final = 0.55


@dataclass(frozen=True, slots=True, kw_only=True)
class RealCrop:
    """A photographed plate with some surroundings."""

    picture: Grey
    box: tuple[float, float, float, float]
    text: str
    place: str
    unsure: bool

    @property
    def is_american(self) -> bool:
        """Whether it is a plate of the United States or Canada."""
        return self.place.startswith(("US", "CA-"))

    @property
    def place_number(self) -> int:
        """Its jurisdiction's number, 0 for one elsewhere, `NOT_LEARNT` where nobody knows."""
        if self.place in JURISDICTIONS:
            return JURISDICTIONS.index(self.place)
        return NOT_LEARNT if self.place in {"", "US", "CA"} else 0

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
    """Return the labelled crops that can be trained on.

    Labels with small stacked letters in them are left out: the reader leaves such letters out.
    """
    crops = []
    with (data / "crops/labels.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            flags = row["flags"].split(",")
            readable = 2 <= len(row["text"]) <= MAX_CHARACTERS and not {"script", "stacked"} & set(flags)
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


def wide_cut(picture: Grey, corners: NDArray[np.float32]) -> Grey:
    """Return the wide picture (80, 192) of the plate at ``corners`` (4, 2) of ``picture``."""
    return cut_out(picture, corners, size=CROP_SIZE, margins=CROP_MARGIN)


class Finder:
    """The detector, run on a crop as if that stood in a frame: its corners are wrong in their own way."""

    def __init__(self) -> None:
        self._detector = Detector(Model.open(default_folder("detector")), _FOUND_FROM)
        self._frame = np.zeros((384, 640), np.uint8)

    def corners(self, crop: RealCrop, rng: np.random.Generator) -> NDArray[np.float32] | None:
        """Return the corners (4, 2) px that the detector gives the plate of ``crop``, or None."""
        x1, y1, x2, y2 = crop.box
        height, width = crop.picture.shape
        most = min(560 / width, 320 / height)
        scale = min(most, float(np.exp(rng.uniform(np.log(24), np.log(260)))) / (x2 - x1))
        small = cv2.resize(crop.picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = (384 - small.shape[0]) // 2, (640 - small.shape[1]) // 2
        rest = (top, 384 - top - small.shape[0], left, 640 - left - small.shape[1])
        self._frame[:] = cv2.copyMakeBorder(small, *rest, cv2.BORDER_REFLECT_101)
        # Reflected surroundings can hold the plate again: only the place of the true one counts.
        box = np.array([x1, y1, x2, y2], np.float32)
        for found in self._detector.corners[: self._detector.detect(self._frame, 1)]:
            corners = (found - np.array([left, top], np.float32)) / np.float32(scale)
            if _overlap(np.concatenate([corners.min(axis=0), corners.max(axis=0)]), box) > _FOUND_OVERLAP:
                return corners
        return None


def _overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Return the intersection of two upright boxes over their union."""
    sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)
    shared = float(sides.prod())
    return shared / (float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod()) - shared)


def view_of(crop: RealCrop, finder: Finder, rng: np.random.Generator) -> Grey:
    """Return one wide picture of a real crop, its size and its quality varied."""
    x1, y1, x2, y2 = crop.box
    picture = crop.picture
    plate_px = x2 - x1
    scale = 1.0
    if plate_px > 70 and rng.random() < 0.6:
        scale = float(np.exp(rng.uniform(np.log(max(48.0 / plate_px, 0.15)), 0.0)))
    elif plate_px > 400:
        scale = 400 / plate_px
    if scale < 1.0:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    found = finder.corners(crop, rng) if rng.random() < _FOUND_SHARE else None
    corners = (box_corners(x1, y1, x2, y2) if found is None else found) * np.float32(scale)
    if rng.random() < 0.45:
        picture = _blemished(picture, plate_px * scale, rng)
    if (
        found is None and rng.random() < 0.4
    ):  # a rectified or an upright cut of a leaning plate: shear the corners
        lean = rng.normal(0, 0.12) * (corners[3, 1] - corners[0, 1])
        fall = rng.normal(0, 0.06) * (corners[1, 0] - corners[0, 0])
        corners[:2, 0] += lean
        corners[1:3, 1] += fall
    return wide_cut(picture, corners)


def _blemished(picture: Grey, plate_px: float, rng: np.random.Generator) -> Grey:
    """Degrade a real crop about half as much as a rendered one: it has seen a camera already."""
    worse = degrade(picture, plate_px * 0.5, rng)
    return np.asarray(cv2.addWeighted(picture, 0.3, worse, 0.7, 0), dtype=np.uint8)


def not_plates(data: Path, count: int, rng: np.random.Generator) -> list[Grey]:
    """Return wide pictures of what the detector takes for plates, and of other places without any.

    Only from sources that label every plate; nothing that touches a labelled box.
    """
    detector = Detector(Model.open(default_folder("detector")), 0.03)
    training, _validation = load_pictures(data)
    pictures = [picture for picture in training if picture.source in _ALL_LABELLED]
    mistaken: list[tuple[float, Grey]] = []
    others: list[Grey] = []
    for picture in pictures:
        height, width = (min(side, most) for side, most in zip(picture.pixels.shape, (384, 640), strict=True))
        lores = np.ascontiguousarray(picture.pixels[:height, :width])
        count_here = detector.detect(lores, 1)
        for corners, score in zip(detector.corners[:count_here].copy(), detector.scores, strict=False):
            if not _touches(corners, picture.boxes):
                mistaken.append((float(score), wide_cut(picture.pixels, corners)))
        wide = float(rng.uniform(30, 200))
        centre = rng.uniform((0, 0), picture.pixels.shape[::-1])
        half = np.array([wide, wide / rng.uniform(1.5, 5)]) / 2
        corners = box_corners(*(centre - half), *(centre + half))
        if not _touches(corners, picture.boxes):
            others.append(wide_cut(picture.pixels, corners))
    detector.wipe()
    print(f"{len(mistaken)} places taken for plates, {len(others)} others without one", flush=True)
    mistaken.sort(key=lambda scored: scored[0], reverse=True)  # the likeliest mistakes teach most
    found = [cut for _score, cut in mistaken[: max(0, count - len(others))]] + others
    return [found[i] for i in rng.permutation(len(found))[:count]]


def _touches(corners: NDArray[np.float32], boxes: NDArray[np.float32]) -> bool:
    """Tell whether the upright box of ``corners`` shares more than a sliver with one of ``boxes``."""
    (x1, y1), (x2, y2) = corners.min(axis=0), corners.max(axis=0)
    size = max(float((x2 - x1) * (y2 - y1)), 1.0)
    wide = np.minimum(x2, boxes[:, 2]) - np.maximum(x1, boxes[:, 0])
    tall = np.minimum(y2, boxes[:, 3]) - np.maximum(y1, boxes[:, 1])
    return bool((np.maximum(wide, 0) * np.maximum(tall, 0) > _SHARED * size).any())


def save_shard(folder: Path, name: str, crops: Grey, codes: Grey, places: Grey) -> None:
    """Write one shard; its codes come last and tell that it is whole."""
    for part_name, array in (("crops", crops), ("places", places), ("codes", codes)):
        part = folder / f"{name}-{part_name}.part.npy"
        np.save(part, array)
        part.replace(folder / f"{name}-{part_name}.npy")


def write_real(folder: Path, number: int, crops: list[RealCrop]) -> None:
    """Write shard ``number`` of wide pictures of real ``crops``; its seed is its number."""
    rng, finder = np.random.default_rng((2026, number)), Finder()
    save_shard(
        folder,
        f"real-{number:03d}",
        np.stack([view_of(crop, finder, rng) for crop in crops]),
        np.stack([codes_of(crop.text) for crop in crops]),
        np.array([crop.place_number for crop in crops], np.uint8),
    )


def real_rows(real: list[RealCrop]) -> list[list[RealCrop]]:
    """Return what each real shard shows: the crops to train on, American ones three times as often."""
    train = [crop for crop in real if not crop.held_out]
    todo = [crop for crop in train for _ in range(_VARIANTS * (3 if crop.is_american else 1))]
    order = np.random.default_rng(2026).permutation(len(todo))
    return [[todo[i] for i in order[start : start + SHARD_SIZE]] for start in range(0, len(todo), SHARD_SIZE)]


def write_not_plates(folder: Path, data: Path) -> None:
    """Write the shard of pictures without a plate."""
    crops = np.stack(not_plates(data, _NOT_PLATES, np.random.default_rng(4)))
    codes = np.zeros((len(crops), MAX_CHARACTERS), np.uint8)
    save_shard(folder, "none-000", crops, codes, np.full(len(crops), NOT_LEARNT, np.uint8))


def write_rendered(folder: Path, number: int, renderer: PlateRenderer, *, size: int = SHARD_SIZE) -> None:
    """Write rendered shard ``number``; its seed is its number."""
    rng = np.random.default_rng((2026, number))
    crops = np.zeros((size, CROP_HEIGHT, CROP_WIDTH), np.uint8)
    codes = np.zeros((size, MAX_CHARACTERS), np.uint8)
    places = np.zeros(size, np.uint8)
    for index in range(size):
        sample = renderer.sample(rng)
        crops[index], codes[index], places[index] = sample.crop, sample.codes, sample.place
    save_shard(folder, f"rendered-{number:03d}", crops, codes, places)


def write_held_out(folder: Path, real: list[RealCrop]) -> None:
    """Write the real crops kept from training, each once by its box."""
    rng = np.random.default_rng(7)
    kept = [crop for crop in real if not crop.unsure]
    small = [rng.normal(0, 0.01, (4, 2)) * [c.box[2] - c.box[0], c.box[3] - c.box[1]] for c in kept]
    np.savez(
        folder / "held-out.npz",
        crops=np.stack(
            [
                wide_cut(crop.picture, (box_corners(*crop.box) + shift).astype(np.float32))
                for crop, shift in zip(kept, small, strict=True)
            ]
        ),
        codes=np.stack([codes_of(crop.text) for crop in kept]),
        places=np.array([crop.place_number for crop in kept], np.uint8),
        american=np.array([crop.is_american for crop in kept]),
    )


class _Writer:
    """Writes shards in one of several processes; what only some shards need is made when first needed."""

    def __init__(self, data: Path, out: Path) -> None:
        self._data, self._out = data, out
        self._real: list[list[RealCrop]] = []
        self._renderer: PlateRenderer | None = None
        cv2.setNumThreads(1)

    def write(self, kind: str, number: int) -> None:
        """Write one shard."""
        folder = self._out / "shards"
        if kind == "none":
            write_not_plates(folder, self._data)
        elif kind == "real":
            self._real = self._real or real_rows(load_real(self._data))
            write_real(folder, number, self._real[number])
        else:
            if self._renderer is None:
                self._renderer = PlateRenderer(self._out.parent / "fonts", load_backgrounds(self._data))
            write_rendered(folder, number, self._renderer)


_writer: _Writer | None = None


def _start_worker(data: Path, out: Path) -> None:
    global _writer  # noqa: PLW0603 - a worker's own, set once when it starts
    os.nice(5)
    _writer = _Writer(data, out)


def _write_task(task: tuple[str, int]) -> tuple[str, int]:
    assert _writer is not None  # noqa: S101 - tells the type checker
    _writer.write(*task)
    return task


def main() -> None:
    """Write the shards that are not there yet."""
    parser = argparse.ArgumentParser(prog="python -m models.training.reader_data", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rendered", type=int, default=600, help="how many shards of rendered plates")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    options = parser.parse_args()
    folder = options.out / "shards"
    folder.mkdir(parents=True, exist_ok=True)
    real = load_real(options.data)
    rows = real_rows(real)
    if not (folder / "held-out.npz").exists():
        write_held_out(folder, [crop for crop in real if crop.held_out])
    kept = sum(crop.held_out for crop in real)
    print(f"{len(real) - kept} real crops to train on, {kept} held out", flush=True)
    # Something of each kind comes first: a training that waits for it can begin.
    tasks = [("none", 0), ("rendered", 0)] + [("real", number) for number in range(len(rows))]
    tasks += [("rendered", number) for number in range(1, options.rendered)]
    missing = [(kind, n) for kind, n in tasks if not (folder / f"{kind}-{n:03d}-codes.npy").exists()]
    start = time.monotonic()
    # Forked, a worker would wait for ever for OpenCV's threads, which stay behind.
    processes = multiprocessing.get_context("spawn")
    with processes.Pool(options.workers, _start_worker, (options.data, options.out)) as pool:
        for done, (kind, number) in enumerate(pool.imap_unordered(_write_task, missing), 1):
            if kind != "rendered" or number % 50 == 0:
                minutes = (time.monotonic() - start) / 60
                print(f"{minutes:5.1f} min  {done} of {len(missing)} shards, {kind}-{number:03d}", flush=True)


if __name__ == "__main__":
    main()
