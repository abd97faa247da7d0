from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey, PublicKey

from alprd.errors import EvidenceError
from alprd.evidence.body import MAX_PIXELS, decode_body, encode_body
from alprd.evidence.envelope import (
    HEADER_BYTES,
    MAX_BYTES,
    SIGNATURE_BYTES,
    EvidenceHeader,
    open_record,
    read_header,
    seal,
)
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.records import ClockSource, Doubt, EvidenceItem, Fix, Instant, MonotonicNs, UnixMs, Verdict
from tests.vectors.evidence.generate import (
    BODY,
    GOOD,
    LOCATED,
    NO_LOCATION,
    OFFICE,
    OTHER_OFFICE,
    OTHER_UNIT,
    UNIT,
    record,
    resigned,
)

signed = st.integers(-(2**63), 2**63 - 1)
instants = st.builds(Instant, at=signed.map(UnixMs), source=st.sampled_from(ClockSource))
finite = st.floats(allow_nan=False, allow_infinity=False)
fixes = st.builds(
    Fix,
    latitude_deg=st.floats(-90, 90),
    longitude_deg=st.floats(-180, 180),
    dimensions=st.sampled_from([2, 3]),
    fixed_at=signed.map(UnixMs),
    received_at=signed.map(MonotonicNs),
    error_m=st.none() | finite,
    speed_mps=st.none() | finite,
    track_deg=st.none() | finite,
)


@st.composite
def items(draw: st.DrawFn) -> EvidenceItem:
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 20))
    return EvidenceItem(
        unit=draw(st.text("abcXYZ019-._", min_size=1, max_size=32)),
        sequence=draw(st.integers(1, 2**63 - 1)),
        plate=draw(st.text(CHARACTERS, min_size=1, max_size=10)),
        jurisdiction=draw(st.sampled_from(JURISDICTIONS)),
        category=draw(st.integers(1, 18)),
        confidence=draw(st.floats(0, 1)),
        chance_percent=draw(st.integers(0, 100)),
        doubts=Doubt(draw(st.integers(0, 127))),
        list_sequence=draw(st.integers(0, 2**63 - 1)),
        captured=draw(instants),
        confirmed=draw(instants),
        fix=draw(st.none() | fixes),
        fix_age_ms=draw(st.none() | signed),
        badge=draw(st.text(min_size=1, max_size=16).filter(lambda text: text.isprintable())),
        verdict=draw(st.sampled_from(Verdict)),
        picture_width=width,
        picture_height=height,
        picture=draw(st.binary(min_size=width * height, max_size=width * height)),
        context=draw(st.none() | st.binary(min_size=48, max_size=48)),
    )


@given(items())
def test_the_office_opens_what_the_unit_sealed(item: EvidenceItem) -> None:
    sealed = seal(item, OFFICE.public_key, UNIT)
    assert open_record(sealed, OFFICE, UNIT.verify_key) == item
    assert read_header(sealed) == EvidenceHeader(unit=item.unit, sequence=item.sequence)


def test_a_unit_cannot_open_its_own_evidence() -> None:
    sealed = seal(LOCATED, OFFICE.public_key, UNIT)
    own_keys = [
        UNIT.to_curve25519_private_key(),
        PrivateKey(bytes(UNIT)),
        PrivateKey(bytes(OFFICE.public_key)),
        PrivateKey.generate(),
    ]
    for key in own_keys:
        with pytest.raises(EvidenceError, match="not sealed to this office"):
            open_record(sealed, key, UNIT.verify_key)


def test_a_record_shows_nothing_of_the_hit_in_clear() -> None:
    sealed = seal(LOCATED, OFFICE.public_key, UNIT)
    for secret in (b"ABCD123", LOCATED.badge.encode(), LOCATED.picture, BODY[64:96]):
        assert secret not in sealed


def test_no_record_is_sealed_twice_alike() -> None:
    assert seal(NO_LOCATION, OFFICE.public_key, UNIT) != seal(NO_LOCATION, OFFICE.public_key, UNIT)


def test_every_flipped_bit_is_refused() -> None:
    refused = 0
    for bit in range(8 * len(GOOD)):
        changed = bytearray(GOOD)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(EvidenceError):
            open_record(bytes(changed), OFFICE, UNIT.verify_key)
        refused += 1
    assert refused == 8 * len(GOOD)


def test_every_flipped_byte_is_refused_even_when_the_unit_signs_it() -> None:
    for place in range(len(GOOD) - SIGNATURE_BYTES):
        changed = bytearray(GOOD)
        changed[place] ^= 1
        with pytest.raises(EvidenceError):
            open_record(resigned(bytes(changed)), OFFICE, UNIT.verify_key)


def test_every_cut_is_refused() -> None:
    for size in range(len(GOOD)):
        with pytest.raises(EvidenceError):
            open_record(GOOD[:size], OFFICE, UNIT.verify_key)


def test_parts_of_two_records_do_not_make_one() -> None:
    other = record(replace(NO_LOCATION, sequence=4))
    for cut in range(1, len(GOOD)):
        mixed = GOOD[:cut] + other[cut:]
        if mixed not in (GOOD, other):
            with pytest.raises(EvidenceError):
                open_record(mixed, OFFICE, UNIT.verify_key)


def test_the_wrong_office_and_the_wrong_unit_are_told_apart() -> None:
    with pytest.raises(EvidenceError, match="not sealed to this office"):
        open_record(GOOD, OTHER_OFFICE, UNIT.verify_key)
    with pytest.raises(EvidenceError, match="signature is wrong"):
        open_record(GOOD, OFFICE, OTHER_UNIT.verify_key)


@given(st.binary(max_size=600))
def test_arbitrary_bytes_give_an_evidence_error(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        open_record(data, OFFICE, UNIT.verify_key)


@given(st.binary(max_size=400))
def test_an_arbitrary_body_is_an_item_or_an_evidence_error(data: bytes) -> None:
    try:
        item = decode_body(data)
    except EvidenceError:
        return
    assert encode_body(item) == data


@settings(max_examples=300)
@given(st.integers(0, len(BODY) - 1), st.integers(0, 255))
def test_a_body_with_one_byte_changed_is_itself_or_an_evidence_error(place: int, value: int) -> None:
    changed = BODY[:place] + bytes([value]) + BODY[place + 1 :]
    try:
        item = decode_body(changed)
    except EvidenceError:
        return
    assert encode_body(item) == changed, "two bodies for one item"


@pytest.mark.parametrize(
    "change",
    [
        {"unit": ""},
        {"unit": "x" * 33},
        {"unit": "car 12"},
        {"unit": "caf\u00e9"},
        {"sequence": 0},
        {"sequence": 2**63},
        {"plate": "abc"},
        {"plate": "ABCDEFGHIJK"},
        {"jurisdiction": "ON"},
        {"category": 32},
        {"category": 300},
        {"confidence": 1.5},
        {"chance_percent": 101},
        {"chance_percent": -1},
        {"doubts": Doubt(128)},
        {"badge": ""},
        {"badge": "x" * 65},
        {"badge": "a\nb"},
        {"picture_width": 5},
        {"picture_width": 1025, "picture_height": 1, "picture": bytes(1025)},
        {"picture_width": 1024, "picture_height": 257, "picture": bytes(1024 * 257)},
        {"picture": b""},
    ],
    ids=str,
)
def test_what_the_office_would_refuse_is_not_sealed(change: dict[str, object]) -> None:
    with pytest.raises(EvidenceError):
        seal(replace(NO_LOCATION, **change), OFFICE.public_key, UNIT)  # type: ignore[arg-type]  # wrong on purpose


def test_the_largest_record_is_sealed_and_opened() -> None:
    largest = replace(
        LOCATED,
        badge="x" * 64,
        picture_width=1024,
        picture_height=256,
        picture=bytes(MAX_PIXELS),
        context=bytes(48),
    )
    sealed = seal(largest, OFFICE.public_key, UNIT)
    assert len(sealed) == MAX_BYTES == 262_584
    assert open_record(sealed, OFFICE, UNIT.verify_key) == largest
    with pytest.raises(EvidenceError, match=f"found {MAX_BYTES + 1}"):
        open_record(sealed + b"\0", OFFICE, UNIT.verify_key)


def test_the_clear_header_is_all_that_is_clear() -> None:
    one, other = (seal(NO_LOCATION, OFFICE.public_key, UNIT) for _ in range(2))
    assert one[:HEADER_BYTES] == other[:HEADER_BYTES]
    assert sum(a == b for a, b in zip(one[HEADER_BYTES:], other[HEADER_BYTES:], strict=True)) < 30


def test_only_a_public_key_is_needed_to_seal() -> None:
    office = PublicKey(bytes(OFFICE.public_key))
    assert open_record(seal(NO_LOCATION, office, UNIT), OFFICE, UNIT.verify_key) == NO_LOCATION
