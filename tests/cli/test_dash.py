"""``alprctl dash``: answers, keys, refusals, and the terminal left as it was."""

from __future__ import annotations

import dataclasses
import fcntl
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

from alprd.alerts.dash import Answer, Dash, LogIn, LogOut, Outcome, Requested
from alprd.alerts.dash_events import OutcomeArrived, SessionChanged
from alprd.alerts.line import now_ns
from alprd.alerts.link import LinkChanged
from alprd.alerts.requests import (
    Action,
    LiveCheck,
    MuteMessage,
    Notice,
    PauseMessage,
    ReportMessage,
    SessionCode,
    SessionMessage,
)
from alprd.cli import alprctl
from alprd.cli.dash import HOLD_KEYS_S, TerminalDash
from alprd.cli.dash_answers import truth_answerer
from alprd.cli.dash_sample import sample_model
from alprd.cli.dash_svg import screen_svg
from alprd.errors import DashError
from alprd.keys import write_dash_key
from alprd.records import AlertId, LinkState, Verdict
from tests.sim.dash_pair import KEY_OF_PAIRING, PAIRING, PICTURE, PIN, alert, daemon_alert, linked, log_in
from tests.sim.dash_unit import Cable
from tests.vectors.dash_link.details import PERSON
from tests.vectors.dash_link.generate import STATE
from tests.vectors.dash_screen.generate import screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_S = 20.0


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
        (
            ["--port", "/dev/x", "--key", "K", "--answer", "maybe"],
            "--answer: expected confirm, reject, none or truth FILE",
        ),
        (
            ["--port", "/dev/x", "--key", "K", "--answer", "truth", "/dev/null"],
            "truth file /dev/null holds no list of vehicles",
        ),
        (
            ["--port", "/dev/x", "--key", "K", "--answer", "truth", "/nothing"],
            "truth file /nothing: No such file or directory",
        ),
        (["--port", "/dev/x"], "no pairing key given"),
        (
            ["--port", "/dev/x", "--key", "K", "--badge", "two words", "--pin-file", "K"],
            "--badge, --pin-file or --baud cannot be used",
        ),
        (
            ["--port", "/dev/x", "--key", "K", "--badge", "4711", "--pin-file", "/nothing"],
            "/nothing cannot be read: No such file or directory",
        ),
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


def terminal_dash() -> TerminalDash:
    """Return a terminal dash whose link is up and holds alerts 1 (priority 1) and 2 (priority 4)."""
    pair = linked()
    for number, priority in ((1, 1), (2, 4)):
        pair.unit.show(alert(number, priority))
    pair.run(1)
    dash = TerminalDash("/dev/null", pairing=PAIRING, hold_keys_s=0)
    dash.link = pair.dash
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


def test_a_verdict_without_an_officer_asks_for_badge_and_pin() -> None:
    pair = linked(badge="")
    dash = TerminalDash("/dev/null", pairing=PAIRING, hold_keys_s=0)
    dash.link = pair.dash
    dash.model()
    for key in "c12 é\x7f7\r":
        assert dash.press(key)
    for key in PIN:
        assert dash.press(key)
    assert "PIN, then Enter: ****_" in screen(dash.model())
    dash.press("\r")
    pair.run(0.2)
    assert dash.link.badge == "17"
    dash.press("l")
    assert "badge, then Enter" in screen(dash.model())
    dash.press("\x1b")
    pair.run(0.2)
    assert dash.link.badge == "17"
    for key in "l\r":
        dash.press(key)
    pair.run(0.2)
    assert dash.link.badge == ""
    for key in "l17\r999\r":  # too short: not even sent
        dash.press(key)
    pair.run(0.2)
    assert dash.link.session.code is SessionCode.NOBODY
    for key in "l17\r9999\r":
        dash.press(key)
    pair.run(0.2)
    assert "log-in refused: badge or PIN wrong" in screen(dash.model())
    assert not dash.press("q")


def test_pause_and_mute_are_asked_for_and_turned_back() -> None:
    pair = linked()
    dash = TerminalDash("/dev/null", pairing=PAIRING, hold_keys_s=0)
    dash.link = pair.dash
    dash.unit_state = STATE
    for key in "pu":
        dash.press(key)
    dash.unit_state = dataclasses.replace(STATE, is_paused=True, muted=1)
    for key in "pu":
        dash.press(key)
    pair.run(0.2)
    asked = [event.message for event in pair.seen(Requested)]
    assert asked == [
        PauseMessage(is_paused=True),
        MuteMessage(classes=1),
        PauseMessage(is_paused=False),
        MuteMessage(classes=0),
    ]
    assert {event.badge for event in pair.seen(Requested)} == {"4711"}


def report(live_check: LiveCheck, action: Action, notice: Notice) -> ReportMessage:
    return ReportMessage(alert_id=AlertId(1), live_check=live_check, action=action, notice=notice)


@pytest.mark.parametrize(
    ("keys", "sent"),
    [
        ("13x", []),
        (
            "121",
            [report(LiveCheck.AGREES, Action.WARNING, Notice.GIVEN)],
        ),
        (
            "921",
            [report(LiveCheck.DIFFERS, Action.NO_STOP, Notice.NOT_DUE)],
        ),
    ],
)
def test_after_a_confirmed_hit_the_outcome_is_asked_for(keys: str, sent: list[ReportMessage]) -> None:
    pair = linked()
    dash = TerminalDash("/dev/null", pairing=PAIRING, hold_keys_s=0)
    dash.link = pair.dash
    sealed = OutcomeArrived(alert_id=AlertId(1), outcome=Outcome.SEALED, verdict=Verdict.CONFIRMED)
    dash.notice(sealed)
    assert "Live system: [1] agrees" in screen(dash.model())
    for key in keys:
        dash.press(key)
    assert dash.model().report is None
    pair.run(0.2)
    assert [event.message for event in pair.seen(Requested)] == sent


@pytest.mark.parametrize(
    "gone",
    [
        SessionChanged(session=SessionMessage(code=SessionCode.NOBODY)),
        LinkChanged(state=LinkState.DOWN),
    ],
    ids=["logged out", "link lost"],
)
def test_nobody_is_asked_for_the_outcome_of_another_officers_hit(gone: SessionChanged | LinkChanged) -> None:
    dash = terminal_dash()
    sealed = OutcomeArrived(alert_id=AlertId(1), outcome=Outcome.SEALED, verdict=Verdict.CONFIRMED)
    dash.notice(sealed)
    assert dash.model().report is not None
    dash.notice(gone)
    assert dash.model().report is None


def test_a_key_takes_an_owner_down() -> None:
    dash = terminal_dash()
    dash.link.answer(AlertId(1), Verdict.CONFIRMED)
    for number in (1, 2):
        dash.link._disclose(dataclasses.replace(PERSON, alert_id=AlertId(number)), now_ns())
    person = dash.model().person
    assert person is not None
    assert person.message.alert_id == 1
    assert 58 <= person.left_s <= 60
    assert dash.press("x")
    assert list(dash.link.persons) == [2]
    assert dash.press("x")
    assert dash.model().person is None
    assert dash.press("x")


class Terminal:
    """`alprctl dash` in a real terminal of 33 x 80, with a real `Dash` at the other end of its line."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        key = folder / "dash.key"
        write_dash_key(key, KEY_OF_PAIRING, replace=True)
        self.cable = Cable()
        self.dash = Dash(self.cable.unit_path, 115_200, "test", pairing=PAIRING)
        self.dash.update_state(STATE)
        self.dash.start()
        self.outer, self.inner = os.openpty()
        fcntl.ioctl(self.inner, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 80, 0, 0))
        self.before = termios.tcgetattr(self.inner)
        command = [
            sys.executable,
            "-m",
            "alprd.cli.alprctl",
            "dash",
            "--port",
            self.cable.dash_path,
            "--key",
            str(key),
            *arguments,
        ]
        # A shell's background job, as a test run can be, hands down an ignored SIGINT; a terminal does not.
        self.process = subprocess.Popen(
            ["/usr/bin/env", "--default-signal=INT", *command],
            stdin=self.inner,
            stdout=self.inner,
            stderr=self.inner,
            env=os.environ | {"TERM": "xterm"},
        )
        self.text = ""
        self.answers: list[Answer] = []
        self.requests: list[Requested] = []

    def wait(self, is_so: Callable[[], object]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < until, self.text[-3000:]
            if select.select([self.outer], [], [], 0.02)[0]:
                self.text += os.read(self.outer, 65_536).decode("utf-8", "ignore")
            for event in self.dash.events():
                if isinstance(event, LogIn | LogOut):
                    log_in(self.dash, event)
                elif isinstance(event, Answer):
                    self.answers.append(event)
                elif isinstance(event, Requested):
                    self.requests.append(event)

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
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.close()


def test_an_officer_logs_in_confirms_and_leaves_the_terminal_as_it_was(terminal: Terminal) -> None:
    terminal.wait(lambda: "ALPR READING" in terminal.text)
    terminal.type("l4711\r2468\r")
    terminal.wait(lambda: terminal.dash.badge == "4711")
    terminal.dash.show(daemon_alert(1), PICTURE)
    terminal.wait(lambda: "VEHICLE REPORTED STOLEN" in terminal.text)
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
    daemon = Dash(cable.unit_path, 115_200, "test", pairing=PAIRING)
    daemon.start()
    dash = TerminalDash(
        cable.dash_path, pairing=PAIRING, badge="4711", pin=PIN, answer=lambda _: Verdict.MISREAD
    )
    daemon.show(daemon_alert(1), PICTURE)

    def is_over() -> bool:
        for event in daemon.events():
            if isinstance(event, LogIn):
                log_in(daemon, event)
            if isinstance(event, Answer):
                daemon.conclude(event.alert_id, Outcome.WIPED)
        return bool(dash.outcomes) and not dash._lines

    dash.serve(is_over)
    daemon.stop()
    cable.unplug()
    assert capfd.readouterr().out == (
        "alert 1: ABCD123 Stolen vehicle, STOP-GRADE once the live system agrees (chance 97 %)\n"
        "alert 1: MISREAD WIPED\n"
    )
