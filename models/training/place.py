"""Train the network that names a plate's jurisdiction; it becomes part of the reader's file.

    python -m models.training.place --data DIR --out DIR [--minutes N] [--batch N] [--start FILE] [--resume]

Trains on the shards under ``OUT/shards`` as `models.training.reader` does, and keeps ``OUT/place.pt``. Real
plates of North America are drawn far more often than their number, for they are few; of plates that do not
tell where they are from it learns to be unsure. ``--start`` begins with the weights of an earlier run.
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
from torch.nn import functional

from alprd.plates.jurisdictions import JURISDICTIONS
from models.training.faces import NOT_LEARNT
from models.training.place_net import PlaceNet
from models.training.precision import compiled, mixed
from models.training.reader import writing
from models.training.reader_net import normalise
from models.training.reader_views import plain, varied
from models.training.saves import follow, write_whole
from models.training.shards import Pool, batch_of

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH: Final = 144
UNTOLD_SHARE: Final = 0.10
AMERICAN_SHARE: Final = 0.13
ELSEWHERE_SHARE: Final = 0.07
"""Of a batch: plates that do not tell, real ones of North America and elsewhere; the rest are rendered."""

PEAK_RATE: Final = 2e-3
WARM_STEPS: Final = 200
AVERAGE: Final = 0.999
SMOOTHING: Final = 0.05
SEED: Final = 2026
_REST_S: Final = 240.0
_RESCAN_STEPS: Final = 60
_MOST_RENDERED: Final = 400_000
_PLACES: Final = len(JURISDICTIONS)


class PlaceTraining:
    """The state of one run: weights, their running average, optimiser and clock."""

    def __init__(self, out: Path, minutes: float, *, batch: int = BATCH, rate: float = PEAK_RATE) -> None:
        torch.manual_seed(SEED)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.out, self.minutes, self.peak_rate = out, minutes, rate
        self.batch = batch
        self.net = PlaceNet().to(self.device, memory_format=torch.channels_last)
        self.forward = compiled(self.net, self.device)
        self.average = copy.deepcopy(self.net).eval()
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=0.03)
        self.dice = torch.Generator(self.device).manual_seed(SEED)
        self.step, self.elapsed_s = 0, 0.0

    def rate(self) -> float:
        """Return the learning rate for now."""
        share = min(1.0, self.elapsed_s / (60 * self.minutes))
        warm = min(1.0, (self.step + 1) / WARM_STEPS)
        return self.peak_rate * warm * (0.5 + 0.5 * math.cos(math.pi * share)) + 1e-6

    def learn(self, wide: Tensor, places: Tensor) -> Tensor:
        """Take one step on a batch and return its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        inputs = normalise(varied(wide, self.dice))
        with mixed(self.device):
            logits = self.forward(inputs.contiguous(memory_format=torch.channels_last))
        loss = functional.cross_entropy(logits.float(), wanted(places))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimiser.step()
        self.step += 1
        follow(self.average, self.net, min(AVERAGE, self.step / (self.step + 10)))
        return loss.detach()

    def save(self) -> None:
        """Write everything that a later ``--resume`` needs."""
        state = {
            "net": self.net.state_dict(), "average": self.average.state_dict(), "step": self.step,
            "optimiser": self.optimiser.state_dict(), "elapsed_s": self.elapsed_s,
            "dice": self.dice.get_state(),
        }  # fmt: skip
        write_whole(state, self.out / "place.pt")

    def start_from(self, path: Path) -> None:
        """Take the weights of an earlier run."""
        earlier = torch.load(path, weights_only=True, map_location=self.device)["average"]
        self.net.load_state_dict(earlier)
        self.average.load_state_dict(earlier)

    def resume(self) -> None:
        """Go on from the last save."""
        state: dict[str, Any] = torch.load(self.out / "place.pt", weights_only=True, map_location=self.device)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.dice.set_state(state["dice"].cpu())
        self.step, self.elapsed_s = state["step"], state["elapsed_s"]


def wanted(places: Tensor) -> Tensor:
    """Return the probabilities (n, 65) to learn for ``places`` (n,): all alike where a plate does not tell.

    Left out of the loss, such plates were named as surely as any other.
    """
    told = places < _PLACES
    sure = functional.one_hot(torch.where(told, places, 0).long(), _PLACES).float()
    share = torch.where(told, 1 - SMOOTHING, 0.0)[:, None]
    return sure * share + (1 - share) / _PLACES


def load_place_net(path: Path) -> PlaceNet:
    """Return the averaged network of a save, ready to measure or convert."""
    state = torch.load(path, weights_only=True, map_location="cpu")
    net = PlaceNet()
    net.load_state_dict(state["average"])
    net.eval()
    return net


def batches(folder: Path, training: PlaceTraining) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield mixed batches for ever: wide pictures and places."""
    real = Pool(folder, "real", training.device)
    rendered = Pool(folder, "rendered", training.device, _MOST_RENDERED)
    untold, american, elsewhere = (
        round(training.batch * share) for share in (UNTOLD_SHARE, AMERICAN_SHARE, ELSEWHERE_SHARE)
    )
    while True:
        known = (rendered.places < _PLACES).nonzero()[:, 0]
        untelling = ((rendered.places == NOT_LEARNT) & rendered.are_read).nonzero()[:, 0]
        here = ((real.places > 0) & (real.places < _PLACES)).nonzero()[:, 0]
        abroad = (real.places == 0).nonzero()[:, 0]
        for _ in range(_RESCAN_STEPS):
            draws = [
                rendered.draw(training.batch - untold - american - elsewhere, training.dice, known),
                rendered.draw(untold, training.dice, untelling),
                real.draw(american, training.dice, here),
                real.draw(elsewhere, training.dice, abroad),
            ]
            wide, _codes, places = batch_of(draws, training.dice)
            yield wide, places
        rendered.scan()
        real.scan()


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is untyped to mypy here
def measure(net: nn.Module, held_out: dict[str, Any], device: str) -> str:
    """Return a line on the held-out real plates."""
    inputs = normalise(plain(torch.from_numpy(held_out["crops"]).to(device)))
    right = net(inputs).argmax(1).cpu().numpy() == held_out["places"]
    known = held_out["places"] < _PLACES
    here = known & held_out["american"]
    return (
        f"held out: {right[known].mean():.3f} of {known.sum()},"
        f" North America {right[here].mean():.3f} of {here.sum()}"
    )


def run(training: PlaceTraining, folder: Path) -> None:
    """Train until the minutes are over."""
    held_out = dict(np.load(folder / "held-out.npz"))
    start, rested = time.monotonic() - training.elapsed_s, training.elapsed_s
    losses = torch.zeros((), device=training.device)
    for wide, places in batches(folder, training):
        losses += training.learn(wide, places)
        training.elapsed_s = time.monotonic() - start
        if training.step % 200 == 0:
            print(
                f"{training.elapsed_s / 60:5.1f} min  step {training.step}  loss {float(losses) / 200:.3f}",
                flush=True,
            )
            losses.zero_()
        over = training.elapsed_s > 60 * training.minutes
        if over or training.elapsed_s - rested > _REST_S:
            training.save()
            rested = training.elapsed_s
            print(measure(training.average, held_out, training.device.type), flush=True)
        if over:
            break


def main() -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(prog="python -m models.training.place", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with crops and detection")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=45.0)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rendered", type=int, default=60, help="shards of rendered plates")
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--rate", type=float, default=PEAK_RATE, help="highest learning rate")
    parser.add_argument("--start", type=Path, help="begin with the weights of this save of an earlier run")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    training = PlaceTraining(options.out, options.minutes, batch=options.batch, rate=options.rate)
    if options.resume and (options.out / "place.pt").exists():
        training.resume()
    elif options.start is not None:
        training.start_from(options.start)
    with writing(options.data, options.out, options.rendered):
        run(training, options.out / "shards")


if __name__ == "__main__":
    main()
