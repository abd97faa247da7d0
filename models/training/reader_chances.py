"""Make the reader's scores chances: what a text's score has to be so often right as it says.

``python -m models.training.reader_chances --fonts DIR --data DIR [--count 6000]`` renders plates that no
training saw, reads them with the models of ``--models`` as the product does, and fits a logistic of three
things to which texts are right but for O and 0, I and 1: the chance that the networks give the text, that of
its least sure character, and whether any jurisdiction issues serials of its form. The four weights go into
the reader's manifest (``score_text``, ``score_least``, ``score_pattern``, ``score_shift``). Rendered plates,
because so many real ones could not be held out.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import torch
from torch.nn import functional

from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS, READ_CODES, UNREADABLE
from alprd.plates.grammar import places_of
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.vision.loading import open_reader
from models.training.plates import CROP_HEIGHT, CROP_MARGIN, CROP_WIDTH, PlateRenderer, Sample
from models.training.scene import box_corners
from models.training.surroundings import load_backgrounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.vision.read import Reader

SCORE: Final = ("score_text", "score_least", "score_pattern", "score_shift")
PLAIN_SCORE: Final = (1.0, 0.0, 0.0, 0.0)
"""The weights by which a score is the chance that the networks give the text."""

_SEED: Final = (5, 2026)
_LEAST: Final = 1e-6
_SHRUNK: Final = 1e-3
"""How much the weights, each on one deviation of its own, are held small (ridge)."""


def set_score(path: Path, weights: tuple[float, ...]) -> None:
    """Write the four ``weights`` into the manifest at ``path``."""
    text = path.read_text("utf-8")
    for name, weight in zip(SCORE, weights, strict=True):
        text, count = re.subn(rf"^{name} = .*$", f"{name} = {weight!r}", text, flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"{path}: expected one line of {name}, found {count}")
    path.write_text(text, "utf-8")


def folded(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return ``codes`` with O as 0 and I as 1."""
    same = np.arange(READ_CODES, dtype=np.uint8)
    for mark, twin in ("O0", "I1"):
        same[CHARACTERS.index(mark) + 1] = CHARACTERS.index(twin) + 1
    result: NDArray[np.uint8] = same[codes]
    return result


def log_odds(chance: float) -> float:
    """Return the log odds of ``chance``, which counts as no nearer to 0 and 1 than the product has it."""
    kept = min(max(chance, _LEAST), 1 - _LEAST)
    return float(np.log(kept / (1 - kept)))


def seen(reader: Reader, sample: Sample) -> tuple[float, float, float, bool] | None:
    """Return what a score is made of for a plate, and whether its text is right; None where none is read."""
    margin_x, margin_y = CROP_MARGIN
    width, height = CROP_WIDTH / (1 + 2 * margin_x), CROP_HEIGHT / (1 + 2 * margin_y)
    left, top = margin_x * width, margin_y * height
    length = reader.read(sample.crop, box_corners(left, top, left + width, top + height))
    if length == 0 or reader.partial or UNREADABLE in sample.codes:
        return None
    fits = np.zeros(len(JURISDICTIONS), np.bool_)
    places_of(reader.codes, length, fits)
    right = bool((folded(reader.codes) == folded(sample.codes[:MAX_CHARACTERS])).all())
    least = float(reader.confidences[:length].min())
    return log_odds(float(reader.score[0])), log_odds(least), float(fits.any()), right


def fitted(rows: NDArray[np.float64]) -> tuple[float, ...]:
    """Return the weights of all columns of ``rows`` (n, 4) but the last, what is right, and the shift."""
    given, right = torch.from_numpy(rows[:, :-1]), torch.from_numpy(rows[:, -1])
    deviation, mean = torch.std_mean(given, dim=0)
    weights = torch.zeros(given.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([weights], max_iter=500, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        solver.zero_grad()
        odds = (given - mean) / deviation @ weights[:-1] + weights[-1]
        value = functional.binary_cross_entropy_with_logits(odds, right) + _SHRUNK * (weights[:-1] ** 2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    solver.step(loss)
    slopes = (weights[:-1] / deviation).detach()
    return (*slopes.tolist(), float(weights[-1].detach() - (slopes * mean).sum()))


def main() -> None:
    """Render, read, fit, and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m models.training.reader_chances", description=__doc__)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="for the backgrounds")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--models", type=Path, default=Path("models"))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    manifest = options.models / "reader/manifest.toml"
    set_score(manifest, PLAIN_SCORE)
    reader = open_reader(models=options.models)
    renderer = PlateRenderer(options.fonts, load_backgrounds(options.data))
    rng = np.random.default_rng(_SEED)
    rows = []
    for index in range(options.count):
        row = seen(reader, renderer.sample(rng))
        if row is not None:
            rows.append(row)
        if (index + 1) % 1000 == 0:
            print(f"{index + 1} of {options.count}", flush=True)
    weights = fitted(np.array(rows, np.float64))
    set_score(manifest, weights)
    right = sum(row[-1] for row in rows)
    print(
        f"{right} of {len(rows)} texts right; "
        + ", ".join(f"{n} {w:.3f}" for n, w in zip(SCORE, weights, strict=True))
    )


if __name__ == "__main__":
    main()
