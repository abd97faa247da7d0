"""A process reads its own memory, locked memory too, and never what is not there."""

from __future__ import annotations

import numpy as np

from alprd.forgetting.own_memory import BLOCK, OwnMemory
from alprd.memory import locked_array, locked_regions


def test_a_locked_array_is_among_the_regions_until_nobody_holds_it() -> None:
    array = locked_array((3, 1000), np.uint32)
    address = array.ctypes.data
    assert locked_regions()[address] == 12_000
    view = array[1]
    del array
    assert address in locked_regions(), "a view holds it"
    del view
    assert address not in locked_regions()


def test_what_stands_in_a_locked_array_is_read_and_the_buffer_wiped_after() -> None:
    memory = OwnMemory()
    array = locked_array(64, np.uint64)
    array[:] = np.arange(64)
    words = memory.read(array.ctypes.data, array.nbytes)
    assert np.array_equal(words, array)
    memory.wipe(words)
    assert not memory._block.any()
    assert (array.ctypes.data, array.nbytes) in list(memory.locked(1 << 20))
    assert all(size <= 4096 for _, size in memory.locked(4096))


def test_every_writable_mapping_is_read_in_blocks() -> None:
    memory = OwnMemory()
    array = locked_array(BLOCK // 4, np.uint64)  # two blocks
    address = array.ctypes.data
    blocks = list(memory.writable())
    assert all(0 < size <= BLOCK for _, size in blocks)
    covered = sum(
        max(0, min(start + size, address + array.nbytes) - max(start, address)) for start, size in blocks
    )
    assert covered == array.nbytes


def test_an_address_that_is_not_mapped_gives_nothing() -> None:
    assert len(OwnMemory().read(4096, 4096)) == 0
