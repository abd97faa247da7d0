"""Whatever happens to the installed unit, the outside witness finds nothing of it, with either runtime.

`make soak` runs every scenario with every runtime; `make test` some, of all kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.vision.litert import installed_runtimes
from tests.conftest import IS_SOAK
from tests.system.scenarios import SCENARIOS, Scenarios

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.installed import InstalledUnit

pytestmark = [pytest.mark.system, pytest.mark.slow]

FRAMES = 1000 if IS_SOAK else 60
ALWAYS = "frames without a hit"
FIRST_RUNTIME = ("read fails", "SIGKILL")
"""Scenarios that `make test` runs with the preferred runtime alone."""
CASES = [
    (runtime, name)
    for runtime in installed_runtimes()
    for name in SCENARIOS
    if IS_SOAK or name == ALWAYS or (name in FIRST_RUNTIME and runtime == installed_runtimes()[0])
]


@pytest.fixture(scope="module")
def left_as_it_was(unit: InstalledUnit) -> Iterator[InstalledUnit]:
    yield unit
    Scenarios(unit, "auto", FRAMES).put_back()


@pytest.mark.parametrize(("runtime", "name"), CASES)
def test_the_witness_finds_nothing(left_as_it_was: InstalledUnit, runtime: str, name: str) -> None:
    report = SCENARIOS[name](Scenarios(left_as_it_was, runtime, FRAMES))
    assert report["found"] == 0, [place for place in report["places"] if place["found"]]
    kinds = {place["kind"] for place in report["places"]}
    assert kinds >= {"files", "journal", "line"}
    assert len(report["looked_for"]) > 100
    if report["process"] is not None:
        assert {"memory", "socket"} <= kinds
        assert (report["process"]["swapped_kib"], report["process"]["core_limit"]) == (0, "0")
