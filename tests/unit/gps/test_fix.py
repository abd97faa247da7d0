from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.gps.fix import EARLIEST_MS, LATEST_MS, accept, newest, time_of
from alprd.records import Fix, MonotonicNs, UnixMs

NOW = MonotonicNs(5_000_000_000)
# As gpsd 3.22 reports a 3D fix.
GOOD: dict[str, object] = {
    "class": "TPV",
    "device": "/dev/pts/3",
    "mode": 3,
    "time": "2026-11-22T15:23:42.270Z",
    "lat": 51.5007,
    "lon": -0.12431,
    "track": 90.0,
    "speed": 12.861,
    "eph": 19.0,
}


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in GOOD.items() if name not in names}


def test_a_report_of_a_fix_becomes_one() -> None:
    assert accept(GOOD, NOW) == Fix(
        latitude_deg=51.5007,
        longitude_deg=-0.12431,
        dimensions=3,
        fixed_at=UnixMs(round(dt.datetime(2026, 11, 22, 15, 23, 42, 270_000, dt.UTC).timestamp() * 1000)),
        received_at=NOW,
        error_m=19.0,
        speed_mps=12.861,
        track_deg=90.0,
    )


def test_a_flat_fix_is_a_fix_in_two_dimensions() -> None:
    fix = accept(GOOD | {"mode": 2}, NOW)
    assert fix is not None
    assert fix.dimensions == 2


@pytest.mark.parametrize("mode", [None, 0, 1, 4, -1, "3", True, 2.5, [3], math.nan])
def test_a_report_without_a_fix_mode_is_no_fix(mode: object) -> None:
    assert accept(GOOD | {"mode": mode}, NOW) is None


@pytest.mark.parametrize("missing", ["mode", "time", "lat", "lon"])
def test_a_report_that_claims_a_fix_but_lacks_a_part_of_it_is_no_fix(missing: str) -> None:
    assert accept(without(missing), NOW) is None


@pytest.mark.parametrize(
    "place",
    [
        {"lat": 0.0, "lon": 0.0},
        {"lat": 0, "lon": -0.0},
        {"lat": 90.001},
        {"lat": -90.001},
        {"lon": 180.001},
        {"lon": -180.001},
        {"lat": math.nan},
        {"lon": math.inf},
        {"lat": "51.5"},
        {"lat": None},
        {"lat": True},
        {"lat": 10**400},
    ],
)
def test_a_place_that_cannot_be_is_no_fix(place: dict[str, object]) -> None:
    assert accept(GOOD | place, NOW) is None


@pytest.mark.parametrize(
    "place", [{"lat": 0.0}, {"lon": 0.0}, {"lat": 90.0}, {"lat": -90}, {"lon": 180}, {"lon": -180.0}]
)
def test_a_place_on_the_border_or_on_one_zero_line_is_a_place(place: dict[str, object]) -> None:
    assert accept(GOOD | place, NOW) is not None


@pytest.mark.parametrize(
    "time",
    [
        "3236-11-22T15:23:42.000Z",
        "2007-04-08T15:23:42.000Z",
        "2019-12-31T23:59:59.999Z",
        "2080-01-01T00:00:00.000Z",
        "2095-11-22T15:24:37.000Z",
        "1970-01-01T00:00:00.000Z",
        "2026-11-22T15:23:42.270",
        "2026-11-22T15:23:42+02:00",
        "2026-13-22T15:23:42Z",
        "2026-11-22T15:23:60Z",
        "2026-11-22T15:23:42.27000000000000000000000Z",
        "yesterdayZ",
        "",
        "Z",
        1795361206,
        None,
    ],
)
def test_a_time_that_is_absent_or_of_another_age_is_no_fix(time: object) -> None:
    assert time_of(GOOD | {"time": time}) is None
    assert accept(GOOD | {"time": time}, NOW) is None


@pytest.mark.parametrize(
    ("time", "at"),
    [("2020-01-01T00:00:00.000Z", EARLIEST_MS), ("2079-12-31T23:59:59.999Z", LATEST_MS - 1)],
)
def test_the_first_and_the_last_time_are_accepted(time: str, at: int) -> None:
    assert time_of(GOOD | {"time": time}) == at


@pytest.mark.parametrize(
    ("field", "attribute"), [("eph", "error_m"), ("speed", "speed_mps"), ("track", "track_deg")]
)
@pytest.mark.parametrize("value", [None, -0.1, 1e9, math.nan, "3", True, []])
def test_a_quality_that_is_absent_or_impossible_is_unknown_and_the_fix_stands(
    field: str, attribute: str, value: object
) -> None:
    fix = accept(GOOD | {field: value}, NOW)
    assert fix is not None
    assert getattr(fix, attribute) is None


def test_of_several_receivers_the_latest_fix_is_taken_wherever_it_stands() -> None:
    old = GOOD | {"time": "2026-11-22T15:23:40.000Z"}
    void = {"class": "TPV", "mode": 1, "time": "2026-11-22T15:23:59.000Z"}
    for reports in ([old, GOOD, void], [void, GOOD, old], [GOOD, void]):
        assert newest(reports, NOW) == accept(GOOD, NOW)
    assert newest([void], NOW) is None
    assert newest([], NOW) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, JSON)), st.sets(st.sampled_from(sorted(GOOD))))
def test_whatever_is_reported_there_is_a_valid_fix_or_none(report: dict[str, object], kept: set[str]) -> None:
    fix = accept(report | {name: GOOD[name] for name in kept}, NOW)
    if fix is not None:
        assert (fix.latitude_deg, fix.longitude_deg) != (0, 0)
        assert EARLIEST_MS <= fix.fixed_at < LATEST_MS
        assert fix.dimensions in (2, 3)
