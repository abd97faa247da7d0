"""The vault's keyring: its secret, sealed to each of its people. No I/O; see `docs/formats/ledger.md`."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from nacl.public import SealedBox

from alprd.errors import OfficeInputError, VaultError
from alprd.office.documents import base64_text, decode, encode, text_of
from alprd.office.sealed import TAMPERED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alprd.office.people import Person
    from alprd.office.secret import VaultSecret

_FORMAT: Final = "alprd vault keyring 2"


def pack(secret: VaultSecret, people: Iterable[Person]) -> bytes:
    """Return the keyring that opens to ``people`` and to nobody else."""
    packed = secret.pack()
    boxes = {
        base64_text(bytes(person.unseal)): base64_text(SealedBox(person.unseal).encrypt(packed))
        for person in people
    }
    return encode(_FORMAT, {"keys": boxes})


def box_for(ring: bytes, public: bytes) -> bytes:
    """Return the box of the person with the X25519 key ``public``, empty for none. Raises `VaultError`."""
    what = "the vault's keyring"
    try:
        keys = decode(ring, _FORMAT, {"keys"}, what)["keys"]
        boxes = keys if isinstance(keys, dict) else {}
        name = base64_text(public)
        return base64.b64decode(text_of(boxes, name, what), validate=True) if name in boxes else b""
    except (OfficeInputError, ValueError) as error:
        raise VaultError(f"the vault's keyring is damaged: {error}", hint=TAMPERED) from None
