"""A throw-away office and unit for the demonstration, made with the real commands."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.errors import AlprdError, printable
from alprd.evidence.disk import list_records
from alprd.hotlist.categories import Category
from alprd.office.workspace import approver_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

UNIT: Final = "demo-car"
DECOYS: Final = 2000
_COMMAND_S: Final = 120
_LETTERS: Final = "ABCDEFHJKLMNPRSTVWXYZ"
_ISSUERS: Final = ("CA-ON", "CA-ON", "CA-ON", "CA-QC", "CA-MB", "US-NY", "US-MI", "US-OH")
_REASONS: Final = (
    Category.STOLEN_VEHICLE,
    Category.SUSPENDED_DRIVER,
    Category.AMBER_ALERT,
    Category.STOLEN_PLATE,
    Category.WANTED_PERSON,
    Category.EXPIRED_STICKER,
    Category.MISSING_PERSON,
)

Row = tuple[str, str, str]
"""Plate, jurisdiction, category."""


def list_rows(listed: Iterable[tuple[str, str]], avoid: Iterable[str], seed: int) -> list[Row]:
    """Return the rows of a demonstration's list: ``listed`` (plate, jurisdiction) among random decoys.

    No decoy is a plate of ``avoid``. The same seed gives the same rows.
    """
    rng = np.random.default_rng([seed, 23])
    chosen = list(listed)
    rows = [(p, j, _REASONS[i % len(_REASONS)].slug) for i, (p, j) in enumerate(chosen)]
    taken = {*avoid, *(plate for plate, _ in chosen)}
    while len(rows) < len(chosen) + DECOYS:
        letters = "".join(_LETTERS[int(i)] for i in rng.integers(0, len(_LETTERS), 4))
        plate = f"{letters}{int(rng.integers(1000)):03d}"
        if plate not in taken:
            taken.add(plate)
            issuer = _ISSUERS[int(rng.integers(len(_ISSUERS)))]
            rows.append((plate, issuer, _REASONS[int(rng.integers(len(_REASONS)))].slug))
    return [rows[int(i)] for i in rng.permutation(len(rows))]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write ``rows`` as the CSV file that `alpr-office hotlist build` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("plate", "jurisdiction", "category"), *rows])


class DemoOffice:
    """An office with one enrolled unit in ``folder``, which must exist. Every step is a real command."""

    def __init__(self, folder: Path) -> None:
        """Make the office, provision the unit and enrol it. Raises what `command` does."""
        self.folder = folder
        self.office, self.state = folder / "office", folder / "state"
        self.state.mkdir()
        unit = folder / "unit.pub"
        command("alpr_office", "init", self.office)
        keys = ("--unit", UNIT, "--state", self.state, "--office", self.office / "office.root", "--out", unit)
        command("alprctl", "provision", *keys)
        command("alpr_office", "unit", "enrol", self.office, unit)

    def install_list(self, csv_file: Path) -> str:
        """Seal ``csv_file`` to the unit and install it there; return the office's line on it."""
        sealed = self.folder / "list.hotlist"
        build = ("--csv", csv_file, "--days", 1, "--out", sealed)
        said = command("alpr_office", "hotlist", "build", self.office, *build)
        command("alpr_office", "release", "approve", approver_folder(self.office), sealed)
        command("alprctl", "hotlist", "install", "--state", self.state, sealed)
        return said.splitlines()[0].removeprefix(f"{sealed}: ") if said else ""

    def open_evidence(self) -> list[dict[str, Any]]:
        """Open every sealed record of the unit with the office's key; return their fields."""
        folder = self.state / "evidence"
        records = list_records(folder) if folder.is_dir() else []
        opened = (command("alpr_office", "evidence", "open", self.office, path, "--json") for path in records)
        return [dict(json.loads(text)) for text in opened]


def command(program: str, *arguments: object) -> str:
    """Run a command of this package (a module of `alprd.cli`) and return what it printed.

    Raises `AlprdError` with the command's own message and next step when it fails.
    """
    words: Sequence[str] = [sys.executable, "-m", f"alprd.cli.{program}", *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=_COMMAND_S, check=False)
    if done.returncode != 0:
        raise failure(program.replace("_", "-"), done.stderr)
    return done.stdout


def failure(program: str, complaint: str) -> AlprdError:
    """Return the error of a command that failed, from what it wrote on stderr."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    said = [line.removeprefix("alprd error: ") for line in lines if line.startswith("alprd error: ")]
    step = [line.removeprefix("next: ") for line in lines if line.startswith("next: ")]
    reason = (said or lines or ["it said nothing"])[-1]
    return AlprdError(f"{program} failed: {printable(reason)}", hint=printable(step[-1]) if step else None)
