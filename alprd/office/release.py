"""A release of the hotlist: seal the rows to every enrolled unit, number and approve it, look at it again.

Two people make a release: the custodian builds it, which is the first approval, and another approver
looks at what it says in clear and adds the second. No unit takes a list that one person made alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

import nacl.utils
import numpy as np
from nacl.public import SealedBox

from alprd.disk import discard, publish, stage_pieces
from alprd.errors import CustodianError, HotlistTrustError, OfficeInputError, StorageError
from alprd.hotlist import sodium, trust
from alprd.hotlist.blob import KEY_BYTES, HotlistHeader
from alprd.hotlist.body import check_body
from alprd.hotlist.build import Recipient, build_body, build_delta, sealed_pieces
from alprd.hotlist.columns import check_rows
from alprd.hotlist.disk import ListFile
from alprd.hotlist.opening import SealedList, pieces, read_sealed
from alprd.keys import PUBLIC_MODE
from alprd.keys.approvals import approve, pack_trailer
from alprd.office.workspace import read_approver, read_office_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from alprd.hotlist.build import BuiltList
    from alprd.hotlist.columns import Columns
    from alprd.hotlist.details import Details
    from alprd.keys.root import Root
    from alprd.office.workspace import Workspace

MAX_DAYS: Final = 31
"""A list that outlives a month is a list that nobody corrects."""
_DAY_S: Final = 86_400
_TAG_KEYS: Final = 64
"""So many tag keys are tried; with 8,000,000 plates about one in ten lets two of them share a tag."""
_DRAFT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A list's header and size in bytes, the units that it is sealed to, and the names of its approvers.

    It is a draft, which no unit takes, while it has fewer approvers than ``threshold``.
    """

    header: HotlistHeader
    size: int
    units: tuple[str, ...]
    approvers: tuple[str, ...]
    threshold: int

    @property
    def is_draft(self) -> bool:
        """Whether approvals are missing."""
        return len(self.approvers) < self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseList:
    """What the office keeps of a whole list, encrypted, to make deltas on it: its rows are in clear.

    Who has ``tag_key`` and an opened list can tell which plates are in it.
    """

    sequence: int
    tag_key: bytes
    columns: Columns


def build_release(
    workspace: Workspace,
    columns: Columns,
    *,
    days: int,
    sequence: int | None,
    now_s: int,
    out: Path,
    details: Mapping[int, Details] | None = None,
    keep: Callable[[BaseList], None] = lambda _base: None,
    record: Callable[[SealedList, Release], None] = lambda _sealed, _release: None,
) -> Release:
    """Build the list of ``columns`` that expires in ``days``, approve it once, and write it to ``out``.

    ``details`` are by row of ``columns``. ``sequence`` None takes the next number. ``keep`` gets what a
    delta on this list needs, and ``record`` then the list itself, before the file has its name: what either
    raises leaves no file. Raises `OfficeInputError` when no unit is enrolled
    or a number is out of range, `HotlistFormatError` when a row is not allowed, `KeysError` and
    `StorageError` from the workspace.
    """
    check_rows(columns, workspace.categories)
    draft = _Draft(workspace, days=days, now_s=now_s)
    tag_keys = (nacl.utils.random(sodium.SIP_KEY_BYTES) for _ in range(_TAG_KEYS))
    try:
        built = build_body(
            columns, tag_keys=tag_keys, details_key=nacl.utils.random(KEY_BYTES), details=details or {}
        )
    except ValueError as error:
        raise OfficeInputError(str(error)) from None
    number = draft.number(built, sequence)
    keep(BaseList(sequence=number, tag_key=built.body.tag_key.tobytes(), columns=columns))
    return draft.write(built, number, base=0, out=out, record=record)


def build_delta_release(
    workspace: Workspace,
    base: BaseList,
    columns: Columns,
    *,
    days: int,
    sequence: int | None,
    now_s: int,
    out: Path,
    details: Mapping[int, Details] | None = None,
    changed: Iterable[int] = (),
    record: Callable[[SealedList, Release], None] = lambda _sealed, _release: None,
) -> Release:
    """Build the delta that makes ``columns`` of the whole list ``base``; the rest is as `build_release`.

    ``details`` are by row of ``columns``, and only those of new and changed rows are used; ``changed`` are
    the rows whose details alone are others than in ``base``. A removal in minutes is a delta without a row.
    """
    check_rows(columns, workspace.categories)
    draft = _Draft(workspace, days=days, now_s=now_s)
    try:
        built = build_delta(
            base.columns,
            columns,
            tag_key=base.tag_key,
            details_key=nacl.utils.random(KEY_BYTES),
            details=details,
            changed=changed,
        )
    except ValueError as error:
        raise OfficeInputError(
            str(error), hint="Build a whole list with `alpr-office release build`."
        ) from None
    number = draft.number(built, sequence)
    return draft.write(built, number, base=base.sequence, out=out, record=record)


class _Draft:
    """A list on its way to a file. Raises `OfficeInputError` when nobody could open it, or for ``days``."""

    def __init__(self, workspace: Workspace, *, days: int, now_s: int) -> None:
        self._units = sorted(workspace.units(), key=lambda unit: bytes(unit.unseal))
        if not self._units:
            raise OfficeInputError(
                "no unit is enrolled: nobody could open the list",
                hint="Enrol one with `alpr-office unit enrol`.",
            )
        if not 1 <= days <= MAX_DAYS:
            raise OfficeInputError(f"--days is 1 to {MAX_DAYS}; found {days}")
        self._workspace = workspace
        self._signer, self._root = workspace.signer(), workspace.root
        self._days, self._now_s = days, now_s

    def number(self, built: BuiltList, sequence: int | None) -> int:
        """Check the list as a unit will, and spend its number."""
        check_body(
            built.body,
            created=self._now_s,
            details_bytes=len(built.details),
            categories=self._workspace.categories,
        )
        number = self._workspace.next_sequence() if sequence is None else sequence
        self._workspace.spend_sequence(number)  # first: a number lost does no harm, a number used twice does
        return number

    def write(
        self,
        built: BuiltList,
        number: int,
        *,
        base: int,
        out: Path,
        record: Callable[[SealedList, Release], None],
    ) -> Release:
        """Seal the list to every unit, approve it, have it put on record, and write it to ``out``."""
        header = HotlistHeader(
            service=self._root.service,
            sequence=number,
            base=base,
            created=self._now_s,
            expires=self._now_s + self._days * _DAY_S,
            root_version=self._root.version,
            recipients=len(self._units),
            shape=built.shape,
            details_bytes=len(built.details),
            stream=nacl.utils.random(sodium.STREAM_HEADER_BYTES),
        )
        content_key = nacl.utils.random(sodium.KEY_BYTES)
        recipients = [
            Recipient(public=bytes(unit.unseal), sealed=SealedBox(unit.unseal).encrypt(content_key))
            for unit in self._units
        ]
        key = np.frombuffer(content_key, dtype=np.uint8)
        temp = stage_pieces(
            out, sealed_pieces(header, recipients, built, key, [self._signer]), mode=PUBLIC_MODE
        )
        try:
            sealed, release = _read(self._workspace, temp)
            record(sealed, release)
        except BaseException:
            discard(temp)
            raise
        publish(temp, out, replace=True)
        return release


def approve_release(folder: Path, path: Path) -> Release:
    """Add the approval of the approver whose folder is given to the list in ``path``.

    The list must be well formed and carry no approval that is not right. Raises `HotlistFormatError`,
    `HotlistTrustError`, `KeysError`, `OfficeInputError` and `StorageError`; then the file stays as it was.
    """
    root, signer = read_office_root(folder), read_approver(folder)
    if bytes(signer.verify_key) not in root.keys:
        raise OfficeInputError(f"the key in {folder} is none of the root record's approvers")
    with _opened(path) as file:
        sealed = read_sealed(file)
        _authenticate(sealed, root)
        mine = approve(sealed.message(), signer)
        others = [one for one in sealed.approvals if one.public != mine.public]
        body = (piece.data for piece in pieces(file, 0, sealed.header.approvals_at))
        _write(path, chain(body, [pack_trailer([*others, mine])]))
    with _opened(path) as file:
        return _describe(read_sealed(file), file.size, root, {})


def read_release(workspace: Workspace, path: Path) -> Release:
    """Return what the list in ``path`` says in clear. No plate of it is opened.

    Raises `HotlistFormatError`, and `HotlistTrustError` when nobody of this office approved it.
    """
    return _read(workspace, path)[1]


def _read(workspace: Workspace, path: Path) -> tuple[SealedList, Release]:
    root = workspace.root
    with _opened(path) as file:
        sealed = read_sealed(file)
        _authenticate(sealed, root)
        names = {bytes(unit.unseal): unit.unit for unit in workspace.units()}
        return sealed, _describe(sealed, file.size, root, names)


def _write(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    publish(stage_pieces(path, parts, mode=PUBLIC_MODE), path, replace=True)


def _opened(path: Path) -> ListFile:
    try:
        return ListFile(path)
    except StorageError as error:
        raise OfficeInputError(str(error)) from None


def _authenticate(sealed: SealedList, root: Root) -> None:
    try:
        trust.authenticate(sealed, root=root, floor=0, now_s=sealed.header.created, threshold=_DRAFT)
    except CustodianError as error:
        raise HotlistTrustError(
            str(error), hint="Ask who gave you the file: it is not this office's."
        ) from None


def _describe(sealed: SealedList, size: int, root: Root, names: Mapping[bytes, str]) -> Release:
    publics = (bytes(row[:KEY_BYTES]) for row in sealed.recipients)
    return Release(
        header=sealed.header,
        size=size,
        units=tuple(sorted(names.get(public, "(not enrolled)") for public in publics)),
        approvers=tuple(str(root.name_of(approval.public)) for approval in sealed.approvals),
        threshold=root.threshold,
    )
