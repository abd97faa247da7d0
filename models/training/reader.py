"""Train the plate reader.

``python -m models.training.reader --data DIR --out DIR [--minutes N] [--resume]`` trains on the shards
under ``OUT/shards`` (written by `models.training.reader_data`, which may still be writing more) and
keeps ``OUT/reader.pt``. The rate follows a cosine over the minutes, so a run has its end in sight.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from models.training.reader_net import COLUMNS, ReaderNet, greedy, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH: Final = 128
PEAK_RATE: Final = 2e-3
WARM_STEPS: Final = 300
AVERAGE: Final = 0.999
SAVE_EVERY_S: Final = 60.0
MEASURE_EVERY_S: Final = 240.0


class Training:
    """The state of one run: weights, their running average, optimiser and clock."""

    def __init__(self, out: Path, minutes: float, width: float) -> None:
        torch.manual_seed(2026)
        self.out = out
        self.minutes = minutes
        self.net = ReaderNet(width).to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net).eval()
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=PEAK_RATE, weight_decay=0.02)
        self.loss = nn.CTCLoss(zero_infinity=True)
        self.width = width
        self.step = 0
        self.elapsed_s = 0.0

    def rate(self) -> float:
        """Return the learning rate for now."""
        share = min(1.0, self.elapsed_s / (60 * self.minutes))
        return (
            PEAK_RATE * min(1.0, (self.step + 1) / WARM_STEPS) * (0.5 + 0.5 * math.cos(math.pi * share))
            + 1e-6
        )

    def learn(self, crops: Tensor, codes: Tensor) -> float:
        """Take one step on a batch and return its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        inputs = normalise(self._varied(crops)).contiguous(memory_format=torch.channels_last)
        inverted = torch.rand(len(inputs)) < 0.05
        inputs[inverted] *= -1
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self.net(inputs)
        lengths = (codes > 0).sum(dim=1)
        loss: Tensor = self.loss(
            logits.float().log_softmax(2).transpose(0, 1),
            codes[codes > 0].long(),
            torch.full((len(crops),), COLUMNS),
            lengths,
        )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return float(loss.item())

    @staticmethod
    def _varied(crops: Tensor) -> Tensor:
        """Return a batch moved by a few pixels and, one in two, with some noise: a new view of each crop."""
        across, down = (int(shift) for shift in torch.randint(-4, 5, (2,)))
        moved = torch.roll(crops, (down // 2, across), dims=(1, 2)).float()
        if torch.rand(()) < 0.5:
            moved += torch.randn_like(moved) * (torch.rand(len(crops), 1, 1) * 6)
        return moved

    @torch.no_grad()  # type: ignore[untyped-decorator]  # torch is untyped to mypy here
    def _follow(self) -> None:
        keep = min(AVERAGE, self.step / (self.step + 10))
        for mean, now in zip(self.average.state_dict().values(), self.net.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(now, 1 - keep)
            else:
                mean.copy_(now)

    def save(self) -> None:
        """Write everything a later ``--resume`` needs, in one move."""
        part = self.out / "reader.part"
        state = {
            "net": self.net.state_dict(), "average": self.average.state_dict(), "width": self.width,
            "optimiser": self.optimiser.state_dict(), "step": self.step, "elapsed_s": self.elapsed_s,
        }  # fmt: skip
        torch.save(state, part)
        part.replace(self.out / "reader.pt")

    def resume(self) -> None:
        """Go on from the last save."""
        state: dict[str, Any] = torch.load(self.out / "reader.pt", weights_only=True)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.elapsed_s = state["step"], state["elapsed_s"]


def load_net(path: Path) -> ReaderNet:
    """Return the averaged network of a save, ready to measure or convert."""
    state = torch.load(path, weights_only=True)
    net = ReaderNet(state["width"])
    net.load_state_dict(state["average"])
    net.eval()
    return net


def batches(folder: Path) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield shuffled batches for ever; each round over the shards that are there by then."""
    rng = np.random.default_rng(1)
    while True:
        files = sorted(folder.glob("[0-9]*-codes.npy"))
        rng.shuffle(files)  # type: ignore[arg-type]
        for start in range(0, len(files), 3):
            group = files[start : start + 3]
            codes = np.concatenate([np.load(path) for path in group])
            crops = np.concatenate([np.load(str(path).replace("-codes", "-crops")) for path in group])
            order = rng.permutation(len(codes))
            for first in range(0, len(order) - BATCH + 1, BATCH):
                rows = order[first : first + BATCH]
                yield torch.from_numpy(crops[rows]), torch.from_numpy(codes[rows])


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is untyped to mypy here
def exact_share(net: nn.Module, crops: np.ndarray[Any, Any], codes: np.ndarray[Any, Any]) -> float:
    """Return the share of ``crops`` read exactly as ``codes`` say."""
    right = 0
    for first in range(0, len(crops), 256):
        texts = greedy(net(normalise(torch.from_numpy(crops[first : first + 256]))))
        right += sum(
            text == [code for code in row if code]
            for text, row in zip(texts, codes[first : first + 256].tolist(), strict=True)
        )
    return right / len(crops)


def measure(training: Training, held_out: dict[str, Any]) -> str:
    """Return a line on the held-out real crops."""
    crops, codes, american = held_out["crops"], held_out["codes"], held_out["american"]
    every = exact_share(training.average, crops, codes)
    ours = exact_share(training.average, crops[american], codes[american])
    return f"held out: {every:.3f} of {len(codes)}, North America {ours:.3f} of {int(american.sum())}"


def run(training: Training, folder: Path) -> None:
    """Train until the minutes are over."""
    held_out = dict(np.load(folder / "held-out.npz"))
    start = time.monotonic() - training.elapsed_s
    saved = measured = training.elapsed_s
    first, losses = training.step, 0.0
    for crops, codes in batches(folder):
        losses += training.learn(crops, codes)
        training.elapsed_s = time.monotonic() - start
        if training.step % 200 == 0:
            print(
                f"{training.elapsed_s / 60:5.1f} min  step {training.step}  loss {losses / 200:.4f}"
                f"  rate {training.rate():.2e}",
                flush=True,
            )
            losses = 0.0
        over = training.elapsed_s > 60 * training.minutes
        if over or training.elapsed_s - saved > SAVE_EVERY_S:
            training.save()
            saved = training.elapsed_s
        if over or training.elapsed_s - measured > MEASURE_EVERY_S:
            print(measure(training, held_out), flush=True)
            measured = training.elapsed_s
        if over:
            break
    print(f"{training.step - first} steps", flush=True)


def main() -> None:
    """Train the reader from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="pictures; only the shards' writer reads them"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=65.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    os.nice(5)
    torch.set_num_threads(options.threads)
    training = Training(options.out, options.minutes, options.width)
    if options.resume and (options.out / "reader.pt").exists():
        training.resume()
    run(training, options.out / "shards")


if __name__ == "__main__":
    main()
