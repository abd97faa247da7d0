"""``alprctl evidence``: what waits for the office, and the unit's own copies, destroyed against a receipt."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from alprd.audit.events import MAX_SUBJECT, Act
from alprd.cli.audit import note_act
from alprd.cli.hotlist import STATE
from alprd.errors import EvidenceError
from alprd.evidence.disk import list_records
from alprd.evidence.handover import destroy_received, read_receipt
from alprd.keys import load_unit_keys

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction
    from collections.abc import Sequence

    from alprd.evidence.receipt import Receipt


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``evidence waiting`` and ``evidence destroy RECEIPT``."""
    parser = commands.add_parser("evidence", help="show what waits for the office; destroy what it holds")
    nouns = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    waiting = nouns.add_parser("waiting", help="count the sealed records that are on this unit")
    waiting.set_defaults(run=_waiting)
    destroy = nouns.add_parser(
        "destroy",
        help="destroy this unit's copies of the records that a receipt names",
        description="Without a valid receipt of the office for this unit nothing is destroyed, and nothing "
        "that is not on the audit log first. The daemon may run meanwhile.",
    )
    destroy.add_argument("--badge", default="", help="your badge, for the audit log")
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

    def note(numbers: Sequence[int]) -> None:
        note_act(args.state, Act.RECORDS_DESTROYED, _subject(numbers, receipt), badge=args.badge)

    done = destroy_received(args.state / "evidence", receipt, note)
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


def _subject(numbers: Sequence[int], receipt: Receipt) -> str:
    """Return what the audit log says: the records, and when the receipt for them was signed."""
    by = f", receipt of {time.strftime('%Y-%m-%d %H:%M:%SZ', time.gmtime(receipt.at_s))}"
    told = f"{len(numbers)} records{_named(numbers)}"
    if len(told) + len(by) > MAX_SUBJECT:
        told = f"{len(numbers)} records from {numbers[0]} to {numbers[-1]}"
    return told + by


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
