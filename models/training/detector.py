"""Train the plate detector.

    python -m models.training.detector --data DIR --out DIR [--fonts DIR] [--minutes N] [--resume]
                                       [--workers N] [--times N]

DIR holds ``detection`` and ``crops``. The checkpoint in ``--out`` keeps the network, its running mean
and the optimizer; `models.training.detector_export` makes the model file from it. The same command uses a GPU
where there is one; ``--workers 7 --times 2`` then suits it better: composing windows is what takes the time.
"""

from __future__ import annotations

import argparse
import copy
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
from models.training.detector_faces import render_many
from models.training.detector_loss import encode, loss_of
from models.training.detector_net import DetectorNet
from models.training.precision import mixed
from models.training.saves import follow, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.training.detector_data import Picture

# A batch's windows: height and width, how many, least plate px. Whole inputs are for plates that are near.
BATCHES: Final = ((256, 320, 24, 14.0), (384, 640, 6, 50.0), (256, 320, 24, 14.0))
TOP_RATE: Final = 2.5e-3
_FACES: Final = 1_200
_WARM_STEPS: Final = 150
_CHECK_EVERY_S: Final = 420
_SAVE_EVERY_S: Final = 60
_MEAN_DECAY: Final = 0.998


class Windows(IterableDataset[Any]):  # type: ignore[misc] # torch is not where types are checked
    """An endless stream of batches of encoded windows."""

    def __init__(self, data: Path, fonts: Path, seed: int, times: int, workers: int) -> None:
        super().__init__()
        self.times = times
        # Before the first call of OpenCV: ending its threads in a forked loader would wait for ever.
        cv2.setNumThreads(0)
        self.training, self.validation = load_pictures(data)
        self.patches = [*load_crops(data), *render_many(_FACES, fonts, workers)]
        self.seed = seed

    def __iter__(self) -> Iterator[Any]:
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        composers = [
            (Composer(self.training, self.patches, (height, width), rng, least), count * self.times)
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
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.net = DetectorNet().to(self.device, memory_format=torch.channels_last)
        self.mean = copy.deepcopy(self.net).eval()
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=TOP_RATE, weight_decay=0.02)
        self.step, self.spent_s = 0, 0.0

    def resume(self) -> None:
        """Go on from the checkpoint."""
        state = torch.load(self.out / "checkpoint.pt", weights_only=True, map_location=self.device)
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
        write_whole(state, self.out / "checkpoint.pt")

    def learn(self, batch: Any) -> dict[str, torch.Tensor]:  # noqa: ANN401 - a collated tuple of tensors
        """Take one step on one batch and return the parts of its loss."""
        pixels, heat, weight, cells = (part.to(self.device, non_blocking=True) for part in batch)
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.spent_s / self.budget_s, self.step)
        x = ((pixels.float() - 128) / 128).contiguous(memory_format=torch.channels_last)
        with mixed(self.device):
            maps = self.net(x)
        loss, parts = loss_of(maps, heat, weight, cells)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        follow(self.mean, self.net, min(_MEAN_DECAY, self.step / (self.step + 20)))
        return parts

    def check(self, pictures: Sequence[Picture]) -> Score:
        """Return the score of the running mean over ``pictures``."""
        return check(copy.deepcopy(self.mean).cpu(), pictures)


def train(trainer: Trainer, windows: Windows, workers: int) -> Score:
    """Train until the trainer's minutes are spent in all and return the last validation score."""
    loader = DataLoader(windows, batch_size=None, num_workers=workers, prefetch_factor=8)
    trainer.net.train()
    last, saved, checked = time.monotonic(), time.monotonic(), time.monotonic()
    sums: dict[str, torch.Tensor] = {}
    for batch in loader:
        for name, value in trainer.learn(batch).items():
            sums[name] = sums.get(name, torch.zeros((), device=value.device)) + value
        now = time.monotonic()
        trainer.spent_s += now - last
        last = now
        if trainer.step % 100 == 0:
            shown = " ".join(f"{name} {float(value) / 100:.3f}" for name, value in sums.items())
            print(f"{trainer.spent_s / 60:6.1f} min, step {trainer.step}: {shown}", flush=True)
            sums = {}
        if now - saved > _SAVE_EVERY_S:
            trainer.save()
            saved = now
        if now - checked > _CHECK_EVERY_S:
            print(f"validation: {trainer.check(windows.validation)}", flush=True)
            checked = time.monotonic()
        if trainer.spent_s > trainer.budget_s:
            break
    trainer.save()
    return trainer.check(windows.validation)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m models.training.detector", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fonts", type=Path, default=Path(".cache/fonts"), help="see lettering.font_files")
    parser.add_argument("--minutes", type=float, default=70)
    parser.add_argument("--workers", type=int, default=1, help="processes that compose windows")
    parser.add_argument("--times", type=int, default=1, help="how many times as large a batch is")
    parser.add_argument("--resume", action="store_true")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)  # before the workers are forked: a pool of threads does not survive that
    trainer = Trainer(chosen.out, chosen.minutes)
    if chosen.resume:
        trainer.resume()
    windows = Windows(chosen.data, chosen.fonts, trainer.step, chosen.times, chosen.workers)
    print(f"at the end: {train(trainer, windows, chosen.workers)}")


if __name__ == "__main__":
    main()
