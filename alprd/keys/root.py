"""The root record: who may approve lists, and to whom evidence is sealed. Pure.

The format is `alprd/docs/formats/root.md`.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from nacl.public import PublicKey
from nacl.signing import VerifyKey

from alprd.errors import KeysError
from alprd.keys.approvals import (
    APPROVAL_BYTES,
    MAX_APPROVALS,
    Approval,
    check_approvals,
    pack_trailer,
    parse_trailer,
    trailer_bytes,
    with_approval,
)

if TYPE_CHECKING:
    from nacl.signing import SigningKey

MAGIC: Final = b"ALPRROOT"
VERSION: Final = 1
SIGNING_DOMAIN: Final = b"alprd root v1"
MIN_THRESHOLD: Final = 2
MAX_APPROVERS: Final = 32
NAME_BYTES: Final = 32
MAX_UNIX_S: Final = 2**32 - 1

_FIXED: Final = struct.Struct("<8sHBBIII32s32s")
_APPROVER: Final = struct.Struct("<32s32s")
_NAME: Final = re.compile(rb"[!-~](?:[ -~]{0,30}[!-~])?")
_GROUP: Final = 4

MAX_BYTES: Final = _FIXED.size + _APPROVER.size * MAX_APPROVERS + trailer_bytes(MAX_APPROVALS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """A person who may approve lists and the next root record."""

    name: str
    public: VerifyKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What a root record says. ``issued`` and ``expires`` are Unix seconds; ``version`` counts from 1.

    ``threshold`` is how many different ``approvers`` a list needs; evidence is sealed to ``evidence``.
    """

    service: str
    version: int
    threshold: int
    approvers: tuple[Approver, ...]
    evidence: PublicKey
    issued: int
    expires: int

    def __post_init__(self) -> None:
        for name in (self.service, *(approver.name for approver in self.approvers)):
            if _NAME.fullmatch(name.encode("ascii", "replace")) is None or not name.isascii():
                raise ValueError("a name has 1 to 32 ASCII characters, no space first or last")
        if not MIN_THRESHOLD <= self.threshold <= len(self.approvers) <= MAX_APPROVERS:
            raise ValueError(f"a threshold is 2 to the number of approvers, these at most {MAX_APPROVERS}")
        if not 1 <= self.version <= MAX_UNIX_S:
            raise ValueError("a root version is 1 to 2**32 - 1")
        if not 0 <= self.issued < self.expires <= MAX_UNIX_S:
            raise ValueError("a root record expires after it was issued, in 32-bit Unix seconds")
        keys = [bytes(approver.public) for approver in self.approvers]
        if not all(a < b for a, b in pairwise(keys)):
            raise ValueError("the approvers are not sorted by key, or one stands twice")

    @property
    def keys(self) -> frozenset[bytes]:
        """The approvers' Ed25519 public keys."""
        return frozenset(bytes(approver.public) for approver in self.approvers)

    @property
    def fingerprint(self) -> str:
        """Five groups of four characters, to be compared by voice on provisioning."""
        digest = hashlib.blake2b(self.pack(), digest_size=10, person=b"alprd root").hexdigest()
        return " ".join(digest[place : place + _GROUP] for place in range(0, len(digest), _GROUP))

    def name_of(self, public: bytes) -> str | None:
        """Return the name of the approver with that key, None when it is none's."""
        names = (approver.name for approver in self.approvers if bytes(approver.public) == public)
        return next(names, None)

    def pack(self) -> bytes:
        """Return the record up to its approvals."""
        fixed = _FIXED.pack(
            MAGIC,
            VERSION,
            self.threshold,
            len(self.approvers),
            self.version,
            self.issued,
            self.expires,
            self.service.encode("ascii"),
            bytes(self.evidence),
        )
        people = ((bytes(person.public), person.name.encode("ascii")) for person in self.approvers)
        return fixed + b"".join(_APPROVER.pack(*person) for person in people)


@dataclass(frozen=True, slots=True, kw_only=True)
class RootRecord:
    """A root and those who signed it. Well formed says nothing of whether they may."""

    root: Root
    approvals: tuple[Approval, ...]

    def pack(self) -> bytes:
        """Return the whole record."""
        return self.root.pack() + pack_trailer(self.approvals)

    def message(self) -> bytes:
        """Return the bytes that each approval is over."""
        return SIGNING_DOMAIN + hashlib.blake2b(self.root.pack()).digest()

    def approved_by(self, signer: SigningKey) -> RootRecord:
        """Return the record with ``signer``'s approval, in place of an earlier one of the same."""
        return replace(self, approvals=with_approval(self.approvals, self.message(), signer))


def parse_root(data: bytes) -> RootRecord:
    """Return the record that ``data`` is. Raises `KeysError`."""
    try:
        return _parse(data)
    except ValueError as error:
        raise KeysError(f"the root record is not well formed: {error}") from None


def check_first(record: RootRecord) -> None:
    """Raise `KeysError` unless a record of version 1 is signed by enough of its own approvers.

    A later version's signers are those of the version before: of it nothing is said here, and whoever
    believes it must know it by its fingerprint.
    """
    if record.root.version == 1:
        _check(record, record.root)


def check_successor(record: RootRecord, current: Root) -> None:
    """Raise `KeysError` unless ``record`` follows ``current`` and the approvers of that signed it."""
    new = record.root
    if new.service != current.service:
        raise KeysError("the root record is another service's")
    if new.version != current.version + 1:
        raise KeysError(
            f"the root record has version {new.version}; this unit takes version {current.version + 1}",
            hint="Install the office's root records one after the other; they never go back.",
        )
    _check(record, current)


def _check(record: RootRecord, signers: Root) -> None:
    try:
        check_approvals(
            record.approvals, record.message(), approvers=signers.keys, threshold=signers.threshold
        )
    except ValueError as error:
        raise KeysError(f"the root record is not to be believed: {error}") from None


def _parse(data: bytes) -> RootRecord:
    if len(data) < _FIXED.size or data[: len(MAGIC)] != MAGIC:
        raise ValueError("its first 8 bytes are not ALPRROOT, or it ends too early")
    _, form, threshold, count, version, issued, expires, service, evidence = _FIXED.unpack_from(data)
    if form != VERSION:
        raise ValueError(f"it has format version {form}; this software reads {VERSION}")
    end = _FIXED.size + _APPROVER.size * count
    if len(data) < end + APPROVAL_BYTES:
        raise ValueError("it ends before its approvals")
    people = [_APPROVER.unpack_from(data, _FIXED.size + _APPROVER.size * i) for i in range(count)]
    root = Root(
        service=_text(service),
        version=version,
        threshold=threshold,
        approvers=tuple(Approver(name=_text(name), public=VerifyKey(public)) for public, name in people),
        evidence=PublicKey(evidence),
        issued=issued,
        expires=expires,
    )
    return RootRecord(root=root, approvals=parse_trailer(data[end:]))


def _text(padded: bytes) -> str:
    text = padded.rstrip(b"\0")
    if _NAME.fullmatch(text) is None:
        raise ValueError("a name is not ASCII filled up with 0")
    return text.decode("ascii")
