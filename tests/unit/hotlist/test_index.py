"""The lookup on arrays: against a dictionary, at the edges of its slices and windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.hotlist.columns import Columns
from alprd.hotlist.lookup import AT_ONCE
from alprd.hotlist.sodium import SipHash
from alprd.hotlist.tags import bucket_bits, tags_of
from alprd.memory import locked_array
from alprd.plates.normal import MAX_KEY
from tests.sim.lists import opened

if TYPE_CHECKING:
    from alprd.hotlist.index import HotlistIndex


def columns_of_keys(keys: list[int], doubles: int = 1) -> Columns:
    """Return rows of packed plates, each listed for so many categories."""
    plate = np.repeat(np.array(sorted(keys), np.uint64), doubles)
    ones = np.ones(len(plate), np.uint8)
    return Columns(
        plate=plate,
        expires=np.zeros(len(plate), np.uint32),
        jurisdiction=ones,
        plate_type=ones,
        category=np.tile(np.arange(1, doubles + 1, dtype=np.uint8), len(keys)),
        priority=ones,
        flags=np.zeros(len(plate), np.uint8),
    )


def find(index: HotlistIndex, keys: list[int]) -> list[int]:
    asked, out = locked_array(len(keys), np.uint64), locked_array(len(keys), np.int64)
    asked[:] = keys
    index.find(asked, out)
    found: list[int] = out.tolist()
    return found


@given(
    st.sets(st.integers(1, MAX_KEY), min_size=1, max_size=200),
    st.lists(st.integers(1, MAX_KEY), max_size=100),
    st.integers(1, 17),
)
def test_each_listed_key_is_found_with_all_its_rows_and_no_other(
    listed: set[int], others: list[int], doubles: int
) -> None:
    index = opened(columns_of_keys(sorted(listed), doubles))
    firsts = find(index, sorted(listed))
    rows = [row for first in firsts for row in index.rows_of(first)]
    assert sorted(rows) == list(range(len(index)))
    assert {len(index.rows_of(first)) for first in firsts} == {doubles}
    for key, row in zip(others, find(index, others) if others else [], strict=True):
        assert (row == -1) == (key not in listed)


@pytest.mark.parametrize("count", [1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
@pytest.mark.parametrize("rows", [1, 64, 65, 20_000])
def test_hits_and_misses_are_told_apart_in_every_slice(count: int, rows: int) -> None:
    rng = np.random.default_rng(rows)
    listed = sorted(set(rng.integers(1, MAX_KEY, rows).tolist()))
    index = opened(columns_of_keys(listed))
    keys = [listed[n % len(listed)] if n % 2 else MAX_KEY - n for n in range(count)]
    assert [row >= 0 for row in find(index, keys)] == [bool(n % 2) for n in range(count)]


@pytest.mark.parametrize("rows", [1, 1000, 20_000])
def test_few_of_what_is_not_listed_are_compared_with_rows(rows: int) -> None:
    rng = np.random.default_rng(rows)
    index = opened(columns_of_keys(sorted(set(rng.integers(1, MAX_KEY // 2, rows).tolist()))))
    lookup, compared, asked = index.prepared(), 0, 200
    for _ in range(asked):
        keys = rng.integers(MAX_KEY // 2, MAX_KEY, AT_ONCE).astype(np.uint64)
        assert lookup.find(keys, np.zeros(AT_ONCE, np.int64)) == 0
        compared += AT_ONCE - np.count_nonzero(lookup._questions[AT_ONCE].unset)
    assert compared < 0.01 * asked * AT_ONCE


def test_a_list_of_no_rows_and_a_wiped_one_find_nothing() -> None:
    assert find(opened(columns_of_keys([])), [1, 2]) == [-1, -1]
    index = opened(columns_of_keys([5, 6]))
    index.wipe()
    assert find(index, [5, 6]) == [-1, -1]


def test_what_is_no_question_is_a_defect() -> None:
    index = opened(columns_of_keys([5]))
    with pytest.raises(ValueError, match="uint64 keys"):
        index.find(np.zeros(2, np.uint64), np.zeros(1, np.int64))
    with pytest.raises(ValueError, match="uint64 keys"):
        index.find(np.zeros(1, np.int64), np.zeros(1, np.int64))


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=50), st.binary(min_size=16, max_size=16))
def test_the_office_s_tags_are_libsodium_s(words: list[int], key: bytes) -> None:
    asked, out = np.array(words, np.uint64), np.zeros(len(words), np.uint64)
    SipHash(np.frombuffer(key, np.uint8), asked, out).run(len(words))
    assert tags_of(asked, key).tolist() == out.tolist()


def test_a_bucket_has_64_rows_on_average_or_fewer_up_to_4_million() -> None:
    for rows in (1, 64, 65, 128, 129, 64 << 16):
        bits = bucket_bits(rows)
        assert rows <= 64 << bits
        assert bits == 0 or rows > 64 << (bits - 1)
    assert bucket_bits(0) == 0
    assert bucket_bits(8_000_000) == 16
