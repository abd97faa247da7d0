"""The power goes at every system call of a change of the office's vault. Run as a program.

    python -m tests.sim.vault_cut TEMPLATE REMAINS

As `tests.sim.power_cut`, with the vault's change as its action. TEMPLATE holds an office and the key file
of its person.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from alprd.disk import write_durably
from alprd.evidence.disk import list_records
from alprd.office.evidence_care import destroy
from alprd.office.evidence_room import receipt, take
from alprd.office.ledger import Act, Record
from alprd.office.person_files import read_keys
from alprd.office.vault import create, open_vault
from alprd.office.workspace import Workspace
from tests.sim.power_cut import ACTIONS, main

if TYPE_CHECKING:
    from alprd.office.people import PersonKeys

PASSPHRASE = "four words of mine"  # noqa: S105 - it opens nothing but what a test made
KEY_FILE = "ada.key"
NOW = 1_790_000_000
YEAR_S = 366 * 86_400
RECEIPT = "car-12.receipt"


def ada(folder: Path) -> PersonKeys:
    return read_keys(folder / KEY_FILE, PASSPHRASE)


def change(folder: Path) -> None:
    vault = open_vault(folder / "office", ada(folder))
    record = Record(at_s=NOW + 60, act=Act.ENTRY_ADDED, by=vault.me.badge, subject="M1")
    vault.change(record, [b"new"], slot="entries", added=2, removed=1)


def make(folder: Path) -> None:
    create(folder / "office", ada(folder), now_s=NOW)


def rekey(folder: Path) -> None:
    open_vault(folder / "office", ada(folder)).rekey(now_s=NOW + 60)


def take_in(folder: Path) -> None:
    records = [(path.name, path.read_bytes()) for path in list_records(folder / "car-12/evidence")]
    take(open_vault(folder / "office", ada(folder)), Workspace(folder / "office"), records, now_s=NOW + 60)


def sign_receipt(folder: Path) -> None:
    vault = open_vault(folder / "office", ada(folder))
    data, _count = receipt(vault, Workspace(folder / "office"), "car-12", now_s=NOW + 60)
    write_durably(folder / RECEIPT, data)


def destroy_due(folder: Path) -> None:
    vault = open_vault(folder / "office", ada(folder))
    destroy(vault, Workspace(folder / "office"), None, why="its year is over", now_s=NOW + 2 * YEAR_S)


ACTIONS["take in"] = take_in
ACTIONS["sign receipt"] = sign_receipt
ACTIONS["destroy due"] = destroy_due
ACTIONS["change vault"] = change
ACTIONS["rekey vault"] = rekey
ACTIONS["make vault"] = make

if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)  # numpy's threads sleep while we fork
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
