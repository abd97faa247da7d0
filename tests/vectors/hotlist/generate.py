"""Writes the golden hotlist cases: ``python -m tests.vectors.hotlist.generate``."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

import numpy as np

from alprd.hotlist.blob import HEADER_BYTES, RECIPIENT_BYTES
from alprd.hotlist.sodium import SecretStream
from alprd.keys.approvals import approve, pack_trailer, parse_trailer, trailer_bytes
from tests.vectors.hotlist.made import (
    CANARY_ROW,
    CONTENT_KEY,
    CREATED,
    DAY,
    DESCRIBED,
    EPHEMERAL,
    FIVE,
    FIVE_ROWS,
    FULL,
    GOOD,
    GOOD_ROW,
    NOW,
    OTHER_UNIT,
    SECOND,
    SHORT_ROW,
    SIGNER,
    STRANGER,
    STREAM,
    THIRD,
    THIRD_UNIT,
    TWO_UNITS,
    UNIT,
    Made,
    crowded,
    facts_twice,
    patched,
    resigned,
    unsigned,
    with_body,
    with_fact,
)
from tests.vectors.sealed_cases import Case, sealed_box, write_cases

FORMAT, TRUST, FUTURE = "HotlistFormatError", "HotlistTrustError", "HotlistFutureError"
ROLLBACK, EXPIRED = "HotlistRollbackError", "HotlistExpiredError"
BODY_AT = HEADER_BYTES + RECIPIENT_BYTES


def case(name: str, about: str, data: bytes, expect: str = "ok", because: str = "", **given: int) -> Case:
    """Return a case at `NOW` with no floor, where ``given`` does not say otherwise."""
    numbers = {"now_s": NOW, "floor": 0, **given}
    return Case(name=name, about=about, data=data, expect=expect, because=because, given=numbers)


def good_cases() -> list[Case]:
    five = replace(FIVE, units=(UNIT, OTHER_UNIT, THIRD_UNIT))
    return [
        case("good_one_entry", "One entry for one unit", GOOD, entries=1),
        case("good_no_entries", "A list that lists nothing", Made(rows=()).data(), entries=0),
        case(
            "good_three_units_five_entries",
            "Several rows for a plate, first and last of every table, details of two",
            five.data(),
            entries=5,
        ),
        case(
            "good_three_approvers",
            "One approver more than needed",
            Made(signers=(SIGNER, SECOND, THIRD)).data(),
            entries=1,
        ),
        case("good_canary", "A plate that no vehicle has", Made(rows=(CANARY_ROW,)).data(), entries=1),
        case("good_at_its_floor", "The newest list seen is taken again", GOOD, entries=1, floor=7),
        case("good_to_the_last_second", "A second before expiry", GOOD, entries=1, now_s=CREATED + DAY - 1),
        case("good_clock_behind", "300 s ahead of the unit's clock", GOOD, entries=1, now_s=CREATED - 300),
    ]


def header_cases() -> list[Case]:
    def number(name: str, about: str, place: tuple[int, str], value: int, because: str) -> Case:
        offset, form = place
        return case(f"form_{name}", about, patched(GOOD, offset, struct.pack(form, value)), FORMAT, because)

    return [
        number("version_1", "The version before", (8, "<H"), 1, "format version 1; this software reads 2"),
        number("version_3", "A version to come", (8, "<H"), 3, "format version 3"),
        number("no_unit", "No recipient", (12, "<H"), 0, "recipients; found 0"),
        number(
            "too_many_units", "10,001 recipients announced", (12, "<H"), 10_001, "recipients; found 10001"
        ),
        number("bucket_bits_17", "17 bucket bits", (14, "<B"), 17, "16 bucket bits"),
        number("reserved", "The reserved byte", (15, "<B"), 1, "reserved"),
        number("sequence_0", "Sequence 0", (16, "<Q"), 0, "sequence is 1"),
        number("sequence_2_63", "Sequence 2^63", (16, "<Q"), 2**63, "sequence is 1"),
        number("base_not_before", "A delta on itself", (24, "<Q"), 7, "its base's is less"),
        number("expires_at_creation", "Expires when created", (36, "<I"), CREATED, "expires after it was"),
        number("root_version_0", "Root version 0", (40, "<I"), 0, "root version is 1"),
        number("too_many_entries", "8,000,001 entries", (44, "<I"), 8_000_001, "entries; found 8000001"),
        number("entries_not_there", "8,000,000 entries in a small file", (44, "<I"), 8_000_000, "found 519"),
        number("removed_from_nothing", "A whole list that removes", (48, "<I"), 1, "a whole list none"),
        number("details_over_rows", "More details than rows", (52, "<I"), 2, "details; found 2"),
        number("details_nowhere", "Details without bytes", (52, "<I"), 1, "16 or more each"),
        number("details_odd", "Details of 8 bytes", (56, "<Q"), 8, "multiple of 16"),
        number("details_of_nobody", "Details of no row", (56, "<Q"), 16, "none when there are none"),
        number("details_too_long", "Details over the limit", (56, "<Q"), 2**27 + 16, "at most 134217728"),
        number("service_space", "A service that begins with a space", (64, "<B"), 0x20, "no space first"),
        number("service_0", "A service that begins with 0", (64, "<B"), 0, "1 to 32 ASCII"),
        number("service_foreign", "A service that is not ASCII", (65, "<B"), 0xE9, "1 to 32 ASCII"),
    ]


def form_cases() -> list[Case]:
    def broken(name: str, about: str, data: bytes, because: str) -> Case:
        return case(name, about, data, FORMAT, because)

    swapped = TWO_UNITS[HEADER_BYTES : HEADER_BYTES + 2 * RECIPIENT_BYTES]
    swapped = swapped[RECIPIENT_BYTES:] + swapped[:RECIPIENT_BYTES]
    twice = 2 * TWO_UNITS[HEADER_BYTES : HEADER_BYTES + RECIPIENT_BYTES]
    first, second = parse_trailer(GOOD[-trailer_bytes(2) :])
    one, other = (approval.public + approval.signature for approval in (first, second))
    body, count = unsigned(GOOD), struct.pack("<I", 2)
    return [
        broken("form_empty", "An empty file", b"", "found 0"),
        broken("form_too_short", "A byte less than any list", GOOD[:404], "found 404"),
        broken("form_one_byte_less", "Cut by one byte", GOOD[:-1], "found 518"),
        broken("form_one_byte_more", "One byte at the end", GOOD + b"\0", "found 520"),
        broken(
            "form_version_1_small",
            "A list of the version before that was smaller than any of this one",
            patched(GOOD[:304], 8, b"\x01"),
            "format version 1",
        ),
        broken("form_magic", "Another magic", patched(GOOD, 0, b"ALPREVID"), "not ALPRDHOT"),
        broken(
            "form_units_unsorted",
            "Recipients swapped",
            patched(TWO_UNITS, HEADER_BYTES, swapped),
            "not sorted",
        ),
        broken(
            "form_unit_twice", "A recipient twice", patched(TWO_UNITS, HEADER_BYTES, twice), "stands twice"
        ),
        broken(
            "form_no_approval", "No approval at all", unsigned(FIVE.data()) + bytes(4), "1 to 8 approvals"
        ),
        broken(
            "form_nine_approvals",
            "Nine approvals",
            body + bytes(9 * 96) + struct.pack("<I", 9),
            "1 to 8 approvals",
        ),
        broken(
            "form_approvals_counted_wrong", "Two of one", patched(GOOD, 515, b"\1"), "is not that of those"
        ),
        broken("form_approvals_unsorted", "Approvals swapped", body + other + one + count, "not sorted"),
        broken(
            "form_details_too_many",
            "1,000,001 rows with details, of as many rows",
            patched(GOOD, 44, struct.pack("<III", 1_000_001, 0, 1_000_001)),
            "at most 1000000 details; found 1000001",
        ),
        broken(
            "form_removed_too_many",
            "A delta that removes 8,000,001 rows",
            patched(patched(GOOD, 24, struct.pack("<Q", 3)), 48, struct.pack("<I", 8_000_001)),
            "removes at most 8000000 entries",
        ),
        broken("form_approver_twice", "The same approver twice", body + one + one + count, "stands twice"),
        *header_cases(),
    ]


def broken_row(name: str, about: str, data: bytes, because: str) -> Case:
    """Return a case whose header, approvals and sealing are right, and whose body is not."""
    return case(f"row_{name}", about, data, FORMAT, because)


def fact_cases() -> list[Case]:
    bad = broken_row
    short = Made(rows=(SHORT_ROW,), details={0: DESCRIBED})
    two = Made(rows=(FIVE_ROWS[1], GOOD_ROW), details={0: DESCRIBED, 1: FULL})
    late = with_fact("expires", CREATED + 30 * DAY + 1, made=short)
    canary = Made(rows=(CANARY_ROW,))
    shared, unending = with_fact("flags", 0, made=short), with_fact("expires", 0, made=short)
    unsorted = with_fact("expires", 9, made=two)
    return [
        bad("jurisdiction_65", "Jurisdiction 65", with_fact("jurisdiction", 65), "facts 0: its jurisdiction"),
        bad("plate_type_13", "Plate type 13", with_fact("plate_type", 13), "facts 0: its plate type"),
        bad("category_0", "Category 0", with_fact("category", 0), "facts 0: its category"),
        bad("category_19", "Category 19", with_fact("category", 19), "facts 0: its category"),
        bad("category_255", "Category 255", with_fact("category", 255), "facts 0: its category"),
        bad("priority_0", "Priority 0", with_fact("priority", 0), "facts 0: its priority"),
        bad("priority_5", "Priority 5", with_fact("priority", 5), "facts 0: its priority"),
        bad(
            "canary_in_category",
            "A canary in a category",
            with_fact("category", 11, made=canary),
            "no category",
        ),
        bad("canary_urgent", "An urgent canary", with_fact("priority", 4, made=canary), "is the lowest"),
        bad("flags_8", "A flag past the last", with_fact("flags", 8), "facts 0: its reserved flags"),
        bad("flags", "A reserved flag", with_fact("flags", 2), "facts 0: its reserved flags"),
        bad("reserved", "A reserved byte", with_fact("reserved", (0, 0, 1)), "facts 0: its reserved bytes"),
        bad("facts_unsorted", "Facts out of order", unsorted, "facts 1: it is not sorted"),
        bad("facts_twice", "Facts twice", facts_twice(two), "facts 1: it is not sorted"),
        bad("short_31_days", "A suspended driver's use for 31 days", late, "for 30 days at most"),
        bad("short_for_ever", "One that lasts as long as the list", unending, "for 30 days at most"),
        bad("short_shared", "One marked for sharing", shared, "listed internally alone"),
    ]


def row_cases() -> list[Case]:
    bad = broken_row
    two = Made(rows=(FIVE_ROWS[1], GOOD_ROW), details={0: DESCRIBED, 1: FULL})
    pointers: list[tuple[str, str, tuple[int, int], str]] = [
        ("no_row", "Details of a row that is not there", (2, 5), "pointer 1: its row is not there"),
        ("twice", "A row with two details", (0, 5), "pointer 1: it is not sorted, or stands twice"),
        ("back", "A place before the last one's", (1, 0), "pointer 1: its place is not after"),
        ("beyond", "A place beyond the details", (1, 2**32 - 1), "pointer 1: its place is not there"),
    ]
    unsorted = with_body("residuals", 0, 2**32 - 1, made=FIVE)
    twice = with_body("numbers", 1, 0, made=two)
    return [
        *fact_cases(),
        bad("facts_not_there", "Facts beyond the table", with_body("numbers", 0, 1), "row 0: its facts"),
        bad("unsorted", "Rows in the wrong order", unsorted, "row 1: it is not sorted"),
        bad("twice", "A row twice", twice, "row 1: it is not sorted, or stands twice"),
        bad("short_bare", "No description", Made(rows=(SHORT_ROW,)).data(), "with a description"),
        bad("directory_start", "A directory that begins late", with_body("directory", 0, 1), "rise from 0"),
        bad("directory_end", "A directory that ends early", with_body("directory", 1, 0), "rise from 0"),
        *(
            bad(f"pointer_{name}", about, with_body("pointers", 1, value, made=two), because)
            for name, about, value, because in pointers
        ),
        bad("crowded", "4,097 rows in a bucket", crowded(), "more than 4096 rows"),
    ]


def trust_cases() -> list[Case]:
    def refused(name: str, about: str, data: bytes, because: str, **given: int) -> Case:
        return case(f"trust_{name}", about, data, TRUST, because, **given)

    first, second = parse_trailer(GOOD[-trailer_bytes(2) :])
    return [
        refused(
            "one_approval", "One approver alone", Made(signers=(SIGNER,)).data(), "2 approvers are needed"
        ),
        refused(
            "stranger", "Approved by somebody beside", Made(signers=(SIGNER, STRANGER)).data(), "no approver"
        ),
        refused(
            "stranger_among_enough",
            "Two approvers, and one who is none",
            Made(signers=(SIGNER, SECOND, STRANGER)).data(),
            "no approver",
        ),
        refused(
            "approvals_exchanged",
            "Each approver's signature beside the other's key",
            unsigned(GOOD)
            + first.public
            + second.signature
            + second.public
            + first.signature
            + struct.pack("<I", 2),
            "signature is wrong",
        ),
        refused(
            "approvals_of_another_list",
            "The approvals of another of our lists",
            unsigned(GOOD) + TWO_UNITS[-trailer_bytes(2) :],
            "signature is wrong",
        ),
        refused(
            "approvals_without_domain",
            "Our signatures over the digest alone",
            unsigned(GOOD)
            + pack_trailer(approve(hashlib.blake2b(unsigned(GOOD)).digest(), s) for s in (SIGNER, SECOND)),
            "signature is wrong",
        ),
        refused(
            "sequence_raised", "Sequence raised, not signed", patched(GOOD, 16, b"\x08"), "signature is wrong"
        ),
        refused(
            "other_service",
            "Another service's list",
            Made(service="Example Polite").data(),
            "another service",
        ),
        refused(
            "newer_root", "Built under a root that we lack", Made(root_version=2).data(), "root version 2"
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
            "other_content_key", "Another key in our box", Made(sealed_key=STREAM + bytes(8)).data(), "body"
        ),
        refused(
            "body_of_another",
            "The body of a list with other recipients, signed: the body is bound to its header",
            resigned(patched(GOOD, BODY_AT, Made(units=(OTHER_UNIT,)).data()[BODY_AT:-196])),
            "body does not decrypt",
        ),
        refused(
            "not_final",
            "A body that does not say that it ends, signed",
            _not_final(),
            "body does not decrypt",
        ),
        case("trust_future", "301 s ahead of us", GOOD, FUTURE, "301 s in the future", now_s=CREATED - 301),
        refused(
            "expired_unsigned",
            "Expired and altered: the approvals come first",
            patched(GOOD, 32, b"\0"),
            "sig",
            now_s=2**32,
        ),
    ]


def _not_final() -> bytes:
    head, plain = GOOD[:BODY_AT], Made().built().body.data
    room = np.zeros(len(plain) + 17, np.uint8)
    stream = SecretStream(STREAM, np.frombuffer(CONTENT_KEY, np.uint8))
    stream.push(plain, room, hashlib.blake2b(head).digest(), is_last=False)
    return resigned(patched(GOOD, BODY_AT, room.tobytes()))


def age_cases() -> list[Case]:
    return [
        case("age_rollback", "Older than one seen", GOOD, ROLLBACK, "this unit has seen 8", floor=8),
        case("age_expired", "At its last second", GOOD, EXPIRED, "expired 0 s ago", now_s=CREATED + DAY),
        case(
            "age_root_expired",
            "The root record expired, the list did not",
            Made(expires=CREATED + 500 * DAY).data(),
            EXPIRED,
            "root record of this unit expired 1 s ago",
            now_s=CREATED + 400 * DAY + 1,
        ),
        case(
            "age_both", "Older and expired: older comes first", GOOD, ROLLBACK, "seen 9", floor=9, now_s=2**32
        ),
        case(
            "age_expired_not_for_us",
            "Expired and for another unit: dates come before keys",
            Made(units=(OTHER_UNIT,)).data(),
            EXPIRED,
            "expired 1 s ago",
            now_s=CREATED + DAY + 1,
        ),
    ]


def all_cases() -> list[Case]:
    """Return every case of the format."""
    return [*good_cases(), *form_cases(), *row_cases(), *trust_cases(), *age_cases()]


if __name__ == "__main__":
    write_cases("hotlist", all_cases())
