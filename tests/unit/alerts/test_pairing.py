"""Somebody on the cable: what they can repeat, make up or turn round, none of it counts at either end."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from alprd.alerts.link import LinkChanged
from alprd.alerts.messages import AckMessage, HeartbeatMessage, StateMessage, VerdictMessage
from alprd.alerts.pairing import KEY_BYTES, Greeted, Pairing, digest, is_tag, tag
from alprd.alerts.phases import Phase
from alprd.alerts.requests import LogInMessage
from alprd.alerts.unit_events import LogIn, Shown
from alprd.alerts.wire import encode
from alprd.errors import PairingError
from alprd.records import AlertId, Answer, LinkState, Verdict
from tests.sim.dash_pair import PIN, Pair, alert, dash_link, linked, say, unit_link
from tests.vectors.dash_link.generate import STATE

STRANGER = Pairing(b"s" * KEY_BYTES)
CONFIRMED = VerdictMessage(alert_id=AlertId(1), verdict=Verdict.CONFIRMED)


def shown() -> Pair:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(1)
    assert pair.dash.alerts
    pair.at_unit.clear()
    return pair


def test_a_digest_is_that_of_the_standard() -> None:
    assert digest(b"k" * 32, b"ab", b"c") == hmac.new(b"k" * 32, b"abc", hashlib.sha256).digest()
    assert is_tag(b"k" * 32, b"abc", tag(b"k" * 32, b"abc"))
    assert not is_tag(b"k" * 32, b"abd", tag(b"k" * 32, b"abc"))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Pairing(bytes(length))


def test_every_connection_has_keys_of_its_own_and_each_direction_another() -> None:
    pairing = Pairing(b"k" * KEY_BYTES)
    one, other = Greeted(session=1, nonce=b"u" * 16), Greeted(session=2, nonce=b"d" * 16)
    keys = pairing.session(one, other)
    again = pairing.session(Greeted(session=3, nonce=b"u" * 16), other)
    turned = pairing.session(other, one)
    made = [key for k in (keys, again, turned) for key in (k.unit, k.dash, k.secret)]
    assert len(set(made)) == 9


def test_a_confirmation_under_another_key_is_no_confirmation() -> None:
    pair = shown()
    keys = STRANGER.session(Greeted(session=2, nonce=b"u" * 16), Greeted(session=2, nonce=b"d" * 16))
    pair.unit.receive(encode(CONFIRMED, 200, 999, keys.dash), pair.line.now)
    pair.run(0.5)
    assert pair.seen(Answer) == []
    assert pair.unit.forged_frames == 1
    assert pair.unit.phase is Phase.UP, "and the link stays"


def test_a_confirmation_that_was_said_before_is_not_said_again() -> None:
    pair = shown()
    taped = say(pair.dash, CONFIRMED, 200)
    pair.unit.receive(taped, pair.line.now)
    assert len([e for e in pair.unit.events() if isinstance(e, Answer)]) == 1
    pair.unit.conclude(AlertId(1), 1)  # type: ignore[arg-type]  # an outcome's number will do
    pair.unit.show(alert(1))
    pair.run(1)
    pair.at_unit.clear()
    pair.unit.receive(taped, pair.line.now)
    pair.run(0.5)
    assert pair.seen(Answer) == []
    assert pair.unit.replays == 1


def test_a_confirmation_of_an_earlier_connection_is_not_said_again() -> None:
    pair = shown()
    taped = say(pair.dash, CONFIRMED, 200)
    pair.restart_dash(dash_link(session=2000))
    pair.run(2)
    pair.at_unit.clear()
    pair.unit.receive(taped, pair.line.now)
    pair.run(0.5)
    assert pair.seen(Answer) == []
    assert pair.unit.forged_frames >= 1


def test_a_frame_of_the_units_own_turned_round_is_nothing() -> None:
    pair = shown()
    own = say(pair.unit, StateMessage(state=STATE), 0)
    before = pair.unit.forged_frames
    pair.unit.receive(own, pair.line.now)
    assert pair.unit.forged_frames == before + 1


def test_an_acknowledgement_cannot_be_made_up_to_swallow_an_alert() -> None:
    pair = linked()
    pair.line.cut = {0}
    pair.unit.show(alert(1))
    pair.unit.take(pair.line.now)
    (flight,) = pair.unit._flights
    forged = encode(AckMessage(), flight.sequence, 10_000, bytes(32))
    pair.unit.receive(forged, pair.line.now)
    assert not [e for e in pair.unit.events() if isinstance(e, Shown)]
    assert pair.unit._flights


def test_a_heartbeat_cannot_be_made_up_to_hide_that_the_dash_is_gone() -> None:
    pair = linked()
    taped = [say(pair.dash, HeartbeatMessage(), 0) for _ in range(3)]
    pair.unit.receive(taped[2], pair.line.now)
    pair.line.cut = {0, 1}
    for _ in range(30):
        pair.run(0.1)
        for frame in taped:
            pair.unit.receive(frame, pair.line.now)
    states = [e.state for e in pair.at_unit if isinstance(e, LinkChanged)]
    assert states == [LinkState.DOWN]


def test_an_alert_cannot_be_made_up_at_the_dash() -> None:
    pair = linked()
    pair.dash.receive(encode(alert(9), 200, 10_000, bytes(32)), pair.line.now)
    assert pair.dash.alerts == {}
    assert pair.dash.forged_frames == 1


def test_ends_that_do_not_share_a_key_never_come_up_and_say_why() -> None:
    unit = unit_link()
    unit._pairing = STRANGER
    pair = Pair(unit=unit)
    pair.unit.show(alert(1))
    pair.run(5)
    assert pair.unit.phase is Phase.REFUSED
    assert pair.dash.phase is Phase.REFUSED
    errors = [e.error for e in pair.at_unit if isinstance(e, LinkChanged)]
    assert [type(error) for error in errors] == [PairingError]
    assert pair.dash.alerts == {}


def test_an_old_greeting_can_end_a_connection_and_begins_none() -> None:
    pair = Pair()
    pair.run(0.5)
    taped = bytes(pair.line.sent[1])  # all that the dash has said, its greeting first
    pair.line.cut = {0, 1}
    pair.unit.receive(taped, pair.line.now)
    for _ in range(25):
        pair.run(0.1)
        pair.unit.receive(taped, pair.line.now)
    assert pair.unit.phase is Phase.GREETING


def test_a_pin_is_not_on_the_line_and_comes_out_at_the_unit() -> None:
    pair = linked(badge="")
    assert pair.dash.log_in("4711", "135790")
    pair.run(0.2)
    assert [e for e in pair.at_unit if isinstance(e, LogIn)] == [LogIn(badge="4711", secret="135790")]  # noqa: S106 - invented
    assert b"135790" not in bytes(pair.line.sent[1])
    assert "135790" not in repr(pair.at_unit)
    said = [m.covered for _, m in pair.said[1] if isinstance(m, LogInMessage)]
    assert pair.dash.log_in("4711", "135790")
    pair.run(0.2)
    said += [m.covered for _, m in pair.said[1] if isinstance(m, LogInMessage)]
    assert len(set(said)) == 2, "the same PIN looks different each time"
    assert pair.dash.log_in("4711", PIN)


def test_a_pin_that_does_not_uncover_to_text_is_wrong() -> None:
    pair = linked(badge="")
    message = LogInMessage(attempt=1, badge="4711", covered=bytes(16))
    pair.unit.receive(say(pair.dash, message, 200), pair.line.now)
    pair.run(0.2)
    assert not pair.seen(LogIn)
    assert pair.dash.session.code.name == "WRONG"
