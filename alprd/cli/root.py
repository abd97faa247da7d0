"""``alprctl root``: install the office's next root record on the unit, and show which one is in force."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from alprd.audit.events import Act, Reason
from alprd.cli.audit import note_act
from alprd.cli.hotlist import STATE
from alprd.keys import ROOT_FILE, install_root, read_root

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction

    from alprd.keys.root import Root


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``root install FILE`` and ``root show``."""
    parser = commands.add_parser("root", help="install or show who may approve lists")
    nouns = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text in (
        ("install", "check the office's next root record and take it over"),
        ("show", "show the root record in force"),
    ):
        action = nouns.add_parser(name, help=text)
        action.add_argument("--state", type=Path, default=STATE, help=f"default: {STATE}")
        if name == "install":
            action.add_argument("file", type=Path, metavar="FILE")
        action.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out the action. A record that is refused changes nothing."""
    folder = args.state / "keys"
    if args.action == "install":
        root = install_root(folder, args.file)
        note_act(args.state, Act.ROOT_INSTALLED, f"version {root.version}", reason=Reason.UPDATE.value)
        print(f"installed: {_line(root)}\nnext: systemctl restart alprd")
    else:
        root = read_root(folder / ROOT_FILE).root
        print(f"{_line(root)}\nfingerprint: {root.fingerprint}")
        for approver in root.approvers:
            print(f"approver: {approver.name}")
    return 0


def _line(root: Root) -> str:
    until = time.strftime("%Y-%m-%d", time.gmtime(root.expires))
    people = f"{root.threshold} of {len(root.approvers)} approvers"
    return f"root version {root.version} of {root.service}, {people}, good to {until}"
