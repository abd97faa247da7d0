"""``alprctl``: what installers, technicians and officers do on the unit. No command shows a non-hit."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from alprd import __version__
from alprd.cli import (
    audit,
    category,
    check,
    dash,
    docs,
    evidence,
    hotlist,
    ledger,
    officer,
    pair,
    provision,
    root,
    status,
    witness,
)
from alprd.cli.entry import run_cli

if TYPE_CHECKING:
    from collections.abc import Sequence


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="alprctl", description="Fit, check and watch an alprd unit.")
    parser.add_argument("--version", action="version", version=f"alprctl {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for noun in (
        *(status, check, provision, pair, officer, root, category, hotlist),
        *(evidence, audit, ledger, dash, witness, docs),
    ):
        noun.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see `alprctl docs exit-codes`)."""
    args = _parser().parse_args(argv)
    return run_cli(lambda: int(args.run(args)))


if __name__ == "__main__":
    sys.exit(main())
