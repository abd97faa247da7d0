"""Train the plate reader.

    python -m models.training.reader --data DIR --out DIR [--minutes N] [--start FILE] [--resume]
                                     [--batch N] [--beside DIR]

Has `models.training.reader_data` write the shards that ``OUT/shards`` lacks, beside the training, which
begins with the first of them (``--rendered 0`` leaves that to another process). Keeps ``OUT/reader.pt``, and
the best average on the held-out plates as ``OUT/best.pt``. The rate follows a cosine over the minutes, so a
run has its end in sight. ``--start`` begins with the weights of an earlier run as far as they fit. On a
machine with a GPU the same command uses it for everything but the rendering; ``--batch 1024 --rate 3e-3``
then suits it better.

On a machine of few cores, runs of one thread each learn faster than one run of several: two that name each
other's folder with ``--beside`` take the mean of their weights every `_MEET_STEPS` steps. Give them different
seeds.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from models.training.precision import compiled, mixed
from models.training.reader_net import COLUMNS, ReaderNet, greedy, normalise
from models.training.reader_views import plain, varied
from models.training.saves import follow, write_whole
from models.training.shards import KINDS, Pool, batch_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PEAK_RATE: Final = 2e-3
WARM_STEPS: Final = 300
AVERAGE: Final = 0.999
REAL_SHARE: Final = 0.18
NONE_SHARE: Final = 0.04
UNREADABLE_SHARE: Final = 0.06
INVERTED_SHARE: Final = 0.04
SEED: Final = 2026
BATCH: Final = 128
SAVE_EVERY_S: Final = 60.0
MEASURE_EVERY_S: Final = 60.0
_RESCAN_STEPS: Final = 60
_MEET_STEPS: Final = 40


class Training:
    """The state of one run: weights, their running average, optimiser and clock."""

    def __init__(
        self,
        out: Path,
        minutes: float,
        width: float,
        *,
        batch: int = BATCH,
        rate: float = PEAK_RATE,
        seed: int = SEED,
    ) -> None:
        torch.manual_seed(SEED)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.out = out
        self.minutes = minutes
        self.peak_rate = rate
        self.net = ReaderNet(width).to(self.device, memory_format=torch.channels_last)
        self.forward = compiled(self.net, self.device)
        self.average = copy.deepcopy(self.net).eval()
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=0.02)
        self.loss = nn.CTCLoss(zero_infinity=True, reduction="none")
        self.dice = torch.Generator(self.device).manual_seed(seed)
        self.seed = seed
        self.batch = batch
        self.width = width
        self.step = 0
        self.elapsed_s = 0.0
        self.best = 0.0

    def rate(self) -> float:
        """Return the learning rate for now."""
        share = min(1.0, self.elapsed_s / (60 * self.minutes))
        warm = min(1.0, (self.step + 1) / WARM_STEPS)
        return self.peak_rate * warm * (0.5 + 0.5 * math.cos(math.pi * share)) + 1e-6

    def learn(self, wide: Tensor, codes: Tensor) -> Tensor:
        """Take one step on a batch and return its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        inputs = normalise(varied(wide, self.dice))
        inverted = torch.rand(len(inputs), 1, 1, 1, generator=self.dice, device=self.device) < INVERTED_SHARE
        inputs = torch.where(inverted, -inputs, inputs).contiguous(memory_format=torch.channels_last)
        with mixed(self.device):
            logits = self.forward(inputs)
        lengths = (codes > 0).sum(dim=1)
        losses = self.loss(
            logits.float().log_softmax(2).transpose(0, 1),
            codes.long(),
            torch.full((len(wide),), COLUMNS, device=self.device),
            lengths,
        ) / lengths.clamp(min=1)
        # The worst of a batch are plates that nobody could read: learning them is learning to guess.
        loss: Tensor = losses.topk(round(len(wide) * (1 - UNREADABLE_SHARE)), largest=False).values.mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimiser.step()
        self.step += 1
        follow(self.average, self.net, min(AVERAGE, self.step / (self.step + 10)))
        return loss.detach()

    def save(self) -> None:
        """Write everything a later ``--resume`` needs, in one move."""
        state = {
            "net": self.net.state_dict(), "average": self.average.state_dict(), "width": self.width,
            "optimiser": self.optimiser.state_dict(), "step": self.step, "elapsed_s": self.elapsed_s,
            "best": self.best, "dice": self.dice.get_state(),
        }  # fmt: skip
        write_whole(state, self.out / "reader.pt")

    def meet(self, beside: Path) -> None:
        """Leave the weights for the run in ``beside``, and take the mean with those that it has left."""
        write_whole(self.net.state_dict(), self.out / "meet.pt")
        theirs = beside / "meet.pt"
        if theirs.exists():
            with torch.no_grad():
                for own, other in zip(
                    self.net.state_dict().values(),
                    torch.load(theirs, weights_only=True, map_location=self.device).values(),
                    strict=True,
                ):
                    if own.dtype.is_floating_point:
                        own.lerp_(other, 0.5)
            theirs.unlink(missing_ok=True)

    def save_best(self, share: float) -> None:
        """Keep the average when it reads more of the held-out plates than any before it."""
        if share >= self.best:
            self.best = share
            state = {"average": self.average.state_dict(), "width": self.width, "step": self.step}
            write_whole(state, self.out / "best.pt")

    def resume(self) -> None:
        """Go on from the last save."""
        state: dict[str, Any] = torch.load(
            self.out / "reader.pt", weights_only=True, map_location=self.device
        )
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.dice.set_state(state["dice"].cpu())
        self.step, self.elapsed_s, self.best = state["step"], state["elapsed_s"], state["best"]

    def start_from(self, path: Path) -> None:
        """Take the weights of an earlier run where they fit; one with fewer classes gives those it has."""
        earlier = torch.load(path, weights_only=True, map_location=self.device)["average"]
        own = self.net.state_dict()
        fitting = 0
        for name, value in earlier.items():
            if name in own and own[name].shape == value.shape:
                own[name].copy_(value)
            elif name in own and own[name].shape[1:] == value.shape[1:] and len(value) < len(own[name]):
                own[name][: len(value)] = value
            else:
                continue
            fitting += 1
        self.average.load_state_dict(own)
        print(f"starting from {fitting} of {len(own)} tensors", flush=True)


def load_net(path: Path) -> ReaderNet:
    """Return the averaged network of a save, ready to measure or convert."""
    state = torch.load(path, weights_only=True, map_location="cpu")
    net = ReaderNet(state["width"])
    net.load_state_dict(state["average"])
    net.eval()
    return net


def batches(folder: Path, training: Training) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield mixed batches for ever: wide pictures and codes."""
    pools = {kind: Pool(folder, kind, training.device) for kind in KINDS}
    real, none = round(training.batch * REAL_SHARE), round(training.batch * NONE_SHARE)
    counts = {"rendered": training.batch - real - none, "real": real, "none": none}
    while True:
        for _ in range(_RESCAN_STEPS):
            draws = [pools[kind].draw(count, training.dice) for kind, count in counts.items()]
            wide, codes, _places = batch_of(draws, training.dice)
            yield wide, codes
        for pool in pools.values():
            pool.scan()


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is untyped to mypy here
def read_all(net: nn.Module, wide: np.ndarray[Any, Any], device: str = "cpu") -> list[list[int]]:
    """Return the codes read in the ``wide`` pictures (n, 80, 192)."""
    texts: list[list[int]] = []
    for first in range(0, len(wide), 256):
        inputs = normalise(plain(torch.from_numpy(wide[first : first + 256])))
        texts += greedy(net(inputs.to(device)))
    return texts


def measure(training: Training, held_out: dict[str, Any]) -> str:
    """Keep the average if it is the best so far; return a line on the held-out real plates."""
    texts = read_all(training.average, held_out["crops"], training.device.type)
    codes, american = held_out["codes"], held_out["american"]
    right = np.array([text == [c for c in row if c] for text, row in zip(texts, codes.tolist(), strict=True)])
    training.save_best(float(right.mean() + right[american].mean()))
    return (
        f"held out: {right.mean():.3f} of {len(codes)}, North America {right[american].mean():.3f} of"
        f" {int(american.sum())}"
    )


def run(training: Training, folder: Path, beside: Path | None = None) -> None:
    """Train until the minutes are over, on one's own or together with the run in ``beside``."""
    held_out = dict(np.load(folder / "held-out.npz"))
    start = time.monotonic() - training.elapsed_s
    saved = measured = training.elapsed_s
    first, losses = training.step, torch.zeros((), device=training.device)
    if beside is not None:
        (beside / "meet.pt").unlink(missing_ok=True)  # what an earlier run left is not to be met
    for wide, codes in batches(folder, training):
        losses += training.learn(wide, codes)
        if beside is not None and training.step % _MEET_STEPS == 0:
            training.meet(beside)
        training.elapsed_s = time.monotonic() - start
        if training.step % 200 == 0:
            print(
                f"{training.elapsed_s / 60:5.1f} min  step {training.step}  loss {float(losses) / 200:.4f}"
                f"  rate {training.rate():.2e}",
                flush=True,
            )
            losses.zero_()
        over = training.elapsed_s > 60 * training.minutes
        if over or training.elapsed_s - measured > MEASURE_EVERY_S:
            print(measure(training, held_out), flush=True)
            measured = training.elapsed_s
        if over or training.elapsed_s - saved > SAVE_EVERY_S:
            training.save()
            saved = training.elapsed_s
        if over:
            break
    print(f"{training.step - first} steps", flush=True)


@contextlib.contextmanager
def writing(data: Path, out: Path, rendered: int) -> Iterator[None]:
    """Have another process write the shards that are missing; wait for the first, end it on the way out.

    With ``rendered`` 0 somebody else has it written. Raises `RuntimeError` where that process gives up; what
    it says stands above.
    """
    command = [sys.executable, "-m", "models.training.reader_data", "--data", str(data), "--out", str(out)]
    writer = subprocess.Popen([*command, "--rendered", str(rendered)]) if rendered else None
    try:
        while not all(any((out / "shards").glob(f"{kind}-*-codes.npy")) for kind in KINDS):
            if writer is not None and writer.poll():
                raise RuntimeError("the shards could not be written")
            time.sleep(1)
        yield
    finally:
        if writer is not None:
            writer.terminate()
            writer.wait()


def main() -> None:
    """Train the reader from the command line."""
    parser = argparse.ArgumentParser(prog="python -m models.training.reader", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with crops and detection")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--rate", type=float, default=PEAK_RATE, help="highest learning rate")
    parser.add_argument("--start", type=Path, help="begin with the weights of this save of an earlier run")
    parser.add_argument("--rendered", type=int, default=60, help="shards of rendered plates")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--beside", type=Path, help="folder of a run of the same net to learn with")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    training = Training(
        options.out,
        options.minutes,
        options.width,
        batch=options.batch,
        rate=options.rate,
        seed=options.seed,
    )
    if options.resume and (options.out / "reader.pt").exists():
        training.resume()
    elif options.start is not None:
        training.start_from(options.start)
    with writing(options.data, options.out, options.rendered):
        run(training, options.out / "shards", options.beside)


if __name__ == "__main__":
    main()
