"""From a sealed file to an opened list, in two passes over it. No I/O: the file is a `ListSource`.

The first pass hashes the file and reads what it says in clear; the second hashes it again while it
decrypts into locked memory, so that a file changed in between is refused. Between the two stands
`hotlist.trust`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from alprd.errors import HotlistFormatError, HotlistTrustError
from alprd.hotlist import sodium
from alprd.hotlist.blob import (
    CHUNK_BYTES,
    HEADER_BYTES,
    MAX_BYTES,
    RECIPIENT_BYTES,
    SIGNING_DOMAIN,
    HotlistHeader,
    check_exact_size,
    check_recipients,
    check_size,
    parse_header,
)
from alprd.hotlist.body import Body, check_body
from alprd.hotlist.categories import CLOSED_SET
from alprd.hotlist.index import DetailFile, HotlistIndex
from alprd.hotlist.trust import unseal_key
from alprd.keys.approvals import Approval, parse_trailer
from alprd.memory import locked_array, wipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nacl.public import PrivateKey
    from numpy.typing import NDArray

    from alprd.hotlist.categories import CategoryTable


class ListSource(Protocol):
    """A hotlist file of ``size`` bytes that can be read anywhere."""

    @property
    def size(self) -> int:
        """Bytes of the file."""

    def read_at(self, offset: int, out: NDArray[np.uint8]) -> None:
        """Fill ``out`` from ``offset`` on. Raises `HotlistFormatError` when the file ends before."""

    def close(self) -> None:
        """Read no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedList:
    """A well-formed file, unopened. ``recipients`` is (R, 112) uint8; ``digest`` is BLAKE2b-512, 64 bytes.

    ``digest`` is of all up to the approvals.
    """

    header: HotlistHeader
    recipients: NDArray[np.uint8]
    digest: bytes
    approvals: tuple[Approval, ...]

    def message(self) -> bytes:
        """Return the 80 bytes that each approval is over."""
        return SIGNING_DOMAIN + self.digest

    def head(self) -> bytes:
        """Return header and recipients, as they stand in the file."""
        return self.header.pack() + self.recipients.tobytes()


def read_sealed(source: ListSource) -> SealedList:
    """Read the file once and return what it says in clear (check 1). Raises `HotlistFormatError`."""
    if not HEADER_BYTES <= source.size <= MAX_BYTES:
        check_size(source.size)
    header = parse_header(_read(source, 0, HEADER_BYTES).tobytes())
    check_size(source.size)  # after the version: a small list of another one is told what it is
    check_exact_size(header, source.size)
    trailer = _read(source, header.approvals_at, source.size - header.approvals_at)
    try:
        approvals = parse_trailer(trailer.tobytes())
    except ValueError as error:
        raise HotlistFormatError(f"the hotlist's approvals: {error}") from None
    recipients = _read(source, HEADER_BYTES, RECIPIENT_BYTES * header.recipients).reshape(-1, RECIPIENT_BYTES)
    check_recipients(recipients)
    hasher = hashlib.blake2b(header.pack() + recipients.tobytes())
    for piece in pieces(source, header.body_at, header.approvals_at):
        hasher.update(piece.data)
    return SealedList(header=header, recipients=recipients, digest=hasher.digest(), approvals=approvals)


def pieces(source: ListSource, start: int, stop: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the file's bytes from ``start`` to ``stop``, 1 MiB at a time, in one array used again."""
    room = np.empty(CHUNK_BYTES, dtype=np.uint8)
    for place in range(start, stop, CHUNK_BYTES):
        piece = room[: min(CHUNK_BYTES, stop - place)]
        source.read_at(place, piece)
        yield piece


def open_index(
    source: ListSource, sealed: SealedList, unit: PrivateKey, categories: CategoryTable = CLOSED_SET
) -> HotlistIndex:
    """Decrypt the body into locked memory and return its index (checks 7 to 9).

    ``categories`` are those that this unit knows; a list that has another one is refused whole.
    For a list that `trust.authenticate` and `trust.check_in_date` accepted. The index keeps ``source`` for
    the details. Raises `HotlistTrustError` or `HotlistFormatError`, with all that was opened wiped.
    """
    header = sealed.header
    content_key = locked_array(sodium.KEY_BYTES, "uint8")
    data = locked_array(header.shape.size, "uint8")
    try:
        unseal_key(sealed, unit, content_key)
        _decrypt(source, sealed, content_key, data)
        body = Body.over(data, header.shape)
        check_body(body, created=header.created, details_bytes=header.details_bytes, categories=categories)
        details = DetailFile(source=source, start=header.details_at, end=header.approvals_at)
        return HotlistIndex(header, body, details, categories=categories)
    except BaseException:
        wipe(data)
        raise
    finally:
        wipe(content_key)


def _decrypt(
    source: ListSource, sealed: SealedList, content_key: NDArray[np.uint8], out: NDArray[np.uint8]
) -> None:
    header, head = sealed.header, sealed.head()
    hasher = hashlib.blake2b(head)
    associated = hasher.digest()
    stream = sodium.SecretStream(header.stream, content_key)
    room = np.empty(CHUNK_BYTES + sodium.CHUNK_EXTRA_BYTES, dtype=np.uint8)
    place = header.body_at
    try:
        for start in range(0, len(out), CHUNK_BYTES):
            plain = out[start : start + CHUNK_BYTES]
            chunk = room[: len(plain) + sodium.CHUNK_EXTRA_BYTES]
            source.read_at(place, chunk)
            hasher.update(chunk.data)
            place += len(chunk)
            is_last = start + CHUNK_BYTES >= len(out)
            if not stream.pull(chunk, plain, associated, is_last=is_last):
                raise HotlistTrustError(
                    "the hotlist's body does not decrypt under the key sealed to this unit"
                )
            associated = b""
    finally:
        stream.wipe()
    for piece in pieces(source, header.details_at, header.approvals_at):
        hasher.update(piece.data)
    if hasher.digest() != sealed.digest:
        raise HotlistTrustError("the hotlist changed while it was read")


def _read(source: ListSource, offset: int, size: int) -> NDArray[np.uint8]:
    room = np.empty(size, dtype=np.uint8)
    source.read_at(offset, room)
    return room
