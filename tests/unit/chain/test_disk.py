"""A chain's file grows, is mended where power tore its end, and refuses what was tampered with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from nacl.signing import SigningKey

from alprd.chain.disk import ChainFile, read_file
from alprd.chain.records import MAX_TORN, ChainKind, FaultKind, Head
from alprd.errors import ChainError, StorageError

if TYPE_CHECKING:
    from pathlib import Path

KEY = SigningKey(bytes(range(32)))
KIND = ChainKind(kind="audit", unit="car-12")


def open_chain(path: Path) -> ChainFile:
    return ChainFile(path, KIND, KEY, lambda count: {"act": "mended", "bytes": count})


def acts(path: Path) -> list[object]:
    chain = read_file(path, KIND, KEY.verify_key)
    assert chain.fault is None
    return [record.fields["act"] for record in chain.records]


def test_what_was_appended_is_there_for_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "audit" / "chain"
    first = open_chain(path)
    head = first.append({"act": "a"})
    first.close()
    second = open_chain(path)
    assert second.head == head
    second.append({"act": "b"})
    assert acts(path) == ["a", "b"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_writers_append_after_each_other(tmp_path: Path) -> None:
    path = tmp_path / "chain"
    one, other = open_chain(path), open_chain(path)
    for number in range(3):
        one.append({"act": f"one {number}"})
        other.append({"act": f"other {number}"})
    assert acts(path) == [f"{who} {n}" for n in range(3) for who in ("one", "other")]
    assert read_file(path, KIND, KEY.verify_key).head == other.head


def test_a_torn_end_is_cut_off_and_recorded_wherever_it_was_torn(tmp_path: Path) -> None:
    path = tmp_path / "chain"
    chain = open_chain(path)
    chain.append({"act": "kept"})
    kept = path.stat().st_size
    chain.append({"act": "torn"})
    chain.close()
    data = path.read_bytes()
    for end in range(kept + 1, len(data)):
        path.write_bytes(data[:end])
        mended = open_chain(path)
        mended.append({"act": "next"})
        mended.close()
        assert acts(path) == ["kept", "mended", "next"]
        record = read_file(path, KIND, KEY.verify_key).records[1]
        assert record.fields["bytes"] == end - kept


@pytest.mark.parametrize("rest", [b"\0" * 3000, b"\0" * MAX_TORN, os.urandom(500)])
def test_an_end_of_anything_else_is_cut_off_too(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "chain"
    open_chain(path).append({"act": "kept"})
    path.write_bytes(path.read_bytes() + rest)
    open_chain(path)
    assert acts(path) == ["kept", "mended"]


def test_more_than_an_append_could_leave_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "chain"
    open_chain(path).append({"act": "kept"})
    path.write_bytes(path.read_bytes() + b"\0" * (MAX_TORN + 1))
    before = path.read_bytes()
    with pytest.raises(ChainError, match="torn"):
        open_chain(path)
    assert path.read_bytes() == before


def test_a_changed_record_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "chain"
    chain = open_chain(path)
    for number in range(3):
        chain.append({"act": str(number)})
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    with pytest.raises(ChainError, match="edited: record 1"):
        open_chain(path)
    assert path.read_bytes() == data


def test_a_writer_notices_that_its_own_records_were_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "chain"
    chain = open_chain(path)
    chain.append({"act": "a"})
    one = path.stat().st_size
    chain.append({"act": "b"})
    os.truncate(path, one)
    with pytest.raises(ChainError, match="truncated"):
        chain.append({"act": "c"})


def test_a_known_head_shows_what_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "chain"
    chain = open_chain(path)
    first = chain.append({"act": "a"})
    second = chain.append({"act": "b"})
    fault = read_file(path, KIND, KEY.verify_key, (Head(number=3, digest=second.digest),)).fault
    assert fault is not None
    assert fault.kind is FaultKind.TRUNCATED
    assert read_file(path, KIND, KEY.verify_key, (first, second)).fault is None


def test_a_chain_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        open_chain(tmp_path / "none" / "chain" / "chain")
    with pytest.raises(StorageError):
        read_file(tmp_path / "none", KIND, KEY.verify_key)
