from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from alprd.errors import EvidenceError, StorageError
from alprd.evidence.disk import LAST_FILE, EvidenceStore, list_records, read_record, record_name
from alprd.evidence.envelope import MAX_BYTES

ROOT = Path(__file__).resolve().parents[3]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_records_are_numbered_and_counted(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "evidence")
    assert (store.next_sequence(), store.count()) == (1, 0)
    for number in (1, 2, 3):
        store.append(b"record %d" % number, store.next_sequence())
        assert (store.next_sequence(), store.count()) == (number + 1, number)
    assert read_record(tmp_path / "evidence" / record_name(2)) == b"record 2"
    assert (tmp_path / "evidence").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "evidence" / record_name(2)).stat().st_mode & 0o777 == 0o600


def test_a_number_never_comes_again_after_the_office_took_the_records(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    store.append(b"one", 1)
    store.append(b"two", 2)
    for path in list_records(tmp_path):
        path.unlink()
    store.close()
    again = EvidenceStore(tmp_path)
    assert (again.next_sequence(), again.count()) == (3, 0)


def test_a_stored_record_is_not_told_to_have_failed(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    (tmp_path / LAST_FILE).mkdir()  # the number cannot be written where a folder is
    store.append(b"record", store.next_sequence())
    assert store.next_sequence() == 2
    assert [path.name for path in list_records(tmp_path)] == [record_name(1)]


@pytest.mark.parametrize("number", [0, 1, 2**63], ids=["zero", "given before", "too high"])
def test_a_number_that_is_not_next_is_a_defect(tmp_path: Path, number: int) -> None:
    store = EvidenceStore(tmp_path)
    store.append(b"one", 1)
    with pytest.raises(ValueError, match="the next record is number 2"):
        store.append(b"other", number)
    assert read_record(tmp_path / record_name(1)) == b"one"


def test_a_record_that_appeared_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    (tmp_path / record_name(1)).write_bytes(b"not ours")
    with pytest.raises(StorageError, match="cannot be written: File exists"):
        store.append(b"ours", 1)
    assert names(tmp_path) == [record_name(1)]
    assert read_record(tmp_path / record_name(1)) == b"not ours"


def test_leftovers_of_a_power_cut_are_removed_at_opening(tmp_path: Path) -> None:
    (tmp_path / f".alprd-new-{record_name(1)}").write_bytes(b"hal")
    assert EvidenceStore(tmp_path).count() == 0
    assert names(tmp_path) == []


def test_a_second_store_on_the_folder_is_refused_until_the_first_closes(tmp_path: Path) -> None:
    first = EvidenceStore(tmp_path)
    with pytest.raises(StorageError, match="in use by another process"):
        EvidenceStore(tmp_path)
    first.close()
    assert EvidenceStore(tmp_path).next_sequence() == 1


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"):
        EvidenceStore(tmp_path / "missing" / "evidence")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="File exists"):
        EvidenceStore(tmp_path / "file")


@pytest.mark.parametrize("text", [b"", b"two\n", b"2"], ids=repr)
def test_a_damaged_last_number_is_told_and_not_guessed(tmp_path: Path, text: bytes) -> None:
    (tmp_path / LAST_FILE).write_bytes(text)
    with pytest.raises(StorageError, match="is damaged"):
        EvidenceStore(tmp_path)


def test_a_file_over_the_limit_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(MAX_BYTES + 1))
    with pytest.raises(EvidenceError, match="no evidence record"):
        read_record(tmp_path / "large")
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_record(tmp_path / "missing")


def test_a_power_cut_at_any_call_leaves_a_whole_record_or_none(tmp_path: Path) -> None:
    template, remains = tmp_path / "template", tmp_path / "remains"
    remains.mkdir()
    store = EvidenceStore(template)
    store.append(b"first record", 1)
    subprocess.run(
        [sys.executable, "-m", "tests.sim.power_cut", "append", template, remains], cwd=ROOT, check=True
    )
    calls = (remains / "calls").read_text("utf-8").split()
    assert "write fsync close link unlink open fsync close" in " ".join(calls)
    found = []
    for number in range(1, len(calls) + 2):
        folder = remains / str(number)
        seen = [path.read_bytes() for path in list_records(folder)]
        assert seen in ([b"first record"], [b"first record", b"second record"])
        found.append(len(seen))
        left = EvidenceStore(folder)
        assert left.count() == len(seen)
        left.append(b"next record", left.next_sequence())
        assert [path.name for path in list_records(folder)] == [
            record_name(n + 1) for n in range(len(seen) + 1)
        ]
        assert not [name for name in names(folder) if name.startswith(".alprd-new-")]
    after = calls.index("link") + 1
    assert found == [1] * after + [2] * (len(found) - after)
