"""The vault's sealed files: a libsodium secretstream under the data key. Pure; see `docs/formats/ledger.md`.

Every chunk binds what the file is: taken for another file of the vault, or of another vault, it does not
open. A file cut short lacks its final chunk and does not open either. The
stream's header is libsodium's own random choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_ABYTES,
    crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    crypto_secretstream_xchacha20poly1305_init_pull,
    crypto_secretstream_xchacha20poly1305_init_push,
    crypto_secretstream_xchacha20poly1305_pull,
    crypto_secretstream_xchacha20poly1305_push,
    crypto_secretstream_xchacha20poly1305_state,
    crypto_secretstream_xchacha20poly1305_TAG_FINAL,
    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE,
)

from alprd.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAGIC: Final = b"ALPRDVLT\x01\0\0\0\0\0\0\0"
"""Name and version 1."""
CHUNK_BYTES: Final = 1 << 20
MAX_SEALED_BYTES: Final = 1 << 31
TAMPERED: Final = "Restore the vault from its backup; the file was altered, cut, or belongs to another vault."

_HEADER: Final = crypto_secretstream_xchacha20poly1305_HEADERBYTES
_EXTRA: Final = crypto_secretstream_xchacha20poly1305_ABYTES
_MESSAGE: Final = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL: Final = crypto_secretstream_xchacha20poly1305_TAG_FINAL


def seal(parts: Iterable[bytes | memoryview], key: bytes, meaning: bytes) -> bytearray:
    """Return ``parts``, one after the other, as a sealed file that binds ``meaning``."""
    state = crypto_secretstream_xchacha20poly1305_state()
    sealed = bytearray(MAGIC)
    sealed += crypto_secretstream_xchacha20poly1305_init_push(state, key)
    last = b""
    for chunk in _chunks(parts):
        if last:
            sealed += crypto_secretstream_xchacha20poly1305_push(state, last, meaning, _MESSAGE)
        last = chunk
    sealed += crypto_secretstream_xchacha20poly1305_push(state, last, meaning, _FINAL)
    return sealed


def unseal(sealed: bytes | bytearray | memoryview, key: bytes, meaning: bytes) -> bytearray:
    """Return the content of a sealed file. Raises `VaultError` when it is not as it was sealed."""
    rest = memoryview(sealed)
    if bytes(rest[: len(MAGIC)]) != MAGIC or len(rest) < len(MAGIC) + _HEADER + _EXTRA:
        raise VaultError("a file of the vault is not in the vault's format", hint=TAMPERED)
    rest = rest[len(MAGIC) :]
    state = crypto_secretstream_xchacha20poly1305_state()
    crypto_secretstream_xchacha20poly1305_init_pull(state, bytes(rest[:_HEADER]), key)
    rest = rest[_HEADER:]
    content, tag = bytearray(), _MESSAGE
    while len(rest) >= _EXTRA and tag == _MESSAGE:
        chunk, rest = bytes(rest[: CHUNK_BYTES + _EXTRA]), rest[CHUNK_BYTES + _EXTRA :]
        try:
            plain, tag = crypto_secretstream_xchacha20poly1305_pull(state, chunk, meaning)
        except RuntimeError:
            raise VaultError("a file of the vault does not open", hint=TAMPERED) from None
        content += plain
    if rest or tag != _FINAL:
        raise VaultError("a file of the vault does not end where it was sealed", hint=TAMPERED)
    return content


def _chunks(parts: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Yield ``parts`` cut anew: each chunk of full size but the last."""
    room = bytearray()
    for part in parts:
        rest = memoryview(part).cast("B") if len(part) else memoryview(b"")
        while rest:
            taken = rest[: CHUNK_BYTES - len(room)]
            room += taken
            rest = rest[len(taken) :]
            if len(room) == CHUNK_BYTES:
                yield bytes(room)
                room.clear()
    if room:
        yield bytes(room)
