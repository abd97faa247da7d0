"""``alprctl dash``: a dash unit in the terminal, on the other end of the unit's serial line.

It shows and answers as the dash unit does, for the demo, for fitting a unit without its display, and
for the headless runs (``--answer``).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import time
import tty
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.live import Live

from alprd import __version__
from alprd.alerts.auto_dash import DEFAULT_BAUD, AutoDash
from alprd.alerts.dash_events import (
    AlertArrived,
    BatchArrived,
    OutcomeArrived,
    SessionChanged,
    SettingsArrived,
)
from alprd.alerts.hello import MAX_BUILD
from alprd.alerts.line import now_ns
from alprd.alerts.link import LinkChanged
from alprd.alerts.messages import Outcome
from alprd.alerts.pairing import Pairing
from alprd.alerts.requests import ReportMessage, Tongue, check_badge, check_secret
from alprd.cli.dash_answers import answerer
from alprd.cli.dash_input import ENTER, Asked, LogInPrompt, ReportPrompt
from alprd.cli.dash_model import DashModel, ShownAlert, ShownPerson
from alprd.cli.dash_screen import category_label, grade_text, render_screen
from alprd.cli.dash_words import LANGUAGES, Language
from alprd.errors import DashError
from alprd.keys import read_dash_key
from alprd.records import MAX_BADGE, LinkState, Verdict

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction
    from collections.abc import Callable, Iterator

    from alprd.alerts.dash_events import DashEvent, DashPerson
    from alprd.alerts.messages import AlertMessage
    from alprd.alerts.requests import BatchMessage
    from alprd.alerts.serial_port import Port
    from alprd.records import AlertId, UnitState

HOLD_KEYS_S: Final = 0.7
"""After another alert came to the front, keys give no verdict for this long: it was meant for the last."""
_MAX_PIN_LINE: Final = 64
_REDRAW_S: Final = 0.5
_NS: Final = 1_000_000_000
_KEY_VERDICTS: Final = {
    "c": Verdict.CONFIRMED,
    "m": Verdict.MISREAD,
    "w": Verdict.WRONG_JURISDICTION,
    "d": Verdict.DISMISSED,
}
_TAKE_DOWN: Final = "x"
_PAUSE: Final = "p"
_MUTE: Final = "u"
_LOWEST_CLASS: Final = 1
_MAX_LINES: Final = 256


class TerminalDash(AutoDash):
    """A dash unit on this terminal; `serve` runs it until the officer leaves.

    ``port`` is a serial device's path, or what opens a line. ``answer`` answers in the officer's place
    when given. ``asks_for_report``: what came of a confirmed hit. ``language`` None is what the unit's
    settings say. Keys give no verdict for ``hold_keys_s`` seconds after another alert came to the front.
    """

    def __init__(
        self,
        port: str | Callable[[], Port],
        *,
        pairing: Pairing,
        language: Language | None = None,
        badge: str = "",
        pin: str = "",
        answer: Callable[[AlertMessage], Verdict | None] | None = None,
        baud: int = DEFAULT_BAUD,
        hold_keys_s: float = HOLD_KEYS_S,
        asks_for_report: bool = True,
    ) -> None:
        build = f"terminal dash {__version__}"[:MAX_BUILD]
        super().__init__(
            port, answer or (lambda _alert: None), badge, pairing=pairing, pin=pin, baud=baud, build=build
        )
        self._given_language = language
        self.language: Language = language or "en"
        self._asks_for_report = asks_for_report
        self._report: ReportPrompt | None = None
        self._batch: BatchMessage | None = None
        self._hold_keys_s = hold_keys_s
        self._front: AlertId | None = None
        self._front_since_s = 0.0
        self._typed: LogInPrompt | None = None
        self._lines: deque[str] = deque(maxlen=_MAX_LINES)
        self._news_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def notice(self, event: DashEvent | LinkChanged) -> None:
        """Have the screen drawn again, and note a line for a terminal that is none."""
        match event:
            case AlertArrived():
                with self.lock:
                    alert = self.link.alerts.get(event.alert_id)
                if alert is not None:
                    message = alert.message
                    label = category_label(message.category, self.language, alert.name)
                    grade = grade_text(message, message.doubts, self.language)
                    self._lines.append(f"alert {event.alert_id}: {message.plate} {label}, {grade}")
            case OutcomeArrived():
                verdict = "UNANSWERED" if event.verdict is None else event.verdict.name
                self._lines.append(f"alert {event.alert_id}: {verdict} {event.outcome.name}")
                if self._asks_for_report and event.outcome is Outcome.SEALED:
                    self._report = ReportPrompt(alert_id=event.alert_id)
            case SessionChanged() | LinkChanged(state=LinkState.DOWN):
                self._report = None  # who confirmed the hit is not the one who would report
            case BatchArrived():
                self._batch = event.batch
            case SettingsArrived() if self._given_language is None:
                self.language = "fr-CA" if event.settings.tongue is Tongue.FRENCH else "en"
        os.eventfd_write(self._news_fd, 1)

    def model(self) -> DashModel:
        """Return what the screen shows now, the alert to answer first in front."""
        with self.lock:
            held = sorted(
                self.link.alerts.values(), key=lambda a: (a.verdict is not None, -a.message.priority)
            )
            alerts = tuple(
                ShownAlert(
                    message=alert.message,
                    name=alert.name,
                    picture=bytes(alert.picture) if alert.is_drawn else None,
                    vehicle=alert.vehicle,
                    is_answered=alert.verdict is not None,
                )
                for alert in held
            )
            person = next(iter(self.link.persons.values()), None)
            is_online, session = self.link.state is LinkState.UP, self.link.session
        front = alerts[0].message.alert_id if alerts else None
        if front != self._front:
            self._front, self._front_since_s = front, time.monotonic()
        last = self.outcomes[-1] if self.outcomes else None
        return DashModel(
            is_online=is_online,
            unit=self.unit_state,
            session=session,
            alerts=alerts,
            person=None if person is None else _shown_person(person),
            last_outcome=None if last is None else last.outcome,
            last_verdict=None if last is None else last.verdict,
            prompt=self._typed,
            report=None if self._report is None else self._report.step,
            batch=self._batch,
            trouble="" if self.trouble is None else str(self.trouble),
        )

    def press(self, key: str) -> bool:
        """Do what ``key`` says to the alert that `model` last put in front; False to leave."""
        if self._typed is not None:
            self._type(key)
        elif key == "q":
            return False
        elif key.isdigit() and self._report is not None:
            self._go_on_with_report(self._report, key)
        elif key in {_PAUSE, _MUTE} and self.unit_state is not None:
            self._turn(key, self.unit_state)
        elif key == _TAKE_DOWN:
            self._take_down()
        elif key == "l" or (key in _KEY_VERDICTS and not self.link.badge):
            self._typed = LogInPrompt()
        elif key in _KEY_VERDICTS and self._front is not None and self._is_front_settled():
            with self.lock:
                self.link.answer(self._front, _KEY_VERDICTS[key])
            self.wake()
        return True

    def _is_front_settled(self) -> bool:
        return time.monotonic() - self._front_since_s >= self._hold_keys_s

    def _take_down(self) -> None:
        """Leave the report for later, or take the owner down."""
        if self._report is not None:
            self._report = None
            return
        with self.lock:
            for alert_id in tuple(self.link.persons)[:1]:
                self.link.take_down(alert_id)
        self.wake()

    def _turn(self, key: str, unit: UnitState) -> None:
        if key == _PAUSE:
            self._ask(lambda: self.link.pause(is_paused=not unit.is_paused))
        else:
            self._ask(lambda: self.link.mute(unit.muted ^ _LOWEST_CLASS))

    def _ask(self, request: Callable[[], object]) -> None:
        with self.lock:
            request()
        self.wake()

    def _go_on_with_report(self, prompt: ReportPrompt, key: str) -> None:
        after = prompt.after(key)
        if isinstance(after, ReportMessage):
            self._ask(lambda: self.link.report(after))
            self._report = None
        else:
            self._report = after

    def _type(self, key: str) -> None:
        before = self._typed
        if before is None:
            return
        self._typed = before.after(key)
        if self._typed is not None or key not in ENTER:
            return
        if before.asked is Asked.BADGE:
            self._ask(self.link.log_out)
            return
        with contextlib.suppress(ValueError):  # too short: the officer types it again
            self._ask(lambda: self.link.log_in(before.badge, before.text))

    def serve(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Run until ``is_over`` or the officer leaves; the terminal is as before afterwards.

        Without a terminal it prints a line per alert and outcome. DashError when the line thread ended.
        """
        self.start()
        try:
            if sys.stdout.isatty():
                self._serve_screen(is_over)
            else:
                self._serve_lines(is_over)
        finally:
            self.stop()

    def _serve_screen(self, is_over: Callable[[], bool]) -> None:
        console = Console()
        drawn: tuple[DashModel, int, Language] | None = None
        rung = 0
        with _raw_keys() as keys_fd, Live(console=console, screen=True, auto_refresh=False) as live:
            while not is_over():
                screen = (self.model(), console.height, self.language)
                if screen != drawn:
                    live.update(render_screen(screen[0], self.language, screen[1]), refresh=True)
                    drawn = screen
                sounds = self.sounds
                if sounds > rung:
                    console.bell()
                    rung = sounds
                if not all(self.press(key) for key in self._wait(keys_fd)):
                    return

    def _serve_lines(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            self._wait(None)
            while self._lines:
                print(self._lines.popleft(), flush=True)

    def _wait(self, keys_fd: int | None) -> str:
        """Wait for news of the link, a key, or half a second; return the keys."""
        if not self.is_alive():
            raise DashError("the thread of the dash's line has ended")
        fds = [self._news_fd] if keys_fd is None else [self._news_fd, keys_fd]
        ready = select.select(fds, [], [], _REDRAW_S)[0]
        if self._news_fd in ready:
            os.eventfd_read(self._news_fd)
        if keys_fd is None or keys_fd not in ready:
            return ""
        return os.read(keys_fd, 64).decode("utf-8", "ignore")


def _shown_person(person: DashPerson) -> ShownPerson:
    left_ns = max(0, person.until - now_ns())
    return ShownPerson(message=person.message, left_s=-(-left_ns // _NS))


@contextlib.contextmanager
def _raw_keys() -> Iterator[int | None]:
    """Have each key come at once and unechoed, None when stdin is no terminal; undone on every way out."""
    if not sys.stdin.isatty():
        yield None
        return
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    try:
        tty.setcbreak(fd)
        yield fd
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``dash``."""
    parser = commands.add_parser("dash", help="be the dash unit, in this terminal")
    parser.add_argument("--port", help="serial device on which the unit is heard")
    parser.add_argument("--key", type=Path, metavar="dash.key", help="pairing key, from `alprctl pair`")
    parser.add_argument("--baud", type=int, default=DEFAULT_BAUD, help="speed of the line (%(default)s)")
    parser.add_argument("--language", choices=LANGUAGES, help="of the screen (default: what the unit says)")
    parser.add_argument("--badge", default="", help="officer to log in at the start")
    parser.add_argument("--pin-file", type=Path, metavar="FILE", help="where the PIN of --badge stands")
    parser.add_argument(
        "--answer",
        nargs="+",
        metavar=("MODE", "FILE"),
        help="answer by itself: confirm, reject, none, or truth FILE (confirm the drive's listed plates)",
    )
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write an example screen and leave")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Be the dash unit until the officer leaves with ``q``."""
    if args.svg is not None:
        return _write_example(args.svg, args.language or "en")
    if args.port is None:
        raise DashError("no serial device given", hint="Name it: `alprctl dash --port /dev/ttyUSB0`.")
    if args.key is None:
        raise DashError("no pairing key given", hint="Make one on the unit: `alprctl pair --out dash.key`.")
    answer = answerer(args.answer)
    try:
        pin = _pin(args.badge, args.pin_file)
        dash = TerminalDash(
            args.port,
            pairing=Pairing(read_dash_key(args.key)),
            language=args.language,
            badge=args.badge,
            pin=pin,
            answer=answer,
            asks_for_report=answer is None,
            baud=args.baud,
        )
    except ValueError:
        hint = f"A badge is 1 to {MAX_BADGE} printable ASCII characters without spaces, a PIN 4 to 16."
        raise DashError("--badge, --pin-file or --baud cannot be used", hint=hint) from None
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the terminal is restored
    dash.serve()
    return 0


def _pin(badge: str, path: Path | None) -> str:
    """Return the PIN that goes with ``badge``, empty without one; ValueError where they do not fit."""
    if not badge:
        return ""
    if path is None:
        raise ValueError("no PIN")
    check_badge(badge)
    try:
        with path.open(encoding="ascii") as file:
            pin = file.readline(_MAX_PIN_LINE).rstrip("\n")
    except OSError as error:
        raise DashError(
            f"{path} cannot be read: {error.strerror}", hint="Name the file of the PIN."
        ) from None
    check_secret(pin)
    return pin


def _write_example(path: Path, language: Language) -> int:
    from alprd.cli.dash_sample import sample_model  # noqa: PLC0415 - draws a plate; no other run needs it
    from alprd.cli.dash_svg import screen_svg  # noqa: PLC0415 - the same

    try:
        path.write_text(screen_svg(sample_model(), language), encoding="utf-8")
    except OSError as error:
        raise DashError(f"{path} cannot be written: {error.strerror}", hint="Name another file.") from None
    return 0
