"""Whether a well-formed hotlist is to be believed. Pure: keys, floor and time are arguments.

The order of the checks is that of `alprd/docs/formats/hotlist.md`; nothing is decrypted before the
signature, the floor and the dates have been checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from nacl.exceptions import BadSignatureError

from alprd.errors import (
    HotlistExpiredError,
    HotlistFutureError,
    HotlistRollbackError,
    HotlistTrustError,
)
from alprd.hotlist import sodium
from alprd.hotlist.blob import KEY_BYTES

if TYPE_CHECKING:
    from nacl.public import PrivateKey
    from nacl.signing import VerifyKey
    from numpy.typing import NDArray

    from alprd.hotlist.blob import HotlistBlob

CLOCK_TOLERANCE_S: Final = 300
"""How far the office's clock may be ahead of the unit's."""


def authenticate(blob: HotlistBlob, *, signer: VerifyKey, floor: int, now_s: int) -> int:
    """Check who made the list and that it does not go back; return the new floor (checks 2 to 5).

    ``floor`` is the highest sequence seen so far (0: none), ``now_s`` Unix seconds. Raises
    `HotlistTrustError` or `HotlistRollbackError`. The new floor holds even when the list turns out to
    have expired.
    """
    header = blob.header
    if header.signer != bytes(signer):
        raise HotlistTrustError("the hotlist names a signer that this unit has not enrolled")
    try:
        signer.verify(blob.signed_message(), blob.signature)
    except BadSignatureError:
        raise HotlistTrustError(
            "the hotlist's signature is wrong: the file was altered or cut together"
        ) from None
    if header.sequence < floor:
        raise HotlistRollbackError(f"the hotlist has sequence {header.sequence}; this unit has seen {floor}")
    if header.created > now_s + CLOCK_TOLERANCE_S:
        raise HotlistFutureError(
            f"the hotlist was created {header.created - now_s} s in the future of this unit's clock"
        )
    return max(floor, header.sequence)


def check_in_date(blob: HotlistBlob, *, now_s: int) -> None:
    """Raise `HotlistExpiredError` from the list's last second on (check 6)."""
    if now_s >= blob.header.expires:
        raise HotlistExpiredError(f"the hotlist expired {now_s - blob.header.expires} s ago")


def unseal_key(blob: HotlistBlob, unit: PrivateKey, out: NDArray[np.uint8]) -> None:
    """Open the content key sealed to ``unit`` into ``out``: uint8, 32 bytes (check 7).

    Raises `HotlistTrustError` when the list is not sealed to this unit. For an authenticated list only.
    """
    public = bytes(unit.public_key)
    ours = (blob.recipients[:, :KEY_BYTES] == np.frombuffer(public, dtype=np.uint8)).all(axis=1)
    if not ours.any():
        raise HotlistTrustError(
            "the hotlist is not sealed to this unit",
            hint="Ask the hotlist custodian to enrol this unit and to build the list again.",
        )
    sealed = blob.recipients[int(ours.argmax()), KEY_BYTES:]
    if not sodium.open_sealed_key(sealed, public, bytes(unit), out):
        raise HotlistTrustError("the content key sealed to this unit does not open")
