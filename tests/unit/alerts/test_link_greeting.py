"""Both ends of the dash link on a simulated line: greeting, retries, loss and restart."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from alprd.alerts.dash_events import AlertArrived, OutcomeArrived, StateArrived
from alprd.alerts.hello import HelloMessage, Role
from alprd.alerts.link import TRIES, LinkChanged
from alprd.alerts.messages import (
    PICTURE_BYTES,
    AckMessage,
    AlertMessage,
    HeartbeatMessage,
    Outcome,
    StateMessage,
)
from alprd.alerts.pairing import NO_NONCE
from alprd.alerts.phases import TRANSITIONS, Phase
from alprd.alerts.requests import LogOutMessage, SessionMessage, SettingsMessage
from alprd.alerts.shift import TRANSITIONS as SHIFT
from alprd.alerts.slots import ALERT_TRANSITIONS
from alprd.alerts.unit_events import LogIn, Shown
from alprd.alerts.unit_link import UnitLink
from alprd.alerts.wire import encode
from alprd.errors import LinkLostError, LinkSkewError
from alprd.records import AlertId, LinkState, MonotonicNs, Verdict
from tests.sim.dash_pair import (
    PAIRING,
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
from tests.vectors.dash_link.details import frame
from tests.vectors.dash_link.generate import NONCE


def test_both_ends_come_up_and_the_unit_knows_the_officer() -> None:
    pair = Pair()
    pair.run(0.2)
    assert pair.at_unit == [LinkChanged(state=LinkState.UP), LogIn(badge="4711", secret=PIN)]
    assert LinkChanged(state=LinkState.UP) in pair.at_dash
    assert pair.unit.badge == "4711"
    hello = pair.unit.peer_hello
    assert hello is not None
    assert (hello.build, hello.width, hello.height) == ("dash", 144, 48)


def test_a_cut_line_is_declared_lost_after_two_seconds_by_both_ends() -> None:
    pair = linked()
    pair.line.cut = {0, 1}
    pair.run(1.0)
    assert pair.seen(LinkChanged) == []
    pair.run(1.2)
    changes = pair.seen(LinkChanged)
    assert [c.state for c in changes] == [LinkState.DOWN, LinkState.DOWN]
    assert all(isinstance(c.error, LinkLostError) for c in changes)
    assert pair.dash.badge == ""


@pytest.mark.parametrize("mute", [0, 1])
def test_a_line_cut_one_way_comes_up_again_at_both_ends(mute: int) -> None:
    pair = linked()
    pair.line.cut = {mute}
    pair.run(2.2)
    pair.line.cut = set()
    pair.run(1.0)
    assert pair.unit.phase is pair.dash.phase is Phase.UP
    states = [[e.state for e in at if isinstance(e, LinkChanged)] for at in (pair.at_unit, pair.at_dash)]
    assert states == [[LinkState.DOWN, LinkState.UP]] * 2


def test_a_hello_that_does_not_name_this_ends_session_is_not_acknowledged() -> None:
    unit, now = unit_link(), MonotonicNs(0)
    unit.connect(now)
    unit.take(now)
    hello = HelloMessage(role=Role.DASH, session=7, peer=0, nonce=NONCE, slots=1)
    unit.receive(encode(hello, 1, 0, PAIRING.hello(NO_NONCE)), now)
    (answer,) = messages_in(unit.take(now), unit)
    assert isinstance(answer, HelloMessage)
    assert answer.peer == 7
    named = dataclasses.replace(hello, peer=answer.session)
    unit.receive(encode(named, 2, 0, PAIRING.hello(b"u" * 16)), now)
    assert messages_in(unit.take(now), unit) == [AckMessage()]


def test_noise_before_the_first_hello_does_not_cost_it() -> None:
    unit, now = unit_link(), MonotonicNs(0)
    unit.connect(now)
    decoder = decoder_of(unit)
    assert decoder.feed(b"\x05\x55\xaa" + unit.take(now))
    assert decoder.faults.total() == 1


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
    pair.line.cut = {0, 1}
    pair.run(3)
    pair.unit.conclude(AlertId(2), Outcome.EXPIRED)
    pair.line.cut = set()
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
    pair.line.cut = {0, 1}
    pair.run(3)
    pair.unit.conclude(AlertId(1), Outcome.SEALED)
    pair.line.cut = set()
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


def test_a_message_is_tried_twelve_times_with_growing_pauses() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    now = pair.line.now
    times: list[int] = []
    while pair.unit.phase is Phase.UP and len(times) <= TRIES:
        data = pair.unit.take(now)
        if any(isinstance(m, AlertMessage) for m in messages_in(data, pair.unit)):
            times.append(now)
        pair.unit.receive(say(pair.dash, HeartbeatMessage(), 0), now)
        now = MonotonicNs(now + 1_000_000)
    pauses = [(b - a) // 1_000_000 for a, b in pairwise(times)]
    assert len(times) == TRIES
    assert pauses[:3] == [105, 209, 400]
    assert set(pauses[3:]) == {400}
    (change,) = [e for e in pair.unit.events() if isinstance(e, LinkChanged)]
    assert "12 tries" in str(change.error)


def test_a_slow_line_waits_longer_for_an_acknowledgement() -> None:
    pictures = np.zeros((1, PICTURE_BYTES), np.uint8)
    slow = UnitLink(build="", session=1, nonce=NONCE, baud=9600, pairing=PAIRING, pictures=pictures)
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
    unit.receive(frame(0x01, 1, b"\x03 another layout") + b"\0", now)
    (change,) = unit.events()
    assert isinstance(change, LinkChanged)
    assert isinstance(change.error, LinkSkewError)
    assert "expected protocol version 2, found 3" in str(change.error)
    assert unit.phase is Phase.REFUSED
    for _ in range(100):
        now = MonotonicNs(now + 100_000_000)
        assert all(isinstance(m, HelloMessage) for m in messages_in(unit.take(now), unit))


def test_a_dash_of_the_right_version_ends_the_refusal() -> None:
    pair = Pair()
    pair.unit.receive(frame(0x01, 1, b"\x03") + b"\0", pair.line.now)
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
    dash = linked().dash
    unit.receive(say(dash, LogOutMessage(), 1), now)
    assert unit.events() == []
    assert unit.forged_frames == 1, "there is no key yet that could prove it"


def test_the_unit_sends_its_state_first_after_the_greeting() -> None:
    pair = Pair()
    pair.unit.show(alert(1))
    pair.run(0.3)
    kinds = [
        m
        for m in messages_in(bytes(pair.line.sent[0]), pair.unit)
        if not isinstance(m, HelloMessage | AckMessage)
    ]
    assert type(kinds[0]) is StateMessage
    before = {type(m) for m in kinds[: [type(m) for m in kinds].index(AlertMessage)]}
    assert before == {StateMessage, SessionMessage, SettingsMessage}


def test_tables_name_every_phase_and_lead_only_to_known_ones() -> None:
    for table in (TRANSITIONS, ALERT_TRANSITIONS):
        assert {after for row in table.values() for after in row.values()} <= set(table)
        assert len(table) == 4
    assert {after for row in SHIFT.values() for after in row.values()} == set(SHIFT)


def test_an_answered_alert_is_not_shown_again_after_a_loss() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(0.5)
    pair.dash.answer(AlertId(1), Verdict.CONFIRMED)
    pair.run(0.2)
    pair.line.cut = {0, 1}
    pair.run(3)
    pair.line.cut = set()
    pair.run(2)
    assert pair.dash.alerts == {}
    pair.unit.conclude(AlertId(1), Outcome.SEALED)
    pair.run(0.2)
    assert len(pair.seen(AlertArrived)) == 1
    assert [e.outcome for e in pair.seen(OutcomeArrived)] == [Outcome.SEALED]
