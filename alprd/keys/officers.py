"""Who may log in at a unit's dash, as a record that the office's approvers sign.

See `alprd/docs/formats/officers.md`. A PIN's hash is Argon2id, which makes every guess cost time and memory.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import struct
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Final

import nacl.exceptions
from nacl.pwhash import argon2id

from alprd.disk import write_durably
from alprd.errors import KeysError, printable
from alprd.keys.approvals import (
    MAX_APPROVALS,
    Approval,
    check_approvals,
    pack_trailer,
    parse_trailer,
    trailer_bytes,
    with_approval,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nacl.signing import SigningKey

    from alprd.keys.root import Root

OFFICERS_FILE: Final = "office.officers"
"""Name of the record, beside the root record."""
MAX_OFFICERS: Final = 2000
_MAGIC: Final = b"ALPROFFS"
_VERSION: Final = 2
_SIGNING_DOMAIN: Final = b"alprd officers v2"
_HEAD: Final = struct.Struct("<8sHHI")
_MAX_TEXT_BYTES: Final = 1 << 20
_MAX_FILE_BYTES: Final = _HEAD.size + _MAX_TEXT_BYTES + trailer_bytes(MAX_APPROVALS)
_MAX_NUMBER: Final = 2**32 - 1
_CLOCK_TOLERANCE_S: Final = 300
_FIELDS: Final = {"service", "version", "root_version", "issued", "officers"}
_HINT: Final = "Ask the hotlist custodian for the record of officers that the office has in force."
_BADGE: Final = re.compile(r"[!-~]{1,16}", re.ASCII)
_SECRET: Final = re.compile(r"[!-~]{4,16}", re.ASCII)
_HASH: Final = re.compile(r"\$argon2id\$[!-~]{1,112}", re.ASCII)
_DIGEST: Final = re.compile(r"([0-9a-f]{64})?", re.ASCII)
_OPERATIONS: Final = 4
_MEMORY_BYTES: Final = 8 << 20
_NAMES: Final = {"badge", "secret_hash", "trained_until", "undertaking"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """One who may log in. ``trained_until`` is the last day, like ``2027-03-31``.

    ``undertaking`` is the SHA-256 of the undertaking that the officer signed, empty where none was.
    """

    badge: str
    secret_hash: str = field(repr=False)
    trained_until: str
    undertaking: str

    def __post_init__(self) -> None:
        for name, form, text in (
            ("badge", _BADGE, self.badge),
            ("secret_hash", _HASH, self.secret_hash),
            ("undertaking", _DIGEST, self.undertaking),
        ):
            if not form.fullmatch(text):
                raise ValueError(f"{name}: expected {form.pattern}")
        dt.date.fromisoformat(self.trained_until)


def make_officer(*, badge: str, secret: str, trained_until: str, undertaking: bytes | None) -> Officer:
    """Return an officer with the hash of ``secret`` (4 to 16 characters) and of the signed ``undertaking``.

    ValueError for a badge, secret or date that cannot be used.
    """
    if not _SECRET.fullmatch(secret):
        raise ValueError("PIN: expected 4 to 16 printable ASCII characters without spaces")
    digest = "" if undertaking is None else hashlib.sha256(undertaking).hexdigest()
    return Officer(badge=badge, secret_hash=_hash(secret), trained_until=trained_until, undertaking=digest)


def is_secret(officer: Officer | None, secret: str) -> bool:
    """Return whether ``secret`` is the officer's; of nobody it is none, and that takes as long."""
    known = _NOBODY_HASH if officer is None else officer.secret_hash
    try:
        is_right: bool = argon2id.verify(known.encode("ascii"), secret.encode("ascii"))
    except (nacl.exceptions.InvalidkeyError, UnicodeEncodeError):
        return False
    return is_right and officer is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerRecord:
    """Who may log in at the units of ``service``. ``issued`` is Unix seconds; ``version`` only rises.

    Raises `ValueError` when it contradicts itself.
    """

    service: str
    version: int
    root_version: int
    issued: int
    officers: tuple[Officer, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.version <= _MAX_NUMBER or not 1 <= self.root_version <= _MAX_NUMBER:
            raise ValueError("a version is 1 to 2**32 - 1")
        if not 0 <= self.issued <= _MAX_NUMBER:
            raise ValueError("a record is issued in 32-bit Unix seconds")
        badges = [officer.badge for officer in self.officers]
        if len(badges) > MAX_OFFICERS or badges != sorted(set(badges)):
            raise ValueError(f"expected at most {MAX_OFFICERS} officers, sorted, no badge twice")

    def pack(self) -> bytes:
        """Return the record up to its approvals."""
        text = json.dumps(asdict(self), sort_keys=True).encode("ascii")
        return _HEAD.pack(_MAGIC, _VERSION, 0, len(text)) + text


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOfficers:
    """A record and those who signed it. Well formed says nothing of whether they may."""

    record: OfficerRecord
    approvals: tuple[Approval, ...]

    def pack(self) -> bytes:
        """Return the whole record."""
        return self.record.pack() + pack_trailer(self.approvals)

    def message(self) -> bytes:
        """Return the bytes that each approval is over."""
        return _SIGNING_DOMAIN + hashlib.blake2b(self.record.pack()).digest()

    def approved_by(self, signer: SigningKey) -> SignedOfficers:
        """Return the record with ``signer``'s approval, in place of an earlier one of the same."""
        return replace(self, approvals=with_approval(self.approvals, self.message(), signer))


def parse_officers(data: bytes) -> SignedOfficers:
    """Return the record that ``data`` is (check 1). Raises `KeysError`."""
    try:
        return _parse(data)
    except (ValueError, TypeError, RecursionError) as error:
        reason = printable(str(error))
        raise KeysError(f"the officers' record is not well formed: {reason}", hint=_HINT) from None


def check_meant_for(record: OfficerRecord, root: Root) -> None:
    """Raise `KeysError` unless the record is of ``root``'s service, and of no root record after it."""
    if record.service != root.service:
        raise KeysError("the officers' record is another service's", hint=_HINT)
    if record.root_version > root.version:
        raise KeysError(
            f"the officers' record was made under root version {record.root_version}; here is {root.version}",
            hint="Install the office's newest root record with `alprctl root install FILE` first.",
        )


def check_approved(signed: SignedOfficers, root: Root) -> None:
    """Raise `KeysError` unless ``root``'s approvers signed the record (checks 2 and 3)."""
    check_meant_for(signed.record, root)
    try:
        check_approvals(signed.approvals, signed.message(), approvers=root.keys, threshold=root.threshold)
    except ValueError as error:
        raise KeysError(f"the officers' record is not to be believed: {error}", hint=_HINT) from None


def read_signed(path: Path) -> SignedOfficers | None:
    """Return the well-formed record in ``path``, None where there is none. Raises `KeysError`."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeysError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > _MAX_FILE_BYTES:
        raise KeysError(f"{path} has more than {_MAX_FILE_BYTES} bytes: it is no record of officers")
    return parse_officers(data)


def read_officers(path: Path, root: Root) -> dict[str, Officer]:
    """Return the officers that ``root``'s approvers let in, by badge; none where there is no file.

    Raises `KeysError` for a record that is not well formed, or not to be believed.
    """
    signed = read_signed(path)
    if signed is None:
        return {}
    check_approved(signed, root)
    return {officer.badge: officer for officer in signed.record.officers}


def write_signed(path: Path, signed: SignedOfficers) -> None:
    """Write a record, in place of the one before. Raises `StorageError`."""
    write_durably(path, signed.pack())


def install_officers(folder: Path, source: Path, root: Root, *, now_s: int) -> SignedOfficers:
    """Take over the record in ``source`` in one step, and return it (checks 1 to 5).

    Raises `KeysError` when it is not to be believed or not newer than the one in force: then that stays.
    """
    signed = read_signed(source)
    if signed is None:
        raise KeysError(f"{source} is not there", hint=_HINT)
    check_approved(signed, root)
    path = folder / OFFICERS_FILE
    current = read_signed(path)
    if current is not None and signed.record.version <= current.record.version:
        raise KeysError(
            f"the record has version {signed.record.version}; version {current.record.version} is in force",
            hint="Records of officers never go back: install the office's newest one.",
        )
    if signed.record.issued > now_s + _CLOCK_TOLERANCE_S:
        raise KeysError(
            f"the record was issued {signed.record.issued - now_s} s in the future of this clock",
            hint="Check the clocks of the unit and of the office, then try again.",
        )
    write_signed(path, signed)
    return signed


def _parse(data: bytes) -> SignedOfficers:
    if len(data) < _HEAD.size:
        raise ValueError("it ends too early")
    magic, form, reserved, size = _HEAD.unpack_from(data)
    end = _HEAD.size + size
    if magic != _MAGIC or form != _VERSION or reserved:
        raise ValueError(f"its head is not that of a record of officers, version {_VERSION}")
    if size > _MAX_TEXT_BYTES or end > len(data):
        raise ValueError("its text is larger than it may be, or cut")
    document = json.loads(data[_HEAD.size : end])
    if not isinstance(document, dict) or document.keys() != _FIELDS or not _is_plain(document):
        raise ValueError(f"expected exactly {', '.join(sorted(_FIELDS))}")
    officers = tuple(_officer(row) for row in document["officers"])
    record = OfficerRecord(**{**document, "officers": officers})
    if record.pack() != data[:end]:
        raise ValueError("its text is not the one way to write it")
    return SignedOfficers(record=record, approvals=parse_trailer(data[end:]))


def _is_plain(document: Mapping[str, object]) -> bool:
    numbers = [document[name] for name in ("version", "root_version", "issued")]
    is_list = isinstance(document["officers"], list)
    return is_list and isinstance(document["service"], str) and all(type(n) is int for n in numbers)


def _officer(row: Mapping[str, object]) -> Officer:
    if not isinstance(row, dict) or row.keys() != _NAMES or not all(isinstance(v, str) for v in row.values()):
        raise ValueError(f"expected texts for {', '.join(sorted(_NAMES))}")
    return Officer(**row)


def _hash(secret: str) -> str:
    return str(argon2id.str(secret.encode("ascii"), _OPERATIONS, _MEMORY_BYTES).decode("ascii"))


_NOBODY_HASH: Final = _hash("no such officer."[:16])
