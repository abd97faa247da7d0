"""What the desk says of a hit: its doubts, the list's age, and the listed vehicle once the frame is wiped."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING

import pytest

from alprd.alerts.details import Detail, PersonMessage, VehicleMessage
from alprd.alerts.messages import Outcome
from alprd.alerts.requests import Action, LiveCheck, Notice, ReportMessage
from alprd.desk import STORE_AGAIN_NS
from alprd.errors import StorageError
from alprd.evidence.body import decode_body
from alprd.hotlist.categories import Category
from alprd.hotlist.details import Details, Vehicle
from alprd.hotlist.index import HotlistIndex
from alprd.hotlist.match import Match, Matcher
from alprd.plates.normal import pack
from alprd.records import Answer, Doubt, MonotonicNs, Verdict
from tests.sim.given_reads import GivenUnit
from tests.sim.lists import index_of
from tests.sim.reads import code_of, drawn
from tests.unit.hotlist.opening import Bytes, open_list
from tests.vectors.hotlist.made import CANARY_ROW, FULL, GOOD_ROW, ONTARIO, PASSENGER, SUSPENDED_DRIVER, Made

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tests.vectors.hotlist.made import Row

PLATE = "ABCD123"
SUSPENDED_ROW: Row = (pack(PLATE), 0, ONTARIO, PASSENGER, SUSPENDED_DRIVER, 2, 0)
READS = [drawn(PLATE, 1.0, score=1.0, place="CA-ON")] * 3


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
    unit.see([drawn(PLATE, 1.0, score=1.0)] * 3)
    (alert,) = unit.office.alerts
    assert alert.hit.doubts == Doubt.PLACE_UNKNOWN | Doubt.LIST_STALE
    assert not alert.hit.is_stop_grade
    assert alert.list_age_s == 90_000


def test_a_canary_makes_a_self_test_record_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    unit = GivenUnit(open_list(Made(rows=(CANARY_ROW,)).data()))
    with caplog.at_level(logging.DEBUG):
        unit.see([drawn("4H7K9P3", 1.0, score=1.0, place="CA-ON")] * 6)
    assert unit.tally.self_tests == 1
    assert unit.tally.hits == unit.tally.missed == 0
    assert (unit.office.alerts, unit.office.records, unit.desk.pending) == ([], [], 0)
    assert caplog.messages == ["self-test: a canary of list 7 was read"]


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


def confirmed(index: HotlistIndex, verdict: Verdict = Verdict.CONFIRMED) -> GivenUnit:
    """A unit whose hit on ``index`` got ``verdict``."""
    unit = GivenUnit(index)
    unit.see(READS)
    (alert,) = unit.office.alerts
    assert unit.office.persons == [], "before the verdict nobody is named"
    unit.desk.answer(Answer(alert_id=alert.alert_id, verdict=verdict, badge="4711"), alert.hit.captured_at)
    return unit


def suspended(details: Details = FULL, row: Row = SUSPENDED_ROW) -> HotlistIndex:
    return open_list(Made(rows=(row,), details={0: details}).data())


def test_the_owner_of_a_suspended_driver_s_plate_is_sent_after_confirmed() -> None:
    unit = confirmed(suspended())
    assert len(unit.office.records) == 1
    assert unit.office.persons == [
        PersonMessage(
            alert_id=unit.office.alerts[0].alert_id,
            detail=Detail.LISTED,
            seconds=60,
            plate=PLATE,
            category=Category.SUSPENDED_DRIVER,
            name="\u00c9milie Exemple",
            corrective_lens=True,
        )
    ]


@pytest.mark.parametrize(
    "verdict", [Verdict.MISREAD, Verdict.WRONG_JURISDICTION, Verdict.UNANSWERED], ids=lambda v: v.name
)
def test_any_other_verdict_opens_no_owner(verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    monkeypatch.setattr(HotlistIndex, "person", lambda _self, row, _plate: opened.append(row))
    assert confirmed(suspended(), verdict).office.persons == []
    assert opened == []
    confirmed(suspended())
    assert opened == [0], "and so the watch can see"


def test_an_owner_of_another_category_is_never_opened() -> None:
    assert confirmed(suspended(row=GOOD_ROW)).office.persons == []


def test_a_suspended_driver_who_is_not_named_is_not_sent() -> None:
    assert confirmed(suspended(Details(vehicle=FULL.vehicle))).office.persons == []


def test_an_owner_that_cannot_be_opened_is_said_and_the_record_is_kept(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_self: Bytes, _offset: int, _out: NDArray[np.uint8]) -> None:
        raise StorageError("current.hotlist cannot be read: Input/output error")

    index = suspended()
    monkeypatch.setattr(Bytes, "read_at", refuse)
    unit = confirmed(index)
    assert [(p.detail, p.name, p.corrective_lens) for p in unit.office.persons] == [
        (Detail.UNREADABLE, "", None)
    ]
    assert len(unit.office.records) == 1
    assert PLATE not in caplog.text


def test_an_owner_is_shown_though_the_record_cannot_be_stored_yet_and_once() -> None:
    unit = GivenUnit(suspended())
    unit.see(READS)
    (alert,) = unit.office.alerts
    unit.office.is_full = True
    now = alert.hit.captured_at
    unit.desk.answer(Answer(alert_id=alert.alert_id, verdict=Verdict.CONFIRMED, badge="4711"), now)
    unit.office.is_full = False
    unit.desk.expire(MonotonicNs(now + STORE_AGAIN_NS))
    assert len(unit.office.records) == 1
    assert len(unit.office.persons) == 1


def test_a_hit_that_a_new_list_does_not_hold_is_withdrawn_and_another_stays() -> None:
    unit = GivenUnit(index_of(PLATE))
    unit.see(READS)
    (alert,) = unit.office.alerts
    unit.desk.use(Matcher(index_of(PLATE), now_s=0))
    assert unit.desk.pending == 1
    unit.desk.use(None)
    assert unit.desk.pending == 1, "no list says nothing of an entry"
    unit.desk.use(Matcher(index_of("ZZZZ999"), now_s=0))
    assert unit.desk.pending == 0
    assert unit.office.outcomes == [(alert.alert_id, Outcome.WITHDRAWN)]
    assert unit.tally.withdrawn == 1


def test_what_more_frames_make_of_a_hit_is_told_while_it_waits() -> None:
    unit = GivenUnit(index_of(PLATE))
    unit.office.list_is_stale = True
    unit.see(READS)
    (alert,) = unit.office.alerts
    match = Match(
        entry_number=alert.hit.entry_number, plate=PLATE, differs_at=(), chance=0.7, doubts=Doubt.LOOKALIKE
    )
    for _ in range(2):
        unit.desk.sighted(match, MonotonicNs(5))
    stale = Doubt.LOOKALIKE | Doubt.LIST_STALE
    assert unit.office.updates == [(alert.alert_id, 0.7, stale)], "once, and what the desk knows stays"
    unit.desk.answer(Answer(alert_id=alert.alert_id, verdict=Verdict.CONFIRMED, badge="4711"), MonotonicNs(6))
    assert decode_body(unit.office.records[0]).doubts == stale, "the record says what the officer saw"


def test_a_report_counts_once_and_only_for_what_was_confirmed() -> None:
    unit = GivenUnit(index_of(PLATE))
    unit.see(READS)
    (alert,) = unit.office.alerts
    report = ReportMessage(
        alert_id=alert.alert_id, live_check=LiveCheck.AGREES, action=Action.TICKET, notice=Notice.GIVEN
    )
    assert not unit.reports.report(report)
    unit.desk.answer(Answer(alert_id=alert.alert_id, verdict=Verdict.CONFIRMED, badge="4711"), MonotonicNs(6))
    assert unit.reports.report(report)
    assert not unit.reports.report(report)
    assert unit.tally.reports == {"LiveCheck.AGREES": 1, "Action.TICKET": 1, "Notice.GIVEN": 1}


def test_a_misread_counts_what_was_taken_for_what_and_keeps_no_plate() -> None:
    unit = GivenUnit(index_of(PLATE))
    unit.see(READS)
    (alert,) = unit.office.alerts
    assert alert.hit.confused == (), "a read that is sure"
    pending = unit.desk._pending.find(alert.alert_id)
    assert pending is not None
    pairs = ((code_of("B"), code_of("8")), (code_of("1"), code_of("I")))
    pending.hit = dataclasses.replace(pending.hit, confused=pairs)
    unit.desk.answer(Answer(alert_id=alert.alert_id, verdict=Verdict.MISREAD, badge="4711"), MonotonicNs(6))
    assert unit.tally.misread_pairs == {"B/8": 1, "1/I": 1}
    assert PLATE not in str(unit.tally.as_fields())


def test_another_answer_counts_no_pair() -> None:
    unit = GivenUnit(index_of(PLATE))
    unit.see(READS)
    (alert,) = unit.office.alerts
    pending = unit.desk._pending.find(alert.alert_id)
    assert pending is not None
    pending.hit = dataclasses.replace(pending.hit, confused=((code_of("B"), code_of("8")),))
    unit.desk.answer(
        Answer(alert_id=alert.alert_id, verdict=Verdict.WRONG_JURISDICTION, badge="4711"), MonotonicNs(6)
    )
    assert unit.tally.misread_pairs == {}
