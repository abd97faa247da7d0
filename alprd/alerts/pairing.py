"""Keys of the alert link: what proves that a frame comes from the paired end (see docs/formats/dash-link.md).

Pure. HMAC-SHA256 throughout, which a microcontroller has in its own firmware.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 16
TAG_BYTES: Final = 8
SECRET_BYTES: Final = 16
"""What a log-in carries as PIN or token, filled up with 0."""
NO_NONCE: Final = bytes(NONCE_BYTES)

_CONTEXT: Final = b"alprd dash 2 "


def digest(key: bytes, *parts: bytes) -> bytes:
    """Return the HMAC-SHA256 of ``parts`` under ``key``."""
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def tag(key: bytes, body: bytes) -> bytes:
    """Return the 8 bytes that prove ``body``."""
    return digest(key, body)[:TAG_BYTES]


def is_tag(key: bytes, body: bytes, found: bytes) -> bool:
    """Return whether ``found`` proves ``body``, in a time that tells nothing of it."""
    return hmac.compare_digest(tag(key, body), found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeted:
    """What one end's HELLO contributes to the keys: its ``session`` and its ``nonce`` (16 bytes)."""

    session: int
    nonce: bytes

    def pack(self) -> bytes:
        """Return both as bytes."""
        return self.session.to_bytes(4, "little") + self.nonce


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SessionKeys:
    """The keys of one connection: of the unit's frames, of the dash's frames, and of log-ins."""

    unit: bytes
    dash: bytes
    secret: bytes

    def mask(self, attempt: int, secret: bytes) -> bytes:
        """Return ``secret`` (16 bytes) covered, or uncovered, for the log-in of number ``attempt``."""
        cover = digest(self.secret, attempt.to_bytes(4, "little"))
        return bytes(a ^ b for a, b in zip(secret, cover[:SECRET_BYTES], strict=True))


class Pairing:
    """The key that a unit and its dash share, 32 bytes; ValueError for another length."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a pairing key has {KEY_BYTES} bytes")
        self._key = key

    def hello(self, receiver_nonce: bytes) -> bytes:
        """Return the key of a HELLO to the end of ``receiver_nonce``, `NO_NONCE` while it is not known."""
        return digest(self._key, _CONTEXT, b"hello", receiver_nonce)

    def session(self, unit: Greeted, dash: Greeted) -> SessionKeys:
        """Return the keys of the connection between these two."""
        root = digest(self._key, _CONTEXT, b"session", unit.pack(), dash.pack())
        return SessionKeys(
            unit=digest(root, b"unit"), dash=digest(root, b"dash"), secret=digest(root, b"secret")
        )
