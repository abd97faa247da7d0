"""An officer's shift on the dash unit's own firmware, against the daemon's own `Dash`, on real ptys."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from alprd.alerts.dash import Answer, Dash, LogIn, LogOut, Outcome, Requested, Shown
from alprd.alerts.pairing import Pairing
from alprd.alerts.requests import (
    Action,
    BatchMessage,
    LiveCheck,
    MuteMessage,
    Notice,
    PauseMessage,
    ReportMessage,
    SessionCode,
    SessionMessage,
)
from alprd.errors import PairingError
from alprd.keys import write_dash_key
from alprd.records import AlertId, Doubt, LinkState, Verdict
from tests.sim.dash_pair import KEY_OF_PAIRING, PAIRING, PICTURE, PIN, daemon_alert, log_in
from tests.sim.dash_unit import Cable
from tests.sim.firmware import AMBER, BAR, BAR_COLOURS, GREEN, HOLD_KEYS_S, RED, FirmwareDash
from tests.vectors.dash_link.details import CATEGORY, PERSON, VEHICLE
from tests.vectors.dash_link.generate import STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PIL import Image

PATIENCE_S = 30.0


class Car:
    """The daemon's `Dash`, and the firmware at the other end of a cable of true speed."""

    def __init__(self, folder: Path, modules: Path, pairing: Pairing = PAIRING) -> None:
        self.folder = folder
        key = folder / "dash.key"
        write_dash_key(key, KEY_OF_PAIRING, replace=True)
        self.cable = Cable(bytes_per_s=11_520)
        self.dash = Dash(self.cable.unit_path, 115_200, "test", pairing=pairing)
        self.dash.update_state(STATE)
        self.dash.start()
        self.firmware = FirmwareDash(self.cable.dash_path, key, folder, modules)
        self.events: list[Any] = []

    def seen(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def drain(self) -> None:
        self.firmware.check()
        for event in self.dash.events():
            if isinstance(event, LogIn | LogOut):
                log_in(self.dash, event)
            self.events.append(event)

    def wait(self, is_so: Callable[[], object]) -> None:
        until = time.monotonic() + PATIENCE_S
        while True:
            self.drain()
            if is_so():
                return
            assert time.monotonic() < until, f"waited in vain; events: {self.events}"
            time.sleep(0.01)

    def wait_for_screen(self, is_so: Callable[[Image.Image], bool]) -> Image.Image:
        def looks() -> bool:
            self.drain()
            self.picture = self.firmware.screen()
            return is_so(self.picture)

        self.wait(looks)
        return self.picture

    def wait_for_bar(self, colour: int) -> Image.Image:
        return self.wait_for_screen(lambda picture: picture.getpixel(BAR) == BAR_COLOURS[colour])

    def log_in(self, badge: str = "4711") -> None:
        self.wait_for_bar(GREEN)
        self.firmware.log_in(badge, PIN)
        self.wait(lambda: self.dash.badge == badge)

    def show(self, number: int, **changes: Any) -> None:
        alert = daemon_alert(number)
        hit = dataclasses.replace(alert.hit, **changes)
        assert self.dash.show(dataclasses.replace(alert, hit=hit), PICTURE)
        self.wait(lambda: any(event.alert_id == number for event in self.seen(Shown)))
        self.wait_for_screen(lambda _: self.firmware.lamps[1] == 8)
        time.sleep(HOLD_KEYS_S)  # a button right after an alert came counts for nothing

    def stop(self) -> None:
        self.firmware.stop()
        self.dash.stop()
        self.cable.unplug()


@pytest.fixture
def car(tmp_path: Path, modules: Path) -> Iterator[Car]:
    car = Car(tmp_path, modules)
    yield car
    car.stop()


def ink(picture: Image.Image, left: int, top: int, right: int, bottom: int) -> int:
    """Return how many pixels of a part of the screen are not its most frequent colour."""
    part = np.asarray(picture)[top:bottom, left:right].reshape(-1, 3)
    _, counts = np.unique(part, axis=0, return_counts=True)
    return int(len(part) - counts.max())


def test_without_an_officer_an_alert_is_said_to_wait_and_nothing_of_it_is_shown(car: Car) -> None:
    car.wait_for_bar(GREEN)
    quiet = car.firmware.screen()
    assert car.dash.show(daemon_alert(1), PICTURE)
    waits = car.wait_for_screen(lambda picture: picture.getpixel((160, 62)) == BAR_COLOURS[AMBER])
    car.wait_for_screen(lambda _: car.firmware.lamps == (AMBER, 8))
    assert car.firmware.sounds == [(3, 7)]
    assert ink(waits, 0, 60, 320, 150) > ink(quiet, 0, 60, 320, 150)
    assert car.seen(Shown) == []
    car.log_in()
    car.wait(lambda: car.seen(Shown))


@pytest.mark.parametrize(
    ("keys", "verdict"),
    [
        (("a",), Verdict.CONFIRMED),
        (("b",), Verdict.MISREAD),
        (("c",), Verdict.WRONG_JURISDICTION),
        (("push", "a"), Verdict.DISMISSED),
    ],
)
def test_each_verdict_reaches_the_unit_with_the_officers_badge(
    car: Car, keys: tuple[str, ...], verdict: Verdict
) -> None:
    car.log_in()
    car.show(1)
    car.firmware.press(*keys)
    car.wait(lambda: car.seen(Answer))
    assert car.seen(Answer) == [Answer(alert_id=AlertId(1), verdict=verdict, badge="4711")]
    car.dash.conclude(AlertId(1), Outcome.WIPED)
    car.wait_for_screen(lambda _: car.firmware.lamps == (GREEN, 1))


def test_the_picture_stands_on_the_display_in_eight_greys(car: Car) -> None:
    car.log_in()
    car.show(1)
    expected = np.repeat(np.repeat(PICTURE >> 5, 2, axis=0), 2, axis=1)

    def is_there(picture: Image.Image) -> bool:
        shown = np.asarray(picture)[79 : 79 + 96, 16 : 16 + 288, 0]
        return bool(np.array_equal(np.digitize(shown, (18, 54, 90, 128, 164, 200, 237)), expected))

    car.wait_for_screen(is_there)


def test_a_button_that_was_meant_for_the_alert_before_gives_no_verdict(car: Car) -> None:
    car.log_in()
    assert car.dash.show(daemon_alert(1), PICTURE)
    car.wait(lambda: car.seen(Shown))
    car.firmware.press("a")
    car.firmware.screen()
    time.sleep(HOLD_KEYS_S)
    car.firmware.press("b")
    car.wait(lambda: car.seen(Answer))
    assert [answer.verdict for answer in car.seen(Answer)] == [Verdict.MISREAD]


def test_a_wrong_pin_is_refused_and_said(car: Car) -> None:
    car.wait_for_bar(GREEN)
    before = car.firmware.screen()
    car.firmware.log_in("4711", "9999")
    car.wait(lambda: car.seen(LogIn))
    said = car.wait_for_screen(lambda picture: ink(picture, 0, 160, 320, 175) > 0)
    assert ink(before, 0, 160, 320, 175) == 0
    assert ink(said, 0, 160, 320, 175) > 0
    assert car.dash.badge is None


def test_another_officer_takes_over_and_answers_what_waits(car: Car) -> None:
    car.log_in()
    car.show(1)
    car.firmware.press("push", "right", "a")  # the menu's second line
    car.firmware.type("77")
    car.firmware.press("a")
    car.firmware.type(PIN)
    car.firmware.press("a")
    car.wait(lambda: car.dash.badge == "77")
    car.wait_for_screen(lambda _: car.firmware.lamps[1] == 8)
    time.sleep(HOLD_KEYS_S)
    car.firmware.press("a")
    car.wait(lambda: car.seen(Answer))
    assert [answer.badge for answer in car.seen(Answer)] == ["77"]
    assert len(car.firmware.sounds) == 1, "it is no new alert"


def test_after_a_confirmed_hit_the_report_is_asked_for(car: Car) -> None:
    car.log_in()
    car.show(1)
    car.firmware.press("a")
    car.wait(lambda: car.seen(Answer))
    car.dash.conclude(AlertId(1), Outcome.SEALED)
    car.wait_for_screen(lambda _: car.firmware.lamps == (GREEN, 1))
    car.firmware.press("a", "right", "right", "a", "right", "a")
    car.wait(lambda: car.seen(Requested))
    report = ReportMessage(
        alert_id=AlertId(1),
        live_check=LiveCheck.AGREES,
        action=Action.TICKET,
        notice=Notice.WITHHELD_FOR_SAFETY,
    )
    assert car.seen(Requested) == [Requested(message=report, badge="4711")]


def test_an_owner_is_shown_until_the_officer_takes_it_down(car: Car) -> None:
    car.log_in()
    time.sleep(0.5)
    quiet = car.firmware.screen()
    car.dash.disclose(dataclasses.replace(PERSON, alert_id=AlertId(1)))
    name = (0, 70, 320, 160)
    car.wait_for_screen(lambda picture: ink(picture, *name) != ink(quiet, *name))
    car.firmware.press("c")
    car.wait_for_screen(lambda picture: ink(picture, *name) == ink(quiet, *name))


def test_a_lost_link_is_on_the_display_within_two_seconds_and_takes_the_owner_down(car: Car) -> None:
    car.log_in()
    car.dash.disclose(dataclasses.replace(PERSON, alert_id=AlertId(1)))
    time.sleep(0.5)
    car.dash.stop()
    start = time.monotonic()
    car.wait_for_bar(RED)
    car.wait_for_screen(lambda _: car.firmware.lamps == (RED, 1))
    assert time.monotonic() - start < PATIENCE_S
    again = Dash(car.cable.unit_path, 115_200, "test", pairing=PAIRING)
    again.update_state(STATE)
    again.start()
    car.dash = again
    car.wait_for_bar(GREEN)


def test_a_stale_list_and_a_pause_are_on_the_display(car: Car) -> None:
    car.log_in()
    car.show(1)
    car.dash.update_state(dataclasses.replace(STATE, list_stale=True))
    car.wait_for_bar(AMBER)
    car.dash.conclude(AlertId(1), Outcome.EXPIRED)
    car.wait_for_screen(lambda _: car.firmware.lamps == (AMBER, 1))
    car.firmware.press("c")
    car.wait(lambda: car.seen(Requested))
    car.dash.update_state(dataclasses.replace(STATE, is_paused=True, camera_ok=False))
    car.wait_for_screen(lambda picture: picture.getpixel((160, 62)) == BAR_COLOURS[AMBER])
    car.firmware.press("c")
    car.wait(lambda: len(car.seen(Requested)) == 2)
    assert [event.message for event in car.seen(Requested)] == [
        PauseMessage(is_paused=True),
        PauseMessage(is_paused=False),
    ]


def test_muting_logging_out_and_a_batch(car: Car) -> None:
    car.log_in()
    car.firmware.press("b", "right", "right", "right", "a")
    car.wait(lambda: car.seen(Requested))
    assert car.seen(Requested)[0].message == MuteMessage(classes=1)
    car.dash.batch(BatchMessage(category=1, count=9, seconds=60))
    car.wait_for_screen(lambda picture: ink(picture, 0, 160, 320, 190) > 0)
    car.firmware.press("b", "right", "right", "a")
    car.wait(lambda: car.dash.badge is None)
    assert len(car.seen(LogOut)) == 1


def test_a_plate_that_was_answered_in_this_shift_gives_no_sound(car: Car) -> None:
    car.log_in()
    car.show(1, doubts=Doubt.ANSWERED_BEFORE)
    assert car.firmware.sounds == []
    car.dash.update(AlertId(1), chance=0.99, place_confidence=0.9, doubts=Doubt.NONE)
    green = (0, 120, 32)
    car.wait_for_screen(lambda picture: picture.getpixel((2, 190)) == green)
    car.dash.describe(dataclasses.replace(VEHICLE, alert_id=AlertId(1)))
    car.wait_for_screen(lambda picture: ink(picture, 0, 203, 320, 212) > 100)


def test_an_added_category_stands_by_its_name_and_without_one_by_its_number(car: Car) -> None:
    car.log_in()
    entry = dataclasses.replace(daemon_alert(1).hit.entry, category=CATEGORY.number)
    car.show(1, entry=entry)
    label = (0, 17, 320, 33)
    numbered = ink(car.firmware.screen(), *label)
    car.dash.conclude(AlertId(1), Outcome.EXPIRED)
    car.dash.name_category(CATEGORY)
    car.show(2, entry=entry)
    assert ink(car.firmware.screen(), *label) > 2 * numbered > 0


def test_a_unit_that_has_stopped_reading_says_so_in_red(car: Car) -> None:
    car.wait_for_bar(GREEN)
    car.dash.update_state(dataclasses.replace(STATE, reading_stopped=True))
    car.wait_for_bar(RED)


def test_night_has_other_colours_than_day(car: Car) -> None:
    car.wait_for_bar(GREEN)
    assert car.firmware.screen().getpixel((160, 200)) == (248, 252, 248)
    car.firmware.set_dark(is_dark=True)
    car.wait_for_screen(lambda picture: picture.getpixel((160, 200)) == (0, 0, 0))


def test_the_session_ends_on_the_display_when_the_unit_ends_it(car: Car) -> None:
    car.log_in()
    car.show(1)
    car.dash.set_session(SessionMessage(code=SessionCode.ENDED))
    car.wait_for_screen(lambda picture: picture.getpixel((160, 62)) == BAR_COLOURS[AMBER])
    assert ink(car.firmware.screen(), 16, 160, 304, 172) > 0, "it says why"


def test_a_firmware_of_another_unit_is_not_paired(tmp_path: Path, modules: Path) -> None:
    car = Car(tmp_path, modules, Pairing(b"another key of thirty-two bytes!"))
    try:
        car.wait_for_bar(RED)
        car.wait(lambda: any(isinstance(event.error, PairingError) for event in car.events))
        assert car.dash.link_state is LinkState.DOWN
    finally:
        car.stop()


def test_garbage_on_the_line_neither_ends_nor_deafens_it(car: Car) -> None:
    car.log_in()
    rng = np.random.default_rng(1)
    for _ in range(20):
        car.cable.inject(rng.integers(0, 256, 500).astype(np.uint8).tobytes())
    car.show(1)
    car.firmware.press("a")
    car.wait(lambda: car.seen(Answer))
