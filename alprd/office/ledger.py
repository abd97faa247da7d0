"""The ledger's records: what changed in the vault, when, by whom, and by how much. Pure.

Format and order of checks: `alprd/docs/formats/ledger.md`.
"""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import BadSignatureError, CryptoError

from alprd.errors import OfficeInputError, VaultError
from alprd.office.documents import base64_text, bytes_of, decode, encode, number_of, text_of
from alprd.office.people import Person, card_fields, person_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nacl.signing import SigningKey

MAGIC: Final = b"ALPRDLOG\x01\0\0\0\0\0\0\0"
"""Name and version 1."""
DIGEST_BYTES: Final = 32
FIRST_PREVIOUS: Final = bytes(DIGEST_BYTES)
"""What stands before the first record."""
MAX_RECORD_BYTES: Final = 8192
MAX_TEXT: Final = 200

_FORMAT: Final = "alprd ledger 1"
NONCE_BYTES: Final = 24
_TAG_BYTES: Final = 16
_SIGNATURE_BYTES: Final = 64
_NO_SIGNATURE: Final = bytes(_SIGNATURE_BYTES)
_BROKEN: Final = "Restore the vault from its backup and find out who could write to its folder."
_NAMES: Final = frozenset(
    {
        *("at", "act", "by", "second", "subject", "slot", "file", "digest"),
        *("before", "after", "added", "removed", "source", "note", "person"),
    }
)


class Act(enum.Enum):
    """What was done."""

    VAULT_MADE = "vault made"
    PERSON_ADMITTED = "person admitted"
    PERSON_REMOVED = "person removed"
    AGREEMENT_SET = "agreement set"
    AGREEMENT_ENDED = "agreement ended"
    FEED_IMPORTED = "feed imported"
    FEED_QUARANTINED = "bad lines set aside"
    FEED_REMOVED = "feed removed"
    ENTRY_ADDED = "entry added"
    ENTRY_CORRECTED = "entry corrected"
    ENTRY_REMOVED = "entry removed"
    CASE_CLOSED = "case closed"
    ENTRIES_PURGED = "expired entries removed"
    BASE_KEPT = "base kept"
    RELEASE_BUILT = "release built"
    DELTA_BUILT = "delta built"
    CANARY_DRAWN = "canary drawn"
    CANARY_REMOVED = "canary removed"
    ACKS_TAKEN = "acknowledgements taken"
    EVIDENCE_TAKEN = "evidence taken in"
    EVIDENCE_OPENED = "evidence opened"
    EVIDENCE_SEARCHED = "evidence searched"
    EVIDENCE_SEARCH_REFUSED = "evidence search refused"
    EVIDENCE_EXPORTED = "evidence exported"
    EXPORT_ENDED = "export returned or destroyed"
    RECEIPT_SIGNED = "receipt signed"
    RETENTION_SET = "retention set"
    HOLD_SET = "hold set"
    HOLD_ENDED = "hold ended"
    CONSENT_RECORDED = "consent recorded"
    EVIDENCE_DESTROYED = "evidence destroyed"
    VAULT_REKEYED = "vault rekeyed"
    FILE_RESEALED = "file sealed anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One change. ``by`` and ``second`` are badges of admitted persons.

    The file ``slot`` of the vault had ``before`` rows and has ``after``; it is ``file`` now, with the
    BLAKE2b-256 ``digest``, None when it is gone. ``source`` is the digest of what was imported.
    """

    at_s: int
    act: Act
    by: str
    subject: str
    second: str | None = None
    slot: str | None = None
    file: str | None = None
    digest: bytes | None = None
    before: int = 0
    after: int = 0
    added: int = 0
    removed: int = 0
    source: bytes | None = None
    note: str = ""
    person: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The present file of a slot."""

    file: str
    digest: bytes
    rows: int


@dataclass(slots=True)
class Replayed:
    """What all records together say: the admitted persons by badge, the present files, the chain's head."""

    records: list[Record] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    heads: list[bytes] = field(default_factory=lambda: [FIRST_PREVIOUS])
    last_s: int = 0

    @property
    def head(self) -> bytes:
        """The digest of the last record."""
        return self.heads[-1]

    def copy(self) -> Replayed:
        """Return the same, to be changed apart."""
        return Replayed(
            list(self.records), dict(self.people), dict(self.slots), list(self.heads), self.last_s
        )


def digest_of(data: bytes | bytearray | memoryview) -> bytes:
    """Return BLAKE2b-256."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()


def seal_record(
    record: Record,
    number: int,
    *,
    previous: bytes,
    vault: bytes,
    key: bytes,
    signing: SigningKey,
    nonce: bytes,
    second: SigningKey | None = None,
) -> bytes:
    """Return record ``number`` (from 1) signed, encrypted under the data key and chained to ``previous``.

    ``nonce`` is 24 random bytes. ``second`` signs for the record's second person.
    """
    text = encode(_FORMAT, _fields(record))
    bound = _bound(number, previous, vault)
    plain = signing.sign(bound + text).signature + _second_signature(second, bound + text) + text
    return MAGIC + nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(plain, bound, nonce, key)


def append(state: Replayed, data: bytes, *, vault: bytes, key: bytes) -> None:
    """Check the next record's file ``data`` against all before it and take it into ``state``.

    Raises `VaultError` when the chain, the signature, the counts or the record's own form are wrong.
    """
    number = len(state.records) + 1
    what = f"record {number} of the ledger"
    bound = _bound(number, state.head, vault)
    record, text, signatures = _open(data, bound, key, what)
    if record.act is Act.VAULT_MADE and number == 1 and record.person is not None:
        state.people[record.person.badge] = record.person
    _check_signature(state, record.by, bound + text, signatures[:_SIGNATURE_BYTES], what)
    if record.second is not None:
        _check_signature(state, record.second, bound + text, signatures[_SIGNATURE_BYTES:], what)
    elif signatures[_SIGNATURE_BYTES:] != _NO_SIGNATURE:
        raise VaultError(f"{what} has a second signature and names no second person", hint=_BROKEN)
    _follow(state, record, what)
    state.records.append(record)
    state.heads.append(digest_of(data))
    state.last_s = record.at_s


def _check_signature(state: Replayed, badge: str, signed: bytes, signature: bytes, what: str) -> None:
    person = state.people.get(badge)
    if person is None:
        raise VaultError(f"{what} is by a person who was not admitted", hint=_BROKEN)
    try:
        person.verify.verify(signed, signature)
    except (BadSignatureError, ValueError):
        raise VaultError(f"{what} is not signed by the person it names", hint=_BROKEN) from None


def _second_signature(second: SigningKey | None, signed: bytes) -> bytes:
    return _NO_SIGNATURE if second is None else second.sign(signed).signature


def check_next(state: Replayed, record: Record) -> None:
    """Raise `VaultError` when ``record`` could not follow: its time, counts or second person."""
    what = f"record {len(state.records) + 1} of the ledger"
    if record.at_s < state.last_s:
        raise VaultError(
            f"{what} would be earlier than the one before it", hint="Set this computer's clock right."
        )
    rows = state.slots[record.slot].rows if record.slot in state.slots else 0
    if record.slot is not None and (
        record.before != rows or record.after != rows + record.added - record.removed
    ):
        raise VaultError(f"{what}: its counts do not follow from the one before it", hint=_BROKEN)
    if record.second is not None and (record.second == record.by or record.second not in state.people):
        raise VaultError(f"{what}: the second person is not another admitted one", hint=_BROKEN)


def _follow(state: Replayed, record: Record, what: str) -> None:
    check_next(state, record)
    match record.act:
        case Act.VAULT_MADE:
            if state.records or record.person is None or record.person.badge != record.by:
                raise VaultError(f"{what} makes a vault that is there", hint=_BROKEN)
        case Act.PERSON_ADMITTED if record.person is not None:
            state.people[record.person.badge] = record.person
        case Act.PERSON_REMOVED:
            state.people.pop(record.subject, None)
        case _:
            pass
    if record.slot is not None:
        state.slots.pop(record.slot, None)
        if record.file is not None and record.digest is not None:
            state.slots[record.slot] = Slot(file=record.file, digest=record.digest, rows=record.after)
        elif record.after != 0:
            raise VaultError(f"{what} counts rows in a file that is gone", hint=_BROKEN)


def _open(data: bytes, bound: bytes, key: bytes, what: str) -> tuple[Record, bytes, bytes]:
    start = len(MAGIC) + NONCE_BYTES
    if (
        data[: len(MAGIC)] != MAGIC
        or not start + _TAG_BYTES + 2 * _SIGNATURE_BYTES < len(data) <= MAX_RECORD_BYTES
    ):
        raise VaultError(f"{what} is not in the ledger's format", hint=_BROKEN)
    try:
        plain = crypto_aead_xchacha20poly1305_ietf_decrypt(data[start:], bound, data[len(MAGIC) : start], key)
    except CryptoError:
        raise VaultError(
            f"{what} does not open: it was altered, or it does not follow the one before it", hint=_BROKEN
        ) from None
    text = plain[2 * _SIGNATURE_BYTES :]
    try:
        record = _record(decode(text, _FORMAT, _NAMES, what), what)
    except OfficeInputError as error:
        raise VaultError(str(error), hint=_BROKEN) from None
    return record, text, plain[: 2 * _SIGNATURE_BYTES]


def _bound(number: int, previous: bytes, vault: bytes) -> bytes:
    return MAGIC + vault + number.to_bytes(8, "little") + previous


def _fields(record: Record) -> dict[str, object]:
    return {
        "at": record.at_s,
        "act": record.act.value,
        "by": record.by,
        "second": record.second or "",
        "subject": record.subject[:MAX_TEXT],
        "slot": record.slot or "",
        "file": record.file or "",
        "digest": base64_text(record.digest or b""),
        "before": record.before,
        "after": record.after,
        "added": record.added,
        "removed": record.removed,
        "source": base64_text(record.source or b""),
        "note": record.note[:MAX_TEXT],
        "person": {} if record.person is None else card_fields(record.person),
    }


def _record(fields: Mapping[str, object], what: str) -> Record:
    try:
        act = Act(text_of(fields, "act", what))
    except ValueError:
        raise VaultError(f"{what}: what was done is none of the acts") from None
    person = fields["person"]
    if not isinstance(person, dict):
        raise VaultError(f"{what}: person is not an object")
    return Record(
        at_s=number_of(fields, "at", what),
        act=act,
        by=text_of(fields, "by", what),
        second=text_of(fields, "second", what) or None,
        subject=text_of(fields, "subject", what),
        slot=text_of(fields, "slot", what) or None,
        file=text_of(fields, "file", what) or None,
        digest=_digest(fields, "digest", what),
        before=number_of(fields, "before", what),
        after=number_of(fields, "after", what),
        added=number_of(fields, "added", what),
        removed=number_of(fields, "removed", what),
        source=_digest(fields, "source", what),
        note=text_of(fields, "note", what),
        person=person_of(person, what) if person else None,
    )


def _digest(fields: Mapping[str, object], name: str, what: str) -> bytes | None:
    return bytes_of(fields, name, DIGEST_BYTES, what) if fields[name] else None
