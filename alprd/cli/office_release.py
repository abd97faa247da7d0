"""``alpr-office release``: seal what the vault holds to all enrolled units, as the first of two people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alprd.cli.office_desk import add_person, moment, now_s, open_desk
from alprd.office.entries import Scope
from alprd.office.vault_release import build_from_vault
from alprd.office.workspace import Workspace

if TYPE_CHECKING:
    import argparse

    from alprd.cli.office_desk import Commands


def add_commands(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``release``."""
    parser = nouns.add_parser("release", help="make a list of what the vault holds")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    build = verbs.add_parser(
        "build",
        help="seal feeds and entries to all enrolled units",
        description="A second approver adds theirs with `hotlist approve`; no unit takes the list before.",
    )
    add_person(build)
    build.add_argument("--days", type=int, required=True, metavar="N", help="days until the list expires")
    build.add_argument("--sequence", type=int, metavar="N", help="default: the last list's and one")
    build.add_argument("--out", type=Path, required=True, metavar="FILE")
    build.add_argument(
        "--audience",
        choices=[scope.value for scope in Scope],
        default=Scope.INTERNAL.value,
        help="ontario leaves internal entries out",
    )
    build.add_argument(
        "--without-ended", action="store_true", help="leave out feeds whose agreement is not in force"
    )
    build.set_defaults(run=_build)


def _build(args: argparse.Namespace) -> int:
    release, content = build_from_vault(
        Workspace(args.office),
        open_desk(args),
        days=args.days,
        sequence=args.sequence,
        now_s=now_s(),
        out=args.out,
        audience=Scope(args.audience),
        without_ended=args.without_ended,
    )
    header, report = release.header, content.report
    print(
        f"{args.out}: {header.entries} rows for {header.recipients} units, {release.size} bytes, "
        f"sequence {header.sequence}, expires {moment(header.expires)}"
    )
    left_out = sum(count.rows - count.kept for count in report.sources) + report.duplicates
    print(f"{left_out} rows left out: see `alpr-office report purge`")
    print(f"next: the second approver runs `alpr-office hotlist approve DIR {args.out}`")
    return 0
