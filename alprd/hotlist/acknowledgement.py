"""The acknowledgement: a unit's signed word on which list it has installed. Pure.

The format is `alprd/docs/formats/acknowledgement.md`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nacl.exceptions import BadSignatureError

from alprd.errors import AcknowledgementError
from alprd.hotlist.blob import MAX_SEQUENCE, MAX_UNIX_S
from alprd.keys.names import pack_unit, unpack_unit

if TYPE_CHECKING:
    from nacl.signing import SigningKey, VerifyKey

MAGIC: Final = b"ALPRDACK"
VERSION: Final = 1
SIGNING_DOMAIN: Final = b"alprd acknowledgement v1\0"
DIGEST_BYTES: Final = 64
_FIXED: Final = struct.Struct("<8sHBBIQQ32s64s")
_SIGNATURE_BYTES: Final = 64
BYTES: Final = _FIXED.size + _SIGNATURE_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """``unit`` has installed the list ``sequence`` (on ``base``; 0: a whole one) at ``at_s``, Unix seconds.

    ``digest`` (64 bytes) is what the list's approvers signed; ``is_vouched`` says that network time set the
    clock. Raises `ValueError` when a field is out of range.
    """

    unit: str
    sequence: int
    base: int
    at_s: int
    is_vouched: bool
    digest: bytes

    def __post_init__(self) -> None:
        pack_unit(self.unit)
        if not 1 <= self.sequence <= MAX_SEQUENCE or not 0 <= self.base < self.sequence:
            raise ValueError("a list's sequence is 1 to 2**63 - 1, its base's is less")
        if not 0 <= self.at_s <= MAX_UNIX_S:
            raise ValueError("a time is a number of 32-bit Unix seconds")
        if len(self.digest) != DIGEST_BYTES:
            raise ValueError(f"a list's digest has {DIGEST_BYTES} bytes")


def sign(acknowledgement: Acknowledgement, unit: SigningKey) -> bytes:
    """Return ``acknowledgement`` as its file, signed by the ``unit``."""
    said = _FIXED.pack(
        MAGIC,
        VERSION,
        acknowledgement.is_vouched,
        0,
        acknowledgement.at_s,
        acknowledgement.sequence,
        acknowledgement.base,
        pack_unit(acknowledgement.unit),
        acknowledgement.digest,
    )
    return said + unit.sign(SIGNING_DOMAIN + said).signature


def read(data: bytes) -> Acknowledgement:
    """Return what ``data`` says (check 1), before any trust. Raises `AcknowledgementError`."""
    if len(data) != BYTES:
        raise AcknowledgementError(f"an acknowledgement has {BYTES} bytes; found {len(data)}")
    magic, version, vouched, reserved, at_s, sequence, base, unit, digest = _FIXED.unpack_from(data)
    if magic != MAGIC:
        raise AcknowledgementError("the file is no acknowledgement: its first 8 bytes are not ALPRDACK")
    if version != VERSION:
        raise AcknowledgementError(
            f"the acknowledgement has format version {version}; this software reads {VERSION}"
        )
    if reserved or vouched > 1:
        raise AcknowledgementError("the acknowledgement's reserved field is not 0, or its clock is unknown")
    try:
        return Acknowledgement(
            unit=unpack_unit(unit),
            sequence=sequence,
            base=base,
            at_s=at_s,
            is_vouched=bool(vouched),
            digest=digest,
        )
    except ValueError as error:
        raise AcknowledgementError(f"the acknowledgement is not well formed: {error}") from None


def check_signature(data: bytes, unit: VerifyKey) -> None:
    """Raise `AcknowledgementError` unless ``unit`` signed the file ``data`` (check 3)."""
    try:
        unit.verify(SIGNING_DOMAIN + data[: _FIXED.size], data[_FIXED.size :])
    except BadSignatureError:
        raise AcknowledgementError(
            "the acknowledgement's signature is wrong: it was altered, or another unit made it"
        ) from None
