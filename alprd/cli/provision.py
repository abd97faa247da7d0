"""``alprctl provision``: give a unit its keys and enrol its office. For the installer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alprd.disk import make_folder
from alprd.keys import provision, read_root, write_unit_public

if TYPE_CHECKING:
    import argparse

_STATE: Final = Path("/var/lib/alprd")
_FOLDERS: Final = ("keys", "hotlist", "evidence", "audit", "conservation", "incoming", "outgoing")


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to ``commands``."""
    parser = commands.add_parser(
        "provision",
        help="make this unit's keys and enrol its office",
        description="Makes the unit's keys in the state folder, enrols the office whose root record "
        "is given, and writes the unit's public keys for the office to enrol.",
    )
    parser.add_argument("--unit", required=True, metavar="NAME", help="the unit's name, for example car-12")
    parser.add_argument("--state", type=Path, default=_STATE, metavar="DIR", help="default: %(default)s")
    parser.add_argument(
        "--office", type=Path, required=True, metavar="office.root", help="from `alpr-office init`"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="unit.pub", help="for `alpr-office unit enrol`"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Provision the unit and print both fingerprints. Raises `KeysError` or `StorageError`."""
    office = read_root(args.office).root  # before any folder is made
    for name in _FOLDERS:
        make_folder(args.state / name)
    keys = provision(args.state / "keys", args.unit, args.office)
    write_unit_public(args.out, keys.public)
    print(f"unit {keys.unit}: keys made in {args.state / 'keys'}")
    print(f"office fingerprint: {office.fingerprint} ({office.service})")
    print(f"unit fingerprint:   {keys.public.fingerprint}")
    print(f"Compare the first with the office, then enrol there: alpr-office unit enrol DIR {args.out}")
    return 0
