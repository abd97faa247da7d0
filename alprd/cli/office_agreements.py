"""``alpr-office agreement``: with whom lists are shared, under which authority, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alprd.cli.office_desk import add_person, moment, now_s, open_desk, parse_day
from alprd.hotlist.categories import CLOSED_SET
from alprd.office.agreements import Agreement, end_agreement, read_agreements, set_agreement, shared
from alprd.office.entries import DAY_S

if TYPE_CHECKING:
    import argparse

    from alprd.cli.office_desk import Commands


def add_commands(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``agreement``."""
    parser = nouns.add_parser("agreement", help="enter and end agreements with agencies")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    setting = verbs.add_parser(
        "set",
        help="enter an agreement, or replace the one of that name",
        description=f"Categories: {', '.join(shared(CLOSED_SET))}; and those added by record.",
    )
    add_person(setting)
    setting.add_argument("name", metavar="NAME", help="short, like mto")
    setting.add_argument("--agency", default="", help="who compiles the list")
    setting.add_argument("--authority", default="", help="the law and the agreement it is shared under")
    setting.add_argument("--categories", default="", metavar="A,B", help="what the list may hold")
    setting.add_argument("--starts", required=True, metavar="DATE", help="first day, like 2026-05-01")
    setting.add_argument("--ends", required=True, metavar="DATE", help="last day")
    setting.add_argument("--contact-name", default="", metavar="TEXT", help="the official for redress")
    setting.add_argument("--contact", default="", metavar="TEXT", help="their telephone number or address")
    setting.set_defaults(run=_set)
    ending = verbs.add_parser("end", help="take an agreement off; its feed is not used any more")
    add_person(ending)
    ending.add_argument("name", metavar="NAME")
    ending.set_defaults(run=_end)
    listing = verbs.add_parser("list", help="show the agreements")
    add_person(listing)
    listing.set_defaults(run=_list)


def _set(args: argparse.Namespace) -> int:
    agreement = Agreement(
        name=args.name,
        agency=args.agency.strip(),
        authority=args.authority.strip(),
        categories=tuple(part.strip() for part in args.categories.split(",") if part.strip()),
        starts_s=parse_day(args.starts),
        ends_s=parse_day(args.ends) + DAY_S,
        contact_name=args.contact_name.strip(),
        contact=args.contact.strip(),
    )
    set_agreement(open_desk(args), agreement, now_s=now_s())
    print(f"agreement {agreement.name} holds until {moment(agreement.ends_s)}")
    return 0


def _end(args: argparse.Namespace) -> int:
    end_agreement(open_desk(args), args.name, now_s=now_s())
    print(f"agreement {args.name} has ended; its feed is not used any more")
    return 0


def _list(args: argparse.Namespace) -> int:
    agreements, now = read_agreements(open_desk(args)).values(), now_s()
    for agreement in agreements:
        state = "in force" if agreement.is_in_force(now) else "NOT IN FORCE"
        print(f"{agreement.name}  {state}  until {moment(agreement.ends_s)}")
        print(f"    agency:     {agreement.agency}")
        print(f"    authority:  {agreement.authority}")
        print(f"    redress:    {agreement.contact_name}, {agreement.contact}")
        print(f"    categories: {', '.join(agreement.categories)}")
    print(f"{len(agreements)} agreements")
    return 0
