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
from alprd.hotlist.columns import Columns
from alprd.hotlist.details import Details, Owner, seal_details
from alprd.hotlist.tags import bucket_bits, rows_key, tags_of
from alprd.keys.approvals import approve, pack_trailer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nacl.signing import SigningKey
    from numpy.typing import NDArray

_NUMBER_BITS: Final = np.uint64(16)
_RESIDUAL_BITS: Final = np.uint64(32)
_LOW: Final = np.uint64(2**16 - 1)
_FACT_NAMES: Final = ("expires", "jurisdiction", "plate_type", "category", "priority", "flags")
_CHANGEABLE: Final = ("expires", "priority", "flags")
"""What may differ between two rows of the same plate, jurisdiction, plate type and category."""


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
    tag_key, tags = _distinct_tags(columns.plate, tag_keys, bits)
    none = columns.rows(slice(0, 0))
    rows = _Rows(columns=columns, tags=tags), _Rows(columns=none, tags=tags[:0])
    return _assemble(*rows, bits=bits, keys=(tag_key, details_key), details=details or {})


def build_delta(
    base: Columns,
    columns: Columns,
    *,
    tag_key: bytes,
    details_key: bytes,
    details: Mapping[int, Details] | None = None,
    changed: Iterable[int] = (),
) -> BuiltList:
    """Return the plain delta that makes the whole list of ``base`` into one of ``columns``.

    Both are as for `build_body`; ``tag_key`` is the one that the base was built with. ``details`` are by row
    of ``columns``, and ``changed`` are those rows whose details alone differ from the base's. Raises
    `ValueError` when under the base's tag key two plates share a tag: then a whole list must be built.
    """
    bits = bucket_bits(len(base))
    old_tags = rows_key(tags_of(base.plate, tag_key), bits)
    _, new_tags = _distinct_tags(columns.plate, [tag_key], bits)
    is_added, is_removed = _difference(base, old_tags, columns, new_tags)
    for row in changed:
        is_added[row] = True
    # What is added anew although the base has it is taken out before.
    old_keys, new_keys = _row_keys(base, old_tags), _row_keys(columns, new_tags)
    is_removed |= np.isin(old_keys, new_keys[is_added])
    added = np.flatnonzero(is_added)
    given = details or {}
    mine = {place: given[row] for place, row in enumerate(added.tolist()) if row in given}
    rows = (
        _Rows(columns=columns.rows(added), tags=new_tags[added]),
        _Rows(columns=base.rows(is_removed), tags=old_tags[is_removed]),
    )
    return _assemble(*rows, bits=bits, keys=(tag_key, details_key), details=mine)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Rows and the part of their tags that counts."""

    columns: Columns
    tags: NDArray[np.uint64]


def _assemble(
    rows: _Rows, removed: _Rows, *, bits: int, keys: tuple[bytes, bytes], details: Mapping[int, Details]
) -> BuiltList:
    """Return the plain body of ``rows`` and ``removed`` rows under a tag key and a details key."""
    facts, numbers = _facts(rows.columns, removed.columns)
    row_keys = (rows.tags << _NUMBER_BITS) | numbers[: len(rows.tags)]
    order = np.argsort(row_keys, kind="stable")
    row_keys = row_keys[order]
    gone = np.sort((removed.tags << _NUMBER_BITS) | numbers[len(rows.tags) :])
    pointers, sealed = _details(rows.columns, order, details, keys[1])
    shape = BodyShape(
        facts=len(facts), bucket_bits=bits, rows=len(row_keys), removed=len(gone), details=len(pointers)
    )
    body = Body.over(np.zeros(shape.size, dtype=np.uint8), shape)
    body.tag_key[:] = np.frombuffer(keys[0], dtype=np.uint8)
    body.details_key[:] = np.frombuffer(keys[1], dtype=np.uint8)
    for name in _FACT_NAMES:
        body.facts[name] = getattr(facts, name)
    buckets = (row_keys >> (_NUMBER_BITS + _RESIDUAL_BITS)).astype(np.int64)
    np.cumsum(np.bincount(buckets, minlength=1 << bits), out=body.directory[1:], dtype=np.uint32)
    body.residuals[:] = (row_keys >> _NUMBER_BITS).astype(np.uint32)
    body.numbers[:] = (row_keys & _LOW).astype(np.uint16)
    body.pointers[:] = pointers
    body.removed_buckets[:] = (gone >> (_NUMBER_BITS + _RESIDUAL_BITS)).astype(np.uint16)
    body.removed_residuals[:] = (gone >> _NUMBER_BITS).astype(np.uint32)
    body.removed_numbers[:] = (gone & _LOW).astype(np.uint16)
    return BuiltList(body=body, shape=shape, details=sealed)


def _row_keys(columns: Columns, tags: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return what tells a row from the others of its list: tag, jurisdiction, plate type and category."""
    keys = tags << np.uint64(7)
    for part, bits in ((columns.jurisdiction, 4), (columns.plate_type, 5), (columns.category, 0)):
        keys |= part
        keys <<= np.uint64(bits)
    return keys


def _difference(
    base: Columns, old_tags: NDArray[np.uint64], columns: Columns, new_tags: NDArray[np.uint64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which of ``columns`` are new or changed, and which of ``base`` are gone or changed."""
    is_added, is_removed = np.ones(len(columns), np.bool_), np.ones(len(base), np.bool_)
    if len(base) == 0:
        return is_added, is_removed
    by_tag = np.argsort(old_tags, kind="stable")
    at = by_tag[np.minimum(np.searchsorted(old_tags, new_tags, sorter=by_tag), len(base) - 1)]
    if bool(((old_tags[at] == new_tags) & (base.plate[at] != columns.plate)).any()):
        raise ValueError("a new plate shares a tag with one of the base")
    old_keys, new_keys = _row_keys(base, old_tags), _row_keys(columns, new_tags)
    order = np.argsort(old_keys, kind="stable")
    at = order[np.minimum(np.searchsorted(old_keys, new_keys, sorter=order), len(base) - 1)]
    same = old_keys[at] == new_keys
    for name in _CHANGEABLE:
        same &= getattr(base, name)[at] == getattr(columns, name)
    is_added[same] = False
    is_removed[at[same]] = False
    return is_added, is_removed


def _facts(*parts: Columns) -> tuple[Columns, NDArray[np.uint64]]:
    """Return one row of each different facts, sorted, and the number of each row's, part after part."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _FACT_NAMES}
    order = fact_order(*columns.values())
    _, firsts, numbers = np.unique(order, return_index=True, return_inverse=True)
    if len(firsts) > MAX_FACTS:
        raise ValueError(
            f"the rows have {len(firsts)} different facts; a list has at most {MAX_FACTS}: let entries "
            "expire at the same hour of a day"
        )
    facts = {name: column[firsts] for name, column in columns.items()}
    return Columns(plate=np.zeros(len(firsts), np.uint64), **facts), numbers.astype(np.uint64)


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
