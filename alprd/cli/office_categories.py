"""``alpr-office category``: what may be listed beside the closed set, after a consultation."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alprd.cli.office_desk import parse_day
from alprd.errors import OfficeInputError
from alprd.hotlist.categories import AddedCategory, CategoryFacts, Priority, Source
from alprd.hotlist.category_disk import CATEGORIES_FILE, categories_in
from alprd.office.categories import approve_categories, draft_categories, take_categories
from alprd.office.workspace import Workspace, read_office_root

if TYPE_CHECKING:
    import argparse

    from alprd.hotlist.category_record import CategoryRecord

PRIORITIES: Final = {one.name.lower().replace("_", "-"): one for one in Priority}
SOURCES: Final = {one.value.lower(): one for one in Source}
_TEXTS: Final = {
    "slug": "the name that a custodian writes, like uninsured",
    "english": "the label on the dash, 24 characters at most",
    "french": "the label in Canadian French",
    "reference": "of the consultation that it rests on, as the commissioner's office gave it",
    "consulted_with": "who was consulted",
}


def add_parser(nouns: argparse._SubParsersAction[Any]) -> None:
    """Add the command to those of ``alpr-office``."""
    parser = nouns.add_parser("category", help="add categories to the closed set, after a consultation")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    draft = verbs.add_parser("draft", help="write the next category record, approved by the custodian")
    draft.add_argument("office", type=Path, metavar="DIR")
    draft.add_argument("--number", type=int, metavar="N", help="19 to 31: add a category, or reword it")
    for name, text in _TEXTS.items():
        draft.add_argument(f"--{name.replace('_', '-')}", default="", metavar="TEXT", help=text)
    draft.add_argument("--consulted", metavar="DATE", help="day of the consultation, like 2026-03-01")
    draft.add_argument("--source", choices=SOURCES, help="which list it comes from")
    draft.add_argument("--priority", choices=PRIORITIES)
    draft.add_argument("--days", type=int, metavar="N", help="how long an entry may stay at most")
    draft.add_argument("--can-stop", action="store_true", help="an alert of it can be stop-grade")
    draft.add_argument("--drop", action="append", default=[], metavar="SLUG", help="end a category")
    draft.add_argument("--out", type=Path, required=True, metavar="FILE")
    draft.set_defaults(run=_draft)
    for verb, text, run in (
        ("approve", "add another approver's signature to a drafted record", _approve),
        ("take", "put an approved record in force in a folder", _take),
    ):
        action = verbs.add_parser(verb, help=text)
        action.add_argument("folder", type=Path, metavar="DIR", help="an approver's folder, or the office's")
        action.add_argument("file", type=Path, metavar="FILE")
        action.set_defaults(run=run)
    show = verbs.add_parser("show", help="show the record in force in a folder")
    show.add_argument("folder", type=Path, metavar="DIR")
    show.set_defaults(run=_show)


def describe(record: CategoryRecord) -> list[str]:
    """Return what a record says, in lines for a person."""
    count = len(record.added)
    issued = _day(record.issued)
    lines = [f"category record {record.version} of {record.service}, issued {issued}, {count} added"]
    for one in record.added:
        facts = one.facts
        priority = facts.priority.name.lower().replace("_", "-")
        grade = "can be stop-grade" if facts.can_stop else "never stop-grade"
        lines += [
            f"{one.number}  {one.slug}: {facts.english} / {facts.french}",
            f"    {facts.source.value}, {priority}, {facts.max_days} days at most, {grade}",
            f"    consulted: {one.consulted_with}, {_day(one.consulted_s)}, {one.reference}",
        ]
    return lines


def _draft(args: argparse.Namespace) -> int:
    add = [] if args.number is None else [_added(args)]
    if not add and not args.drop:
        raise OfficeInputError("nothing was said: give --number with the category, or --drop")
    signed = draft_categories(
        Workspace(args.office), args.out, add=add, drop=args.drop, now_s=int(time.time())
    )
    print("\n".join(describe(signed.record)))
    print(f"next: a second approver runs `alpr-office category approve DIR {args.out}`")
    return 0


def _added(args: argparse.Namespace) -> AddedCategory:
    for name in ("source", "priority", "days"):
        if getattr(args, name) is None:
            raise OfficeInputError(f"--{name} is missing: an added category says it")
    try:
        return AddedCategory(
            number=args.number,
            slug=args.slug,
            facts=CategoryFacts(
                args.english,
                args.french,
                SOURCES[args.source],
                PRIORITIES[args.priority],
                args.days,
                can_stop=args.can_stop,
            ),
            reference=args.reference,
            consulted_s=0 if args.consulted is None else parse_day(args.consulted),
            consulted_with=args.consulted_with,
        )
    except ValueError as error:
        raise OfficeInputError(str(error)) from None


def _approve(args: argparse.Namespace) -> int:
    signed = approve_categories(args.folder, args.file)
    print("\n".join(describe(signed.record)))
    print(f"{len(signed.approvals)} approvals")
    print(
        f"next: `alpr-office category take DIR {args.file}` for each folder, "
        "`alprctl category install` on each unit"
    )
    return 0


def _take(args: argparse.Namespace) -> int:
    signed = take_categories(args.folder, args.file, now_s=int(time.time()))
    print(f"category record {signed.record.version} in force in {args.folder}")
    return 0


def _show(args: argparse.Namespace) -> int:
    signed = categories_in(args.folder, read_office_root(args.folder))
    if signed is None:
        print(f"the closed set alone is in force: {args.folder} has no {CATEGORIES_FILE}")
    else:
        print("\n".join(describe(signed.record)))
    return 0


def _day(unix_s: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(unix_s))
