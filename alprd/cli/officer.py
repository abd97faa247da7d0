"""``alprctl officer``: install the office's record of who may log in at the dash, and show it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alprd.gps import system_clock
from alprd.keys import ROOT_FILE, read_root
from alprd.keys.officers import OFFICERS_FILE, check_approved, install_officers, read_signed

if TYPE_CHECKING:
    import argparse

    from alprd.keys.officers import SignedOfficers

_STATE: Final = Path("/var/lib/alprd")


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to ``commands``."""
    parser = commands.add_parser(
        "officer", help="who may log in at the dash: install the office's record, list"
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    install = verbs.add_parser("install", help="check the office's record of officers and take it over")
    install.add_argument("file", type=Path, metavar="FILE")
    listed = verbs.add_parser("list", help="show badges, training and undertakings")
    for verb, action in ((install, _install), (listed, _list)):
        verb.add_argument("--state", type=Path, default=_STATE, metavar="DIR", help="default: %(default)s")
        verb.set_defaults(run=action)


def describe(signed: SignedOfficers) -> list[str]:
    """Return what a record says, in lines for a person; of a PIN nothing."""
    record, today = signed.record, dt.datetime.now(dt.UTC).date().isoformat()
    issued = dt.datetime.fromtimestamp(record.issued, dt.UTC).date()
    count = len(record.officers)
    lines = [f"record of officers {record.version} of {record.service}, issued {issued}, {count} officers"]
    for officer in record.officers:
        training = "trained until" if officer.trained_until >= today else "TRAINING OVER since"
        undertaking = officer.undertaking[:16] or "MISSING"
        lines.append(f"{officer.badge:16} {training} {officer.trained_until}, undertaking {undertaking}")
    return lines


def _install(args: argparse.Namespace) -> int:
    folder = args.state / "keys"
    root, now_s = read_root(folder / ROOT_FILE).root, system_clock.read().at // 1000
    signed = install_officers(folder, args.file, root, now_s=now_s)
    print("\n".join(["installed:", *describe(signed)]))
    return 0


def _list(args: argparse.Namespace) -> int:
    folder = args.state / "keys"
    signed = read_signed(folder / OFFICERS_FILE)
    if signed is None:
        print(f"nobody may log in: {folder} has no {OFFICERS_FILE}")
        return 0
    check_approved(signed, read_root(folder / ROOT_FILE).root)
    print("\n".join(describe(signed)))
    return 0
