"""The units' acknowledgements: checked, kept in the vault, and what they prove of a list or a removal.

The format and the order of checks are `alprd/docs/formats/acknowledgement.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import AcknowledgementError, OfficeInputError, printable
from alprd.hotlist.acknowledgement import BYTES, Acknowledgement, check_signature, read
from alprd.hotlist.tags import tags_of
from alprd.hotlist.trust import CLOCK_TOLERANCE_S
from alprd.office.base import read_base
from alprd.office.entries import Scope
from alprd.office.ledger import Act, Record
from alprd.office.vault_release import BASE, plates_key, register_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nacl.signing import VerifyKey

    from alprd.office.register import Issued
    from alprd.office.vault import Vault
    from alprd.office.workspace import Workspace

SLOT: Final = "acks"
_MADE: Final = frozenset({Act.RELEASE_BUILT, Act.DELTA_BUILT})
MAX_KEPT: Final = 32
"""So many of each unit's newest acknowledgements are kept, as they came."""


@dataclass(slots=True)
class Taken:
    """What became of files: how many are new, how many were known, and why each other one was refused."""

    new: int = 0
    known: int = 0
    refused: list[tuple[str, AcknowledgementError]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """A unit of which nothing proves that it has the list: at ``until_s`` all that it may have has expired.

    ``holds`` is the last list that it acknowledged, at ``since_s``; 0: none.
    """

    unit: str
    holds: int
    since_s: int
    until_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far the list ``first`` has come: (unit, Unix seconds) of those ``done``, and the others.

    Of ``expired`` units nothing is known, and every list before ``first`` that they may hold has expired.
    ``is_vouched`` says that network time vouches for every time in ``done``.
    """

    first: Issued
    done: tuple[tuple[str, int], ...]
    expired: tuple[str, ...]
    outstanding: tuple[Outstanding, ...]
    is_vouched: bool

    @property
    def units(self) -> int:
        """How many units there are in all."""
        return len(self.done) + len(self.expired) + len(self.outstanding)


def judge(
    data: bytes,
    units: Mapping[str, VerifyKey],
    find: Callable[[int], Issued | None],
    *,
    now_s: int,
) -> Acknowledgement:
    """Return the acknowledgement in ``data`` once every check has passed. Raises `AcknowledgementError`.

    ``units`` are the enrolled units' keys by name; ``find`` returns the office's list of a number.
    """
    said = read(data)
    key = units.get(said.unit)
    if key is None:
        raise AcknowledgementError(
            f"no unit {said.unit!r} is enrolled", hint="Enrol it with `alpr-office unit enrol`."
        )
    check_signature(data, key)
    if said.at_s > now_s + CLOCK_TOLERANCE_S:
        raise AcknowledgementError(
            f"the acknowledgement of {said.unit} is {said.at_s - now_s} s from the future",
            hint="Check the clocks of the unit and of this computer.",
        )
    issued = find(said.sequence)
    if issued is None or (issued.base, issued.digest) != (said.base, said.digest):
        raise AcknowledgementError(
            f"{said.unit} acknowledges a list {said.sequence} that is none of this office's",
            hint="Install the office's newest list on the unit, and find out where it has that one from.",
        )
    if said.unit not in issued.units:
        raise AcknowledgementError(
            f"{said.unit} acknowledges list {said.sequence}, which is not sealed to it"
        )
    if not issued.created_s - CLOCK_TOLERANCE_S <= said.at_s < issued.expires_s:
        raise AcknowledgementError(
            f"{said.unit} acknowledges list {said.sequence} at a time at which that list is not in date",
            hint="Check the unit's clock, then install the newest list again.",
        )
    return said


def take(vault: Vault, workspace: Workspace, files: Iterable[tuple[str, bytes]], *, now_s: int) -> Taken:
    """Keep the acknowledgements in ``files`` (name, content) that pass; one bad file stops no other.

    Raises `OfficeInputError` when the vault cannot be changed.
    """
    units = {unit.unit: unit.verify for unit in workspace.units()}
    lists = {one.sequence: one for scope in Scope for one in register_of(vault, scope).lists}
    kept = {(said.unit, said.sequence): data for said, data in _read_kept(vault)}
    before = len(kept)
    taken = Taken()
    for name, data in files:
        try:
            said = judge(data, units, lists.get, now_s=now_s)
        except AcknowledgementError as error:
            taken.refused.append((name, error))
            continue
        if (said.unit, said.sequence) in kept:
            taken.known += 1
        else:
            kept[said.unit, said.sequence] = data
            taken.new += 1
    if taken.new:
        newest = _newest(kept)
        content = [kept[key] for key in newest]
        removed = before + taken.new - len(newest)
        note = f"{taken.new} new, {taken.known} known, {len(taken.refused)} refused"
        record = Record(at_s=now_s, act=Act.ACKS_TAKEN, by=vault.me.badge, subject="", note=note)
        vault.change(record, content, slot=SLOT, added=taken.new, removed=removed)
    return taken


def read_acks(vault: Vault) -> list[Acknowledgement]:
    """Return all that are kept, sorted by unit and sequence. Raises `OfficeInputError`."""
    return [said for said, _data in _read_kept(vault)]


def reach(
    first: Issued,
    lists: Iterable[Issued],
    acks: Iterable[Acknowledgement],
    *,
    now_s: int,
    is_removal: bool = False,
) -> Reach:
    """Return how far ``first``, or a later list, has come among the units that it or an older one is for.

    ``lists`` are those of the register. Lists that had expired when ``first`` was made no longer count. For
    a removal, units that have had no older list do not count: there is nothing to take off them.
    """
    older = [one for one in lists if one.sequence < first.sequence and one.expires_s > first.created_s]
    by_unit: dict[str, list[Acknowledgement]] = {}
    for said in acks:
        by_unit.setdefault(said.unit, []).append(said)
    done, expired, outstanding = list[Acknowledgement](), list[str](), list[Outstanding]()
    names = {name for one in older for name in one.units}
    for unit in sorted(names if is_removal else names | set(first.units)):
        mine = sorted(by_unit.get(unit, []), key=lambda said: said.sequence)
        proof = next((said for said in mine if said.sequence >= first.sequence), None)
        if proof is not None:
            done.append(proof)
            continue
        last = mine[-1] if mine else None
        holds = 0 if last is None else last.sequence
        ends = [one.expires_s for one in older if unit in one.units and one.sequence >= holds]
        until_s = max(ends, default=0)
        if until_s <= now_s:
            expired.append(unit)
        else:
            since_s = 0 if last is None else last.at_s
            outstanding.append(Outstanding(unit=unit, holds=holds, since_s=since_s, until_s=until_s))
    return Reach(
        first=first,
        done=tuple((said.unit, said.at_s) for said in done),
        expired=tuple(expired),
        outstanding=tuple(outstanding),
        is_vouched=all(said.is_vouched for said in done),
    )


def _read_kept(vault: Vault) -> list[tuple[Acknowledgement, bytes]]:
    content = bytes(vault.read(SLOT) or b"")
    parts = [content[place : place + BYTES] for place in range(0, len(content), BYTES)]
    return [(read(part), part) for part in parts]


def _newest(kept: Mapping[tuple[str, int], bytes]) -> list[tuple[str, int]]:
    """Return the names of what stays: of each unit the newest, sorted."""
    newest: list[tuple[str, int]] = []
    for _unit, names in groupby(sorted(kept), key=lambda name: name[0]):
        newest.extend(list(names)[-MAX_KEPT:])
    return newest


def removal_of_entry(vault: Vault, number: str) -> tuple[Record, Issued | None]:
    """Return the record that took the entry ``number`` off, or corrected it last, and the first list after.

    Raises `OfficeInputError` when there is no such record.
    """
    records = vault.records
    places = [place for place, record in enumerate(records) if _is_removal(record, number)]
    if not places:
        raise OfficeInputError(
            f"the ledger names no removal and no correction of {printable(number)!r}",
            hint="See `alpr-office report log`.",
        )
    made = {f"list {one.sequence}": one for one in register_of(vault, Scope.INTERNAL).lists}
    later = (record.subject for record in records[places[-1] :] if record.act in _MADE)
    return records[places[-1]], next((made[subject] for subject in later if subject in made), None)


def removal_of_plate(vault: Vault, plate: int) -> Issued | None:
    """Return the first list without the packed ``plate``, None when no list in date ever had it.

    Raises `OfficeInputError` when the newest list has it.
    """
    register = register_of(vault, Scope.INTERNAL)
    key = plates_key(vault)
    since = register.removals.since_list(int(tags_of(np.array([plate], np.uint64), key)[0]))
    kept = vault.read(BASE + Scope.INTERNAL.value)
    is_in_base = kept is not None and bool(np.isin(np.uint64(plate), read_base(kept).columns.plate))
    if since == 0 or (since is None and is_in_base):
        raise OfficeInputError(
            "the newest list has that plate",
            hint="Take it off, then run `alpr-office release delta`.",
        )
    return None if since is None else register.find(since)


def _is_removal(record: Record, number: str) -> bool:
    if record.act in {Act.ENTRY_REMOVED, Act.ENTRY_CORRECTED}:
        return record.subject == number
    return record.act in {Act.CASE_CLOSED, Act.ENTRIES_PURGED} and number in record.note.split(", ")
