from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.gps import system_clock
from alprd.gps.clock import AGREEING, HOLD_S, TOLERANCE_MS, SystemTime, TrustedClock
from alprd.records import ClockSource, Fix, MonotonicNs, UnixMs

if TYPE_CHECKING:
    from pathlib import Path

T0 = 1_795_000_000_000
SECOND = 1_000_000_000
UNSET = SystemTime(at=UnixMs(86_400_000), is_synchronised=False)
SYNCED = SystemTime(at=UnixMs(T0 + 77), is_synchronised=True)


def fix_at(at_ms: int, seen_ns: int) -> Fix:
    return Fix(
        latitude_deg=1.0,
        longitude_deg=1.0,
        dimensions=3,
        fixed_at=UnixMs(at_ms),
        received_at=MonotonicNs(seen_ns),
    )


def set_clock(at_ms: int = T0, seen_ns: int = 0) -> TrustedClock:
    """Return a clock that learnt from fixes of the seconds up to ``at_ms``, seen at ``seen_ns``."""
    clock = TrustedClock()
    for back in range(AGREEING - 1, -1, -1):
        clock.learn(fix_at(at_ms - 1000 * back, seen_ns - SECOND * back))
    return clock


def test_before_anything_vouches_for_it_the_time_is_untrusted() -> None:
    told = TrustedClock().at(MonotonicNs(0), UNSET)
    assert told.source is ClockSource.UNTRUSTED
    assert told.at == UNSET.at


def test_a_synchronised_system_clock_is_trusted_as_such() -> None:
    told = TrustedClock().at(MonotonicNs(0), SYNCED)
    assert told.source is ClockSource.NTP
    assert told.at == SYNCED.at


def test_fixes_that_agree_set_the_clock_and_it_runs_on_from_them() -> None:
    clock = set_clock()
    for system in (UNSET, SYNCED):
        told = clock.at(MonotonicNs(90 * SECOND + 1), system)
        assert told.source is ClockSource.GPS
        assert told.at == T0 + 90_000


def test_one_fix_too_few_sets_nothing() -> None:
    clock = TrustedClock()
    for number in range(AGREEING - 1):
        clock.learn(fix_at(T0 + 1000 * number, SECOND * number))
    assert clock.at(MonotonicNs(5 * SECOND), UNSET).source is ClockSource.UNTRUSTED


def test_the_same_fix_again_counts_once() -> None:
    clock = TrustedClock()
    for _ in range(AGREEING + 1):
        clock.learn(fix_at(T0, 0))
    assert clock.at(MonotonicNs(SECOND), UNSET).source is ClockSource.UNTRUSTED


def test_fixes_that_disagree_with_each_other_set_nothing() -> None:
    clock = TrustedClock()
    for number in range(2 * AGREEING):
        clock.learn(fix_at(T0 + number * (1000 + TOLERANCE_MS + 1), SECOND * number))
    assert clock.at(MonotonicNs(60 * SECOND), UNSET).source is ClockSource.UNTRUSTED


def test_one_wild_fix_is_not_followed() -> None:
    clock = set_clock()
    clock.learn(fix_at(T0 + 10**9, SECOND))
    told = clock.at(MonotonicNs(2 * SECOND), UNSET)
    assert (told.at, told.source) == (T0 + 2000, ClockSource.GPS)
    clock.learn(fix_at(T0 + 3000, 3 * SECOND))
    assert clock.at(MonotonicNs(3 * SECOND), UNSET).at == T0 + 3000


def test_a_receiver_that_insists_on_a_later_time_is_believed() -> None:
    clock = set_clock()
    for number in range(1, AGREEING + 1):
        clock.learn(fix_at(T0 + 60_000 + 1000 * number, SECOND * number))
    told = clock.at(MonotonicNs(AGREEING * SECOND), UNSET)
    assert (told.at, told.source) == (T0 + 60_000 + 1000 * AGREEING, ClockSource.GPS)


def test_a_small_step_back_stands_still_and_stays_trusted() -> None:
    clock = set_clock()
    assert clock.at(MonotonicNs(0), UNSET).at == T0
    clock.learn(fix_at(T0, SECOND))
    told = clock.at(MonotonicNs(SECOND), UNSET)
    assert (told.at, told.source) == (T0, ClockSource.GPS)
    assert clock.at(MonotonicNs(3 * SECOND), UNSET).at == T0 + 2000


def test_a_large_step_back_stands_still_and_is_untrusted_until_caught_up_with() -> None:
    clock = set_clock()
    clock.at(MonotonicNs(0), UNSET)
    for number in range(1, AGREEING + 1):
        clock.learn(fix_at(T0 - 60_000 + 1000 * number, SECOND * number))
    told = clock.at(MonotonicNs(AGREEING * SECOND), UNSET)
    assert (told.at, told.source) == (T0, ClockSource.UNTRUSTED)
    told = clock.at(MonotonicNs(61 * SECOND), UNSET)
    assert (told.at, told.source) == (T0 + 1000, ClockSource.GPS)


def test_an_untrusted_time_years_ahead_does_not_hold_the_trusted_one() -> None:
    clock = TrustedClock()
    ahead = SystemTime(at=UnixMs(T0 + 10**12), is_synchronised=False)
    assert clock.at(MonotonicNs(0), ahead).source is ClockSource.UNTRUSTED
    for number in range(AGREEING):
        clock.learn(fix_at(T0 + 1000 * number, SECOND * number))
    told = clock.at(MonotonicNs(2 * SECOND), ahead)
    assert (told.at, told.source) == (T0 + 2000, ClockSource.GPS)


@pytest.mark.parametrize(
    ("late_ns", "system", "source"),
    [
        (0, UNSET, ClockSource.GPS),
        (1, UNSET, ClockSource.UNTRUSTED),
        (1, SYNCED, ClockSource.NTP),
    ],
)
def test_the_last_fix_is_counted_on_for_so_long_and_no_longer(
    late_ns: int, system: SystemTime, source: ClockSource
) -> None:
    told = set_clock().at(MonotonicNs(HOLD_S * SECOND + late_ns), system)
    assert told.source is source
    if system is UNSET:
        assert told.at == T0 + HOLD_S * 1000


STEP = st.tuples(
    st.integers(0, 5 * SECOND),
    st.integers(-5_000, 5_000),
    st.booleans(),
    st.integers(-5_000, 5_000),
    st.booleans(),
)


@given(st.lists(STEP, max_size=40))
def test_a_trusted_time_never_runs_backwards(steps: list[tuple[int, int, bool, int, bool]]) -> None:
    clock, now, last = TrustedClock(), 0, 0
    for passed, stray, has_fix, system_stray, is_synchronised in steps:
        now += passed
        if has_fix:
            clock.learn(fix_at(T0 + now // 1_000_000 + stray, now))
        system = SystemTime(at=UnixMs(T0 + now // 1_000_000 + system_stray), is_synchronised=is_synchronised)
        told = clock.at(MonotonicNs(now), system)
        if told.source is not ClockSource.UNTRUSTED:
            assert told.at >= last
            last = told.at


def test_the_kernel_says_what_time_it_is_and_whether_it_is_synchronised() -> None:
    first, second = system_clock.read(), system_clock.read()
    assert 1_700_000_000_000 < first.at <= second.at + 60_000
    assert isinstance(first.is_synchronised, bool)


class RefusedKernel:
    """The C library under the unit's ``ProtectClock=``: adjtimex gives -1 (EPERM)."""

    @staticmethod
    def adjtimex(_state: object) -> int:
        return -1


@pytest.mark.parametrize(
    ("age_s", "is_synchronised"),
    [
        (0, True),
        (system_clock.MARKER_HOLD_S - 60, True),
        (system_clock.MARKER_HOLD_S + 60, False),
        (-3600, False),
    ],
)
def test_where_the_kernel_may_not_be_asked_timesyncds_mark_counts_for_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age_s: int, *, is_synchronised: bool
) -> None:
    monkeypatch.setattr(system_clock, "_libc", RefusedKernel)
    marker = tmp_path / "synchronized"
    assert not system_clock.read(marker).is_synchronised
    marker.touch()
    made = time.time() - age_s
    os.utime(marker, (made, made))
    assert system_clock.read(marker).is_synchronised is is_synchronised
