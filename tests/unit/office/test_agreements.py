"""A feed is used under an agreement in force, and an agreement says all that it must."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from alprd.errors import OfficeInputError
from alprd.hotlist.categories import CLOSED_SET
from alprd.office.agreements import (
    MAX_DAYS,
    Agreement,
    end_agreement,
    in_force,
    read_agreements,
    set_agreement,
    shared,
)
from alprd.office.entries import DAY_S
from alprd.office.people import make_person
from alprd.office.vault import Vault, create, open_vault

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_790_553_600
ADA = make_person("Ada Roy", "C-17")
MTO = Agreement(
    name="mto",
    agency="Ministry of Transportation",
    authority="Highway Traffic Act; agreement 2026-03",
    categories=("expired-sticker", "suspended-driver", "stolen-vehicle"),
    starts_s=NOW,
    ends_s=NOW + 365 * DAY_S,
    contact_name="Kim Park",
    contact="416-555-0100",
)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return create(tmp_path, ADA, now_s=NOW)


def saying(field: str, value: object) -> Agreement:
    changed: dict[str, Any] = {field: value}
    return replace(MTO, **changed)


@pytest.mark.parametrize("nothing", ["", "  ", "x" * 201, "two\nlines"])
@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("agency", "the agency that compiles the list is missing"),
        ("authority", "the authority under which the list is shared is missing"),
        ("contact_name", "the name of the official who answers for redress is missing"),
        ("contact", "the contact for redress: a telephone number or an address is missing"),
    ],
)
def test_each_missing_field_is_refused_by_its_name(field: str, message: str, nothing: str) -> None:
    with pytest.raises(OfficeInputError, match=message):
        saying(field, nothing)


@pytest.mark.parametrize("name", ["", "MTO", "mto/../x", "-mto", "x" * 33, "mto list"])
def test_a_name_is_short_and_plain(name: str) -> None:
    with pytest.raises(OfficeInputError, match="an agreement's name"):
        saying("name", name)


def test_categories_are_of_the_closed_set_and_leave_out_the_internal_one(vault: Vault) -> None:
    assert len(shared(CLOSED_SET)) == 17
    for categories, message in (
        ((), "the categories that the list may hold are missing"),
        (("uninsured",), "'uninsured' is none that an agency may share"),
        (("suspended-driver-use",), "is none that an agency may share"),
        (("stolen-plate", "stolen-plate"), "named twice"),
    ):
        with pytest.raises(OfficeInputError, match=message):
            set_agreement(vault, saying("categories", categories), now_s=NOW)
    assert read_agreements(vault) == {}


@pytest.mark.parametrize("days", [0, -1, MAX_DAYS + 1])
def test_an_agreement_ends(days: int) -> None:
    with pytest.raises(OfficeInputError, match="ends after its start"):
        saying("ends_s", NOW + days * DAY_S)
    assert saying("ends_s", NOW + MAX_DAYS * DAY_S)


def test_an_agreement_is_there_after_opening(vault: Vault, tmp_path: Path) -> None:
    set_agreement(vault, MTO, now_s=NOW)
    assert read_agreements(open_vault(tmp_path, ADA)) == {"mto": MTO}


def test_an_agreement_that_has_ended_is_not_entered(vault: Vault) -> None:
    with pytest.raises(OfficeInputError, match="has ended already"):
        set_agreement(vault, MTO, now_s=MTO.ends_s)


def test_a_replaced_and_an_ended_agreement_are_counted(vault: Vault) -> None:
    set_agreement(vault, MTO, now_s=NOW)
    set_agreement(vault, replace(MTO, contact="416-555-0199"), now_s=NOW)
    assert read_agreements(vault)["mto"].contact == "416-555-0199"
    end_agreement(vault, "mto", now_s=NOW)
    with pytest.raises(OfficeInputError, match="no agreement 'mto'"):
        end_agreement(vault, "mto", now_s=NOW)
    counts = [(record.before, record.after, record.added, record.removed) for record in vault.records[1:]]
    assert counts == [(0, 1, 1, 0), (1, 1, 1, 1), (1, 0, 0, 1)]


@pytest.mark.parametrize(
    ("now_s", "message", "step"),
    [
        (NOW - 1, "has not begun", "agreement set"),
        (MTO.ends_s, "has ended", "agreement set"),
        (MTO.ends_s + DAY_S, "has ended", "feed remove"),
    ],
)
def test_an_agreement_out_of_force_refuses_with_the_next_step(now_s: int, message: str, step: str) -> None:
    with pytest.raises(OfficeInputError, match=message) as caught:
        in_force({"mto": MTO}, "mto", now_s=now_s)
    assert step in caught.value.next_step


def test_a_missing_agreement_refuses_with_the_next_step() -> None:
    with pytest.raises(OfficeInputError, match="there is no agreement 'cpic'") as caught:
        in_force({"mto": MTO}, "cpic", now_s=NOW)
    assert "agreement set" in caught.value.next_step


def test_an_agreement_in_force_is_given_on_its_first_and_last_second() -> None:
    for now_s in (NOW, MTO.ends_s - 1):
        assert in_force({"mto": MTO}, "mto", now_s=now_s) is MTO
