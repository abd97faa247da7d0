"""``alpr-office evidence``: what units sealed: taken in, opened, searched, disclosed."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from alprd.cli import office_evidence_care
from alprd.cli.office_desk import add_person, complain, moment, now_s, open_desk, parse_day
from alprd.disk import write_durably
from alprd.errors import EvidenceError, OfficeInputError
from alprd.evidence.disk import SUFFIX, list_records, read_record
from alprd.keys import PUBLIC_MODE
from alprd.office import evidence_room
from alprd.office.entries import DAY_S
from alprd.office.evidence_access import Access, Reason, Terms
from alprd.office.evidence_export import end_export, export
from alprd.office.evidence_words import as_fields, context_png, describe, picture_png
from alprd.office.retention import holds_at
from alprd.office.workspace import Workspace
from alprd.plates.normal import normal_form

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from alprd.cli.office_desk import Commands

_AFTERWARDS = ("returned", "destroyed", "kept")


def add_commands(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``evidence``."""
    parser = nouns.add_parser("evidence", help="take in, open, disclose and destroy confirmed hits")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    taking = verbs.add_parser("take", help="check the records that a unit sealed, and take them in")
    add_person(taking)
    taking.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help=f"a record, or a folder of *{SUFFIX}"
    )
    taking.set_defaults(run=_take)
    listing = verbs.add_parser("list", help="show what is held and which numbers are missing; never a plate")
    add_person(listing)
    listing.set_defaults(run=_list)
    opening = verbs.add_parser("open", help="show one record; the access is put on the ledger first")
    _add_access(opening, "record")
    opening.add_argument("--picture", type=Path, metavar="out.png", help="write the plate picture")
    opening.add_argument("--context", type=Path, metavar="out.png", help="write the vehicle's body, redacted")
    opening.add_argument("--json", action="store_true", help="print one JSON object")
    opening.set_defaults(run=_open)
    searching = verbs.add_parser(
        "search",
        help="find a plate's record; the plate is asked for, it is no argument on purpose",
        description="More than one record of a plate, or a second search for it within a year, is where a "
        "vehicle has been: that needs --authority. Every search is put on the ledger, refused ones too.",
    )
    _add_access(searching)
    searching.add_argument("--authority", default="", metavar="TEXT", help="the warrant or order")
    searching.set_defaults(run=_search)
    _add_export(verbs)
    receipt = verbs.add_parser("receipt", help="sign for a unit that its records are held here")
    add_person(receipt)
    receipt.add_argument("unit", metavar="UNIT")
    receipt.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="for `alprctl evidence destroy`"
    )
    receipt.set_defaults(run=_receipt)
    office_evidence_care.add_parsers(verbs)


def _add_access(parser: argparse.ArgumentParser, *positional: str) -> None:
    add_person(parser)
    for name in positional:
        parser.add_argument(name, metavar=name.upper(), help="like E-7")
    parser.add_argument("--reason", required=True, choices=[reason.value for reason in Reason])
    parser.add_argument("--file-number", required=True, metavar="N", help="of the case, complaint or request")
    parser.add_argument("--why", required=True, metavar="TEXT", help="what exactly it is needed for")


def _add_export(verbs: Commands[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser("export", help="write one record for somebody outside, on the terms given")
    _add_access(parser, "record")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder")
    for option, text in (
        ("authority", "the legal authority, the circumstances, the sharing agreement"),
        ("authorized-by", "the officer who authorized it: name and badge"),
        ("linked", "linked or appended records; none"),
        ("recipient", "the name of the recipient and of their body"),
        ("title", "the recipient's title"),
        ("recipient-file", "the recipient's file number; none"),
        ("means", "how it is handed over"),
        ("conditions", "what restricts its use and further disclosure"),
    ):
        parser.add_argument(f"--{option}", default="", metavar="TEXT", help=text)
    parser.add_argument(
        "--afterwards", required=True, choices=_AFTERWARDS, help="what the recipient does after use"
    )
    parser.add_argument("--until", metavar="DATE", help="last day for that, like 2026-05-01")
    parser.set_defaults(run=_export)
    listing = verbs.add_parser("disclosures", help="show the log of disclosures and what is overdue")
    add_person(listing)
    listing.set_defaults(run=_disclosures)
    ended = verbs.add_parser(
        "returned", help="put on record that a disclosed record came back or was destroyed"
    )
    add_person(ended)
    ended.add_argument("disclosure", metavar="DISCLOSURE", help="like X-2")
    ended.add_argument("--how", required=True, metavar="TEXT")
    ended.set_defaults(run=_returned)


def _access(args: argparse.Namespace) -> Access:
    return Access(reason=Reason(args.reason), file_number=args.file_number.strip(), why=args.why.strip())


def _take(args: argparse.Namespace) -> int:
    vault, unread = open_desk(args), list[tuple[str, EvidenceError]]()
    taken = evidence_room.take(
        vault, Workspace(args.office), list(_contents(args.files, unread)), now_s=now_s()
    )
    for name, error in [*unread, *taken.refused]:
        complain(f"{name}: refused: {error}; next: {error.next_step}")
    for name, held in taken.known:
        state = f"destroyed by {held.certificate}" if held.certificate else "held"
        complain(f"{name}: {state} already as {held.name}, not taken in again")
    refused = len(taken.refused) + len(unread)
    names = f": {evidence_room.named(taken.new)}" if taken.new else ""
    print(f"{len(taken.new)} records taken in, {len(taken.known)} known already, {refused} refused{names}")
    for unit in sorted({held.unit for held in taken.new}):
        print(f"next: alpr-office evidence receipt {args.office} {unit} --out {unit}.receipt")
    return EvidenceError.exit_code if refused else 0


def _contents(paths: Iterable[Path], unread: list[tuple[str, EvidenceError]]) -> Iterator[tuple[str, bytes]]:
    for given in paths:
        for path in list_records(given) if given.is_dir() else [given]:
            try:
                yield str(path), read_record(path)
            except EvidenceError as error:
                unread.append((str(path), error))


def _list(args: argparse.Namespace) -> int:
    register, now = evidence_room.register_of(open_desk(args)), now_s()
    for held in register.kept:
        until = moment(register.retention.ends_s(held.used_s))
        print(f"{held.name}  unit {held.unit}  sequence {held.sequence}  taken in {moment(held.taken_s)}")
        consent = f", destroyed earlier by consent: {held.consent}" if held.consent else ""
        print(f"    last used {moment(held.used_s)}, kept until {until}{consent}")
        for hold in holds_at(held, now):
            print(f"    hold {hold.number} until {moment(hold.until_s)} by badge {hold.by}: {hold.why}")
    for unit, gaps in evidence_room.missing(register).items():
        spans = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in gaps)
        print(f"unit {unit}: not taken in: {spans}")
    destroyed = len(register.records) - len(register.kept)
    print(f"{len(register.kept)} records held, {destroyed} destroyed; kept for {register.retention.told}")
    return 0


def _open(args: argparse.Namespace) -> int:
    vault, office, access = open_desk(args), Workspace(args.office), _access(args)
    item = evidence_room.opened(vault, office, args.record, access, now_s=now_s())
    if args.picture is not None:
        write_durably(args.picture, picture_png(item))
    if args.context is not None:
        write_durably(args.context, context_png(item))
    if args.json:
        print(json.dumps(as_fields(item, office.categories), indent=1))
        return 0
    for label, text in describe(item, office.categories):
        print(f"{label + ':':<14}{text}")
    return 0


def _search(args: argparse.Namespace) -> int:
    vault, access = open_desk(args), _access(args)
    found = evidence_room.searched(
        *(vault, Workspace(args.office), _ask_plate(), access),
        authority=args.authority.strip(),
        now_s=now_s(),
    )
    for held in found:
        print(f"{held.name}  unit {held.unit}  sequence {held.sequence}  taken in {moment(held.taken_s)}")
    print(f"{len(found)} records of that plate")
    return 0


def _ask_plate() -> str:
    if not sys.stdin.isatty():
        raise OfficeInputError("no terminal to ask for the plate", hint="Run the command at a terminal.")
    try:
        return normal_form(getpass.getpass("Plate (not shown): "))
    except ValueError as error:
        raise OfficeInputError(str(error)) from None


def _export(args: argparse.Namespace) -> int:
    if (args.until is None) != (args.afterwards == "kept"):
        raise OfficeInputError(
            "what is returned or destroyed after use needs a last day, and nothing else does"
        )
    terms = Terms(
        authority=args.authority,
        authorized_by=args.authorized_by,
        linked=args.linked,
        recipient=args.recipient,
        title=args.title,
        recipient_file=args.recipient_file,
        means=args.means,
        conditions=args.conditions,
        afterwards=args.afterwards,
        until_s=0 if args.until is None else parse_day(args.until) + DAY_S,
    )
    vault, access = open_desk(args), _access(args)
    disclosure = export(
        vault, Workspace(args.office), args.record, access, terms, folder=args.out, now_s=now_s()
    )
    print(f"{disclosure.number}: {args.record} is in {args.out}, with the terms in disclosure.json")
    return 0


def _disclosures(args: argparse.Namespace) -> int:
    disclosures, now = evidence_room.register_of(open_desk(args)).disclosures.values(), now_s()
    overdue = 0
    for one in disclosures:
        print(f"{one.number}  {one.record}  {moment(one.at_s)}  to {one.recipient}, {one.title}")
        for label, text in (
            ("authority", one.authority),
            ("authorized by", one.authorized_by),
            ("collected", f"{one.collected}, {one.place}"),
            ("linked", one.linked),
            ("files", one.files),
            ("information", one.description),
            ("means", one.means),
            ("conditions", one.conditions),
        ):
            print(f"    {label + ':':<15}{text}")
        is_overdue = bool(one.until_s) and not one.ended and one.until_s <= now
        overdue += is_overdue
        until = f" by {moment(one.until_s)}" if one.until_s else ""
        state = f"; done: {one.ended}" if one.ended else "; OVERDUE" if is_overdue else ""
        print(f"    {'after use:':<15}{one.afterwards}{until}{state}")
    print(f"{len(disclosures)} disclosures, {overdue} overdue")
    return 0


def _returned(args: argparse.Namespace) -> int:
    end_export(open_desk(args), args.disclosure, how=args.how.strip(), now_s=now_s())
    print(f"{args.disclosure}: on record")
    return 0


def _receipt(args: argparse.Namespace) -> int:
    vault = open_desk(args)
    data, count = evidence_room.receipt(vault, Workspace(args.office), args.unit, now_s=now_s())
    write_durably(args.out, data, mode=PUBLIC_MODE)
    print(f"{args.out}: receipt for {count} records of {args.unit}")
    print(f"next: on the unit `alprctl evidence destroy {args.out.name}`")
    return 0
