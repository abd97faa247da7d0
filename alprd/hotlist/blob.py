"""The hotlist file as bytes: parse and build. No I/O, no trust: see `hotlist.trust`.

The format is `alprd/docs/formats/hotlist.md`. A file is one uint8 array from end to end: the shell
reads it into locked memory, and what is decrypted is decrypted there.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import HotlistFormatError
from alprd.hotlist import sodium
from alprd.hotlist.columns import ROW_BYTES, Columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nacl.signing import SigningKey
    from numpy.typing import NDArray

MAGIC: Final = b"ALPRDHOT"
VERSION: Final = 1
SIGNING_DOMAIN: Final = b"alprd hotlist v1"
MAX_RECIPIENTS: Final = 10_000
MAX_ENTRIES: Final = 8_000_000
MAX_SEQUENCE: Final = 2**63 - 1
MAX_UNIX_S: Final = 2**32 - 1
SIGNATURE_BYTES: Final = 64
KEY_BYTES: Final = 32
RECIPIENT_BYTES: Final = KEY_BYTES + sodium.SEALED_KEY_BYTES

_FIXED: Final = struct.Struct("<8sHHIQIIII32s24s")
HEADER_BYTES: Final = _FIXED.size
MIN_BYTES: Final = HEADER_BYTES + RECIPIENT_BYTES + sodium.TAG_BYTES + SIGNATURE_BYTES


def file_bytes(recipients: int, entries: int) -> int:
    """Return the exact size of a file with so many recipients and entries."""
    per_file = HEADER_BYTES + sodium.TAG_BYTES + SIGNATURE_BYTES
    return per_file + RECIPIENT_BYTES * recipients + ROW_BYTES * entries


MAX_BYTES: Final = file_bytes(MAX_RECIPIENTS, MAX_ENTRIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlistHeader:
    """What a file says of itself in clear. ``created`` and ``expires`` are Unix seconds.

    ``signer`` is the Ed25519 public key (32 bytes), ``nonce`` the body's (24 bytes).
    """

    sequence: int
    created: int
    expires: int
    recipients: int
    entries: int
    signer: bytes
    nonce: bytes

    def __post_init__(self) -> None:
        if not 1 <= self.recipients <= MAX_RECIPIENTS:
            raise ValueError(f"a hotlist has 1 to {MAX_RECIPIENTS} recipients; found {self.recipients}")
        if not 0 <= self.entries <= MAX_ENTRIES:
            raise ValueError(f"a hotlist has at most {MAX_ENTRIES} entries; found {self.entries}")
        if not 1 <= self.sequence <= MAX_SEQUENCE:
            raise ValueError("a hotlist's sequence is 1 to 2**63 - 1")
        if not 0 <= self.created < self.expires <= MAX_UNIX_S:
            raise ValueError("a hotlist expires after it was created, in 32-bit Unix seconds")
        if len(self.signer) != KEY_BYTES or len(self.nonce) != sodium.NONCE_BYTES:
            raise ValueError("a signer's key has 32 bytes and a nonce 24")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A unit's X25519 public key (32 bytes) and the content key sealed to it (80 bytes)."""

    public: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlistBlob:
    """A well-formed file. ``data`` is the whole of it, uint8; the properties are views of it."""

    header: HotlistHeader
    data: NDArray[np.uint8]

    @property
    def associated(self) -> NDArray[np.uint8]:
        """Header and recipients: what the body is bound to."""
        return self.data[: HEADER_BYTES + RECIPIENT_BYTES * self.header.recipients]

    @property
    def recipients(self) -> NDArray[np.uint8]:
        """Public keys and sealed boxes, shape (R, 112)."""
        return self.associated[HEADER_BYTES:].reshape(-1, RECIPIENT_BYTES)

    @property
    def body(self) -> NDArray[np.uint8]:
        """The encrypted columns and their tag."""
        return self.data[len(self.associated) : -SIGNATURE_BYTES]

    @property
    def signature(self) -> bytes:
        """The Ed25519 signature, 64 bytes."""
        return bytes(self.data[-SIGNATURE_BYTES:])

    def signed_message(self) -> bytes:
        """Return the 80 bytes that the signature is over: the domain and the digest of the rest."""
        return SIGNING_DOMAIN + hashlib.blake2b(self.data[:-SIGNATURE_BYTES].data).digest()


def check_size(size: int) -> None:
    """Raise `HotlistFormatError` when no hotlist has ``size`` bytes. For use before reading."""
    if not MIN_BYTES <= size <= MAX_BYTES:
        raise HotlistFormatError(f"a hotlist file has {MIN_BYTES} to {MAX_BYTES} bytes; found {size}")


def parse(data: NDArray[np.uint8]) -> HotlistBlob:
    """Return ``data`` (uint8, one dimension, contiguous) as a well-formed file.

    Raises `HotlistFormatError`. Well formed says nothing of who made it.
    """
    check_size(len(data))
    magic, version, reserved, recipients, sequence, created, expires, entries, reserved_too, signer, nonce = (
        _FIXED.unpack_from(data.data)
    )
    if magic != MAGIC:
        raise HotlistFormatError("the file is not a hotlist: its first 8 bytes are not ALPRDHOT")
    if version != VERSION:
        raise HotlistFormatError(f"the hotlist has format version {version}; this software reads {VERSION}")
    if reserved or reserved_too:
        raise HotlistFormatError("a reserved field of the hotlist's header is not 0")
    try:
        header = HotlistHeader(
            sequence=sequence,
            created=created,
            expires=expires,
            recipients=recipients,
            entries=entries,
            signer=signer,
            nonce=nonce,
        )
    except ValueError as error:
        raise HotlistFormatError(str(error)) from None
    expected = file_bytes(recipients, entries)
    if len(data) != expected:
        raise HotlistFormatError(
            f"a hotlist of {recipients} units and {entries} entries has {expected} bytes; found {len(data)}"
        )
    blob = HotlistBlob(header=header, data=data)
    publics = [bytes(row[:KEY_BYTES]) for row in blob.recipients]
    if not all(a < b for a, b in pairwise(publics)):
        raise HotlistFormatError("the hotlist's recipients are not sorted, or one stands twice")
    return blob


def build(
    header: HotlistHeader,
    recipients: Sequence[Recipient],
    columns: Columns,
    content_key: NDArray[np.uint8],
    signer: SigningKey,
) -> NDArray[np.uint8]:
    """Return the whole file: encrypted under ``content_key`` (32 bytes), signed by ``signer``.

    The caller provides the randomness: a fresh content key, sealed boxes of it, a fresh nonce. Raises
    `ValueError` when the counts, keys or order are not what the header and the format say. Rows are
    not checked here: see `hotlist.columns.check_rows`.
    """
    if (len(recipients), len(columns)) != (header.recipients, header.entries):
        raise ValueError("the header's counts are not those of the recipients and rows")
    if header.signer != bytes(signer.verify_key):
        raise ValueError("the header names another signer")
    data = np.zeros(file_bytes(header.recipients, header.entries), dtype=np.uint8)
    blob = HotlistBlob(header=header, data=data)
    _FIXED.pack_into(
        data.data,
        0,
        MAGIC,
        VERSION,
        0,
        header.recipients,
        header.sequence,
        header.created,
        header.expires,
        header.entries,
        0,
        header.signer,
        header.nonce,
    )
    for row, recipient in zip(blob.recipients, recipients, strict=True):
        row[:] = np.frombuffer(recipient.public + recipient.sealed, dtype=np.uint8)
    _fill(Columns.over(blob.body[: -sodium.TAG_BYTES], header.entries), columns)
    sodium.encrypt_in_place(blob.body, blob.associated, header.nonce, content_key)
    signature = signer.sign(blob.signed_message()).signature
    data[-SIGNATURE_BYTES:] = np.frombuffer(signature, dtype=np.uint8)
    return data


def _fill(target: Columns, source: Columns) -> None:
    target.plate[:] = source.plate
    target.expires[:] = source.expires
    target.jurisdiction[:] = source.jurisdiction
    target.category[:] = source.category
    target.priority[:] = source.priority
    target.flags[:] = source.flags
