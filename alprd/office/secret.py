"""The vault's secret: its identity, and its data keys from the first to the present one. Pure.

See `alprd/docs/formats/ledger.md`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

ID_BYTES: Final = 16
KEY_BYTES: Final = 32
_KEY: Final = struct.Struct(f"<Q{KEY_BYTES}s")


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSecret:
    """``identity`` (16 bytes), and (number of its first record, 32 bytes) of each data key, oldest first.

    Raises `ValueError` unless the numbers rise from 1.
    """

    identity: bytes
    keys: tuple[tuple[int, bytes], ...]

    def __post_init__(self) -> None:
        numbers = [number for number, _ in self.keys]
        if len(self.identity) != ID_BYTES or any(len(key) != KEY_BYTES for _, key in self.keys):
            raise ValueError("a vault's identity has 16 bytes, a data key 32")
        if numbers[:1] != [1] or not all(a < b for a, b in pairwise(numbers)):
            raise ValueError("the data keys are not in order from record 1 on")

    @classmethod
    def new(cls, identity: bytes, key: bytes) -> Self:
        """Return the secret of a new vault."""
        return cls(identity=identity, keys=((1, key),))

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """Return what `pack` packed. Raises `ValueError`."""
        if (len(data) - ID_BYTES) % _KEY.size or len(data) < ID_BYTES:
            raise ValueError("a vault's secret is its identity and whole data keys")
        return cls(identity=data[:ID_BYTES], keys=tuple(_KEY.iter_unpack(data[ID_BYTES:])))

    def pack(self) -> bytes:
        """Return the secret's bytes."""
        return self.identity + b"".join(_KEY.pack(*key) for key in self.keys)

    def with_key(self, number: int, key: bytes) -> VaultSecret:
        """Return the secret with ``key`` from record ``number`` on, in place of one from there on."""
        earlier = tuple(one for one in self.keys if one[0] < number)
        return VaultSecret(identity=self.identity, keys=(*earlier, (number, key)))

    def key_of(self, number: int) -> bytes:
        """Return the data key that record ``number``, and the file that it brought, is under."""
        return next(key for first, key in reversed(self.keys) if first <= number)
