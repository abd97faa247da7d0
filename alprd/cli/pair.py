"""``alprctl pair``: make the key that the unit and its dash share, and copy it out for the dash."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alprd.alerts.pairing import KEY_BYTES
from alprd.keys import DASH_KEY_FILE, read_dash_key, write_dash_key

if TYPE_CHECKING:
    import argparse

_STATE: Final = Path("/var/lib/alprd")


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to ``commands``."""
    parser = commands.add_parser(
        "pair",
        help="pair this unit with its dash unit",
        description="Makes the key that the unit and its dash share, unless there is one, and writes a copy "
        "that is put on the dash over USB, at the bench: never over the dash's line.",
    )
    parser.add_argument("--state", type=Path, default=_STATE, metavar="DIR", help="default: %(default)s")
    parser.add_argument("--out", type=Path, required=True, metavar="dash.key", help="copy for the dash unit")
    parser.add_argument("--new", action="store_true", help="make another key: the dash of before is shut out")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Pair. Raises `KeysError` or `StorageError`."""
    path = args.state / "keys" / DASH_KEY_FILE
    if args.new or not path.exists():
        write_dash_key(path, secrets.token_bytes(KEY_BYTES), replace=args.new)
        print(f"pairing key made: {path}")
    write_dash_key(args.out, read_dash_key(path), replace=True)
    print(f"copy for the dash unit: {args.out}")
    print("Put it on the dash unit (see hardware/README.md), then destroy the copy. Restart alprd.")
    return 0
