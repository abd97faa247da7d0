"""A unit's copy of a record goes against its office's receipt for this very file, and in no other way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.cli import alprctl
from alprd.evidence.disk import list_records, record_name
from alprd.evidence.receipt import Receipt, digest_of, sign
from alprd.office.evidence_room import receipt, take
from tests.sim.evidence_office import EvidenceOffice
from tests.sim.vault_cut import NOW
from tests.vectors.evidence.generate import NO_LOCATION

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> EvidenceOffice:
    office = EvidenceOffice(tmp_path)
    for number in (1, 2, 3):
        office.keep(number, office.sealed(number))
    return office


def destroy(office: EvidenceOffice, data: bytes) -> tuple[int, list[str]]:
    """Have the unit act on a receipt; return the exit code and the records that are left."""
    state = office.folder / "car-12"
    (office.folder / "receipt").write_bytes(data)
    code = alprctl.main(["evidence", "destroy", str(office.folder / "receipt"), "--state", str(state)])
    return code, [path.name for path in list_records(state / "evidence")]


ALL = [record_name(number) for number in (1, 2, 3)]


def test_only_what_the_office_took_in_goes(office: EvidenceOffice) -> None:
    folder = office.folder / "car-12/evidence"
    two = [(name, (folder / name).read_bytes()) for name in ALL[:2]]
    take(office.vault(), office.workspace, two, now_s=NOW)
    data, _ = receipt(office.vault(), office.workspace, "car-12", now_s=NOW)
    assert destroy(office, data) == (0, ALL[2:])


def test_no_forged_foreign_or_altered_receipt_destroys_anything(office: EvidenceOffice) -> None:
    folder = office.folder / "car-12/evidence"
    digests = {number: digest_of((folder / record_name(number)).read_bytes()) for number in (1, 2, 3)}
    said = Receipt(unit="car-12", at_s=NOW, digests=digests)
    signer = office.workspace.signer()
    good = sign(said, signer)
    other_unit = sign(Receipt(unit="car-13", at_s=NOW, digests=digests), signer)
    by_the_unit = sign(said, office.unit.signing)
    tried = [other_unit, by_the_unit, b"", good[:-1], good + b"\0"]
    tried += [good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :] for place in range(len(good))]
    for data in tried:
        assert destroy(office, data) == (36, ALL)
    assert destroy(office, good) == (0, [])


def test_another_file_of_that_number_stays(office: EvidenceOffice) -> None:
    folder = office.folder / "car-12/evidence"
    records = [(name, (folder / name).read_bytes()) for name in ALL]
    take(office.vault(), office.workspace, records, now_s=NOW)
    data, _ = receipt(office.vault(), office.workspace, "car-12", now_s=NOW)
    (folder / ALL[1]).write_bytes(office.sealed(2, NO_LOCATION))
    assert destroy(office, data) == (36, [ALL[1]])
