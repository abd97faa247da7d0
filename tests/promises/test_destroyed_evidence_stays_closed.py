"""What the office destroyed opens with nothing that is left, and a certificate says so without a plate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.errors import OfficeInputError, VaultError
from alprd.office.certificate import check
from alprd.office.evidence_care import destroy, verify
from alprd.office.evidence_files import FOLDER
from alprd.office.evidence_register import SLOT
from alprd.office.evidence_room import opened, register_of, take
from alprd.office.sealed import unseal
from tests.sim.evidence_office import ACCESS, ADA, EvidenceOffice
from tests.sim.vault_cut import NOW, YEAR_S

if TYPE_CHECKING:
    from pathlib import Path


def test_a_destroyed_record_opens_with_nothing_that_is_left(tmp_path: Path) -> None:
    office = EvidenceOffice(tmp_path)
    record = office.sealed(1)
    take(office.vault(), office.workspace, [("1", record)], now_s=NOW)
    sealed = (tmp_path / "office/vault" / FOLDER / "00000001").read_bytes()
    held = register_of(office.vault()).find("E-1")
    take(office.vault(), office.workspace, [("2", office.sealed(2))], now_s=NOW + YEAR_S)
    meaning = office.vault().derived_key(b"evidence") + held.file.encode() + held.digest
    assert unseal(sealed, held.key, meaning) == record, "before, its own key opens it"
    done = destroy(office.vault(), office.workspace, None, why="its year is over", now_s=NOW + YEAR_S)
    assert done is not None
    with pytest.raises(OfficeInputError, match="was destroyed"):
        opened(office.vault(), office.workspace, "E-1", ACCESS, now_s=NOW + YEAR_S)
    # Every 32 bytes that the opened vault's register, the office's folder or its people's keys still have.
    vault = office.vault()
    secrets = bytes(vault.read(SLOT) or b"")
    files = [path.read_bytes() for path in (tmp_path / "office").rglob("*") if path.is_file()]
    assert held.key not in b"".join([secrets, *files])
    keys = [key for _, key in vault._secret.keys] + [one.key for one in register_of(vault).kept]
    keys += [bytes(office.workspace.evidence_key()), bytes(ADA.unsealing), vault.derived_key(b"evidence")]
    for key in keys:
        with pytest.raises(VaultError):
            unseal(sealed, key, meaning)
    certificate = check(done[1], ADA.public)
    assert [one.number for one in certificate.records] == ["E-1"]
    for text in (b"ABCD123", b"43.65", b"-79.34", b"4711"):
        assert text not in done[1]
    assert verify(vault) == (1, 1, [])
    assert take(vault, office.workspace, [("again", record)], now_s=NOW + YEAR_S).new == []
