"""The records of a signed chain: make them, read them, find what was done to them. No I/O.

The format is `alprd/docs/formats/chain.md`.
"""

from __future__ import annotations

import enum
import hashlib
import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from nacl.exceptions import BadSignatureError

from alprd.errors import ChainError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nacl.signing import SigningKey, VerifyKey

MAGIC: Final = b"ALPC"
DOMAIN: Final = b"alprd chain v1\0"
DIGEST_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
MAX_RECORD: Final = 4096
MAX_TORN: Final = 2 * MAX_RECORD
NO_DIGEST: Final = bytes(DIGEST_BYTES)

_HEADER: Final = struct.Struct("<4sIQ32s")
MIN_RECORD: Final = _HEADER.size + 2 + SIGNATURE_BYTES


class FaultKind(enum.Enum):
    """What was done to a chain."""

    EDITED = "edited"
    REORDERED = "reordered"
    DELETED = "deleted"
    TORN = "torn"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of a chain: what, in plain words; the record's ``number`` and its ``place`` in bytes."""

    kind: FaultKind
    number: int
    place: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A record's number and digest; number 0 and zeros: of an empty chain."""

    number: int = 0
    digest: bytes = NO_DIGEST

    @classmethod
    def of(cls, record: bytes, number: int) -> Self:
        """Return the head that ``record``, all its bytes, of that ``number`` is."""
        return cls(number=number, digest=hashlib.blake2b(record, digest_size=DIGEST_BYTES).digest())

    def __str__(self) -> str:
        return f"{self.number}:{self.digest.hex()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRecord:
    """A well-formed record. ``place`` is where it starts in the file; ``fields`` is its text."""

    number: int
    before: bytes
    fields: Mapping[str, object]
    data: bytes
    place: int

    @property
    def head(self) -> Head:
        """What the next record is bound to."""
        return Head.of(self.data, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What a file holds: ``records`` that are each well formed and signed, and the first ``fault``."""

    records: tuple[ChainRecord, ...]
    fault: Fault | None
    end: int
    """Where the last good record ends, in bytes."""

    @property
    def head(self) -> Head:
        """The head of the last record."""
        return self.records[-1].head if self.records else Head()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainKind:
    """Which chain of which unit: what every signature is bound to."""

    kind: str
    unit: str

    @property
    def domain(self) -> bytes:
        """The bytes before each record that are signed with it."""
        return DOMAIN + self.kind.encode("ascii") + b"\0" + self.unit.encode("ascii") + b"\0"


def make_record(kind: ChainKind, before: Head, fields: Mapping[str, object], key: SigningKey) -> bytes:
    """Return the record with ``fields`` that follows ``before``. `ValueError` when it is too long."""
    text = json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    size = _HEADER.size + len(text) + SIGNATURE_BYTES
    if size > MAX_RECORD:
        raise ValueError(f"a record has at most {MAX_RECORD} bytes; found {size}")
    unsigned = _HEADER.pack(MAGIC, size, before.number + 1, before.digest) + text
    return unsigned + key.sign(kind.domain + unsigned).signature


def read_chain(data: bytes, kind: ChainKind, key: VerifyKey, known: Iterable[Head] = ()) -> Chain:
    """Return what ``data`` holds, with the first fault; ``known`` are heads kept elsewhere."""
    records: list[ChainRecord] = []
    place, last = 0, Head()
    fault: Fault | None = None
    while place < len(data) and fault is None:
        record = _parse(data, place, kind, key)
        if record is None:
            number = last.number + 1
            fault = _broken(data, place, number)
        elif record.number != last.number + 1:
            fault = _misplaced(data, record, last.number + 1)
        elif record.before != last.digest:
            said = f"record {record.number} does not follow record {last.number}: that was replaced"
            fault = Fault(kind=FaultKind.EDITED, number=last.number, place=place, text=said)
        else:
            records.append(record)
            place, last = place + len(record.data), record.head
    return Chain(records=tuple(records), fault=fault or _against(records, known, place), end=place)


def check_chain(chain: Chain) -> None:
    """Raise `ChainError` with the chain's fault, if it has one."""
    if chain.fault is not None:
        raise ChainError(f"{chain.fault.kind.value}: {chain.fault.text}")


def _parse(data: bytes, place: int, kind: ChainKind, key: VerifyKey) -> ChainRecord | None:
    """Return the record at ``place``, None when there is no whole one of this chain."""
    if len(data) - place < MIN_RECORD:
        return None
    magic, size, number, before = _HEADER.unpack_from(data, place)
    if magic != MAGIC or not MIN_RECORD <= size <= min(MAX_RECORD, len(data) - place):
        return None
    record = data[place : place + size]
    try:
        key.verify(kind.domain + record[:-SIGNATURE_BYTES], record[-SIGNATURE_BYTES:])
        fields = json.loads(record[_HEADER.size : -SIGNATURE_BYTES])
    except (BadSignatureError, ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    return ChainRecord(number=number, before=before, fields=fields, data=record, place=place)


def _sizes(data: bytes, place: int) -> Iterable[tuple[int, int]]:
    """Yield number and place of what looks like a record from ``place`` on."""
    while len(data) - place >= MIN_RECORD:
        magic, size, number, _ = _HEADER.unpack_from(data, place)
        if magic != MAGIC or not MIN_RECORD <= size <= len(data) - place:
            return
        yield number, place
        place += size


def _broken(data: bytes, place: int, number: int) -> Fault:
    """Tell a torn end from a record that was changed: behind that, the chain goes on."""
    following = data.find(MAGIC, place + 1)
    while following >= 0:
        if len(data) - following >= MIN_RECORD:
            _, size, later, _ = _HEADER.unpack_from(data, following)
            if later > number and MIN_RECORD <= size <= MAX_RECORD:
                said = f"record {number}, at byte {place}, is not well formed or not signed by this unit"
                return Fault(kind=FaultKind.EDITED, number=number, place=place, text=said)
        following = data.find(MAGIC, following + 1)
    said = f"the end from byte {place} is no whole record"
    return Fault(kind=FaultKind.TORN, number=number, place=place, text=said)


def _misplaced(data: bytes, record: ChainRecord, due: int) -> Fault:
    elsewhere = {number for number, _ in _sizes(data, record.place)} if record.number > due else {due}
    if record.number < due or due in elsewhere:
        said = f"record {record.number}, at byte {record.place}, stands where record {due} belongs"
        return Fault(kind=FaultKind.REORDERED, number=due, place=record.place, text=said)
    missing = f"record {due} is" if record.number == due + 1 else f"records {due} to {record.number - 1} are"
    said = f"{missing} missing, at byte {record.place}"
    return Fault(kind=FaultKind.DELETED, number=due, place=record.place, text=said)


def _against(records: Sequence[ChainRecord], known: Iterable[Head], place: int) -> Fault | None:
    """Compare a chain that is whole with the heads that others kept of it."""
    for head in sorted(known, key=lambda head: head.number):
        if head.number > len(records):
            said = f"a head of record {head.number} is known, and the chain ends at record {len(records)}"
            number = len(records) + 1
            return Fault(kind=FaultKind.TRUNCATED, number=number, place=place, text=said)
        if head.number and records[head.number - 1].head.digest != head.digest:
            said = f"record {head.number} has another digest than the head that is known of it"
            at = records[head.number - 1].place
            return Fault(kind=FaultKind.EDITED, number=head.number, place=at, text=said)
    return None
