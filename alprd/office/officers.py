"""The office's record of officers: who may log in at the units' dashes. Off the vehicle.

The custodian drafts the next record, which is the first approval; a second approver adds theirs; then the
office and each unit take it over. See `alprd/docs/formats/officers.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alprd.errors import KeysError, OfficeInputError, printable
from alprd.keys.officers import (
    OFFICERS_FILE,
    Officer,
    OfficerRecord,
    SignedOfficers,
    check_meant_for,
    install_officers,
    read_signed,
    write_signed,
)
from alprd.office.workspace import read_approver, read_office_root

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from alprd.office.workspace import Workspace


def draft_officers(
    workspace: Workspace, out: Path, *, add: Iterable[Officer] = (), remove: Iterable[str] = (), now_s: int
) -> SignedOfficers:
    """Write the record after the one in force to ``out``, with the custodian's approval.

    A draft that ``out`` holds already is gone on with. ``add`` are new officers, or such as have another PIN,
    training or undertaking; ``remove`` are badges. Raises `OfficeInputError` for a badge that is not there.
    """
    in_force = read_signed(workspace.folder / OFFICERS_FILE)
    version = 1 if in_force is None else in_force.record.version + 1
    drafted = read_signed(out)
    base = in_force if drafted is None or drafted.record.version != version else drafted
    officers = {} if base is None else {officer.badge: officer for officer in base.record.officers}
    for badge in remove:
        if officers.pop(badge, None) is None:
            raise OfficeInputError(f"badge {printable(badge)} is not among the officers")
    officers.update({officer.badge: officer for officer in add})
    try:
        record = OfficerRecord(
            service=workspace.root.service,
            version=version,
            root_version=workspace.root.version,
            issued=now_s,
            officers=tuple(officer for _badge, officer in sorted(officers.items())),
        )
    except ValueError as error:
        raise OfficeInputError(str(error)) from None
    signed = SignedOfficers(record=record, approvals=()).approved_by(workspace.signer())
    write_signed(out, signed)
    return signed


def approve_officers(folder: Path, path: Path) -> SignedOfficers:
    """Add the approval of the approver whose folder is given to the drafted record in ``path``.

    Raises `OfficeInputError` when that is no approver's of the root record, or there is no draft, and
    `KeysError` when the record is not meant for it.
    """
    root, signer, drafted = read_office_root(folder), read_approver(folder), read_signed(path)
    if drafted is None:
        raise OfficeInputError(f"{path} is not there")
    if bytes(signer.verify_key) not in root.keys:
        raise OfficeInputError(f"the key in {folder} is none of the present approvers'")
    check_meant_for(drafted.record, root)
    signed = drafted.approved_by(signer)
    write_signed(path, signed)
    return signed


def take_officers(folder: Path, path: Path, *, now_s: int) -> SignedOfficers:
    """Put the record in ``path`` in force at the office, so that the next one is drafted from it.

    Raises `OfficeInputError` unless enough approvers signed it and it is newer than the one there.
    """
    root = read_office_root(folder)
    try:
        return install_officers(folder, path, root, now_s=now_s)
    except KeysError as error:
        raise OfficeInputError(
            str(error), hint="Draft it with `alpr-office officer add`; two approvers must sign it."
        ) from None
