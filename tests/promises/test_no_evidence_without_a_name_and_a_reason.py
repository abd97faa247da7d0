"""Whatever shows, finds or discloses evidence is on the signed ledger first, with a name and a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alprd.errors import StorageError, VaultError
from alprd.office import evidence_export, evidence_room
from alprd.office.evidence_room import take
from alprd.office.ledger import Act
from tests.sim.evidence_office import ACCESS, EvidenceOffice
from tests.sim.vault_cut import NOW
from tests.unit.office.test_evidence_care import TERMS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from alprd.office.vault import Vault


def uses(office: EvidenceOffice, vault: Vault) -> dict[Act, Callable[[], Any]]:
    """Return every way in which somebody learns what is in a record."""
    workspace, out = office.workspace, office.folder / "out"
    return {
        Act.EVIDENCE_OPENED: lambda: evidence_room.opened(vault, workspace, "E-1", ACCESS, now_s=NOW),
        Act.EVIDENCE_SEARCHED: lambda: evidence_room.searched(
            vault, workspace, "ABCD123", ACCESS, authority="", now_s=NOW
        ),
        Act.EVIDENCE_EXPORTED: lambda: evidence_export.export(
            vault, workspace, "E-1", ACCESS, TERMS, folder=out, now_s=NOW
        ),
    }


@pytest.fixture
def office(tmp_path: Path) -> EvidenceOffice:
    office = EvidenceOffice(tmp_path)
    take(office.vault(), office.workspace, [("1", office.sealed(1))], now_s=NOW)
    return office


ACTS = (Act.EVIDENCE_OPENED, Act.EVIDENCE_SEARCHED, Act.EVIDENCE_EXPORTED)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.value)
def test_each_use_is_on_the_ledger_with_name_badge_time_and_reason(office: EvidenceOffice, act: Act) -> None:
    uses(office, office.vault())[act]()
    vault = office.vault()
    record = vault.records[-1]
    assert (record.act, record.by, record.at_s) == (act, "C-17", NOW)
    assert vault.people[record.by].name == "Ada Roy"
    assert "E-1" in record.subject
    for text in ("investigation", "2026-1138", "the theft on King Street"):
        assert text in record.note
    assert "ABCD123" not in record.subject + record.note


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.value)
def test_when_the_ledger_cannot_be_written_nothing_is_shown(
    office: EvidenceOffice, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageError("no space left")

    vault = office.vault()
    monkeypatch.setattr("alprd.office.vault.write_durably", full)
    shown = []
    with pytest.raises(StorageError):
        shown.append(uses(office, vault)[act]())
    assert shown == []
    assert not (office.folder / "out").exists()


def test_two_commands_at_once_do_not_lose_an_access(office: EvidenceOffice) -> None:
    one, other = office.vault(), office.vault()
    uses(office, one)[Act.EVIDENCE_OPENED]()
    with pytest.raises(VaultError):
        uses(office, other)[Act.EVIDENCE_OPENED]()
    assert [record.act for record in office.vault().records].count(Act.EVIDENCE_OPENED) == 1
