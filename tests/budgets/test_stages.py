"""What each stage of a picture, and each model, may cost: shares of one run, never seconds of a machine."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import alprd
from alprd.vision.litert import default_folder, installed_runtimes
from models.evaluate.costs import MODELS, OF_A_FRAME, cost_of, megabytes
from models.evaluate.speeds import BOARDS, Speed, measured, projected

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(alprd.__file__).parent / "docs" / "performance.md"

MOST_MILLIONS = {"detector": 700, "reader": 240, "second_reader": 200}
MOST_MEGABYTES = 6
MOST_SHARE = {"shrink": 0.15, "wipe": 0.25}
MOST_ABOUT_DETECTING = 0.6
"""Of a frame without its decoding: what the detector's stage may take besides its model."""


@pytest.fixture(scope="module", autouse=True)
def _one_core() -> Iterator[None]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    yield
    os.sched_setaffinity(0, cores)


@pytest.fixture(scope="module")
def speed() -> Speed:
    return measured("litert", time.process_time, rounds=15)


def test_every_stage_of_a_picture_is_timed(speed: Speed) -> None:
    assert set(speed.stages) == {"decode", "shrink", "detect", "read", "wipe", "whole"}
    assert set(speed.models) == set(MODELS)
    assert min(speed.stages.values()) > 0


def test_what_is_neither_decoding_nor_a_model_is_a_small_part(speed: Speed) -> None:
    frame = speed.stages["whole"] - speed.stages["decode"]
    shares = {stage: round(speed.stages[stage] / frame, 3) for stage in MOST_SHARE}
    assert all(shares[stage] < most for stage, most in MOST_SHARE.items()), shares


def test_detecting_is_its_model_and_little_else(speed: Speed) -> None:
    frame = speed.stages["whole"] - speed.stages["decode"]
    besides = (speed.stages["detect"] - speed.models["detector"]) / frame
    assert besides < MOST_ABOUT_DETECTING, speed
    assert speed.stages["detect"] > speed.models["reader"]


@pytest.mark.parametrize("name", MODELS)
def test_a_model_stays_within_its_multiply_adds(name: str) -> None:
    cost = cost_of(default_folder(name))
    assert 0 < cost.multiply_adds / 1e6 < MOST_MILLIONS[name]
    assert cost.operators.keys() & {"CONV_2D", "FULLY_CONNECTED"}


def test_all_models_together_stay_small() -> None:
    assert megabytes() < MOST_MEGABYTES


@pytest.mark.parametrize("name", MODELS)
def test_the_document_gives_each_models_multiply_adds(name: str) -> None:
    row = re.search(rf"^\| {name} +\| +([\d.]+) ", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert row is not None
    millions = cost_of(default_folder(name)).multiply_adds / 1e6
    assert float(row[1]) == pytest.approx(millions, abs=0.01), "again with python -m models.evaluate --costs"


def test_the_document_names_every_board_and_calls_it_a_projection() -> None:
    text = DOCUMENT.read_text("utf-8")
    section = text.partition("## Projection")[2]
    assert all(f"| {board.name} " in section for board in BOARDS)
    assert "nobody has measured" in section


def test_a_projection_is_the_formula_of_the_document() -> None:
    millions = sum(cost_of(default_folder(name)).multiply_adds for name in OF_A_FRAME) / 1e6
    speed = Speed(
        stages={"decode": 2.0, "shrink": 0.5, "detect": 2.5, "read": 1.5, "wipe": 0.5, "whole": 7.0},
        models={"detector": 2.0, "reader": 1.0, "second_reader": 0.9},
    )
    assert speed.besides == pytest.approx(2.0)
    for board in BOARDS:
        best, worst = projected(board, speed)
        assert best == pytest.approx(2 * board.longer + millions / board.fast)
        assert worst == pytest.approx(2 * board.longer + millions / board.slow)


@pytest.mark.skipif("tflite" not in installed_runtimes(), reason="tflite-runtime is not installed here")
def test_the_other_runtime_is_timed_by_the_same_stages() -> None:
    assert set(measured("tflite", rounds=1).stages) == {"decode", "shrink", "detect", "read", "wipe", "whole"}
