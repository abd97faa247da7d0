"""``alprctl status``: the running daemon's state. Counters and device states, never a plate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from alprd.control.status import ask
from alprd.settings import ControlSettings

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``status``."""
    parser = commands.add_parser("status", help="show the running daemon's state")
    parser.add_argument("--socket", type=Path, default=Path(ControlSettings().socket))
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask the daemon and print what it answers."""
    state = ask(args.socket)
    if args.json:
        print(json.dumps(state))
        return 0
    for name, value in state.items():
        print(f"{name:20} {json.dumps(value) if isinstance(value, (dict, list)) else value}")
    return 0
