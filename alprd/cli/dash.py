"""``alprctl dash``: a dash unit in the terminal, on the other end of the unit's serial line.

It shows and answers as the dash unit does, for the demo, for fitting a unit without its display, and
for the headless runs (``--answer``).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
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
from alprd.alerts.dash_link import AlertArrived, OutcomeArrived
from alprd.alerts.line import now_ns
from alprd.alerts.messages import MAX_BUILD
from alprd.cli.dash_screen import (
    DashModel,
    ShownAlert,
    ShownPerson,
    category_label,
    grade_text,
    render_screen,
)
from alprd.cli.dash_words import LANGUAGES, Language
from alprd.errors import DashError
from alprd.records import MAX_BADGE, LinkState, Verdict

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction
    from collections.abc import Callable, Iterator

    from alprd.alerts.dash_link import DashEvent, DashPerson
    from alprd.alerts.link import LinkChanged
    from alprd.alerts.messages import AlertMessage
    from alprd.alerts.serial_port import Port
    from alprd.records import AlertId

HOLD_KEYS_S: Final = 0.7
"""After another alert came to the front, keys give no verdict for this long: it was meant for the last."""
_REDRAW_S: Final = 0.5
_NS: Final = 1_000_000_000
_MAX_TRUTH_BYTES: Final = 16 << 20
_KEY_VERDICTS: Final = {
    "c": Verdict.CONFIRMED,
    "m": Verdict.MISREAD,
    "w": Verdict.WRONG_JURISDICTION,
}
_TAKE_DOWN: Final = "x"
_ERASE: Final = ("\x7f", "\b")
_ESCAPE: Final = "\x1b"
_ENTER: Final = ("\r", "\n")
_MAX_LINES: Final = 256
_NOT_PLATE: Final = re.compile("[^A-Z0-9]")
_TRUTH_HINT: Final = "Give the truth file of the demo's drive."


class TerminalDash(AutoDash):
    """A dash unit on this terminal; `serve` runs it until the officer leaves.

    ``port`` is a serial device's path, or what opens a line. ``answer`` answers in the officer's place
    when given. Keys give no verdict for ``hold_keys_s`` seconds after another alert came to the front.
    """

    def __init__(
        self,
        port: str | Callable[[], Port],
        *,
        language: Language = "en",
        badge: str = "",
        answer: Callable[[AlertMessage], Verdict | None] | None = None,
        baud: int = DEFAULT_BAUD,
        hold_keys_s: float = HOLD_KEYS_S,
    ) -> None:
        build = f"terminal dash {__version__}"[:MAX_BUILD]
        super().__init__(port, answer or (lambda _alert: None), badge, baud=baud, build=build)
        self._language = language
        self._hold_keys_s = hold_keys_s
        self._front: AlertId | None = None
        self._front_since_s = 0.0
        self._typed: str | None = None
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
                    label = category_label(message.category, self._language, alert.name)
                    grade = grade_text(message, message.doubts, self._language)
                    self._lines.append(f"alert {event.alert_id}: {message.plate} {label}, {grade}")
            case OutcomeArrived():
                verdict = "UNANSWERED" if event.verdict is None else event.verdict.name
                self._lines.append(f"alert {event.alert_id}: {verdict} {event.outcome.name}")
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
            is_online, badge = self.link.state is LinkState.UP, self.link.badge
        front = alerts[0].message.alert_id if alerts else None
        if front != self._front:
            self._front, self._front_since_s = front, time.monotonic()
        last = self.outcomes[-1] if self.outcomes else None
        return DashModel(
            is_online=is_online,
            unit=self.unit_state,
            badge=badge,
            alerts=alerts,
            person=None if person is None else _shown_person(person),
            last_outcome=None if last is None else last.outcome,
            last_verdict=None if last is None else last.verdict,
            typed_badge=self._typed,
            trouble="" if self.trouble is None else str(self.trouble),
        )

    def press(self, key: str) -> bool:
        """Do what ``key`` says to the alert that `model` last put in front; False to leave."""
        if self._typed is not None:
            self._type(key)
        elif key == "q":
            return False
        elif key == _TAKE_DOWN:
            with self.lock:
                for alert_id in tuple(self.link.persons)[:1]:
                    self.link.take_down(alert_id)
            self.wake()
        elif key == "l" or (key in _KEY_VERDICTS and not self.link.badge):
            self._typed = ""
        elif key in _KEY_VERDICTS and self._front is not None and self._is_front_settled():
            with self.lock:
                self.link.answer(self._front, _KEY_VERDICTS[key])
            self.wake()
        return True

    def _is_front_settled(self) -> bool:
        return time.monotonic() - self._front_since_s >= self._hold_keys_s

    def _type(self, key: str) -> None:
        typed = self._typed or ""
        if key in _ENTER:
            with self.lock:
                self.link.log_in(typed)
            self.wake()
            self._typed = None
        elif key == _ESCAPE:
            self._typed = None
        elif key in _ERASE:
            self._typed = typed[:-1]
        elif key.isascii() and key.isprintable() and key != " ":
            self._typed = (typed + key)[:MAX_BADGE]

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
        drawn: tuple[DashModel, int] | None = None
        rung = 0
        with _raw_keys() as keys_fd, Live(console=console, screen=True, auto_refresh=False) as live:
            while not is_over():
                screen = (self.model(), console.height)
                if screen != drawn:
                    live.update(render_screen(screen[0], self._language, screen[1]), refresh=True)
                    drawn = screen
                if self.shown > rung:
                    console.bell()
                    rung = self.shown
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


def truth_answerer(path: Path) -> Callable[[AlertMessage], Verdict | None]:
    """Return what confirms the listed plates of the drive's truth file at ``path`` and rejects others.

    The file is JSON with ``vehicles``: objects with ``text`` and ``listed``. DashError when it is not.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_TRUTH_BYTES + 1)
        if len(content) > _MAX_TRUTH_BYTES:
            raise DashError(f"truth file {path} is larger than {_MAX_TRUTH_BYTES} bytes", hint=_TRUTH_HINT)
        vehicles = json.loads(content)["vehicles"]
        listed = {_NOT_PLATE.sub("", vehicle["text"].upper()) for vehicle in vehicles if vehicle["listed"]}
    except OSError as error:
        raise DashError(f"truth file {path}: {error.strerror}", hint=_TRUTH_HINT) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DashError(f"truth file {path} holds no list of vehicles", hint=_TRUTH_HINT) from None
    return lambda alert: Verdict.CONFIRMED if alert.plate in listed else Verdict.MISREAD


def _answerer(words: list[str] | None) -> Callable[[AlertMessage], Verdict | None] | None:
    match words:
        case None | ["none"]:
            return None
        case ["confirm"]:
            return lambda _alert: Verdict.CONFIRMED
        case ["reject"]:
            return lambda _alert: Verdict.MISREAD
        case ["truth", path]:
            return truth_answerer(Path(path))
        case _:
            hint = "Give --answer confirm, reject, none, or truth FILE."
            raise DashError("--answer: expected confirm, reject, none or truth FILE", hint=hint)


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``dash``."""
    parser = commands.add_parser("dash", help="be the dash unit, in this terminal")
    parser.add_argument("--port", help="serial device on which the unit is heard")
    parser.add_argument("--baud", type=int, default=DEFAULT_BAUD, help="speed of the line (%(default)s)")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the screen")
    parser.add_argument("--badge", default="", help="officer to log in at the start")
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
        return _write_example(args.svg, args.language)
    if args.port is None:
        raise DashError("no serial device given", hint="Name it: `alprctl dash --port /dev/ttyUSB0`.")
    try:
        dash = TerminalDash(
            args.port,
            language=args.language,
            badge=args.badge,
            answer=_answerer(args.answer),
            baud=args.baud,
        )
    except ValueError:
        hint = f"A badge is 1 to {MAX_BADGE} printable ASCII characters without spaces."
        raise DashError("--badge or --baud cannot be used", hint=hint) from None
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the terminal is restored
    dash.serve()
    return 0


def _write_example(path: Path, language: Language) -> int:
    from alprd.cli.dash_sample import sample_model  # noqa: PLC0415 - draws a plate; no other run needs it
    from alprd.cli.dash_svg import screen_svg  # noqa: PLC0415 - the same

    try:
        path.write_text(screen_svg(sample_model(), language), encoding="utf-8")
    except OSError as error:
        raise DashError(f"{path} cannot be written: {error.strerror}", hint="Name another file.") from None
    return 0
