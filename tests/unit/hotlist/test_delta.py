"""A delta makes of the base exactly the list that was meant, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import (
    CustodianError,
    HotlistExpiredError,
    HotlistFormatError,
    HotlistRollbackError,
    HotlistTrustError,
)
from alprd.hotlist.blob import parse_header
from alprd.hotlist.build import build_delta
from alprd.hotlist.delta import apply_delta
from alprd.hotlist.details import Details, Person
from alprd.hotlist.disk import DELTA_FILE, LIST_FILE, HotlistStore
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.normal import pack
from tests.unit.hotlist.opening import open_list
from tests.vectors.hotlist.made import (
    CREATED,
    DAY,
    DETAILS_KEY,
    FIVE_ROWS,
    FULL,
    NOW,
    ROOT,
    TAG_KEY,
    UNIT,
    Made,
    Row,
    columns_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from alprd.hotlist.index import HotlistIndex

NEW_KEY = DETAILS_KEY[::-1]


def in_order(row: Row) -> tuple[int, ...]:
    return (row[0], *row[2:5])


def delta_of(
    base: tuple[Row, ...],
    rows: tuple[Row, ...],
    *,
    on: int = 7,
    details: Mapping[int, Details] | None = None,
    changed: tuple[int, ...] = (),
    tag_key: bytes = TAG_KEY,
    **made: int,
) -> bytes:
    built = build_delta(
        columns_of(list(base)),
        columns_of(list(rows)),
        tag_key=tag_key,
        details_key=NEW_KEY,
        details=details,
        changed=changed,
    )
    return replace(Made(sequence=8, base=on), **made).data(built)  # type: ignore[arg-type]  # all are numbers


def contents(index: HotlistIndex, rows: tuple[Row, ...]) -> set[tuple[int, ...]]:
    """Return what the list says of the plates of ``rows``."""
    found: set[tuple[int, ...]] = set()
    keys = np.array(sorted({row[0] for row in rows}), np.uint64)
    first = np.zeros(len(keys), np.int64)
    index.find(keys, first)
    for key, row in zip(keys.tolist(), first.tolist(), strict=True):
        for number in index.rows_of(row) if row >= 0 else ():
            f = index.facts(number)
            found.add((key, f.expires, f.jurisdiction, f.plate_type, f.category, f.priority, f.flags))
    return found


lists = st.lists(
    st.tuples(
        st.text(CHARACTERS[:3], min_size=1, max_size=4).map(pack),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(1, 3),
        st.integers(1, 4),
        st.integers(0, 1),
    ),
    max_size=90,
    unique_by=in_order,
).map(lambda rows: tuple(sorted(rows, key=in_order)))


@given(lists, lists)
def test_base_and_delta_make_the_list_that_was_meant(base: tuple[Row, ...], rows: tuple[Row, ...]) -> None:
    merged = apply_delta(open_list(Made(rows=base).data()), open_list(delta_of(base, rows)))
    assert len(merged) == len(rows)
    assert contents(merged, base + rows) == set(rows)
    assert merged.header.sequence == 8


OLD = tuple(FIVE_ROWS[:4])
NEW = (OLD[0], OLD[2], (pack("ABCD123"), 0, 11, 1, 8, 2, 0), (pack("NEW1"), 0, 9, 1, 11, 3, 0))


def test_an_unchanged_list_gives_an_empty_delta_and_rows_keep_their_details() -> None:
    base = Made(rows=OLD, details={2: FULL})
    data = delta_of(OLD, OLD)
    shape = parse_header(data[:120]).shape
    assert (shape.rows, shape.removed, shape.details) == (0, 0, 0)
    merged = apply_delta(open_list(base.data()), open_list(data))
    assert contents(merged, OLD) == set(OLD)
    (row,) = (row for row in range(len(merged)) if merged.facts(row).category == OLD[2][4])
    assert merged.person(row, "ABCD123") == FULL.person


def test_details_of_kept_changed_and_new_rows_are_each_their_own() -> None:
    other = Details(person=Person(name="Autre"))
    base = Made(rows=OLD, details={0: FULL, 2: FULL})
    data = delta_of(OLD, NEW, details={0: FULL, 1: other, 3: other}, changed=(1,))
    shape = parse_header(data[:120]).shape
    assert (shape.rows, shape.removed, shape.details) == (3, 3, 2)
    merged = apply_delta(open_list(base.data()), open_list(data))
    assert contents(merged, OLD + NEW) == set(NEW)
    opened = {}
    for text in ("0", "ABCD123", "NEW1"):
        first = np.zeros(1, np.int64)
        merged.find(np.array([pack(text)], np.uint64), first)
        for row in merged.rows_of(int(first[0])):
            opened[text, merged.facts(row).category] = merged.person(row, text)
    assert opened == {
        ("0", 1): FULL.person,
        ("ABCD123", 11): other.person,
        ("ABCD123", 8): None,
        ("NEW1", 11): other.person,
    }


def test_the_base_is_wiped_when_the_delta_is_in_and_all_is_when_the_list_goes() -> None:
    base, delta = open_list(Made(rows=OLD).data()), open_list(delta_of(OLD, NEW))
    merged = apply_delta(base, delta)
    assert not base.body.data.any()
    merged.wipe()
    assert not merged.body.data.any()
    assert not delta.body.data.any()


@pytest.mark.parametrize(
    ("data", "error", "because"),
    [
        (delta_of(OLD, NEW, on=6), HotlistTrustError, "the delta is on list 6; the whole list here is 7"),
        (delta_of(OLD, NEW, tag_key=bytes(16)), HotlistTrustError, "tag key"),
        (delta_of((*OLD, NEW[3]), OLD), HotlistFormatError, "takes out a row"),
        (delta_of(OLD[:3], OLD), HotlistFormatError, "adds a row that its base has"),
    ],
    ids=["other base", "other key", "takes out too much", "adds too much"],
)
def test_a_delta_that_does_not_fit_is_refused(data: bytes, error: type[Exception], because: str) -> None:
    base = open_list(Made(rows=OLD).data())
    with pytest.raises(error, match=because):
        apply_delta(base, open_list(data))
    assert contents(base, OLD) == set(OLD)


def store_in(folder: Path) -> HotlistStore:
    return HotlistStore(folder, root=ROOT, unit=UNIT)


def put(folder: Path, data: bytes) -> Path:
    path = folder / "candidate"
    path.write_bytes(data)
    return path


@pytest.fixture
def store(tmp_path: Path) -> HotlistStore:
    """Return a store with list 7 installed."""
    store = store_in(tmp_path)
    store.install(put(tmp_path, Made(rows=OLD).data()), now_s=NOW)
    return store


def test_an_installed_delta_is_in_force_and_lasts(store: HotlistStore, tmp_path: Path) -> None:
    store.install(put(tmp_path, delta_of(OLD, NEW, expires=CREATED + 3 * DAY)), now_s=NOW)
    assert store.floor() == 8
    later = CREATED + 2 * DAY  # when the base alone has expired
    assert contents(store_in(tmp_path).load(now_s=later), OLD + NEW) == set(NEW)
    with pytest.raises(HotlistExpiredError):
        store.load(now_s=CREATED + 3 * DAY)


def test_without_its_delta_the_base_is_too_old(store: HotlistStore, tmp_path: Path) -> None:
    store.install(put(tmp_path, delta_of(OLD, NEW)), now_s=NOW)
    (tmp_path / DELTA_FILE).unlink()
    with pytest.raises(HotlistRollbackError, match="has sequence 7; this unit has seen 8"):
        store.load(now_s=NOW)


def test_a_newer_delta_replaces_the_one_before_and_never_the_other_way(
    store: HotlistStore, tmp_path: Path
) -> None:
    first, second = delta_of(OLD, NEW), delta_of(OLD, NEW[:2], sequence=9)
    store.install(put(tmp_path, first), now_s=NOW)
    store.install(put(tmp_path, second), now_s=NOW)
    assert contents(store.load(now_s=NOW), OLD + NEW) == set(NEW[:2])
    with pytest.raises(HotlistRollbackError):
        store.install(put(tmp_path, first), now_s=NOW)
    assert contents(store.load(now_s=NOW), OLD + NEW) == set(NEW[:2])


def test_a_whole_list_ends_the_delta_before(store: HotlistStore, tmp_path: Path) -> None:
    delta = delta_of(OLD, NEW)
    store.install(put(tmp_path, delta), now_s=NOW)
    store.install(put(tmp_path, Made(rows=OLD[:2], sequence=9).data()), now_s=NOW)
    assert not (tmp_path / DELTA_FILE).exists()
    (tmp_path / DELTA_FILE).write_bytes(delta)  # as a power cut before its removal would leave it
    assert contents(store.load(now_s=NOW), OLD + NEW) == set(OLD[:2])


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (delta_of(OLD, NEW, on=6), HotlistTrustError),
        (delta_of((*OLD, NEW[3]), OLD), HotlistFormatError),
        (delta_of(OLD, NEW, expires=NOW), HotlistExpiredError),
    ],
    ids=["other base", "does not fit", "expired"],
)
def test_a_bad_delta_leaves_the_list_in_place(
    store: HotlistStore, tmp_path: Path, data: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        store.install(put(tmp_path, data), now_s=NOW)
    assert not (tmp_path / DELTA_FILE).exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_delta_alone_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(CustodianError, match="no hotlist is installed"):
        store_in(tmp_path).install(put(tmp_path, delta_of(OLD, NEW)), now_s=NOW)
    (tmp_path / LIST_FILE).write_bytes(delta_of(OLD, NEW))
    with pytest.raises(HotlistFormatError, match="is a delta"):
        store_in(tmp_path).load(now_s=NOW)


def test_the_office_is_told_when_a_new_plate_shares_a_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    def tags(packed: np.ndarray, _key: bytes) -> np.ndarray:  # type: ignore[type-arg]  # as tags.tags_of
        return np.zeros(len(packed), np.uint64)

    monkeypatch.setattr("alprd.hotlist.build.tags_of", tags)
    with pytest.raises(ValueError, match="shares a tag with one of the base"):
        delta_of(OLD[:1], NEW[3:])
