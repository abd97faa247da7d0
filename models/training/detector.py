"""Train the plate detector.

    python -m models.training.detector --data DIR --out DIR [--fonts DIR] [--minutes N] [--resume]

DIR holds ``detection`` and ``crops``. The checkpoint in ``--out`` keeps the network, its running mean
and the optimizer; `models.training.detector_export` makes the model file from it.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from models.training.detector_check import Score, check
from models.training.detector_data import Composer, load_crops, load_pictures, spoil
from models.training.detector_faces import render_patches
from models.training.detector_loss import encode, loss_of
from models.training.detector_net import DetectorNet

if TYPE_CHECKING:
    from collections.abc import Iterator

# A batch's windows: height and width, how many, least plate px. Whole inputs are for plates that are near.
BATCHES: Final = ((256, 320, 24, 14.0), (384, 640, 6, 50.0), (256, 320, 24, 14.0))
TOP_RATE: Final = 2.5e-3
_WARM_STEPS: Final = 150
_CHECK_EVERY_S: Final = 420
_SAVE_EVERY_S: Final = 60
_MEAN_DECAY: Final = 0.998


class Windows(IterableDataset[Any]):  # type: ignore[misc] # torch is not where types are checked
    """An endless stream of batches of encoded windows."""

    def __init__(self, data: Path, fonts: Path, seed: int) -> None:
        super().__init__()
        # Before the first call of OpenCV: ending its threads in a forked loader would wait for ever.
        cv2.setNumThreads(0)
        self.training, self.validation = load_pictures(data)
        self.patches = [*load_crops(data), *render_patches(1200, np.random.default_rng(7), fonts)]
        self.seed = seed

    def __iter__(self) -> Iterator[Any]:
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        composers = [
            (Composer(self.training, self.patches, (height, width), rng, least), count)
            for height, width, count, least in BATCHES
        ]
        for composer, count in itertools.cycle(composers):
            batch = []
            for _ in range(count):
                window = composer.compose()
                batch.append((spoil(window.pixels, rng)[None], *encode(window)))
            yield tuple(torch.from_numpy(np.stack(part)) for part in zip(*batch, strict=True))


def rate_at(progress: float, step: int) -> float:
    """Return the learning rate at ``progress`` 0..1 of the planned time."""
    cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return TOP_RATE * max(0.004, cosine) * min(1.0, (step + 1) / _WARM_STEPS)


class Trainer:
    """One run: network, its running mean, optimizer, clock."""

    def __init__(self, out: Path, minutes: float) -> None:
        self.out, self.budget_s = out, 60 * minutes
        self.net = DetectorNet().to(memory_format=torch.channels_last)
        self.mean = DetectorNet()
        self.mean.load_state_dict(self.net.state_dict())
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=TOP_RATE, weight_decay=0.02)
        self.step, self.spent_s = 0, 0.0

    def resume(self) -> None:
        """Go on from the checkpoint."""
        state = torch.load(self.out / "checkpoint.pt", weights_only=True)
        self.net.load_state_dict(state["net"])
        self.mean.load_state_dict(state["mean"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.spent_s = state["step"], state["spent_s"]

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {
            "net": self.net.state_dict(),
            "mean": self.mean.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "spent_s": self.spent_s,
        }
        part = self.out / "checkpoint.part"
        torch.save(state, part)
        part.rename(self.out / "checkpoint.pt")

    def learn(self, batch: Any) -> dict[str, float]:  # noqa: ANN401 - a collated tuple of tensors
        """Take one step on one batch and return the parts of its loss."""
        pixels, heat, weight, cells = batch
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.spent_s / self.budget_s, self.step)
        x = ((pixels.float() - 128) / 128).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            maps = self.net(x)
        loss, parts = loss_of(maps, heat, weight, cells)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        decay = min(_MEAN_DECAY, self.step / (self.step + 20))
        with torch.no_grad():
            for mean, now in zip(
                self.mean.state_dict().values(), self.net.state_dict().values(), strict=True
            ):
                if mean.is_floating_point():
                    mean.lerp_(now, 1 - decay)
                else:
                    mean.copy_(now)
        return parts


def train(data: Path, fonts: Path, out: Path, minutes: float, *, resume: bool) -> Score:
    """Train until ``minutes`` are spent in all and return the last validation score."""
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)  # before the worker is forked: a pool of threads does not survive that
    trainer = Trainer(out, minutes)
    if resume:
        trainer.resume()
    windows = Windows(data, fonts, seed=trainer.step)
    loader = DataLoader(windows, batch_size=None, num_workers=1, prefetch_factor=8)
    trainer.net.train()
    last, saved, checked = time.monotonic(), time.monotonic(), time.monotonic()
    sums: dict[str, float] = {}
    for batch in loader:
        for name, value in trainer.learn(batch).items():
            sums[name] = sums.get(name, 0.0) + value
        now = time.monotonic()
        trainer.spent_s += now - last
        last = now
        if trainer.step % 100 == 0:
            shown = " ".join(f"{name} {value / 100:.3f}" for name, value in sums.items())
            print(f"{trainer.spent_s / 60:6.1f} min, step {trainer.step}: {shown}", flush=True)
            sums = {}
        if now - saved > _SAVE_EVERY_S:
            trainer.save()
            saved = now
        if now - checked > _CHECK_EVERY_S:
            print(f"validation: {check(trainer.mean, windows.validation)}", flush=True)
            checked = time.monotonic()
        if trainer.spent_s > trainer.budget_s:
            break
    trainer.save()
    return check(trainer.mean, windows.validation)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m models.training.detector", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fonts", type=Path, default=Path(".cache/fonts"), help="see lettering.font_files")
    parser.add_argument("--minutes", type=float, default=70)
    parser.add_argument("--resume", action="store_true")
    chosen = parser.parse_args()
    score = train(chosen.data, chosen.fonts, chosen.out, chosen.minutes, resume=chosen.resume)
    print(f"at the end: {score}")


if __name__ == "__main__":
    main()
