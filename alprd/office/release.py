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

from alprd.disk import publish, stage_pieces
from alprd.errors import CustodianError, HotlistTrustError, OfficeInputError, StorageError
from alprd.hotlist import sodium, trust
from alprd.hotlist.blob import KEY_BYTES, HotlistHeader
from alprd.hotlist.body import check_body
from alprd.hotlist.build import BuiltList, Recipient, build_body, sealed_pieces
from alprd.hotlist.columns import check_rows
from alprd.hotlist.disk import ListFile
from alprd.hotlist.opening import SealedList, pieces, read_sealed
from alprd.keys import PUBLIC_MODE
from alprd.keys.approvals import approve, pack_trailer
from alprd.office.workspace import read_approver, read_office_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

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


def build_release(
    workspace: Workspace,
    columns: Columns,
    *,
    days: int,
    sequence: int | None,
    now_s: int,
    out: Path,
    details: Mapping[int, Details] | None = None,
) -> Release:
    """Build the list of ``columns`` that expires in ``days``, approve it once, and write it to ``out``.

    ``details`` are by row of ``columns``. ``sequence`` None takes the next number. Raises
    `OfficeInputError` when no unit is enrolled or a number is out of range, `HotlistFormatError` when a
    row is not allowed, `KeysError` and `StorageError` from the workspace.
    """
    units = sorted(workspace.units(), key=lambda unit: bytes(unit.unseal))
    if not units:
        raise OfficeInputError(
            "no unit is enrolled: nobody could open the list", hint="Enrol one with `alpr-office unit enrol`."
        )
    if not 1 <= days <= MAX_DAYS:
        raise OfficeInputError(f"--days is 1 to {MAX_DAYS}; found {days}")
    signer, root = workspace.signer(), workspace.root
    check_rows(columns)
    built = _build(columns, details or {})
    check_body(built.body, created=now_s, details_bytes=len(built.details))
    number = workspace.next_sequence() if sequence is None else sequence
    workspace.spend_sequence(number)  # first: a number lost does no harm, a number used twice does
    header = HotlistHeader(
        service=root.service,
        sequence=number,
        created=now_s,
        expires=now_s + days * _DAY_S,
        root_version=root.version,
        recipients=len(units),
        shape=built.shape,
        details_bytes=len(built.details),
        stream=nacl.utils.random(sodium.STREAM_HEADER_BYTES),
    )
    content_key = nacl.utils.random(sodium.KEY_BYTES)
    recipients = [
        Recipient(public=bytes(unit.unseal), sealed=SealedBox(unit.unseal).encrypt(content_key))
        for unit in units
    ]
    key = np.frombuffer(content_key, dtype=np.uint8)
    _write(out, sealed_pieces(header, recipients, built, key, [signer]))
    return read_release(workspace, out)


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
    root = workspace.root
    with _opened(path) as file:
        sealed = read_sealed(file)
        _authenticate(sealed, root)
        names = {bytes(unit.unseal): unit.unit for unit in workspace.units()}
        return _describe(sealed, file.size, root, names)


def _build(columns: Columns, details: Mapping[int, Details]) -> BuiltList:
    tag_keys = (nacl.utils.random(sodium.SIP_KEY_BYTES) for _ in range(_TAG_KEYS))
    try:
        return build_body(
            columns, tag_keys=tag_keys, details_key=nacl.utils.random(KEY_BYTES), details=details
        )
    except ValueError as error:
        raise OfficeInputError(str(error)) from None


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
