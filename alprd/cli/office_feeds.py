"""``alpr-office feed``: take over the agencies' lists, see what was set aside, take a feed off."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.cli.office_desk import add_person, complain, moment, now_s, open_desk, show_progress
from alprd.errors import OfficeInputError
from alprd.office.feed_form import MAX_FORM_BYTES, parse_form
from alprd.office.feeds import feed_names, import_feed, read_feed, read_quarantine, remove_feed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from alprd.cli.office_desk import Commands

_BLOCK: Final = 1 << 22
_MAX_TOLD: Final = 100


def add_commands(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``feed``."""
    parser = nouns.add_parser("feed", help="import the agencies' lists")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    importing = verbs.add_parser("import", help="take over a list; it replaces its predecessor as a whole")
    add_person(importing)
    importing.add_argument("name", metavar="NAME", help="the feed's, like mto")
    importing.add_argument("file", metavar="FILE", help="the list, or - for standard input")
    importing.add_argument("--mapping", type=Path, required=True, metavar="FILE", help="how it is written")
    importing.add_argument("--agreement", metavar="NAME", help="default: the one of the feed's name")
    importing.set_defaults(run=_import)
    listing = verbs.add_parser("list", help="show the feeds")
    add_person(listing)
    listing.set_defaults(run=_list)
    quarantine = verbs.add_parser("quarantine", help="show the bad lines of a feed's last import")
    add_person(quarantine)
    quarantine.add_argument("name", metavar="NAME")
    quarantine.add_argument("--show", action="store_true", help="show the lines themselves too")
    quarantine.set_defaults(run=_quarantine)
    remove = verbs.add_parser("remove", help="take a feed off")
    add_person(remove)
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(run=_remove)


def _import(args: argparse.Namespace) -> int:
    vault = open_desk(args)
    form = parse_form(_read(args.mapping), str(args.mapping), vault.categories)
    done = import_feed(
        vault,
        args.name,
        _blocks(args.file),
        form,
        agreement=args.agreement or args.name,
        now_s=now_s(),
        progress=show_progress("lines read"),
        report=_tell_some(),
    )
    facts = done.facts
    print(f"feed {args.name}: {facts.rows} rows, {done.added} added, {done.removed} removed")
    print(
        f"{facts.lines} lines read: {facts.bad} bad and set aside, {facts.duplicates} duplicates, "
        f"{facts.expired} already expired"
    )
    print(f"{facts.doubtful} plates are in no format of their jurisdiction{_places(done.outside)}")
    return 0


def _list(args: argparse.Namespace) -> int:
    vault = open_desk(args)
    names = feed_names(vault)
    for name in names:
        feed = read_feed(vault, name)
        if feed is not None:
            facts = feed[0]
            print(f"{name}  {facts.rows} rows, {facts.details} with details, {facts.bad} lines set aside")
            print(f"    imported {moment(facts.imported_s)} under the agreement {facts.agreement}")
    print(f"{len(names)} feeds")
    return 0


def _quarantine(args: argparse.Namespace) -> int:
    bad = read_quarantine(open_desk(args), args.name)
    for line in bad:
        print(f"line {line.number}: {line.fault}")
        if args.show:
            print(f"    {line.line!r}")
    print(f"{len(bad)} lines set aside")
    return 0


def _remove(args: argparse.Namespace) -> int:
    rows = remove_feed(open_desk(args), args.name, now_s=now_s())
    print(f"feed {args.name} removed, {rows} rows")
    return 0


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FORM_BYTES + 1)
    except OSError as error:
        raise OfficeInputError(f"{path} cannot be read: {error.strerror}") from None


def _blocks(name: str) -> Iterator[bytes]:
    if name == "-":
        yield from _blocks_of(sys.stdin.buffer)
        return
    try:
        with Path(name).open("rb") as file:
            yield from _blocks_of(file)
    except OSError as error:
        raise OfficeInputError(f"{name} cannot be read: {error.strerror}") from None


def _blocks_of(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _tell_some() -> Callable[[str], None]:
    """Return what prints the first lines it gets on stderr; all of them are in the quarantine."""
    told = 0

    def tell(line: str) -> None:
        nonlocal told
        told += 1
        if told <= _MAX_TOLD:
            complain(line)
        elif told == _MAX_TOLD + 1:
            complain("and more")

    return tell


def _places(numbers: object) -> str:
    shown = list(numbers)[:10] if isinstance(numbers, (list, tuple)) else []
    return f"; lines {', '.join(map(str, shown))}" + (" and more" if shown[9:] else "") if shown else ""
