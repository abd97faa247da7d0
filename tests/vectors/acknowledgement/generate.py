"""Writes the golden acknowledgements: ``python -m tests.vectors.acknowledgement.generate``."""

from __future__ import annotations

from dataclasses import replace

from nacl.signing import SigningKey

from alprd.hotlist.acknowledgement import SIGNING_DOMAIN, Acknowledgement, sign
from alprd.office.register import Issued
from tests.vectors.sealed_cases import Case, write_cases

CAR_12 = SigningKey(bytes(range(13, 45)))
CAR_13 = SigningKey(bytes(range(14, 46)))
CAR_14 = SigningKey(bytes(range(15, 47)))
UNITS = {name: key.verify_key for name, key in (("car-12", CAR_12), ("car-13", CAR_13), ("car-14", CAR_14))}
"""Enrolled are three units; the lists are sealed to the first two."""

CREATED = 1_767_323_045
DAY_S = 86_400
WHOLE = Issued(
    sequence=7,
    base=0,
    created_s=CREATED,
    expires_s=CREATED + 2 * DAY_S,
    rows=5,
    digest=bytes(range(64)),
    units=("car-12", "car-13"),
)
DELTA = replace(WHOLE, sequence=8, base=7, created_s=CREATED + 300, rows=4, digest=bytes(range(64, 128)))
LISTS = {7: WHOLE, 8: DELTA}

SAID = Acknowledgement(
    unit="car-12", sequence=8, base=7, at_s=CREATED + 600, is_vouched=True, digest=DELTA.digest
)
GOOD = sign(SAID, CAR_12)
NOW = CREATED + 3600
ERROR = "AcknowledgementError"


def case(name: str, about: str, data: bytes, because: str, *, now_s: int = NOW) -> Case:
    return Case(name=name, about=about, data=data, expect=ERROR, because=because, given={"now_s": now_s})


def good(name: str, about: str, said: Acknowledgement, *, now_s: int = NOW) -> Case:
    return Case(name=name, about=about, data=sign(said, CAR_12), given={"now_s": now_s})


def patched(offset: int, new: bytes, *, unit: SigningKey | None = CAR_12) -> bytes:
    """Return the good file with ``new`` at ``offset``, signed anew by ``unit`` (None: as it was)."""
    data = GOOD[:offset] + new + GOOD[offset + len(new) :]
    return data if unit is None else data[:128] + unit.sign(SIGNING_DOMAIN + data[:128]).signature


def form_cases() -> list[Case]:
    return [
        case("form_empty", "An empty file", b"", "found 0"),
        case("form_short", "A byte less", GOOD[:-1], "found 191"),
        case("form_long", "A byte more", GOOD + b"\0", "found 193"),
        case("form_magic", "Another magic", patched(0, b"ALPRDHOT"), "not ALPRDACK"),
        case("form_version", "Version 2", patched(8, b"\x02"), "format version 2"),
        case("form_clock", "A clock that is none", patched(10, b"\x02"), "its clock is unknown"),
        case("form_reserved", "The reserved field", patched(11, b"\x01"), "reserved"),
        case("form_sequence_0", "Sequence 0", patched(16, bytes(16)), "sequence is 1"),
        case("form_sequence_2_63", "Sequence 2^63", patched(16, bytes(7) + b"\x80"), "sequence is 1"),
        case("form_base", "A base that is not before", patched(24, b"\x08"), "its base's is less"),
        case("form_unit_empty", "No unit's name", patched(32, bytes(32)), "unit's name"),
        case("form_unit_gap", "A zero within the name", patched(34, b"\0"), "unit's name"),
        case("form_unit_latin", "A name beyond ASCII", patched(32, b"\xe9"), "unit's name"),
    ]


def trust_cases() -> list[Case]:
    return [
        case("trust_stranger", "A unit that is not enrolled", patched(36, b"9"), "no unit 'car-92'"),
        case("trust_forged", "Signed by another unit", sign(SAID, CAR_13), "signature is wrong"),
        case(
            "trust_other_name",
            "Replayed for another unit",
            patched(32, b"car-13", unit=None),
            "signature is wrong",
        ),
        case(
            "trust_replayed_for_a_newer_list",
            "An acknowledgement of list 7 replayed for list 8",
            sign(replace(SAID, sequence=7, base=0, digest=WHOLE.digest), CAR_12)[:16]
            + GOOD[16:128]
            + sign(replace(SAID, sequence=7, base=0, digest=WHOLE.digest), CAR_12)[128:],
            "signature is wrong",
        ),
        case(
            "trust_no_domain",
            "The unit's signature without the domain",
            GOOD[:128] + CAR_12.sign(GOOD[:128]).signature,
            "signature is wrong",
        ),
        case(
            "trust_of_evidence",
            "The unit's signature for evidence",
            GOOD[:128] + CAR_12.sign(b"alprd evidence v1\0" + GOOD[:128]).signature,
            "signature is wrong",
        ),
        case("trust_time", "Another time, not signed", patched(12, b"\0", unit=None), "signature is wrong"),
    ]


def list_cases() -> list[Case]:
    def said(name: str, about: str, because: str, **changes: object) -> Case:
        return case(name, about, sign(replace(SAID, **changes), CAR_12), because)  # type: ignore[arg-type]

    none = "none of this office's"
    not_in_date = "a time at which that list is not in date"
    return [
        case("time_future", "301 s from the future", GOOD, "301 s from the future", now_s=SAID.at_s - 301),
        said("list_unknown", "A list that was never made", none, sequence=9),
        said("list_other", "Another file of that number", none, digest=WHOLE.digest),
        said("list_other_base", "The delta on another base", none, base=6),
        said("list_not_a_delta", "The delta as a whole list", none, base=0),
        case(
            "list_not_for_us",
            "By a unit that the list is not sealed to",
            sign(replace(SAID, unit="car-14"), CAR_14),
            "which is not sealed to it",
        ),
        said("time_before_list", "301 s before the list was made", not_in_date, at_s=DELTA.created_s - 301),
        case(
            "time_after_expiry",
            "At the list's expiry",
            sign(replace(SAID, at_s=DELTA.expires_s), CAR_12),
            not_in_date,
            now_s=DELTA.expires_s,
        ),
    ]


def all_cases() -> list[Case]:
    """Return every case of the format."""
    whole = replace(SAID, sequence=7, base=0, digest=WHOLE.digest, is_vouched=False)
    return [
        good("good_delta", "A delta, by network time", SAID),
        good("good_whole", "A whole list, by a clock that nothing vouches for", whole),
        good("good_clock_ahead", "300 s from the future", SAID, now_s=SAID.at_s - 300),
        good("good_clock_behind", "300 s before the list", replace(SAID, at_s=DELTA.created_s - 300)),
        good(
            "good_last_second",
            "In the list's last second",
            replace(SAID, at_s=DELTA.expires_s - 1),
            now_s=DELTA.expires_s,
        ),
        *form_cases(),
        *trust_cases(),
        *list_cases(),
    ]


if __name__ == "__main__":
    write_cases("acknowledgement", all_cases())
