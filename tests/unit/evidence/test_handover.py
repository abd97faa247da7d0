"""The unit destroys its own copy against a valid receipt of its office, and in no other case."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nacl.signing import SigningKey

from alprd.errors import EvidenceError, StorageError
from alprd.evidence.disk import LAST_FILE, EvidenceStore, list_records, read_record, record_name
from alprd.evidence.handover import destroy_received, read_receipt
from alprd.evidence.receipt import Receipt, digest_of, sign
from alprd.keys import ROOT_FILE, UnitKeys, provision
from alprd.office.workspace import create
from tests.sim.power_cut import CANDIDATE
from tests.vectors.hotlist.made import CREATED

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[3]


def stored(folder: Path, count: int = 3) -> Receipt:
    """Store so many records in ``folder``; return a receipt for all of them."""
    store = EvidenceStore(folder)
    for number in range(1, count + 1):
        store.append(b"record %d" % number, number)
    store.close()
    digests = {number: digest_of(b"record %d" % number) for number in range(1, count + 1)}
    return Receipt(unit="car-12", at_s=CREATED, digests=digests)


def numbers(folder: Path) -> list[int]:
    return [int(path.stem) for path in list_records(folder)]


def unheard(numbers: Sequence[int]) -> None:
    """Take what would be put on record."""
    assert numbers


def test_the_numbers_are_put_on_record_before_the_first_record_goes(tmp_path: Path) -> None:
    receipt, told = stored(tmp_path), []

    def note(gone: Sequence[int]) -> None:
        assert numbers(tmp_path) == [1, 2, 3]
        told.append(list(gone))

    part = replace(receipt, digests={n: receipt.digests[n] for n in (1, 3)})
    assert destroy_received(tmp_path, part, note).destroyed == [1, 3]
    assert destroy_received(tmp_path, part, note).destroyed == []
    assert told == [[1, 3]], "and where there are none, nothing is put on record"


def test_what_cannot_be_put_on_record_is_not_done(tmp_path: Path) -> None:
    receipt = stored(tmp_path)

    def refuse(_numbers: Sequence[int]) -> None:
        raise StorageError("the log cannot be written: what is not logged is not done")

    with pytest.raises(StorageError, match="what is not logged is not done"):
        destroy_received(tmp_path, receipt, refuse)
    assert numbers(tmp_path) == [1, 2, 3]


def test_what_the_receipt_names_is_destroyed_and_the_rest_waits(tmp_path: Path) -> None:
    receipt = stored(tmp_path)
    part = replace(receipt, digests={n: receipt.digests[n] for n in (1, 3)} | {9: bytes(32)})
    done = destroy_received(tmp_path, part, unheard)
    assert (done.destroyed, done.waiting, done.unlike, done.not_remembered) == ([1, 3], [2], [], [])
    assert numbers(tmp_path) == [2]
    assert destroy_received(tmp_path, part, unheard).destroyed == [], "the same receipt again changes nothing"
    assert EvidenceStore(tmp_path).next_sequence() == 4, "no number comes again"


def test_another_file_of_that_number_stays(tmp_path: Path) -> None:
    receipt = stored(tmp_path)
    (tmp_path / record_name(2)).write_bytes(b"record 2, altered")
    done = destroy_received(tmp_path, receipt, unheard)
    assert (done.destroyed, done.unlike) == ([1, 3], [2])
    assert read_record(tmp_path / record_name(2)) == b"record 2, altered"


def test_a_record_stays_until_its_number_is_remembered(tmp_path: Path) -> None:
    receipt = stored(tmp_path)
    (tmp_path / LAST_FILE).write_bytes(b"2\n")
    done = destroy_received(tmp_path, receipt, unheard)
    assert (done.destroyed, done.not_remembered) == ([1, 2], [3])
    store = EvidenceStore(tmp_path)
    store.close()
    assert destroy_received(tmp_path, receipt, unheard).destroyed == [3], "opening the store remembers it"
    assert EvidenceStore(tmp_path).next_sequence() == 4


def test_records_go_while_the_daemon_has_the_store_open(tmp_path: Path) -> None:
    receipt = stored(tmp_path)
    store = EvidenceStore(tmp_path)
    assert destroy_received(tmp_path, receipt, unheard).destroyed == [1, 2, 3]
    store.append(b"record 4", store.next_sequence())
    assert numbers(tmp_path) == [4]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        destroy_received(
            tmp_path / "missing", Receipt(unit="car-12", at_s=0, digests={1: bytes(32)}), unheard
        )


@pytest.fixture
def unit(tmp_path: Path) -> UnitKeys:
    create(tmp_path / "office")
    (tmp_path / "keys").mkdir()
    return provision(tmp_path / "keys", "car-12", tmp_path / "office" / ROOT_FILE)


def test_only_an_approver_of_the_units_own_root_signs_receipts(unit: UnitKeys, tmp_path: Path) -> None:
    office, other = create(tmp_path / "again"), create(tmp_path / "other")
    said = Receipt(unit="car-12", at_s=CREATED, digests={1: bytes(32)})
    for stranger in (office.signer(), other.signer(), unit.signing, SigningKey.generate()):
        (tmp_path / "receipt").write_bytes(sign(said, stranger))
        with pytest.raises(EvidenceError, match="no approver of this office"):
            read_receipt(tmp_path / "receipt", unit)
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_receipt(tmp_path / "missing", unit)


def test_a_power_cut_at_any_call_destroys_only_what_the_receipt_names(tmp_path: Path) -> None:
    template, remains = tmp_path / "template", tmp_path / "remains"
    (template / "evidence").mkdir(parents=True)
    remains.mkdir()
    receipt = stored(template / "evidence")
    receipt = replace(receipt, digests={n: receipt.digests[n] for n in (1, 3)})
    (template / CANDIDATE).write_bytes(sign(receipt, SigningKey.generate()))
    subprocess.run(
        [sys.executable, "-m", "tests.sim.power_cut", "hand-over", template, remains], cwd=ROOT, check=True
    )
    calls = (remains / "calls").read_text("utf-8").split()
    assert calls.count("unlink") == 2
    assert calls.count("fsync") == 2
    found = []
    for number in range(1, len(calls) + 2):
        folder = remains / str(number) / "evidence"
        left = numbers(folder)
        assert 2 in left, "what no receipt names is never destroyed"
        found.append(len(left))
        destroy_received(folder, receipt, unheard)
        assert numbers(folder) == [2], "the same receipt again goes on"
        assert EvidenceStore(folder).next_sequence() == 4
    assert (found[0], found[-1], sorted(found, reverse=True)) == (3, 1, found)
