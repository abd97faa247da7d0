"""From the vault to a unit: what was imported and entered is what a hit shows, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alprd.errors import OfficeInputError
from alprd.hotlist.categories import Category
from alprd.hotlist.details import Person, Vehicle
from alprd.hotlist.disk import HotlistStore
from alprd.hotlist.match import Matcher
from alprd.keys import ROOT_FILE, UnitKeys, provision, write_unit_public
from alprd.office import vault, workspace
from alprd.office.agreements import end_agreement, set_agreement
from alprd.office.entries import DAY_S, Scope
from alprd.office.feed_form import parse_form
from alprd.office.feeds import import_feed
from alprd.office.ledger import Act
from alprd.office.manual import add
from alprd.office.people import make_person
from alprd.office.release import approve_release
from alprd.office.vault_release import build_from_vault
from tests.sim.lists import match_of, row_of
from tests.unit.office.test_agreements import MTO, NOW
from tests.unit.office.test_entries import CASE, DRIVER

if TYPE_CHECKING:
    from pathlib import Path

ADA = make_person("Ada Roy", "C-17")
FORM = parse_form(
    b"""
format: csv
columns: {plate: 1, category: 2, make: 3, owner: 4, corrective_lens: 5}
constants: {jurisdiction: CA-ON, plate_type: passenger}
categories: {S: suspended-driver, V: stolen-vehicle}
corrective_lens: {Y: yes, N: no}
valid_days: 3
""",
    "m.yaml",
)
FEED = b"ABCD001,V,Kia,,\nABCD002,S,Ford,Lee Roy,Y\nABCD003,V,,,\n"


class Office:
    """An office with a vault, one unit, a feed and two entries by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = workspace.create(folder / "office")
        self.unit = self._unit("car-1")
        self.vault = vault.create(folder / "office", ADA, now_s=NOW)
        set_agreement(self.vault, MTO, now_s=NOW)
        import_feed(
            self.vault,
            "mto",
            [FEED],
            FORM,
            agreement="mto",
            now_s=NOW,
            progress=lambda _: None,
            report=lambda _: None,
        )
        add(self.vault, replace(DRIVER, plate="WXYZ987"), now_s=NOW)
        add(self.vault, replace(CASE, plate="WXYZ988", scope="ontario"), now_s=NOW)

    def _unit(self, name: str) -> UnitKeys:
        (self.folder / name).mkdir()
        keys = provision(self.folder / name, name, self.folder / "office" / ROOT_FILE)
        write_unit_public(self.folder / f"{name}.pub", keys.public)
        self.workspace.enrol(self.folder / f"{name}.pub")
        return keys

    def list_on_unit(self, *, audience: Scope = Scope.INTERNAL, days: int = 1) -> Matcher:
        out = self.folder / "list"
        release, content = build_from_vault(
            self.workspace, self.vault, days=days, sequence=None, now_s=NOW, out=out, audience=audience
        )
        assert release.header.entries == len(content.rows)
        approve_release(workspace.approver_folder(self.folder / "office"), out)
        store = HotlistStore(self.folder / "car-1", root=self.unit.root, unit=self.unit.unsealing)
        return Matcher(store.install(out, now_s=NOW), now_s=NOW)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_what_was_imported_and_entered_is_what_a_hit_shows(office: Office) -> None:
    matcher = office.list_on_unit()
    expected = {
        "ABCD001": (Category.STOLEN_VEHICLE, Vehicle(make="Kia"), None),
        "ABCD002": (
            Category.SUSPENDED_DRIVER,
            Vehicle(make="Ford"),
            Person(name="Lee Roy", corrective_lens=True),
        ),
        "ABCD003": (Category.STOLEN_VEHICLE, None, None),
        "WXYZ987": (
            Category.SUSPENDED_DRIVER_USE,
            Vehicle(make="Honda", year=2019, descriptors="man, about 50, grey beard, 190 cm"),
            None,
        ),
        "WXYZ988": (Category.LINKED_TO_CRIME, Vehicle(make="Honda", year=2019), None),
    }
    for plate, (category, vehicle, person) in expected.items():
        match = match_of(matcher, plate)
        assert match is not None
        entry, row = matcher.entry(match), match.entry_number
        assert (entry.plate, entry.jurisdiction, entry.category) == (plate, "CA-ON", category)
        assert matcher.index.vehicle(row, plate) == vehicle
        assert matcher.index.person(row, plate) == person
    assert row_of(matcher, "ABCD004") is None


def test_a_list_for_other_services_has_no_internal_entry(office: Office) -> None:
    matcher = office.list_on_unit(audience=Scope.ONTARIO)
    assert row_of(matcher, "WXYZ987") is None
    assert row_of(matcher, "WXYZ988") is not None


def test_the_release_is_on_record(office: Office) -> None:
    office.list_on_unit()
    record = office.vault.records[-1]
    assert (record.act, record.by, record.subject) == (Act.RELEASE_BUILT, "C-17", "list 1")
    assert record.note == "5 rows, 0 duplicates left out"


def test_without_the_agreement_no_list_is_built_and_no_number_spent(office: Office) -> None:
    end_agreement(office.vault, "mto", now_s=NOW)
    records = len(office.vault.records)
    with pytest.raises(OfficeInputError, match="there is no agreement 'mto'"):
        office.list_on_unit()
    assert not (office.folder / "list").exists()
    assert office.workspace.next_sequence() == 1
    assert len(office.vault.records) == records


def test_rows_expire_one_by_one_on_a_unit_without_contact(office: Office) -> None:
    matcher = office.list_on_unit(days=31)
    matcher.set_time(NOW + 3 * DAY_S - 1)
    assert row_of(matcher, "ABCD001") is not None
    matcher.set_time(NOW + 3 * DAY_S)
    assert row_of(matcher, "ABCD001") is None
    assert row_of(matcher, "WXYZ987") is not None, "an entry of thirty days outlasts a feed of three"
    matcher.set_time(NOW + 30 * DAY_S)
    assert row_of(matcher, "WXYZ987") is None
