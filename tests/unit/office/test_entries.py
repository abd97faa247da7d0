"""What a manual entry must say, and how long it may stay: Appendix B, rule by rule."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import OfficeInputError
from alprd.hotlist.categories import FACTS, Category, Source
from alprd.office.entries import CAP_DAYS, DAY_S, Draft, Scope, as_fields, check, corrected, entry_of

NOW = 1_790_000_000
MANUAL = tuple(category for category in Category if category.facts.source is Source.SERVICE)

CASE = Draft(
    plate="abcd 123",
    jurisdiction="CA-ON",
    plate_type="passenger",
    category="linked-to-crime",
    officer="Sam Oak",
    badge="4711",
    reason="seen at the break-in on King Street",
    case="2026-1138",
    days=30,
    make="Honda",
    year="2019",
)
DRIVER = replace(
    CASE,
    category="suspended-driver-use",
    case="",
    descriptors="man, about 50, grey beard, 190 cm",
    attested=True,
)
SUSPENDED = replace(CASE, category="short-suspension", case="", suspension_ends_s=NOW + 7 * DAY_S)
DRAFTS = {
    Category.UNDER_INVESTIGATION: replace(CASE, category="under-investigation"),
    Category.LINKED_TO_CRIME: CASE,
    Category.SHORT_SUSPENSION: replace(SUSPENDED, suspension_ends_s=NOW + 1000 * DAY_S),
    Category.MISSING_PERSON: replace(CASE, category="missing-person", case=""),
    Category.AMBER_ALERT: replace(CASE, category="amber-alert", case=""),
    Category.SUSPENDED_DRIVER_USE: DRIVER,
}


def saying(field: str, value: str) -> Draft:
    """Return the draft of a case with one text changed."""
    changed: dict[str, Any] = {field: value}
    return replace(CASE, **changed)


def refused(draft: Draft, message: str) -> None:
    with pytest.raises(OfficeInputError, match=message):
        check(draft, number="M1", now_s=NOW)


def test_every_category_of_appendix_b_has_a_cap_and_no_other_has() -> None:
    assert tuple(CAP_DAYS) == MANUAL == tuple(DRAFTS)
    assert len(MANUAL) == 6


def test_the_last_categorys_cap_is_the_guidances() -> None:
    assert CAP_DAYS[Category.SUSPENDED_DRIVER_USE] == 30
    assert FACTS[Category.SUSPENDED_DRIVER_USE].max_days == 30


def test_a_complete_entry_is_taken_in_normal_form() -> None:
    entry = check(CASE, number="M1", now_s=NOW)
    assert (entry.plate, entry.scope, entry.officer) == ("ABCD123", "internal", "Sam Oak")
    assert (entry.created_s, entry.expires_s) == (NOW, NOW + 30 * DAY_S)
    assert entry_of(as_fields(entry)) == entry


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("plate", "the plate is missing"),
        ("jurisdiction", "the jurisdiction is missing"),
        ("category", "the category is missing"),
        ("officer", "the officer's name is missing"),
        ("badge", "the officer's badge number is missing"),
        ("reason", "the reason is missing"),
        ("case", "the case number is missing"),
    ],
)
@pytest.mark.parametrize("nothing", ["", "  "])
def test_each_missing_field_is_refused_by_its_name(field: str, message: str, nothing: str) -> None:
    refused(saying(field, nothing), message)


def test_a_missing_duration_is_refused() -> None:
    refused(replace(CASE, days=None), "the duration is missing: no entry stays for ever")


def test_both_categories_of_an_investigation_need_a_case() -> None:
    refused(replace(CASE, category="under-investigation", case=""), "the case number is missing")
    refused(replace(CASE, category="linked-to-crime", case=""), "the case number is missing")


def test_a_short_suspension_needs_its_end_and_ends_with_it() -> None:
    refused(replace(SUSPENDED, suspension_ends_s=None), "the end of the suspension is missing")
    refused(replace(SUSPENDED, suspension_ends_s=NOW), "has ended already")
    assert check(SUSPENDED, number="M1", now_s=NOW).expires_s == NOW + 7 * DAY_S
    assert check(replace(SUSPENDED, days=3), number="M1", now_s=NOW).expires_s == NOW + 3 * DAY_S


def test_the_last_category_stays_internal() -> None:
    assert check(DRIVER, number="M1", now_s=NOW).scope == Scope.INTERNAL.value
    refused(replace(DRIVER, scope="ontario"), "stays internal: it is never given to other services")


@pytest.mark.parametrize("descriptors", ["", " " * 20, "man"])
def test_the_last_category_needs_physical_descriptors(descriptors: str) -> None:
    refused(replace(DRIVER, descriptors=descriptors), "the physical descriptors of the suspended driver")


def test_the_last_category_needs_an_attestation() -> None:
    refused(replace(DRIVER, attested=False), "the attestation is missing")


@pytest.mark.parametrize("category", [c.slug for c in Category if c not in MANUAL])
def test_a_category_of_a_source_is_never_entered_by_hand(category: str) -> None:
    refused(replace(CASE, category=category), "none that can be entered by hand")


@pytest.mark.parametrize("plate", ["ABC*", "AB?123", "AB%", "A_C", "###"])
def test_there_are_no_wildcards(plate: str) -> None:
    refused(replace(CASE, plate=plate), "no wildcards")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("plate", "ABCDEFGHIJK", "1 to 10 characters"),
        ("plate", "ÄBC", "only A-Z, 0-9"),
        ("jurisdiction", "ON", "ISO 3166-2"),
        ("plate_type", "spaceship", "a plate type is one of"),
        ("scope", "everybody", "the scope is internal or ontario"),
        ("reason", "x" * 256, "the reason is one line"),
        ("reason", "two lines\nof a reason", "the reason is one line"),
        ("case", "x" * 33, "a case number has at most"),
        ("year", "19", "four digits"),
        ("year", "1850", "four digits"),
        ("make", "x" * 256, "the vehicle's make is one line"),
    ],
)
def test_what_cannot_be_listed_is_refused(field: str, value: str, message: str) -> None:
    refused(saying(field, value), message)


@pytest.mark.parametrize("category", MANUAL)
def test_no_entry_stays_over_its_cap(category: Category) -> None:
    cap, draft = CAP_DAYS[category], DRAFTS[category]
    for days in (cap - 1, cap):
        assert check(replace(draft, days=days), number="M1", now_s=NOW).expires_s == NOW + days * DAY_S
    for days in (cap + 1, 0, -1):
        refused(replace(draft, days=days), f"stays 1 to {cap} days; found {days}")


@given(st.sampled_from(MANUAL), st.none() | st.integers(-(10**9), 10**9), st.none() | st.integers(0, 2**33))
def test_whatever_is_asked_for_every_entry_expires_under_its_cap(
    category: Category, days: int | None, ends_s: int | None
) -> None:
    try:
        entry = check(replace(DRAFTS[category], days=days, suspension_ends_s=ends_s), number="M1", now_s=NOW)
    except OfficeInputError:
        assert days is None or not 1 <= days <= CAP_DAYS[category] or (ends_s is None or ends_s <= NOW)
    else:
        assert NOW < entry.expires_s <= NOW + CAP_DAYS[category] * DAY_S
        if category is Category.SHORT_SUSPENSION:
            assert ends_s is not None
            assert entry.expires_s <= ends_s


@given(st.text(), st.text(), st.text(), st.text())
def test_only_the_offices_error_comes_out(plate: str, place: str, badge: str, reason: str) -> None:
    draft = replace(CASE, plate=plate, jurisdiction=place, badge=badge, reason=reason)
    with suppress(OfficeInputError):
        entry = check(draft, number="M1", now_s=NOW)
        assert entry_of(as_fields(entry)) == entry


def test_a_correction_keeps_the_times_and_every_rule() -> None:
    entry = check(DRIVER, number="M1", now_s=NOW)
    better = corrected(entry, {"plate": "ABCD 128", "colour": "red"})
    assert (better.plate, better.colour, better.number) == ("ABCD128", "red", "M1")
    assert (better.created_s, better.expires_s) == (entry.created_s, entry.expires_s)
    for changes, message in (
        ({"descriptors": ""}, "the physical descriptors"),
        ({"scope": "ontario"}, "stays internal"),
        ({"reason": ""}, "the reason is missing"),
        ({"category": "amber-alert"}, "does not change the category"),
    ):
        with pytest.raises(OfficeInputError, match=message):
            corrected(entry, changes)


def test_a_correction_of_a_suspension_ends_with_it_still() -> None:
    entry = check(SUSPENDED, number="M1", now_s=NOW)
    assert corrected(entry, {"colour": "red"}).expires_s == NOW + 7 * DAY_S
