from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alprd.alerts.decide import MAX_HELD, RepeatGuard
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
