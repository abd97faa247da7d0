"""An office with a vault and a unit, and records that the unit seals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alprd.evidence.disk import EvidenceStore
from alprd.evidence.envelope import seal
from alprd.keys import ROOT_FILE, UnitKeys, provision, write_unit_public
from alprd.office.evidence_access import Access, Reason
from alprd.office.people import make_person
from alprd.office.vault import Vault, create, open_vault
from alprd.office.workspace import Workspace
from alprd.office.workspace import create as create_office
from tests.sim.vault_cut import NOW
from tests.vectors.evidence.generate import LOCATED

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.office.people import PersonKeys
    from alprd.records import EvidenceItem

ADA = make_person("Ada Roy", "C-17")
ACCESS = Access(reason=Reason.INVESTIGATION, file_number="2026-1138", why="the theft on King Street")


class EvidenceOffice:
    """An office in ``folder / "office"`` with the person Ada, and its enrolled unit ``car-12``."""

    def __init__(self, folder: Path, keys: PersonKeys = ADA) -> None:
        self.folder, self.keys = folder, keys
        self.workspace: Workspace = create_office(folder / "office", now_s=NOW)
        create(folder / "office", keys, now_s=NOW)
        self.unit = self.add_unit("car-12")

    def vault(self) -> Vault:
        """Open the vault anew."""
        return open_vault(self.folder / "office", self.keys)

    def add_unit(self, name: str, *, enrolled: bool = True) -> UnitKeys:
        """Provision a unit in a folder of its name."""
        (self.folder / name / "keys").mkdir(parents=True)
        keys = provision(self.folder / name / "keys", name, self.folder / "office" / ROOT_FILE)
        if enrolled:
            write_unit_public(self.folder / f"{name}.pub", keys.public)
            self.workspace.enrol(self.folder / f"{name}.pub")
        return keys

    def sealed(self, sequence: int, item: EvidenceItem = LOCATED, unit: UnitKeys | None = None) -> bytes:
        """Return ``item`` as the unit seals it under that number."""
        keys = unit or self.unit
        kept = replace(item, unit=keys.unit, sequence=sequence)
        return seal(kept, keys.office_evidence, keys.signing)

    def keep(self, sequence: int, record: bytes) -> None:
        """Store a record as the unit car-12 does."""
        store = EvidenceStore(self.folder / "car-12/evidence")
        store.append(record, sequence)
        store.close()
