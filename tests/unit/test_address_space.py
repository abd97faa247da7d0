"""Blocks that stand by themselves, and what is read and told of one's own address space."""

from __future__ import annotations

import ctypes

import numpy as np

from alprd.address_space import (
    BlocksApart,
    _is_mapped,
    _libc,
    borrowed,
    private_mappings,
    read_own,
)
from alprd.memory import locked_array

LEAST = 16 * 1024
ROOM = 100_000
"""Less than glibc maps by itself, where nobody asks it to."""


def test_a_block_is_mapped_by_itself_though_there_is_room_for_it_in_between() -> None:
    room, end = _libc.malloc(ROOM), _libc.malloc(64)
    assert not _is_mapped(room)
    _libc.free(room)
    with BlocksApart(LEAST) as apart:
        many, after = [_libc.malloc(LEAST - 64) for _ in range(8)], _libc.malloc(64)
        for block in many:
            _libc.free(block)
        taken = _libc.malloc(LEAST)
        assert not _is_mapped(taken), "there was room: what came free in between"
        _libc.free(taken)
        apart.take_up_room()
        block, small = _libc.malloc(LEAST), _libc.malloc(64)
        assert _is_mapped(block)
        assert not _is_mapped(small)
        for given in (block, small, after):
            _libc.free(given)
    usual = _libc.malloc(ROOM)
    assert not _is_mapped(usual), "and all is as it was"
    for given in (usual, end):
        _libc.free(given)


def test_a_borrowed_view_writes_where_the_owner_reads() -> None:
    owner = ctypes.create_string_buffer(b"\x09" * 100, 100)
    view = borrowed(ctypes.addressof(owner) + 10, 50)
    view[...] = 0
    assert owner.raw == b"\x09" * 10 + bytes(50) + b"\x09" * 40


def test_what_is_mapped_is_told_and_read_and_what_is_not_is_no_crash() -> None:
    array = locked_array(4096, np.uint8)
    array[...] = 3
    start = int(array.ctypes.data)
    assert any(first <= start < last for first, last in private_mappings())
    into = np.zeros(4096, np.uint8)
    assert read_own(start, into) == 4096
    assert into.all()
    assert read_own(4096, into) == 0
