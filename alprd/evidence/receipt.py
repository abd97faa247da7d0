"""The receipt: the office's signed word that it holds a unit's records. Pure.

The format is `alprd/docs/formats/receipt.md`.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from alprd.errors import EvidenceError, printable
from alprd.evidence.body import check_sequence
from alprd.keys.names import pack_unit, unpack_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nacl.signing import SigningKey

    from alprd.keys.root import Root

MAGIC: Final = b"ALPRDRCT"
VERSION: Final = 1
SIGNING_DOMAIN: Final = b"alprd evidence receipt v1\0"
MAX_RECORDS: Final = 4096
DIGEST_BYTES: Final = 32
_FIXED: Final = struct.Struct("<8sHHIQ32s32s")
_RECORD: Final = struct.Struct(f"<Q{DIGEST_BYTES}s")
_SIGNATURE_BYTES: Final = 64
_MAX_UNIX_S: Final = 2**32 - 1
MIN_BYTES: Final = _FIXED.size + _RECORD.size + _SIGNATURE_BYTES
MAX_BYTES: Final = _FIXED.size + MAX_RECORDS * _RECORD.size + _SIGNATURE_BYTES
_HINT: Final = "Ask the office for a new one: `alpr-office evidence receipt`. Nothing was destroyed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The office holds, at ``at_s`` (Unix seconds), these files of ``unit``: their digests by sequence.

    Raises `ValueError` when a field is out of range.
    """

    unit: str
    at_s: int
    digests: Mapping[int, bytes]

    def __post_init__(self) -> None:
        pack_unit(self.unit)
        if not 0 <= self.at_s <= _MAX_UNIX_S:
            raise ValueError("a time is a number of 32-bit Unix seconds")
        if not 1 <= len(self.digests) <= MAX_RECORDS:
            raise ValueError(f"a receipt is for 1 to {MAX_RECORDS} records")
        for sequence, digest in self.digests.items():
            check_sequence(sequence)
            if len(digest) != DIGEST_BYTES:
                raise ValueError(f"a record's digest has {DIGEST_BYTES} bytes")


def digest_of(record: bytes) -> bytes:
    """Return the digest that a receipt names a record's file by: BLAKE2b-256."""
    return hashlib.blake2b(record, digest_size=DIGEST_BYTES).digest()


def sign(receipt: Receipt, signer: SigningKey) -> bytes:
    """Return ``receipt`` as its file, signed by an approver of the office's root record."""
    said = _FIXED.pack(
        MAGIC,
        VERSION,
        0,
        len(receipt.digests),
        receipt.at_s,
        pack_unit(receipt.unit),
        bytes(signer.verify_key),
    ) + b"".join(_RECORD.pack(*record) for record in sorted(receipt.digests.items()))
    return said + signer.sign(SIGNING_DOMAIN + said).signature


def read(data: bytes) -> tuple[Receipt, bytes]:
    """Return what ``data`` says and its signer's public key (check 1), before any trust.

    Raises `EvidenceError`.
    """
    if not MIN_BYTES <= len(data) <= MAX_BYTES:
        raise EvidenceError(f"a receipt has {MIN_BYTES} to {MAX_BYTES} bytes; found {len(data)}", hint=_HINT)
    magic, version, reserved, count, at_s, unit, signer = _FIXED.unpack_from(data)
    if magic != MAGIC:
        raise EvidenceError("the file is no receipt: its first 8 bytes are not ALPRDRCT", hint=_HINT)
    if version != VERSION:
        raise EvidenceError(
            f"the receipt has format version {version}; this software reads {VERSION}", hint=_HINT
        )
    if reserved or len(data) != _FIXED.size + count * _RECORD.size + _SIGNATURE_BYTES:
        raise EvidenceError(
            "the receipt's reserved field is not 0, or its size is not its count's", hint=_HINT
        )
    records = list(_RECORD.iter_unpack(data[_FIXED.size : -_SIGNATURE_BYTES]))
    if not all(a[0] < b[0] for a, b in pairwise(records)):
        raise EvidenceError("the receipt's records are not in order, or one stands twice", hint=_HINT)
    try:
        return Receipt(unit=unpack_unit(unit), at_s=at_s, digests=dict(records)), signer
    except ValueError as error:
        raise EvidenceError(f"the receipt is not well formed: {error}", hint=_HINT) from None


def accept(data: bytes, root: Root, unit: str) -> Receipt:
    """Return the receipt in ``data`` once every check has passed for ``unit``. Raises `EvidenceError`."""
    receipt, signer = read(data)
    if signer not in root.keys:
        raise EvidenceError("the receipt is signed by somebody who is no approver of this office", hint=_HINT)
    try:
        VerifyKey(signer).verify(SIGNING_DOMAIN + data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:])
    except BadSignatureError:
        raise EvidenceError("the receipt's signature is wrong: it was altered", hint=_HINT) from None
    if receipt.unit != unit:
        raise EvidenceError(
            f"the receipt is for the unit {printable(receipt.unit)}, this one is {unit}",
            hint="Take it to that unit. Nothing was destroyed.",
        )
    return receipt
