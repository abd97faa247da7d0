"""What the daemon relies on, asked of the real gpsd with a receiver on a pty, and of the simulation."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from alprd.gps.receiver import MAX_AGE_S, GpsReceiver
from alprd.gps.simulated import SimulatedReceiver
from alprd.records import Fix, GpsState, MonotonicNs
from tests.sim import gps_receiver as sim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alprd.surroundings import Receiver

PLACE = (51.5007, -0.1246)
SECOND = 1_000_000_000


def now() -> MonotonicNs:
    return MonotonicNs(time.monotonic_ns())


def wait_for(is_so: Callable[[], object], what: str, limit_s: float = 15.0) -> None:
    """Wait until ``is_so``."""
    began = time.monotonic()
    while time.monotonic() - began < limit_s:
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError(f"{what} did not come within {limit_s:g} s")


@pytest.fixture
def receiver() -> Iterator[Any]:
    with sim.PtyReceiver(*PLACE) as running:
        yield running


@pytest.fixture
def gpsd(receiver: Any) -> Iterator[Any]:
    with sim.Gpsd(receiver.device) as running:
        yield running


@contextlib.contextmanager
def following(port: int, max_age_s: float = MAX_AGE_S) -> Iterator[GpsReceiver]:
    client = GpsReceiver("127.0.0.1", port, max_age_s)
    client.start()
    try:
        yield client
    finally:
        client.stop()
        assert not client.is_alive()


@pytest.fixture(params=["gpsd", "simulated"])
def source(request: pytest.FixtureRequest) -> Receiver:
    if request.param == "gpsd":
        return GpsReceiver("127.0.0.1", request.getfixturevalue("gpsd").port)
    return SimulatedReceiver([PLACE, (PLACE[0], PLACE[1] + 0.001)])


def test_before_the_start_there_is_no_location_and_nobody_to_ask(source: Receiver) -> None:
    assert source.fix(now()) is None
    assert source.state(now()) is GpsState.UNREACHABLE
    source.stop()


def test_a_fix_has_its_place_its_times_and_its_quality_and_ages_out(source: Receiver) -> None:
    source.start()
    wait_for(lambda: source.fix(now()), "a fix")
    fix = source.fix(now())
    assert fix is not None
    assert fix.latitude_deg == pytest.approx(PLACE[0], abs=1e-4)
    assert fix.longitude_deg == pytest.approx(PLACE[1], abs=0.01)
    assert fix.dimensions == 3
    assert fix.received_at <= now()
    assert abs(fix.fixed_at - time.time_ns() // 1_000_000) < 60_000
    assert fix.error_m is not None
    assert source.state(now()) is GpsState.FIX
    source.stop()
    later = MonotonicNs(now() + 60 * SECOND)
    assert source.fix(later) is None
    assert source.state(later) is GpsState.UNREACHABLE


def test_a_receiver_lives_from_start_to_stop(source: Receiver) -> None:
    assert not source.is_alive()
    source.start()
    assert source.is_alive()
    source.stop()
    assert not source.is_alive()


def test_the_state_says_fix_exactly_where_there_is_one(source: Receiver) -> None:
    source.start()
    wait_for(lambda: source.fix(now()), "a fix")
    for seconds in (0, 1, 2, 3, 4, 10):
        at = MonotonicNs(now() + seconds * SECOND)
        assert (source.state(at) is GpsState.FIX) == (source.fix(at) is not None)
    source.stop()


def test_fixes_follow_each_other_with_later_times(source: Receiver) -> None:
    source.start()
    seen: dict[int, Fix] = {}

    def collect() -> bool:
        fix = source.fix(now())
        if fix is not None:
            seen[fix.fixed_at] = fix
        return len(seen) >= 3

    wait_for(collect, "three fixes")
    source.stop()
    fixes = list(seen.values())
    assert [fix.fixed_at for fix in fixes] == sorted(seen)
    assert [fix.received_at for fix in fixes] == sorted({fix.received_at for fix in fixes})


def test_a_void_report_takes_the_location_away_at_once_and_it_comes_back(receiver: Any, gpsd: Any) -> None:
    with following(gpsd.port, 600.0) as client:
        wait_for(lambda: client.fix(now()), "a fix")
        receiver.has_fix = False
        wait_for(lambda: client.fix(now()) is None, "the loss")
        assert client.state(now()) is GpsState.NO_FIX
        receiver.has_fix = True
        wait_for(lambda: client.fix(now()), "the fix again")


def test_a_receiver_that_falls_silent_loses_its_location_though_gpsd_repeats_it(
    receiver: Any, gpsd: Any
) -> None:
    with following(gpsd.port, 1.0) as client:
        wait_for(lambda: client.fix(now()), "a fix")
        receiver.is_silent = True
        wait_for(lambda: client.fix(now()) is None, "the loss")
        assert client.state(now()) is GpsState.NO_FIX
        with following(gpsd.port, 600.0) as newcomer:
            wait_for(lambda: newcomer.state(now()) is not GpsState.UNREACHABLE, "an answer")
            time.sleep(0.5)
            assert newcomer.state(now()) is GpsState.NO_FIX
            receiver.is_silent = False
            wait_for(lambda: newcomer.fix(now()), "the newcomer's fix")
        wait_for(lambda: client.fix(now()), "the fix again")


def test_a_gpsd_that_hangs_is_unreachable_and_comes_back(gpsd: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), following(gpsd.port) as client:
        wait_for(lambda: client.fix(now()), "a fix")
        gpsd.hang()
        wait_for(lambda: client.state(now()) is GpsState.UNREACHABLE, "the loss")
        assert client.fix(now()) is None
        gpsd.resume()
        wait_for(lambda: client.fix(now()), "the fix again")
    said = [record.getMessage() for record in caplog.records]
    turns = [
        "lost" if "trying again" in s else "found"
        for s in said
        if "trying again" in s or "answers again" in s
    ]
    # Once for each change, however often gpsd is asked meanwhile; a slow machine may lose it more than once.
    assert turns
    assert turns == ["lost", "found"] * (len(turns) // 2)


def test_a_gpsd_that_dies_is_unreachable_and_its_successor_is_found(gpsd: Any) -> None:
    with following(gpsd.port, 1.0) as client:
        wait_for(lambda: client.fix(now()), "a fix")
        gpsd.kill()
        wait_for(lambda: client.state(now()) is GpsState.UNREACHABLE, "the loss")
        gpsd.start()
        wait_for(lambda: client.fix(now()), "the fix again")


def test_a_unit_that_starts_without_gpsd_finds_it_later(receiver: Any) -> None:
    gpsd = sim.Gpsd(receiver.device)
    with following(gpsd.port) as client:
        time.sleep(0.3)
        assert client.state(now()) is GpsState.UNREACHABLE
        with gpsd:
            wait_for(lambda: client.fix(now()), "a fix")


@pytest.mark.parametrize("year", ["3236", "2095"])
def test_a_receiver_with_the_wrong_year_has_no_location_and_no_time(
    receiver: Any, gpsd: Any, year: str
) -> None:
    receiver.year = year
    with following(gpsd.port) as client:
        wait_for(lambda: client.state(now()) is GpsState.NO_FIX, "an answer")
        time.sleep(0.6)
        assert client.fix(now()) is None
        assert client.state(now()) is GpsState.NO_FIX


def test_a_fix_without_a_place_is_no_location_and_never_zero(receiver: Any, gpsd: Any) -> None:
    receiver.has_place = False
    with following(gpsd.port) as client:
        wait_for(lambda: client.state(now()) is GpsState.NO_FIX, "an answer")
        time.sleep(0.6)
        assert client.fix(now()) is None


def test_exactly_zero_zero_is_no_location(receiver: Any, gpsd: Any) -> None:
    receiver.latitude = receiver.longitude = 0.0
    receiver.step_deg = 0.0
    with following(gpsd.port) as client:
        wait_for(lambda: client.state(now()) is GpsState.NO_FIX, "an answer")
        time.sleep(0.6)
        assert client.fix(now()) is None


def test_a_week_counter_that_rolled_over_is_never_taken_for_another_decade(receiver: Any, gpsd: Any) -> None:
    """gpsd mends the date or leaves it; what comes through is this year's or nothing."""
    receiver.clock_offset = -dt.timedelta(weeks=1024)
    with following(gpsd.port) as client:
        wait_for(lambda: client.state(now()) is not GpsState.UNREACHABLE, "an answer")
        time.sleep(0.6)
        fix = client.fix(now())
        assert fix is None or abs(fix.fixed_at - time.time_ns() // 1_000_000) < 60_000


def test_a_stopped_receiver_leaves_no_thread_behind(gpsd: Any) -> None:
    before = threading.active_count()
    with following(gpsd.port) as client:
        wait_for(lambda: client.fix(now()), "a fix")
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_a_simulated_drive_has_times_without_a_fix_and_starts_over() -> None:
    drive = SimulatedReceiver([PLACE, None, (1.0, 2.0)], period_s=2.0)
    drive.start()
    began = now()
    expected = [PLACE, None, (1.0, 2.0), PLACE, None]
    for number, place in enumerate(expected):
        fix = drive.fix(MonotonicNs(began + number * 2 * SECOND + SECOND))
        assert (None if fix is None else (fix.latitude_deg, fix.longitude_deg)) == place
    assert drive.state(MonotonicNs(began + 3 * SECOND)) is GpsState.NO_FIX
    drive.stop()


@pytest.mark.parametrize(("places", "period_s"), [([], 1.0), ([PLACE], 0.0)])
def test_an_empty_drive_cannot_be_made(places: list[tuple[float, float]], period_s: float) -> None:
    with pytest.raises(ValueError, match="at least one place"):
        SimulatedReceiver(places, period_s)
