"""What is assembled for a list, and the exact count of what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alprd.errors import OfficeInputError
from alprd.hotlist.categories import Category, Priority
from alprd.office.agreements import end_agreement, set_agreement
from alprd.office.content import Purged, assemble
from alprd.office.entries import DAY_S, Scope
from alprd.office.manual import add
from alprd.office.people import make_person
from alprd.office.rows import INTERNAL, Details
from alprd.office.vault import Vault, create
from alprd.plates.jurisdictions import jurisdiction_number
from alprd.plates.normal import unpack
from tests.unit.office.test_agreements import MTO, NOW
from tests.unit.office.test_entries import CASE, DRIVER
from tests.unit.office.test_feeds import lines, take

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.office.content import Content

ADA = make_person("Ada Roy", "C-17")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = create(tmp_path, ADA, now_s=NOW)
    set_agreement(made, MTO, now_s=NOW)
    return made


def plates(content: Content) -> list[str]:
    return [unpack(int(key)) for key in content.rows.plate]


def test_an_empty_vault_gives_an_empty_list(vault: Vault) -> None:
    content = assemble(vault, now_s=NOW)
    assert len(content.rows) == 0
    assert content.report.sources == (Purged(source="manual entries"),)


def test_feeds_and_entries_come_sorted_with_all_that_is_known(vault: Vault) -> None:
    take(vault, lines(2, 1))
    add(vault, replace(CASE, plate="ABCD001", scope="ontario"), now_s=NOW)
    add(vault, replace(DRIVER, plate="AAAA001"), now_s=NOW)
    content = assemble(vault, now_s=NOW)
    rows = content.rows
    assert plates(content) == ["AAAA001", "ABCD001", "ABCD001", "ABCD002"]
    assert rows.category.tolist() == [
        Category.SUSPENDED_DRIVER_USE,
        Category.STOLEN_VEHICLE,
        Category.LINKED_TO_CRIME,
        Category.STOLEN_VEHICLE,
    ]
    assert content.priority.tolist() == [Priority.DRIVING, Priority.CRIME, Priority.CRIME, Priority.CRIME]
    assert rows.flags.tolist() == [INTERNAL, 0, 0, 0]
    assert rows.jurisdiction.tolist() == [jurisdiction_number("CA-ON")] * 4
    assert rows.plate_type.tolist() == [1] * 4
    assert content.details(0) == Details(
        make="Honda", year="2019", descriptors="man, about 50, grey beard, 190 cm"
    )
    assert content.details(1) == Details(make="Kia1")
    assert content.agreements == (MTO,)


def test_every_row_expires_and_none_after_its_agreement(vault: Vault) -> None:
    take(vault, lines(1))
    add(vault, CASE, now_s=NOW)
    rows = assemble(vault, now_s=NOW).rows
    assert sorted(rows.expires.tolist()) == [NOW + 3 * DAY_S, NOW + 30 * DAY_S]
    set_agreement(vault, replace(MTO, ends_s=NOW + DAY_S), now_s=NOW)
    assert sorted(assemble(vault, now_s=NOW).rows.expires.tolist()) == [NOW + DAY_S, NOW + 30 * DAY_S]


def test_what_is_left_out_is_counted_exactly(vault: Vault) -> None:
    data = (
        b"PLATE,CODE,MAKE\n"
        + b"ABCD001,V,\n" * 3
        + b"ABCD002,V,\nABCD003,S,\nBIGDOG,V,\n"
        + b"NOPLATE,V,\n" * 2
    )
    take(vault, data)
    take(vault, lines(2, 5), name="cpic")
    add(vault, replace(CASE, days=1), now_s=NOW)
    add(vault, replace(CASE, plate="ZZZZ001"), now_s=NOW)
    set_agreement(vault, replace(MTO, categories=("stolen-vehicle",)), now_s=NOW)
    report = assemble(vault, now_s=NOW + DAY_S).report
    cpic, mto, manual = report.sources
    assert cpic == Purged(source="cpic", lines=3, rows=2, kept=2)
    assert mto == Purged(
        source="mto",
        lines=9,
        erroneous=2,
        import_duplicates=2,
        rows=4,
        outside_agreement=1,
        kept=3,
    )
    assert manual == Purged(source="manual entries", rows=2, expired=1, kept=1)
    assert (report.duplicates, report.listed, report.doubtful) == (1, 5, 1)
    for count in report.sources:
        left_out = count.expired + count.agreement_ended + count.outside_agreement + count.kept_internal
        assert count.rows == left_out + count.kept
    assert mto.lines == 1 + mto.erroneous + mto.import_duplicates + mto.import_expired + mto.rows
    assert report.listed + report.duplicates == sum(count.kept for count in report.sources)


def test_a_feed_that_is_not_renewed_runs_out(vault: Vault) -> None:
    take(vault, lines(1, 2))
    assert len(assemble(vault, now_s=NOW + 3 * DAY_S - 1).rows) == 2
    report = assemble(vault, now_s=NOW + 3 * DAY_S).report
    assert (report.sources[0].expired, report.listed) == (2, 0)


@pytest.mark.parametrize("end", ["passed", "ended"])
def test_a_feed_whose_agreement_ended_is_refused_and_then_left_out(vault: Vault, end: str) -> None:
    take(vault, lines(1, 2))
    now_s = NOW
    if end == "passed":
        set_agreement(vault, replace(MTO, ends_s=NOW + DAY_S), now_s=NOW)
        now_s = NOW + DAY_S
    else:
        end_agreement(vault, "mto", now_s=NOW)
    with pytest.raises(OfficeInputError, match="its feed is not used") as caught:
        assemble(vault, now_s=now_s)
    assert "alpr-office agreement set" in caught.value.next_step
    content = assemble(vault, now_s=now_s, without_ended=True)
    assert (content.report.sources[0].agreement_ended, len(content.rows)) == (2, 0)
    assert content.agreements == ()


def test_a_list_for_other_services_has_no_internal_entry(vault: Vault) -> None:
    take(vault, lines(1))
    add(vault, CASE, now_s=NOW)
    add(vault, DRIVER, now_s=NOW)
    add(vault, replace(CASE, plate="ZZZZ001", scope="ontario"), now_s=NOW)
    content = assemble(vault, now_s=NOW, audience=Scope.ONTARIO)
    assert plates(content) == ["ABCD001", "ZZZZ001"]
    assert content.rows.flags.tolist() == [0, 0]
    assert content.report.sources[-1].kept_internal == 2


def test_of_two_sources_the_longer_lasting_row_stays(vault: Vault) -> None:
    take(vault, lines(1), name="old")
    take(vault, lines(1).replace(b"Kia", b"Seat"), name="new", now_s=NOW + DAY_S)
    content = assemble(vault, now_s=NOW + DAY_S)
    assert content.rows.expires.tolist() == [NOW + 4 * DAY_S]
    assert content.details(0) == Details(make="Seat1")


def test_more_rows_than_a_list_holds_are_refused(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    take(vault, lines(1, 2, 3))
    monkeypatch.setattr("alprd.office.content.MAX_ENTRIES", 2)
    with pytest.raises(OfficeInputError, match="3 rows; a list has at most 2"):
        assemble(vault, now_s=NOW)
