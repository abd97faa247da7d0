"""``alpr-office acks``: take the units' acknowledgements; say on how many of them a removed plate is gone."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.cli.office_desk import add_person, complain, moment, now_s, open_desk
from alprd.errors import AcknowledgementError, OfficeInputError
from alprd.hotlist.acknowledgement import BYTES
from alprd.hotlist.outgoing import SUFFIX
from alprd.office import acks
from alprd.office.entries import Scope
from alprd.office.vault_release import register_of
from alprd.office.workspace import Workspace
from alprd.plates.normal import normal_form, pack

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from alprd.cli.office_desk import Commands
    from alprd.office.register import Issued
    from alprd.office.vault import Vault

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600


def add_commands(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``acks``."""
    parser = nouns.add_parser("acks", help="take the units' acknowledgements; report what has reached whom")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    taking = verbs.add_parser("take", help="check acknowledgements and keep them")
    add_person(taking)
    taking.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help=f"a file, or a folder of *{SUFFIX}"
    )
    taking.set_defaults(run=_take)
    report = verbs.add_parser(
        "report",
        help="say how many units have the newest list, or a removal",
        description="Without an option: the newest list. A unit that is outstanding is told with the time at "
        "which all that it may hold has expired by itself.",
    )
    add_person(report)
    which = report.add_mutually_exclusive_group()
    which.add_argument("--entry", metavar="NUMBER", help="an entry that was removed or corrected, like M12")
    which.add_argument(
        "--removed-plate", action="store_true", help="ask for a removed plate; it is no argument on purpose"
    )
    report.set_defaults(run=_report)


def _take(args: argparse.Namespace) -> int:
    vault = open_desk(args)
    taken = acks.take(vault, Workspace(args.office), list(_contents(args.files)), now_s=now_s())
    for name, error in taken.refused:
        complain(f"{name}: refused: {error}; next: {error.next_step}")
    print(f"{taken.new} acknowledgements taken, {taken.known} known already, {len(taken.refused)} refused")
    return AcknowledgementError.exit_code if taken.refused else 0


def _contents(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for given in paths:
        for path in sorted(given.glob(f"*{SUFFIX}")) if given.is_dir() else [given]:
            try:
                with path.open("rb") as file:
                    yield str(path), file.read(BYTES + 1)
            except OSError as error:
                raise OfficeInputError(f"{path} cannot be read: {error.strerror}") from None


def _report(args: argparse.Namespace) -> int:
    vault = open_desk(args)
    if args.entry is not None:
        return _report_entry(vault, args.entry)
    if args.removed_plate:
        return _report_plate(vault, _ask_plate())
    lists = register_of(vault, Scope.INTERNAL).lists
    if not lists:
        raise OfficeInputError("no list was built yet", hint="Build one with `alpr-office release build`.")
    _print_reach(vault, lists[-1], "installed on")
    return 0


def _report_entry(vault: Vault, number: str) -> int:
    record, first = acks.removal_of_entry(vault, number)
    print(f"{number}: {record.act.value} {moment(record.at_s)}")
    if first is None:
        raise OfficeInputError(
            f"no list was built since: every unit may still have {number} as it was",
            hint="Run `alpr-office release delta` and have it approved.",
        )
    print(f"list {first.sequence} is the first without it, made {moment(first.created_s)}")
    _print_reach(vault, first, "removed from", began_s=record.at_s)
    return 0


def _report_plate(vault: Vault, plate: int) -> int:
    first = acks.removal_of_plate(vault, plate)
    if first is None:
        print("no list that is in date has ever had that plate")
        return 0
    print(f"list {first.sequence} is the first without that plate, made {moment(first.created_s)}")
    _print_reach(vault, first, "removed from", began_s=first.created_s)
    return 0


def _ask_plate() -> int:
    if not sys.stdin.isatty():
        raise OfficeInputError("no terminal to ask for the plate", hint="Run the command at a terminal.")
    try:
        return pack(normal_form(getpass.getpass("Removed plate (not shown): ")))
    except ValueError as error:
        raise OfficeInputError(str(error)) from None


def _print_reach(vault: Vault, first: Issued, done: str, *, began_s: int | None = None) -> None:
    """Print how far ``first`` has come; for a removal ``began_s`` is when it was entered."""
    lists = register_of(vault, Scope.INTERNAL).lists
    reach = acks.reach(first, lists, acks.read_acks(vault), now_s=now_s(), is_removal=began_s is not None)
    last = ""
    if reach.done and began_s is not None:
        took = _span(max(at_s for _unit, at_s in reach.done) - began_s)
        clock = "" if reach.is_vouched else " by the units' own clocks"
        last = f", the last of them after {took}{clock}"
    what = f"list {first.sequence} " if began_s is None else ""
    print(f"{what}{done} {len(reach.done)} of {reach.units} units{last}")
    for unit in reach.expired:
        print(f"    {unit}: not acknowledged; every earlier list for it has expired by itself")
    for one in reach.outstanding:
        last = f"list {one.holds}, {moment(one.since_s)}" if one.holds else "none"
        print(f"    {one.unit}: outstanding, its list expires by itself {moment(one.until_s)}")
        print(f"        last acknowledged: {last}")


def _span(seconds: int) -> str:
    """Return a span in minutes, from two hours on in hours; what has begun counts whole."""
    unit_s, name = (_MINUTE_S, "min") if seconds < 2 * _HOUR_S else (_HOUR_S, "h")
    return f"{max(0, -(-seconds // unit_s))} {name}"
