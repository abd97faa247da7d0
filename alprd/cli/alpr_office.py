"""``alpr-office``: what the hotlist custodian and the evidence clerk do, off the vehicle."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from alprd import __version__
from alprd.cli import office_categories, office_officers, office_privacy, office_root
from alprd.cli.entry import run_cli
from alprd.cli.office_custody import add_custody
from alprd.keys import ROOT_FILE
from alprd.office import workspace
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
    office_categories.add_parser(nouns)
    office_officers.add_parser(nouns)
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


if __name__ == "__main__":
    sys.exit(main())
