"""What the office remembers of its lists: the newest, and since when a plate is listed no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import OfficeInputError
from alprd.office.register import MAX_LISTS, Issued, Register, pack_register, read_register
from alprd.office.removals import NONE, Removals

ONE = Issued(
    sequence=1, base=0, created_s=1000, expires_s=2000, rows=3, digest=bytes(64), units=("car-1", "car-2")
)


def tags(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(sorted(numbers), np.uint64)


def packed(register: Register) -> bytearray:
    return bytearray(b"".join(pack_register(register)))


def test_a_register_is_read_as_it_was_packed() -> None:
    register = Register().with_list(ONE, tags(), tags(1, 2))
    register = register.with_list(replace(ONE, sequence=2, base=1), tags(1, 2), tags(2, 3))
    again = read_register(packed(register))
    assert again.lists == register.lists
    assert again.removals.tags.tolist() == [1, 3]
    assert again.removals.since.tolist() == [2, 0]
    assert read_register(None).lists == ()


def test_a_register_cut_anywhere_is_refused() -> None:
    whole = packed(Register().with_list(ONE, tags(9), tags(1)))
    for size in [0, 1, 4095, 4096, len(whole) - 1]:
        with pytest.raises(OfficeInputError):
            read_register(whole[:size])


@pytest.mark.parametrize("count", [MAX_LISTS - 1, MAX_LISTS, MAX_LISTS + 1])
def test_the_newest_lists_are_remembered(count: int) -> None:
    register = Register()
    for number in range(1, count + 1):
        register = register.with_list(replace(ONE, sequence=number), tags(), tags())
    assert len(register.lists) == min(count, MAX_LISTS)
    assert register.lists[-1].sequence == count
    assert (register.find(1) is None) == (count > MAX_LISTS)


def test_the_newest_whole_list_is_told_from_its_deltas() -> None:
    register = Register(lists=(ONE, replace(ONE, sequence=2, base=1)))
    assert register.whole == ONE
    assert Register().whole is None


def test_removals_outlive_a_whole_list_as_long_as_an_older_one_is_in_date() -> None:
    register = Register().with_list(ONE, tags(), tags(1, 2))
    register = register.with_list(replace(ONE, sequence=2, base=1), tags(1, 2), tags(2))
    assert register.removals.since_list(1) == 2
    early = register.with_list(replace(ONE, sequence=3, created_s=1999), tags(1, 2), tags(2))
    assert early.removals.since_list(1) == 2
    late = register.with_list(replace(ONE, sequence=3, created_s=2000), tags(1, 2), tags(2))
    assert late.removals.since_list(1) is None


@given(st.lists(st.tuples(st.booleans(), st.sets(st.integers(0, 9))), min_size=1, max_size=12))
def test_since_which_list_a_plate_is_gone_is_what_a_plain_count_says(
    made: list[tuple[bool, set[int]]],
) -> None:
    removals, base, before = NONE, set[int](), set[int]()
    gone: dict[int, int] = {}
    for sequence, (is_whole, listed) in enumerate([(True, made[0][1]), *made[1:]], 1):
        removals = removals.after(tags(*base), tags(*listed), sequence)
        gone.update(dict.fromkeys(before - listed, sequence))
        gone = {plate: since for plate, since in gone.items() if plate not in listed}
        if is_whole:
            removals, base = removals.of_whole_list(0), listed
        before = listed
        known = {plate: removals.since_list(plate) for plate in range(10)}
        assert {plate: since for plate, since in known.items() if since} == gone
        assert {plate for plate, since in known.items() if since == 0} == listed - base


def test_no_removals_know_of_no_plate() -> None:
    assert NONE.since_list(0) is None
    assert Removals(tags=tags(5), since=tags(7)).since_list(4) is None
