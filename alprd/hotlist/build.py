"""From the office's rows to a sealed list, in pieces: off the vehicle, where plates are in clear. Pure.

The caller brings all randomness: keys, the stream's header, sealed boxes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.hotlist import sodium
from alprd.hotlist.blob import (
    CHUNK_BYTES,
    KEY_BYTES,
    MAX_FACTS,
    SIGNING_DOMAIN,
    HotlistHeader,
    sealed_bytes,
)
from alprd.hotlist.body import Body, BodyShape, fact_order
from alprd.hotlist.details import Details, Owner, seal_details
from alprd.hotlist.tags import bucket_bits, rows_key, tags_of
from alprd.keys.approvals import approve, pack_trailer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nacl.signing import SigningKey
    from numpy.typing import NDArray

    from alprd.hotlist.columns import Columns

_NUMBER_BITS: Final = np.uint64(16)
_RESIDUAL_BITS: Final = np.uint64(32)
_LOW: Final = np.uint64(2**16 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A unit's X25519 public key (32 bytes) and the content key sealed to it (80 bytes)."""

    public: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltList:
    """A plain list: ``body`` over ordinary memory, its ``shape``, and the sealed details."""

    body: Body
    shape: BodyShape
    details: bytes


def build_body(
    columns: Columns,
    *,
    tag_keys: Iterable[bytes],
    details_key: bytes,
    details: Mapping[int, Details] | None = None,
) -> BuiltList:
    """Return the plain list of ``columns``, which `columns.check_rows` accepts.

    ``tag_keys`` (16 bytes each) are tried one after the other until no two plates share a tag. ``details``
    are by row of ``columns``. Raises `ValueError` when the keys run out, or there are more different facts
    than the format has numbers for.
    """
    bits = bucket_bits(len(columns))
    facts, numbers = _facts(columns)
    tag_key, tags = _distinct_tags(columns.plate, tag_keys, bits)
    keys = (tags << _NUMBER_BITS) | numbers
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    pointers, sealed = _details(columns, order, details or {}, details_key)
    shape = BodyShape(facts=len(facts), bucket_bits=bits, rows=len(keys), removed=0, details=len(pointers))
    body = Body.over(np.zeros(shape.size, dtype=np.uint8), shape)
    body.tag_key[:] = np.frombuffer(tag_key, dtype=np.uint8)
    body.details_key[:] = np.frombuffer(details_key, dtype=np.uint8)
    for name in ("expires", "jurisdiction", "plate_type", "category", "priority", "flags"):
        body.facts[name] = getattr(facts, name)
    buckets = (keys >> (_NUMBER_BITS + _RESIDUAL_BITS)).astype(np.int64)
    np.cumsum(np.bincount(buckets, minlength=1 << bits), out=body.directory[1:], dtype=np.uint32)
    body.residuals[:] = (keys >> _NUMBER_BITS).astype(np.uint32)
    body.numbers[:] = (keys & _LOW).astype(np.uint16)
    body.pointers[:] = pointers
    return BuiltList(body=body, shape=shape, details=sealed)


def sealed_pieces(
    header: HotlistHeader,
    recipients: Sequence[Recipient],
    built: BuiltList,
    content_key: NDArray[np.uint8],
    signers: Iterable[SigningKey],
) -> Iterator[bytes | memoryview]:
    """Yield the whole file piece by piece, each to be used before the next is asked for.

    ``content_key`` (32 bytes) is the one that the recipients' boxes hold. Raises `ValueError` when header
    and parts do not belong together.
    """
    if (header.recipients, header.shape) != (len(recipients), built.shape):
        raise ValueError("the header's counts are not those of the recipients and the body")
    if header.details_bytes != len(built.details):
        raise ValueError("the header's size of the details is not theirs")
    head = header.pack() + b"".join(one.public + one.sealed for one in recipients)
    hasher = hashlib.blake2b(head)
    associated = hasher.digest()
    yield head
    stream = sodium.SecretStream(header.stream, content_key)
    plain = built.body.data
    room = np.empty(CHUNK_BYTES + sodium.CHUNK_EXTRA_BYTES, dtype=np.uint8)
    for start in range(0, len(plain), CHUNK_BYTES):
        chunk = plain[start : start + CHUNK_BYTES]
        sealed = room[: sealed_bytes(len(chunk))]
        stream.push(chunk, sealed, associated, is_last=start + CHUNK_BYTES >= len(plain))
        associated = b""
        hasher.update(sealed.data)
        yield sealed.data
    stream.wipe()
    hasher.update(built.details)
    yield built.details
    message = SIGNING_DOMAIN + hasher.digest()
    yield pack_trailer(approve(message, signer) for signer in signers)


def _facts(columns: Columns) -> tuple[Columns, NDArray[np.uint64]]:
    """Return one row of each different facts, sorted, and the number of each row's."""
    order = fact_order(
        columns.expires,
        columns.jurisdiction,
        columns.plate_type,
        columns.category,
        columns.priority,
        columns.flags,
    )
    _, firsts, numbers = np.unique(order, return_index=True, return_inverse=True)
    if len(firsts) > MAX_FACTS:
        raise ValueError(
            f"the rows have {len(firsts)} different facts; a list has at most {MAX_FACTS}: let entries "
            "expire at the same hour of a day"
        )
    return columns.rows(firsts), numbers.astype(np.uint64)


def _distinct_tags(
    plates: NDArray[np.uint64], tag_keys: Iterable[bytes], bits: int
) -> tuple[bytes, NDArray[np.uint64]]:
    """Return the first key under which no two different plates share a tag, and the plates' tags."""
    is_first = np.ones(len(plates), dtype=np.bool_)
    is_first[1:] = plates[1:] != plates[:-1]
    for key in tag_keys:
        if len(key) != sodium.SIP_KEY_BYTES:
            raise ValueError("a tag key has 16 bytes")
        tags = rows_key(tags_of(plates, key), bits)
        once = np.sort(tags[is_first])
        if not (once[1:] == once[:-1]).any():
            return key, tags
    raise ValueError("under every tag key two plates share a tag")


def _details(
    columns: Columns, order: NDArray[np.int64], details: Mapping[int, Details], details_key: bytes
) -> tuple[NDArray[np.uint32], bytes]:
    if len(details_key) != KEY_BYTES:
        raise ValueError("a details key has 32 bytes")
    place = np.empty(len(order) if details else 0, dtype=np.int64)
    if details:
        place[order] = np.arange(len(order))
    rows = sorted((int(place[row]), row) for row in details)

    def owners() -> Iterator[tuple[int, Owner, Details]]:
        for new, old in rows:
            owner = Owner(
                packed=int(columns.plate[old]),
                jurisdiction=int(columns.jurisdiction[old]),
                category=int(columns.category[old]),
            )
            yield new, owner, details[old]

    return seal_details(owners(), details_key)
