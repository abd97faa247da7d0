"""A person's key file, which only their passphrase opens, and their card. A shell.

The key file stays with the person, outside of the office's folder. See `alprd/docs/office.md`.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import nacl.utils
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey
from nacl.pwhash import argon2id
from nacl.signing import SigningKey

from alprd.disk import write_durably
from alprd.errors import OfficeInputError, printable
from alprd.office.documents import base64_text, bytes_of, decode, encode, number_of, text_of
from alprd.office.people import (
    KEY_BYTES,
    Person,
    PersonKeys,
    card_fields,
    check_badge,
    check_name,
    person_of,
)

if TYPE_CHECKING:
    from pathlib import Path

MIN_PASSPHRASE: Final = 12
"""Characters. Argon2id makes each guess cost a second; it cannot save a short one."""

_KEY_FORMAT: Final = "alprd office person key 1"
_CARD_FORMAT: Final = "alprd office person 1"
_NONCE_BYTES: Final = 24
_TAG_BYTES: Final = 16
_MAX_FILE_BYTES: Final = 8192
_CARD_MODE: Final = 0o644
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one guess of a passphrase costs: Argon2id passes, and bytes of memory."""

    passes: int
    memory: int


COST: Final = Cost(passes=argon2id.OPSLIMIT_MODERATE, memory=argon2id.MEMLIMIT_MODERATE)
"""Three passes over 256 MiB."""
_MAX_COST: Final = Cost(passes=argon2id.OPSLIMIT_SENSITIVE, memory=argon2id.MEMLIMIT_SENSITIVE)


def write_keys(path: Path, keys: PersonKeys, passphrase: str, *, cost: Cost = COST) -> None:
    """Write the secrets of ``keys`` to a new file under ``passphrase``.

    Raises `OfficeInputError` when the passphrase is too short, `StorageError` when the file cannot be
    written or is there already.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise OfficeInputError(
            f"a passphrase has at least {MIN_PASSPHRASE} characters",
            hint="Take four or five words that nobody would guess together.",
        )
    salt, nonce = nacl.utils.random(argon2id.SALTBYTES), nacl.utils.random(_NONCE_BYTES)
    secrets = bytes(keys.signing) + bytes(keys.unsealing)
    box = crypto_aead_xchacha20poly1305_ietf_encrypt(
        secrets, _bound(keys.name, keys.badge), nonce, _key(passphrase, salt, cost)
    )
    fields = {
        "name": keys.name,
        "badge": keys.badge,
        "passes": cost.passes,
        "memory": cost.memory,
        "salt": base64_text(salt),
        "nonce": base64_text(nonce),
        "secrets": base64_text(box),
    }
    write_durably(path, encode(_KEY_FORMAT, fields), replace=False)


def read_keys(path: Path, passphrase: str) -> PersonKeys:
    """Open a person's key file.

    Raises `OfficeInputError` when it is none, when others than its owner may read it, and when the
    passphrase does not open it.
    """
    what = str(path)
    data = _read(path, is_secret=True)
    names = {"name", "badge", "passes", "memory", "salt", "nonce", "secrets"}
    fields = decode(data, _KEY_FORMAT, names, what)
    cost = Cost(passes=number_of(fields, "passes", what), memory=number_of(fields, "memory", what))
    if (
        not argon2id.OPSLIMIT_MIN <= cost.passes <= _MAX_COST.passes
        or not argon2id.MEMLIMIT_MIN <= cost.memory <= _MAX_COST.memory
    ):
        raise OfficeInputError(f"{what}: the cost of its passphrase is out of range")
    name, badge = text_of(fields, "name", what), text_of(fields, "badge", what)
    key = _key(passphrase, bytes_of(fields, "salt", argon2id.SALTBYTES, what), cost)
    try:
        secrets = crypto_aead_xchacha20poly1305_ietf_decrypt(
            bytes_of(fields, "secrets", 2 * KEY_BYTES + _TAG_BYTES, what),
            _bound(name, badge),
            bytes_of(fields, "nonce", _NONCE_BYTES, what),
            key,
        )
    except CryptoError:
        raise OfficeInputError(
            f"{what}: the passphrase does not open it", hint="Type it again; nobody can recover it."
        ) from None
    return PersonKeys(
        name=check_name(name),
        badge=check_badge(badge),
        signing=SigningKey(secrets[:KEY_BYTES]),
        unsealing=PrivateKey(secrets[KEY_BYTES:]),
    )


def write_card(path: Path, person: Person) -> None:
    """Write the public half, to be admitted by another. Raises `StorageError`."""
    write_durably(path, encode(_CARD_FORMAT, card_fields(person)), mode=_CARD_MODE)


def read_card(path: Path) -> Person:
    """Read what `write_card` wrote. Raises `OfficeInputError`."""
    fields = decode(_read(path), _CARD_FORMAT, {"name", "badge", "verify", "unseal"}, str(path))
    return person_of(fields, str(path))


def _key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    key: bytes = argon2id.kdf(
        KEY_BYTES, passphrase.encode(), salt, opslimit=cost.passes, memlimit=cost.memory
    )
    return key


def _bound(name: str, badge: str) -> bytes:
    return f"{_KEY_FORMAT}\0{name}\0{badge}".encode()


def _read(path: Path, *, is_secret: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            mode = path.stat().st_mode
            data = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise OfficeInputError(f"{printable(str(path))} cannot be read: {error.strerror}") from None
    if is_secret and mode & _OTHERS:
        raise OfficeInputError(
            f"{path} holds secret keys and others may read it", hint=f"Run `chmod 600 {path}`."
        )
    if len(data) > _MAX_FILE_BYTES:
        raise OfficeInputError(f"{path} has more than {_MAX_FILE_BYTES} bytes: it is no file of a person")
    return data
