from __future__ import annotations

from collections import Counter

from alprd.alerts.details import (
    FIRST_ADDED_CATEGORY,
    LAST_ADDED_CATEGORY,
    MAX_CATEGORY_CHARACTERS,
    MAX_CATEGORY_LABEL,
)
from alprd.evidence.body import MAX_CATEGORY
from alprd.hotlist.categories import (
    FACTS,
    FIRST_ADDED,
    LAST_ADDED,
    MAX_LABEL,
    MAX_LABEL_BYTES,
    Category,
    Priority,
    Source,
    counted_as,
)


def test_the_set_is_nine_of_the_ministry_three_of_the_police_centre_and_six_by_hand() -> None:
    sources = [category.facts.source for category in Category]
    assert sources == [Source.MTO] * 9 + [Source.CPIC] * 3 + [Source.SERVICE] * 6


def test_numbers_run_from_1_to_18_and_every_category_has_its_facts() -> None:
    assert [int(category) for category in Category] == list(range(1, 19))
    assert set(FACTS) == set(Category)
    assert max(Category) < FIRST_ADDED < LAST_ADDED == MAX_CATEGORY
    assert (FIRST_ADDED_CATEGORY, LAST_ADDED_CATEGORY) == (FIRST_ADDED, LAST_ADDED)
    assert (MAX_CATEGORY_LABEL, MAX_CATEGORY_CHARACTERS) == (MAX_LABEL_BYTES, MAX_LABEL)


def test_labels_are_unique_and_fit_the_dash() -> None:
    for labels in ([f.english for f in FACTS.values()], [f.french for f in FACTS.values()]):
        assert len(set(labels)) == 18
        assert all(1 <= len(label) <= MAX_LABEL and label.strip() == label for label in labels)
        assert all(ord(character) < 256 for label in labels for character in label)


def test_slugs_are_unique() -> None:
    assert len({category.slug for category in Category}) == 18
    assert Category.STOLEN_VEHICLE.slug == "stolen-vehicle"


def test_danger_to_people_has_the_highest_priority() -> None:
    highest = {category for category in Category if category.facts.priority is max(Priority)}
    assert highest == {Category.WANTED_PERSON, Category.MISSING_PERSON, Category.AMBER_ALERT}
    assert Counter(category.facts.priority for category in Category).keys() == set(Priority)


def test_only_the_suspended_driver_s_other_vehicle_has_a_time_limit() -> None:
    limits = {category: category.facts.max_days for category in Category if category.facts.max_days}
    assert limits == {Category.SUSPENDED_DRIVER_USE: 30}


def test_counts_and_logs_name_an_added_category_by_its_number() -> None:
    assert counted_as(Category.STOLEN_VEHICLE) == "stolen-vehicle"
    assert [counted_as(number) for number in (18, 19, 31)] == ["suspended-driver-use", "added-19", "added-31"]
