"""The dash link's golden cases of VEHICLE and PERSON, and how a frame is made without the code under test."""

from __future__ import annotations

import binascii
import dataclasses
import hmac
from typing import TYPE_CHECKING

from cobs import cobs

from alprd.alerts.details import (
    MAX_NAME,
    VEHICLE_TEXTS,
    CategoryMessage,
    Detail,
    PersonMessage,
    VehicleMessage,
)
from alprd.alerts.wire import Fault
from alprd.records import AlertId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alprd.alerts.messages import Message

VEHICLE = VehicleMessage(
    alert_id=AlertId(258),
    detail=Detail.LISTED,
    year=2019,
    make="Example",
    model="One",
    colour="bleu fonc\u00e9",
    vehicle_class="car",
    descriptors="dent in the left door",
)
PERSON = PersonMessage(
    alert_id=AlertId(258),
    detail=Detail.LISTED,
    seconds=60,
    plate="ABCD123",
    category=8,
    name="\u00c9milie Exemple",
    corrective_lens=True,
)
UNREADABLE = PersonMessage(
    alert_id=AlertId(258), detail=Detail.UNREADABLE, seconds=60, plate="ABCD123", category=8
)
CATEGORY = CategoryMessage(number=19, english="Uninsured vehicle", french="V\u00e9hicule non assur\u00e9")
SHORTEST = CategoryMessage(number=31, english="A", french="B")
NOTHING = VehicleMessage(alert_id=AlertId(258), detail=Detail.NOT_LISTED)


KEY = bytes(range(32))
"""The key under which every case is made, as if both ends had derived it."""
HELLO = 0x01


def sealed(body: bytes, key: bytes = KEY) -> bytes:
    """Return ``body`` with its tag and checksum as it goes on the line, without its 0x00."""
    body += hmac.new(key, body, "sha256").digest()[:8]
    return bytes(cobs.encode(body + binascii.crc32(body).to_bytes(4, "little")))


def frame(kind: int, sequence: int, payload: bytes, counter: int = 1, key: bytes = KEY) -> bytes:
    """Return the bytes of a frame without its 0x00, made without the code under test."""
    head = bytes((kind, sequence)) + (b"" if kind == HELLO else counter.to_bytes(4, "little"))
    return sealed(head + payload, key)


def good() -> Iterator[tuple[str, str, Message, int]]:
    """Return name, sentence, message and sequence of every good case."""
    yield "vehicle", "What the list says of a vehicle, a colour in French", VEHICLE, 12
    full = {name: "M" * most for name, most in VEHICLE_TEXTS.items()}
    widest = VehicleMessage(alert_id=AlertId(65_535), detail=Detail.LISTED, year=9999, **full)
    yield "vehicle-longest", "Every text at its limit", widest, 13
    for detail in (Detail.NOT_LISTED, Detail.UNREADABLE):
        name = detail.name.lower().replace("_", "-")
        empty = VehicleMessage(alert_id=AlertId(1), detail=detail)
        yield f"vehicle-{name}", f"No vehicle can be shown: {detail.name}", empty, 14
    yield "person", "The owner of a confirmed plate, who needs lenses", PERSON, 15
    longest = dataclasses.replace(
        PERSON, plate="ABCDE67890", seconds=600, category=255, name="M" * MAX_NAME, corrective_lens=False
    )
    yield "person-longest", "A name at its limit, of one who needs no lenses", longest, 16
    nameless = dataclasses.replace(PERSON, name="", corrective_lens=None, seconds=1)
    yield "person-nameless", "A list that says neither name nor lenses", nameless, 17
    yield "category", "What an added category is called", CATEGORY, 19
    yield "category-shortest", "The last number, labels of one letter", SHORTEST, 20
    widest_labels = CategoryMessage(number=20, english="\u00e9" * 24, french="\u00c9" * 24)
    yield "category-longest", "Labels at their limit", widest_labels, 21
    yield "person-unreadable", "The owner could not be opened", UNREADABLE, 18


def bad() -> Iterator[tuple[str, str, Fault, bytes]]:
    """Return name, sentence, fault and frame of every bad case."""
    head, texts = VEHICLE.to_payload()[:5], VEHICLE.to_payload()[5:]
    for name, about, payload in (
        ("id-0", "alert 0", bytes(2) + head[2:] + texts),
        ("detail-0", "detail 0", head[:2] + b"\0" + head[3:] + texts),
        ("detail-4", "detail 4", head[:2] + b"\x04" + head[3:] + texts),
        ("year-10000", "year 10000", head[:3] + b"\x10\x27" + texts),
        ("not-listed-year", "a year of a vehicle that is not listed", head[:2] + b"\x02\xe3\x07" + bytes(5)),
        ("not-listed-make", "a make of a vehicle that is not listed", head[:2] + b"\x02\0\0\x01M" + bytes(4)),
        ("make-19", "a make of 19 bytes", head + b"\x13" + b"M" * 19 + bytes(4)),
        ("descriptors-131", "descriptors of 131 bytes", head + bytes(4) + b"\x83" + b"M" * 131),
        ("text-beyond", "a text longer than what is left", head + bytes(4) + b"\x02M"),
        ("four-texts", "four texts", head + b"\x01M" + bytes(3)),
        ("six-texts", "six texts", head + bytes(6)),
        ("control", "a control character in the make", head + b"\x01\x1b" + bytes(4)),
        ("direction", "a character that turns the writing round", head + b"\x03\xe2\x80\xae" + bytes(4)),
        ("utf-8", "a make that is not UTF-8", head + b"\x01\xff" + bytes(4)),
    ):
        yield f"bad-field-vehicle-{name}", f"VEHICLE with {about}", Fault.FIELD, frame(0x14, 1, payload)
    yield from _bad_persons()
    yield from _bad_categories()


def _bad_categories() -> Iterator[tuple[str, str, Fault, bytes]]:
    good = CATEGORY.to_payload()
    long = good[:1] + 2 * (b"\x31" + b"M" * 49)
    yield "bad-length-category-long", "Labels of 49 bytes", Fault.LENGTH, frame(0x16, 1, long)
    for name, about, payload in (
        ("number-18", "a number of the closed set", b"\x12" + good[1:]),
        ("number-32", "a number past the last", b"\x20" + good[1:]),
        ("no-english", "no English label", b"\x13\0\x02Me"),
        ("no-french", "no French label", b"\x13\x02Me\0"),
        ("25-characters", "a label of 25 characters", b"\x13\x19" + b"M" * 25 + b"\x01M"),
        ("one-label", "one label", b"\x13\x03Mes"),
        ("three-labels", "three labels", b"\x13\x01M\x01M\x01M"),
        ("label-beyond", "a label longer than what is left", b"\x13\x01M\x03Me"),
        ("control", "a control character in a label", b"\x13\x01\x1b\x01M"),
        ("utf-8", "a label that is not UTF-8", b"\x13\x01\xff\x01M"),
    ):
        yield f"bad-field-category-{name}", f"CATEGORY with {about}", Fault.FIELD, frame(0x16, 1, payload)


def _bad_persons() -> Iterator[tuple[str, str, Fault, bytes]]:
    good, none = PERSON.to_payload(), UNREADABLE.to_payload()
    yield "bad-length-person-short", "person one byte short", Fault.LENGTH, frame(0x15, 1, none[:-1])
    long = good[:17] + b"M" * (MAX_NAME + 1)
    yield "bad-length-person-long", "A name of 73 bytes", Fault.LENGTH, frame(0x15, 1, long)
    for name, about, payload in (
        ("id-0", "alert 0", bytes(2) + good[2:]),
        ("not-listed", "an owner who is not listed", none[:2] + b"\x02" + none[3:]),
        ("detail-4", "detail 4", good[:2] + b"\x04" + good[3:]),
        ("seconds-0", "0 seconds", good[:3] + bytes(2) + good[5:]),
        ("seconds-601", "601 seconds", good[:3] + b"\x59\x02" + good[5:]),
        ("no-plate", "an empty plate", good[:5] + bytes(10) + good[15:]),
        ("plate-padding", "a letter after the plate's end", good[:13] + b"A" + good[14:]),
        ("category-0", "category 0", good[:15] + b"\0" + good[16:]),
        ("lenses-3", "lenses 3", good[:16] + b"\x03" + good[17:]),
        ("unreadable-lenses", "lenses of an owner that could not be opened", none[:16] + b"\x01"),
        ("unreadable-name", "a name that could not be opened", none + b"M"),
        ("control", "a control character in the name", good[:17] + b"\x1b[2J"),
        ("utf-8", "a name that is not UTF-8", good[:17] + b"\xff"),
    ):
        yield f"bad-field-person-{name}", f"PERSON with {about}", Fault.FIELD, frame(0x15, 1, payload)
