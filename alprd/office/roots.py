"""The office's next root record: who may approve lists from now on. Off the vehicle.

The custodian drafts it, which is the first approval; the present approvers add theirs; then each folder and
each unit takes it over. See `alprd/docs/formats/root.md`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nacl.signing import SigningKey, VerifyKey

from alprd.disk import make_folder
from alprd.errors import KeysError, OfficeInputError, printable
from alprd.keys import ROOT_FILE, install_root, read_root, write_root, write_secret
from alprd.keys.root import Approver, RootRecord
from alprd.office.workspace import (
    APPROVER_FILE,
    APPROVER_PURPOSE,
    ROOT_DAYS,
    Workspace,
    read_approver,
    read_office_root,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_DAY_S: Final = 86_400


def new_approver(folder: Path, office: Path) -> VerifyKey:
    """Make the folder of a further approver of ``office`` with a fresh key, and return its public half.

    The key approves nothing until a root record names it. Raises `OfficeInputError` and `StorageError`.
    """
    if (folder / APPROVER_FILE).exists():
        raise OfficeInputError(f"{folder} holds an approver's key already")
    record = read_root(office / ROOT_FILE)
    make_folder(folder)
    folder.chmod(0o700)
    key = SigningKey.generate()
    write_secret(folder / APPROVER_FILE, APPROVER_PURPOSE, bytes(key))
    write_root(folder / ROOT_FILE, record)
    return key.verify_key


def draft_next(
    workspace: Workspace, out: Path, *, add: Iterable[Approver] = (), drop: Iterable[str] = (), now_s: int
) -> RootRecord:
    """Write the root record after the present one to ``out``, with the custodian's approval.

    ``add`` are new approvers, ``drop`` the names of those that leave. Raises `OfficeInputError` when a name
    is not there or too few approvers are left.
    """
    root, leaving = workspace.root, set(drop)
    unknown = leaving - {approver.name for approver in root.approvers}
    if unknown:
        raise OfficeInputError(f"no approver is named {printable(min(unknown))!r}")
    people = [*(one for one in root.approvers if one.name not in leaving), *add]
    if len({one.name for one in people}) < len(people):
        raise OfficeInputError("two approvers have the same name")
    try:
        new = replace(
            root,
            version=root.version + 1,
            approvers=tuple(sorted(people, key=lambda one: bytes(one.public))),
            issued=now_s,
            expires=now_s + ROOT_DAYS * _DAY_S,
        )
    except ValueError as error:
        raise OfficeInputError(str(error)) from None
    record = RootRecord(root=new, approvals=()).approved_by(workspace.signer())
    write_root(out, record)
    return record


def approve_next(folder: Path, path: Path) -> RootRecord:
    """Add the approval of the approver whose folder is given to the drafted record in ``path``.

    Raises `OfficeInputError` when that is no present approver's, or the record not the next one.
    """
    present, signer, record = read_office_root(folder), read_approver(folder), read_root(path)
    if bytes(signer.verify_key) not in present.keys:
        raise OfficeInputError(f"the key in {folder} is none of the present approvers'")
    if (record.root.service, record.root.version) != (present.service, present.version + 1):
        raise OfficeInputError(
            f"{path} is not the record after version {present.version} of {present.service}"
        )
    approved = record.approved_by(signer)
    write_root(path, approved)
    return approved


def take_next(folder: Path, path: Path) -> None:
    """Put the record in ``path`` in force in an office's or an approver's folder.

    Raises `OfficeInputError` unless enough present approvers signed it.
    """
    read_office_root(folder)
    try:
        install_root(folder, path)
    except KeysError as error:
        raise OfficeInputError(str(error), hint="The present approvers must sign it first.") from None
