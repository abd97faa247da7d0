"""libsodium calls that work in place, on arrays: the only use of PyNaCl's own binding.

PyNaCl's public functions take and return `bytes`: for a hotlist that would be a second copy of the
whole list in ordinary memory that nobody can wipe. These calls write into the caller's locked arrays.
"""

from __future__ import annotations

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

_lib: Final[Any] = _sodium.lib
_ffi: Final[Any] = _sodium.ffi


def encrypt_in_place(
    body: NDArray[np.uint8], associated: NDArray[np.uint8], nonce: bytes, key: NDArray[np.uint8]
) -> None:
    """Encrypt ``body`` (plain text, then 16 bytes of room for the tag) where it lies."""
    _check_sizes(body, nonce, key)
    room = _ffi.from_buffer(body, require_writable=True)
    size = len(body) - TAG_BYTES
    _lib.crypto_aead_xchacha20poly1305_ietf_encrypt(
        room,
        _ffi.NULL,
        room,
        size,
        _ffi.from_buffer(associated),
        len(associated),
        _ffi.NULL,
        nonce,
        _ffi.from_buffer(key),
    )


def decrypt_in_place(
    body: NDArray[np.uint8], associated: NDArray[np.uint8], nonce: bytes, key: NDArray[np.uint8]
) -> bool:
    """Decrypt ``body`` (cipher text and tag) where it lies; the tag's 16 bytes stay behind the text.

    Returns whether the tag was right. Where it was not, no plain text was written.
    """
    _check_sizes(body, nonce, key)
    room = _ffi.from_buffer(body, require_writable=True)
    status: int = _lib.crypto_aead_xchacha20poly1305_ietf_decrypt(
        room,
        _ffi.NULL,
        _ffi.NULL,
        room,
        len(body),
        _ffi.from_buffer(associated),
        len(associated),
        nonce,
        _ffi.from_buffer(key),
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


def _check_sizes(body: NDArray[np.uint8], nonce: bytes, key: NDArray[np.uint8]) -> None:
    # The binding hands pointers to C: a wrong size here would be read past the end.
    if len(body) < TAG_BYTES or len(nonce) != NONCE_BYTES or len(key) != KEY_BYTES:
        raise ValueError("a body ends with a 16-byte tag, a nonce has 24 bytes and a key 32")
