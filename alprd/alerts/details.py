"""The messages that carry what the list says beside its plate (see docs/formats/dash-link.md)."""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass, field
from typing import ClassVar, Final, Self

from alprd.alerts.fields import PLATE, check, check_text, check_words, cut_words, padded_text
from alprd.records import AlertId

MAX_YEAR: Final = 9999
VEHICLE_TEXTS: Final = {"make": 18, "model": 24, "colour": 24, "vehicle_class": 24, "descriptors": 130}
"""The texts of a VEHICLE in their order, and how many bytes of UTF-8 each has at most."""

MAX_NAME: Final = 72
"""Bytes of UTF-8 in the name of a PERSON."""
MAX_SHOWN_S: Final = 600
FIRST_ADDED_CATEGORY: Final = 19
LAST_ADDED_CATEGORY: Final = 31
"""The numbers that a category record can add; the others the dash knows by itself."""
MAX_CATEGORY_LABEL: Final = 48
"""Bytes of UTF-8 in a category's label."""
MAX_CATEGORY_CHARACTERS: Final = 24

_U8: Final = 0xFF
_U16: Final = 0xFFFF
_PERSON = struct.Struct("<HBH10sBB")
_VEHICLE = struct.Struct("<HBH")
_LEAST_BYTES: Final = _VEHICLE.size + len(VEHICLE_TEXTS)


class Detail(enum.IntEnum):
    """Whether the list says anything, and whether it could be opened."""

    LISTED = 1
    NOT_LISTED = 2
    UNREADABLE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleMessage:
    """The listed vehicle of an alert; empty, or year 0, where the list does not say."""

    TYPE: ClassVar[int] = 0x14
    LENGTHS: ClassVar[range] = range(_LEAST_BYTES, _LEAST_BYTES + sum(VEHICLE_TEXTS.values()) + 1)
    alert_id: AlertId
    detail: Detail
    year: int = 0
    make: str = field(default="", repr=False)
    model: str = field(default="", repr=False)
    colour: str = field(default="", repr=False)
    vehicle_class: str = field(default="", repr=False)
    descriptors: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        check("alert id", self.alert_id, 1, _U16)
        is_listed = self.detail is Detail.LISTED
        check("year", self.year, 0, MAX_YEAR if is_listed else 0)
        for name, most in VEHICLE_TEXTS.items():
            check_words(name, getattr(self, name), most if is_listed else 0)

    @classmethod
    def of(cls, alert_id: AlertId, *, year: int, **texts: str) -> Self:
        """Return the message of what the list says, with texts that are too long cut."""
        cut = {name: cut_words(text, VEHICLE_TEXTS[name]) for name, text in texts.items()}
        return cls(alert_id=alert_id, detail=Detail.LISTED, year=year, **cut)

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        texts = [getattr(self, name).encode() for name in VEHICLE_TEXTS]
        head = _VEHICLE.pack(self.alert_id, self.detail, self.year)
        return head + b"".join(bytes([len(text)]) + text for text in texts)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        alert_id, detail, year = _VEHICLE.unpack_from(payload)
        texts = dict(zip(VEHICLE_TEXTS, _texts(payload[_VEHICLE.size :]), strict=True))
        return cls(alert_id=AlertId(alert_id), detail=Detail(detail), year=year, **texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMessage:
    """What category ``number`` of the unit's category record is called, in both languages."""

    TYPE: ClassVar[int] = 0x16
    LENGTHS: ClassVar[range] = range(5, 3 + 2 * MAX_CATEGORY_LABEL + 1)
    number: int
    english: str
    french: str

    def __post_init__(self) -> None:
        check("category", self.number, FIRST_ADDED_CATEGORY, LAST_ADDED_CATEGORY)
        for name in ("english", "french"):
            check("length of a label", len(getattr(self, name)), 1, MAX_CATEGORY_CHARACTERS)
            check_words(name, getattr(self, name), MAX_CATEGORY_LABEL)

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        texts = [text.encode() for text in (self.english, self.french)]
        return bytes([self.number]) + b"".join(bytes([len(text)]) + text for text in texts)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        english, french = _texts(payload[1:])
        return cls(number=payload[0], english=english, french=french)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMessage:
    """The registered owner of a plate that an officer has CONFIRMED, to be shown ``seconds`` at most.

    ``corrective_lens`` is whether the licence asks for lenses, None where the list does not say.
    """

    TYPE: ClassVar[int] = 0x15
    LENGTHS: ClassVar[range] = range(_PERSON.size, _PERSON.size + MAX_NAME + 1)
    alert_id: AlertId
    detail: Detail
    seconds: int
    plate: str = field(repr=False)
    category: int
    name: str = field(default="", repr=False)
    corrective_lens: bool | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check("alert id", self.alert_id, 1, _U16)
        check("seconds", self.seconds, 1, MAX_SHOWN_S)
        check_text("plate", PLATE, self.plate)
        check("category", self.category, 1, _U8)
        check_words("name", self.name, MAX_NAME if self.detail is Detail.LISTED else 0)
        if self.detail is Detail.NOT_LISTED:
            raise ValueError("detail: of an owner who is not listed nothing is sent")
        if self.detail is not Detail.LISTED and self.corrective_lens is not None:
            raise ValueError("lenses: expected 0")

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        lens = 0 if self.corrective_lens is None else 1 + self.corrective_lens
        plate = self.plate.encode("ascii")
        head = _PERSON.pack(self.alert_id, self.detail, self.seconds, plate, self.category, lens)
        return head + self.name.encode()

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        alert_id, detail, seconds, plate, category, lens = _PERSON.unpack_from(payload)
        check("lenses", lens, 0, 2)
        return cls(
            alert_id=AlertId(alert_id),
            detail=Detail(detail),
            seconds=seconds,
            plate=padded_text(plate),
            category=category,
            name=payload[_PERSON.size :].decode(),
            corrective_lens=None if lens == 0 else lens == _LENS_REQUIRED,
        )


ListMessage = VehicleMessage | PersonMessage | CategoryMessage
"""What carries the list's own words."""

_LENS_REQUIRED: Final = 2


def _texts(rest: bytes) -> list[str]:
    """Return the texts that make up ``rest``, each with its length before it."""
    texts = []
    while rest:
        length, rest = rest[0], rest[1:]
        check("text", length, 0, len(rest))
        texts.append(rest[:length].decode())
        rest = rest[length:]
    return texts
