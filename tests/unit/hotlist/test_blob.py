from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import HotlistExpiredError, HotlistFormatError, HotlistTrustError
from alprd.hotlist import blob as hotlist_blob
from alprd.hotlist.blob import (
    MAX_BYTES,
    MIN_BYTES,
    SIGNATURE_BYTES,
    HotlistHeader,
    Recipient,
    build,
    check_size,
    file_bytes,
    parse,
)
from alprd.hotlist.columns import Columns, check_rows
from alprd.hotlist.index import open_index
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.normal import WEIGHTS, pack
from tests.unit.hotlist.opening import open_list
from tests.vectors.hotlist.generate import (
    CREATED,
    DAY,
    FIVE_ROWS,
    GOOD,
    NONCE,
    OTHER_SIGNER,
    OTHER_UNIT,
    SIGNER,
    UNIT,
    Made,
    Row,
    columns_of,
    resigned,
)

REFUSED = (HotlistFormatError, HotlistTrustError)

rows = st.lists(
    st.tuples(
        st.text(CHARACTERS, min_size=1, max_size=10).map(pack),
        st.integers(0, 2**32 - 1),
        st.integers(0, 64),
        st.integers(1, 18),
        st.integers(1, 4),
        st.just(0),
    ),
    max_size=20,
    unique_by=lambda row: (row[0], row[2], row[3]),
).map(lambda drawn: tuple(sorted(drawn, key=lambda row: (row[0], row[2], row[3]))))


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_every_flipped_bit_is_refused() -> None:
    refused = 0
    for bit in range(8 * len(GOOD)):
        with pytest.raises(REFUSED):
            open_list(flipped(GOOD, bit))
        refused += 1
    assert refused == 2432


def test_every_flipped_byte_is_refused_even_when_our_signer_signs_it() -> None:
    for place in range(len(GOOD) - SIGNATURE_BYTES):
        with pytest.raises((*REFUSED, HotlistExpiredError)):
            open_list(resigned(flipped(GOOD, 8 * place)))


def test_every_cut_is_refused_for_its_form() -> None:
    for size in range(len(GOOD)):
        with pytest.raises(HotlistFormatError):
            open_list(GOOD[:size])


def test_every_lengthening_is_refused_for_its_form() -> None:
    for extra in range(1, 130):
        with pytest.raises(HotlistFormatError):
            open_list(GOOD + bytes(extra))


def test_any_two_parts_of_two_lists_do_not_make_one() -> None:
    other = Made(sequence=8).data()
    assert len(other) == len(GOOD)
    for cut in range(1, len(GOOD)):
        mixed = GOOD[:cut] + other[cut:]
        if mixed not in (GOOD, other):
            with pytest.raises(REFUSED):
                open_list(mixed)


def test_a_list_of_another_unit_does_not_open() -> None:
    with pytest.raises(HotlistTrustError, match="not sealed to this unit"):
        open_list(GOOD, unit=OTHER_UNIT)


def test_a_list_of_another_signer_does_not_open() -> None:
    with pytest.raises(HotlistTrustError, match="not enrolled"):
        open_list(GOOD, signer=OTHER_SIGNER.verify_key)


@given(st.binary(max_size=700))
def test_arbitrary_bytes_give_a_format_or_a_trust_error(data: bytes) -> None:
    with pytest.raises(REFUSED):
        open_list(data)


@given(st.binary(min_size=MIN_BYTES - 12, max_size=400))
def test_arbitrary_bytes_after_the_magic_give_a_format_or_a_trust_error(rest: bytes) -> None:
    with pytest.raises(REFUSED):
        open_list(b"ALPRDHOT\x01\0\0\0" + rest)


@given(rows, st.integers(1, 2**63 - 1))
def test_what_was_built_is_read(drawn: tuple[Row, ...], sequence: int) -> None:
    made = Made(rows=drawn, sequence=sequence)
    index = open_list(made.data())
    assert index.header.sequence == sequence
    expected = columns_of(list(drawn))
    for name in ("plate", "expires", "jurisdiction", "category", "priority", "flags"):
        assert getattr(index.columns, name).tolist() == getattr(expected, name).tolist()


def test_the_sealed_file_shows_no_row() -> None:
    plain = np.array([FIVE_ROWS[1][0]], np.uint64).tobytes()
    data = Made(rows=(FIVE_ROWS[1],)).data()
    assert plain not in data
    assert plain in open_list(data).data.tobytes()


def test_a_refused_body_is_wiped() -> None:
    made = Made(rows=((pack("ABC"), 0, 0, 19, 1, 0),))
    room = np.frombuffer(made.data(), np.uint8).copy()
    blob = parse(room)
    with pytest.raises(HotlistFormatError, match="category"):
        open_index(blob, UNIT)
    assert not room.any()


def test_a_wiped_index_holds_nothing() -> None:
    index = open_list(GOOD)
    index.wipe()
    assert not index.data.any()
    assert not index.columns.plate.any()


def test_the_largest_file_is_as_the_document_says() -> None:
    assert MAX_BYTES == file_bytes(10_000, 8_000_000) == 129_120_176


@pytest.mark.parametrize(("size", "is_good"), [(MIN_BYTES - 1, False), (MIN_BYTES, True), (MAX_BYTES, True)])
def test_sizes_are_checked_before_reading(size: int, is_good: bool) -> None:  # noqa: FBT001 - a table's column
    if is_good:
        check_size(size)
    else:
        with pytest.raises(HotlistFormatError, match=f"found {size}"):
            check_size(size)


def test_one_byte_over_the_largest_is_refused() -> None:
    with pytest.raises(HotlistFormatError, match=str(MAX_BYTES + 1)):
        check_size(MAX_BYTES + 1)


GOOD_HEADER = HotlistHeader(
    sequence=7,
    created=CREATED,
    expires=CREATED + DAY,
    recipients=1,
    entries=0,
    signer=bytes(SIGNER.verify_key),
    nonce=NONCE,
)


@pytest.mark.parametrize(
    "change",
    [
        {"recipients": 0},
        {"recipients": 10_001},
        {"entries": -1},
        {"entries": 8_000_001},
        {"sequence": 0},
        {"sequence": 2**63},
        {"expires": CREATED},
        {"expires": 2**32},
        {"created": -1},
        {"signer": bytes(31)},
        {"nonce": bytes(23)},
    ],
    ids=str,
)
def test_a_header_beyond_a_limit_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"a hotlist|a signer's key"):
        replace(GOOD_HEADER, **change)  # type: ignore[arg-type]  # the wrong values are the point


@pytest.mark.parametrize(
    "change",
    [{"recipients": 10_000}, {"entries": 8_000_000}, {"sequence": 2**63 - 1}, {"expires": 2**32 - 1}],
    ids=str,
)
def test_a_header_at_a_limit_is_taken(change: dict[str, int]) -> None:
    assert replace(GOOD_HEADER, **change)  # type: ignore[arg-type]  # all of these are numbers


def test_the_builder_refuses_a_header_that_is_not_of_its_parts() -> None:
    key = np.zeros(32, np.uint8)
    recipient = Recipient(public=bytes(32), sealed=bytes(80))
    with pytest.raises(ValueError, match="counts"):
        build(GOOD_HEADER, [recipient, recipient], columns_of([]), key, SIGNER)
    with pytest.raises(ValueError, match="another signer"):
        build(GOOD_HEADER, [recipient], columns_of([]), key, OTHER_SIGNER)


def many_rows(count: int) -> Columns:
    """Return so many rows of four-character plates, in order."""
    number = np.arange(count, dtype=np.uint64)
    places = [number // np.uint64(36**place) % np.uint64(36) + np.uint64(1) for place in range(3, -1, -1)]
    plate = sum(
        (code * weight for code, weight in zip(places, WEIGHTS[:4], strict=True)), number * np.uint64(0)
    )
    ones = np.ones(count, np.uint8)
    return Columns(
        plate=plate,
        expires=np.zeros(count, np.uint32),
        jurisdiction=ones,
        category=ones,
        priority=ones,
        flags=np.zeros(count, np.uint8),
    )


SLICE = 1 << 16


@pytest.mark.parametrize("place", [SLICE - 1, SLICE, SLICE + 1, 2 * SLICE])
def test_rows_out_of_order_are_found_wherever_the_check_slices(place: int) -> None:
    columns = many_rows(2 * SLICE + 1)
    check_rows(columns)
    columns.plate[place] = columns.plate[place - 1]
    with pytest.raises(HotlistFormatError, match=f"row {place}: it is not sorted"):
        check_rows(columns)


def test_reading_takes_a_list_of_unaligned_bytes_apart() -> None:
    room = np.zeros(len(GOOD) + 1, np.uint8)
    room[1:] = np.frombuffer(GOOD, np.uint8)
    assert hotlist_blob.parse(room[1:]).header.sequence == 7
