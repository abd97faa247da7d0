"""A release of the hotlist: seal the rows to every enrolled unit, sign, number, and look at one again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import nacl.utils
import numpy as np
from nacl.public import SealedBox

from alprd.disk import write_durably
from alprd.errors import OfficeInputError
from alprd.hotlist import blob as hotlist_blob
from alprd.hotlist import sodium, trust
from alprd.hotlist.blob import KEY_BYTES, HotlistHeader, Recipient
from alprd.hotlist.columns import check_rows
from alprd.keys import PUBLIC_MODE

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.hotlist.columns import Columns
    from alprd.office.workspace import Workspace

MAX_DAYS: Final = 31
"""A list that outlives a month is a list that nobody corrects."""
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A list's header and size in bytes, and the names of the enrolled units that it is sealed to."""

    header: HotlistHeader
    size: int
    units: tuple[str, ...]


def build_release(
    workspace: Workspace, columns: Columns, *, days: int, sequence: int | None, now_s: int, out: Path
) -> Release:
    """Build the list of ``columns`` that expires in ``days``, and write it to ``out``.

    ``sequence`` None takes the next number. Raises `OfficeInputError` when no unit is enrolled or a
    number is out of range, `KeysError` and `StorageError` from the workspace.
    """
    units = sorted(workspace.units(), key=lambda unit: bytes(unit.unseal))
    if not units:
        raise OfficeInputError(
            "no unit is enrolled: nobody could open the list", hint="Enrol one with `alpr-office unit enrol`."
        )
    if not 1 <= days <= MAX_DAYS:
        raise OfficeInputError(f"--days is 1 to {MAX_DAYS}; found {days}")
    signer = workspace.signer()
    check_rows(columns)
    number = workspace.next_sequence() if sequence is None else sequence
    workspace.spend_sequence(number)  # first: a number lost does no harm, a number used twice does
    header = HotlistHeader(
        sequence=number,
        created=now_s,
        expires=now_s + days * _DAY_S,
        recipients=len(units),
        entries=len(columns),
        signer=bytes(signer.verify_key),
        nonce=nacl.utils.random(sodium.NONCE_BYTES),
    )
    content_key = nacl.utils.random(sodium.KEY_BYTES)
    recipients = [
        Recipient(public=bytes(unit.unseal), sealed=SealedBox(unit.unseal).encrypt(content_key))
        for unit in units
    ]
    data = hotlist_blob.build(header, recipients, columns, np.frombuffer(content_key, dtype=np.uint8), signer)
    write_durably(out, data.data, mode=PUBLIC_MODE)
    return Release(header=header, size=len(data), units=tuple(sorted(unit.unit for unit in units)))


def read_release(workspace: Workspace, path: Path) -> Release:
    """Return what the list in ``path`` says in clear. No plate of it is opened.

    Raises `HotlistFormatError`, and `HotlistTrustError` when this office did not sign it.
    """
    try:
        hotlist_blob.check_size(path.stat().st_size)
        blob = hotlist_blob.parse(np.fromfile(path, dtype=np.uint8))
    except OSError as error:
        raise OfficeInputError(f"{path} cannot be read: {error.strerror}") from None
    trust.authenticate(blob, signer=workspace.public.signer, floor=0, now_s=blob.header.created)
    names = {bytes(unit.unseal): unit.unit for unit in workspace.units()}
    sealed_to = (names.get(bytes(row[:KEY_BYTES]), "(not enrolled)") for row in blob.recipients)
    return Release(header=blob.header, size=len(blob.data), units=tuple(sorted(sealed_to)))
