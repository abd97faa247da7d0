"""``alprd``: the daemon, and its demonstration."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from alprd import __version__
from alprd.cli.entry import run_cli

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_SETTINGS = Path("/etc/alprd/alprd.yaml")


def _parser() -> argparse.ArgumentParser:
    # The demo is imported for its options; what it needs to run is imported when it runs.
    from alprd.cli import demo  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog="alprd", description="Read plates, alert on listed ones, forget all others."
    )
    parser.add_argument("--version", action="version", version=f"alprd {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run the daemon in the foreground, as the systemd unit does")
    run.add_argument("--settings", type=Path, default=DEFAULT_SETTINGS, help=f"default: {DEFAULT_SETTINGS}")
    run.add_argument("--summary", type=Path, help="write counts and times of the run here at its end (JSON)")
    run.set_defaults(run=_run)
    demo.add_parser(commands)
    return parser


def _run(args: argparse.Namespace) -> int:
    from alprd.daemon import run_daemon  # noqa: PLC0415 - `alprd --help` loads no device library
    from alprd.settings import load  # noqa: PLC0415

    return run_daemon(load(args.settings), summary=args.summary)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see `alprctl docs exit-codes`)."""
    args = _parser().parse_args(argv)
    return run_cli(lambda: int(args.run(args)))


if __name__ == "__main__":
    sys.exit(main())
