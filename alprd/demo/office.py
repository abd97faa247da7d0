"""A throw-away office and unit for the demonstration, made with the real commands."""

from __future__ import annotations

import csv
import json
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import yaml

from alprd.alerts.pairing import Pairing
from alprd.errors import AlprdError, OfficeInputError, printable
from alprd.evidence.disk import list_records
from alprd.hotlist.categories import CLOSED_SET, Category
from alprd.keys import read_dash_key
from alprd.office.agreements import shared
from alprd.office.workspace import approver_folder
from alprd.plates.jurisdictions import JURISDICTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

UNIT: Final = "demo-car"
BADGE: Final = "demo"
FEED: Final = "demo"
DECOYS: Final = 2000
ACCESS: Final = ("--reason", "oversight", "--file-number", "demo", "--why", "to show what was sealed")
_COMMAND_S: Final = 120
_LONGEST_HEADER: Final = 4096
_VALID_DAYS: Final = 31
_LISTED_DAYS: Final = 3
_DAY_S: Final = 86_400
_LETTERS: Final = "ABCDEFHJKLMNPRSTVWXYZ"
_ISSUERS: Final = ("CA-ON", "CA-ON", "CA-ON", "CA-QC", "CA-MB", "US-NY", "US-MI", "US-OH")
_REASONS: Final = (
    Category.STOLEN_VEHICLE,
    Category.SUSPENDED_DRIVER,
    Category.AMBER_ALERT,
    Category.STOLEN_PLATE,
    Category.WANTED_PERSON,
    Category.SUSPENDED_PLATE,
    Category.MISSING_PERSON,
)

Row = tuple[str, str, str, str, str]
"""Plate, jurisdiction, category, the vehicle's colour and class."""
_COLUMNS: Final = ("plate", "jurisdiction", "category", "colour", "vehicle_class")
_OPTIONAL: Final = ("expires", "make", "model", "year", "colour", "vehicle_class")


def list_rows(
    listed: Iterable[tuple[str, str]],
    avoid: Iterable[str],
    seed: int,
    vehicles: Mapping[str, tuple[str, str]] | None = None,
) -> list[Row]:
    """Return the rows of a demonstration's list: ``listed`` (plate, jurisdiction) among random decoys.

    No decoy is a plate of ``avoid``. The same seed gives the same rows. ``vehicles`` gives colour and class
    of the vehicles of listed plates.
    """
    seen = vehicles or {}
    rng = np.random.default_rng([seed, 23])
    chosen = list(listed)
    rows: list[Row] = [
        (p, j, _REASONS[i % len(_REASONS)].slug, *seen.get(p, ("", ""))) for i, (p, j) in enumerate(chosen)
    ]
    taken = {*avoid, *(plate for plate, _ in chosen)}
    while len(rows) < len(chosen) + DECOYS:
        letters = "".join(_LETTERS[int(i)] for i in rng.integers(0, len(_LETTERS), 4))
        plate = f"{letters}{int(rng.integers(1000)):03d}"
        if plate not in taken:
            taken.add(plate)
            issuer = _ISSUERS[int(rng.integers(len(_ISSUERS)))]
            rows.append((plate, issuer, _REASONS[int(rng.integers(len(_REASONS)))].slug, "", ""))
    return [rows[int(i)] for i in rng.permutation(len(rows))]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write ``rows`` as a CSV file that `plain_form` describes, each to stay for a few days."""
    expires = _day(_LISTED_DAYS)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([(*_COLUMNS, "expires"), *((*row, expires) for row in rows)])


def plain_form(csv_file: Path) -> str:
    """Return the mapping file of a list whose columns and codes have this project's own names.

    Its first line is ``plate,jurisdiction,category`` in any order; ``expires`` and what is known of the
    vehicle may be there too. Raises `OfficeInputError` when ``csv_file`` cannot be read.
    """
    columns = ["plate", "jurisdiction", "category"]
    try:
        with csv_file.open(encoding="utf-8") as file:
            first = file.readline(_LONGEST_HEADER)
    except (OSError, UnicodeDecodeError):
        raise OfficeInputError(f"{csv_file} cannot be read as text", hint="Give a CSV file.") from None
    named = first.strip().split(",")
    columns += [name for name in _OPTIONAL if name in named]
    settings = {
        "format": "csv",
        "header": "true",
        "columns": {name: name for name in columns},
        "jurisdictions": {place: place for place in JURISDICTIONS},
        "categories": {slug: slug for slug in shared(CLOSED_SET)},
        "valid_days": str(_VALID_DAYS),
    }
    return str(yaml.safe_dump(settings, sort_keys=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLogIn:
    """What a dash needs to be the demonstration's: its officer, and the key of its unit."""

    badge: str
    pin: str = field(repr=False)
    pairing: Pairing


class DemoOffice:
    """An office with a vault and one enrolled unit in ``folder``, which must exist.

    Every step is a real command.
    """

    def __init__(self, folder: Path) -> None:
        """Make the office and its vault, provision the unit and enrol it. Raises what `command` does."""
        self.folder = folder
        self.office, self.state = folder / "office", folder / "state"
        self.state.mkdir()
        unit, key, passphrase = folder / "unit.pub", folder / "custodian.key", folder / "passphrase"
        passphrase.touch(mode=0o600)
        passphrase.write_text(secrets.token_hex(16), encoding="ascii")
        self._me = ("--me", key, "--passphrase-file", passphrase)
        command("alpr_office", "init", self.office)
        person = ("--name", "Demo Custodian", "--badge", "demo", "--card", folder / "custodian.card")
        command("alpr_office", "person", "create", *self._me, *person)
        command("alpr_office", "vault", "init", self.office, *self._me)
        command("alpr_office", "agreement", "set", self.office, FEED, *_agreement(), *self._me)
        keys = ("--unit", UNIT, "--state", self.state, "--office", self.office / "office.root", "--out", unit)
        command("alprctl", "provision", *keys)
        command("alpr_office", "unit", "enrol", self.office, unit)
        self.login = self._make_officer()

    def _make_officer(self) -> DemoLogIn:
        """Pair the unit with a dash, and let an officer with a PIN of chance log in there."""
        key, undertaking = self.folder / "dash.key", self.folder / "undertaking.txt"
        pin = f"{secrets.randbelow(1_000_000):06}"
        undertaking.write_text("I have read the policy on licence plate recognition.\n", encoding="utf-8")
        command("alprctl", "pair", "--state", self.state, "--out", key)
        officers = self.folder / "officers"
        trained = ("--trained-until", _day(_VALID_DAYS), "--undertaking", undertaking, "--out", officers)
        command("alpr_office", "officer", "add", self.office, BADGE, *trained, said=pin)
        command("alpr_office", "officer", "approve", approver_folder(self.office), officers)
        command("alprctl", "officer", "install", officers, "--state", self.state)
        return DemoLogIn(badge=BADGE, pin=pin, pairing=Pairing(read_dash_key(key)))

    def install_list(self, csv_file: Path) -> str:
        """Import ``csv_file``, seal it to the unit and install it there; return the office's words on it."""
        sealed, mapping = self.folder / "list.hotlist", self.folder / "mapping.yaml"
        mapping.write_text(plain_form(csv_file), encoding="utf-8")
        feed = (FEED, csv_file, "--mapping", mapping)
        imported = command("alpr_office", "feed", "import", self.office, *feed, *self._me)
        build = ("--days", 1, "--out", sealed)
        said = command("alpr_office", "release", "build", self.office, *build, *self._me)
        command("alpr_office", "release", "approve", approver_folder(self.office), sealed)
        command("alprctl", "hotlist", "install", "--state", self.state, sealed)
        return f"{said.splitlines()[0].removeprefix(f'{sealed}: ')}; {imported.splitlines()[1]}"

    def open_evidence(self) -> list[dict[str, Any]]:
        """Take in every sealed record of the unit and open it at the office; return their fields."""
        folder = self.state / "evidence"
        count = len(list_records(folder)) if folder.is_dir() else 0
        if count:
            command("alpr_office", "evidence", "take", self.office, folder, *self._me)
        names = (f"E-{number}" for number in range(1, count + 1))
        opened = (
            command("alpr_office", "evidence", "open", self.office, name, *ACCESS, "--json", *self._me)
            for name in names
        )
        return [dict(json.loads(text)) for text in opened]


def _agreement() -> tuple[object, ...]:
    """Return the options of an agreement under which a demonstration may list what agencies may share."""
    return (
        *("--agency", "Demonstration", "--authority", "none: every plate is invented or your own"),
        *("--categories", ",".join(shared(CLOSED_SET)), "--starts", _day(-1), "--ends", _day(_VALID_DAYS)),
        *("--contact-name", "Nobody", "--contact", "none"),
    )


def _day(days: int) -> str:
    """Return the day in so many days, as the office's commands and files write it."""
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * _DAY_S))


def command(program: str, *arguments: object, said: str = "") -> str:
    """Run a command of this package (a module of `alprd.cli`), tell it ``said``, return what it printed.

    Raises `AlprdError` with the command's own message and next step when it fails.
    """
    words: Sequence[str] = [sys.executable, "-m", f"alprd.cli.{program}", *map(str, arguments)]
    done = subprocess.run(words, input=said, capture_output=True, text=True, timeout=_COMMAND_S, check=False)
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
