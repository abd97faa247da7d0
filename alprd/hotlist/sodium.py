"""libsodium calls that work in place, on arrays: the only use of PyNaCl's own binding.

PyNaCl's public functions take and return `bytes`: for a hotlist that would be a second copy of the
whole list in ordinary memory that nobody can wipe, and for a read the read itself. These calls write
into the caller's locked arrays. The binding hands pointers to C, so every size is checked here.
"""

from __future__ import annotations

from collections import deque
from itertools import starmap
from typing import TYPE_CHECKING, Any, Final

from nacl import _sodium

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 24
TAG_BYTES: Final = 16
SEALED_KEY_BYTES: Final = 80
"""A 32-byte key in a sealed box: an ephemeral public key, a tag and the key."""
STREAM_HEADER_BYTES: Final = 24
CHUNK_EXTRA_BYTES: Final = 17
"""How much longer a chunk of a secret stream is than its plain text."""
SIP_KEY_BYTES: Final = 16
_WORD: Final = 8

_lib: Final[Any] = _sodium.lib
_ffi: Final[Any] = _sodium.ffi
_STATE_BYTES: Final[int] = _lib.crypto_secretstream_xchacha20poly1305_statebytes()
_MESSAGE: Final[int] = _lib.crypto_secretstream_xchacha20poly1305_tag_message()
_FINAL: Final[int] = _lib.crypto_secretstream_xchacha20poly1305_tag_final()


class SecretStream:
    """One direction of a secretstream under ``key`` (uint8, 32 bytes) with ``header`` (24 bytes).

    The header is the stream's randomness: fresh for each stream, chosen by the caller. The state holds
    the key: `wipe` it.
    """

    def __init__(self, header: bytes, key: NDArray[np.uint8]) -> None:
        if len(header) != STREAM_HEADER_BYTES or key.nbytes != KEY_BYTES:
            raise ValueError("a secret stream has a header of 24 bytes and a key of 32")
        self._state = _ffi.new("unsigned char[]", _STATE_BYTES)
        # Both ends begin in the same state; push's own beginning would draw the header itself.
        _lib.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, _ffi.from_buffer(key))

    def push(
        self, plain: NDArray[np.uint8], out: NDArray[np.uint8], associated: bytes, *, is_last: bool
    ) -> None:
        """Encrypt ``plain`` into ``out``, which is 17 bytes longer."""
        if out.nbytes != plain.nbytes + CHUNK_EXTRA_BYTES:
            raise ValueError("a sealed chunk is 17 bytes longer than the plain one")
        _lib.crypto_secretstream_xchacha20poly1305_push(
            self._state,
            _ffi.from_buffer(out, require_writable=True),
            _ffi.NULL,
            _ffi.from_buffer(plain),
            plain.nbytes,
            associated,
            len(associated),
            _FINAL if is_last else _MESSAGE,
        )

    def pull(
        self, sealed: NDArray[np.uint8], out: NDArray[np.uint8], associated: bytes, *, is_last: bool
    ) -> bool:
        """Decrypt ``sealed`` into ``out``, which is 17 bytes shorter.

        Returns whether it was the stream's next chunk, and last exactly when ``is_last``. Where it was
        not, ``out`` may hold anything.
        """
        if sealed.nbytes != out.nbytes + CHUNK_EXTRA_BYTES:
            raise ValueError("a plain chunk is 17 bytes shorter than the sealed one")
        tag = _ffi.new("unsigned char *")
        status: int = _lib.crypto_secretstream_xchacha20poly1305_pull(
            self._state,
            _ffi.from_buffer(out, require_writable=True),
            _ffi.NULL,
            tag,
            _ffi.from_buffer(sealed),
            sealed.nbytes,
            associated,
            len(associated),
        )
        return status == 0 and tag[0] == (_FINAL if is_last else _MESSAGE)

    def wipe(self) -> None:
        """Zero the state. The stream cannot go on afterwards."""
        _ffi.buffer(self._state)[:] = bytes(_STATE_BYTES)


class SipHash:
    """SipHash-2-4 of 8-byte words under ``key`` (uint8, 16 bytes), array to array.

    ``words`` and ``out`` are uint64 of one shape (n,), contiguous; they are the caller's and stay where
    they are for the life of this object.
    """

    def __init__(self, key: NDArray[np.uint8], words: NDArray[np.uint64], out: NDArray[np.uint64]) -> None:
        if key.nbytes != SIP_KEY_BYTES or words.shape != out.shape or words.itemsize != _WORD:
            raise ValueError("a SipHash key has 16 bytes, and as many words go in as come out")
        # Pointers of the very type that the call takes: it would look twice at any other.
        self._alive = [_ffi.from_buffer(array) for array in (key, words, out)]  # a pointer keeps nothing
        of_key, source, target = (_ffi.cast("unsigned char *", buffer) for buffer in self._alive)
        self._hash = _lib.crypto_shorthash_siphash24
        self._calls = [
            (target + place, source + place, _WORD, of_key) for place in range(0, words.nbytes, _WORD)
        ]
        self._results: deque[int] = deque(maxlen=0)

    def run(self, count: int) -> None:
        """Hash the first ``count`` words."""
        # The interpreter's own loop would cost as much again as the calls.
        self._results.extend(starmap(self._hash, self._calls[:count]))


def encrypt_in_place(body: NDArray[np.uint8], nonce: bytes, key: bytes) -> None:
    """Encrypt ``body`` (plain text, then 16 bytes of room for the tag) where it lies."""
    _check_sizes(body, nonce, key)
    room = _ffi.from_buffer(body, require_writable=True)
    size = len(body) - TAG_BYTES
    _lib.crypto_aead_xchacha20poly1305_ietf_encrypt(
        room, _ffi.NULL, room, size, _ffi.NULL, 0, _ffi.NULL, nonce, key
    )


def decrypt_in_place(body: NDArray[np.uint8], nonce: bytes, key: bytes) -> bool:
    """Decrypt ``body`` (cipher text and tag) where it lies; the tag's 16 bytes stay behind the text.

    Returns whether the tag was right. Where it was not, no plain text was written.
    """
    _check_sizes(body, nonce, key)
    room = _ffi.from_buffer(body, require_writable=True)
    status: int = _lib.crypto_aead_xchacha20poly1305_ietf_decrypt(
        room, _ffi.NULL, _ffi.NULL, room, len(body), _ffi.NULL, 0, nonce, key
    )
    return status == 0


def open_sealed_key(sealed: NDArray[np.uint8], public: bytes, secret: bytes, out: NDArray[np.uint8]) -> bool:
    """Open the sealed box ``sealed`` (80 bytes) into ``out`` (32 bytes); return whether it opened."""
    if (len(sealed), len(public), len(secret), len(out)) != (
        SEALED_KEY_BYTES,
        KEY_BYTES,
        KEY_BYTES,
        KEY_BYTES,
    ):
        raise ValueError("a sealed content key has 80 bytes and opens with 32-byte keys into 32 bytes")
    status: int = _lib.crypto_box_seal_open(
        _ffi.from_buffer(out, require_writable=True), _ffi.from_buffer(sealed), len(sealed), public, secret
    )
    return status == 0


def _check_sizes(body: NDArray[np.uint8], nonce: bytes, key: bytes) -> None:
    if len(body) < TAG_BYTES or len(nonce) != NONCE_BYTES or len(key) != KEY_BYTES:
        raise ValueError("a body ends with a 16-byte tag, a nonce has 24 bytes and a key 32")
