"""``alprctl category``: install the office's category record on the unit, and show the one in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alprd.cli.hotlist import STATE
from alprd.cli.office_categories import describe
from alprd.gps import system_clock
from alprd.hotlist.category_disk import CATEGORIES_FILE, categories_in, install_categories
from alprd.keys import ROOT_FILE, read_root

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``category install FILE`` and ``category show``."""
    parser = commands.add_parser("category", help="install or show what may be listed beside the closed set")
    nouns = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text in (
        ("install", "check the office's category record and take it over"),
        ("show", "show the category record in force"),
    ):
        action = nouns.add_parser(name, help=text)
        action.add_argument("--state", type=Path, default=STATE, help=f"default: {STATE}")
        if name == "install":
            action.add_argument("file", type=Path, metavar="FILE")
        action.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out the action. A record that is refused changes nothing."""
    folder = args.state / "keys"
    root = read_root(folder / ROOT_FILE).root
    if args.action == "install":
        signed = install_categories(folder, args.file, root, now_s=system_clock.read().at // 1000)
        print("\n".join(["installed:", *describe(signed.record), "next: systemctl restart alprd"]))
        return 0
    in_force = categories_in(folder, root)
    if in_force is None:
        print(f"the closed set alone is in force: {folder} has no {CATEGORIES_FILE}")
    else:
        print("\n".join(describe(in_force.record)))
    return 0
