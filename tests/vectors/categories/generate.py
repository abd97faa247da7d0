"""Writes the golden cases of category records: ``python -m tests.vectors.categories.generate``."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from alprd.hotlist.categories import AddedCategory, CategoryFacts, Priority, Source
from alprd.hotlist.category_record import SIGNING_DOMAIN, CategoryRecord, SignedCategories
from alprd.keys.approvals import approve, pack_trailer, trailer_bytes
from tests.vectors.hotlist.made import CREATED, DAY, NOW, SECOND, SERVICE, SIGNER, STRANGER, THIRD
from tests.vectors.sealed_cases import Case, write_cases

if TYPE_CHECKING:
    from nacl.signing import SigningKey

UNINSURED = AddedCategory(
    number=19,
    slug="uninsured",
    facts=CategoryFacts(
        "Uninsured vehicle", "Véhicule non assuré", Source.MTO, Priority.DRIVING, 30, can_stop=False
    ),
    reference="PC24-0012",
    consulted_s=CREATED - 30 * DAY,
    consulted_with="Information and Privacy Commissioner of Ontario",
)
LAST = AddedCategory(
    number=31,
    slug="flood-zone",
    facts=CategoryFacts("é" * 24, "F" * 24, Source.SERVICE, Priority.LIFE_SAFETY, 366, can_stop=True),
    reference="R" * 64,
    consulted_s=CREATED,
    consulted_with="W" * 64,
)
RECORD = CategoryRecord(service=SERVICE, version=1, root_version=1, issued=CREATED, added=(UNINSURED,))
BOTH = replace(RECORD, version=2, added=(UNINSURED, LAST))
NUMBER_AT = 56
TEXTS_AT = NUMBER_AT + 10


def signed(record: CategoryRecord, *signers: SigningKey) -> SignedCategories:
    """Return ``record`` with the approvals of ``signers``, of two approvers where none is given."""
    whole = SignedCategories(record=record, approvals=())
    for signer in signers or (SIGNER, SECOND):
        whole = whole.approved_by(signer)
    return whole


GOOD = signed(RECORD).pack()


def resigned(body: bytes) -> bytes:
    """Return ``body`` with approvals that fit it: what faulty approvers could send."""
    message = SIGNING_DOMAIN + hashlib.blake2b(body).digest()
    return body + pack_trailer(approve(message, signer) for signer in (SIGNER, SECOND))


def case(name: str, about: str, data: bytes, because: str = "", **given: int) -> Case:
    """Return a case at `NOW`, after no record where ``given`` does not say another ``version``."""
    numbers = {"now_s": NOW, "version": 0, **given}
    expect = "KeysError" if because else "ok"
    return Case(name=name, about=about, data=data, expect=expect, because=because, given=numbers)


def changed(offset: int, new: bytes, *, size: int | None = None) -> bytes:
    """Return the good record with ``new`` in place of ``size`` bytes at ``offset``, and signed."""
    body = GOOD[: -trailer_bytes(2)]
    end = offset + (len(new) if size is None else size)
    return resigned(body[:offset] + new + body[end:])


def with_text(which: int, text: bytes) -> bytes:
    """Return the good record with another text number ``which``, and signed."""
    one = UNINSURED
    texts = [one.slug, one.facts.english, one.facts.french, one.reference, one.consulted_with]
    packed = [bytes([len(known.encode())]) + known.encode() for known in texts]
    before = TEXTS_AT + sum(len(part) for part in packed[:which])
    return changed(before, bytes([len(text)]) + text, size=len(packed[which]))


FIXED: Final[list[tuple[str, str, int, bytes, str]]] = [
    ("magic", "Another magic", 0, b"ALPRROOT", "not ALPRCATS"),
    ("version_2", "A version to come", 8, b"\x02\0", "format version 2"),
    ("reserved", "The reserved byte", 10, b"\x01", "reserved"),
    ("too_many", "14 categories announced", 11, b"\x0e", "at most 13"),
    ("more_than_there", "Two categories announced", 11, b"\x02", "not well formed"),
    ("record_version_0", "Record version 0", 12, bytes(4), "a version is 1"),
    ("root_version_0", "Root version 0", 16, bytes(4), "a version is 1"),
    ("service", "A service that begins with a space", 24, b" ", "no space first"),
    ("number_18", "A number of the closed set", 56, b"\x12", "number is 19 to 31"),
    ("number_32", "A number past the last", 56, b"\x20", "number is 19 to 31"),
    ("source_0", "Source 0", 57, b"\0", "source is 1 to 3"),
    ("source_4", "Source 4", 57, b"\x04", "source is 1 to 3"),
    ("priority_5", "Priority 5", 58, b"\x05", "Priority"),
    ("flags", "A reserved flag", 59, b"\x02", "reserved flag"),
    ("days_0", "No days", 60, bytes(2), "stays 1 to 366 days"),
    ("days_367", "Days for ever", 60, struct.pack("<H", 367), "stays 1 to 366 days"),
    ("consulted_0", "No date of a consultation", 62, bytes(4), "cites the consultation"),
    ("consulted_later", "A consultation to come", 62, struct.pack("<I", CREATED + 1), "dated after"),
]
TEXTS: Final[list[tuple[str, str, int, bytes, str]]] = [
    ("slug_empty", "No slug", 0, b"", "slug is 1 to 32"),
    ("slug_long", "A slug of 33", 0, b"s" * 33, "slug is 1 to 32"),
    ("slug_upper", "Capitals in the slug", 0, b"Uninsured", "slug is 1 to 32"),
    ("slug_wildcard", "A wildcard for a slug", 0, b"*", "slug is 1 to 32"),
    ("slug_closed", "A slug of the closed set", 0, b"stolen-plate", "the closed set's"),
    ("no_english", "No English label", 1, b"", "public label"),
    ("no_french", "No French label", 2, b"", "public label"),
    ("label_long", "A label of 25 characters", 1, b"L" * 25, "public label"),
    ("label_bytes", "A label of 49 bytes", 1, 24 * b"\xc3\xa9" + b"L", "public label"),
    ("label_control", "A control character in a label", 1, b"a\x1b[2J", "public label"),
    ("label_space", "A label that is a space", 2, b" ", "public label"),
    ("label_utf_8", "A label that is not UTF-8", 2, b"\xff", "utf-8"),
    ("no_reference", "No consultation cited", 3, b"", "its reference"),
    ("reference_space", "A blank reference", 3, b"  ", "its reference"),
    ("reference_long", "A reference of 65 bytes", 3, b"R" * 65, "its reference"),
    ("nobody_consulted", "Nobody was consulted", 4, b"", "who was asked"),
]


def form_cases() -> list[Case]:
    body = GOOD[: -trailer_bytes(2)]
    second = body[NUMBER_AT:]
    return [
        case("form_empty", "An empty file", b"", "ends too early"),
        case("form_one_byte_less", "Cut by one byte", GOOD[:-1], "approvals"),
        case("form_one_byte_more", "One byte at the end", GOOD + b"\0", "approvals"),
        case("form_no_approval", "No approval at all", body + bytes(4), "before its approvals"),
        case(
            "form_twice",
            "A category twice",
            resigned(body[:11] + b"\x02" + body[12:] + second),
            "one stands twice",
        ),
        case(
            "form_slug_twice",
            "A slug under two numbers",
            resigned(body[:11] + b"\x02" + body[12:] + b"\x14" + second[1:]),
            "the same slug",
        ),
        case(
            "form_unsorted",
            "A lower number after a higher",
            resigned(body[:11] + b"\x02" + body[12:56] + b"\x14" + second[1:] + second),
            "not sorted",
        ),
        *(case(f"form_{name}", about, changed(at, new), because) for name, about, at, new, because in FIXED),
        *(
            case(f"form_{name}", about, with_text(which, new), because)
            for name, about, which, new, because in TEXTS
        ),
    ]


def trust_cases() -> list[Case]:
    other = signed(replace(RECORD, service="Other Police")).pack()
    later = signed(replace(RECORD, root_version=2)).pack()
    reworded = replace(UNINSURED, slug="no-insurance")
    moved = replace(UNINSURED, number=20)
    as_root = GOOD[: -trailer_bytes(2)]
    foreign = as_root + pack_trailer(
        approve(b"alprd root v1" + hashlib.blake2b(as_root).digest(), one) for one in (SIGNER, SECOND)
    )
    return [
        case("trust_service", "Another service's record", other, "another service"),
        case("trust_later_root", "Made under a root record to come", later, "under root version 2"),
        case("trust_one_approver", "One approval", signed(RECORD, SIGNER).pack(), "2 approvers are needed"),
        case(
            "trust_stranger", "A stranger's approval", signed(RECORD, SIGNER, STRANGER).pack(), "no approver"
        ),
        case("trust_altered", "Altered after it was signed", GOOD.replace(b"PC24", b"PC25"), "is wrong"),
        case("trust_as_root", "Approvals of another format", foreign, "is wrong"),
        case("trust_same_version", "The version in force", GOOD, "version 1 is in force", version=1),
        case("trust_older", "An older version", GOOD, "version 3 is in force", version=3),
        case("trust_future", "Issued to come", GOOD, "in the future", now_s=CREATED - 301),
        case(
            "trust_number_reused",
            "A number for another category",
            signed(replace(RECORD, version=3, added=(reworded,))).pack(),
            "another meaning",
            version=2,
        ),
        case(
            "trust_slug_moved",
            "A category under another number",
            signed(replace(RECORD, version=3, added=(moved,))).pack(),
            "another meaning",
            version=2,
        ),
    ]


def all_cases() -> list[Case]:
    """Return every case of the format."""
    return [
        case("good_one_category", "One category, not for a stop", GOOD, added=1),
        case("good_two_categories", "Every text and number at its limit", signed(BOTH).pack(), added=2),
        case("good_none", "A record that ends what was added", signed(replace(RECORD, added=())).pack()),
        case(
            "good_three_approvers",
            "One more than needed",
            signed(RECORD, SIGNER, SECOND, THIRD).pack(),
            added=1,
        ),
        case(
            "good_newer",
            "A later version, two skipped",
            signed(replace(RECORD, version=5)).pack(),
            version=2,
            added=1,
        ),
        case("good_clock_behind", "300 s ahead of the unit's clock", GOOD, now_s=CREATED - 300, added=1),
        *form_cases(),
        *trust_cases(),
    ]


if __name__ == "__main__":
    write_cases("categories", all_cases())
