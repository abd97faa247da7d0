"""``alprctl ledger``: the totals of a unit's conservation ledger, computed anew. For auditors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.chain.disk import read_file
from alprd.chain.records import ChainKind, check_chain
from alprd.conservation.ledger import FILE, FOLDER
from alprd.conservation.minutes import KIND, compare, totals
from alprd.errors import BalanceError
from alprd.keys import read_unit_public

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction

STATE: Final = Path("/var/lib/alprd")
_MAX_BYTES: Final = 1 << 20


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``ledger``."""
    parser = commands.add_parser(
        "ledger",
        help="compute what became of every frame and hit (conservation ledger)",
        description="Checks every signature, every minute's balance and every sum, and prints the totals.",
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    action = actions.add_parser("totals", help="print the totals, or compare them with published ones")
    action.add_argument("file", type=Path, nargs="?", default=STATE / FOLDER / FILE, metavar="FILE")
    action.add_argument("--unit", type=Path, required=True, metavar="unit.pub", help="the unit's public keys")
    action.add_argument("--published", type=Path, metavar="FILE", help="totals that were published, JSON")
    action.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the totals. Raises `ChainError` and `BalanceError`."""
    unit = read_unit_public(args.unit)
    chain = read_file(args.file, ChainKind(kind=KIND, unit=unit.unit), unit.verify)
    check_chain(chain)
    computed = totals(unit.unit, (record.fields for record in chain.records))
    if args.published is not None:
        compare(computed, _published(args.published))
    print(json.dumps(computed))
    return 0


def _published(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            published = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        published = None
    if not isinstance(published, dict):
        raise BalanceError(f"{path} holds no published totals", hint="Give one JSON object, as this prints.")
    return published
