"""The officer's session: who may log in, what ends it, and how often a PIN may be wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from alprd.alerts.requests import SessionCode
from alprd.alerts.shift import AWAY_NS, LOCKED_NS, LONGEST_NS, WRONG_TRIES, Shift, Stand, judge
from alprd.records import LinkState, MonotonicNs

PIN = "1357"
TODAY = dt.date(2026, 11, 26)
NOW = MonotonicNs(1_000_000_000)


@dataclass(frozen=True)
class Record:
    badge: str = "4711"
    trained_until: str = "2026-11-26"
    undertaking: str = "ab" * 32


def after(ns: int) -> MonotonicNs:
    return MonotonicNs(NOW + ns)


def shift() -> Shift:
    def check(badge: str, secret: str, today: dt.date) -> SessionCode:
        return judge(Record(badge), today, is_right=secret == PIN)

    return Shift(check)


def on_duty() -> Shift:
    one = shift()
    assert one.log_in("4711", PIN, NOW, TODAY).code is SessionCode.ACTIVE
    return one


@pytest.mark.parametrize(
    ("officer", "is_right", "code"),
    [
        (Record(), True, SessionCode.ACTIVE),
        (Record(), False, SessionCode.WRONG),
        (None, False, SessionCode.WRONG),
        (Record(trained_until="2026-11-25"), True, SessionCode.TRAINING_OVER),
        (Record(undertaking=""), True, SessionCode.NO_UNDERTAKING),
    ],
)
def test_an_officer_needs_the_pin_training_in_date_and_a_signed_undertaking(
    officer: Record | None,
    is_right: bool,  # noqa: FBT001 - the parameters of the table above
    code: SessionCode,
) -> None:
    assert judge(officer, TODAY, is_right=is_right) is code


def test_a_session_names_the_officer_until_the_log_out() -> None:
    one = on_duty()
    assert one.session.badge == "4711"
    assert one.log_out().code is SessionCode.NOBODY
    assert one.stand is Stand.NOBODY


def test_a_hand_over_names_the_next_and_a_failed_one_leaves_nobody() -> None:
    one = on_duty()
    assert one.log_in("77", PIN, NOW, TODAY).badge == "77"
    assert one.log_in("88", "0000", NOW, TODAY).code is SessionCode.WRONG
    assert one.session.badge == ""
    assert one.stand is Stand.NOBODY


def test_a_session_ends_by_itself_after_the_longest_shift() -> None:
    one = on_duty()
    assert one.expire(after(LONGEST_NS - 1)) is None
    ended = one.expire(after(LONGEST_NS))
    assert ended is not None
    assert ended.code is SessionCode.ENDED
    assert one.expire(after(LONGEST_NS)) is None, "it ends once"


def test_a_session_outlives_a_short_loss_of_the_dash_and_no_long_one() -> None:
    one = on_duty()
    one.link_changed(LinkState.DOWN, NOW)
    assert one.expire(after(AWAY_NS - 1)) is None
    one.link_changed(LinkState.UP, after(AWAY_NS - 1))
    assert one.expire(after(2 * AWAY_NS)) is None
    assert one.session.badge == "4711"
    one.link_changed(LinkState.DOWN, after(2 * AWAY_NS))
    one.link_changed(LinkState.DOWN, after(3 * AWAY_NS - 1))
    ended = one.expire(after(3 * AWAY_NS))
    assert ended is not None
    assert ended.code is SessionCode.ENDED


def test_links_come_and_go_with_nobody_logged_in() -> None:
    one = shift()
    one.link_changed(LinkState.UP, NOW)
    one.link_changed(LinkState.DOWN, NOW)
    assert one.expire(after(LONGEST_NS)) is None
    assert one.stand is Stand.NOBODY


def test_after_five_wrong_pins_no_pin_is_looked_at_for_a_minute() -> None:
    one = shift()
    for _ in range(WRONG_TRIES):
        assert one.log_in("4711", "0000", NOW, TODAY).code is SessionCode.WRONG
    assert one.log_in("4711", PIN, after(LOCKED_NS - 1), TODAY).code is SessionCode.LOCKED
    assert one.log_in("4711", PIN, after(LOCKED_NS), TODAY).code is SessionCode.ACTIVE


def test_a_right_pin_between_wrong_ones_begins_the_count_anew() -> None:
    one = shift()
    for secret in ["0000"] * (WRONG_TRIES - 1) + [PIN] + ["0000"] * (WRONG_TRIES - 1):
        one.log_in("4711", secret, NOW, TODAY)
    assert one.log_in("4711", PIN, NOW, TODAY).code is SessionCode.ACTIVE
