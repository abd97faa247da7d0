"""``alprctl officer``: who may log in at this unit's dash. For the police service's administrator."""

from __future__ import annotations

import datetime as dt
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alprd.errors import KeysError, printable
from alprd.keys.officers import OFFICERS_FILE, make_officer, read_officers, write_officers

if TYPE_CHECKING:
    import argparse

_STATE: Final = Path("/var/lib/alprd")
_MAX_UNDERTAKING_BYTES: Final = 16 << 20
_HINT: Final = "A badge has 1 to 16, a PIN 4 to 16 printable characters without spaces; a day is 2027-03-31."


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to ``commands``."""
    parser = commands.add_parser("officer", help="who may log in at the dash: add, remove, list")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="let an officer log in; asks for the PIN, or reads it from stdin")
    add.add_argument("badge")
    add.add_argument("--trained-until", required=True, metavar="YYYY-MM-DD", help="last day of the training")
    add.add_argument("--undertaking", type=Path, metavar="FILE", help="the undertaking that was signed")
    remove = verbs.add_parser("remove", help="let an officer log in no more")
    remove.add_argument("badge")
    listed = verbs.add_parser("list", help="show badges, training and undertakings")
    for verb, action in ((add, _add), (remove, _remove), (listed, _list)):
        verb.add_argument("--state", type=Path, default=_STATE, metavar="DIR", help="default: %(default)s")
        verb.set_defaults(run=action)


def _add(args: argparse.Namespace) -> int:
    path = args.state / "keys" / OFFICERS_FILE
    officers = read_officers(path)
    try:
        officer = make_officer(
            badge=args.badge,
            secret=_secret(),
            trained_until=args.trained_until,
            undertaking=_undertaking(args.undertaking),
        )
    except ValueError as error:
        raise KeysError(f"the officer cannot be added: {printable(str(error))}", hint=_HINT) from None
    write_officers(path, [*(o for b, o in officers.items() if b != officer.badge), officer])
    print(f"badge {officer.badge} may log in until {officer.trained_until}")
    if not officer.undertaking:
        print("No undertaking was given: the dash refuses this officer until one is (--undertaking).")
    return 0


def _remove(args: argparse.Namespace) -> int:
    path = args.state / "keys" / OFFICERS_FILE
    officers = read_officers(path)
    if officers.pop(args.badge, None) is None:
        raise KeysError(
            f"badge {printable(args.badge)} is not among the officers", hint="See `officer list`."
        )
    write_officers(path, officers.values())
    print(f"badge {args.badge} cannot log in any more")
    return 0


def _list(args: argparse.Namespace) -> int:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    for officer in read_officers(args.state / "keys" / OFFICERS_FILE).values():
        training = "trained until" if officer.trained_until >= today else "TRAINING OVER since"
        undertaking = officer.undertaking[:16] or "MISSING"
        print(f"{officer.badge:16} {training} {officer.trained_until}, undertaking {undertaking}")
    return 0


def _secret() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    secret = getpass.getpass("PIN: ")
    if getpass.getpass("again: ") != secret:
        raise KeysError("the two PINs differ", hint="Run the command again.")
    return secret


def _undertaking(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_UNDERTAKING_BYTES + 1)
    except OSError as error:
        raise KeysError(f"{path} cannot be read: {error.strerror}", hint="Name the signed file.") from None
    if not 0 < len(content) <= _MAX_UNDERTAKING_BYTES:
        raise KeysError(f"{path} is empty or larger than 16 MiB", hint="Name the signed file.")
    return content
