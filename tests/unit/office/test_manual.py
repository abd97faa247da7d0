"""Manual entries in the vault: what is refused over time, and what the ledger counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alprd.errors import OfficeInputError
from alprd.office.entries import DAY_S as DAY
from alprd.office.ledger import Act
from alprd.office.manual import PAST_DAYS, add, close_case, correct, purge, read_entries, remove
from alprd.office.people import make_person
from alprd.office.vault import Vault, create, open_vault
from tests.unit.office.test_entries import CASE, DRIVER, NOW

if TYPE_CHECKING:
    from pathlib import Path

ADA = make_person("Ada Roy", "C-17")
BOB = make_person("Bob Lee", "C-18")
EVE = make_person("Eve Fox", "C-19")
OTHER_BASIS = "stopped again on Main Street yesterday, drove off"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = create(tmp_path, ADA, now_s=NOW)
    made.admit(BOB.public, now_s=NOW)
    return made


def numbers(vault: Vault) -> list[str]:
    return list(read_entries(vault).by_number)


def test_an_entry_is_there_after_opening(vault: Vault, tmp_path: Path) -> None:
    entry = add(vault, CASE, now_s=NOW)
    assert read_entries(open_vault(tmp_path, BOB)).by_number == {"M1": entry}


def test_the_ledger_says_who_what_and_how_many_and_no_plate(vault: Vault) -> None:
    add(vault, CASE, now_s=NOW)
    record = vault.records[-1]
    assert (record.act, record.by, record.subject) == (Act.ENTRY_ADDED, "C-17", "M1")
    assert (record.before, record.after, record.added, record.removed) == (0, 1, 1, 0)
    assert record.note == "linked-to-crime, 30 days, internal, asked for by Sam Oak, badge 4711"
    assert "ABCD123" not in str(vault.records)


def test_counts_follow_every_change(vault: Vault) -> None:
    for plate in ("AAA1", "AAA2", "AAA3", "AAA4"):
        add(vault, replace(CASE, plate=plate, case="B-1" if plate == "AAA4" else "A-1"), now_s=NOW)
    correct(vault, "M2", {"colour": "red"}, why="colour was missing", now_s=NOW)
    remove(vault, "M2", why="entered twice", now_s=NOW)
    assert close_case(vault, "A-1", now_s=NOW) == ["M1", "M3"]
    assert purge(vault, now_s=NOW + 29 * DAY) == []
    assert purge(vault, now_s=NOW + 30 * DAY) == ["M4"]
    counts = [(r.before, r.after, r.added, r.removed) for r in vault.records[6:]]
    assert counts == [(4, 4, 1, 1), (4, 3, 0, 1), (3, 1, 0, 2), (1, 0, 0, 1)]
    assert numbers(vault) == []


def test_numbers_are_never_given_twice(vault: Vault) -> None:
    add(vault, CASE, now_s=NOW)
    remove(vault, "M1", why="entered wrongly", now_s=NOW)
    assert add(vault, CASE, now_s=NOW).number == "M2"


def test_the_same_plate_and_reason_is_listed_once(vault: Vault) -> None:
    add(vault, CASE, now_s=NOW)
    with pytest.raises(OfficeInputError, match="already, as M1"):
        add(vault, CASE, now_s=NOW)
    add(vault, replace(CASE, jurisdiction="CA-QC"), now_s=NOW)
    with pytest.raises(OfficeInputError, match="already, as M1"):
        correct(vault, "M2", {"jurisdiction": "CA-ON"}, why="wrong province", now_s=NOW)
    assert add(vault, CASE, now_s=NOW + 30 * DAY).number == "M3", "what has expired is no longer listed"


def test_the_last_category_is_not_renewed_for_the_same_reason(vault: Vault) -> None:
    add(vault, DRIVER, now_s=NOW)
    again = replace(DRIVER, reason=DRIVER.reason.upper() + " !")
    with pytest.raises(OfficeInputError, match="for the same reason: it is not renewed"):
        add(vault, again, now_s=NOW + 31 * DAY, second=BOB)


@pytest.mark.parametrize("end", ["expired", "removed", "purged"])
def test_the_last_category_is_listed_again_only_by_two(vault: Vault, end: str) -> None:
    add(vault, DRIVER, now_s=NOW)
    later = NOW + 31 * DAY
    if end == "removed":
        remove(vault, "M1", why="driver moved away", now_s=NOW)
    elif end == "purged":
        purge(vault, now_s=later)
    again = replace(DRIVER, reason=OTHER_BASIS)
    with pytest.raises(OfficeInputError, match="a second person must agree"):
        add(vault, again, now_s=later)
    for other in (ADA, EVE):
        with pytest.raises(OfficeInputError, match="another of the vault's people"):
            add(vault, again, now_s=later, second=other)
    add(vault, again, now_s=later, second=BOB)
    assert vault.records[-1].second == "C-18"


def test_the_first_basis_does_not_come_back_after_the_second(vault: Vault) -> None:
    add(vault, DRIVER, now_s=NOW)
    add(vault, replace(DRIVER, reason=OTHER_BASIS), now_s=NOW + 30 * DAY, second=BOB)
    with pytest.raises(OfficeInputError, match="it is not renewed"):
        add(vault, DRIVER, now_s=NOW + 60 * DAY, second=BOB)


def test_the_last_category_is_forgotten_after_a_year(vault: Vault) -> None:
    add(vault, DRIVER, now_s=NOW)
    add(vault, DRIVER, now_s=NOW + (30 + PAST_DAYS) * DAY)
    assert len(read_entries(vault).past) == 1


def test_a_correction_does_not_renew_the_last_category(vault: Vault) -> None:
    add(vault, DRIVER, now_s=NOW)
    add(vault, replace(DRIVER, plate="ZZZZ999"), now_s=NOW + 30 * DAY)
    with pytest.raises(OfficeInputError, match="that would renew it"):
        correct(vault, "M2", {"plate": DRIVER.plate}, why="wrong plate", now_s=NOW + 30 * DAY)
    correct(vault, "M2", {"plate": "ZZZZ998"}, why="misspelt", now_s=NOW + 30 * DAY)
    with pytest.raises(OfficeInputError, match="it is not renewed"):
        add(vault, replace(DRIVER, plate="ZZZZ998"), now_s=NOW + 61 * DAY, second=BOB)


def test_what_is_remembered_of_the_last_category_is_no_plate(vault: Vault) -> None:
    add(vault, DRIVER, now_s=NOW)
    remove(vault, "M1", why="driver moved away", now_s=NOW)
    content = bytes(vault.read("entries") or b"")
    assert b"ABCD123" not in content
    assert len(read_entries(vault).past) == 1


@pytest.mark.parametrize("why", ["", "   ", "no"])
def test_a_removal_and_a_correction_say_why(vault: Vault, why: str) -> None:
    add(vault, CASE, now_s=NOW)
    with pytest.raises(OfficeInputError, match="why is missing"):
        remove(vault, "M1", why=why, now_s=NOW)
    with pytest.raises(OfficeInputError, match="why is missing"):
        correct(vault, "M1", {"colour": "red"}, why=why, now_s=NOW)
    assert numbers(vault) == ["M1"]


def test_an_unknown_entry_or_case_is_refused(vault: Vault) -> None:
    add(vault, replace(CASE, category="amber-alert", case="", days=2), now_s=NOW)
    with pytest.raises(OfficeInputError, match="no manual entry 'M7'"):
        remove(vault, "M7", why="entered twice", now_s=NOW)
    with pytest.raises(OfficeInputError, match="nothing to correct"):
        correct(vault, "M1", {}, why="entered wrongly", now_s=NOW)
    for case in ("2026-7", "", " "):
        with pytest.raises(OfficeInputError, match="no entry has the case number"):
            close_case(vault, case, now_s=NOW)
