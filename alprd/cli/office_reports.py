"""``alpr-office report``: what the next list leaves out, which plates look alike, what was done by whom."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from alprd.cli.office_desk import add_person, moment, now_s, open_desk
from alprd.office.content import assemble
from alprd.office.entries import Scope
from alprd.office.neighbours import find_neighbours
from alprd.plates.normal import unpack

if TYPE_CHECKING:
    import argparse

    from alprd.cli.office_desk import Commands
    from alprd.office.content import Purged

_MAX_SHOWN: Final = 1000
_REASONS: Final = (
    ("erroneous", "bad lines, set aside"),
    ("import_duplicates", "duplicates at the import"),
    ("import_expired", "already expired at the import"),
    ("expired", "expired since"),
    ("agreement_ended", "the agreement is not in force"),
    ("outside_agreement", "of a category that the agreement no longer names"),
    ("category_ended", "of a category that is in force no more"),
    ("kept_internal", "internal, kept back"),
)


def add_commands(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``report``."""
    parser = nouns.add_parser("report", help="see what is left out, what looks alike, what was done")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    purge = verbs.add_parser("purge", help="count what the next list leaves out, and why")
    add_person(purge)
    purge.add_argument("--audience", choices=[scope.value for scope in Scope], default=Scope.INTERNAL.value)
    purge.add_argument(
        "--without-ended", action="store_true", help="leave out feeds whose agreement is not in force"
    )
    purge.set_defaults(run=_purge)
    neighbours = verbs.add_parser("neighbours", help="count listed plates that are one lookalike apart")
    add_person(neighbours)
    neighbours.add_argument(
        "--show", type=int, default=0, metavar="N", help=f"show the first N pairs, at most {_MAX_SHOWN}"
    )
    neighbours.set_defaults(run=_neighbours)
    log = verbs.add_parser("log", help="show the ledger")
    add_person(log)
    log.add_argument("--last", type=int, metavar="N", help="only the last N records")
    log.set_defaults(run=_log)


def _purge(args: argparse.Namespace) -> int:
    report = assemble(
        open_desk(args),
        now_s=now_s(),
        audience=Scope(args.audience),
        without_ended=args.without_ended,
    ).report
    for count in report.sources:
        _print_source(count)
    print(f"{report.duplicates} duplicates between the sources")
    print(f"{report.listed} rows to be listed; {report.doubtful} in no format of their jurisdiction")
    return 0


def _print_source(count: Purged) -> None:
    lines = f"{count.lines} lines, " if count.lines else ""
    print(f"{count.source}: {lines}{count.rows} rows, {count.kept} kept")
    for name, why in _REASONS:
        number = getattr(count, name)
        if number:
            print(f"    {number} {why}")


def _neighbours(args: argparse.Namespace) -> int:
    content = assemble(open_desk(args), now_s=now_s(), without_ended=True)
    found = find_neighbours(
        content.rows.plate, shown=max(0, min(args.show, _MAX_SHOWN)), progress=_show_place
    )
    print(f"{found.plates} plates, {found.with_neighbour} of them one lookalike from another listed one")
    print(f"{found.pairs} pairs; at most {found.most} neighbours of one plate")
    for one, other in found.shown.tolist():
        print(f"    {unpack(one)}  {unpack(other)}")
    return 0


def _show_place(place: int) -> None:
    if sys.stderr.isatty():
        print(f"place {place} of the plates compared", file=sys.stderr)


def _log(args: argparse.Namespace) -> int:
    vault = open_desk(args)
    names = {r.person.badge: r.person.name for r in vault.records if r.person is not None}
    numbered = list(enumerate(vault.records, 1))
    for number, record in numbered if args.last is None else numbered[-max(1, args.last) :]:
        by = f"{names.get(record.by, '?')}, badge {record.by}"
        second = f" and {names.get(record.second, '?')}, badge {record.second}" if record.second else ""
        print(f"{number}  {moment(record.at_s)}  {record.act.value} {record.subject}".rstrip())
        print(f"    by {by}{second}")
        if record.slot is not None:
            print(f"    {record.before} rows, {record.added} added, {record.removed} removed: {record.after}")
        if record.source is not None:
            print(f"    source {record.source.hex()}")
        if record.note:
            print(f"    {record.note}")
    print(f"{len(vault.records)} records; head: {vault.head}")
    return 0
