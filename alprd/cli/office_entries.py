"""``alpr-office entry``: plates that officers list by hand, under the rules of the guidance's Appendix B."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.cli.office_desk import add_person, moment, now_s, open_desk, open_keys, parse_day
from alprd.errors import OfficeInputError
from alprd.hotlist.categories import CLOSED_SET
from alprd.office import manual
from alprd.office.entries import DAY_S, Draft, manual_days

if TYPE_CHECKING:
    import argparse

    from alprd.cli.office_desk import Commands

_MAX_CASES_BYTES: Final = 1 << 24
_TEXTS: Final = {
    "plate": "the plate",
    "jurisdiction": "like CA-ON, or ?? when not known",
    "plate_type": "like passenger; default: unknown",
    "officer": "name of the officer who asks for it",
    "badge": "the officer's badge number",
    "reason": "why the plate is listed",
    "case": "number of the open and active case",
    "scope": "internal (default) or ontario",
    "descriptors": "physical descriptors of the driver, one line",
    "make": "the vehicle's make",
    "model": "its model",
    "year": "its year",
    "colour": "its colour",
    "vehicle_class": "like car, truck, motorcycle",
}


def add_commands(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``entry``."""
    parser = nouns.add_parser("entry", help="list plates by hand, correct and remove them")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    caps = ", ".join(f"{category} {days}" for category, days in manual_days(CLOSED_SET).items())
    adding = verbs.add_parser(
        "add",
        help="list a plate",
        description=f"Categories and the most days that each may stay: {caps}; and those added by record.",
    )
    add_person(adding)
    adding.add_argument("--category", default="", help="one of those named above")
    _add_texts(adding)
    adding.add_argument("--days", type=int, metavar="N", help="how long the plate stays")
    adding.add_argument("--suspension-ends", metavar="DATE", help="last day of a short-term suspension")
    adding.add_argument(
        "--attest-hta-record",
        action="store_true",
        help="the officer attests that the driver's record raises public safety concerns",
    )
    adding.add_argument("--second", type=Path, metavar="FILE", help="key file of a second person who agrees")
    adding.add_argument("--second-passphrase-file", type=Path, metavar="FILE")
    adding.set_defaults(run=_add)
    correct = verbs.add_parser("correct", help="mend what was entered wrongly; it stays no longer by it")
    _add_numbered(correct)
    _add_texts(correct)
    correct.set_defaults(run=_correct)
    remove = verbs.add_parser("remove", help="take an entry off")
    _add_numbered(remove)
    remove.set_defaults(run=_remove)
    close = verbs.add_parser("close-case", help="take off all entries of a case that is closed")
    add_person(close)
    close.add_argument("case", metavar="CASE")
    close.set_defaults(run=_close_case)
    cases = verbs.add_parser("close-cases", help="the same for a file of closed cases, one a line")
    add_person(cases)
    cases.add_argument("file", type=Path, metavar="FILE")
    cases.set_defaults(run=_close_cases)
    purge = verbs.add_parser("purge", help="take off the entries whose time has passed")
    add_person(purge)
    purge.set_defaults(run=_purge)
    listing = verbs.add_parser("list", help="show the entries; plates only with --show")
    add_person(listing)
    listing.add_argument("--show", action="store_true", help="show plates and reasons too")
    listing.set_defaults(run=_list)


def _add_texts(parser: argparse.ArgumentParser) -> None:
    for name, what in _TEXTS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", help=what)


def _add_numbered(parser: argparse.ArgumentParser) -> None:
    add_person(parser)
    parser.add_argument("number", metavar="NUMBER", help="the entry's, like M12")
    parser.add_argument("--why", default="", metavar="TEXT")


def _said(args: argparse.Namespace) -> dict[str, str]:
    return {name: getattr(args, name) for name in _TEXTS if getattr(args, name) is not None}


def _add(args: argparse.Namespace) -> int:
    vault = open_desk(args)
    second = None
    if args.second is not None:
        second = open_keys(args.second, args.second_passphrase_file, args.office)
    ends = None if args.suspension_ends is None else parse_day(args.suspension_ends) + DAY_S
    given: dict[str, str] = {"category": args.category, **_said(args)}
    draft = Draft(**given, days=args.days, suspension_ends_s=ends, attested=args.attest_hta_record)
    entry = manual.add(vault, draft, now_s=now_s(), second=second)
    print(f"{entry.number} added: {entry.category}, {entry.scope}, until {moment(entry.expires_s)}")
    return 0


def _correct(args: argparse.Namespace) -> int:
    entry = manual.correct(open_desk(args), args.number, _said(args), why=args.why, now_s=now_s())
    print(f"{entry.number} corrected; it still stays until {moment(entry.expires_s)}")
    return 0


def _remove(args: argparse.Namespace) -> int:
    manual.remove(open_desk(args), args.number, why=args.why, now_s=now_s())
    print(f"{args.number} removed")
    return 0


def _close_case(args: argparse.Namespace) -> int:
    gone = manual.close_case(open_desk(args), args.case, now_s=now_s())
    print(f"{len(gone)} entries removed: {', '.join(gone)}")
    return 0


def _close_cases(args: argparse.Namespace) -> int:
    try:
        with args.file.open(encoding="utf-8") as file:
            cases = file.read(_MAX_CASES_BYTES).splitlines()
    except (OSError, UnicodeDecodeError):
        raise OfficeInputError(f"{args.file} cannot be read as text") from None
    gone = manual.close_cases(open_desk(args), cases, now_s=now_s())
    print(f"{len(gone)} entries removed" + (f": {', '.join(gone)}" if gone else ""))
    return 0


def _purge(args: argparse.Namespace) -> int:
    gone = manual.purge(open_desk(args), now_s=now_s())
    print(f"{len(gone)} entries removed" + (f": {', '.join(gone)}" if gone else ""))
    return 0


def _list(args: argparse.Namespace) -> int:
    entries = manual.read_entries(open_desk(args)).by_number.values()
    now = now_s()
    for entry in entries:
        state = "EXPIRED" if entry.expires_s <= now else "until"
        print(f"{entry.number}  {entry.category}  {entry.scope}  {state} {moment(entry.expires_s)}")
        if args.show:
            for name in (field.name for field in fields(entry) if field.name in _TEXTS):
                value = getattr(entry, name)
                if value:
                    print(f"    {name + ':':<15}{value}")
    print(f"{len(entries)} entries")
    return 0
