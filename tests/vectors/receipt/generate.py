"""Writes the golden receipts: ``python -m tests.vectors.receipt.generate``."""

from __future__ import annotations

from alprd.evidence.receipt import SIGNING_DOMAIN, Receipt, sign
from tests.vectors.hotlist.made import CREATED, ROOT, SECOND, SIGNER, STRANGER
from tests.vectors.sealed_cases import Case, write_cases

UNIT = "car-12"
OFFICE_ROOT = ROOT
DIGESTS = {3: bytes(range(32)), 5: bytes(range(32, 64))}
SAID = Receipt(unit=UNIT, at_s=CREATED, digests=DIGESTS)
GOOD = sign(SAID, SIGNER)
ERROR = "EvidenceError"
_SIGNED = len(GOOD) - 64


def case(name: str, about: str, data: bytes, because: str) -> Case:
    return Case(name=name, about=about, data=data, expect=ERROR, because=because)


def patched(offset: int, new: bytes, *, signed: bool = True) -> bytes:
    """Return the good file with ``new`` at ``offset``, signed anew or with the signature that it had."""
    data = GOOD[:offset] + new + GOOD[offset + len(new) :]
    said = data[:_SIGNED]
    return said + SIGNER.sign(SIGNING_DOMAIN + said).signature if signed else data


def form_cases() -> list[Case]:
    rest = GOOD[88:128]
    return [
        case("form_empty", "An empty file", b"", "found 0"),
        case("form_short", "A byte less", GOOD[:-1], "size is not its count's"),
        case("form_long", "A byte more", GOOD + b"\0", "size is not its count's"),
        case("form_magic", "Another magic", patched(0, b"ALPRDACK"), "not ALPRDRCT"),
        case("form_version", "Version 2", patched(8, b"\x02"), "format version 2"),
        case("form_reserved", "The reserved field", patched(10, b"\x01"), "reserved"),
        case("form_count", "One record more than there are", patched(12, b"\x03"), "size is not its count's"),
        case(
            "form_count_0", "No record, and two all the same", patched(12, b"\0"), "size is not its count's"
        ),
        case("form_time", "A time of 2^32", patched(16, bytes(4) + b"\x01"), "32-bit Unix seconds"),
        case("form_unit_empty", "No unit's name", patched(24, bytes(32)), "unit's name"),
        case("form_unit_gap", "A zero within the name", patched(26, b"\0"), "unit's name"),
        case("form_sequence_0", "Sequence 0", patched(88, b"\0"), "sequence is 1"),
        case("form_sequence_2_63", "Sequence 2^63", patched(128, bytes(7) + b"\x80"), "sequence is 1"),
        case("form_twice", "A record that stands twice", patched(128, rest), "not in order"),
        case("form_order", "Records in falling order", patched(88, b"\x06"), "not in order"),
    ]


def trust_cases() -> list[Case]:
    return [
        case("trust_stranger", "Signed by a stranger", sign(SAID, STRANGER), "no approver of this office"),
        case(
            "trust_other_name",
            "A stranger's signature under the signer's name",
            GOOD[:_SIGNED] + sign(SAID, STRANGER)[_SIGNED:],
            "signature is wrong",
        ),
        case(
            "trust_time", "Another time, not signed", patched(16, b"\0", signed=False), "signature is wrong"
        ),
        case(
            "trust_record",
            "Another record, not signed",
            patched(96, b"\xff", signed=False),
            "signature is wrong",
        ),
        case(
            "trust_no_domain",
            "The signer's signature without the domain",
            GOOD[:_SIGNED] + SIGNER.sign(GOOD[:_SIGNED]).signature,
            "signature is wrong",
        ),
        case(
            "trust_of_hotlist",
            "The signer's signature for a list",
            GOOD[:_SIGNED] + SIGNER.sign(b"alprd hotlist v1\0" + GOOD[:_SIGNED]).signature,
            "signature is wrong",
        ),
        case(
            "trust_other_unit",
            "A receipt for another unit",
            sign(Receipt(unit="car-13", at_s=CREATED, digests=DIGESTS), SIGNER),
            "for the unit car-13",
        ),
    ]


def all_cases() -> list[Case]:
    """Return every case of the format."""
    one = Receipt(unit=UNIT, at_s=2**32 - 1, digests={2**63 - 1: bytes(32)})
    return [
        Case(name="good_two", about="Two records", data=GOOD),
        Case(name="good_second_approver", about="By the root's other approver", data=sign(SAID, SECOND)),
        Case(name="good_last", about="The last sequence, at the last time", data=sign(one, SIGNER)),
        *form_cases(),
        *trust_cases(),
    ]


if __name__ == "__main__":
    write_cases("receipt", all_cases())
