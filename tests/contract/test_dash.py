"""The daemon's `Dash` against a dash unit on real ptys: answers, unplugging, refusals, defects."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from alprd.alerts.auto_dash import AutoDash
from alprd.alerts.dash import Answer, Dash, LinkChanged, LogIn, LogOut, Outcome, Sent, Shown
from alprd.alerts.dash_events import PictureArrived
from alprd.alerts.line import descriptor_opener
from alprd.alerts.serial_port import DescriptorPort, SerialPort
from alprd.errors import DashError, LinkLostError
from alprd.records import (
    AlertId,
    GpsState,
    LinkState,
    MonotonicNs,
    UnitState,
    Verdict,
)
from tests.sim.dash_pair import PAIRING, PICTURE, PIN, PLATE, daemon_alert, log_in
from tests.sim.dash_unit import Cable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from alprd.alerts.messages import AlertMessage
    from alprd.alerts.serial_port import Port

PATIENCE_S = 20.0
STATE = UnitState(
    camera_ok=True,
    gps=GpsState.FIX,
    list_age_s=60,
    list_stale=False,
    list_expired=False,
    fps=15,
    pending=0,
    missed=0,
)


class Fitted:
    """A `Dash`, and dash units that come and go at the other end."""

    def __init__(self, path: str, slots: int = 8) -> None:
        self.dash = Dash(path, 115_200, "alprd test", pairing=PAIRING, slots=slots)
        self.events: list[Any] = []
        self.units: list[AutoDash] = []
        self.dash.start()

    def plug(
        self,
        port: str | Callable[[], Any],
        answer: Callable[[AlertMessage], Verdict | None] = lambda _: None,
        badge: str = "4711",
    ) -> AutoDash:
        unit = AutoDash(port, answer, badge, pairing=PAIRING, pin=PIN)
        self.units.append(unit)
        unit.start()
        return unit

    def wait(self, is_so: Callable[[], object]) -> None:
        """Drain the events until ``is_so``; fail after a time far above what it takes."""
        until = time.monotonic() + PATIENCE_S
        while True:
            for event in self.dash.events():
                if isinstance(event, LogIn | LogOut):
                    log_in(self.dash, event)
                self.events.append(event)
            if is_so():
                return
            assert time.monotonic() < until, f"waited in vain; events: {self.events}"
            time.sleep(0.002)

    def seen(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def is_up(self) -> bool:
        return self.dash.link_state is LinkState.UP and self.dash.badge == "4711"

    def stop(self) -> None:
        self.dash.stop()
        for unit in self.units:
            unit.stop()


def count_calls(thing: Any, name: str) -> list[str]:
    """Return a list that grows with every call of ``name``, which goes on to do what it does."""
    calls: list[str] = []
    real = getattr(thing, name)

    def counted(*given: Any) -> Any:
        calls.append(name)
        return real(*given)

    setattr(thing, name, counted)
    return calls


@pytest.fixture
def cable() -> Iterator[Cable]:
    cable = Cable()
    yield cable
    cable.unplug()


@pytest.fixture
def fitted(cable: Cable) -> Iterator[Fitted]:
    fitted = Fitted(cable.unit_path)
    yield fitted
    fitted.stop()


def test_an_alert_is_shown_answered_and_concluded(cable: Cable, fitted: Fitted) -> None:
    unit = fitted.plug(cable.dash_path, lambda _: Verdict.CONFIRMED)
    fitted.dash.update_state(STATE)
    fitted.wait(fitted.is_up)
    asked_at = time.monotonic_ns()
    assert fitted.dash.show(daemon_alert(1), PICTURE)
    fitted.wait(lambda: fitted.seen(Answer))
    assert fitted.seen(Answer) == [Answer(alert_id=AlertId(1), verdict=Verdict.CONFIRMED, badge="4711")]
    (sent,), (shown,) = fitted.seen(Sent), fitted.seen(Shown)
    assert (sent.alert_id, shown.alert_id) == (1, 1)
    assert asked_at <= sent.at <= shown.at
    fitted.dash.conclude(AlertId(1), Outcome.SEALED)
    fitted.wait(lambda: unit.outcomes)
    assert [(e.outcome, e.verdict) for e in unit.outcomes] == [(Outcome.SEALED, Verdict.CONFIRMED)]
    fitted.wait(lambda: unit.unit_state == STATE)


def test_the_picture_arrives_in_sixteen_greys(cable: Cable, fitted: Fitted) -> None:
    unit = fitted.plug(cable.dash_path)
    fitted.dash.show(daemon_alert(1), PICTURE)
    fitted.wait(lambda: 1 in unit.link.alerts and unit.link.alerts[AlertId(1)].is_drawn)
    packed = np.frombuffer(unit.link.alerts[AlertId(1)].picture, np.uint8).reshape(48, 72)
    assert np.array_equal(packed >> 4, PICTURE[:, 0::2] >> 4)
    assert np.array_equal(packed & 15, PICTURE[:, 1::2] >> 4)


def test_slots_are_zero_after_a_conclusion_and_after_the_stop(fitted: Fitted) -> None:
    fitted.dash.show(daemon_alert(1), PICTURE)
    fitted.dash.show(daemon_alert(2), PICTURE)
    slots = fitted.dash._pictures
    assert np.count_nonzero(slots.any(axis=1)) == 2
    assert not fitted.dash._low.any()
    fitted.dash.conclude(AlertId(1), Outcome.EXPIRED)
    assert np.count_nonzero(slots.any(axis=1)) == 1
    fitted.dash.stop()
    assert not slots.any()
    assert not fitted.dash.show(daemon_alert(3), PICTURE)
    assert not slots.any()


def test_a_full_dash_says_so(cable: Cable, fitted: Fitted) -> None:
    assert all(fitted.dash.show(daemon_alert(number), PICTURE) for number in range(1, 9))
    assert not fitted.dash.show(daemon_alert(9), PICTURE)
    fitted.dash.conclude(AlertId(3), Outcome.EXPIRED)
    assert fitted.dash.show(daemon_alert(9), PICTURE)
    unit = fitted.plug(cable.dash_path)
    fitted.wait(lambda: len(unit.link.alerts) == 8)
    assert set(unit.link.alerts) == {1, 2, 4, 5, 6, 7, 8, 9}


def test_a_verdict_without_a_session_never_becomes_an_answer(cable: Cable, fitted: Fitted) -> None:
    unit = fitted.plug(cable.dash_path, lambda _: Verdict.CONFIRMED, badge="")
    fitted.dash.show(daemon_alert(1), PICTURE)
    fitted.wait(lambda: unit.unit_state and unit.unit_state.urgency == 3)
    assert unit.link.alerts == {}, "without a session it is not even shown"
    assert fitted.seen(Answer) == []
    with unit.lock:
        unit.link.log_in("77", PIN)
    unit.wake()
    fitted.wait(lambda: fitted.seen(Answer))
    assert fitted.seen(Answer) == [Answer(alert_id=AlertId(1), verdict=Verdict.CONFIRMED, badge="77")]


def test_an_unplugged_dash_gets_its_alerts_again_when_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    by_id = tmp_path / "by-id"
    first, second = Cable(), Cable()
    by_id.symlink_to(first.unit_path)
    fitted = Fitted(str(by_id))
    try:
        fitted.plug(first.dash_path)
        fitted.wait(fitted.is_up)
        fitted.dash.show(daemon_alert(1), PICTURE)
        fitted.wait(lambda: fitted.seen(Shown))
        by_id.unlink()
        first.unplug()
        fitted.wait(lambda: fitted.dash.link_state is LinkState.DOWN)
        assert fitted.dash.show(daemon_alert(2), PICTURE)
        fitted.wait(lambda: "cannot be opened" in str(fitted.dash.trouble))
        by_id.symlink_to(second.unit_path)
        back = fitted.plug(second.dash_path, lambda _: Verdict.MISREAD)
        fitted.wait(lambda: len(fitted.seen(Answer)) == 2)
        assert {e.alert_id for e in fitted.seen(Answer)} == {1, 2}
        assert [e.alert_id for e in fitted.seen(Shown)] == [1, 2]
        assert back.shown == 2
        assert fitted.dash.trouble is None
    finally:
        fitted.stop()
        second.unplug()
    states = [e.state for e in fitted.seen(LinkChanged)]
    assert states == [LinkState.UP, LinkState.DOWN, LinkState.UP]
    assert isinstance(fitted.seen(LinkChanged)[1].error, LinkLostError)
    assert "cannot be opened" in caplog.text
    assert PLATE not in caplog.text


def test_a_dash_that_goes_silent_is_declared_lost_and_found_again(cable: Cable, fitted: Fitted) -> None:
    fitted.plug(cable.dash_path).stop()
    fitted.plug(cable.dash_path)
    fitted.wait(fitted.is_up)
    fitted.units[-1].stop()
    fitted.wait(lambda: fitted.dash.link_state is LinkState.DOWN)
    assert "2 s" in str(fitted.seen(LinkChanged)[-1].error)
    fitted.plug(cable.dash_path)
    fitted.wait(fitted.is_up)


def test_the_other_end_of_a_pty_can_be_served_without_a_device() -> None:
    outer, inner = os.openpty()
    fitted = Fitted(os.ttyname(inner))
    try:
        fitted.plug(descriptor_opener(outer), lambda _: Verdict.CONFIRMED)
        fitted.dash.show(daemon_alert(1), PICTURE)
        fitted.wait(lambda: fitted.seen(Answer))
    finally:
        fitted.stop()
        os.close(inner)
        os.close(outer)


def test_stopping_withdraws_what_the_dash_shows(cable: Cable, fitted: Fitted) -> None:
    unit = fitted.plug(cable.dash_path)
    fitted.dash.show(daemon_alert(1), PICTURE)
    fitted.wait(lambda: fitted.seen(Shown))
    fitted.dash.stop()
    assert not fitted.dash.is_alive()
    fitted.wait(lambda: unit.outcomes)
    assert [e.outcome for e in unit.outcomes] == [Outcome.WITHDRAWN]
    assert unit.link.alerts == {}


def test_a_port_that_is_not_there_leaves_the_thread_alive(tmp_path: Path) -> None:
    fitted = Fitted(str(tmp_path / "nothing"))
    try:
        fitted.wait(lambda: fitted.dash.trouble)
        assert fitted.dash.is_alive()
        assert "No such file" in str(fitted.dash.trouble)
        assert fitted.dash.show(daemon_alert(1), PICTURE)
    finally:
        fitted.stop()
    assert not fitted.dash.is_alive()


def test_a_port_that_is_not_there_is_tried_with_growing_pauses(tmp_path: Path) -> None:
    dash = Dash(str(tmp_path / "nothing"), 115_200, "test", pairing=PAIRING)
    tries = count_calls(dash, "_opener")
    dash.start()
    threading.Event().wait(0.7)
    dash.stop()
    assert 1 <= len(tries) <= 3  # at 0, 0.2 and 0.6 s


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_ends_the_thread_and_gives_the_port_back(
    cable: Cable, fitted: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted.plug(cable.dash_path)
    fitted.wait(fitted.is_up)

    def broken(_now: MonotonicNs) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(fitted.dash._link, "take", broken)
    fitted.dash.wake()
    fitted.wait(lambda: not fitted.dash.is_alive())
    SerialPort(cable.unit_path, 115_200).close()


def test_an_idle_dash_does_not_spin(cable: Cable, fitted: Fitted) -> None:
    fitted.plug(cable.dash_path)
    fitted.wait(fitted.is_up)
    turns = count_calls(fitted.dash, "react")
    threading.Event().wait(1.0)
    assert 1 <= len(turns) < 50


def test_a_line_that_takes_no_bytes_neither_ends_nor_spins_the_thread() -> None:
    outer, inner = os.openpty()
    os.set_blocking(inner, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(inner, b"\xff" * 1024)
    fitted = Fitted(os.ttyname(inner))
    turns = count_calls(fitted.dash, "react")
    try:
        threading.Event().wait(0.5)
        assert fitted.dash.is_alive()
        assert 1 <= len(turns) < 50
        fitted.plug(descriptor_opener(outer))
        fitted.wait(fitted.is_up)
    finally:
        fitted.stop()
        os.close(inner)
        os.close(outer)


def test_a_serial_port_is_held_exclusively(cable: Cable) -> None:
    held = SerialPort(cable.unit_path, 115_200)
    with pytest.raises(DashError, match="cannot be opened: Resource temporarily unavailable"):
        SerialPort(cable.unit_path, 115_200)
    held.close()
    SerialPort(cable.unit_path, 115_200).close()


@pytest.mark.parametrize("path", ["/dev/null", "/dev/does-not-exist", ""])
def test_what_is_no_serial_device_is_a_dash_error(path: str) -> None:
    with pytest.raises(DashError, match="cannot be opened"):
        SerialPort(path, 115_200)


def read(port: Port) -> None:
    port.read(0.01)


def write(port: Port) -> None:
    port.write(b"x")


@pytest.mark.parametrize("use", [read, write], ids=["read", "write"])
def test_a_serial_port_that_is_pulled_out_is_a_lost_link(use: Callable[[Port], None]) -> None:
    cable = Cable()
    port = SerialPort(cable.unit_path, 115_200)
    assert port.read(0.01) == b""
    assert port.write(b"x") == 1
    cable.unplug()
    with pytest.raises(LinkLostError):
        use(port)
    port.close()
    port.close()


@pytest.mark.parametrize(("use", "end"), [(read, 0), (write, 1)], ids=["read", "write"])
def test_a_line_whose_other_end_is_gone_is_a_lost_link(use: Callable[[Port], None], end: int) -> None:
    reading, writing = os.pipe()
    port = DescriptorPort((reading, writing)[end])
    os.close(reading)
    os.close(writing)
    with pytest.raises(LinkLostError):
        use(port)
    port.close()


def test_over_a_line_of_real_speed_the_text_comes_long_before_the_picture() -> None:
    cable = Cable(bytes_per_s=11_520)
    fitted = Fitted(cable.unit_path)
    order: list[str] = []

    class Watching(AutoDash):
        def notice(self, event: Any) -> None:
            if isinstance(event, PictureArrived):
                order.append("picture")

    unit = Watching(cable.dash_path, lambda _: order.append("text"), "4711", pairing=PAIRING, pin=PIN)
    unit.start()
    try:
        fitted.wait(fitted.is_up)
        refused = unit.link.refused_frames  # a dash that is plugged in amid a frame refuses that one
        fitted.dash.show(daemon_alert(1), PICTURE)
        fitted.wait(lambda: len(order) == 2)
    finally:
        fitted.stop()
        unit.stop()
        cable.unplug()
    assert order == ["text", "picture"]
    assert unit.link.refused_frames == refused
