"""How long evidence stays, that destroyed means destroyed, and that an auditor can tell."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alprd.errors import EvidenceError, OfficeInputError, VaultError
from alprd.office.certificate import check
from alprd.office.evidence_access import Terms
from alprd.office.evidence_care import (
    MAX_HOLD_S,
    certificate_of,
    destroy,
    due,
    end_hold,
    record_consent,
    set_hold,
    set_retention,
    verify,
)
from alprd.office.evidence_export import end_export, export
from alprd.office.evidence_files import FOLDER, read_sealed
from alprd.office.evidence_register import SLOT
from alprd.office.evidence_room import opened, register_of, take
from alprd.office.ledger import Act, Record
from alprd.office.people import make_person
from alprd.office.retention import Retention
from alprd.office.sealed import unseal
from alprd.office.vault import open_vault
from tests.sim.evidence_office import ACCESS, ADA, EvidenceOffice
from tests.sim.vault_cut import NOW

if TYPE_CHECKING:
    from pathlib import Path

DAY_S = 86_400
WHY = "its time is over"


@pytest.fixture
def office(tmp_path: Path) -> EvidenceOffice:
    office = EvidenceOffice(tmp_path)
    records = [(str(number), office.sealed(number)) for number in (1, 2, 3)]
    take(office.vault(), office.workspace, records, now_s=NOW)
    return office


def names_due(office: EvidenceOffice, now_s: int) -> list[str]:
    return [one.held.name for one in due(register_of(office.vault()), now_s=now_s)]


def unix(text: str) -> int:
    return int(dt.datetime.fromisoformat(f"{text}+00:00").timestamp())


@pytest.mark.parametrize(
    ("used", "ends"),
    [
        ("2026-03-01T10:00:00", "2027-03-01T10:00:00"),
        ("2027-03-01T10:00:00", "2028-03-01T10:00:00"),
        ("2028-02-28T23:59:59", "2029-02-28T23:59:59"),
        ("2028-02-29T00:00:00", "2029-03-01T00:00:00"),
        ("2028-12-31T23:59:59", "2029-12-31T23:59:59"),
    ],
)
def test_a_year_is_a_calendar_year_and_never_less(used: str, ends: str) -> None:
    assert Retention().ends_s(unix(used)) == unix(ends)
    assert unix(ends) - unix(used) >= 365 * DAY_S


@pytest.mark.parametrize(("days", "is_due"), [(364, False), (365, True), (366, True)])
def test_the_year_runs_from_the_last_use(office: EvidenceOffice, days: int, is_due: bool) -> None:  # noqa: FBT001 - a case
    opened(office.vault(), office.workspace, "E-2", ACCESS, now_s=NOW + 40 * DAY_S)
    assert ("E-1" in names_due(office, NOW + days * DAY_S)) is is_due
    assert ("E-2" in names_due(office, NOW + (40 + days) * DAY_S)) is is_due
    assert "E-1" not in names_due(office, NOW + 365 * DAY_S - 1)


def test_a_by_law_shortens_it_and_is_named(office: EvidenceOffice) -> None:
    set_retention(office.vault(), Retention(days=90, by_law="By-law 2026-14"), now_s=NOW)
    assert names_due(office, NOW + 90 * DAY_S - 1) == []
    assert names_due(office, NOW + 90 * DAY_S) == ["E-1", "E-2", "E-3"]
    found = due(register_of(office.vault()), now_s=NOW + 90 * DAY_S)
    assert found[0].because == "90 days by By-law 2026-14 since its last use"
    set_retention(office.vault(), Retention(), now_s=NOW)
    assert names_due(office, NOW + 90 * DAY_S) == []


@pytest.mark.parametrize(("days", "by_law"), [(90, ""), (0, "x"), (365, "x"), (-1, "x"), (9, "x" * 201)])
def test_no_by_law_no_shorter_time(days: int, by_law: str) -> None:
    with pytest.raises(OfficeInputError, match="by-law"):
        Retention(days=days, by_law=by_law)


def test_a_hold_keeps_what_is_due_until_its_end(office: EvidenceOffice) -> None:
    year = NOW + 365 * DAY_S
    hold = set_hold(office.vault(), "E-1", why="appeal in file 26-3", until_s=year + 10 * DAY_S, now_s=NOW)
    assert (hold.number, hold.by) == ("H1", "C-17")
    found = {one.held.name: one for one in due(register_of(office.vault()), now_s=year)}
    assert [one.number for one in found["E-1"].holds] == ["H1"]
    with pytest.raises(OfficeInputError, match="E-1 is on hold, H1 by badge C-17: appeal in file 26-3"):
        destroy(office.vault(), office.workspace, ["E-2", "E-1"], why=WHY, now_s=year)
    assert len(register_of(office.vault()).kept) == 3, "none was destroyed"
    done = destroy(office.vault(), office.workspace, None, why=WHY, now_s=year)
    assert done is not None
    assert done[2] == 2
    assert [held.name for held in register_of(office.vault()).kept] == ["E-1"]
    done = destroy(office.vault(), office.workspace, ["E-1"], why=WHY, now_s=year + 10 * DAY_S)
    assert done is not None, "the hold has ended by itself"
    assert done[0] == "D-2"


def test_a_hold_is_ended_by_name(office: EvidenceOffice) -> None:
    set_hold(office.vault(), "E-1", why="appeal in file 26-3", until_s=NOW + 900 * DAY_S, now_s=NOW)
    second = set_hold(office.vault(), "E-1", why="civil claim", until_s=NOW + 900 * DAY_S, now_s=NOW)
    assert second.number == "H2"
    assert end_hold(office.vault(), "H1", why="appeal dismissed", now_s=NOW).name == "E-1"
    assert [hold.number for hold in register_of(office.vault()).find("E-1").holds] == ["H2"]
    assert [record.act for record in office.vault().records[-3:]] == [
        Act.HOLD_SET,
        Act.HOLD_SET,
        Act.HOLD_ENDED,
    ]
    with pytest.raises(OfficeInputError, match="no hold 'H1'"):
        end_hold(office.vault(), "H1", why="appeal dismissed", now_s=NOW)


@pytest.mark.parametrize("until_s", [NOW, NOW - 1, NOW + MAX_HOLD_S + 1])
def test_a_hold_has_an_end_within_five_years(office: EvidenceOffice, until_s: int) -> None:
    with pytest.raises(OfficeInputError, match="a hold ends"):
        set_hold(office.vault(), "E-1", why="appeal in file 26-3", until_s=until_s, now_s=NOW)


def test_consent_allows_earlier_destruction_and_a_hold_is_stronger(office: EvidenceOffice) -> None:
    with pytest.raises(OfficeInputError, match="the time of E-2 has not come"):
        destroy(office.vault(), office.workspace, ["E-2"], why=WHY, now_s=NOW + 1)
    record_consent(office.vault(), "E-2", reference="signed letter in file 26-9", now_s=NOW + 1)
    set_hold(office.vault(), "E-2", why="appeal in file 26-3", until_s=NOW + DAY_S, now_s=NOW + 1)
    assert destroy(office.vault(), office.workspace, None, why=WHY, now_s=NOW + 2) is None
    done = destroy(office.vault(), office.workspace, None, why=WHY, now_s=NOW + DAY_S)
    assert done is not None
    certificate = check(done[1], ADA.public)
    assert [one.because for one in certificate.records] == ["consent: signed letter in file 26-9"]


def test_what_was_destroyed_opens_no_more_with_all_that_is_left(office: EvidenceOffice) -> None:
    before = register_of(office.vault()).find("E-1")
    folder = office.folder / "office/vault"
    kept = (folder / FOLDER / "00000001").read_bytes()
    record = read_sealed(office.vault(), before)
    record_consent(office.vault(), "E-1", reference="signed letter", now_s=NOW)
    assert destroy(office.vault(), office.workspace, None, why=WHY, now_s=NOW) is not None
    vault = office.vault()
    assert sorted(path.name for path in (folder / FOLDER).iterdir()) == ["00000002", "00000003"]
    with pytest.raises(OfficeInputError, match="E-1 was destroyed, see the certificate D-1"):
        opened(vault, office.workspace, "E-1", ACCESS, now_s=NOW)
    # The ciphertext was kept by somebody, and everything that is left in the vault is tried on it.
    (folder / FOLDER / "00000001").write_bytes(kept)
    meaning = vault.derived_key(b"evidence") + before.file.encode() + before.digest
    assert unseal(kept, before.key, meaning) == record, "the key would have opened it"
    content = bytes(vault.read(SLOT) or b"")
    left = [held.key for held in register_of(vault).kept] + [key for _, key in vault._secret.keys]
    for key in left:
        with pytest.raises(VaultError):
            unseal(kept, key, meaning)
    assert before.key not in content
    assert len(list((folder / "store").iterdir())) == 1, "the register with the key is gone"


def test_the_register_with_the_key_is_overwritten_before_it_goes(office: EvidenceOffice) -> None:
    (old,) = (office.folder / "office/vault/store").iterdir()
    other = office.folder / "another name of the same file"
    other.hardlink_to(old)
    record_consent(office.vault(), "E-1", reference="signed letter", now_s=NOW)
    assert not old.exists()
    assert set(other.read_bytes()) == {0}


def test_a_destroyed_record_is_never_taken_in_again(office: EvidenceOffice) -> None:
    record = read_sealed(office.vault(), register_of(office.vault()).find("E-1"))
    record_consent(office.vault(), "E-1", reference="signed letter", now_s=NOW)
    destroy(office.vault(), office.workspace, None, why=WHY, now_s=NOW)
    found = take(office.vault(), office.workspace, [("again", record)], now_s=NOW)
    assert found.new == []
    assert found.known[0][1].certificate == "D-1"


def test_an_auditor_checks_the_certificate_with_a_card_alone(office: EvidenceOffice) -> None:
    head = office.vault().head
    year = NOW + 365 * DAY_S
    done = destroy(office.vault(), office.workspace, None, why=WHY, now_s=year)
    assert done is not None
    number, file, count = done
    certificate = check(file, ADA.public)
    assert (number, count, len(certificate.records)) == ("D-1", 3, 3)
    assert (certificate.at_s, certificate.name, certificate.badge) == (year, "Ada Roy", "C-17")
    assert (certificate.why, certificate.head, certificate.service) == (WHY, head, "Police service")
    assert {one.because for one in certificate.records} == {"one year since its last use"}
    assert b"ABCD123" not in file
    assert certificate_of(office.vault(), "D-1") == file
    assert verify(office.vault()) == (0, 1, [])
    with pytest.raises(OfficeInputError, match="no certificate 'D-2'"):
        certificate_of(office.vault(), "D-2")
    for place in range(len(file)):
        changed = file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]
        with pytest.raises(EvidenceError):
            check(changed, ADA.public)
    with pytest.raises(EvidenceError, match="the card is of C-18"):
        check(file, make_person("Bob Lee", "C-18").public)
    with pytest.raises(EvidenceError, match="signature is wrong"):
        check(file, make_person("Ada Roy", "C-17").public)
    with pytest.raises(EvidenceError):
        check(file.replace(b'"count": 3', b'"count": 2'), ADA.public)
    with pytest.raises(EvidenceError, match="not written as it was made"):
        check(file.replace(b", ", b",  ", 1), ADA.public)


def test_verification_finds_a_key_that_was_put_back_and_a_file_that_was_changed(
    office: EvidenceOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = register_of(office.vault()).find("E-1")
    record_consent(office.vault(), "E-1", reference="signed letter", now_s=NOW)
    destroy(office.vault(), office.workspace, None, why=WHY, now_s=NOW)
    assert verify(office.vault()) == (2, 1, [])
    (office.folder / "office/vault/evidence/00000002").write_bytes(b"")
    (office.folder / "office/vault/evidence/00000009").write_bytes(b"")
    said = [str(error) for error in verify(office.vault())[2]]
    assert said == [
        "the file of E-2 does not open with its key",
        "1 files are left of a change that was cut short",
    ]
    back = register_of(office.vault()).with_records([before])
    monkeypatch.setattr("alprd.office.evidence_care.register_of", lambda _vault: back)
    said = [str(error) for error in verify(office.vault())[2]]
    assert "D-1 certifies that E-1 was destroyed, and its key is left" in said
    forged = replace(back, certificates={"D-1": "{}", "D-2": "{}"})
    monkeypatch.setattr("alprd.office.evidence_care.register_of", lambda _vault: forged)
    said = [str(error) for error in verify(office.vault())[2]]
    assert "the certificate D-1 is not the ledger's" in said
    assert "the ledger knows no destruction D-2" in said


def test_a_certificate_is_checked_with_the_card_of_its_time(office: EvidenceOffice) -> None:
    bob = make_person("Bob Lee", "C-18")
    office.vault().admit(bob.public, now_s=NOW)
    record_consent(office.vault(), "E-1", reference="signed letter", now_s=NOW)
    theirs = open_vault(office.folder / "office", bob)
    assert destroy(theirs, office.workspace, None, why=WHY, now_s=NOW) is not None
    office.vault().remove_person("C-18", now_s=NOW)
    office.vault().admit(make_person("Bob Lee", "C-18").public, now_s=NOW)
    assert verify(office.vault()) == (2, 1, [])


def test_the_counts_of_the_ledger_follow_what_came_and_went(office: EvidenceOffice) -> None:
    destroy(office.vault(), office.workspace, None, why=WHY, now_s=NOW + 365 * DAY_S)
    record: Record = office.vault().records[-1]
    assert (record.act, record.before, record.removed, record.after) == (Act.EVIDENCE_DESTROYED, 3, 3, 0)
    assert (record.subject, record.note) == ("D-1", "E-1, E-2, E-3")


TERMS = Terms(
    authority="MFIPPA s. 32(g), sharing agreement 2025-2",
    authorized_by="Insp. Kim Park, badge C-2",
    linked="none",
    recipient="Dana Fox, Crown Attorney's office",
    title="Assistant Crown Attorney",
    recipient_file="CA-77",
    means="handed over on an encrypted stick",
    conditions="for the prosecution in this file alone",
    afterwards="destroyed",
    until_s=NOW + 90 * DAY_S,
)


def test_an_export_is_on_record_with_all_that_a_disclosure_log_needs(office: EvidenceOffice) -> None:
    out = office.folder / "out"
    made = export(office.vault(), office.workspace, "E-1", ACCESS, TERMS, folder=out, now_s=NOW + 5)
    assert sorted(path.name for path in out.iterdir()) == ["disclosure.json", "evidence.json", "plate.png"]
    assert (made.number, made.collected) == ("X-1", "2026-01-02T03:04:05.678Z")
    assert made.place == "43.651070, -79.347015 (3D fix, error 4 m)"
    assert made.files == "ours 2026-1138, theirs CA-77"
    register = register_of(office.vault())
    assert register.disclosures["X-1"] == made
    assert register.find("E-1").used_s == NOW + 5, "an export is a use"
    assert office.vault().records[-1].note == f"X-1, {ACCESS.note}"
    with pytest.raises(OfficeInputError, match="exists"):
        export(office.vault(), office.workspace, "E-1", ACCESS, TERMS, folder=out, now_s=NOW + 5)
    end_export(office.vault(), "X-1", how="confirmed by letter", now_s=NOW + 6)
    assert register_of(office.vault()).disclosures["X-1"].ended == "confirmed by letter"
    with pytest.raises(OfficeInputError, match="no open disclosure 'X-1'"):
        end_export(office.vault(), "X-1", how="confirmed by letter", now_s=NOW + 6)


@pytest.mark.parametrize(
    "field",
    ["authority", "authorized_by", "linked", "recipient", "title", "recipient_file", "means", "conditions"],
)
@pytest.mark.parametrize("text", ["", "  ", "x" * 201, "a\nb"])
def test_nothing_is_disclosed_before_the_log_is_complete(field: str, text: str) -> None:
    with pytest.raises(OfficeInputError, match="is missing"):
        replace(TERMS, **{field: text})  # type: ignore[arg-type]  # wrong on purpose
