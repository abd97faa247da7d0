"""Power cuts at every write of take-in, receipt and destruction: no record lost, none half destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.errors import VaultError
from alprd.evidence.disk import list_records
from alprd.evidence.handover import destroy_received, read_receipt
from alprd.office.evidence_care import certificate_of, destroy, verify
from alprd.office.evidence_files import FOLDER
from alprd.office.evidence_register import SLOT
from alprd.office.evidence_room import opened, receipt, register_of, take
from alprd.office.ledger import Act
from alprd.office.person_files import write_keys
from alprd.office.sealed import unseal
from alprd.office.vault import open_vault
from alprd.office.workspace import Workspace
from tests.sim.evidence_office import ACCESS, ADA, EvidenceOffice
from tests.sim.vault_cut import KEY_FILE, NOW, PASSPHRASE, RECEIPT, YEAR_S
from tests.unit.office.test_people import CHEAP
from tests.unit.office.test_vault import cut

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.office.vault import Vault


@pytest.fixture
def office(tmp_path: Path) -> EvidenceOffice:
    (tmp_path / "template").mkdir()
    write_keys(tmp_path / "template" / KEY_FILE, ADA, PASSPHRASE, cost=CHEAP)
    office = EvidenceOffice(tmp_path / "template")
    for number in (1, 2):
        office.keep(number, office.sealed(number))
    return office


def take_all(office: EvidenceOffice) -> None:
    records = [(path.name, path.read_bytes()) for path in list_records(office.folder / "car-12/evidence")]
    take(office.vault(), office.workspace, records, now_s=NOW + 1)


def after(folder: Path) -> tuple[Vault, Workspace]:
    return open_vault(folder / "office", ADA), Workspace(folder / "office")


def remains(folder: Path, calls: list[str]) -> list[Path]:
    return [folder / "remains" / str(number) for number in range(1, len(calls) + 2)]


def test_a_power_cut_at_any_call_of_taking_in_takes_all_in_or_none(
    office: EvidenceOffice, tmp_path: Path
) -> None:
    calls = cut("take in", office.folder, tmp_path / "remains")
    assert calls.count("write") == 4, "two records, the register, and the ledger's record"
    found = []
    for folder in remains(tmp_path, calls):
        kept = register_of(after(folder)[0]).kept
        found.append(len(kept))
        for held in kept:
            assert opened(*after(folder), held.name, ACCESS, now_s=NOW + 90).sequence == held.sequence
        # The unit still has both: given again, they are known or taken in.
        again = [(path.name, path.read_bytes()) for path in list_records(folder / "car-12/evidence")]
        done = take(*after(folder), again, now_s=NOW + 90)
        assert (len(done.new), len(done.known)) == ((2, 0) if not kept else (0, 2))
        assert verify(after(folder)[0]) == (2, 0, [])
        assert len(list((folder / "office/vault" / FOLDER).iterdir())) == 2
    assert found == sorted(found)
    assert set(found) == {0, 2}


def test_a_power_cut_at_any_call_of_a_receipt_leaves_none_that_is_not_on_record(
    office: EvidenceOffice, tmp_path: Path
) -> None:
    take_all(office)
    calls = cut("sign receipt", office.folder, tmp_path / "remains")
    given = []
    for folder in remains(tmp_path, calls):
        vault, workspace = after(folder)
        is_signed = vault.records[-1].act is Act.RECEIPT_SIGNED
        given.append((folder / RECEIPT).exists())
        assert is_signed or not given[-1], "no receipt is out that is not on record"
        if given[-1]:
            said = read_receipt(folder / RECEIPT, office.unit)
            assert destroy_received(folder / "car-12/evidence", said, lambda _: None).destroyed == [1, 2]
        assert len(list_records(folder / "car-12/evidence")) == (0 if given[-1] else 2)
        assert receipt(vault, workspace, "car-12", now_s=NOW + 90)[1] == 2
    assert given == sorted(given)
    assert set(given) == {False, True}


def test_a_power_cut_at_any_call_of_a_destruction_leaves_records_whole_or_destroyed(
    office: EvidenceOffice, tmp_path: Path
) -> None:
    take_all(office)
    files = {held.file: held for held in register_of(office.vault()).kept}
    sealed = {name: (office.folder / "office/vault" / FOLDER / name).read_bytes() for name in files}
    calls = cut("destroy due", office.folder, tmp_path / "remains")
    destroyed = []
    for folder in remains(tmp_path, calls):
        vault, workspace = after(folder)
        kept = register_of(vault).kept
        destroyed.append(2 - len(kept))
        for held in kept:
            assert opened(*after(folder), held.name, ACCESS, now_s=NOW + 90).plate == "ABCD123"
        if kept:
            continue
        # The same command again removes what is left, and the certificate is there.
        assert destroy(vault, workspace, None, why="its year is over", now_s=NOW + 2 * YEAR_S) is None
        vault, _ = after(folder)
        assert verify(vault) == (0, 1, [])
        assert certificate_of(vault, "D-1")
        assert list((folder / "office/vault" / FOLDER).iterdir()) == []
        (left,) = (folder / "office/vault/store").iterdir()
        content = bytes(vault.read(SLOT) or b"")
        for held in files.values():
            assert held.key not in content + left.read_bytes()
            meaning = vault.derived_key(b"evidence") + held.file.encode() + held.digest
            for _, key in vault._secret.keys:
                with pytest.raises(VaultError):
                    unseal(sealed[held.file], key, meaning)
    assert destroyed == sorted(destroyed)
    assert set(destroyed) == {0, 2}
