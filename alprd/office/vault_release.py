"""A release made of what the vault holds: its rows and details, in the sealed list's own forms.

No list in clear is written anywhere between the vault and the sealed file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import OfficeInputError
from alprd.hotlist.columns import Columns
from alprd.hotlist.details import Details, Person, Vehicle
from alprd.hotlist.sodium import SIP_KEY_BYTES
from alprd.hotlist.tags import tags_of
from alprd.office.base import KeptBase, changed_details, marks_of, pack_base, read_base
from alprd.office.content import assemble
from alprd.office.entries import Scope
from alprd.office.ledger import Act, Record
from alprd.office.register import Register, issued_of, pack_register, read_register
from alprd.office.release import BaseList, build_delta_release, build_release
from alprd.office.rows import Rows, differences, no_rows

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from alprd.hotlist.opening import SealedList
    from alprd.office.content import Content
    from alprd.office.release import Release
    from alprd.office.rows import DetailTexts
    from alprd.office.vault import Vault
    from alprd.office.workspace import Workspace

BASE: Final = "base-"
_REGISTER: Final = "register-"
_BUILD_WHOLE: Final = "Build one with `alpr-office release build`."


class ListDetails(Mapping[int, Details]):
    """The details of a content's rows, unpacked one at a time as they are sealed."""

    def __init__(self, texts: DetailTexts) -> None:
        self._texts = texts

    def __getitem__(self, row: int) -> Details:
        known = self._texts.of(row)
        if known is None:
            raise KeyError(row)
        vehicle = Vehicle(
            make=known.make,
            model=known.model,
            colour=known.colour,
            vehicle_class=known.vehicle_class,
            descriptors=known.descriptors,
            year=int(known.year or 0),
        )
        person = Person(name=known.owner, corrective_lens=known.corrective_lens)
        return Details(
            vehicle=None if vehicle == Vehicle() else vehicle,
            person=None if person == Person(name="") else person,
        )

    def __iter__(self) -> Iterator[int]:
        return iter(self._texts.rows.tolist())

    def __len__(self) -> int:
        return len(self._texts)


def columns_of(content: Content) -> Columns:
    """Return the rows of ``content`` as a list's columns; the arrays are the same."""
    rows = content.rows
    return Columns(
        plate=rows.plate,
        expires=rows.expires,
        jurisdiction=rows.jurisdiction,
        plate_type=rows.plate_type,
        category=rows.category,
        priority=content.priority,
        flags=rows.flags,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be built: for how long, under which number (None: the next), into which file, for whom.

    ``without_ended`` leaves feeds out whose agreement is not in force.
    """

    days: int
    now_s: int
    out: Path
    sequence: int | None = None
    audience: Scope = Scope.INTERNAL
    without_ended: bool = False


def build_from_vault(workspace: Workspace, vault: Vault, order: Order) -> tuple[Release, Content]:
    """Build the list of all that ``vault`` holds, keep what a delta on it needs, and put it on record.

    Raises what `assemble` and `build_release` raise; then no list is written.
    """
    content, books = _begin(vault, order)
    release = build_release(
        workspace,
        columns_of(content),
        days=order.days,
        sequence=order.sequence,
        now_s=order.now_s,
        out=order.out,
        details=ListDetails(content.rows.details),
        keep=books.keep_base,
        record=books.record_list,
    )
    return release, content


def delta_from_vault(workspace: Workspace, vault: Vault, order: Order) -> tuple[Release, Content]:
    """Build the delta that makes of the last whole list what ``vault`` holds now, and put it on record.

    Raises what `assemble` and `build_delta_release` raise, and `OfficeInputError` when there is no whole
    list in date to make it on; then no delta is written.
    """
    content, books = _begin(vault, order)
    base = books.base()
    release = build_delta_release(
        workspace,
        BaseList(sequence=base.sequence, tag_key=base.tag_key, columns=base.columns),
        columns_of(content),
        days=order.days,
        sequence=order.sequence,
        now_s=order.now_s,
        out=order.out,
        details=ListDetails(content.rows.details),
        changed=changed_details(base, content.rows, books.marks_key),
        record=books.record_list,
    )
    return release, content


def register_of(vault: Vault, audience: Scope) -> Register:
    """Return the register of the lists for ``audience``. Raises `OfficeInputError`."""
    return read_register(vault.read(_REGISTER + audience.value))


def _begin(vault: Vault, order: Order) -> tuple[Content, _Books]:
    content = assemble(vault, now_s=order.now_s, audience=order.audience, without_ended=order.without_ended)
    return content, _Books(vault, content, order)


class _Books:
    """What the vault holds of lists that were made: the register, and the last whole list as a base."""

    def __init__(self, vault: Vault, content: Content, order: Order) -> None:
        self._vault, self._content, self._order = vault, content, order
        self._base_slot, self._slot = BASE + order.audience.value, _REGISTER + order.audience.value
        self.marks_key = vault.derived_key(b"details of a kept base")
        kept = vault.read(self._base_slot)
        self._base = None if kept is None else read_base(kept)

    def base(self) -> KeptBase:
        """Return the last whole list. Raises `OfficeInputError` when none is there that a unit may have."""
        whole = register_of(self._vault, self._order.audience).whole
        if self._base is None or whole is None or whole.sequence != self._base.sequence:
            raise OfficeInputError("there is no whole list to make a delta on", hint=_BUILD_WHOLE)
        if whole.expires_s <= self._order.now_s:
            raise OfficeInputError(
                f"the whole list {whole.sequence} has expired: no delta is made on it", hint=_BUILD_WHOLE
            )
        return self._base

    def keep_base(self, base: BaseList) -> None:
        """Take ``base`` in the place of the last one."""
        rows = self._content.rows
        added, removed = differences(_rows_of(self._base), rows)
        record = self._record(Act.BASE_KEPT, base.sequence, "rows against the whole list before it")
        kept = KeptBase(
            sequence=base.sequence,
            tag_key=base.tag_key,
            columns=base.columns,
            marks=marks_of(rows.details, self.marks_key),
        )
        self._vault.change(record, pack_base(kept), slot=self._base_slot, added=added, removed=removed)

    def record_list(self, sealed: SealedList, release: Release) -> None:
        """Put the list on record before it has its name."""
        header, report = sealed.header, self._content.report
        register = register_of(self._vault, self._order.audience)
        new = issued_of(header, sealed.digest, release.units, rows=report.listed)
        before = self._tags(None if self._base is None else self._base.columns.plate)
        grown = register.with_list(new, before, self._tags(self._content.rows.plate))
        if header.base:
            act = Act.DELTA_BUILT
            note = f"{header.shape.removed} rows out of list {header.base} and {header.entries} in"
        else:
            act = Act.RELEASE_BUILT
            note = f"{report.listed} rows, {report.duplicates} duplicates left out"
        dropped = len(register.lists) + 1 - len(grown.lists)
        record = self._record(act, header.sequence, note)
        self._vault.change(record, pack_register(grown), slot=self._slot, added=1, removed=dropped)

    def _record(self, act: Act, sequence: int, note: str) -> Record:
        subject = f"list {sequence}"
        return Record(at_s=self._order.now_s, act=act, by=self._vault.me.badge, subject=subject, note=note)

    def _tags(self, plates: NDArray[np.uint64] | None) -> NDArray[np.uint64]:
        if plates is None:
            return np.zeros(0, np.uint64)
        return np.sort(tags_of(np.unique(plates), plates_key(self._vault)))


def plates_key(vault: Vault) -> bytes:
    """Return the key under which the register's removals name plates."""
    return vault.derived_key(b"removed plates")[:SIP_KEY_BYTES]


def _rows_of(base: KeptBase | None) -> Rows:
    if base is None:
        return no_rows()
    columns = base.columns
    return Rows(
        plate=columns.plate,
        expires=columns.expires,
        jurisdiction=columns.jurisdiction,
        plate_type=columns.plate_type,
        category=columns.category,
        flags=columns.flags,
        details=no_rows().details,
    )
