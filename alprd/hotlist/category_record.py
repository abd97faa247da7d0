"""The signed record that adds categories to the closed set. Pure.

The format is `alprd/docs/formats/categories.md`: who was consulted stands in it, and two approvers sign it.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from alprd.errors import KeysError
from alprd.hotlist.categories import (
    LAST_ADDED,
    MAX_CITED_BYTES,
    MAX_LABEL_BYTES,
    MAX_UNIX_S,
    AddedCategory,
    CategoryFacts,
    CategoryTable,
    Priority,
    Source,
)
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

    from alprd.keys.root import Root

MAGIC: Final = b"ALPRCATS"
VERSION: Final = 1
SIGNING_DOMAIN: Final = b"alprd categories v1"
CLOCK_TOLERANCE_S: Final = 300
MAX_RECORD_VERSION: Final = 2**32 - 1

_FIXED: Final = struct.Struct("<8sHBBIII32s")
_CATEGORY: Final = struct.Struct("<BBBBHI")
_SERVICE: Final = re.compile(r"[!-~](?:[ -~]{0,30}[!-~])?", re.ASCII)
_SOURCES: Final = tuple(Source)
_CAN_STOP: Final = 1
_TEXTS: Final = 5
_MOST_CATEGORY: Final = _CATEGORY.size + _TEXTS + 32 + 2 * MAX_LABEL_BYTES + 2 * MAX_CITED_BYTES
MAX_CATEGORIES: Final = LAST_ADDED - 18
MAX_BYTES: Final = _FIXED.size + _MOST_CATEGORY * MAX_CATEGORIES + trailer_bytes(MAX_APPROVALS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRecord:
    """What a record says. ``issued`` is Unix seconds; ``version`` counts from 1 and only rises.

    Raises `ValueError` when it contradicts itself.
    """

    service: str
    version: int
    root_version: int
    issued: int
    added: tuple[AddedCategory, ...]

    def __post_init__(self) -> None:
        if _SERVICE.fullmatch(self.service) is None:
            raise ValueError("a service has 1 to 32 ASCII characters, no space first or last")
        if not 1 <= self.version <= MAX_RECORD_VERSION or not 1 <= self.root_version <= MAX_RECORD_VERSION:
            raise ValueError("a version is 1 to 2**32 - 1")
        if not 0 <= self.issued <= MAX_UNIX_S:
            raise ValueError("a record is issued in 32-bit Unix seconds")
        CategoryTable(self.added)
        if any(one.consulted_s > self.issued for one in self.added):
            raise ValueError("a consultation is dated after the record")

    def pack(self) -> bytes:
        """Return the record up to its approvals."""
        fixed = _FIXED.pack(
            MAGIC,
            VERSION,
            0,
            len(self.added),
            self.version,
            self.root_version,
            self.issued,
            self.service.encode("ascii"),
        )
        return fixed + b"".join(_pack_category(one) for one in self.added)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCategories:
    """A record and those who signed it. Well formed says nothing of whether they may."""

    record: CategoryRecord
    approvals: tuple[Approval, ...]

    def pack(self) -> bytes:
        """Return the whole record."""
        return self.record.pack() + pack_trailer(self.approvals)

    def message(self) -> bytes:
        """Return the bytes that each approval is over."""
        return SIGNING_DOMAIN + hashlib.blake2b(self.record.pack()).digest()

    def approved_by(self, signer: SigningKey) -> SignedCategories:
        """Return the record with ``signer``'s approval, in place of an earlier one of the same."""
        return replace(self, approvals=with_approval(self.approvals, self.message(), signer))

    def table(self) -> CategoryTable:
        """Return the closed set with what the record adds."""
        return CategoryTable(self.record.added)


def parse_categories(data: bytes) -> SignedCategories:
    """Return the record that ``data`` is (check 1). Raises `KeysError`."""
    try:
        return _parse(data)
    except ValueError as error:
        raise KeysError(f"the category record is not well formed: {error}", hint=_HINT) from None


def check_approved(signed: SignedCategories, root: Root) -> None:
    """Raise `KeysError` unless ``root``'s approvers signed the record (checks 2 and 3)."""
    check_meant_for(signed.record, root)
    try:
        check_approvals(signed.approvals, signed.message(), approvers=root.keys, threshold=root.threshold)
    except ValueError as error:
        raise KeysError(f"the category record is not to be believed: {error}", hint=_HINT) from None


def check_meant_for(record: CategoryRecord, root: Root) -> None:
    """Raise `KeysError` unless the record is of ``root``'s service, and of no root record after it."""
    if record.service != root.service:
        raise KeysError("the category record is another service's", hint=_HINT)
    if record.root_version > root.version:
        raise KeysError(
            f"the category record was made under root version {record.root_version}; here is {root.version}",
            hint="Install the office's newest root record with `alprctl root install FILE` first.",
        )


def check_successor(record: CategoryRecord, current: CategoryRecord | None, *, now_s: int) -> None:
    """Raise `KeysError` unless ``record`` may follow ``current`` at ``now_s`` (checks 4 to 6)."""
    if current is not None and record.version <= current.version:
        raise KeysError(
            f"the category record has version {record.version}; version {current.version} is in force",
            hint="Category records never go back: install the office's newest one.",
        )
    if record.issued > now_s + CLOCK_TOLERANCE_S:
        raise KeysError(
            f"the category record was issued {record.issued - now_s} s in the future of this clock",
            hint="Check the clocks of the unit and of the office, then try again.",
        )
    before = () if current is None else current.added
    for old in before:
        for new in record.added:
            if (old.number == new.number) != (old.slug == new.slug):
                raise KeysError(
                    f"the category record gives number {new.number} or its slug another meaning", hint=_HINT
                )


_HINT: Final = "Ask the hotlist custodian for the category record that the office has in force."


def _pack_category(one: AddedCategory) -> bytes:
    facts = one.facts
    flags = _CAN_STOP if facts.can_stop else 0
    source = 1 + _SOURCES.index(facts.source)
    head = _CATEGORY.pack(one.number, source, facts.priority, flags, facts.max_days, one.consulted_s)
    texts = [one.slug, facts.english, facts.french, one.reference, one.consulted_with]
    return head + b"".join(bytes([len(text.encode())]) + text.encode() for text in texts)


def _parse(data: bytes) -> SignedCategories:
    if len(data) < _FIXED.size or data[: len(MAGIC)] != MAGIC:
        raise ValueError("its first 8 bytes are not ALPRCATS, or it ends too early")
    _, form, reserved, count, version, root_version, issued, service = _FIXED.unpack_from(data)
    if form != VERSION:
        raise ValueError(f"it has format version {form}; this software reads {VERSION}")
    if reserved:
        raise ValueError("a reserved field is not 0")
    if count > MAX_CATEGORIES:
        raise ValueError(f"it adds at most {MAX_CATEGORIES} categories; found {count}")
    place, added = _FIXED.size, []
    for _ in range(count):
        one, place = _parse_category(data, place)
        added.append(one)
    if len(data) < place + APPROVAL_BYTES:
        raise ValueError("it ends before its approvals")
    record = CategoryRecord(
        service=service.rstrip(b"\0").decode("latin-1"),
        version=version,
        root_version=root_version,
        issued=issued,
        added=tuple(added),
    )
    return SignedCategories(record=record, approvals=parse_trailer(data[place:]))


def _parse_category(data: bytes, place: int) -> tuple[AddedCategory, int]:
    if len(data) < place + _CATEGORY.size:
        raise ValueError("it ends within a category")
    number, source, priority, flags, days, consulted = _CATEGORY.unpack_from(data, place)
    place += _CATEGORY.size
    texts = []
    for _ in range(_TEXTS):
        end = place + 1 + (data[place] if place < len(data) else 0)
        if end > len(data):
            raise ValueError("it ends within a category's text")
        texts.append(data[place + 1 : end].decode("utf-8"))
        place = end
    slug, english, french, reference, consulted_with = texts
    if not 1 <= source <= len(_SOURCES):
        raise ValueError("a category's source is 1 to 3")
    if flags > _CAN_STOP:
        raise ValueError("a reserved flag is not 0")
    facts = CategoryFacts(
        english, french, _SOURCES[source - 1], Priority(priority), days, can_stop=flags == _CAN_STOP
    )
    one = AddedCategory(
        number=number,
        slug=slug,
        facts=facts,
        reference=reference,
        consulted_s=consulted,
        consulted_with=consulted_with,
    )
    return one, place
