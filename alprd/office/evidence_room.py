"""Evidence at the office: taken in from units, opened, searched, disclosed; each use is on record first.

The order of checks is in `alprd/docs/formats/custody.md`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from nacl.signing import VerifyKey

from alprd.errors import EvidenceError, OfficeInputError, printable
from alprd.evidence.envelope import open_record, read_header
from alprd.evidence.receipt import MAX_RECORDS, Receipt, digest_of, sign
from alprd.office.evidence_files import changed_files, new_key, read_sealed, sealed_record
from alprd.office.evidence_register import SLOT, Held, pack_register, read_register
from alprd.office.ledger import Act, Record
from alprd.records import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nacl.public import PrivateKey

    from alprd.keys import UnitPublic
    from alprd.office.evidence_access import Access
    from alprd.office.evidence_register import EvidenceRegister
    from alprd.office.vault import Vault
    from alprd.office.workspace import Workspace
    from alprd.records import EvidenceItem

REMEMBERED_S: Final = 366 * 86_400
"""So long the vault can tell that a plate was searched for."""
MAX_AUTHORITY: Final = 100
_TAG_BYTES: Final = 16
_MAX_NAMED: Final = 180


@dataclass(slots=True)
class Taken:
    """What became of files: the new records, (file, name) of those known, (file, error) of those refused."""

    new: list[Held] = field(default_factory=list)
    known: list[tuple[str, Held]] = field(default_factory=list)
    refused: list[tuple[str, EvidenceError]] = field(default_factory=list)


def register_of(vault: Vault) -> EvidenceRegister:
    """Return the register of ``vault``. Raises `OfficeInputError` and `VaultError`."""
    return read_register(vault.read(SLOT))


def judge(record: bytes, units: Mapping[str, UnitPublic], key: PrivateKey) -> tuple[EvidenceItem, UnitPublic]:
    """Return what is in ``record`` and the enrolled unit that made it, once checks 1 to 5 have passed.

    Raises `EvidenceError`.
    """
    header = read_header(record)
    unit = units.get(header.unit)
    if unit is None:
        raise EvidenceError(
            f"no unit {printable(header.unit)!r} is enrolled",
            hint="Ask who gave you the file; enrol a unit of yours with `alpr-office unit enrol`.",
        )
    item = open_record(record, key, unit.verify)
    if item.verdict is not Verdict.CONFIRMED:
        raise EvidenceError(
            f"the record's verdict is {item.verdict.name}: only a confirmed hit may be kept",
            hint="Wipe the file, and have the unit's software checked: it should never have sealed it.",
        )
    return item, unit


def take(vault: Vault, workspace: Workspace, files: Iterable[tuple[str, bytes]], *, now_s: int) -> Taken:
    """Take in the records in ``files`` (name, content) that pass; one bad file stops no other.

    Raises `KeysError` without the office's evidence key, `VaultError` and `StorageError`.
    """
    units, key = {unit.unit: unit for unit in workspace.units()}, workspace.evidence_key()
    before = after = register_of(vault)
    sealed: dict[str, bytes] = {}
    taken = Taken()
    for name, record in files:
        try:
            item, unit = judge(record, units, key)
            held = _known(after, item, unit, record)
        except EvidenceError as error:
            taken.refused.append((name, error))
            continue
        if held is not None:
            taken.known.append((name, held))
            continue
        held = Held(
            number=after.last + 1,
            unit=unit.unit,
            signer=bytes(unit.verify),
            sequence=item.sequence,
            digest=digest_of(record),
            taken_s=now_s,
            used_s=now_s,
            key=new_key(),
        )
        after = after.with_records([held])
        sealed[held.file] = sealed_record(vault, held, record)
        taken.new.append(held)
    if taken.new:
        vault.change(
            Record(
                at_s=now_s,
                act=Act.EVIDENCE_TAKEN,
                by=vault.me.badge,
                subject=named(taken.new),
                note=f"{len(taken.new)} new, {len(taken.known)} known, {len(taken.refused)} refused",
            ),
            [pack_register(after)],
            slot=SLOT,
            added=len(taken.new),
            removed=0,
            beside=changed_files(vault, before.files, after.files, sealed),
        )
    return taken


def _known(register: EvidenceRegister, item: EvidenceItem, unit: UnitPublic, record: bytes) -> Held | None:
    """Return what the same file was taken in as, None for a new one (check 6). Raises `EvidenceError`."""
    held = register.known(unit.unit, bytes(unit.verify), item.sequence)
    if held is not None and held.digest != digest_of(record):
        raise EvidenceError(
            f"{unit.unit} has sealed another record {item.sequence} before, {held.name}",
            hint="Keep both files and tell the privacy officer: the unit was put back, or its key is abused.",
        )
    return held


def missing(register: EvidenceRegister) -> dict[str, list[tuple[int, int]]]:
    """Return for each unit's keys the gaps (first, last) below the highest number that was taken in."""
    by_unit: dict[tuple[str, bytes], list[int]] = {}
    for held in register.records.values():
        by_unit.setdefault((held.unit, held.signer), [0]).append(held.sequence)
    gaps: dict[str, list[tuple[int, int]]] = {}
    for (unit, _signer), numbers in sorted(by_unit.items()):
        found = [(a + 1, b - 1) for a, b in pairwise(sorted(numbers)) if b > a + 1]
        if found:
            gaps.setdefault(unit, []).extend(found)
    return gaps


def opened(vault: Vault, workspace: Workspace, name: str, access: Access, *, now_s: int) -> EvidenceItem:
    """Return what is in the record ``name``; the access is on the ledger before, and counts as a use.

    Raises `EvidenceError` when it does not open, `OfficeInputError`, `KeysError`, `VaultError`.
    """
    register = register_of(vault)
    held = register.find(name)
    item = _item(vault, held, workspace.evidence_key())
    used(vault, register, held, Act.EVIDENCE_OPENED, access.note, now_s=now_s)
    return item


def used(vault: Vault, register: EvidenceRegister, held: Held, act: Act, note: str, *, now_s: int) -> None:
    """Put a use of ``held`` on record. ``register`` may bring other changes with it."""
    after = register.with_records([replace(held, used_s=now_s)])
    write(vault, after, act, subject=held.name, note=note, now_s=now_s)


def write(vault: Vault, after: EvidenceRegister, act: Act, *, subject: str, note: str, now_s: int) -> None:
    """Put the register ``after``, in which no record came or went, on record."""
    record = Record(at_s=now_s, act=act, by=vault.me.badge, subject=subject, note=note)
    beside = changed_files(vault, after.files, after.files)
    vault.change(record, [pack_register(after)], slot=SLOT, added=0, removed=0, beside=beside)


def searched(
    vault: Vault, workspace: Workspace, plate: str, access: Access, *, authority: str, now_s: int
) -> list[Held]:
    """Return the records of ``plate`` (a normal form); the search is on the ledger before.

    More than one record of a plate, or a second search for it within a year, tells where a vehicle has
    been: then ``authority`` must name the warrant or order. Refused searches are on the ledger too. Raises
    `OfficeInputError`, and as `opened` does.
    """
    if len(authority) > MAX_AUTHORITY or not authority.isprintable():
        raise OfficeInputError(f"an authority is named in at most {MAX_AUTHORITY} printable characters")
    register, key = register_of(vault), workspace.evidence_key()
    found = [held for held in register.kept if _item(vault, held, key).plate == plate]
    tag = hashlib.blake2b(
        plate.encode(), digest_size=_TAG_BYTES, key=vault.derived_key(b"searched")
    ).hexdigest()
    is_history = len(found) > 1 or register.searched.get(tag, 0) > now_s
    kept = {old: until_s for old, until_s in register.searched.items() if until_s > now_s}
    after = replace(register, searched={**kept, tag: now_s + REMEMBERED_S})
    if is_history and not authority:
        write(vault, after, Act.EVIDENCE_SEARCH_REFUSED, subject="a plate", note=access.note, now_s=now_s)
        raise OfficeInputError(
            "this plate has more than one record, or was searched for within a year: that is its history",
            hint="Name the warrant or order with --authority.",
        )
    subject = f"{named(found, _MAX_NAMED - MAX_AUTHORITY) or 'nothing'} found" + (
        f", {authority}" if authority else ""
    )
    write(vault, after, Act.EVIDENCE_SEARCHED, subject=subject, note=access.note, now_s=now_s)
    return found


def receipt(vault: Vault, workspace: Workspace, unit_name: str, *, now_s: int) -> tuple[bytes, int]:
    """Return the receipt for what was taken in from the unit, signed by the office, and for how many.

    Raises `OfficeInputError` when there is nothing, or no such unit; `KeysError` without ``signer.key``.
    """
    unit = workspace.unit(unit_name)
    mine = [
        held
        for held in register_of(vault).records.values()
        if (held.unit, held.signer) == (unit.unit, bytes(unit.verify))
    ]
    if not mine:
        raise OfficeInputError(
            f"nothing was taken in from {unit.unit} yet", hint="Take it in with `alpr-office evidence take`."
        )
    newest = sorted(mine, key=lambda held: held.sequence)[-MAX_RECORDS:]
    said = Receipt(unit=unit.unit, at_s=now_s, digests={held.sequence: held.digest for held in newest})
    data = sign(said, workspace.signer())
    note = f"{len(newest)} records, the last {newest[-1].sequence}"
    vault.note(
        Record(
            at_s=now_s,
            act=Act.RECEIPT_SIGNED,
            by=vault.me.badge,
            subject=unit.unit,
            source=digest_of(data),
            note=note,
        )
    )
    return data, len(newest)


def _item(vault: Vault, held: Held, key: PrivateKey) -> EvidenceItem:
    return open_record(read_sealed(vault, held), key, VerifyKey(held.signer))


def named(records: Iterable[Held], room: int = _MAX_NAMED) -> str:
    """Return the names of ``records`` for the ledger; too long for ``room``: first, last, count."""
    names = [held.name for held in records]
    told = ", ".join(names)
    return told if len(told) <= room else f"{names[0]} to {names[-1]}, {len(names)} in all"
