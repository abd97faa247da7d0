"""``alprctl dash``: what the screen shows in every state, keys, refusals, and the terminal left as it was."""

from __future__ import annotations

import dataclasses
import fcntl
import io
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from alprd.alerts.dash import Answer, Dash, Outcome
from alprd.alerts.messages import PICTURE_BYTES
from alprd.cli import alprctl
from alprd.cli.dash import HOLD_KEYS_S, TerminalDash, truth_answerer
from alprd.cli.dash_letters import grey_picture, large
from alprd.cli.dash_sample import sample_model
from alprd.cli.dash_screen import (
    LANGUAGES,
    WORDS,
    DashModel,
    Language,
    age_text,
    category_label,
    render_screen,
)
from alprd.cli.dash_svg import screen_svg
from alprd.errors import DashError
from alprd.hotlist.categories import Category
from alprd.records import AlertId, ClockSource, GpsState, LinkState, UnitState, UnixMs, Verdict
from tests.sim.dash_pair import PICTURE, alert, daemon_alert, linked
from tests.sim.dash_unit import Cable
from tests.vectors.dash_link.generate import STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_S = 20.0
ONLINE = DashModel(is_online=True, unit=STATE, badge="4711")


def screen(model: DashModel, language: Language = "en", rows: int = 28) -> str:
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(render_screen(model, language, rows))
    return console.export_text()


@pytest.mark.parametrize(
    ("model", "first_line"),
    [
        (ONLINE, " ALPR READING  15/s  list 2 h 05 min  GPS fix  officer 4711"),
        (
            dataclasses.replace(ONLINE, badge=""),
            " ALPR READING  15/s  list 2 h 05 min  GPS fix   nobody logged in",
        ),
        (DashModel(is_online=False), " ALPR OFFLINE    nobody logged in"),
        (dataclasses.replace(ONLINE, is_online=False), " ALPR OFFLINE   officer 4711"),
    ],
)
def test_the_state_line_says_what_the_unit_does(model: DashModel, first_line: str) -> None:
    assert screen(model).splitlines()[0].rstrip() == first_line


@pytest.mark.parametrize(
    ("change", "english", "french"),
    [
        ({"camera_ok": False}, "CAMERA LOST", "CAMÉRA PERDUE"),
        ({"list_expired": True}, "LIST EXPIRED", "LISTE EXPIRÉE"),
        ({"list_age_s": None}, "NO LIST", "AUCUNE LISTE"),
        ({"gps": GpsState.NO_FIX}, "GPS no fix", "GPS sans position"),
        ({"gps": GpsState.UNREACHABLE}, "GPS off", "GPS arrêté"),
        ({"missed": 3}, "3 hits not shown", "3 alertes non affichées"),
    ],
)
def test_every_trouble_of_the_unit_is_on_the_screen(
    change: dict[str, object], english: str, french: str
) -> None:
    unit: UnitState = dataclasses.replace(STATE, **change)  # type: ignore[arg-type]  # one field of the state
    model = dataclasses.replace(ONLINE, unit=unit)
    assert english in screen(model)
    assert french in screen(model, "fr")
    is_reading = change.keys() <= {"gps", "missed"}
    assert ("ALPR READING" in screen(model)) == is_reading


def test_the_alert_shows_all_that_the_officer_must_compare() -> None:
    shown = screen(sample_model())
    for words in (
        "STOLEN VEHICLE",
        "listed for CA-ON   read as that 97 %",
        "read 71 %",
        "^71%",
        "list age 2 h 05 min",
        "captured 20:40:00 UTC",
        "location known",
        "+1 more waiting",
        "last answer: confirmed,  sealed as evidence",
        "[c] confirm   [m] misread   [w] wrong province or state   [l] log in",
    ):
        assert words in shown
    assert shown.count("▀" * 72) == 12
    french = screen(sample_model(), "fr")
    for words in ("VÉHICULE VOLÉ", "inscrite pour CA-ON", "lue ainsi 97 %", "scellée comme preuve"):
        assert words in french


@pytest.mark.parametrize(
    ("language", "words"), [("en", "CHECK THE PROVINCE OR STATE"), ("fr", "VÉRIFIER LA PROVINCE OU L'ÉTAT")]
)
def test_an_unknown_place_is_to_be_checked(language: Language, words: str) -> None:
    sample = sample_model()
    message = dataclasses.replace(sample.alerts[0].message, place_confidence=0)
    model = dataclasses.replace(sample, alerts=(dataclasses.replace(sample.alerts[0], message=message),))
    assert words in screen(model, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rows", [24, 28])
def test_the_fullest_screen_fits_its_terminal(language: Language, rows: int) -> None:
    sample = sample_model()
    message = dataclasses.replace(
        sample.alerts[0].message,
        plate="WMWMWMWMW8",
        place_confidence=0,
        confidences=(1,) * 10,
        captured=dataclasses.replace(sample.alerts[0].message.captured, source=ClockSource.UNTRUSTED),
        has_location=False,
    )
    shown = dataclasses.replace(sample.alerts[0], message=message)
    unit = dataclasses.replace(STATE, missed=9)
    model = dataclasses.replace(sample, alerts=(shown, shown), unit=unit)
    lines = screen(model, language, rows).rstrip("\n").splitlines()
    assert len(lines) <= rows
    assert max(len(line.rstrip()) for line in lines) <= 80


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["fr"].keys()
    for language, outcome in ((language, outcome) for language in LANGUAGES for outcome in Outcome):
        assert screen(dataclasses.replace(ONLINE, last_outcome=outcome), language).count("\n") >= 10


def test_every_category_has_its_label_and_an_unknown_one_its_number() -> None:
    assert category_label(Category.AMBER_ALERT, "en") == "Amber Alert"
    assert category_label(Category.AMBER_ALERT, "fr") == "Alerte Amber"
    assert category_label(200, "en") == "category 200"


@pytest.mark.parametrize(
    ("age_s", "text"),
    [(0, "0 min"), (3599, "59 min"), (3600, "1 h 00 min"), (86_399, "23 h 59 min"), (97_200, "1 d 03 h")],
)
def test_ages_are_shown_in_two_units(age_s: int, text: str) -> None:
    assert age_text(age_s) == text


def test_an_unlisted_issuer_a_missing_picture_and_a_broken_clock_are_said() -> None:
    sample = sample_model().alerts[0]
    captured = dataclasses.replace(sample.message.captured, at=UnixMs(2**64 - 1))
    message = dataclasses.replace(sample.message, jurisdiction="??", captured=captured)
    shown = dataclasses.replace(sample, message=message, picture=None)
    text = screen(dataclasses.replace(ONLINE, alerts=(shown,)))
    assert "issuer not listed" in text
    assert "picture is coming" in text
    assert "captured --:--:--" in text


def test_letters_differ_from_one_another() -> None:
    drawn = {large(letter, ["bold"]).plain for letter in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    assert len(drawn) == 36


def test_a_picture_keeps_its_greys() -> None:
    packed = bytearray(PICTURE_BYTES)
    packed[: 72 * 2] = b"\xff" * 144  # the two upper rows white
    picture = grey_picture(bytes(packed))
    assert picture.plain.count("▀") == 72 * 12
    first = picture.spans[0].style
    assert str(first) == "#ffffff on #000000"


def test_the_example_is_a_picture_that_loads_nothing(tmp_path: Path) -> None:
    svg = tmp_path / "dash.svg"
    assert alprctl.main(["dash", "--svg", str(svg)]) == 0
    text = svg.read_text("utf-8")
    assert text == screen_svg(sample_model(), "en")
    assert ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own file
    assert "url(http" not in text
    assert not re.search("[▀▄█]", text)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no serial device given"),
        (["--port", "/dev/x", "--answer", "maybe"], "--answer: expected confirm, reject, none or truth FILE"),
        (
            ["--port", "/dev/x", "--answer", "truth", "/dev/null"],
            "truth file /dev/null holds no list of vehicles",
        ),
        (
            ["--port", "/dev/x", "--answer", "truth", "/nothing"],
            "truth file /nothing: No such file or directory",
        ),
        (["--port", "/dev/x", "--badge", "two words"], "--badge or --baud cannot be used"),
        (["--svg", "/nothing/dash.svg"], "/nothing/dash.svg cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_used_is_a_dash_error(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert alprctl.main(["dash", *arguments]) == DashError.exit_code
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"alprd error: {said}"
    assert second.startswith("next: ")


def test_the_truth_confirms_the_listed_plates_alone(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    vehicles = [{"text": "ABCD 123", "listed": True}, {"text": "ZZZZ999", "listed": False}]
    path.write_text(json.dumps({"vehicles": vehicles}))
    answer = truth_answerer(path)
    assert answer(alert(1)) is Verdict.CONFIRMED
    assert answer(dataclasses.replace(alert(1), plate="ZZZZ999")) is Verdict.MISREAD


def terminal_dash(badge: str = "4711") -> TerminalDash:
    """Return a terminal dash whose link is up and holds alerts 1 (priority 1) and 2 (priority 4)."""
    pair = linked()
    for number, priority in ((1, 1), (2, 4)):
        pair.unit.show(alert(number, priority))
    pair.run(1)
    dash = TerminalDash("/dev/null", badge=badge, hold_keys_s=0)
    dash.link = pair.dash
    dash.link.log_in(badge)
    return dash


def test_keys_answer_the_most_urgent_alert_and_then_the_next() -> None:
    dash = terminal_dash()
    assert [a.message.alert_id for a in dash.model().alerts] == [2, 1]
    assert dash.press("w")
    assert [(a.message.alert_id, a.is_answered) for a in dash.model().alerts] == [(1, False), (2, True)]
    assert dash.press("m")
    verdicts = {number: held.verdict for number, held in dash.link.alerts.items()}
    assert verdicts == {1: Verdict.MISREAD, 2: Verdict.WRONG_JURISDICTION}


def test_a_key_right_after_another_alert_came_to_the_front_gives_no_verdict() -> None:
    dash = terminal_dash()
    dash._hold_keys_s = 60
    dash.model()
    dash.press("c")
    assert all(held.verdict is None for held in dash.link.alerts.values())
    dash._front_since_s -= 61
    dash.press("c")
    assert dash.link.alerts[AlertId(2)].verdict is Verdict.CONFIRMED


def test_a_verdict_without_an_officer_asks_for_the_badge() -> None:
    dash = terminal_dash(badge="")
    dash.model()
    for key in "c12 é\x7f7\r":
        assert dash.press(key)
        assert dash.model()
    assert dash.link.badge == "17"
    assert all(held.verdict is None for held in dash.link.alerts.values())
    dash.press("l")
    assert "badge, then Enter" in screen(dash.model())
    dash.press("\x1b")
    assert dash.link.badge == "17"
    assert not dash.press("q")


class Terminal:
    """`alprctl dash` in a real terminal of 28 x 80, with a real `Dash` at the other end of its line."""

    def __init__(self, *arguments: str) -> None:
        self.cable = Cable()
        self.dash = Dash(self.cable.unit_path, 115_200, "test")
        self.dash.update_state(STATE)
        self.dash.start()
        self.outer, self.inner = os.openpty()
        fcntl.ioctl(self.inner, termios.TIOCSWINSZ, struct.pack("HHHH", 28, 80, 0, 0))
        self.before = termios.tcgetattr(self.inner)
        command = [
            sys.executable,
            "-m",
            "alprd.cli.alprctl",
            "dash",
            "--port",
            self.cable.dash_path,
            *arguments,
        ]
        self.process = subprocess.Popen(
            command,
            stdin=self.inner,
            stdout=self.inner,
            stderr=self.inner,
            env=os.environ | {"TERM": "xterm"},
        )
        self.text = ""
        self.answers: list[Answer] = []

    def wait(self, is_so: Callable[[], object]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < until, self.text[-3000:]
            if select.select([self.outer], [], [], 0.02)[0]:
                self.text += os.read(self.outer, 65_536).decode("utf-8", "ignore")
            self.answers += [e for e in self.dash.events() if isinstance(e, Answer)]

    def type(self, keys: str) -> None:
        os.write(self.outer, keys.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.dash.stop()
        self.cable.unplug()
        os.close(self.outer)
        os.close(self.inner)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


def test_an_officer_logs_in_confirms_and_leaves_the_terminal_as_it_was(terminal: Terminal) -> None:
    terminal.wait(lambda: "ALPR READING" in terminal.text)
    terminal.type("l4711\r")
    terminal.wait(lambda: terminal.dash.badge == "4711")
    terminal.dash.show(daemon_alert(1), PICTURE)
    terminal.wait(lambda: "STOLEN VEHICLE" in terminal.text)
    time.sleep(HOLD_KEYS_S)  # an earlier key is not meant for this alert
    terminal.type("c")
    terminal.wait(lambda: terminal.answers)
    assert [(a.verdict, a.badge) for a in terminal.answers] == [(Verdict.CONFIRMED, "4711")]
    terminal.dash.conclude(AlertId(1), Outcome.SEALED)
    terminal.wait(lambda: "sealed as evidence" in terminal.text)
    terminal.type("q")
    terminal.wait(lambda: terminal.process.poll() is not None)
    assert terminal.process.returncode == 0
    assert termios.tcgetattr(terminal.inner) == terminal.before
    terminal.wait(lambda: terminal.text.rstrip().endswith("\x1b[?1049l"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(terminal: Terminal, number: int) -> None:
    terminal.wait(lambda: terminal.dash.link_state is LinkState.UP)
    terminal.wait(lambda: "ALPR READING" in terminal.text)
    assert termios.tcgetattr(terminal.inner) != terminal.before
    terminal.process.send_signal(number)
    terminal.wait(lambda: terminal.process.poll() is not None)
    assert terminal.process.returncode == 130
    assert termios.tcgetattr(terminal.inner) == terminal.before


def test_without_a_terminal_it_prints_a_line_per_alert_and_outcome(capfd: pytest.CaptureFixture[str]) -> None:
    cable = Cable()
    daemon = Dash(cable.unit_path, 115_200, "test")
    daemon.start()
    dash = TerminalDash(cable.dash_path, badge="4711", answer=lambda _: Verdict.MISREAD)
    daemon.show(daemon_alert(1), PICTURE)

    def is_over() -> bool:
        for event in daemon.events():
            if isinstance(event, Answer):
                daemon.conclude(event.alert_id, Outcome.WIPED)
        return bool(dash.outcomes) and not dash._lines

    dash.serve(is_over)
    daemon.stop()
    cable.unplug()
    assert capfd.readouterr().out == "alert 1: ABCD123 Stolen vehicle\nalert 1: MISREAD WIPED\n"
