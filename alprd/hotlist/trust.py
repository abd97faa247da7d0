"""Whether a well-formed hotlist is to be believed. Pure: root, floor and time are arguments.

The order of the checks is that of `alprd/docs/formats/hotlist.md`; nothing is decrypted before the
approvals, the floor and the dates have been checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import (
    HotlistExpiredError,
    HotlistFutureError,
    HotlistRollbackError,
    HotlistTrustError,
)
from alprd.hotlist import sodium
from alprd.hotlist.blob import KEY_BYTES
from alprd.keys.approvals import check_approvals

if TYPE_CHECKING:
    from nacl.public import PrivateKey
    from numpy.typing import NDArray

    from alprd.hotlist.opening import SealedList
    from alprd.keys.root import Root

CLOCK_TOLERANCE_S: Final = 300
"""How far the office's clock may be ahead of the unit's."""


def authenticate(
    sealed: SealedList, *, root: Root, floor: int, now_s: int, threshold: int | None = None
) -> int:
    """Check who approved the list and that it does not go back; return the new floor (checks 2 to 5).

    ``floor`` is the highest sequence seen so far (0: none), ``now_s`` Unix seconds. The office looks at
    drafts with a ``threshold`` under the root's. Raises `HotlistTrustError`, `HotlistRollbackError` or
    `HotlistFutureError`. The new floor holds even when the list turns out to have expired.
    """
    header = sealed.header
    if header.service != root.service:
        raise HotlistTrustError("the hotlist is another service's")
    if header.root_version > root.version:
        raise HotlistTrustError(
            f"the hotlist was built under root version {header.root_version}; this unit has {root.version}",
            hint="Install the office's newest root record with `alprctl root install FILE` first.",
        )
    try:
        check_approvals(
            sealed.approvals,
            sealed.message(),
            approvers=root.keys,
            threshold=root.threshold if threshold is None else threshold,
        )
    except ValueError as error:
        raise HotlistTrustError(f"the hotlist is not to be believed: {error}") from None
    if header.sequence < floor:
        raise HotlistRollbackError(f"the hotlist has sequence {header.sequence}; this unit has seen {floor}")
    if header.created > now_s + CLOCK_TOLERANCE_S:
        raise HotlistFutureError(
            f"the hotlist was created {header.created - now_s} s in the future of this unit's clock"
        )
    return max(floor, header.sequence)


def check_in_date(sealed: SealedList, *, root: Root, now_s: int) -> None:
    """Raise `HotlistExpiredError` from the list's, or the root record's, last second on (check 6)."""
    if now_s >= sealed.header.expires:
        raise HotlistExpiredError(f"the hotlist expired {now_s - sealed.header.expires} s ago")
    if now_s >= root.expires:
        raise HotlistExpiredError(
            f"the root record of this unit expired {now_s - root.expires} s ago",
            hint="Install the office's newest root record with `alprctl root install FILE`.",
        )


def unseal_key(sealed: SealedList, unit: PrivateKey, out: NDArray[np.uint8]) -> None:
    """Open the content key sealed to ``unit`` into ``out``: uint8, 32 bytes (check 7).

    Raises `HotlistTrustError` when the list is not sealed to this unit. For an authenticated list only.
    """
    public = bytes(unit.public_key)
    recipients = sealed.recipients
    ours = (recipients[:, :KEY_BYTES] == np.frombuffer(public, dtype=np.uint8)).all(axis=1)
    if not ours.any():
        raise HotlistTrustError(
            "the hotlist is not sealed to this unit",
            hint="Ask the hotlist custodian to enrol this unit and to build the list again.",
        )
    box = recipients[int(ours.argmax()), KEY_BYTES:]
    if not sodium.open_sealed_key(box, public, bytes(unit), out):
        raise HotlistTrustError("the content key sealed to this unit does not open")
