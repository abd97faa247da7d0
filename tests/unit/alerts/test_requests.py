"""What goes over the link beside the alerts: sessions, updates, batches, settings and requests."""

from __future__ import annotations

import numpy as np
import pytest

from alprd.alerts.dash_events import AlertArrived, AlertUpdated, BatchArrived, SettingsArrived
from alprd.alerts.link import TRIES, WINDOW
from alprd.alerts.messages import PICTURE_BYTES, PictureMessage
from alprd.alerts.requests import (
    Action,
    AdjustMessage,
    BatchMessage,
    Light,
    LiveCheck,
    MuteMessage,
    Notice,
    PauseMessage,
    ReportMessage,
    SessionCode,
    SessionMessage,
    SettingsMessage,
    Tongue,
)
from alprd.alerts.unit_events import Requested, Shown
from alprd.alerts.unit_link import MAX_BATCHES
from alprd.records import AlertId, Doubt
from tests.sim.dash_pair import Pair, active, alert, dash_link, linked
from tests.vectors.dash_link.generate import STATE

REPORT = ReportMessage(
    alert_id=AlertId(1), live_check=LiveCheck.AGREES, action=Action.ARREST, notice=Notice.GIVEN
)


def test_without_a_session_no_plate_is_on_the_line_and_the_state_says_that_one_waits() -> None:
    pair = linked(badge="")
    pair.unit.update_state(STATE, pair.line.now)
    pair.unit.show(alert(1, priority=4))
    pair.unit.show(alert(2, priority=1))
    pair.run(1)
    assert pair.dash.alerts == {}
    assert pair.seen(Shown) == []
    assert alert(1).plate.encode() not in bytes(pair.line.sent[0])
    states = [
        event.state.urgency
        for event in pair.at_dash
        if hasattr(event, "state") and hasattr(event.state, "urgency")
    ]
    assert states[-1] == 4
    pair.unit.set_session(active("4711"))
    pair.run(1)
    assert set(pair.dash.alerts) == {1, 2}


def test_an_urgent_wait_is_said_at_once() -> None:
    pair = linked(badge="")
    pair.at_dash.clear()
    pair.unit.show(alert(1, priority=4))
    pair.run(0.05)
    assert [event.state.urgency for event in pair.at_dash] == [4]


def test_another_officer_gets_what_waits_without_a_second_sound() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(1)
    held = pair.dash.alerts[AlertId(1)]
    pair.unit.set_session(active("77"))
    pair.run(1)
    assert not any(held.picture), "what the first one saw is wiped"
    arrivals = [(e.alert_id, e.is_repeat) for e in pair.seen(AlertArrived)]
    assert arrivals == [(1, False), (1, True)]
    assert pair.dash.alerts[AlertId(1)].is_drawn
    assert pair.dash.badge == "77"
    assert len(pair.seen(Shown)) == 1


@pytest.mark.parametrize("after_ms", range(0, 60, 5))
def test_a_session_may_end_at_any_moment_of_an_alert(after_ms: int) -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(after_ms / 1000)
    pair.unit.set_session(SessionMessage(code=SessionCode.ENDED))
    pair.run(1)
    assert pair.dash.alerts == {}
    assert pair.dash.session.code is SessionCode.ENDED
    pair.unit.set_session(active("4711"))
    pair.run(1)
    assert pair.dash.alerts[AlertId(1)].is_drawn
    assert pair.unit.is_idle


def test_the_session_outlives_a_lost_link() -> None:
    pair = linked()
    pair.restart_dash(dash_link(session=3000))
    pair.badge = ""
    pair.run(2)
    assert pair.dash.badge == "4711"


def test_an_update_changes_the_alert_and_the_last_one_counts() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(1)
    for chance in (0.5, 0.7, 0.999):
        pair.unit.update(AlertId(1), chance=chance, place_confidence=None, doubts=Doubt.NONE)
    pair.unit.update(AlertId(9), chance=1, place_confidence=1, doubts=Doubt.NONE)
    pair.run(0.3)
    message = pair.dash.alerts[AlertId(1)].message
    assert (message.chance, message.place_confidence, message.doubts) == (100, 0, Doubt.NONE)
    assert {event.alert_id for event in pair.seen(AlertUpdated)} == {1}
    assert pair.unit.is_idle


def test_an_update_while_the_alert_is_on_its_way_comes_after_it() -> None:
    pair = linked()
    pair.unit.show(alert(1))
    pair.unit.take(pair.line.now)  # lost on the line
    pair.unit.update(AlertId(1), chance=0.5, place_confidence=0.5, doubts=Doubt.PLACE_UNKNOWN)
    pair.run(1)
    assert pair.dash.alerts[AlertId(1)].message.chance == 50
    assert pair.dash.alerts[AlertId(1)].message.doubts == Doubt.PLACE_UNKNOWN


def test_an_update_that_changes_nothing_is_not_sent() -> None:
    pair = linked()
    message = alert(1)
    pair.unit.show(message)
    pair.run(1)
    share = message.chance / 100
    place = message.place_confidence / 100
    pair.unit.update(AlertId(1), chance=share, place_confidence=place, doubts=message.doubts)
    assert pair.unit.is_idle


def test_batches_arrive_in_order_and_of_too_many_the_oldest_are_lost() -> None:
    pair = linked()
    batches = [BatchMessage(category=1, count=n, seconds=60) for n in range(1, MAX_BATCHES + 2)]
    for batch in batches:
        pair.unit.batch(batch)
    pair.run(1)
    assert [event.batch for event in pair.seen(BatchArrived)] == batches[1:]


def test_settings_come_with_the_greeting_and_an_adjustment_comes_back_with_the_next() -> None:
    pair = Pair()
    pair.run(0.5)
    first = SettingsMessage(brightness=7, volume=7, light=Light.AUTO, tongue=Tongue.ENGLISH)
    assert [event.settings for event in pair.seen(SettingsArrived)] == [first]
    pair.dash.adjust(AdjustMessage(brightness=1, volume=2, light=Light.NIGHT, tongue=Tongue.FRENCH))
    pair.run(0.2)
    pair.at_dash.clear()
    pair.restart_dash(dash_link(session=3000))
    pair.run(1)
    changed = SettingsMessage(brightness=1, volume=2, light=Light.NIGHT, tongue=Tongue.FRENCH)
    assert [event.settings for event in pair.seen(SettingsArrived)] == [changed]


def test_requests_name_who_is_logged_in_and_go_nowhere_without_a_link() -> None:
    pair = linked()
    assert pair.dash.pause(is_paused=True)
    assert pair.dash.mute(1)
    assert pair.dash.report(REPORT)
    pair.run(0.3)
    asked: list[PauseMessage | MuteMessage | ReportMessage] = [
        PauseMessage(is_paused=True),
        MuteMessage(classes=1),
        REPORT,
    ]
    assert pair.seen(Requested) == [Requested(message=message, badge="4711") for message in asked]
    pair.line.cut = {0, 1}
    pair.run(2.2)
    assert not pair.dash.pause(is_paused=False)
    assert not pair.dash.log_in("4711", "2468")
    assert not pair.dash.log_out()


def test_two_parts_of_a_picture_are_on_their_way_and_no_more() -> None:
    pair = linked()
    picture = pair.unit.show(alert(1))
    assert picture is not None
    picture[:] = np.arange(PICTURE_BYTES) % 251
    most = 0

    def look() -> None:
        nonlocal most
        pair.collect()
        parts = [f.message for f in pair.unit._flights if isinstance(f.message, PictureMessage)]
        most = max(most, len(parts))

    start = pair.line.now
    pair.line.run(0.4, look)
    assert most == WINDOW == 2
    assert pair.dash.alerts[AlertId(1)].is_drawn
    assert bytes(pair.dash.alerts[AlertId(1)].picture) == picture.tobytes()
    assert pair.line.now - start == 400_000_000


@pytest.mark.parametrize("lost", range(1, 17))
def test_a_part_that_is_lost_comes_again_with_the_one_behind_it(lost: int) -> None:
    pair = linked()
    picture = pair.unit.show(alert(1))
    assert picture is not None
    picture[:] = np.arange(PICTURE_BYTES) % 251
    sent = 0

    def spoil(data: bytes) -> bytes:
        nonlocal sent
        out = b""
        for frame in data.split(b"\0")[:-1]:
            sent += len(frame) > 200
            out += b"" if len(frame) > 200 and sent == lost else frame + b"\0"
        return out

    pair.line.spoil = spoil
    pair.run(2)
    assert sent > 16
    assert bytes(pair.dash.alerts[AlertId(1)].picture) == picture.tobytes()
    assert TRIES > 2
