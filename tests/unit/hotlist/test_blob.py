from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alprd.errors import HotlistExpiredError, HotlistFormatError, HotlistTrustError
from alprd.hotlist.blob import MAX_BYTES, MIN_BYTES, HotlistHeader, check_size, parse_header
from alprd.hotlist.body import Body, BodyShape
from alprd.hotlist.build import BuiltList, Recipient, build_body, sealed_pieces
from alprd.hotlist.columns import Columns
from alprd.hotlist.opening import open_index, read_sealed
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.normal import pack
from tests.unit.hotlist.opening import Bytes, open_list
from tests.vectors.hotlist.made import (
    CONTENT_KEY,
    CREATED,
    DAY,
    DETAILS_KEY,
    FIVE_ROWS,
    GOOD,
    OTHER_UNIT,
    ROOT,
    SECOND,
    SERVICE,
    SIGNER,
    SMALL_LIST,
    STRANGER,
    STREAM,
    TAG_KEY,
    THIRD,
    UNIT,
    Made,
    Row,
    columns_of,
    resigned,
    root_of,
)

REFUSED = (HotlistFormatError, HotlistTrustError)
SMALL = SMALL_LIST.data()

rows = st.lists(
    st.tuples(
        st.text(CHARACTERS, min_size=1, max_size=10).map(pack),
        st.integers(0, 2**32 - 1),
        st.integers(0, 64),
        st.integers(0, 12),
        st.integers(1, 17),
        st.integers(1, 4),
        st.integers(0, 1),
    ),
    max_size=20,
    unique_by=lambda row: (row[0], row[2], row[3], row[4]),
).map(lambda drawn: tuple(sorted(drawn, key=lambda row: (row[0], row[2], row[3], row[4]))))


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_every_flipped_bit_is_refused() -> None:
    header = parse_header(SMALL[:120])
    refused = 0
    for bit in range(8 * len(SMALL)):
        # What is signed is refused for its signature, before anything of it is decrypted.
        is_sealed = header.body_at <= bit // 8 < header.approvals_at
        with pytest.raises(HotlistTrustError if is_sealed else REFUSED) as refusal:
            open_list(flipped(SMALL, bit))
        assert "signature is wrong" in str(refusal.value) or not is_sealed
        refused += 1
    assert refused == 8 * len(SMALL) > 5000


def test_every_flipped_byte_of_head_and_body_is_refused_even_when_our_approvers_sign_it() -> None:
    header = parse_header(SMALL[:120])
    for place in range(header.details_at):
        with pytest.raises((*REFUSED, HotlistExpiredError)):
            open_list(resigned(flipped(SMALL, 8 * place)))


def test_every_cut_is_refused_for_its_form() -> None:
    for size in range(len(SMALL)):
        with pytest.raises(HotlistFormatError):
            open_list(SMALL[:size])


def test_every_lengthening_is_refused_for_its_form() -> None:
    for extra in range(1, 200):
        with pytest.raises(HotlistFormatError):
            open_list(SMALL + bytes(extra))


def test_any_two_parts_of_two_lists_do_not_make_one() -> None:
    other = replace(SMALL_LIST, sequence=8).data()
    assert len(other) == len(SMALL)
    for cut in range(1, len(SMALL)):
        mixed = SMALL[:cut] + other[cut:]
        if mixed not in (SMALL, other):
            with pytest.raises(REFUSED):
                open_list(mixed)


def test_a_list_of_another_unit_does_not_open() -> None:
    with pytest.raises(HotlistTrustError, match="not sealed to this unit"):
        open_list(GOOD, unit=OTHER_UNIT)


def test_a_list_is_no_more_believed_once_an_approver_of_it_has_left() -> None:
    assert open_list(GOOD, root=root_of(SIGNER, SECOND, version=2))
    with pytest.raises(HotlistTrustError, match="no approver"):
        open_list(GOOD, root=root_of(SIGNER, THIRD, version=2))


def test_the_threshold_is_the_root_record_s() -> None:
    three = replace(ROOT, threshold=3)
    with pytest.raises(HotlistTrustError, match="3 approvers are needed; found 2"):
        open_list(GOOD, root=three)
    assert open_list(Made(signers=(SIGNER, SECOND, THIRD)).data(), root=three)


def test_approvals_of_nobody_we_know_do_not_count() -> None:
    with pytest.raises(HotlistTrustError, match="no approver"):
        open_list(Made(signers=(STRANGER, THIRD)).data())


@given(st.binary(max_size=700))
def test_arbitrary_bytes_give_a_format_or_a_trust_error(data: bytes) -> None:
    with pytest.raises(REFUSED):
        open_list(data)


@given(st.binary(min_size=MIN_BYTES - 10, max_size=600))
def test_arbitrary_bytes_after_the_magic_give_a_format_or_a_trust_error(rest: bytes) -> None:
    with pytest.raises(REFUSED):
        open_list(b"ALPRDHOT\x02\0" + rest)


@settings(max_examples=200)
@given(st.data())
def test_any_change_of_the_plain_body_gives_a_format_error_or_a_list(data: st.DataObject) -> None:
    built = SMALL_LIST.built()
    for _ in range(data.draw(st.integers(1, 4))):
        built.body.data[data.draw(st.integers(0, len(built.body.data) - 1))] = data.draw(st.integers(0, 255))
    try:
        index = open_list(SMALL_LIST.data(built))
    except HotlistFormatError:
        return
    out = np.zeros(64, np.int64)
    index.find(np.arange(64, dtype=np.uint64), out)
    assert ((out >= -1) & (out < len(index))).all()


@given(rows, st.integers(1, 2**63 - 1))
def test_what_was_built_is_read(drawn: tuple[Row, ...], sequence: int) -> None:
    index = open_list(Made(rows=drawn, sequence=sequence).data())
    assert index.header.sequence == sequence
    read: set[tuple[int, ...]] = set()
    keys = np.array(sorted({row[0] for row in drawn}), np.uint64)
    first = np.zeros(len(keys), np.int64)
    index.find(keys, first)
    for key, row in zip(keys.tolist(), first.tolist(), strict=True):
        for number in index.rows_of(row):
            f = index.facts(number)
            read.add((key, f.expires, f.jurisdiction, f.plate_type, f.category, f.priority, f.flags))
    assert read == set(drawn)
    assert len(index) == len(drawn)


def test_neither_the_sealed_file_nor_the_opened_list_shows_a_plate() -> None:
    key = np.array([FIVE_ROWS[1][0]], np.uint64).tobytes()
    data = Made(rows=tuple(FIVE_ROWS[:4])).data()
    opened = open_list(data).body.data.tobytes()
    for shown in (data, opened):
        assert key not in shown
        assert b"ABCD123" not in shown


def test_a_refused_body_is_wiped_and_its_key_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = []

    def locked(shape: int, dtype: str) -> np.ndarray:  # type: ignore[type-arg]  # as memory.locked_array
        rooms.append(np.zeros(shape, dtype))
        return rooms[-1]

    monkeypatch.setattr("alprd.hotlist.opening.locked_array", locked)
    built = Made().built()
    built.body.facts["category"][0] = 19
    source = Bytes(Made().data(built))
    with pytest.raises(HotlistFormatError, match="category"):
        open_index(source, read_sealed(source), UNIT)
    assert len(rooms) == 2
    assert not any(room.any() for room in rooms)


def test_a_file_that_changes_between_the_two_passes_is_refused() -> None:
    with_details = parse_header(SMALL[:120])
    for place in (with_details.details_at, with_details.approvals_at - 1):
        sealed = read_sealed(Bytes(SMALL))
        with pytest.raises(HotlistTrustError, match="changed while it was read"):
            open_index(Bytes(flipped(SMALL, 8 * place)), sealed, UNIT)


def test_a_wiped_index_holds_nothing_and_closes_its_file() -> None:
    source = Bytes(GOOD)
    index = open_index(source, read_sealed(source), UNIT)
    index.wipe()
    assert not index.body.data.any()
    assert source.is_closed


def test_the_largest_list_is_as_the_document_says() -> None:
    shape = BodyShape(facts=1000, bucket_bits=16, rows=8_000_000, removed=0, details=400_000)
    assert shape.size == 48 + 12_000 + 4 * 65_537 + 48_000_000 + 3_200_000


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
    service=SERVICE,
    sequence=7,
    created=CREATED,
    expires=CREATED + DAY,
    root_version=1,
    recipients=1,
    shape=BodyShape(facts=1, bucket_bits=0, rows=2_000_000, removed=0, details=1),
    details_bytes=16,
    stream=STREAM,
)


def shaped(**change: int) -> dict[str, object]:
    return {"shape": replace(GOOD_HEADER.shape, **change)}


@pytest.mark.parametrize(
    "change",
    [
        {"recipients": 0},
        {"recipients": 10_001},
        shaped(rows=-1),
        shaped(rows=8_000_001),
        shaped(facts=65_536),
        shaped(bucket_bits=17),
        shaped(removed=1),
        {"base": 6, **shaped(removed=8_000_001)},
        {"details_bytes": 2**24, **shaped(details=1_000_001)},
        {"details_bytes": 2**27 + 16},
        {"details_bytes": 0},
        {"sequence": 0},
        {"sequence": 2**63},
        {"base": 7},
        {"root_version": 0},
        {"root_version": 2**32},
        {"expires": CREATED},
        {"expires": 2**32},
        {"created": -1},
        {"stream": bytes(23)},
        {"service": ""},
        {"service": "x" * 33},
        {"service": "caf\u00e9"},
    ],
    ids=str,
)
def test_a_header_beyond_a_limit_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"a hotlist|a secret stream"):
        replace(GOOD_HEADER, **change)  # type: ignore[arg-type]  # the wrong values are the point


@pytest.mark.parametrize(
    "change",
    [
        {"recipients": 10_000},
        shaped(rows=8_000_000),
        shaped(facts=65_535),
        shaped(bucket_bits=16),
        {"base": 6, **shaped(removed=8_000_000)},
        {"details_bytes": 2**24, **shaped(details=1_000_000)},
        {"details_bytes": 2**27},
        {"sequence": 2**63 - 1},
        {"root_version": 2**32 - 1},
        {"expires": 2**32 - 1},
        {"service": "x" * 32},
    ],
    ids=str,
)
def test_a_header_at_a_limit_is_taken_and_read_back(change: dict[str, int]) -> None:
    header = replace(GOOD_HEADER, **change)  # type: ignore[arg-type]  # each value has its field's type
    assert parse_header(header.pack()) == header


def test_the_builder_refuses_a_header_that_is_not_of_its_parts() -> None:
    key = np.frombuffer(CONTENT_KEY, np.uint8)
    recipient = Recipient(public=bytes(32), sealed=bytes(80))
    built = Made().built()
    header = replace(GOOD_HEADER, shape=built.shape, details_bytes=0)
    with pytest.raises(ValueError, match="counts"):
        next(sealed_pieces(header, [recipient, recipient], built, key, [SIGNER]))
    longer = BuiltList(body=built.body, shape=built.shape, details=bytes(16))
    with pytest.raises(ValueError, match="details"):
        next(sealed_pieces(header, [recipient], longer, key, [SIGNER]))


def test_the_builder_takes_another_tag_key_when_two_plates_share_a_tag(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plates = [pack("A"), pack("B")]
    columns = columns_of([(plate, 0, 9, 1, 1, 1, 0) for plate in plates])
    keys = [bytes(16), TAG_KEY]

    def tags(packed: np.ndarray, key: bytes) -> np.ndarray:  # type: ignore[type-arg]  # as tags.tags_of
        same = np.zeros(len(packed), np.uint64)
        return same if key == keys[0] else np.arange(len(packed), dtype=np.uint64) << np.uint64(32)

    monkeypatch.setattr("alprd.hotlist.build.tags_of", tags)
    built = build_body(columns, tag_keys=keys, details_key=DETAILS_KEY)
    assert built.body.tag_key.tobytes() == TAG_KEY
    with pytest.raises(ValueError, match="share a tag"):
        build_body(columns, tag_keys=keys[:1], details_key=DETAILS_KEY)


def test_a_body_of_several_chunks_is_sealed_and_opened() -> None:
    texts = np.random.default_rng(3).permutation(300_000)[:250_000]
    plates = np.sort(texts).astype(np.uint64) + np.uint64(37**9)
    ones = np.ones(len(plates), np.uint8)
    columns = Columns(
        plate=plates,
        expires=np.zeros(len(plates), np.uint32),
        jurisdiction=ones,
        plate_type=ones,
        category=ones,
        priority=ones,
        flags=ones,
    )
    built = build_body(columns, tag_keys=[TAG_KEY], details_key=DETAILS_KEY)
    assert built.body.data.nbytes > 2**20
    data = Made().data(built)
    index = open_list(data)
    out = np.zeros(len(plates), np.int64)
    index.find(plates, out)
    assert sorted(out.tolist()) == list(range(len(plates)))
    header = parse_header(data[:120])
    first, second = header.body_at, header.body_at + 2**20 + 17
    swapped = data[:first] + data[second : second + 1000] + data[first + 1000 :]
    with pytest.raises(HotlistTrustError, match="does not decrypt"):
        open_list(resigned(swapped))


def test_a_shape_that_is_not_the_data_s_is_a_defect() -> None:
    with pytest.raises(ValueError, match="a body of this shape"):
        Body.over(np.zeros(10, np.uint8), GOOD_HEADER.shape)
