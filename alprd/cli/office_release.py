"""``alpr-office release``: seal what the vault holds to all enrolled units, as the first of two people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.cli.office_desk import add_person, moment, now_s, open_desk
from alprd.office.entries import Scope
from alprd.office.publish import publish_lists
from alprd.office.register import late_units
from alprd.office.release import approve_release, read_release
from alprd.office.vault_release import Order, build_from_vault, delta_from_vault, register_of
from alprd.office.workspace import Workspace

if TYPE_CHECKING:
    import argparse

    from alprd.cli.office_desk import Commands
    from alprd.hotlist.blob import HotlistHeader
    from alprd.office.release import Release

_SHOWN_UNITS: Final = 20


def add_commands(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``release``."""
    parser = nouns.add_parser("release", help="make lists of what the vault holds, approve and show them")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    build = verbs.add_parser(
        "build",
        help="seal feeds and entries to all enrolled units",
        description="A second approver adds theirs with `release approve`; no unit takes the list before.",
    )
    build.set_defaults(run=_build, make=build_from_vault)
    delta = verbs.add_parser(
        "delta",
        help="seal what has changed since the last whole list: a removal in minutes",
        description="It is approved and installed as a whole list is. Each delta is on the last whole list, "
        "so a unit needs that and the newest delta alone.",
    )
    delta.set_defaults(run=_build, make=delta_from_vault)
    for making in (build, delta):
        _add_making(making)
    approve = verbs.add_parser("approve", help="add the second approver's signature to a list")
    approve.add_argument("approver", type=Path, metavar="DIR", help="the second approver's folder")
    approve.add_argument("file", type=Path, metavar="FILE")
    approve.set_defaults(run=_approve)
    publishing = verbs.add_parser(
        "publish",
        help="put approved lists into a folder or on a stick for the units",
        description="The folder then holds the newest whole list and the newest delta on it: files that "
        "any web server or object store can carry. A unit takes them with `alprctl hotlist install FOLDER`.",
    )
    publishing.add_argument("office", type=Path, metavar="DIR")
    publishing.add_argument("files", type=Path, nargs="+", metavar="FILE")
    publishing.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    publishing.set_defaults(run=_publish)
    show = verbs.add_parser("show", help="show a list's header; no plate is opened")
    show.add_argument("office", type=Path, metavar="DIR")
    show.add_argument("file", type=Path, metavar="FILE")
    show.set_defaults(run=_show)


def _add_making(parser: argparse.ArgumentParser) -> None:
    add_person(parser)
    parser.add_argument("--days", type=int, required=True, metavar="N", help="days until the list expires")
    parser.add_argument("--sequence", type=int, metavar="N", help="default: the last list's and one")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--audience",
        choices=[scope.value for scope in Scope],
        default=Scope.INTERNAL.value,
        help="ontario leaves internal entries out",
    )
    parser.add_argument(
        "--without-ended", action="store_true", help="leave out feeds whose agreement is not in force"
    )


def _build(args: argparse.Namespace) -> int:
    order = Order(
        days=args.days,
        sequence=args.sequence,
        now_s=now_s(),
        out=args.out,
        audience=Scope(args.audience),
        without_ended=args.without_ended,
    )
    vault = open_desk(args)
    release, content = args.make(Workspace(args.office), vault, order)
    header, report = release.header, content.report
    print(
        f"{args.out}: {_rows(header)} for {header.recipients} units, {release.size} bytes, "
        f"sequence {header.sequence}, expires {moment(header.expires)}"
    )
    left_out = sum(count.rows - count.kept for count in report.sources) + report.duplicates
    print(f"{left_out} rows left out: see `alpr-office report purge`")
    late = late_units(register_of(vault, order.audience), header.sequence)
    if late:
        print(f"NOT FOR {', '.join(late)}: enrolled after list {header.base}, they need a whole list")
    print(f"next: the second approver runs `alpr-office release approve DIR {args.out}`")
    return 0


def _approve(args: argparse.Namespace) -> int:
    release = approve_release(args.approver, args.file)
    header = release.header
    print(
        f"{args.file}: sequence {header.sequence}, {_rows(header)} for {header.recipients} units, "
        f"expires {moment(header.expires)}"
    )
    print(f"approved by: {', '.join(release.approvers)}")
    return 0


def _publish(args: argparse.Namespace) -> int:
    kept = publish_lists(Workspace(args.office), args.files, args.to, now_s=now_s())
    print(f"{args.to} holds:")
    for one in kept:
        what = f"delta on list {one.base}" if one.base else "whole list"
        print(f"    {one.file}  {what}, {one.size} bytes")
    print(f"next: on each unit `alprctl hotlist install {args.to}`, or copy all into its drop folder")
    return 0


def _show(args: argparse.Namespace) -> int:
    release = read_release(Workspace(args.office), args.file)
    header = release.header
    state = "EXPIRED" if now_s() >= header.expires else "in date"
    print(f"sequence:  {header.sequence}")
    print(f"created:   {moment(header.created)}")
    print(f"expires:   {moment(header.expires)} ({state})")
    print(f"rows:      {_rows(header).removesuffix(' rows')}")
    print(f"size:      {release.size} bytes")
    print(f"sealed to: {_names(release)}")
    print(f"service:   {header.service}, root version {header.root_version}")
    state = "a DRAFT that no unit takes" if release.is_draft else "complete"
    print(f"approvals: {', '.join(release.approvers)} (needed: {release.threshold}; {state})")
    return 0


def _names(release: Release) -> str:
    shown = ", ".join(release.units[:_SHOWN_UNITS])
    rest = len(release.units) - _SHOWN_UNITS
    return f"{len(release.units)} units: {shown}" + (f" and {rest} more" if rest > 0 else "")


def _rows(header: HotlistHeader) -> str:
    """Return how many rows a list has, or what a delta does to its base."""
    if header.base == 0:
        return f"{header.entries} rows"
    return f"{header.shape.removed} rows out of list {header.base} and {header.entries} in"
