"""``alprctl evidence``: what waits for the office, and the unit's own copies, destroyed against a receipt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alprd.cli.hotlist import STATE
from alprd.errors import EvidenceError
from alprd.evidence.disk import list_records
from alprd.evidence.handover import destroy_received, read_receipt
from alprd.keys import load_unit_keys

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction
    from collections.abc import Sequence


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``evidence waiting`` and ``evidence destroy RECEIPT``."""
    parser = commands.add_parser("evidence", help="show what waits for the office; destroy what it holds")
    nouns = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    waiting = nouns.add_parser("waiting", help="count the sealed records that are on this unit")
    waiting.set_defaults(run=_waiting)
    destroy = nouns.add_parser(
        "destroy",
        help="destroy this unit's copies of the records that a receipt names",
        description="Without a valid receipt of the office for this unit nothing is destroyed. The daemon "
        "may run meanwhile.",
    )
    destroy.add_argument("receipt", type=Path, metavar="RECEIPT", help="from `alpr-office evidence receipt`")
    destroy.set_defaults(run=_destroy)
    for action in (waiting, destroy):
        action.add_argument("--state", type=Path, default=STATE, help=f"default: {STATE}")


def _waiting(args: argparse.Namespace) -> int:
    numbers = [int(path.stem) for path in list_records(args.state / "evidence")]
    print(f"{len(numbers)} records wait for the office's receipt{_named(numbers)}")
    return 0


def _destroy(args: argparse.Namespace) -> int:
    receipt = read_receipt(args.receipt, load_unit_keys(args.state / "keys"))
    done = destroy_received(args.state / "evidence", receipt)
    print(f"{len(done.destroyed)} records destroyed: the office holds them{_named(done.destroyed)}")
    left = sorted([*done.waiting, *done.unlike, *done.not_remembered])
    print(f"{len(left)} records wait for the office's receipt{_named(left)}")
    if done.not_remembered:
        print(f"the last number is not on the disk yet{_named(done.not_remembered)}")
        print("next: systemctl restart alprd, then run the command again")
    if done.unlike:
        raise EvidenceError(
            f"the receipt is for other files of these numbers{_named(done.unlike)}",
            hint="Keep the unit as it is and tell the evidence clerk: two records have one number.",
        )
    return 0


def _named(numbers: Sequence[int]) -> str:
    """Return ``numbers``, which rise, as spans after a colon; nothing when there are none."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    told = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in spans)
    return f": {told}" if told else ""
