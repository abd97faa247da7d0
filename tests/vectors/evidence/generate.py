"""Writes the golden evidence cases: ``python -m tests.vectors.evidence.generate``."""

from __future__ import annotations

import struct
from dataclasses import replace

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from alprd.evidence.body import BODY_BYTES, encode_body
from alprd.evidence.envelope import SIGNATURE_BYTES, SIGNING_DOMAIN, join_record
from alprd.records import ClockSource, Doubt, EvidenceItem, Fix, Instant, MonotonicNs, UnixMs, Verdict
from tests.vectors.sealed_cases import Case, sealed_box, write_cases

OFFICE = PrivateKey(bytes(range(11, 43)))
OTHER_OFFICE = PrivateKey(bytes(range(12, 44)))
UNIT = SigningKey(bytes(range(13, 45)))
OTHER_UNIT = SigningKey(bytes(range(14, 46)))
EPHEMERAL = PrivateKey(bytes(range(15, 47)))

CAPTURED = UnixMs(1_767_323_045_678)
NO_LOCATION = EvidenceItem(
    unit="car-12",
    sequence=3,
    plate="ABCD123",
    jurisdiction="CA-ON",
    category=11,
    confidence=0.9375,
    chance_percent=93,
    doubts=Doubt.PLACE_UNKNOWN | Doubt.LIST_STALE,
    list_sequence=7,
    captured=Instant(at=CAPTURED, source=ClockSource.UNTRUSTED),
    confirmed=Instant(at=UnixMs(CAPTURED + 4321), source=ClockSource.NTP),
    fix=None,
    fix_age_ms=None,
    badge="1234",
    verdict=Verdict.CONFIRMED,
    picture_width=4,
    picture_height=2,
    picture=bytes(range(0, 240, 30)),
)
FULL_FIX = Fix(
    latitude_deg=43.651070,
    longitude_deg=-79.347015,
    dimensions=3,
    fixed_at=UnixMs(CAPTURED - 250),
    received_at=MonotonicNs(123_456_789_012),
    error_m=4.5,
    speed_mps=13.9,
    track_deg=271.5,
)
LOCATED = replace(NO_LOCATION, fix=FULL_FIX, fix_age_ms=250, badge="É. Côté 77")
AT_NULL_ISLAND = replace(
    NO_LOCATION,
    fix=Fix(
        latitude_deg=0.0, longitude_deg=0.0, dimensions=2, fixed_at=UnixMs(0), received_at=MonotonicNs(0)
    ),
    fix_age_ms=0,
)
CONTEXT = bytes(range(40, 87)) + b"\0"
WITH_CONTEXT = replace(NO_LOCATION, context=CONTEXT)

ERROR = "EvidenceError"
BODY = encode_body(NO_LOCATION)
INFINITE = struct.pack("<d", float("inf"))
NOT_A_NUMBER = struct.pack("<d", float("nan"))


def record(item: EvidenceItem = NO_LOCATION, body: bytes | None = None, *, unit: SigningKey = UNIT) -> bytes:
    """Return the record of ``item`` with a fixed ephemeral key, its ``body`` replaced when given."""
    body = encode_body(item) if body is None else body
    return join_record(item, sealed_box(body, OFFICE.public_key, EPHEMERAL), unit)


def patched(data: bytes, offset: int, new: bytes) -> bytes:
    """Return ``data`` with ``new`` at ``offset``."""
    return data[:offset] + new + data[offset + len(new) :]


def resigned(data: bytes) -> bytes:
    """Return ``data`` with a signature of the unit that fits it."""
    body = data[:-SIGNATURE_BYTES]
    return body + UNIT.sign(SIGNING_DOMAIN + body).signature


GOOD = record()


def refused(name: str, about: str, data: bytes, because: str) -> Case:
    return Case(name=name, about=about, data=data, expect=ERROR, because=because)


def form_cases() -> list[Case]:
    return [
        refused("form_empty", "An empty file", b"", "found 0"),
        refused("form_short", "A byte less than any record", GOOD[:329], "found 329"),
        refused("form_one_byte_more", "A byte after the signature", GOOD + b"\0", "size is not what it says"),
        refused("form_magic", "Another magic", patched(GOOD, 0, b"ALPRDHOT"), "not ALPREVID"),
        refused("form_version", "Version 2", patched(GOOD, 8, b"\x02"), "format version 2"),
        refused("form_reserved", "The reserved field", patched(GOOD, 10, b"\x01"), "reserved"),
        refused("form_sequence_0", "Sequence 0", patched(GOOD, 16, bytes(8)), "sequence is 1"),
        refused("form_unit_empty", "No unit's name", patched(GOOD, 24, bytes(32)), "unit's name"),
        refused("form_unit_gap", "A zero within the name", patched(GOOD, 25, b"\0"), "unit's name"),
        refused("form_unit_latin", "A name beyond ASCII", patched(GOOD, 24, b"\xe9"), "not well formed"),
    ]


def trust_cases() -> list[Case]:
    other_body = encode_body(replace(NO_LOCATION, sequence=4))
    return [
        refused("trust_other_unit", "Signed by another unit", record(unit=OTHER_UNIT), "signature is wrong"),
        refused(
            "trust_sequence", "Another sequence, not signed", patched(GOOD, 16, b"\x04"), "signature is wrong"
        ),
        refused(
            "trust_no_domain",
            "The unit's signature without the domain",
            GOOD[:-SIGNATURE_BYTES] + UNIT.sign(GOOD[:-SIGNATURE_BYTES]).signature,
            "signature is wrong",
        ),
        refused(
            "trust_other_office",
            "Sealed to another office",
            join_record(NO_LOCATION, sealed_box(BODY, OTHER_OFFICE.public_key, EPHEMERAL), UNIT),
            "not sealed to this office",
        ),
        refused(
            "trust_body_altered",
            "A sealed byte, signed",
            resigned(patched(GOOD, 100, b"\0")),
            "not sealed to",
        ),
        refused(
            "trust_sequence_inside",
            "Another sequence inside",
            record(body=other_body),
            "another unit or sequence",
        ),
        refused(
            "trust_unit_inside",
            "Another unit inside",
            record(body=encode_body(replace(NO_LOCATION, unit="car-13"))),
            "another unit or sequence",
        ),
        refused(
            "trust_sequence_outside",
            "Header of 4 on the body of 3",
            resigned(patched(GOOD, 16, b"\x04")),
            "another",
        ),
    ]


def body_cases() -> list[Case]:
    def body(name: str, about: str, because: str, offset: int, new: bytes, *, of: bytes = BODY) -> Case:
        return refused(f"body_{name}", about, record(body=patched(of, offset, new)), because)

    located, shown = encode_body(LOCATED), encode_body(WITH_CONTEXT)
    return [
        body("plate_lower", "A plate that is no normal form", "normal form", 40, b"a"),
        body("plate_empty", "No plate", "a plate has", 40, bytes(10)),
        body("jurisdiction", "Jurisdiction 65", "0 to 64", 50, b"\x41"),
        body("category_0", "Category 0", "a category is 1 to 31", 51, b"\0"),
        body("category_32", "Category 32", "a category is 1 to 31", 51, b"\x20"),
        body("verdict", "Verdict 6", "not a valid Verdict", 52, b"\x06"),
        body("flags", "A flag that is none", "reserved", 53, b"\x40"),
        body("clock", "Clock source 3", "not a valid ClockSource", 55, b"\x03"),
        body("badge_none", "No badge", "sizes of badge and pictures", 57, b"\0"),
        body("badge_long", "A badge beyond the body", "sizes of badge and pictures", 57, b"\x40"),
        body("badge_control", "A control character in the badge", "not printable", BODY_BYTES, b"\x1b"),
        body("badge_not_utf8", "A badge that is no UTF-8", "not well formed", BODY_BYTES, b"\xff"),
        body("picture_width_0", "A picture of no width", "sides of 1", 58, bytes(2)),
        body("picture_wide", "1025 pixels wide", "sides of 1", 58, struct.pack("<H", 1025)),
        body("picture_large", "1024 x 257 pixels", "at most 262144", 58, struct.pack("<HH", 1024, 257)),
        body("doubts", "A doubt that is none", "reserved", 62, b"\x80"),
        body("chance", "A chance of 101 percent", "0 to 100 percent", 63, b"\x65"),
        body("confidence_over", "A confidence over 1", "out of range", 64, struct.pack("<d", 1.01)),
        body("confidence_nan", "A confidence that is no number", "out of range", 64, NOT_A_NUMBER),
        body("list_sequence", "List sequence 2^63", "out of range", 72, bytes(7) + b"\x80"),
        body("fix_age_unflagged", "An age of the fix without its flag", "unset field", 96, b"\x01"),
        body("place_unflagged", "A latitude without a location", "there is no location", 104, b"\x01"),
        body(
            "error_unlocated", "The flag of an error without a location", "there is no location", 53, b"\x02"
        ),
        body("dimensions", "A fix of one dimension", "2 or 3 dimensions", 54, b"\x01", of=located),
        body("latitude", "91 degrees north", "latitude", 104, struct.pack("<d", 91.0), of=located),
        body("longitude_nan", "A longitude that is no number", "longitude", 112, NOT_A_NUMBER, of=located),
        body("error_infinite", "An infinite error", "not finite", 136, INFINITE, of=located),
        body("speed_unflagged", "A speed without its flag", "without its flag", 53, b"\x1b", of=located),
        refused(
            "body_short", "A body cut by one byte", record(body=BODY[:-1]), "sizes of badge and pictures"
        ),
        body("context_unflagged", "A context without its flag", "sizes of badge", 53, b"\0", of=shown),
        body("context_none", "The flag of a context without one", "sizes of badge", 53, b"\x20"),
        refused(
            "body_context_short", "A context cut by one cell", record(body=shown[:-1]), "sizes of badge and"
        ),
        refused(
            "body_context_sharper",
            "A context of four times as many cells",
            record(body=shown + 3 * CONTEXT),
            "sizes of badge and",
        ),
        refused(
            "body_long", "A body with one byte more", record(body=BODY + b"\0"), "sizes of badge and pictures"
        ),
    ]


def all_cases() -> list[Case]:
    """Return every case of the format."""
    return [
        Case(name="good_no_location", about="A hit without a location", data=GOOD),
        Case(name="good_located", about="A hit with all that a receiver gives", data=record(LOCATED)),
        Case(name="good_null_island", about="A location at 0, 0 is a location", data=record(AT_NULL_ISLAND)),
        Case(name="good_context", about="A hit with the body of its vehicle", data=record(WITH_CONTEXT)),
        *form_cases(),
        *trust_cases(),
        *body_cases(),
    ]


if __name__ == "__main__":
    write_cases("evidence", all_cases())
