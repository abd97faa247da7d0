"""``alpr-office canary``: plates that no vehicle has, to show that a list is in use and whose list leaked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alprd.cli.office_desk import add_person, moment, now_s, open_desk
from alprd.office.canaries import draw_canary, read_canaries, remove_canary
from alprd.office.entries import Scope

if TYPE_CHECKING:
    import argparse

    from alprd.cli.office_desk import Commands


def add_commands(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``canary``."""
    parser = nouns.add_parser("canary", help="list plates that no vehicle has, to test units and find leaks")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    draw = verbs.add_parser("draw", help="draw one, to be listed from the next list on")
    add_person(draw)
    draw.add_argument(
        "--audience", choices=[one.value for one in Scope], default=Scope.INTERNAL.value, help="whose lists"
    )
    draw.set_defaults(run=_draw)
    listing = verbs.add_parser("list", help="show the canaries")
    add_person(listing)
    listing.add_argument("--show", action="store_true", help="show their texts too")
    listing.set_defaults(run=_list)
    remove = verbs.add_parser("remove", help="take one off")
    add_person(remove)
    remove.add_argument("number", metavar="NUMBER", help="like K1")
    remove.set_defaults(run=_remove)


def _draw(args: argparse.Namespace) -> int:
    canary = draw_canary(open_desk(args), Scope(args.audience), now_s=now_s())
    print(f"{canary.number} drawn for {canary.audience} lists; it is in the next one")
    print(
        f"next: see its text with `alpr-office canary list {args.office} --show`, and make a test plate of it"
    )
    return 0


def _list(args: argparse.Namespace) -> int:
    canaries = read_canaries(open_desk(args)).values()
    for canary in canaries:
        text = f"  {canary.plate}" if args.show else ""
        print(f"{canary.number}  {canary.audience}  drawn {moment(canary.drawn_s)}{text}")
    print(f"{len(canaries)} canaries")
    return 0


def _remove(args: argparse.Namespace) -> int:
    remove_canary(open_desk(args), args.number, now_s=now_s())
    print(f"{args.number} removed; the next list is without it")
    return 0
