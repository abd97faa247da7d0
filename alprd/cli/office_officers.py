"""``alpr-office officer``: who may log in at the units' dashes, signed by two approvers."""

from __future__ import annotations

import getpass
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alprd.cli.officer import describe
from alprd.errors import OfficeInputError, printable
from alprd.keys.officers import OFFICERS_FILE, make_officer, read_signed
from alprd.office.officers import approve_officers, draft_officers, take_officers
from alprd.office.workspace import Workspace

if TYPE_CHECKING:
    import argparse

    from alprd.keys.officers import SignedOfficers

_MAX_UNDERTAKING_BYTES: Final = 16 << 20
_HINT: Final = "A badge has 1 to 16, a PIN 4 to 16 printable characters without spaces; a day is 2027-03-31."


def add_parser(nouns: argparse._SubParsersAction[Any]) -> None:
    """Add the command to those of ``alpr-office``."""
    parser = nouns.add_parser("officer", help="who may log in at the dashes")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    add = verbs.add_parser("add", help="draft a record with an officer; asks for the PIN, or reads stdin")
    remove = verbs.add_parser("remove", help="draft a record without an officer")
    for verb, run in ((add, _add), (remove, _remove)):
        verb.add_argument("office", type=Path, metavar="DIR")
        verb.add_argument("badge")
        verb.add_argument("--out", type=Path, required=True, metavar="FILE", help="the draft, new or begun")
        verb.set_defaults(run=run)
    add.add_argument("--trained-until", required=True, metavar="YYYY-MM-DD", help="last day of the training")
    add.add_argument("--undertaking", type=Path, metavar="FILE", help="the undertaking that was signed")
    for name, text, run in (
        ("approve", "add another approver's signature to a draft", _approve),
        ("take", "put an approved record in force at the office", _take),
    ):
        verb = verbs.add_parser(name, help=text)
        verb.add_argument("folder", type=Path, metavar="DIR", help="an approver's folder, or the office's")
        verb.add_argument("file", type=Path, metavar="FILE")
        verb.set_defaults(run=run)
    show = verbs.add_parser("show", help="show the record in force at the office")
    show.add_argument("folder", type=Path, metavar="DIR")
    show.set_defaults(run=_show)


def _add(args: argparse.Namespace) -> int:
    try:
        officer = make_officer(
            badge=args.badge,
            secret=_secret(),
            trained_until=args.trained_until,
            undertaking=_undertaking(args.undertaking),
        )
    except ValueError as error:
        reason = printable(str(error))
        raise OfficeInputError(f"the officer cannot be added: {reason}", hint=_HINT) from None
    signed = draft_officers(Workspace(args.office), args.out, add=[officer], now_s=int(time.time()))
    if not officer.undertaking:
        print("No undertaking was given: the dash refuses this officer until one is (--undertaking).")
    return _say_next(signed, args.out)


def _remove(args: argparse.Namespace) -> int:
    signed = draft_officers(Workspace(args.office), args.out, remove=[args.badge], now_s=int(time.time()))
    return _say_next(signed, args.out)


def _say_next(signed: SignedOfficers, out: Path) -> int:
    print("\n".join(describe(signed)))
    print(f"next: a second approver runs `alpr-office officer approve DIR {out}`")
    return 0


def _approve(args: argparse.Namespace) -> int:
    signed = approve_officers(args.folder, args.file)
    print("\n".join(describe(signed)))
    print(f"{len(signed.approvals)} approvals")
    print(
        f"next: `alpr-office officer take DIR {args.file}` at the office, "
        f"`alprctl officer install {args.file}` on each unit"
    )
    return 0


def _take(args: argparse.Namespace) -> int:
    signed = take_officers(args.folder, args.file, now_s=int(time.time()))
    print(f"record of officers {signed.record.version} in force in {args.folder}")
    return 0


def _show(args: argparse.Namespace) -> int:
    signed = read_signed(args.folder / OFFICERS_FILE)
    print("nobody may log in yet" if signed is None else "\n".join(describe(signed)))
    return 0


def _secret() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    secret = getpass.getpass("PIN: ")
    if getpass.getpass("again: ") != secret:
        raise OfficeInputError("the two PINs differ", hint="Run the command again.")
    return secret


def _undertaking(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_UNDERTAKING_BYTES + 1)
    except OSError as error:
        reason = f"{path} cannot be read: {error.strerror}"
        raise OfficeInputError(reason, hint="Name the signed file.") from None
    if not 0 < len(content) <= _MAX_UNDERTAKING_BYTES:
        raise OfficeInputError(f"{path} is empty or larger than 16 MiB", hint="Name the signed file.")
    return content
