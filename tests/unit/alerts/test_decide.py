from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.alerts.decide import (
    CAPPED_PER_MINUTE,
    MAX_ANSWERED,
    MAX_HELD,
    POLICIES,
    PROMPTS_PER_MINUTE,
    AnsweredGuard,
    PromptCap,
    RepeatGuard,
    is_muted,
    mutable_of,
    policy_of,
)
from alprd.alerts.requests import BatchMessage
from alprd.hotlist.categories import Category, Priority
from alprd.records import MonotonicNs

S = 1_000_000_000


def at(seconds: float) -> MonotonicNs:
    return MonotonicNs(int(seconds * S))


def test_the_first_sighting_alerts_and_the_next_ones_do_not() -> None:
    guard = RepeatGuard(10)
    assert guard.is_due(7, at(0))
    assert not guard.is_due(7, at(0.1))
    assert not guard.is_due(7, at(10.1))


def test_the_hold_counts_from_the_last_sighting() -> None:
    guard = RepeatGuard(10)
    guard.is_due(7, at(0))
    guard.is_due(7, at(9))
    assert not guard.is_due(7, at(19))
    assert guard.is_due(7, at(29.001))


def test_another_entry_alerts_at_once() -> None:
    guard = RepeatGuard(10)
    guard.is_due(7, at(0))
    assert guard.is_due(8, at(0))


def test_an_entry_that_was_not_shown_alerts_again_at_once() -> None:
    guard = RepeatGuard(10)
    guard.is_due(7, at(0))
    guard.forget(7)
    guard.forget(7)
    assert guard.is_due(7, at(0.1))


def test_another_list_starts_afresh() -> None:
    guard = RepeatGuard(10)
    guard.is_due(7, at(0))
    guard.clear()
    assert guard.is_due(7, at(0.1))


@given(st.lists(st.integers(0, 2 * MAX_HELD), max_size=3 * MAX_HELD))
def test_the_guard_never_remembers_more_than_its_limit(entries: list[int]) -> None:
    guard = RepeatGuard(10)
    for second, entry in enumerate(entries):
        guard.is_due(entry, at(second))
        assert len(guard._last_seen) <= MAX_HELD


KEY = bytes(range(32))


def test_every_priority_class_has_its_policy() -> None:
    assert POLICIES.keys() == set(Priority)


def test_life_safety_is_never_muted_never_capped_and_never_quiet() -> None:
    life = policy_of(Priority.LIFE_SAFETY)
    assert not life.is_mutable
    assert not life.is_capped
    assert not life.is_quiet_when_answered
    assert policy_of(5) == policy_of(0) == life, "a class of a later release is guarded as well"
    assert not mutable_of(0xFF) >> (Priority.LIFE_SAFETY - 1) & 1


@pytest.mark.parametrize(("asked", "muted"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 0), (8, 0), (0xFF, 3)])
def test_only_the_two_lowest_classes_may_be_muted(asked: int, muted: int) -> None:
    assert mutable_of(asked) == muted


def test_a_mask_names_its_classes() -> None:
    assert [number for number in range(6) if is_muted(number, 0b101)] == [1, 3]


def test_a_plate_that_was_answered_is_known_until_the_shift_ends() -> None:
    guard = AnsweredGuard()
    guard.begin(KEY)
    assert not guard.knows("ABCD123", "CA-ON")
    guard.note("ABCD123", "CA-ON")
    assert guard.knows("ABCD123", "CA-ON")
    assert not guard.knows("ABCD123", "CA-QC")
    guard.begin(KEY[::-1])
    assert not guard.knows("ABCD123", "CA-ON")


def test_without_a_shift_nothing_is_remembered() -> None:
    guard = AnsweredGuard()
    guard.note("ABCD123", "CA-ON")
    guard.begin(None)
    guard.note("ABCD123", "CA-ON")
    assert not guard.knows("ABCD123", "CA-ON")
    with pytest.raises(ValueError, match="32 bytes"):
        guard.begin(b"short")


def test_what_the_guard_keeps_is_no_plate_and_differs_from_shift_to_shift() -> None:
    guard = AnsweredGuard()
    guard.begin(KEY)
    guard.note("ABCD123", "CA-ON")
    (first,) = guard._answered
    assert b"ABCD" not in first
    guard.begin(KEY[::-1])
    guard.note("ABCD123", "CA-ON")
    assert list(guard._answered) != [first]


def test_the_guard_forgets_the_oldest_first() -> None:
    guard = AnsweredGuard()
    guard.begin(KEY)
    for number in range(MAX_ANSWERED + 1):
        guard.note(f"P{number}", "CA-ON")
    assert not guard.knows("P0", "CA-ON")
    assert guard.knows("P1", "CA-ON")


LOW, HIGH = Priority.ADMINISTRATIVE, Priority.CRIME
STICKER = Category.EXPIRED_STICKER


def test_the_lowest_class_gets_its_few_prompts_and_one_line_for_the_rest() -> None:
    cap = PromptCap()
    due = [cap.is_due(LOW, STICKER, at(second)) for second in range(10)]
    assert due == [True] * CAPPED_PER_MINUTE + [False] * (10 - CAPPED_PER_MINUTE)
    assert cap.batches(at(60.9)) == []
    batch = BatchMessage(category=STICKER, count=9, seconds=60)
    assert cap.batches(at(61)) == [batch]
    assert cap.batches(at(200)) == []
    assert cap.is_due(LOW, STICKER, at(200))


def test_what_is_batched_is_told_by_category() -> None:
    cap = PromptCap()
    for category in (1, 2, 1, 2, 2):
        cap.is_due(LOW, category, at(0))
    assert [(b.category, b.count) for b in cap.batches(at(70))] == [(1, 1), (2, 3)]


def test_higher_classes_are_always_due_and_count_against_the_lowest() -> None:
    cap = PromptCap()
    assert all(cap.is_due(HIGH, 11, at(0)) for _ in range(50))
    assert not cap.is_due(LOW, STICKER, at(59))
    assert cap.is_due(LOW, STICKER, at(60))


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from(list(Priority))), max_size=200))
def test_no_prompt_of_the_lowest_class_is_one_too_many_in_its_minute(hits: list[tuple[float, int]]) -> None:
    cap, prompts, now = PromptCap(), [], 0.0
    for pause, priority in hits:
        now += pause
        is_due = cap.is_due(priority, 1, at(now))
        assert is_due or priority == LOW
        if is_due:
            prompts.append((at(now), priority))
            recent = [p for t, p in prompts if at(now) - t < 60 * S]
            if priority == LOW:
                assert len(recent) <= PROMPTS_PER_MINUTE
                assert recent.count(LOW) <= CAPPED_PER_MINUTE
