"""What the desk says of a hit: its doubts, the list's age, and the listed vehicle once the frame is wiped."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from alprd.alerts.details import Detail, VehicleMessage
from alprd.errors import StorageError
from alprd.hotlist.details import Details, Vehicle
from alprd.hotlist.match import Matcher
from alprd.records import Doubt
from tests.sim.given_reads import GivenUnit
from tests.sim.lists import index_of
from tests.sim.reads import drawn
from tests.unit.hotlist.opening import Bytes, open_list
from tests.vectors.hotlist.made import FULL, GOOD_ROW, Made

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alprd.hotlist.index import HotlistIndex

PLATE = "ABCD123"
READS = [drawn(PLATE, place="CA-ON")] * 3


def listed(vehicle: Vehicle | None = FULL.vehicle) -> HotlistIndex:
    return open_list(Made(details={0: Details(vehicle=vehicle)}).data())


def test_a_known_place_and_a_fresh_list_leave_no_doubt() -> None:
    unit = GivenUnit(index_of(PLATE))
    unit.see(READS)
    (alert,) = unit.office.alerts
    assert alert.hit.doubts is Doubt.NONE
    assert alert.hit.is_stop_grade
    assert alert.list_age_s == 60


def test_an_unknown_place_and_a_stale_list_are_both_said() -> None:
    unit = GivenUnit(index_of(PLATE))
    unit.office.list_age_s, unit.office.list_is_stale = 90_000, True
    unit.see([drawn(PLATE)] * 3)
    (alert,) = unit.office.alerts
    assert alert.hit.doubts == Doubt.PLACE_UNKNOWN | Doubt.LIST_STALE
    assert not alert.hit.is_stop_grade
    assert alert.list_age_s == 90_000


def test_the_vehicle_is_told_after_the_alert_and_once() -> None:
    unit = GivenUnit(listed())
    unit.see(READS)
    assert len(unit.office.alerts) == 1
    assert unit.office.vehicles == [], "the frame's cycle reads no disk"
    unit.desk.describe()
    unit.desk.describe()
    assert unit.office.vehicles == [
        VehicleMessage(
            alert_id=unit.office.alerts[0].alert_id,
            detail=Detail.LISTED,
            year=2019,
            make="Example",
            model="One",
            colour="silver",
            vehicle_class="car",
        )
    ]


def test_a_list_that_says_nothing_of_the_vehicle_is_told_so() -> None:
    unit = GivenUnit(open_list(Made(rows=(GOOD_ROW,)).data()))
    unit.see(READS)
    unit.desk.describe()
    assert [message.detail for message in unit.office.vehicles] == [Detail.NOT_LISTED]


def test_details_that_the_disk_refuses_leave_the_alert_without_them(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    unit = GivenUnit(listed())
    unit.see(READS)

    def refuse(_self: Bytes, _offset: int, _out: NDArray[np.uint8]) -> None:
        raise StorageError("current.hotlist cannot be read: Input/output error")

    monkeypatch.setattr(Bytes, "read_at", refuse)
    with caplog.at_level(logging.ERROR):
        unit.desk.describe()
    assert [message.detail for message in unit.office.vehicles] == [Detail.UNREADABLE]
    assert "Input/output error" in caplog.text
    assert PLATE not in caplog.text
    assert unit.desk.pending == 1


def test_details_that_are_not_for_this_plate_leave_the_alert_without_them() -> None:
    index = listed()
    sealed = index.details
    assert sealed is not None
    data = bytearray(sealed.source._data)  # type: ignore[attr-defined]  # the bytes in memory
    data[sealed.start + 10] ^= 1
    sealed.source._data = bytes(data)  # type: ignore[attr-defined]  # the same
    unit = GivenUnit(index)
    unit.see(READS)
    unit.desk.describe()
    assert [message.detail for message in unit.office.vehicles] == [Detail.UNREADABLE]


@pytest.mark.parametrize("sequence", [None, 8])
def test_after_another_list_or_none_the_vehicle_is_not_looked_for(sequence: int | None) -> None:
    unit = GivenUnit(listed())
    unit.see(READS)
    other = None if sequence is None else Matcher(open_list(Made(sequence=sequence).data()), now_s=0)
    unit.desk.use(other)
    unit.desk.describe()
    assert [message.detail for message in unit.office.vehicles] == [Detail.UNREADABLE]


def test_a_hit_that_ended_meanwhile_is_not_described() -> None:
    unit = GivenUnit(listed())
    unit.see(READS)
    unit.desk.wipe()
    unit.desk.describe()
    assert unit.office.vehicles == []


def test_a_text_longer_than_the_line_takes_is_cut() -> None:
    unit = GivenUnit(listed(Vehicle(descriptors="x" * 255, make="y" * 19)))
    unit.see(READS)
    unit.desk.describe()
    (message,) = unit.office.vehicles
    assert (len(message.descriptors.encode()), message.make) == (130, "y" * 15 + "\u2026")
