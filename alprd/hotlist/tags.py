"""The tags of many plates at once, for the office: SipHash-2-4 on whole arrays. Pure.

A unit makes the tags of its reads with libsodium, in locked memory (`hotlist.sodium.SipHash`); tests hold
the two to each other. See `alprd/docs/formats/hotlist.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.hotlist.sodium import SIP_KEY_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESIDUAL_BITS: Final = 32
MAX_BUCKET_BITS: Final = 16
_TAG_BITS: Final = 64
_ROWS_A_BUCKET: Final = 64
_AT_ONCE: Final = 1 << 14
"""Words that are hashed together: their state fits a processor's fast memory."""
_START: Final = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_LAST_WORD: Final = np.uint64(8 << 56)
"""The message's length, in the top byte of an otherwise empty word."""
_ROTATIONS: Final = (13, 32, 16, 21, 17, 32)


def bucket_bits(rows: int) -> int:
    """Return how many bits name the bucket in a list of ``rows``: 64 rows a bucket or fewer, 16 at most."""
    buckets = -(-rows // _ROWS_A_BUCKET)
    return min(MAX_BUCKET_BITS, max(0, buckets - 1).bit_length())


def tags_of(packed: NDArray[np.uint64], key: bytes) -> NDArray[np.uint64]:
    """Return the 64-bit tags of ``packed`` plates, shape (n,), under ``key`` (16 bytes)."""
    if len(key) != SIP_KEY_BYTES:
        raise ValueError("a tag key has 16 bytes")
    low, high = (np.uint64(int.from_bytes(key[place : place + 8], "little")) for place in (0, 8))
    tags = np.empty(len(packed), dtype=np.uint64)
    for start in range(0, len(packed), _AT_ONCE):
        words = packed[start : start + _AT_ONCE].astype(np.uint64)
        tags[start : start + _AT_ONCE] = _siphash(words, low, high)
    return tags


def rows_key(tags: NDArray[np.uint64], bits: int) -> NDArray[np.uint64]:
    """Return the part of ``tags`` that counts with ``bits`` bucket bits: bucket and residual, 32 + bits."""
    return tags >> np.uint64(_TAG_BITS - RESIDUAL_BITS - bits)


def _siphash(words: NDArray[np.uint64], low: np.uint64, high: np.uint64) -> NDArray[np.uint64]:
    state = [np.full(len(words), start, np.uint64) for start in _START]
    for place, half in enumerate((low, high, low, high)):
        state[place] ^= half
    room = np.empty(len(words), np.uint64)
    for word in (words, _LAST_WORD):
        state[3] ^= word
        for _ in range(2):
            _round(state, room)
        state[0] ^= word
    state[2] ^= np.uint64(0xFF)
    for _ in range(4):
        _round(state, room)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _round(state: list[NDArray[np.uint64]], room: NDArray[np.uint64]) -> None:
    v0, v1, v2, v3 = state
    turns = iter(_ROTATIONS)

    def mix(into: NDArray[np.uint64], other: NDArray[np.uint64]) -> None:
        np.add(into, other, out=into)
        _rotate(other, next(turns), room)
        np.bitwise_xor(other, into, out=other)

    mix(v0, v1)
    _rotate(v0, next(turns), room)
    mix(v2, v3)
    mix(v0, v3)
    mix(v2, v1)
    _rotate(v2, next(turns), room)


def _rotate(word: NDArray[np.uint64], by: int, room: NDArray[np.uint64]) -> None:
    np.right_shift(word, np.uint64(_TAG_BITS - by), out=room)
    np.left_shift(word, np.uint64(by), out=word)
    np.bitwise_or(word, room, out=word)
