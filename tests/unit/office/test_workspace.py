from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.errors import KeysError, OfficeInputError
from alprd.keys import ROOT_FILE, load_unit_keys, provision, write_unit_public
from alprd.office.workspace import (
    APPROVER_FILE,
    EVIDENCE_FILE,
    SIGNER_FILE,
    Workspace,
    approver_folder,
    create,
    read_approver,
    read_office_root,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    return create(tmp_path / "office")


def unit_file(folder: Path, name: str, *, serial: str = "") -> Path:
    """Provision a unit and return the file that it gives to the office."""
    keys = folder / f"keys-{name}{serial}"
    keys.mkdir()
    path = folder / f"{name}{serial}.pub"
    write_unit_public(path, provision(keys, name, folder / "office" / ROOT_FILE).public)
    return path


def test_an_office_keeps_a_secret_for_each_of_three_people(office: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "office"
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in (SIGNER_FILE, EVIDENCE_FILE):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    other = approver_folder(folder)
    assert other.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in other.iterdir()) == [APPROVER_FILE, ROOT_FILE]
    signers = {bytes(office.signer().verify_key), bytes(read_approver(other).verify_key)}
    assert signers == office.root.keys
    assert office.root.threshold == 2
    assert office.evidence_key().public_key == office.root.evidence
    assert read_office_root(other) == office.root
    (folder / EVIDENCE_FILE).unlink()
    assert office.signer(), "the custodian signs without the clerk's key"


def test_an_office_is_never_made_over_another(office: Workspace, tmp_path: Path) -> None:
    before = office.root
    with pytest.raises(OfficeInputError, match="holds an office already"):
        create(tmp_path / "office")
    assert office.root == before


def test_an_approver_s_folder_is_never_written_over(office: Workspace, tmp_path: Path) -> None:
    assert office.root
    with pytest.raises(OfficeInputError, match="holds an office already"):
        create(tmp_path / "second", approver=approver_folder(tmp_path / "office"))
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize("name", ["", " x", "x" * 33, "Sûreté"])
def test_a_service_s_name_that_the_format_cannot_hold_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OfficeInputError, match="name cannot be used"):
        create(tmp_path / "office", service=name)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_office_is_told(tmp_path: Path) -> None:
    with pytest.raises(OfficeInputError, match="is no office"):
        Workspace(tmp_path)
    with pytest.raises(OfficeInputError, match="is no folder"):
        create(tmp_path / "missing" / "office")


def test_an_enrolled_unit_is_known_by_its_name(office: Workspace, tmp_path: Path) -> None:
    for name in ("car-2", "car-1"):
        office.enrol(unit_file(tmp_path, name))
    assert [unit.unit for unit in office.units()] == ["car-1", "car-2"]
    assert office.unit("car-1") == load_unit_keys(tmp_path / "keys-car-1").public


def test_enrolling_the_same_unit_again_changes_nothing(office: Workspace, tmp_path: Path) -> None:
    path = unit_file(tmp_path, "car-1")
    assert office.enrol(path) == office.enrol(path)
    assert len(office.units()) == 1


def test_another_unit_of_the_same_name_or_key_is_refused(office: Workspace, tmp_path: Path) -> None:
    first = unit_file(tmp_path, "car-1")
    office.enrol(first)
    with pytest.raises(OfficeInputError, match="car-1 with other keys is enrolled"):
        office.enrol(unit_file(tmp_path, "car-1", serial="b"))
    (tmp_path / "copy.pub").write_text(first.read_text("utf-8").replace("car-1", "car-9"), "utf-8")
    with pytest.raises(OfficeInputError, match="the keys of car-9 are those of the enrolled unit car-1"):
        office.enrol(tmp_path / "copy.pub")
    assert len(office.units()) == 1


@pytest.mark.parametrize("name", ["car-9", "../office", "", "a\x1b[2J"])
def test_an_unknown_unit_is_told_without_harm(office: Workspace, name: str) -> None:
    with pytest.raises(OfficeInputError, match="no unit") as refusal:
        office.unit(name)
    assert str(refusal.value).isprintable()


def test_a_list_s_number_is_given_once(office: Workspace) -> None:
    assert office.next_sequence() == 1
    office.spend_sequence(1)
    office.spend_sequence(10)
    assert office.next_sequence() == 11
    for used in (10, 3, 0, -1, 2**63):
        with pytest.raises(OfficeInputError, match="is not above the last list's"):
            office.spend_sequence(used)


@pytest.mark.parametrize("text", ["", "x\n", "7"])
def test_a_damaged_number_is_told_and_not_guessed(office: Workspace, tmp_path: Path, text: str) -> None:
    (tmp_path / "office" / "last-sequence").write_text(text, "utf-8")
    with pytest.raises(OfficeInputError, match="is damaged"):
        office.next_sequence()


def test_a_damaged_unit_file_is_told(office: Workspace, tmp_path: Path) -> None:
    (tmp_path / "office" / "units" / "bad.pub").write_text("{}", "utf-8")
    with pytest.raises(KeysError, match="not a file of format"):
        office.units()
