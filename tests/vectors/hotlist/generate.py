"""Writes the golden hotlist cases: ``python -m tests.vectors.hotlist.generate``."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

import numpy as np
from nacl.public import PrivateKey, PublicKey
from nacl.signing import SigningKey

from alprd.hotlist.blob import (
    HEADER_BYTES,
    RECIPIENT_BYTES,
    SIGNATURE_BYTES,
    SIGNING_DOMAIN,
    HotlistHeader,
    Recipient,
    build,
)
from alprd.hotlist.columns import Columns
from alprd.plates.normal import MAX_KEY, pack
from tests.vectors.sealed_cases import Case, sealed_box, write_cases

SIGNER = SigningKey(bytes(range(1, 33)))
OTHER_SIGNER = SigningKey(bytes(range(2, 34)))
UNIT = PrivateKey(bytes(range(3, 35)))
OTHER_UNIT = PrivateKey(bytes(range(4, 36)))
THIRD_UNIT = PrivateKey(bytes(range(7, 39)))
EPHEMERAL = PrivateKey(bytes(range(5, 37)))
CONTENT_KEY = bytes(range(64, 96))
NONCE = bytes(range(128, 152))

CREATED = 1_767_323_045
"""2026-01-02 03:04:05 UTC."""
DAY = 86_400
NOW = CREATED + 3600

Row = tuple[int, int, int, int, int, int]
"""Packed plate, expires, jurisdiction, category, priority, flags."""

ONTARIO, QUEBEC = 9, 11
STOLEN_VEHICLE, AMBER_ALERT, EXPIRED_STICKER = 11, 17, 1
GOOD_ROW: Row = (pack("ABCD123"), 0, ONTARIO, STOLEN_VEHICLE, 3, 0)
FIVE_ROWS: list[Row] = [
    (pack("0"), 0, 0, EXPIRED_STICKER, 1, 0),
    (pack("ABCD123"), 0, ONTARIO, EXPIRED_STICKER, 1, 0),
    (pack("ABCD123"), 0, ONTARIO, STOLEN_VEHICLE, 3, 0),
    (pack("ABCD123"), CREATED + 60, QUEBEC, AMBER_ALERT, 4, 0),
    (pack("ZZZZZZZZZZ"), CREATED + DAY, 64, 18, 2, 0),
]
SECOND_ROW: Row = (pack("B"), 0, 0, 1, 1, 0)


def columns_of(rows: list[Row]) -> Columns:
    """Return rows as columns, in the order given and unchecked."""
    plate, expires, jurisdiction, category, priority, flags = zip(*rows, strict=True) if rows else ((),) * 6
    return Columns(
        plate=np.array(plate, np.uint64),
        expires=np.array(expires, np.uint32),
        jurisdiction=np.array(jurisdiction, np.uint8),
        category=np.array(category, np.uint8),
        priority=np.array(priority, np.uint8),
        flags=np.array(flags, np.uint8),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a list is made of; each case changes one thing."""

    rows: tuple[Row, ...] = (GOOD_ROW,)
    units: tuple[PrivateKey, ...] = (UNIT,)
    signer: SigningKey = SIGNER
    sequence: int = 7
    created: int = CREATED
    expires: int = CREATED + DAY
    sealed_key: bytes = CONTENT_KEY

    def data(self) -> bytes:
        publics = sorted((unit.public_key for unit in self.units), key=bytes)
        header = HotlistHeader(
            sequence=self.sequence,
            created=self.created,
            expires=self.expires,
            recipients=len(publics),
            entries=len(self.rows),
            signer=bytes(self.signer.verify_key),
            nonce=NONCE,
        )
        key = np.frombuffer(CONTENT_KEY, np.uint8)
        recipients = [self._recipient(public) for public in publics]
        return build(header, recipients, columns_of(list(self.rows)), key, self.signer).tobytes()

    def _recipient(self, public: PublicKey) -> Recipient:
        return Recipient(public=bytes(public), sealed=sealed_box(self.sealed_key, public, EPHEMERAL))


def patched(data: bytes, offset: int, new: bytes) -> bytes:
    """Return ``data`` with ``new`` at ``offset``, not signed again."""
    return data[:offset] + new + data[offset + len(new) :]


def resigned(data: bytes, signer: SigningKey = SIGNER) -> bytes:
    """Return ``data`` with a signature that fits it: what a faulty office could send."""
    body = data[:-SIGNATURE_BYTES]
    return body + signer.sign(SIGNING_DOMAIN + hashlib.blake2b(body).digest()).signature


GOOD = Made().data()
TWO_UNITS = Made(units=(UNIT, OTHER_UNIT)).data()
FORMAT, TRUST, FUTURE = "HotlistFormatError", "HotlistTrustError", "HotlistFutureError"
BODY_AT = HEADER_BYTES + RECIPIENT_BYTES


def case(name: str, about: str, data: bytes, expect: str = "ok", because: str = "", **given: int) -> Case:
    """Return a case at `NOW` with no floor, where ``given`` does not say otherwise."""
    numbers = {"now_s": NOW, "floor": 0, **given}
    return Case(name=name, about=about, data=data, expect=expect, because=because, given=numbers)


def good_cases() -> list[Case]:
    return [
        case("good_one_entry", "One entry for one unit", GOOD, entries=1),
        case("good_no_entries", "A list that lists nothing", Made(rows=()).data(), entries=0),
        case(
            "good_three_units_five_entries",
            "Several rows for a plate, first and last of every table",
            Made(rows=tuple(FIVE_ROWS), units=(UNIT, OTHER_UNIT, THIRD_UNIT)).data(),
            entries=5,
        ),
        case("good_at_its_floor", "The newest list seen is taken again", GOOD, entries=1, floor=7),
        case("good_to_the_last_second", "A second before expiry", GOOD, entries=1, now_s=CREATED + DAY - 1),
        case("good_clock_behind", "300 s ahead of the unit's clock", GOOD, entries=1, now_s=CREATED - 300),
    ]


def form_cases() -> list[Case]:
    def broken(name: str, about: str, data: bytes, because: str) -> Case:
        return case(name, about, data, FORMAT, because)

    swapped = TWO_UNITS[HEADER_BYTES : HEADER_BYTES + 2 * RECIPIENT_BYTES]
    swapped = swapped[RECIPIENT_BYTES:] + swapped[:RECIPIENT_BYTES]
    twice = 2 * TWO_UNITS[HEADER_BYTES : HEADER_BYTES + RECIPIENT_BYTES]
    return [
        broken("form_empty", "An empty file", b"", "found 0"),
        broken("form_too_short", "A byte less than any list", GOOD[:287], "found 287"),
        broken("form_one_byte_less", "Cut by one byte", GOOD[:-1], "found 303"),
        broken("form_one_byte_more", "One byte after the signature", GOOD + b"\0", "found 305"),
        broken("form_magic", "Another magic", patched(GOOD, 0, b"ALPREVID"), "not ALPRDHOT"),
        broken("form_version", "Version 2", patched(GOOD, 8, b"\x02"), "format version 2"),
        broken("form_reserved", "First reserved field", patched(GOOD, 10, b"\x01"), "reserved"),
        broken("form_reserved_second", "Second reserved field", patched(GOOD, 36, b"\x01"), "reserved"),
        broken(
            "form_no_unit", "No recipient", patched(GOOD, 12, struct.pack("<I", 0)), "recipients; found 0"
        ),
        broken(
            "form_too_many_units",
            "10,001 recipients announced",
            patched(GOOD, 12, struct.pack("<I", 10_001)),
            "recipients; found 10001",
        ),
        broken(
            "form_too_many_entries",
            "8,000,001 entries announced",
            patched(GOOD, 32, struct.pack("<I", 8_000_001)),
            "entries; found 8000001",
        ),
        broken(
            "form_entries_not_there",
            "8,000,000 entries announced in a small file",
            patched(GOOD, 32, struct.pack("<I", 8_000_000)),
            "8000000 entries has 128000288 bytes",
        ),
        broken("form_sequence_0", "Sequence 0", patched(GOOD, 16, bytes(8)), "sequence is 1"),
        broken("form_sequence_2_63", "Sequence 2^63", patched(GOOD, 16, bytes(7) + b"\x80"), "sequence is 1"),
        broken(
            "form_expires_at_creation",
            "Expires when created",
            patched(GOOD, 28, struct.pack("<I", CREATED)),
            "expires after it was created",
        ),
        broken(
            "form_units_unsorted",
            "Recipients swapped",
            patched(TWO_UNITS, HEADER_BYTES, swapped),
            "not sorted",
        ),
        broken(
            "form_unit_twice", "A recipient twice", patched(TWO_UNITS, HEADER_BYTES, twice), "stands twice"
        ),
    ]


def row_cases() -> list[Case]:
    def rows(name: str, about: str, because: str, *bad: Row) -> Case:
        return case(f"row_{name}", about, Made(rows=bad).data(), FORMAT, because)

    plate, _, jurisdiction, category, priority, _ = GOOD_ROW
    after_gap = pack("ABCD123") + 1
    return [
        rows("unsorted", "Rows in the wrong order", "row 1: it is not sorted", SECOND_ROW, GOOD_ROW),
        rows("twice", "A row twice", "row 1: it is not sorted, or stands twice", GOOD_ROW, GOOD_ROW),
        rows(
            "flags", "A reserved flag", "row 0: its reserved flags", (plate, 0, jurisdiction, category, 3, 1)
        ),
        rows("category_0", "Category 0", "row 0: its category", (plate, 0, jurisdiction, 0, priority, 0)),
        rows("category_19", "Category 19", "row 0: its category", (plate, 0, jurisdiction, 19, priority, 0)),
        rows("jurisdiction_65", "Jurisdiction 65", "row 0: its jurisdiction", (plate, 0, 65, category, 3, 0)),
        rows("priority_0", "Priority 0", "row 0: its priority", (plate, 0, jurisdiction, category, 0, 0)),
        rows("priority_5", "Priority 5", "row 0: its priority", (plate, 0, jurisdiction, category, 5, 0)),
        rows("plate_empty", "A plate of no characters", "out of range", (0, 0, 0, category, priority, 0)),
        rows("plate_over", "A plate of more than ten", "out of range", (MAX_KEY + 1, 0, 0, category, 3, 0)),
        rows(
            "plate_gap", "A gap in a plate", "row 0: its packed plate has a gap", (after_gap, 0, 0, 1, 1, 0)
        ),
        rows("plate_gap_first", "A gap before a plate", "has a gap", (1, 0, 0, 1, 1, 0)),
        rows("order_within_plate", "Jurisdictions in the wrong order", "row 1", FIVE_ROWS[3], FIVE_ROWS[1]),
    ]


def trust_cases() -> list[Case]:
    def refused(name: str, about: str, data: bytes, because: str, **given: int) -> Case:
        return case(f"trust_{name}", about, data, TRUST, because, **given)

    other = Made(signer=OTHER_SIGNER).data()
    moved = Made(units=(OTHER_UNIT,)).data()[BODY_AT:-SIGNATURE_BYTES]
    return [
        refused("other_signer", "Well made by a signer nobody enrolled", other, "not enrolled"),
        refused(
            "other_signer_named_as_ours",
            "Another signer's list with our signer's key in the header",
            patched(other, 40, bytes(SIGNER.verify_key)),
            "signature is wrong",
        ),
        refused(
            "signature_of_another_list",
            "The signature of another of our lists",
            GOOD[:-SIGNATURE_BYTES] + TWO_UNITS[-SIGNATURE_BYTES:],
            "signature is wrong",
        ),
        refused(
            "signature_without_domain",
            "Our signature over the digest alone",
            GOOD[:-SIGNATURE_BYTES] + _undomained(GOOD),
            "signature is wrong",
        ),
        refused(
            "sequence_raised", "Sequence raised, not signed", patched(GOOD, 16, b"\x08"), "signature is wrong"
        ),
        refused(
            "not_for_us",
            "Sealed to another unit",
            Made(units=(OTHER_UNIT,)).data(),
            "not sealed to this unit",
        ),
        refused(
            "sealed_box_of_another",
            "Our public key beside a box that we cannot open, signed",
            resigned(
                patched(GOOD, HEADER_BYTES + 32, sealed_box(CONTENT_KEY, OTHER_UNIT.public_key, EPHEMERAL))
            ),
            "does not open",
        ),
        refused(
            "other_content_key",
            "Another key in our box, signed",
            Made(sealed_key=NONCE + bytes(8)).data(),
            "body",
        ),
        refused(
            "body_of_another",
            "The body of a list with other recipients, signed: the body is bound to its header",
            resigned(patched(GOOD, BODY_AT, moved)),
            "body does not decrypt",
        ),
        case(
            "trust_future",
            "301 s ahead of the unit's clock",
            GOOD,
            FUTURE,
            "301 s in the future",
            now_s=CREATED - 301,
        ),
        refused(
            "expired_unsigned",
            "Expired and altered: the signature comes first",
            patched(GOOD, 24, b"\0"),
            "sig",
            now_s=2**32,
        ),
    ]


def age_cases() -> list[Case]:
    rollback, expired = "HotlistRollbackError", "HotlistExpiredError"
    return [
        case("age_rollback", "Older than one seen", GOOD, rollback, "this unit has seen 8", floor=8),
        case("age_expired", "At its last second", GOOD, expired, "expired 0 s ago", now_s=CREATED + DAY),
        case(
            "age_both", "Older and expired: older comes first", GOOD, rollback, "seen 9", floor=9, now_s=2**32
        ),
        case(
            "age_expired_not_for_us",
            "Expired and for another unit: dates come before keys",
            Made(units=(OTHER_UNIT,)).data(),
            expired,
            "expired 1 s ago",
            now_s=CREATED + DAY + 1,
        ),
    ]


def _undomained(data: bytes) -> bytes:
    return SIGNER.sign(hashlib.blake2b(data[:-SIGNATURE_BYTES]).digest()).signature


def all_cases() -> list[Case]:
    """Return every case of the format."""
    return [*good_cases(), *form_cases(), *row_cases(), *trust_cases(), *age_cases()]


if __name__ == "__main__":
    write_cases("hotlist", all_cases())
