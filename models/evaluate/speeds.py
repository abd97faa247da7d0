"""What one frame costs on this machine, and what it would cost on others: needs no recorded picture.

The frame is rendered: 1280x720, one plate 300 px wide. The projection is arithmetic, not a measurement;
alprd/docs/performance.md says where its figures come from.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from alprd.demo.plate import DARK_ON_LIGHT, draw_plate
from alprd.vision.litert import Model, default_folder, installed_runtimes
from models.evaluate.bench import Bench
from models.evaluate.costs import MODELS, OF_A_FRAME, cost_of
from models.evaluate.table import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alprd.vision.litert import RuntimeName
    from models.evaluate.table import Table

_ROUNDS: Final = 40
_WARM: Final = 5
_TEXT: Final = "ABC123"


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A computer that nobody here has measured.

    ``fast`` and ``slow``: billions of int8 multiply-adds a second that published figures give for one of its
    cores, on plain convolutions and on models with little to do for each byte; ``longer``: how much longer
    everything else takes than on the machine measured, assumed.
    """

    name: str
    fast: float
    slow: float
    longer: float


BOARDS: Final = (
    Board(name="Raspberry Pi 4", fast=5.9, slow=4.4, longer=6.0),
    Board(name="Raspberry Pi 5", fast=52.0, slow=18.8, longer=2.5),
    Board(name="Jetson Orin Nano", fast=32.5, slow=11.7, longer=3.5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Median processor milliseconds of one frame under a runtime: by ``stages``, of the ``models`` alone."""

    stages: Mapping[str, float]
    models: Mapping[str, float]

    @property
    def besides(self) -> float:
        """What the frame takes besides decoding and the models' own arithmetic."""
        stages = sum(ms for name, ms in self.stages.items() if name not in {"decode", "whole"})
        return stages - sum(self.models[name] for name in OF_A_FRAME)


def write_scene(folder: Path) -> Path:
    """Write the rendered frame as a JPEG into ``folder`` and return its path."""
    rng = np.random.default_rng(6)
    picture = np.linspace(150, 90, 720)[:, None] + rng.normal(0, 3, (720, 1280))
    picture[220:600, 340:840] = 60
    picture[300:450, 440:740] = draw_plate(_TEXT, DARK_ON_LIGHT, rng=rng)
    path = folder / "frame.jpg"
    Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(path, quality=90)
    return path


def measured(
    runtime: RuntimeName, clock: Callable[[], float] = time.process_time, rounds: int = _ROUNDS
) -> Speed:
    """Return what the rendered frame takes here by ``clock`` (s): processor time, unless it is another."""
    bench = Bench(runtime, clock)
    with tempfile.TemporaryDirectory() as folder:
        path = write_scene(Path(folder))
        for _ in range(_WARM):
            bench.read(path)
        bench.times.stages.clear()
        for _ in range(rounds):
            bench.read(path)
    models = {name: _alone(name, runtime, clock, rounds) for name in MODELS}
    return Speed(stages=bench.times.medians(), models=models)


def _alone(name: str, runtime: RuntimeName, clock: Callable[[], float], rounds: int) -> float:
    """Return the median milliseconds of a model by itself."""
    model = Model.open(default_folder(name), runtime)
    spent = []
    for _ in range(_WARM + rounds):
        began = clock()
        model.invoke()
        spent.append((clock() - began) * 1000)
    return statistics.median(spent[_WARM:])


def projected(board: Board, speed: Speed) -> tuple[float, float]:
    """Return the milliseconds that a frame would take on one core of ``board``, at best and at worst.

    Decoding is left out: a unit's camera gives pixels. ``board.longer`` times what is not the models, and the
    models' multiply-adds over those that the board does in a millisecond.
    """
    millions = sum(cost_of(default_folder(name)).multiply_adds for name in OF_A_FRAME) / 1e6
    rest = board.longer * speed.besides
    return rest + millions / board.fast, rest + millions / board.slow


def speed_tables(core: int) -> list[Table]:
    """Measure on ``core``; return the models' table, the stages' table and the projection."""
    os.sched_setaffinity(0, {core})
    speeds = {name: measured(name) for name in installed_runtimes()}
    costs = {name: cost_of(default_folder(name)) for name in MODELS}
    models = [
        (name, *(f"{x / 1e6:.2f}" for x in (cost.multiply_adds, cost.weights, cost.file_bytes)),
         *(f"{speed.models[name]:.2f}" for speed in speeds.values()))
        for name, cost in costs.items()
    ]  # fmt: skip
    headings = ("model", "million multiply-adds", "million weights", "MB")
    stages = ("decode", "shrink", "detect", "read", "wipe", "whole")
    rows = [
        (
            stage,
            *(f"{speed.stages[stage]:.2f}" if stage in speed.stages else NONE for speed in speeds.values()),
        )
        for stage in stages
    ]
    litert = next(iter(speeds.values()))
    ends = [(board.name, *projected(board, litert)) for board in BOARDS]
    return [
        ((*headings, *(f"ms {name}" for name in speeds)), models),
        (("stage", *(f"ms {name}" for name in speeds)), rows),
        (
            ("projection", "ms a frame", "frames a second"),
            [(name, f"{best:.0f} to {worst:.0f}", f"{1000 / worst:.0f} to {1000 / best:.0f}")
             for name, best, worst in ends],
        ),
    ]  # fmt: skip
