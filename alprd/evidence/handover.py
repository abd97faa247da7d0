"""The unit's side of handing evidence over: its own copy goes only against the office's receipt. A shell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alprd.disk import sync_folder
from alprd.errors import EvidenceError, StorageError
from alprd.evidence.disk import list_records, read_last, read_record
from alprd.evidence.receipt import MAX_BYTES, accept, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from alprd.evidence.receipt import Receipt
    from alprd.keys import UnitKeys


@dataclass(slots=True)
class Handover:
    """What became of a unit's records, by sequence.

    Those that are ``destroyed``; those that wait for a receipt; those ``unlike`` the file that the receipt
    names; those whose number is ``not_remembered`` yet, so that they stay for now.
    """

    destroyed: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    unlike: list[int] = field(default_factory=list)
    not_remembered: list[int] = field(default_factory=list)


def read_receipt(path: Path, keys: UnitKeys) -> Receipt:
    """Return the receipt in ``path``, once it has passed every check for the unit with ``keys``.

    Raises `EvidenceError`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}", hint="Check the path.") from None
    return accept(data, keys.root, keys.unit)


def destroy_received(folder: Path, receipt: Receipt, note: Callable[[Sequence[int]], None]) -> Handover:
    """Destroy the records in ``folder`` that ``receipt`` names, file by file, each with that digest.

    ``note`` puts their numbers on record first, and is not called where there are none: what it raises is
    raised with every record still there. The daemon may run meanwhile: it only ever adds records. Raises
    `StorageError` and `EvidenceError`; what was destroyed until then stays destroyed, and the same receipt
    again goes on.
    """
    done = Handover()
    last = read_last(folder)
    received: list[Path] = []
    for path in list_records(folder):
        sequence = int(path.stem)
        if sequence not in receipt.digests:
            done.waiting.append(sequence)
        elif digest_of(read_record(path)) != receipt.digests[sequence]:
            done.unlike.append(sequence)
        elif sequence > last:
            done.not_remembered.append(sequence)
        else:
            received.append(path)
    if received:
        note([int(path.stem) for path in received])
    for path in received:
        _destroy(path)
        done.destroyed.append(int(path.stem))
    return done


def _destroy(path: Path) -> None:
    """Remove one record, durably. It is sealed to the office: there is no key here to be destroyed."""
    try:
        path.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(f"{path} cannot be removed: {error.strerror}") from None
