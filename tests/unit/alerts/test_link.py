"""Both ends of the dash link on a simulated line: alerts, pictures, verdicts, outcomes and their order."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from alprd.alerts.dash_events import (
    AlertArrived,
    OutcomeArrived,
    PictureArrived,
    StateArrived,
    VehicleArrived,
)
from alprd.alerts.messages import (
    PICTURE_BYTES,
    AckMessage,
    Outcome,
    PictureMessage,
    VerdictMessage,
)
from alprd.alerts.unit_events import Sent, Shown
from alprd.records import AlertId, Answer, MonotonicNs, Verdict
from tests.sim.dash_pair import (
    PIN,
    Pair,
    alert,
    dash_link,
    decoder_of,
    linked,
    messages_in,
    say,
    unit_link,
)
from tests.vectors.dash_link.details import VEHICLE
from tests.vectors.dash_link.generate import STATE

if TYPE_CHECKING:
    from alprd.alerts.details import VehicleMessage


def test_an_alert_its_picture_a_verdict_and_an_outcome_make_the_round() -> None:
    pair = linked()
    picture = pair.unit.show(alert(1))
    assert picture is not None
    picture[:] = np.arange(PICTURE_BYTES) % 251
    pair.run(1)
    assert [e.alert_id for e in pair.seen(Shown)] == [1]
    assert pair.seen(AlertArrived) == [AlertArrived(alert_id=AlertId(1), is_repeat=False)]
    assert pair.seen(PictureArrived) == [PictureArrived(alert_id=AlertId(1))]
    held = pair.dash.alerts[AlertId(1)]
    assert held.message == alert(1)
    assert bytes(held.picture) == picture.tobytes()
    assert pair.dash.answer(AlertId(1), Verdict.MISREAD)
    pair.run(0.2)
    assert pair.seen(Answer) == [Answer(alert_id=AlertId(1), verdict=Verdict.MISREAD, badge="4711")]
    pair.unit.conclude(AlertId(1), Outcome.WIPED)
    assert not picture.any()
    pair.run(0.2)
    done = OutcomeArrived(alert_id=AlertId(1), outcome=Outcome.WIPED, verdict=Verdict.MISREAD)
    assert pair.seen(OutcomeArrived) == [done]
    assert pair.dash.alerts == {}
    assert not any(held.picture)


def test_an_alerts_text_is_at_the_dash_within_a_tenth_of_a_second() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    start = pair.line.now
    pair.run(0.5)
    (shown,) = pair.seen(Shown)
    assert shown.at - start < 10_000_000  # the line's own clock: 58 bytes out, 8 bytes back


def test_an_alert_is_sent_once_when_the_line_has_taken_it() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    assert pair.unit.take(pair.line.now)
    assert pair.unit.events() == []
    at = MonotonicNs(pair.line.now + 7)
    pair.unit.written(at)
    assert pair.unit.events() == [Sent(alert_id=AlertId(1), at=at)]
    due = pair.unit.deadline()
    assert due is not None
    assert pair.unit.take(due), "it is sent again: no acknowledgement came"
    pair.unit.written(due)
    assert pair.unit.events() == []


def test_what_the_line_did_not_take_before_it_was_lost_was_not_sent() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    assert pair.unit.take(pair.line.now)
    pair.unit.disconnect(pair.line.now)
    pair.unit.written(pair.line.now)
    assert not [event for event in pair.unit.events() if isinstance(event, Sent)]


def test_an_alert_that_ended_while_the_line_took_it_is_not_sent() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    assert pair.unit.take(pair.line.now)
    pair.unit.conclude(AlertId(1), Outcome.WIPED)
    pair.unit.written(pair.line.now)
    assert pair.unit.events() == []


def test_a_new_alert_goes_between_the_parts_of_a_picture() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(0.1)
    assert not pair.seen(PictureArrived)
    pair.unit.show(alert(2, priority=4))
    pair.run(1)
    kinds = [(type(e), e.alert_id) for e in pair.at_dash if isinstance(e, AlertArrived | PictureArrived)]
    assert kinds == [(AlertArrived, 1), (AlertArrived, 2), (PictureArrived, 2), (PictureArrived, 1)]


def test_alerts_go_by_priority_and_then_by_age() -> None:
    pair = Pair()
    for number, priority in ((1, 1), (2, 4), (3, 4), (4, 2)):
        pair.unit.show(alert(number, priority))
    pair.run(0.5)
    assert [e.alert_id for e in pair.seen(AlertArrived)] == [2, 3, 4, 1]


def test_a_full_unit_says_so_and_takes_again_after_a_conclusion() -> None:
    pair = linked(unit=unit_link(slots=2))
    assert pair.unit.show(alert(1)) is not None
    assert pair.unit.show(alert(2)) is not None
    assert pair.unit.show(alert(3)) is None
    pair.unit.conclude(AlertId(1), Outcome.EXPIRED)
    assert pair.unit.show(alert(3)) is not None


def test_a_small_dash_is_never_sent_more_alerts_than_it_can_hold() -> None:
    pair = linked(dash=dash_link(slots=2))
    for number in range(1, 5):
        pair.unit.show(alert(number))
    pair.run(1)
    assert set(pair.dash.alerts) == {1, 2}
    pair.unit.conclude(AlertId(1), Outcome.EXPIRED)
    pair.run(1)
    assert set(pair.dash.alerts) == {2, 3}
    assert pair.dash.strays == 0


def test_a_display_too_small_for_the_picture_gets_the_text_alone() -> None:
    pair = linked(dash=dash_link(width=143))
    pair.unit.show(alert(1))
    pair.run(1)
    assert pair.dash.alerts[AlertId(1)].message.picture_width == 0
    assert not [m for m in messages_in(bytes(pair.line.sent[0]), pair.unit) if isinstance(m, PictureMessage)]
    assert pair.unit.is_idle


def test_a_verdict_without_a_session_is_refused_and_counts_after_logging_in() -> None:
    pair = linked(badge="")
    pair.unit.show(alert(1))
    pair.run(0.5)
    assert pair.dash.alerts == {}, "nobody is logged in: nobody sees it"
    verdict = VerdictMessage(alert_id=AlertId(1), verdict=Verdict.CONFIRMED)
    pair.unit.receive(say(pair.dash, verdict, 200), pair.line.now)  # a dash unit that does not hold back
    pair.run(0.2)
    refused = OutcomeArrived(alert_id=AlertId(1), outcome=Outcome.REFUSED_NO_SESSION, verdict=None)
    assert pair.seen(OutcomeArrived) == [refused]
    assert pair.seen(Answer) == []
    pair.dash.log_in("77", PIN)
    pair.run(0.2)
    assert pair.dash.answer(AlertId(1), Verdict.CONFIRMED)
    pair.run(0.2)
    assert [e.badge for e in pair.seen(Answer)] == ["77"]


def test_a_verdict_on_an_alert_that_waits_no_more_is_answered_expired() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(0.5)
    pair.dash.answer(AlertId(1), Verdict.CONFIRMED)
    pair.unit.conclude(AlertId(1), Outcome.EXPIRED)
    pair.run(0.5)
    assert pair.seen(Answer) == []
    assert [e.outcome for e in pair.seen(OutcomeArrived)] == [Outcome.EXPIRED]


def test_a_verdict_on_an_alert_that_never_was_is_answered_expired() -> None:
    pair = linked()
    stray = VerdictMessage(alert_id=AlertId(999), verdict=Verdict.CONFIRMED)
    pair.unit.receive(say(pair.dash, stray, 200), pair.line.now)
    pair.run(0.2)
    assert [(e.alert_id, e.outcome) for e in pair.seen(OutcomeArrived)] == [(999, Outcome.EXPIRED)]
    assert pair.seen(Answer) == []


def test_only_the_first_verdict_on_an_alert_counts() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(0.5)
    assert pair.dash.answer(AlertId(1), Verdict.MISREAD)
    assert not pair.dash.answer(AlertId(1), Verdict.CONFIRMED)
    pair.dash.alerts[AlertId(1)].verdict = None  # a dash unit that does not hold back
    assert pair.dash.answer(AlertId(1), Verdict.CONFIRMED)
    pair.run(0.5)
    assert [e.verdict for e in pair.seen(Answer)] == [Verdict.MISREAD]


def test_logging_out_ends_the_session() -> None:
    pair = linked()
    pair.dash.log_out()
    pair.run(0.2)
    assert pair.unit.badge is None


def test_an_acknowledgement_of_another_message_counts_for_nothing() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    (sent,) = decoder_of(pair.unit).feed(pair.unit.take(pair.line.now))
    for sequence in range(1, 256):
        if sequence != sent.sequence:
            pair.unit.receive(say(pair.dash, AckMessage(), sequence), pair.line.now)
    assert pair.unit.events() == []
    pair.unit.receive(say(pair.dash, AckMessage(), sent.sequence), pair.line.now)
    assert pair.unit.events() == [Shown(alert_id=AlertId(1), at=pair.line.now)]


def test_a_lost_acknowledgement_shows_the_alert_once() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    first = pair.unit.take(pair.line.now)
    pair.dash.receive(first, pair.line.now)
    pair.dash.take(pair.line.now)  # the acknowledgement, which never arrives
    pair.run(0.5)
    assert len(pair.seen(AlertArrived)) == 1
    assert len(pair.seen(Shown)) == 1


def test_a_message_of_the_own_direction_is_not_acknowledged() -> None:
    pair = linked()
    pair.unit.receive(say(pair.dash, alert(1), 77), pair.line.now)
    assert pair.unit.strays == 1
    assert not [m for m in messages_in(pair.unit.take(pair.line.now), pair.unit) if isinstance(m, AckMessage)]


def test_a_part_of_a_picture_out_of_order_is_not_taken() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(0.01)
    part = PictureMessage(alert_id=AlertId(1), offset=3000, chunk=b"\xff")
    pair.dash.receive(say(pair.unit, part, 200), pair.line.now)
    assert pair.dash.strays == 1
    pair.run(1)
    assert pair.dash.alerts[AlertId(1)].is_drawn


def test_a_change_of_state_is_sent_before_the_next_heartbeat() -> None:
    pair = linked()
    pair.run(0.05)
    calm = dataclasses.replace(STATE, fps=9)
    pair.unit.update_state(STATE, pair.line.now)
    pair.run(1)
    pair.at_dash.clear()
    assert not pair.unit.update_state(calm, pair.line.now)
    lost = dataclasses.replace(STATE, camera_ok=False)
    assert pair.unit.update_state(lost, pair.line.now)
    pair.run(0.25)
    assert StateArrived(state=lost) in pair.at_dash


def vehicle(number: int) -> VehicleMessage:
    return dataclasses.replace(VEHICLE, alert_id=AlertId(number))


def test_a_vehicle_comes_after_its_alert_and_before_the_picture() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.unit.describe(vehicle(1))
    pair.run(1)
    kinds = [type(e) for e in pair.at_dash if not isinstance(e, StateArrived)]
    assert kinds == [AlertArrived, VehicleArrived, PictureArrived]
    assert pair.dash.alerts[AlertId(1)].vehicle == vehicle(1)


def test_an_alert_does_not_wait_for_its_vehicle() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(1)
    assert pair.dash.alerts[AlertId(1)].vehicle is None
    assert pair.dash.alerts[AlertId(1)].is_drawn
    pair.unit.describe(vehicle(1))
    pair.run(0.1)
    assert pair.dash.alerts[AlertId(1)].vehicle == vehicle(1)
    assert pair.unit.is_idle


def test_a_new_alert_goes_before_the_vehicle_of_another() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(0.02)
    pair.unit.describe(vehicle(1))
    pair.unit.show(alert(2))
    pair.run(1)
    kinds = [(type(e), e.alert_id) for e in pair.at_dash if isinstance(e, AlertArrived | VehicleArrived)]
    assert kinds == [(AlertArrived, 1), (AlertArrived, 2), (VehicleArrived, 1)]


def test_after_a_lost_link_the_vehicle_comes_again_with_its_alert() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.unit.describe(vehicle(1))
    pair.run(1)
    pair.restart_dash(dash_link(session=2000))
    pair.run(3)
    assert pair.dash.alerts[AlertId(1)].vehicle == vehicle(1)
    assert len(pair.seen(VehicleArrived)) == 2


def test_the_vehicle_of_an_alert_that_is_over_is_neither_sent_nor_taken() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(1)
    held = pair.dash.alerts[AlertId(1)]
    pair.unit.describe(vehicle(1))
    pair.run(0.1)
    pair.unit.conclude(AlertId(1), Outcome.EXPIRED)
    pair.unit.describe(vehicle(1))
    pair.run(0.2)
    assert held.vehicle is None, "the dash lets go of it"
    pair.dash.receive(say(pair.unit, vehicle(1), 200), pair.line.now)
    assert pair.dash.strays == 1
    assert [
        m for m in messages_in(pair.dash.take(pair.line.now), pair.dash) if isinstance(m, AckMessage)
    ] == []


def test_an_alert_that_ends_while_its_vehicle_is_on_its_way_is_told_so() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(1)
    pair.unit.describe(vehicle(1))
    pair.unit.take(pair.line.now)  # lost on the line
    pair.unit.conclude(AlertId(1), Outcome.EXPIRED)
    pair.run(0.5)
    assert [e.outcome for e in pair.seen(OutcomeArrived)] == [Outcome.EXPIRED]
    assert pair.unit.is_idle
