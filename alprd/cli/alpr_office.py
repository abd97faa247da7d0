"""``alpr-office``: what the hotlist custodian and the evidence clerk do, off the vehicle."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from alprd import __version__
from alprd.cli import office_privacy, office_root
from alprd.cli.entry import run_cli
from alprd.cli.office_custody import add_custody
from alprd.disk import write_durably
from alprd.errors import EvidenceError
from alprd.keys import ROOT_FILE
from alprd.office import evidence, workspace
from alprd.office.workspace import DEFAULT_SERVICE, Workspace, approver_folder

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = _parser().parse_args(argv)
    return run_cli(lambda: int(args.run(args)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="alpr-office", description="Build hotlists, open evidence.")
    parser.add_argument("--version", action="version", version=f"alpr-office {__version__}")
    nouns = parser.add_subparsers(dest="noun", required=True, metavar="COMMAND")
    init = nouns.add_parser("init", help="make a new office: its keys and office.root")
    init.add_argument("office", type=Path, metavar="DIR")
    init.add_argument("--service", default=DEFAULT_SERVICE, metavar="NAME", help="default: %(default)s")
    init.add_argument(
        "--approver", type=Path, metavar="DIR", help="the second approver's; default: beside it"
    )
    init.set_defaults(run=_init)
    _add_unit(nouns.add_parser("unit", help="enrol and list the vehicles' units"))
    office_root.add_parsers(nouns)
    _add_evidence(nouns.add_parser("evidence", help="list and open confirmed hits"))
    office_privacy.add_parser(nouns)
    add_custody(nouns)
    return parser


def _add_unit(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    enrol = verbs.add_parser("enrol", help="let a unit open lists from now on")
    enrol.add_argument("office", type=Path, metavar="DIR")
    enrol.add_argument("unit", type=Path, metavar="unit.pub", help="from `alprctl provision`")
    enrol.set_defaults(run=_unit_enrol)
    listing = verbs.add_parser("list", help="show the enrolled units")
    listing.add_argument("office", type=Path, metavar="DIR")
    listing.set_defaults(run=_unit_list)


def _add_evidence(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    listing = verbs.add_parser("list", help="check the records of a folder and name what is missing")
    listing.add_argument("office", type=Path, metavar="DIR")
    listing.add_argument("folder", type=Path, metavar="FOLDER")
    listing.set_defaults(run=_evidence_list)
    opening = verbs.add_parser("open", help="open one record with the office's key")
    opening.add_argument("office", type=Path, metavar="DIR")
    opening.add_argument("file", type=Path, metavar="FILE")
    opening.add_argument("--picture", type=Path, metavar="out.png", help="write the plate picture")
    opening.add_argument("--json", action="store_true", help="print one JSON object")
    opening.set_defaults(run=_evidence_open)


def _init(args: argparse.Namespace) -> int:
    approver = args.approver or approver_folder(args.office)
    office = workspace.create(args.office, approver=approver, service=args.service)
    print(
        f"office of {office.root.service} made in {args.office}, its second approver's folder in {approver}"
    )
    print(f"fingerprint: {office.root.fingerprint}")
    print(f"Give {args.office / ROOT_FILE} to the installer; keep signer.key and evidence.key.")
    print(f"Give {approver} to another person: a list needs both, and nobody should hold both.")
    return 0


def _unit_enrol(args: argparse.Namespace) -> int:
    unit = Workspace(args.office).enrol(args.unit)
    print(f"unit {unit.unit} enrolled")
    print(f"fingerprint: {unit.fingerprint}")
    print("Compare it with the installer's. The unit can open the lists that are built from now on.")
    return 0


def _unit_list(args: argparse.Namespace) -> int:
    units = Workspace(args.office).units()
    for unit in units:
        print(f"{unit.unit}  {unit.fingerprint}")
    print(f"{len(units)} units enrolled")
    return 0


def _evidence_list(args: argparse.Namespace) -> int:
    listed = evidence.list_evidence(Workspace(args.office), args.folder)
    for record in listed:
        state = "ok" if record.fault is None else f"NOT OK: {record.fault}"
        print(f"{record.path.name}  unit {record.unit}  sequence {record.sequence}  {state}")
    for unit, gaps in evidence.missing_sequences(listed).items():
        spans = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in gaps)
        print(f"unit {unit}: not here: {spans}")
    faults = sum(record.fault is not None for record in listed)
    print(f"{len(listed)} records, {faults} not ok")
    return EvidenceError.exit_code if faults else 0


def _evidence_open(args: argparse.Namespace) -> int:
    item = evidence.open_evidence(Workspace(args.office), args.file)
    if args.picture is not None:
        write_durably(args.picture, evidence.picture_png(item))
    if args.json:
        print(json.dumps(evidence.as_fields(item), indent=1))
    else:
        for label, text in evidence.describe(item):
            print(f"{label + ':':<14}{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
