"""What is muted is not matched; life-safety alerts whatever is muted, is never batched and never silent."""

from __future__ import annotations

import pytest

from alprd.alerts.decide import is_muted, mutable_of, policy_of
from alprd.alerts.requests import BatchMessage
from alprd.hotlist.categories import Category, Priority
from alprd.hotlist.details import Details, Vehicle
from alprd.plates.normal import pack
from alprd.records import Answer, Doubt, MonotonicNs, Verdict
from tests.sim.given_reads import GivenUnit
from tests.sim.reads import drawn
from tests.unit.hotlist.opening import open_list
from tests.vectors.hotlist.made import CREATED, ONTARIO, PASSENGER, Made, Row

PLATE = "ABCD123"
READS = [drawn(PLATE, 1.0, score=1.0, place="CA-ON")] * 3
EVERYTHING = 0xFF


def unit_with(category: Category) -> GivenUnit:
    # Believed in use by a suspended driver: for 30 days at most, and never shared (flag 1).
    expires = 0 if category.facts.max_days is None else CREATED + 86_400
    row: Row = (
        pack(PLATE),
        expires,
        ONTARIO,
        PASSENGER,
        category.value,
        category.facts.priority.value,
        int(expires > 0),
    )
    made = Made(rows=(row,), details={0: Details(vehicle=Vehicle(descriptors="grey beard"))})
    return GivenUnit(open_list(made.data()), repeat_hold_s=0.0)


def muting(unit: GivenUnit, classes: int) -> None:
    """Mute as the daemon does: what may be muted of what is asked for."""
    muted = mutable_of(classes)
    unit.matcher.mute(frozenset(n for n in range(1, 9) if is_muted(n, muted)))


@pytest.mark.parametrize("category", list(Category), ids=lambda category: category.slug)
def test_with_everything_muted_only_what_may_be_muted_is_left_out(category: Category) -> None:
    unit = unit_with(category)
    muting(unit, EVERYTHING)
    unit.see(READS)
    is_heard = category.facts.priority in {Priority.CRIME, Priority.LIFE_SAFETY}
    assert bool(unit.office.alerts) == is_heard
    assert unit.tally.hits == is_heard
    muting(unit, 0)
    unit.see(READS)
    assert unit.office.alerts


def test_the_life_safety_classes_are_those_of_the_guidance() -> None:
    life = {c for c in Category if c.facts.priority is Priority.LIFE_SAFETY}
    assert {Category.AMBER_ALERT, Category.MISSING_PERSON, Category.WANTED_PERSON} <= life
    assert not policy_of(Priority.LIFE_SAFETY).is_mutable


def test_an_amber_alert_is_never_batched_and_sounds_each_time() -> None:
    unit = unit_with(Category.AMBER_ALERT)
    unit.answered.begin(bytes(32))
    for _ in range(6):
        unit.see(READS)
        alert = unit.office.alerts[-1]
        assert Doubt.ANSWERED_BEFORE not in alert.hit.doubts
        unit.desk.answer(
            Answer(alert_id=alert.alert_id, verdict=Verdict.MISREAD, badge="4711"), alert.hit.captured_at
        )
        unit.forget()
    assert len(unit.office.alerts) == 6
    assert unit.tally.batched == 0


def test_of_many_expired_stickers_most_are_told_in_one_line() -> None:
    unit = unit_with(Category.EXPIRED_STICKER)
    for _ in range(5):
        unit.see(READS)
        unit.forget()
    (alert,) = unit.office.alerts
    assert unit.tally.batched == 4
    unit.desk.expire(MonotonicNs(alert.hit.captured_at + 3600 * 1_000_000_000))
    (batch,) = unit.office.batches
    assert isinstance(batch, BatchMessage)
    assert (batch.category, batch.count) == (1, 4)


def test_another_class_that_was_answered_comes_without_a_sound() -> None:
    unit = unit_with(Category.STOLEN_VEHICLE)
    unit.answered.begin(bytes(32))
    for verdict in (Verdict.DISMISSED, Verdict.UNANSWERED, Verdict.CONFIRMED):
        unit.see(READS)
        alert = unit.office.alerts[-1]
        unit.desk.answer(
            Answer(alert_id=alert.alert_id, verdict=verdict, badge="4711"), alert.hit.captured_at
        )
        unit.forget()
    quiet = [Doubt.ANSWERED_BEFORE in alert.hit.doubts for alert in unit.office.alerts]
    assert quiet == [False, True, True]
