"""The real daemon on a drive, and the dash unit's own firmware at the other end of its line."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.sim.bench import PIN, Bench
from tests.sim.dash_unit import Cable
from tests.sim.firmware import AMBER, BAR, BAR_COLOURS, GREEN, HOLD_KEYS_S, RED, FirmwareDash
from tests.sim.gps_receiver import Gpsd, PtyReceiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sim.recording import Passing

TRIES = 30
SOON_S = 4.0
GRADE = (2, 190)
"""A place in the field that says what speaks against a stop, or that nothing does."""


@pytest.fixture
def cable() -> Iterator[Cable]:
    cable = Cable(bytes_per_s=11_520)
    yield cable
    cable.unplug()


class OnDuty:
    """An officer at the firmware's buttons, and the daemon that counts what comes of it."""

    def __init__(self, bench: Bench, firmware: FirmwareDash) -> None:
        self.bench, self.firmware = bench, firmware

    def wait_for_bar(self, colour: int) -> None:
        self.firmware.wait(lambda picture: picture.getpixel(BAR) == BAR_COLOURS[colour])

    def wait_for_alert(self) -> None:
        """Wait until the lamps say that an alert asks for an answer, and its buttons are awake."""
        self.firmware.wait(lambda _: self.firmware.lamps[1] == 8)
        time.sleep(HOLD_KEYS_S)

    def answer(self, counted: str, *keys: str) -> None:
        """Press ``keys`` on an alert, and on the next, until the daemon has ``counted`` one more."""
        before = self.bench.status()[counted]
        for _ in range(TRIES):
            self.wait_for_alert()
            self.firmware.press(*keys)
            if self.comes_to(lambda state: state[counted] > before):
                return
        raise AssertionError(f"{keys} never counted as {counted}: {self.bench.status()}")

    def pause(self, *, is_paused: bool) -> None:
        """Press C, which answers what is in front first, until the camera is closed or open."""
        for _ in range(TRIES):
            time.sleep(HOLD_KEYS_S)
            self.firmware.press("c")
            if self.comes_to(lambda state: state["paused"] is is_paused):
                return
        raise AssertionError(f"it never came to paused: {is_paused}")

    def comes_to(self, holds: Callable[[dict[str, Any]], bool]) -> bool:
        """Return whether what was pressed shows in the daemon's state soon."""
        until = time.monotonic() + SOON_S
        while time.monotonic() < until:
            if holds(self.bench.status()):
                return True
            time.sleep(0.1)
        return False

    def restart_the_unit(self) -> None:
        """Stop the daemon until the display says ALPR OFFLINE, and start it again."""
        assert self.bench.daemon is not None
        self.bench.daemon.terminate()
        self.bench.daemon.wait()
        self.wait_for_bar(RED)
        self.bench.start_daemon()
        self.wait_for_bar(GREEN)

    def hand_over(self, badge: str) -> None:
        self.firmware.press("push", "right", "a")
        self.firmware.type(badge)
        self.firmware.press("a")
        self.firmware.type(PIN)
        self.firmware.press("a")


def test_a_shift_from_the_log_in_to_a_list_that_is_too_old(
    tmp_path: Path,
    passing: Passing,
    modules: Path,
    cable: Cable,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with PtyReceiver() as receiver, Gpsd(receiver.device) as gpsd:
        bench = Bench(
            tmp_path / "unit",
            passing.folder,
            listed=[passing.listed],
            settings={
                "dash": {"port": cable.unit_path},
                "camera": {"loop": True, "fps": 8.0},
                "gps": {"source": "gpsd", "host": "127.0.0.1", "port": gpsd.port},
                "alerts": {"repeat_hold_s": 0.0, "answer_time_s": 60.0},
            },
        )
        key = tmp_path / "unit" / "dash.key"
        with bench, FirmwareDash(cable.dash_path, key, tmp_path, modules) as firmware:
            duty = OnDuty(bench, firmware)
            bench.wait_for(lambda state: state["pending"] >= 1 and state["gps"] == "FIX")
            firmware.wait(lambda _: firmware.lamps[1] == 8)  # an alert waits, and nothing of it is shown
            assert bench.status()["frame_to_alert_ms"]["p50"] is None
            firmware.log_in("4711", PIN)
            bench.wait_for(lambda state: state["has_session"])
            duty.answer("rejected", "b")
            duty.answer("rejected", "c")
            duty.answer("dismissed", "push", "a")
            duty.answer("confirmed", "a")

            duty.pause(is_paused=True)
            assert bench.wait_for(lambda state: state["camera"] is None)["paused"]
            duty.wait_for_bar(AMBER)
            duty.hand_over("77")
            bench.wait_for(lambda _: bench.log().count("session: ACTIVE") == 2)
            duty.pause(is_paused=False)
            assert "camera opened by badge 77" in bench.log()
            duty.wait_for_bar(GREEN)
            duty.answer("confirmed", "a")

            duty.restart_the_unit()
            bench.wait_for(lambda state: state["pending"] >= 1 and state["gps"] == "FIX")
            assert not bench.status()["has_session"], "nobody is on duty after a restart"
            firmware.log_in("77", PIN)
            bench.wait_for(lambda state: state["has_session"])

            receiver.clock_offset = dt.timedelta(hours=25)
            bench.wait_for(lambda state: state["list_stale"])
            duty.wait_for_bar(AMBER)
            duty.wait_for_alert()
            firmware.wait(lambda picture: picture.getpixel(GRADE) == BAR_COLOURS[AMBER])
            firmware.check()
    badges = [bench.desk.open_evidence(bench.state / "evidence", capsys)["badge"]]
    badges.append(bench.desk.opened("E-2", capsys)["badge"])
    assert badges == ["4711", "77"]
    assert passing.listed not in bench.log()
