"""Power that goes at any moment loses no record that was said to be sealed, and leaves no other plate.

The big numbers are `make soak`'s: see `tests/soak`.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from alprd.errors import AlprdError
from tests.sim.cut_unit import check
from tests.sim.torn_disk import Call, Remains
from tests.soak.cuts import kill, record, replay

if TYPE_CHECKING:
    from pathlib import Path

CUTS, KILLS = 60, 2


def test_torn_and_reordered_writes_lose_nothing_that_was_told() -> None:
    counts = replay(CUTS, seed=7)
    assert counts["cuts"] == CUTS
    assert counts["records_found"] > CUTS / 2
    assert counts["torn_ends_mended"] > 0, "no cut came in the middle of a write"


def test_a_killed_unit_loses_nothing_that_was_told() -> None:
    counts = kill(KILLS, seed=7)
    assert counts["records_found"] >= counts["told_sealed"]


def without_flushes(calls: list[Call]) -> list[Call]:
    return [call for call in calls if not call.what.startswith("flush")]


def test_a_unit_that_did_not_flush_would_be_seen(tmp_path: Path) -> None:
    calls = without_flushes(record(tmp_path / "whole"))
    chance = random.Random(7)
    lost = 0
    for number in range(20):
        remains = Remains.after(calls, len(calls), chance)
        folder = tmp_path / str(number)
        remains.write_to(folder)
        try:
            check(folder, remains.marks)
        except (AssertionError, AlprdError):
            lost += 1
    assert lost > 10


def test_what_was_flushed_is_there_and_the_rest_may_be_torn() -> None:
    calls = [
        Call(what="name", inode=1, name="a"),
        Call(what="flush names"),
        Call(what="write", inode=1, place=0, data=b"A" * 1024),
        Call(what="flush", inode=1),
        Call(what="write", inode=1, place=1024, data=b"B" * 1024),
        Call(what="name", inode=1, name="b"),
    ]
    chance = random.Random(1)
    seen = {tuple(sorted(Remains.after(calls, len(calls), chance).files.items())) for _ in range(200)}
    contents = {content for files in seen for _, content in files}
    assert all(content.startswith(b"A" * 1024) for content in contents)
    assert {b"A" * 1024, b"A" * 1024 + b"B" * 1024, b"A" * 1024 + bytes(512) + b"B" * 512} <= contents
    assert {tuple(name for name, _ in files) for files in seen} == {("a",), ("a", "b")}
    with pytest.raises(StopIteration):
        next(iter(Remains.after(calls, 0, chance).files))
