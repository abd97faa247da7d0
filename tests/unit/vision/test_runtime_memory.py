"""A model's wipe leaves no byte that tells what it was run on, and where it can be, without another run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from alprd.address_space import BlocksApart
from alprd.memory import ENVIRONMENT
from alprd.settings import VisionSettings
from alprd.vision.litert import Model, default_folder, installed_runtimes
from alprd.vision.loading import READER_MODELS
from alprd.vision.runtime_memory import Search
from tests.gates.tools import ROOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.vision.litert import RuntimeName

OF_THE_TEST = 40
"""Bytes that tell which noise it was because the program that looks has just had it in hand."""
RUNTIMES = installed_runtimes()
MODELS = ("detector", *READER_MODELS)


def residue(runtime: str, model: str) -> dict[str, int]:
    said = subprocess.run(
        [sys.executable, "-m", "tests.sim.residue", runtime, model, str(VisionSettings().threads)],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        check=True,
        timeout=120,
    )
    counts: dict[str, int] = json.loads(said.stdout)
    return counts


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_no_byte_of_the_process_tells_what_a_wiped_model_was_run_on(runtime: str, model: str) -> None:
    counts = residue(runtime, model)
    assert counts["wiped"] < OF_THE_TEST, counts
    assert counts["with the stack"] > counts["wiped"], "what functions leave on the stack is seen"
    assert counts["with its memory"] > 1000 * OF_THE_TEST, "what a runtime keeps is seen"


def noise(model: Model, seed: int) -> NDArray[np.int8]:
    shape = model.manifest.input.shape
    return np.random.default_rng(seed).integers(-128, 128, shape, np.int8)


def outputs(model: Model, seed: int) -> list[NDArray[np.int8]]:
    model.input[...] = noise(model, seed)
    model.invoke()
    try:
        return [np.copy(model.output(place)) for place in range(len(model.manifest.outputs))]
    finally:
        model.wipe()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_model_gives_the_same_after_its_memory_was_zeroed(runtime: RuntimeName, name: str) -> None:
    model = Model.open(default_folder(name), runtime)
    assert model._memory is not None
    assert 100_000 < model._memory.size < 16 << 20
    others = [outputs(model, seed) for seed in (1, 2, 1)]
    model._memory = None  # by a blank run from here on
    plain = outputs(model, 1)
    for other in (others[0], others[2]):
        assert all(np.array_equal(a, b) for a, b in zip(plain, other, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(plain, others[1], strict=True))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_nothing_of_the_noise_is_left_in_a_model_that_was_opened(runtime: RuntimeName) -> None:
    model = Model.open(default_folder("reader"), runtime)
    assert model._memory is not None
    assert not any(block.any() for block in model._memory._blocks)
    assert not model.input.any()
    assert not any(model.output(place).any() for place in range(len(model.manifest.outputs)))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_where_the_memory_is_not_found_a_blank_run_overwrites_it(
    runtime: RuntimeName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Search, "find", lambda *_: None)
    model = Model.open(default_folder("reader"), runtime)
    assert model._memory is None
    runs: list[bool] = []

    class Counted:
        def invoke(self) -> None:
            runs.append(bool(model.input.any()))

    model.input[...] = noise(model, 1)
    model.invoke()
    monkeypatch.setattr(model, "_interpreter", Counted())
    model.wipe()
    assert runs == [False], "once, on a blank input"
    model.wipe()
    assert runs == [False], "and not again before the next run"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_litert_alone_has_helpers_whose_stacks_tell_nothing(runtime: RuntimeName) -> None:
    before = len(list(Path("/proc/self/task").iterdir()))
    model = Model.open(default_folder("reader"), runtime, threads=3)
    outputs(model, 1)
    assert model._memory is not None
    assert len(list(Path("/proc/self/task").iterdir())) - before == {"litert": 2, "tflite": 0}[runtime]


class Allocating:
    """What `Search` runs in the place of a model: it works in ``block``, and may do what no model does."""

    def __init__(self, *, changes: bool = False, needs: bool = False) -> None:
        self.block = np.zeros(1, np.uint8)
        self.changes, self.needs = changes, needs
        self.runs = 0

    def run(self, given: NDArray[np.uint8]) -> int:
        if not self.runs:
            self.block = np.zeros(1 << 16, np.uint8)
        self.runs += 1
        kept = int(self.block[-1])
        self.block[: given.size] = given
        self.block[given.size] = self.runs if self.changes else 0
        self.block[-1] = 7
        return kept if self.needs else 0


def searched(model: Allocating) -> object:
    search = Search(1000)
    with BlocksApart(16 * 1024):
        return search.find(model.run, [])


def test_the_block_that_a_model_works_in_is_found_and_zeroed_whole() -> None:
    model = Allocating()
    memory = searched(model)
    assert memory is not None
    model.run(np.full(1000, 9, np.uint8))
    memory.wipe()  # type: ignore[attr-defined]
    assert not model.block.any()


@pytest.mark.parametrize("fault", ["changes", "needs"])
def test_a_block_that_changes_by_itself_or_is_wanted_again_is_left_alone(fault: str) -> None:
    assert searched(Allocating(**{fault: True})) is None
