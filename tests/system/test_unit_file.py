"""The unit files as systemd's own tools judge them; what they do at work is in `test_installed_unit.py`."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from alprd import errors
from alprd.hotlist.published import INDEX_FILE
from tests.gates.tools import ROOT

if TYPE_CHECKING:
    from pathlib import Path

UNIT = ROOT / "systemd" / "alprd.service"
INSTALLATION = ROOT / "systemd" / "alprd-hotlist.service"
DROP_FOLDER = ROOT / "systemd" / "alprd-hotlist.path"
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


def complaints(folder: Path, text: str, name: str = "alprd.service") -> str:
    """Return what systemd says of a unit, with a program that exists in the place of the installed one."""
    unit = folder / name
    unit.write_text(re.sub(r"/opt/alprd/bin/\w+", "/bin/true", text))
    # It exits with 0 on keys it does not know: what counts is that it has nothing to say.
    return analyze("verify", "--man=no", str(unit)).stderr


def test_systemd_has_nothing_to_say_of_the_unit(tmp_path: Path) -> None:
    assert complaints(tmp_path, UNIT.read_text("utf-8")) == ""


def test_systemd_has_nothing_to_say_of_the_drop_folders_units(tmp_path: Path) -> None:
    assert complaints(tmp_path, INSTALLATION.read_text("utf-8"), INSTALLATION.name) == ""
    assert complaints(tmp_path, DROP_FOLDER.read_text("utf-8"), DROP_FOLDER.name) == ""
    misspelt = DROP_FOLDER.read_text("utf-8").replace("PathChanged=", "PathChanges=")
    assert "PathChanges" in complaints(tmp_path, misspelt, DROP_FOLDER.name)


def test_the_installation_is_no_less_hardened_than_the_daemon() -> None:
    assert exposure(INSTALLATION) <= exposure(UNIT)


def test_the_installation_runs_the_command_on_the_folder_that_is_watched() -> None:
    (watched,) = re.findall(r"^PathChanged=(.*)$", DROP_FOLDER.read_text("utf-8"), re.MULTILINE)
    installation = INSTALLATION.read_text("utf-8")
    assert f"\nExecStart=/opt/alprd/bin/alprctl hotlist install {watched}\n" in installation
    assert f"\nConditionPathExists={watched}/{INDEX_FILE}\n" in installation
    assert f"d {watched} 0700 alprd alprd -\n" in (UNIT.parent / "alprd.tmpfiles").read_text("utf-8")


def test_what_is_refused_for_its_content_is_not_tried_again_by_itself() -> None:
    (line,) = re.findall(r"^RestartPreventExitStatus=(.*)$", INSTALLATION.read_text("utf-8"), re.MULTILINE)
    for_ever = {int(code) for code in line.split()}
    lists = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(
            kind,
            errors.HotlistTrustError
            | errors.HotlistFormatError
            | errors.HotlistRollbackError
            | errors.HotlistExpiredError
            | errors.KeysError,
        )
    }
    assert lists <= for_ever
    assert errors.StorageError.exit_code not in for_ever, "a transfer under way goes on"


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
