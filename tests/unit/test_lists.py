from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from alprd.cli import alpr_office, alprctl
from alprd.errors import CustodianError, HotlistFormatError, HotlistFutureError
from alprd.hotlist.disk import LIST_FILE, TIME_FILE, HotlistStore
from alprd.keys import load_unit_keys
from alprd.lists import NOTE_TIME_S, ListKeeper
from alprd.records import ClockSource, Instant, MonotonicNs, UnixMs
from tests.sim.lists import row_of
from tests.sim.vault_office import VaultOffice

if TYPE_CHECKING:
    from pathlib import Path

NOW = MonotonicNs(0)
DAY_S = 86_400


@dataclass
class Clock:
    """The time of day of the test."""

    at_s: int
    source: ClockSource = ClockSource.GPS

    def instant(self, now: MonotonicNs) -> Instant:
        return Instant(at=UnixMs(self.at_s * 1000 + now // 1_000_000), source=self.source)


@dataclass
class Unit:
    office: VaultOffice
    state: Path
    clock: Clock

    def store(self) -> HotlistStore:
        keys = load_unit_keys(self.state / "keys")
        return HotlistStore(self.state / "hotlist", root=keys.root, unit=keys.unsealing)

    def keeper(self) -> ListKeeper:
        return ListKeeper(self.store(), self.clock)

    def release(self, plate: str, days: int = 1) -> None:
        blob = self.state / "new.hotlist"
        self.office.import_list(f"plate,jurisdiction,category\n{plate},CA-ON,stolen-plate\n")
        self.office.build(blob, days=days)
        assert alprctl.main(["hotlist", "install", str(blob), "--state", str(self.state)]) == 0


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    office, state = tmp_path / "office", tmp_path / "state"
    state.mkdir()
    desk = VaultOffice(tmp_path)
    give = ["provision", "--unit", "car-1", "--state", str(state), "--office", str(office / "office.root")]
    assert alprctl.main([*give, "--out", str(tmp_path / "unit.pub")]) == 0
    assert alpr_office.main(["unit", "enrol", str(office), str(tmp_path / "unit.pub")]) == 0
    return Unit(desk, state, Clock(int(time.time())))


def finds(keeper: ListKeeper, plate: str) -> bool:
    return keeper.matcher is not None and row_of(keeper.matcher, plate) is not None


def test_without_a_list_nothing_is_matched_and_there_is_no_age(unit: Unit) -> None:
    keeper = unit.keeper()
    keeper.load_first(NOW)
    assert (keeper.matcher, keeper.sequence, keeper.age_s(NOW), keeper.is_expired) == (
        None,
        None,
        None,
        False,
    )


def test_a_list_goes_out_of_force_at_its_signed_expiry(unit: Unit) -> None:
    unit.release("ABCD123", days=1)
    keeper = unit.keeper()
    keeper.load_first(NOW)
    assert finds(keeper, "ABCD123")
    unit.clock.at_s += DAY_S - 60
    assert not keeper.check_time(NOW)
    assert finds(keeper, "ABCD123")
    unit.clock.at_s += 120
    assert keeper.check_time(NOW)
    assert keeper.is_expired
    assert keeper.matcher is None
    assert not keeper.check_time(NOW), "it goes out of force once"


def test_a_list_that_has_expired_at_start_is_said_and_not_used(unit: Unit) -> None:
    unit.release("ABCD123", days=1)
    unit.clock.at_s += 2 * DAY_S
    keeper = unit.keeper()
    keeper.load_first(NOW)
    assert keeper.is_expired
    assert keeper.matcher is None


def test_a_bad_file_leaves_the_list_in_force(unit: Unit) -> None:
    unit.release("ABCD123")
    keeper = unit.keeper()
    keeper.load_first(NOW)
    installed = unit.state / "hotlist" / LIST_FILE
    installed.write_bytes(installed.read_bytes()[:100])
    with pytest.raises(CustodianError):
        keeper.reload(NOW)
    assert finds(keeper, "ABCD123")
    assert keeper.sequence == 1
    with pytest.raises(HotlistFormatError):
        unit.keeper().load_first(NOW)


def test_a_new_list_replaces_the_old_one_and_wipes_it(unit: Unit) -> None:
    unit.release("ABCD123")
    keeper = unit.keeper()
    keeper.load_first(NOW)
    assert keeper.matcher is not None
    old = keeper.matcher.index
    unit.release("BBBB222")
    keeper.reload(NOW)
    assert finds(keeper, "BBBB222")
    assert not finds(keeper, "ABCD123")
    assert not old.body.data.any()
    assert keeper.sequence == 2


def test_a_unit_that_starts_in_the_past_takes_its_list_once_it_knows_the_time(unit: Unit) -> None:
    unit.release("ABCD123")
    truth_s, unit.clock.at_s = unit.clock.at_s, 0
    unit.clock.source = ClockSource.UNTRUSTED
    keeper = unit.keeper()
    keeper.load_first(NOW)
    assert keeper.matcher is None
    assert not keeper.check_time(NOW)
    unit.clock.at_s, unit.clock.source = truth_s, ClockSource.GPS
    assert keeper.check_time(NOW)
    assert finds(keeper, "ABCD123")


def test_a_list_is_stale_over_its_age_limit_and_still_matches(unit: Unit) -> None:
    unit.release("ABCD123", days=3)
    keeper = unit.keeper()
    assert not keeper.is_stale(NOW)
    keeper.load_first(NOW)
    unit.clock.at_s += DAY_S - 60
    assert not keeper.is_stale(NOW)
    unit.clock.at_s += 3700
    assert keeper.is_stale(NOW)
    assert finds(keeper, "ABCD123")


def test_a_list_that_expires_is_zeroed_at_once(unit: Unit) -> None:
    unit.release("ABCD123", days=1)
    keeper = unit.keeper()
    keeper.load_first(NOW)
    assert keeper.matcher is not None
    index = keeper.matcher.index
    unit.clock.at_s += DAY_S + 60
    assert keeper.check_time(NOW)
    assert not index.body.data.any()


def test_a_clock_that_is_turned_back_makes_no_list_young_again(unit: Unit) -> None:
    unit.release("ABCD123", days=1)
    keeper = unit.keeper()
    keeper.load_first(NOW)
    unit.clock.at_s += DAY_S + 60
    assert keeper.check_time(NOW)
    assert keeper.is_expired
    unit.clock.at_s -= DAY_S
    again = unit.keeper()
    again.load_first(NOW)
    assert again.is_expired
    assert again.matcher is None


def test_a_clock_that_nothing_vouches_for_moves_no_floor(unit: Unit) -> None:
    unit.release("ABCD123", days=1)
    unit.clock.source = ClockSource.UNTRUSTED
    keeper = unit.keeper()
    keeper.load_first(NOW)
    before = unit.store().time_floor()
    unit.clock.at_s += DAY_S // 2
    keeper.check_time(NOW)
    assert unit.store().time_floor() == before


def test_the_time_is_kept_in_steps(unit: Unit) -> None:
    unit.release("ABCD123", days=1)
    keeper = unit.keeper()
    keeper.load_first(NOW)
    unit.clock.at_s += NOTE_TIME_S + 60
    keeper.check_time(NOW)
    kept = unit.store().time_floor()
    assert kept == unit.clock.at_s
    unit.clock.at_s += NOTE_TIME_S - 1
    keeper.check_time(NOW)
    assert unit.store().time_floor() == kept


def test_a_list_from_the_future_of_a_trusted_clock_is_refused(unit: Unit) -> None:
    unit.release("ABCD123")
    (unit.state / "hotlist" / TIME_FILE).unlink()  # as if this unit had never known that time
    unit.clock.at_s -= DAY_S
    with pytest.raises(HotlistFutureError):
        unit.keeper().load_first(NOW)
