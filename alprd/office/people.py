"""The people of the office: name, badge and two keys each. Pure.

A person's secrets stand in a file of their own, see `alprd.office.person_files`; the office knows the
public half.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nacl.public import PrivateKey, PublicKey
from nacl.signing import SigningKey, VerifyKey

from alprd.errors import OfficeInputError
from alprd.office.documents import base64_text, bytes_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_NAME: Final = 64
MAX_BADGE: Final = 16

KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What the office knows of a person."""

    name: str
    badge: str
    verify: VerifyKey
    unseal: PublicKey

    @property
    def fingerprint(self) -> str:
        """Five groups of four characters, to be compared by voice when the person is admitted."""
        parts = b"\0".join((self.name.encode(), self.badge.encode(), bytes(self.verify), bytes(self.unseal)))
        digest = hashlib.blake2b(parts, digest_size=10, person=b"alprd person").hexdigest()
        return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKeys:
    """A person with their secrets: ``signing`` signs the ledger, ``unsealing`` opens the vault."""

    name: str
    badge: str
    signing: SigningKey
    unsealing: PrivateKey

    @property
    def public(self) -> Person:
        """The half that the office admits."""
        return Person(
            name=self.name,
            badge=self.badge,
            verify=self.signing.verify_key,
            unseal=self.unsealing.public_key,
        )


def make_person(name: str, badge: str) -> PersonKeys:
    """Return a person with fresh keys. Raises `OfficeInputError` when the name or the badge is missing."""
    return PersonKeys(
        name=check_name(name),
        badge=check_badge(badge),
        signing=SigningKey.generate(),
        unsealing=PrivateKey.generate(),
    )


def check_name(name: str) -> str:
    """Return ``name`` without blanks around it. Raises `OfficeInputError` unless it can be a person's."""
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise OfficeInputError(f"the name is missing: 1 to {MAX_NAME} printable characters are expected")
    return name


def check_badge(badge: str) -> str:
    """Return ``badge`` without blanks around it. Raises `OfficeInputError` unless it can be a badge."""
    badge = badge.strip()
    if not 1 <= len(badge) <= MAX_BADGE or not badge.isascii() or not badge.replace("-", "").isalnum():
        raise OfficeInputError(f"the badge number is missing: 1 to {MAX_BADGE} of A-Z a-z 0-9 - are expected")
    return badge


def card_fields(person: Person) -> dict[str, str]:
    """Return the public half as texts."""
    return {
        "name": person.name,
        "badge": person.badge,
        "verify": base64_text(bytes(person.verify)),
        "unseal": base64_text(bytes(person.unseal)),
    }


def person_of(fields: Mapping[str, object], what: str) -> Person:
    """Return the person of `card_fields`. Raises `OfficeInputError`."""
    if fields.keys() != {"name", "badge", "verify", "unseal"}:
        raise OfficeInputError(f"{what}: a person has a name, a badge and two keys")
    return Person(
        name=check_name(text_of(fields, "name", what)),
        badge=check_badge(text_of(fields, "badge", what)),
        verify=VerifyKey(bytes_of(fields, "verify", KEY_BYTES, what)),
        unseal=PublicKey(bytes_of(fields, "unseal", KEY_BYTES, what)),
    )
