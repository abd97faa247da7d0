"""From the vault to a unit: what was imported and entered is what a hit shows, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from alprd.errors import OfficeInputError, StorageError
from alprd.hotlist.categories import Category
from alprd.hotlist.details import Person, Vehicle
from alprd.hotlist.disk import HotlistStore, ListFile
from alprd.hotlist.match import Matcher
from alprd.hotlist.opening import read_sealed
from alprd.keys import ROOT_FILE, UnitKeys, provision, write_unit_public
from alprd.office import vault, workspace
from alprd.office.agreements import end_agreement, set_agreement
from alprd.office.entries import DAY_S, Scope
from alprd.office.feed_form import parse_form
from alprd.office.feeds import import_feed
from alprd.office.ledger import Act
from alprd.office.manual import add, correct, remove
from alprd.office.people import make_person
from alprd.office.register import Issued
from alprd.office.release import approve_release
from alprd.office.vault_release import Order, build_from_vault, delta_from_vault, register_of
from alprd.plates.normal import pack
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
        order = Order(days=days, now_s=NOW, out=out, audience=audience)
        release, content = build_from_vault(self.workspace, self.vault, order)
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


def delta_on_unit(office: Office, now_s: int = NOW, days: int = 1) -> Matcher:
    out = office.folder / "delta"
    delta_from_vault(office.workspace, office.vault, Order(days=days, now_s=now_s, out=out))
    approve_release(workspace.approver_folder(office.folder / "office"), out)
    store = HotlistStore(office.folder / "car-1", root=office.unit.root, unit=office.unit.unsealing)
    return Matcher(store.install(out, now_s=now_s), now_s=now_s)


def test_a_removed_entry_leaves_the_unit_by_a_delta(office: Office) -> None:
    office.list_on_unit()
    remove(office.vault, "M2", why="found to be wrong", now_s=NOW)
    matcher = delta_on_unit(office)
    assert row_of(matcher, "WXYZ988") is None
    assert row_of(matcher, "WXYZ987") is not None
    record = office.vault.records[-1]
    assert (record.act, record.subject, record.note) == (
        Act.DELTA_BUILT,
        "list 2",
        "1 rows out of list 1 and 0 in",
    )


def test_a_second_delta_is_on_the_whole_list_and_needs_no_first(office: Office) -> None:
    office.list_on_unit()
    remove(office.vault, "M2", why="found to be wrong", now_s=NOW)
    delta_from_vault(office.workspace, office.vault, Order(days=1, now_s=NOW, out=office.folder / "missed"))
    add(office.vault, replace(CASE, plate="WXYZ989"), now_s=NOW)
    matcher = delta_on_unit(office)
    assert row_of(matcher, "WXYZ988") is None
    assert row_of(matcher, "WXYZ989") is not None
    assert matcher.index.header.base == 1


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ({}, {"colour": "red"}),
        ({"colour": "red"}, {"colour": "blue"}),
        ({"colour": "red"}, {"colour": "", "make": "", "year": ""}),
        ({"make": "", "year": ""}, {"colour": "blue"}),
    ],
    ids=["more", "others", "none any more", "the first"],
)
def test_details_alone_that_changed_come_with_a_delta(
    office: Office, was: dict[str, Any], becomes: dict[str, str]
) -> None:
    entry = add(office.vault, replace(CASE, plate="WXYZ989", **was), now_s=NOW)
    office.list_on_unit()
    new = correct(office.vault, entry.number, becomes, why="was not seen well", now_s=NOW)
    matcher = delta_on_unit(office)
    row = row_of(matcher, "WXYZ989")
    assert row is not None
    known = Vehicle(make=new.make, year=int(new.year or 0), colour=new.colour)
    assert matcher.index.vehicle(row, "WXYZ989") == (None if known == Vehicle() else known)


def test_the_base_lies_sealed_and_no_plate_is_on_the_disk(office: Office) -> None:
    office.list_on_unit()
    packed = {pack(plate).to_bytes(8, "little") for plate in ("ABCD001", "WXYZ988")}
    files = [path for path in (office.folder / "office").rglob("*") if path.is_file()]
    assert any(path.name.startswith("base-internal.") for path in files)
    everything = b"".join(path.read_bytes() for path in files)
    assert not [plate for plate in packed | {b"ABCD001", b"WXYZ988"} if plate in everything]


def test_the_base_is_on_record_with_the_counts_of_the_difference(office: Office) -> None:
    office.list_on_unit()
    remove(office.vault, "M2", why="found to be wrong", now_s=NOW)
    add(office.vault, replace(CASE, plate="WXYZ989"), now_s=NOW)
    office.list_on_unit()
    base = office.vault.records[-2]
    assert (base.act, base.subject, base.before, base.added, base.removed, base.after) == (
        Act.BASE_KEPT,
        "list 2",
        5,
        1,
        1,
        5,
    )


def refused(office: Office, match: str, now_s: int = NOW) -> None:
    records, number = len(office.vault.records), office.workspace.next_sequence()
    with pytest.raises(OfficeInputError, match=match):
        delta_from_vault(
            office.workspace, office.vault, Order(days=1, now_s=now_s, out=office.folder / "delta")
        )
    assert not (office.folder / "delta").exists()
    assert len(office.vault.records) == records
    assert office.workspace.next_sequence() == number


def test_without_a_whole_list_there_is_no_delta(office: Office) -> None:
    refused(office, "there is no whole list to make a delta on")


def test_a_delta_on_an_expired_list_is_not_built(office: Office) -> None:
    office.list_on_unit(days=1)
    delta_from_vault(
        office.workspace,
        office.vault,
        Order(days=1, now_s=NOW + DAY_S - 1, out=office.folder / "in time"),
    )
    refused(office, "the whole list 1 has expired", NOW + DAY_S)


def test_a_base_whose_list_never_came_to_be_is_no_base(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.list_on_unit()

    def fail(*_: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("alprd.office.vault_release._Books.record_list", fail)
        with pytest.raises(StorageError):
            build_from_vault(
                office.workspace, office.vault, Order(days=1, now_s=NOW, out=office.folder / "lost")
            )
    assert not (office.folder / "lost").exists()
    refused(office, "there is no whole list to make a delta on")


def test_each_audience_has_its_own_base(office: Office) -> None:
    office.list_on_unit(audience=Scope.ONTARIO)
    refused(office, "there is no whole list to make a delta on")
    assert [one.rows for one in register_of(office.vault, Scope.ONTARIO).lists] == [4]


def test_the_register_says_for_whom_a_list_is_and_which_file(office: Office) -> None:
    office.list_on_unit()
    with ListFile(office.folder / "list") as file:
        sealed = read_sealed(file)
    (issued,) = register_of(office.vault, Scope.INTERNAL).lists
    assert issued == Issued(
        sequence=1,
        base=0,
        created_s=NOW,
        expires_s=NOW + DAY_S,
        rows=5,
        digest=sealed.digest,
        units=("car-1",),
    )
