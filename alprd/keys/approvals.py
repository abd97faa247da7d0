"""The trailer of approvals that ends a hotlist file and a root record. Pure.

Several people sign the same bytes, one after the other; who signs later changes nothing of what stands
before. See `alprd/docs/formats/hotlist.md`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from nacl.signing import SigningKey

PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
APPROVAL_BYTES: Final = PUBLIC_BYTES + SIGNATURE_BYTES
MAX_APPROVALS: Final = 8

_COUNT: Final = struct.Struct("<I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approver's Ed25519 public key (32 bytes) and signature (64 bytes)."""

    public: bytes
    signature: bytes


def trailer_bytes(approvals: int) -> int:
    """Return the size of a trailer with so many approvals."""
    return APPROVAL_BYTES * approvals + _COUNT.size


def approve(message: bytes, signer: SigningKey) -> Approval:
    """Return ``signer``'s approval of ``message``: a format's text and the digest of what is approved."""
    return Approval(public=bytes(signer.verify_key), signature=signer.sign(message).signature)


def with_approval(approvals: Iterable[Approval], message: bytes, signer: SigningKey) -> tuple[Approval, ...]:
    """Return ``approvals``, sorted, with ``signer``'s of ``message``, in place of an earlier one."""
    mine = approve(message, signer)
    others = (one for one in approvals if one.public != mine.public)
    return tuple(sorted((*others, mine), key=lambda one: one.public))


def pack_trailer(approvals: Iterable[Approval]) -> bytes:
    """Return the trailer of 1 to 8 ``approvals``, in the format's order."""
    ordered = sorted(approvals, key=lambda approval: approval.public)
    return b"".join(one.public + one.signature for one in ordered) + _COUNT.pack(len(ordered))


def parse_trailer(data: bytes) -> tuple[Approval, ...]:
    """Return the approvals of a trailer that is ``data`` from end to end. Raises `ValueError`."""
    count, odd = divmod(len(data) - _COUNT.size, APPROVAL_BYTES)
    if odd or not 1 <= count <= MAX_APPROVALS:
        raise ValueError(f"1 to {MAX_APPROVALS} approvals of {APPROVAL_BYTES} bytes and their number end it")
    if _COUNT.unpack_from(data, len(data) - _COUNT.size) != (count,):
        raise ValueError("the number of approvals is not that of those there")
    parts = [
        data[place : place + APPROVAL_BYTES] for place in range(0, APPROVAL_BYTES * count, APPROVAL_BYTES)
    ]
    found = tuple(Approval(public=part[:PUBLIC_BYTES], signature=part[PUBLIC_BYTES:]) for part in parts)
    if not all(a.public < b.public for a, b in pairwise(found)):
        raise ValueError("the approvals are not sorted, or an approver stands twice")
    return found


def check_approvals(
    approvals: Collection[Approval], message: bytes, *, approvers: Collection[bytes], threshold: int
) -> None:
    """Raise `ValueError` unless all ``approvals`` are right, by ``approvers``, and ``threshold`` or more.

    ``approvers`` are Ed25519 public keys. A wrong approval among enough right ones is refused too: nobody
    honest put it there.
    """
    for approval in approvals:
        if approval.public not in approvers:
            raise ValueError("it is approved by somebody who is no approver")
        try:
            VerifyKey(approval.public).verify(message, approval.signature)
        except BadSignatureError:
            raise ValueError("an approval's signature is wrong: it was altered or cut together") from None
    if len({approval.public for approval in approvals}) < threshold:
        raise ValueError(f"{threshold} approvers are needed; found {len(approvals)}")
