"""The sealed evidence record: seal on the unit, open at the office. No I/O.

The format is `alprd/docs/formats/evidence.md`. A unit seals to the office's public key and throws its
half of the exchange away, so it cannot open what it sealed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import SealedBox

from alprd.errors import EvidenceError
from alprd.evidence.body import (
    BODY_BYTES,
    MAX_BODY_BYTES,
    check_sequence,
    decode_body,
    decode_unit,
    encode_body,
    encode_unit,
)

if TYPE_CHECKING:
    from nacl.public import PrivateKey, PublicKey
    from nacl.signing import SigningKey, VerifyKey

    from alprd.records import EvidenceItem

MAGIC: Final = b"ALPREVID"
VERSION: Final = 1
SIGNING_DOMAIN: Final = b"alprd evidence v1\0"
SIGNATURE_BYTES: Final = 64
SEAL_BYTES: Final = 48

_FIXED: Final = struct.Struct("<8sHHIQ32s")
HEADER_BYTES: Final = _FIXED.size
MIN_BYTES: Final = HEADER_BYTES + SEAL_BYTES + BODY_BYTES + 2 + SIGNATURE_BYTES
MAX_BYTES: Final = HEADER_BYTES + SEAL_BYTES + MAX_BODY_BYTES + SIGNATURE_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceHeader:
    """What a record shows in clear: which unit made it, and its number there."""

    unit: str
    sequence: int


def seal(item: EvidenceItem, office: PublicKey, unit: SigningKey) -> bytes:
    """Return ``item`` sealed to the ``office``'s evidence key and signed by the ``unit``.

    Raises `EvidenceError` when the item does not fit the format.
    """
    sealed = SealedBox(office).encrypt(encode_body(item))
    return join_record(item, sealed, unit)


def join_record(item: EvidenceItem, sealed: bytes, unit: SigningKey) -> bytes:
    """Return the record of ``item`` whose body is sealed already: header, ``sealed`` and signature."""
    header = _FIXED.pack(MAGIC, VERSION, 0, len(sealed), item.sequence, encode_unit(item.unit))
    record = header + sealed
    return record + unit.sign(SIGNING_DOMAIN + record).signature


def read_header(record: bytes) -> EvidenceHeader:
    """Return what ``record`` shows in clear, before any trust. Raises `EvidenceError` (check 1)."""
    if not MIN_BYTES <= len(record) <= MAX_BYTES:
        raise EvidenceError(f"an evidence record has {MIN_BYTES} to {MAX_BYTES} bytes; found {len(record)}")
    magic, version, reserved, sealed_bytes, sequence, unit = _FIXED.unpack_from(record)
    if magic != MAGIC:
        raise EvidenceError("the file is no evidence record: its first 8 bytes are not ALPREVID")
    if version != VERSION:
        raise EvidenceError(f"the record has format version {version}; this software reads {VERSION}")
    if reserved or len(record) != HEADER_BYTES + sealed_bytes + SIGNATURE_BYTES:
        raise EvidenceError("the record's reserved field is not 0, or its size is not what it says")
    try:
        return EvidenceHeader(unit=decode_unit(unit), sequence=check_sequence(sequence))
    except ValueError as error:
        raise EvidenceError(f"the record's header is not well formed: {error}") from None


def check_signature(record: bytes, unit: VerifyKey) -> None:
    """Raise `EvidenceError` unless ``unit`` signed ``record`` as it is (check 2)."""
    try:
        unit.verify(SIGNING_DOMAIN + record[:-SIGNATURE_BYTES], record[-SIGNATURE_BYTES:])
    except BadSignatureError:
        raise EvidenceError(
            "the record's signature is wrong: it was altered, or another unit made it",
            hint="Check that the unit's public keys are the enrolled ones; keep the file as it is.",
        ) from None


def open_record(record: bytes, office: PrivateKey, unit: VerifyKey) -> EvidenceItem:
    """Return the item in ``record``, which ``unit`` must have signed and ``office`` must open.

    Raises `EvidenceError` at the first failing check of the format document.
    """
    header = read_header(record)
    check_signature(record, unit)
    try:
        body = SealedBox(office).decrypt(record[HEADER_BYTES:-SIGNATURE_BYTES])
    except CryptoError:
        raise EvidenceError("the record is not sealed to this office's evidence key") from None
    item = decode_body(body)
    if (item.unit, item.sequence) != (header.unit, header.sequence):
        raise EvidenceError("the record's inside names another unit or sequence than its outside")
    return item
