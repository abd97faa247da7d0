"""Both ends of the dash link on a simulated line: greeting, order, loss and restart."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from alprd.alerts.dash_link import AlertArrived, OutcomeArrived, PictureArrived, StateArrived
from alprd.alerts.link import TRANSITIONS, TRIES, LinkChanged, Phase
from alprd.alerts.messages import (
    PICTURE_BYTES,
    AckMessage,
    AlertMessage,
    HelloMessage,
    Outcome,
    PictureMessage,
    SessionMessage,
    StateMessage,
)
from alprd.alerts.unit_link import ALERT_TRANSITIONS, Shown, UnitLink
from alprd.alerts.wire import encode
from alprd.errors import LinkLostError, LinkSkewError
from alprd.records import AlertId, Answer, LinkState, MonotonicNs, Verdict
from tests.sim.dash_pair import Pair, alert, dash_link, linked, messages_in, unit_link
from tests.vectors.dash_link.generate import STATE, frame


def test_both_ends_come_up_and_the_unit_knows_the_officer() -> None:
    pair = Pair()
    pair.run(0.2)
    assert pair.at_unit == [LinkChanged(state=LinkState.UP)]
    assert LinkChanged(state=LinkState.UP) in pair.at_dash
    assert pair.unit.badge == "4711"
    hello = pair.unit.peer_hello
    assert hello is not None
    assert (hello.build, hello.width, hello.height) == ("dash", 144, 48)


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
    assert shown.at - start < 10_000_000  # the line's own clock: 56 bytes out, 8 bytes back


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
    assert not [m for m in messages_in(bytes(pair.line.sent[0])) if isinstance(m, PictureMessage)]
    assert pair.unit.is_idle


def test_a_verdict_without_a_session_is_refused_and_counts_after_logging_in() -> None:
    pair = linked(dash=dash_link(badge=""))
    pair.unit.show(alert(1))
    pair.run(0.5)
    assert pair.dash.answer(AlertId(1), Verdict.CONFIRMED)
    pair.run(0.2)
    refused = OutcomeArrived(
        alert_id=AlertId(1), outcome=Outcome.REFUSED_NO_SESSION, verdict=Verdict.CONFIRMED
    )
    assert pair.seen(OutcomeArrived) == [refused]
    assert pair.seen(Answer) == []
    pair.dash.log_in("77")
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
    pair.dash.log_in("")
    pair.run(0.2)
    assert pair.unit.badge is None


def test_a_cut_line_is_declared_lost_after_two_seconds_by_both_ends() -> None:
    pair = linked()
    pair.line.is_cut = True
    pair.run(1.0)
    assert pair.seen(LinkChanged) == []
    pair.run(1.2)
    changes = pair.seen(LinkChanged)
    assert [c.state for c in changes] == [LinkState.DOWN, LinkState.DOWN]
    assert all(isinstance(c.error, LinkLostError) for c in changes)
    assert pair.unit.badge is None


def test_a_quiet_line_stays_up() -> None:
    pair = linked()
    pair.run(60)
    assert pair.seen(LinkChanged) == []
    states = len(pair.seen(StateArrived))
    assert 60 <= states <= 70


def test_after_a_loss_alerts_come_again_without_a_second_sound() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.unit.show(alert(2))
    pair.run(0.2)
    pair.line.is_cut = True
    pair.run(3)
    pair.unit.conclude(AlertId(2), Outcome.EXPIRED)
    pair.line.is_cut = False
    pair.run(2)
    arrivals = [(e.alert_id, e.is_repeat) for e in pair.seen(AlertArrived)]
    assert arrivals == [(1, False), (2, False), (1, True)]
    assert set(pair.dash.alerts) == {1}
    assert pair.dash.alerts[AlertId(1)].is_drawn
    assert [e.alert_id for e in pair.seen(Shown)] == [1, 2]
    assert pair.unit.badge == "4711"


def test_the_outcome_of_an_answered_alert_survives_a_loss() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(0.5)
    pair.dash.answer(AlertId(1), Verdict.CONFIRMED)
    pair.run(0.2)
    pair.line.is_cut = True
    pair.run(3)
    pair.unit.conclude(AlertId(1), Outcome.SEALED)
    pair.line.is_cut = False
    pair.run(2)
    assert [e.outcome for e in pair.seen(OutcomeArrived)] == [Outcome.SEALED]


@pytest.mark.parametrize("cut_after", range(0, 60, 7))
def test_a_dash_that_restarts_at_any_moment_gets_the_alert_again(cut_after: int) -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(cut_after / 1000)
    pair.at_unit.clear()
    pair.at_dash.clear()
    pair.restart_dash(dash_link(session=5000 + cut_after))
    pair.run(1)
    assert [e.state for e in pair.at_unit if isinstance(e, LinkChanged)] == [LinkState.DOWN, LinkState.UP]
    assert [e.alert_id for e in pair.seen(AlertArrived)] == [1]
    assert pair.unit.badge == "4711"


def test_a_lost_acknowledgement_shows_the_alert_once() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    first = pair.unit.take(pair.line.now)
    pair.dash.receive(first, pair.line.now)
    pair.dash.take(pair.line.now)  # the acknowledgement, which never arrives
    pair.run(0.5)
    assert len(pair.seen(AlertArrived)) == 1
    assert len(pair.seen(Shown)) == 1


def test_a_message_is_tried_twelve_times_with_growing_pauses() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    now, times = pair.line.now, []
    while pair.unit.phase is Phase.UP:
        data = pair.unit.take(now)
        if any(isinstance(m, AlertMessage) for m in messages_in(data)):
            times.append(now)
        pair.unit.receive(encode(SessionMessage(badge="1"), 200 if len(times) % 2 else 201), now)
        now = MonotonicNs(now + 1_000_000)
    pauses = [(b - a) // 1_000_000 for a, b in pairwise(times)]
    assert len(times) == TRIES
    assert pauses[:3] == [105, 209, 400]
    assert set(pauses[3:]) == {400}
    (change,) = [e for e in pair.unit.events() if isinstance(e, LinkChanged)]
    assert "12 tries" in str(change.error)


def test_a_slow_line_waits_longer_for_an_acknowledgement() -> None:
    pictures = np.zeros((1, PICTURE_BYTES), np.uint8)
    slow = UnitLink(build="", session=1, baud=9600, pictures=pictures)
    slow.connect(MonotonicNs(0))
    slow.take(MonotonicNs(0))
    deadline = slow.deadline()
    assert deadline is not None
    assert deadline > 500_000_000


def test_another_protocol_version_is_refused_before_any_alert() -> None:
    unit = unit_link()
    now = MonotonicNs(0)
    unit.connect(now)
    unit.show(alert(1))
    unit.receive(frame(0x01, 1, b"\x02 another layout") + b"\0", now)
    (change,) = unit.events()
    assert isinstance(change, LinkChanged)
    assert isinstance(change.error, LinkSkewError)
    assert "expected protocol version 1, found 2" in str(change.error)
    assert unit.phase is Phase.REFUSED
    for _ in range(100):
        now = MonotonicNs(now + 100_000_000)
        assert all(isinstance(m, HelloMessage) for m in messages_in(unit.take(now)))


def test_a_dash_of_the_right_version_ends_the_refusal() -> None:
    pair = Pair()
    pair.unit.receive(frame(0x01, 1, b"\x02") + b"\0", pair.line.now)
    pair.run(1)
    assert [c.state for c in pair.at_unit if isinstance(c, LinkChanged)] == [LinkState.DOWN, LinkState.UP]


def test_a_line_that_echoes_comes_up_with_nobody() -> None:
    unit, now = unit_link(), MonotonicNs(0)
    unit.connect(now)
    for _ in range(50):
        unit.receive(unit.take(now), now)
        now = MonotonicNs(now + 100_000_000)
    assert unit.phase is Phase.GREETING
    assert unit.strays > 10


def test_nothing_but_hello_is_heard_before_the_greeting() -> None:
    unit, now = unit_link(), MonotonicNs(0)
    unit.connect(now)
    unit.receive(encode(SessionMessage(badge="4711"), 1), now)
    assert unit.badge is None
    assert unit.strays == 1


def test_a_message_of_the_own_direction_is_not_acknowledged() -> None:
    pair = linked()
    pair.unit.receive(encode(alert(1), 77), pair.line.now)
    assert pair.unit.strays == 1
    assert not [m for m in messages_in(pair.unit.take(pair.line.now)) if isinstance(m, AckMessage)]


def test_a_part_of_a_picture_out_of_order_is_not_taken() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(0.01)
    part = PictureMessage(alert_id=AlertId(1), offset=3000, chunk=b"\xff")
    pair.dash.receive(encode(part, 200), pair.line.now)
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


def test_the_unit_sends_its_state_first_after_the_greeting() -> None:
    pair = Pair()
    pair.unit.show(alert(1))
    pair.run(0.3)
    kinds = [m for m in messages_in(bytes(pair.line.sent[0])) if not isinstance(m, HelloMessage | AckMessage)]
    assert [type(m) for m in kinds[:2]] == [StateMessage, AlertMessage]


def test_tables_name_every_phase_and_lead_only_to_known_ones() -> None:
    for table in (TRANSITIONS, ALERT_TRANSITIONS):
        assert {after for row in table.values() for after in row.values()} <= set(table)
        assert len(table) == 4
