"""What is known of a listed vehicle and of its owner, sealed under the plate itself. Pure.

The records stay encrypted on disk; one is opened for one hit, with the plate that was seen. The format
is `alprd/docs/formats/hotlist.md`.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from alprd.errors import HotlistTrustError
from alprd.hotlist import sodium
from alprd.hotlist.body import PLACE_BYTES
from alprd.plates.normal import pack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

Kind = Literal["vehicle", "person"]

LENGTHS: Final = struct.Struct("<HH")
"""Sizes of the sealed vehicle and person records, before them."""
MAX_TEXT_BYTES: Final = 255
MAX_YEAR: Final = 9999
_MAX_RECORD_BYTES: Final = 2048
_BOUND: Final = struct.Struct("<QBB")
_PLACE: Final = struct.Struct("<I20x")
_YEAR: Final = struct.Struct("<H")
_VEHICLE_FIELDS: Final = 6
_PERSON_FIELDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """What a listed vehicle looks like; empty, or year 0, where the source did not say."""

    make: str = ""
    model: str = ""
    colour: str = ""
    vehicle_class: str = ""
    descriptors: str = ""
    year: int = 0

    def __post_init__(self) -> None:
        texts = (self.make, self.model, self.colour, self.vehicle_class, self.descriptors)
        _check_texts(*texts)
        if not 0 <= self.year <= MAX_YEAR:
            raise ValueError(f"a vehicle's year is 0 (not known) to {MAX_YEAR}")

    def pack(self) -> bytes:
        """Return the record's plain text."""
        texts = (self.make, self.model, self.colour, self.vehicle_class, self.descriptors)
        return _pack_fields([*(text.encode() for text in texts), _YEAR.pack(self.year) if self.year else b""])

    @classmethod
    def parse(cls, data: bytes) -> Vehicle:
        """Return the record of a plain text. Raises `ValueError`."""
        *texts, year = _parse_fields(data, _VEHICLE_FIELDS)
        make, model, colour, vehicle_class, descriptors = (text.decode() for text in texts)
        if len(year) not in (0, _YEAR.size):
            raise ValueError("a year has 2 bytes")
        return cls(
            make=make,
            model=model,
            colour=colour,
            vehicle_class=vehicle_class,
            descriptors=descriptors,
            year=_YEAR.unpack(year)[0] if year else 0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The registered owner, for a suspended or unlicensed driver; None where the source did not say."""

    name: str
    corrective_lens: bool | None = None

    def __post_init__(self) -> None:
        _check_texts(self.name)

    def pack(self) -> bytes:
        """Return the record's plain text."""
        lens = b"" if self.corrective_lens is None else bytes([self.corrective_lens])
        return _pack_fields([self.name.encode(), lens])

    @classmethod
    def parse(cls, data: bytes) -> Person:
        """Return the record of a plain text. Raises `ValueError`."""
        name, lens = _parse_fields(data, _PERSON_FIELDS)
        if lens not in (b"", b"\0", b"\1"):
            raise ValueError("a corrective-lens condition is 0 or 1")
        return cls(name=name.decode(), corrective_lens=bool(lens[0]) if lens else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a row has beside its facts: a vehicle, a person, or both."""

    vehicle: Vehicle | None = None
    person: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The row that details belong to: what their keys are bound to."""

    packed: int
    jurisdiction: int
    category: int

    @classmethod
    def of(cls, plate: str, jurisdiction: int, category: int) -> Owner:
        """Return the owner for a plate in normal form."""
        return cls(packed=pack(plate), jurisdiction=jurisdiction, category=category)

    def key(self, details_key: bytes | memoryview, kind: Kind) -> bytes:
        """Return the 32-byte key of the ``kind`` of record."""
        bound = _BOUND.pack(self.packed, self.jurisdiction, self.category)
        return hashlib.blake2b(bound, digest_size=32, key=details_key, person=kind.encode()).digest()


def seal_details(
    rows: Iterable[tuple[int, Owner, Details]], details_key: bytes
) -> tuple[NDArray[np.uint32], bytes]:
    """Return pointers (D, 2) and the sealed details of ``rows``, which are in the order of the list."""
    pointers: list[tuple[int, int]] = []
    sealed = bytearray()
    for row, owner, details in rows:
        place = len(sealed) // PLACE_BYTES
        pointers.append((row, place))
        parts = [
            b"" if record is None else _seal(record.pack(), owner.key(details_key, kind), place)
            for kind, record in _records(details)
        ]
        sealed += LENGTHS.pack(len(parts[0]), len(parts[1])) + parts[0] + parts[1]
        sealed += bytes(-len(sealed) % PLACE_BYTES)
    return np.array(pointers, dtype=np.uint32).reshape(-1, 2), bytes(sealed)


def place_of_record(lengths: bytes, kind: Kind, room: int) -> tuple[int, int]:
    """Return offset and size of the ``kind`` of record after the 4 bytes ``lengths``; size 0: there is none.

    ``room`` is how many bytes the details have from the lengths on. Raises `HotlistTrustError`.
    """
    vehicle, person = LENGTHS.unpack(lengths)
    offset, size = (LENGTHS.size, vehicle) if kind == "vehicle" else (LENGTHS.size + vehicle, person)
    is_whole = size % PLACE_BYTES == 0 and size <= _MAX_RECORD_BYTES
    if size and (not is_whole or size <= sodium.TAG_BYTES or offset + size > room):
        raise HotlistTrustError("a detail of the hotlist does not fit its place")
    return offset, size


def open_record(
    sealed: NDArray[np.uint8], owner: Owner, details_key: memoryview, kind: Kind, place: int
) -> bytes:
    """Decrypt ``sealed`` where it lies and return its plain text. Raises `HotlistTrustError`."""
    if not sodium.decrypt_in_place(sealed, _PLACE.pack(place), owner.key(details_key, kind)):
        raise HotlistTrustError("a detail of the hotlist does not open with this plate")
    return bytes(sealed[: -sodium.TAG_BYTES])


def _records(details: Details) -> tuple[tuple[Kind, Vehicle | None], tuple[Kind, Person | None]]:
    return ("vehicle", details.vehicle), ("person", details.person)


def _seal(plain: bytes, key: bytes, place: int) -> bytes:
    room = np.frombuffer(bytearray(plain + bytes(sodium.TAG_BYTES)), dtype=np.uint8)
    sodium.encrypt_in_place(room, _PLACE.pack(place), key)
    return room.tobytes()


def _check_texts(*texts: str) -> None:
    for text in texts:
        if len(text.encode()) > MAX_TEXT_BYTES or not text.isprintable():
            raise ValueError(f"a detail is printable text of at most {MAX_TEXT_BYTES} bytes in UTF-8")


def _pack_fields(fields: list[bytes]) -> bytes:
    packed = b"".join(bytes([len(field)]) + field for field in fields)
    return packed + bytes(-len(packed) % PLACE_BYTES)


def _parse_fields(data: bytes, count: int) -> list[bytes]:
    fields = []
    place = 0
    for _ in range(count):
        if place >= len(data) or place + 1 + data[place] > len(data):
            raise ValueError("a detail ends too early")
        fields.append(data[place + 1 : place + 1 + data[place]])
        place += 1 + data[place]
    if any(data[place:]):
        raise ValueError("a detail is not filled up with 0")
    return fields
