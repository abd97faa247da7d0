"""The unit file as systemd's own tools judge it; what it does at work is in `test_installed_unit.py`."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.gates.tools import ROOT

if TYPE_CHECKING:
    from pathlib import Path

UNIT = ROOT / "systemd" / "alprd.service"
MAX_EXPOSURE = 2.0


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],  # noqa: S607 - as .ci/setup installed it
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def exposure(unit: Path) -> float:
    said = analyze("security", "--offline=yes", "--no-pager", str(unit)).stdout
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", said)
    assert found is not None, said
    return float(found[1])


def complaints(folder: Path, text: str) -> str:
    """Return what systemd says of a unit, with a program that exists in the place of the installed one."""
    unit = folder / "alprd.service"
    unit.write_text(text.replace("/opt/alprd/bin/alprd", "/bin/true"))
    # It exits with 0 on keys it does not know: what counts is that it has nothing to say.
    return analyze("verify", "--man=no", str(unit)).stderr


def test_systemd_has_nothing_to_say_of_the_unit(tmp_path: Path) -> None:
    assert complaints(tmp_path, UNIT.read_text("utf-8")) == ""


def test_a_misspelt_key_is_found(tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8").replace("NoNewPrivileges=", "NoNewPriviledges=")
    assert "NoNewPriviledges" in complaints(tmp_path, text)


def test_the_exposure_is_within_its_bound_and_as_documented() -> None:
    measured = exposure(UNIT)
    assert measured <= MAX_EXPOSURE
    page = (ROOT / "alprd" / "docs" / "hardening.md").read_text("utf-8")
    (documented,) = re.findall(r"overall exposure (\d+\.\d+)", page)
    version = analyze("--version").stdout.split()[1]
    if version == "252":  # other versions weigh the same keys differently
        assert float(documented) == measured


@pytest.mark.parametrize("key", ["CapabilityBoundingSet=", "SystemCallFilter=@system-service", "User=alprd"])
def test_each_big_protection_taken_out_is_seen_in_the_exposure(tmp_path: Path, key: str) -> None:
    text = UNIT.read_text("utf-8")
    assert f"\n{key}\n" in text
    weaker = tmp_path / "alprd.service"
    weaker.write_text(text.replace(f"\n{key}\n", "\n"))
    assert exposure(weaker) > exposure(UNIT)


@pytest.mark.parametrize(
    "line",
    [
        "LimitCORE=0",
        "MemorySwapMax=0",
        "MemoryDenyWriteExecute=yes",
        "IPAddressDeny=any",
        "SocketBindDeny=any",
        "TimeoutStopSec=2s",
        "Restart=always",
        "StartLimitIntervalSec=0",
        "UMask=0077",
    ],
)
def test_a_promise_of_the_unit_is_a_line_of_it(line: str) -> None:
    assert line in UNIT.read_text("utf-8").splitlines()
