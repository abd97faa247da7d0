"""What the office makes of an added category: entries, feeds, and what becomes of them when it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alprd.errors import KeysError, OfficeInputError
from alprd.hotlist.categories import AddedCategory, CategoryFacts, Priority, Source
from alprd.hotlist.category_disk import CATEGORIES_FILE, read_categories, write_categories
from alprd.office import workspace
from alprd.office.agreements import read_agreements, set_agreement
from alprd.office.categories import approve_categories, draft_categories, take_categories
from alprd.office.content import assemble
from alprd.office.entries import DAY_S
from alprd.office.feed_form import parse_form
from alprd.office.manual import add, correct
from alprd.office.people import make_person
from alprd.office.vault import Vault, create
from tests.unit.office.test_agreements import MTO, NOW
from tests.unit.office.test_entries import CASE

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.office.workspace import Workspace

WATCH = AddedCategory(
    number=20,
    slug="flood-watch",
    facts=CategoryFacts("Flood watch", "Alerte de crue", Source.SERVICE, Priority.CRIME, 14, can_stop=False),
    reference="PC25-0003",
    consulted_s=NOW - DAY_S,
    consulted_with="Information and Privacy Commissioner of Ontario",
)
UNINSURED = replace(
    WATCH,
    number=19,
    slug="uninsured",
    facts=CategoryFacts("Uninsured", "Non assuré", Source.MTO, Priority.DRIVING, 2, can_stop=False),
)
ENTRY = replace(CASE, category="flood-watch", case="", days=14)


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    return workspace.create(tmp_path / "office", now_s=NOW - DAY_S)


@pytest.fixture
def vault(office: Workspace) -> Vault:
    return create(office.folder, make_person("Ada Roy", "C-17"), now_s=NOW)


def put_in_force(office: Workspace, *added: AddedCategory, drop: tuple[str, ...] = ()) -> None:
    draft = office.folder / "draft"
    draft_categories(office, draft, add=added, drop=drop, now_s=NOW)
    approve_categories(workspace.approver_folder(office.folder), draft)
    take_categories(office.folder, draft, now_s=NOW)


def test_an_entry_of_an_added_category_goes_into_the_list_with_its_priority(
    office: Workspace, vault: Vault
) -> None:
    with pytest.raises(OfficeInputError, match="'flood-watch' is none that can be entered by hand"):
        add(vault, ENTRY, now_s=NOW)
    put_in_force(office, WATCH, UNINSURED)
    with pytest.raises(OfficeInputError, match="stays 1 to 14 days; found 15"):
        add(vault, replace(ENTRY, days=15), now_s=NOW)
    with pytest.raises(OfficeInputError, match="'uninsured' is none that can be entered by hand"):
        add(vault, replace(ENTRY, category="uninsured"), now_s=NOW)
    add(vault, ENTRY, now_s=NOW)
    assert correct(vault, "M1", {"colour": "red"}, why="told later", now_s=NOW).category == "flood-watch"
    content = assemble(vault, now_s=NOW)
    assert content.rows.category.tolist() == [20]
    assert content.priority.tolist() == [Priority.CRIME]
    assert content.rows.expires.tolist() == [NOW + 14 * DAY_S]


def test_fewer_days_shorten_what_is_listed_already(office: Workspace, vault: Vault) -> None:
    put_in_force(office, WATCH)
    add(vault, ENTRY, now_s=NOW)
    put_in_force(office, replace(WATCH, facts=replace(WATCH.facts, max_days=3)))
    assert assemble(vault, now_s=NOW).rows.expires.tolist() == [NOW + 3 * DAY_S]


def test_entries_of_a_category_that_has_ended_are_left_out_and_counted(
    office: Workspace, vault: Vault
) -> None:
    put_in_force(office, WATCH)
    add(vault, ENTRY, now_s=NOW)
    add(vault, CASE, now_s=NOW)
    put_in_force(office, drop=("flood-watch",))
    content = assemble(vault, now_s=NOW)
    assert len(content.rows) == 1
    (count,) = content.report.sources
    assert (count.rows, count.category_ended, count.kept) == (2, 1, 1)


def test_an_agreement_and_a_mapping_may_name_it(office: Workspace, vault: Vault) -> None:
    agreement = replace(MTO, categories=("uninsured",))
    mapping = b"format: csv\nheader: true\ncolumns: {plate: P}\nvalid_days: 3\n"
    mapping += b"constants: {category: uninsured, jurisdiction: CA-ON}\n"
    with pytest.raises(OfficeInputError, match="'uninsured' is none that an agency may share"):
        set_agreement(vault, agreement, now_s=NOW)
    with pytest.raises(OfficeInputError, match="nor of the category record in force"):
        parse_form(mapping, "mapping", vault.categories)
    put_in_force(office, UNINSURED)
    set_agreement(vault, agreement, now_s=NOW)
    assert read_agreements(vault)["mto"].allowed(vault.categories) == {19}
    assert parse_form(mapping, "mapping", vault.categories).constants["category"] == 19
    put_in_force(office, drop=("uninsured",))
    assert read_agreements(vault)["mto"].allowed(vault.categories) == set()


def test_a_record_that_nobody_signed_stops_the_office(office: Workspace, vault: Vault) -> None:
    put_in_force(office, WATCH)
    path = office.folder / CATEGORIES_FILE
    signed = read_categories(path)
    write_categories(path, replace(signed, approvals=signed.approvals[:1]))
    with pytest.raises(KeysError, match="2 approvers are needed; found 1"):
        assemble(vault, now_s=NOW)
