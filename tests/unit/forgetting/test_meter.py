"""The meter finds what a stage or a library kept of a planted frame, and stops reading."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from alprd.forgetting import meter as meters
from alprd.forgetting.meter import FOUND
from alprd.memory import ENVIRONMENT
from alprd.records import MonotonicNs
from alprd.vision.litert import installed_runtimes
from tests.gates.tools import ROOT
from tests.sim.planted import KEEPING, Planted


def run(runtime: str, kept: str, height: int = 720, width: int = 1280) -> dict[str, dict[str, Any]]:
    said = subprocess.run(
        [sys.executable, "-m", "tests.sim.planted", runtime, str(height), str(width), kept],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        check=True,
        timeout=120,
    )
    state: dict[str, dict[str, Any]] = json.loads(said.stdout)
    return state


@pytest.mark.parametrize("runtime", installed_runtimes())
@pytest.mark.parametrize("size", [(720, 1280), (600, 801)])
def test_a_unit_that_forgets_finds_nothing_and_reads_on(runtime: str, size: tuple[int, int]) -> None:
    state = run(runtime, "nothing", *size)["after"]
    assert (state["breach"], state["found"], state["checks"], state["planted"]) == (None, 0, 3, 3)
    assert state["searched_mib"] > 20, "the whole of the process"


@pytest.mark.parametrize("kept", sorted(KEEPING.keys() - {"nothing"}))
def test_what_is_kept_is_found_and_stops_reading_for_good(kept: str) -> None:
    states = run("litert", kept)
    assert states["before"]["breach"] is None
    assert states["without"]["breach"] == FOUND
    assert states["without"]["found"] > 0
    assert states["after"]["breach"] == FOUND, "a clean search later does not undo it"


def test_every_form_of_a_planted_frame_is_known() -> None:
    unit = Planted("litert")
    unit.plant()
    assert unit.meter._pattern.forms == 8, "frame, small picture, both inputs, each with its sign turned"
    assert (unit.tally.planted, unit.tally.frames) == (1, 0)
    assert unit.pool.free == 1


def test_what_is_left_in_locked_memory_is_found_before_the_next_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit = Planted("litert")
    owner, name, instead = KEEPING["frame"]
    monkeypatch.setattr(owner, name, instead)
    unit.plant()
    assert unit.meter.breach == FOUND
    assert unit.meter.checks == 0, "the search goes on"


def test_a_frame_that_lives_too_long_stops_reading_until_memory_was_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit = Planted("litert")
    monkeypatch.setattr(unit.meter._pattern, "count", lambda _: 0)
    unit.meter.note_life(100_000_000)
    assert unit.meter.may_read
    unit.meter.note_life(100_000_001)
    assert unit.meter.breach == "a frame lived 100 ms, at most 100 are allowed"
    changes = []
    while unit.meter.checks == 0:
        changes.append(unit.meter.attend(unit.now))
    assert (changes[0], any(changes[1:-1]), changes[-1]) == (True, False, True), "stopped, and goes on"
    assert unit.meter.may_read
    assert unit.meter.state()["over_limit"] == 1


def test_counts_that_do_not_come_out_stop_reading_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = Planted("litert")
    monkeypatch.setattr(unit.meter._pattern, "count", lambda _: 0)
    unit.meter.alarm("minute 3: 5 frames came in and 4 are accounted for")
    unit.check()
    assert unit.meter.breach == "minute 3: 5 frames came in and 4 are accounted for"


def test_a_unit_that_may_not_read_its_own_memory_stops_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = Planted("litert")
    memory = unit.meter._memory
    monkeypatch.setattr(memory, "read", lambda _start, _size: memory._block[:0])
    unit.check()
    assert unit.meter.breach == "the unit's own memory cannot be read"


def test_a_planted_frame_that_fails_is_tried_again_and_the_third_in_a_row_stops_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit = Planted("litert")
    monkeypatch.setattr(unit.meter._pattern, "count", lambda _: 0)

    def fail(*_: object) -> None:
        raise RuntimeError

    def plant_and_fail() -> None:
        with monkeypatch.context() as patched:
            patched.setattr(unit.stages.reader, "read", fail)
            with pytest.raises(RuntimeError):
                unit.plant()
        unit.meter._pattern._rotations[...] = 1
        unit.meter.failed("read.py:1")
        assert not unit.meter._pattern._rotations.any()

    for _ in range(2):
        plant_and_fail()
        plant_and_fail()
        assert unit.meter.may_read
        unit.check()
    for _ in range(3):
        plant_and_fail()
    assert unit.meter.breach == "memory could not be searched: read.py:1"


def test_no_frame_is_planted_while_every_lease_is_out() -> None:
    unit = Planted("litert")
    with unit.pool.lease(720, 1280):
        unit.plant()
        assert unit.tally.planted == 0
        assert unit.meter.may_read
    unit.plant()
    assert unit.tally.planted == 1


def test_the_search_takes_a_slice_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = Planted("litert")
    monkeypatch.setattr(meters, "SLICE_NS", 0)
    unit.plant()
    steps = 0
    while unit.meter.checks == 0:
        unit.meter.attend(MonotonicNs(unit.now))
        steps += 1
    assert steps > 10


def test_nothing_of_the_meter_is_left_after_its_wipe() -> None:
    unit = Planted("litert")
    unit.plant()
    unit.meter.wipe()
    meter = unit.meter
    held = (meter._pattern._rotations, meter._word, meter._memory._block, meter._shrinker.lores)
    assert not any(array.any() for array in held)
