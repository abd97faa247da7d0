"""Evidence at the office: what is taken in, what is refused, and who opened it why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alprd.errors import EvidenceError, KeysError, OfficeInputError
from alprd.evidence.envelope import open_record, seal
from alprd.evidence.receipt import MAX_RECORDS, accept
from alprd.office.evidence_access import Access, Reason
from alprd.office.evidence_register import Held, pack_register, read_register
from alprd.office.evidence_room import (
    MAX_AUTHORITY,
    missing,
    named,
    opened,
    receipt,
    register_of,
    searched,
    take,
)
from alprd.office.ledger import Act
from alprd.office.workspace import create as create_office
from alprd.records import Verdict
from tests.sim.evidence_office import ACCESS, EvidenceOffice
from tests.sim.vault_cut import NOW
from tests.vectors.evidence.generate import LOCATED, NO_LOCATION

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.office.evidence_room import Taken


@pytest.fixture
def office(tmp_path: Path) -> EvidenceOffice:
    return EvidenceOffice(tmp_path)


def taken(office: EvidenceOffice, *records: bytes, now_s: int = NOW) -> Taken:
    files = [(f"file {number}", record) for number, record in enumerate(records)]
    return take(office.vault(), office.workspace, files, now_s=now_s)


def refusals(office: EvidenceOffice, *records: bytes) -> list[str]:
    return [str(error) for _, error in taken(office, *records).refused]


def test_the_office_opens_what_the_unit_sealed_and_says_who_and_why(office: EvidenceOffice) -> None:
    assert [held.name for held in taken(office, office.sealed(1)).new] == ["E-1"]
    item = opened(office.vault(), office.workspace, "E-1", ACCESS, now_s=NOW + 60)
    assert item == replace(LOCATED, sequence=1)
    record = office.vault().records[-1]
    assert (record.act, record.by, record.at_s, record.subject) == (
        Act.EVIDENCE_OPENED,
        "C-17",
        NOW + 60,
        "E-1",
    )
    assert record.note == "investigation, file 2026-1138: the theft on King Street"
    assert register_of(office.vault()).find("E-1").used_s == NOW + 60, "opening is a use"


def test_nothing_of_a_record_stands_in_clear_and_each_has_a_key_of_its_own(office: EvidenceOffice) -> None:
    record = office.sealed(1)
    taken(office, record, office.sealed(2))
    content = b"".join(p.read_bytes() for p in (office.folder / "office/vault").rglob("*") if p.is_file())
    for text in (record, record[56:100], b"ABCD123", b"car-12"):
        assert text not in content
    one, two = register_of(office.vault()).kept
    assert one.key != two.key


def test_a_forged_torn_or_foreign_record_is_refused_and_stops_no_other(office: EvidenceOffice) -> None:
    good = office.sealed(3)
    forged = bytearray(office.sealed(1))
    forged[200] ^= 1
    stranger = office.add_unit("car-9", enrolled=False)
    other = create_office(office.folder / "other")
    kept = replace(LOCATED, unit="car-12", sequence=5)
    foreign = seal(kept, other.evidence_key().public_key, office.unit.signing)
    by_another = seal(kept, office.unit.office_evidence, stranger.signing)
    rejected = office.sealed(6, replace(LOCATED, verdict=Verdict.MISREAD))
    bad = (bytes(forged), good[:-1], office.sealed(1, unit=stranger), foreign, by_another, rejected, b"")
    found = taken(office, *bad, good)
    expected: tuple[str, ...] = ("signature is wrong", "its size is not", "no unit 'car-9' is enrolled")
    expected += ("not sealed to this office", "signature is wrong", "verdict is MISREAD", "found 0")
    assert len(found.refused) == len(expected)
    for (_, error), text in zip(found.refused, expected, strict=True):
        assert text in str(error)
    assert [held.sequence for held in found.new] == [3]
    assert office.vault().records[-1].note == "1 new, 0 known, 7 refused"


def test_every_cut_and_every_flipped_byte_is_refused(office: EvidenceOffice) -> None:
    record = office.sealed(1)
    cuts = [record[:size] for size in range(len(record))]
    flips = [record[:p] + bytes([record[p] ^ 1]) + record[p + 1 :] for p in range(len(record))]
    found = taken(office, *cuts, *flips)
    assert (len(found.refused), found.new) == (2 * len(record), [])


def test_the_same_file_twice_is_told_and_kept_once(office: EvidenceOffice) -> None:
    record = office.sealed(1)
    found = taken(office, record, record)
    assert ([held.name for held in found.new], [held.name for _, held in found.known]) == (["E-1"], ["E-1"])
    records = len(office.vault().records)
    assert [held.name for _, held in taken(office, record).known] == ["E-1"]
    assert len(office.vault().records) == records, "nothing changed"


def test_another_record_of_the_same_number_is_refused(office: EvidenceOffice) -> None:
    taken(office, office.sealed(1))
    assert refusals(office, office.sealed(1, NO_LOCATION)) == [
        "car-12 has sealed another record 1 before, E-1"
    ]


def test_a_unit_with_new_keys_begins_its_numbers_anew(office: EvidenceOffice) -> None:
    taken(office, office.sealed(1))
    (office.folder / "office/units/car-12.pub").unlink()
    (office.folder / "car-12/keys").rename(office.folder / "old keys")
    (office.folder / "car-12").rmdir()
    again = office.add_unit("car-12")
    assert [held.name for held in taken(office, office.sealed(1, unit=again)).new] == ["E-2"]
    for name in ("E-1", "E-2"):
        assert opened(office.vault(), office.workspace, name, ACCESS, now_s=NOW).plate == "ABCD123"
    data, count = receipt(office.vault(), office.workspace, "car-12", now_s=NOW)
    assert (count, len(accept(data, again.root, "car-12").digests)) == (1, 1)


def test_no_key_of_the_unit_and_no_key_of_a_person_opens_a_record(office: EvidenceOffice) -> None:
    record = office.sealed(1)
    keys = office.unit
    own = (keys.unsealing, keys.signing.to_curve25519_private_key(), office.keys.unsealing)
    for key in own:
        with pytest.raises(EvidenceError, match="not sealed to this office"):
            open_record(record, key, keys.signing.verify_key)
    (office.folder / "office/evidence.key").rename(office.folder / "elsewhere")
    with pytest.raises(KeysError):
        taken(office, record)


def test_without_the_evidence_key_the_vaults_people_open_nothing(office: EvidenceOffice) -> None:
    taken(office, office.sealed(1))
    (office.folder / "office/evidence.key").rename(office.folder / "elsewhere")
    with pytest.raises(KeysError):
        opened(office.vault(), office.workspace, "E-1", ACCESS, now_s=NOW)


def test_a_file_of_the_vault_that_was_changed_is_told(office: EvidenceOffice) -> None:
    taken(office, office.sealed(1), office.sealed(2))
    one, two = (office.folder / "office/vault/evidence" / name for name in ("00000001", "00000002"))
    whole = one.read_bytes()
    for changed in (two.read_bytes(), whole[:-1], whole + b"x", b""):
        one.write_bytes(changed)
        with pytest.raises(EvidenceError, match="does not open with its key"):
            opened(office.vault(), office.workspace, "E-1", ACCESS, now_s=NOW)
    one.unlink()
    with pytest.raises(EvidenceError, match="cannot be read"):
        opened(office.vault(), office.workspace, "E-1", ACCESS, now_s=NOW)
    assert office.vault().records[-1].act is Act.EVIDENCE_TAKEN, "no access was put on record"


def test_a_name_that_is_not_held_is_told(office: EvidenceOffice) -> None:
    with pytest.raises(OfficeInputError, match="no evidence 'E-1'"):
        opened(office.vault(), office.workspace, "E-1", ACCESS, now_s=NOW)


@pytest.mark.parametrize(
    ("change", "missing_part"),
    [
        ({"file_number": ""}, "file number"),
        ({"file_number": "x" * 41}, "file number"),
        ({"why": "abcd"}, "reason in words"),
        ({"why": "x" * 101}, "reason in words"),
        ({"why": "a\nbcdef"}, "reason in words"),
    ],
)
def test_an_access_without_its_reason_is_refused(change: dict[str, str], missing_part: str) -> None:
    with pytest.raises(OfficeInputError, match=missing_part):
        replace(ACCESS, **change)  # type: ignore[arg-type]  # wrong on purpose


def test_the_longest_reason_fits_the_ledger_whole(office: EvidenceOffice) -> None:
    longest = Access(reason=Reason.ACCESS_REQUEST, file_number="9" * 40, why="x" * 100)
    taken(office, office.sealed(1))
    opened(office.vault(), office.workspace, "E-1", longest, now_s=NOW)
    assert office.vault().records[-1].note == longest.note


def test_one_record_of_a_plate_is_found_and_its_history_needs_an_authority(office: EvidenceOffice) -> None:
    taken(office, office.sealed(1), office.sealed(2, replace(LOCATED, plate="ZZZZ999")))

    def search(plate: str, authority: str = "", now_s: int = NOW) -> list[str]:
        found = searched(office.vault(), office.workspace, plate, ACCESS, authority=authority, now_s=now_s)
        return [held.name for held in found]

    assert search("ZZZZ999") == ["E-2"]
    assert office.vault().records[-1].subject == "E-2 found"
    with pytest.raises(OfficeInputError, match="that is its history"):
        search("ZZZZ999")
    assert office.vault().records[-1].act is Act.EVIDENCE_SEARCH_REFUSED
    assert search("ZZZZ999", "warrant 26-114") == ["E-2"]
    assert office.vault().records[-1].subject == "E-2 found, warrant 26-114"
    assert search("NONE") == []
    taken(office, office.sealed(3))
    with pytest.raises(OfficeInputError, match="that is its history"):
        search("ABCD123")
    assert search("ABCD123", "warrant 26-115") == ["E-1", "E-3"]
    assert search("ZZZZ999", now_s=NOW + 366 * 86_400) == ["E-2"], (
        "a year later the first search is forgotten"
    )
    with pytest.raises(OfficeInputError, match="an authority is named"):
        search("NONE", "x" * (MAX_AUTHORITY + 1))
    ledger = " ".join(f"{record.subject} {record.note}" for record in office.vault().records)
    assert "ZZZZ999" not in ledger
    assert "ABCD123" not in ledger


def test_the_gaps_in_a_units_numbers_are_told(office: EvidenceOffice) -> None:
    taken(office, *(office.sealed(number) for number in (2, 3, 7)))
    assert missing(register_of(office.vault())) == {"car-12": [(1, 1), (4, 6)]}


def test_a_receipt_names_what_was_taken_in_and_only_the_units_own(office: EvidenceOffice) -> None:
    other = office.add_unit("car-13")
    with pytest.raises(OfficeInputError, match="nothing was taken in from car-12"):
        receipt(office.vault(), office.workspace, "car-12", now_s=NOW)
    taken(office, office.sealed(1), office.sealed(4), office.sealed(9, unit=other))
    data, count = receipt(office.vault(), office.workspace, "car-12", now_s=NOW)
    said = accept(data, office.unit.root, "car-12")
    assert (count, sorted(said.digests)) == (2, [1, 4])
    with pytest.raises(EvidenceError, match="for the unit car-12"):
        accept(data, other.root, "car-13")
    record = office.vault().records[-1]
    assert (record.act, record.subject, record.note) == (
        Act.RECEIPT_SIGNED,
        "car-12",
        "2 records, the last 4",
    )


@pytest.mark.parametrize("count", [MAX_RECORDS, MAX_RECORDS + 1])
def test_a_receipt_names_the_newest_so_many(
    office: EvidenceOffice, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = office.unit.public
    records = {
        number: Held(
            number=number, unit=unit.unit, signer=bytes(unit.verify), sequence=number, digest=bytes(32),
            taken_s=NOW, used_s=NOW, key=bytes(32),
        )
        for number in range(1, count + 1)
    }  # fmt: skip
    register = replace(register_of(office.vault()), records=records)
    assert read_register(bytearray(pack_register(register))) == register
    monkeypatch.setattr("alprd.office.evidence_room.register_of", lambda _vault: register)
    data, named_count = receipt(office.vault(), office.workspace, "car-12", now_s=NOW)
    assert named_count == MAX_RECORDS
    assert min(accept(data, office.unit.root, "car-12").digests) == count - MAX_RECORDS + 1
    assert named(records.values()) == f"E-1 to E-{count}, {count} in all"


def test_a_damaged_register_is_told(office: EvidenceOffice) -> None:
    taken(office, office.sealed(1))
    whole = pack_register(register_of(office.vault()))
    for old, new in (
        (b'"last": 1', b'"last": "x"'),
        (b'"consent": ""', b'"consent": 1'),
        (b'"number": 1', b'"no": 1'),
    ):
        assert old in whole
        with pytest.raises(OfficeInputError, match="register of evidence is damaged"):
            read_register(bytearray(whole.replace(old, new)))
