"""The demonstration: a throw-away office, the real daemon on a recorded drive, a dash on a real pty."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tty
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import yaml

from alprd.alerts.auto_dash import AutoDash
from alprd.alerts.line import descriptor_opener
from alprd.demo.material import prepare
from alprd.demo.office import BADGE, DemoOffice, failure
from alprd.errors import AlprdError, OfficeInputError
from alprd.memory import ENVIRONMENT
from alprd.records import Verdict
from alprd.settings import VisionSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alprd.alerts.messages import AlertMessage
    from alprd.alerts.serial_port import Port
    from alprd.demo.material import DemoOptions, Material
    from alprd.demo.office import DemoLogIn

_HEADLESS_ANSWER_S: Final = 5.0
_ANSWER_S: Final = 30.0
_SHOWN_FPS: Final = 10.0
_LONGEST_RUN_S: Final = 900.0
_STOP_S: Final = 5.0
_POLL_S: Final = 0.05
_LOG_BYTES: Final = 8000
_PLAN: Final = (Verdict.CONFIRMED, Verdict.MISREAD, Verdict.WRONG_JURISDICTION, None)
"""What the headless dash answers first, so that every path is seen; CONFIRMED after that."""


class Screen(Protocol):
    """A dash that a person answers: `cli.dash.TerminalDash`."""

    def serve(self, is_over: Callable[[], bool]) -> None:
        """Run until ``is_over`` or the person leaves."""


class ScreenMaker(Protocol):
    """Makes a `Screen` on the line that ``opener`` opens; ``answer`` is told of each alert."""

    def __call__(
        self, opener: Callable[[], Port], answer: Callable[[AlertMessage], Verdict | None], login: DemoLogIn
    ) -> Screen:
        """Return the screen, not yet served."""


@dataclass(slots=True)
class Officer:
    """Who is shown the alerts: notes their plates, and answers where ``by_plan``.

    ``listed`` are the plates that must be alerted, None where nobody knows. ``has_left`` says that the
    person ended the demonstration before the drive was over.
    """

    listed: frozenset[str] | None
    by_plan: bool
    alerted: dict[int, str] = field(default_factory=dict)
    has_left: bool = False
    _given: int = 0

    def answer(self, alert: AlertMessage) -> Verdict | None:
        """Note ``alert``; return the verdict where the officer answers by plan."""
        is_new = alert.alert_id not in self.alerted
        self.alerted[alert.alert_id] = alert.plate
        if not self.by_plan or not is_new:
            return None
        if self.listed is not None and alert.plate not in self.listed:
            return Verdict.MISREAD
        self._given += 1
        return _PLAN[self._given - 1] if self._given <= len(_PLAN) else Verdict.CONFIRMED


def run_demo(
    options: DemoOptions, make_screen: ScreenMaker, say: Callable[[str], None]
) -> tuple[dict[str, Any], list[str]]:
    """Run a whole demonstration; return its figures and what went wrong (empty: nothing did).

    ``say`` tells how far it is. Everything made is removed on every way out, but ``options.keep`` and
    the rendered drive. Raises an `AlprdError` when a part cannot run at all.
    """
    with _ended_by_signals(), _folder(options.keep) as folder:
        material = prepare(options, folder, say)
        say("making an office and a unit with their keys, and sealing the list")
        office = DemoOffice(folder)
        say(f"sealed: {office.install_list(material.list_file)}")
        if is_of_stills(options):
            say("a picture of yours alerts by itself (vision.votes 1): a drive's frames vote together")
        officer = Officer(listed=material.listed, by_plan=options.headless)
        with _line() as (outer, port):
            daemon = Daemon(folder, _settings(options, material, office, port))
            summary = _serve(daemon, officer, outer, make_screen, login=office.login, say=say)
        say("opening the evidence with the office's key")
        evidence = office.open_evidence()
    return judge(summary, material, officer, evidence)


class Daemon:
    """The real daemon as a process of its own, ended on every way out of the ``with``."""

    def __init__(self, folder: Path, settings: dict[str, dict[str, object]]) -> None:
        """Write ``settings`` into ``folder``; nothing is started yet."""
        self._settings, self._summary = folder / "alprd.yaml", folder / "summary.json"
        self._log = folder / "alprd.log"
        self._settings.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # A lock limit below the hard one would keep the daemon's buffers from being locked.
        _, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
        words = [sys.executable, "-m", "alprd.cli.alprd", "run"]
        words += ["--settings", str(self._settings), "--summary", str(self._summary)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **ENVIRONMENT},
                start_new_session=True,  # Ctrl-C at the terminal is the demo's to handle
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_over(self) -> bool:
        """Whether the daemon has ended."""
        return self._process is None or self._process.poll() is not None

    def stop(self) -> None:
        """End the daemon as systemd would: SIGTERM, then SIGKILL."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def summary(self) -> dict[str, Any]:
        """Return what the ended daemon measured of itself. Raises `AlprdError` when it failed."""
        code = None if self._process is None else self._process.returncode
        if code != 0 or not self._summary.is_file():
            complaint = self._log.read_bytes()[-_LOG_BYTES:].decode("utf-8", "replace")
            raise failure(f"alprd run (exit code {code})", complaint)
        return dict(json.loads(self._summary.read_bytes()))


def _serve(
    daemon: Daemon,
    officer: Officer,
    line: int,
    make_screen: ScreenMaker,
    *,
    login: DemoLogIn,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Put the dash on ``line``, run the daemon to its end, and return its summary."""
    opener = descriptor_opener(line)
    with daemon:
        if officer.by_plan:
            say("the daemon reads the drive; the dash answers by itself")
            dash = AutoDash(opener, officer.answer, login.badge, pairing=login.pairing, pin=login.pin)
            _serve_alone(daemon, dash)
        else:
            make_screen(opener, officer.answer, login).serve(lambda: daemon.is_over)
            officer.has_left = not daemon.is_over
    return daemon.summary()


def _serve_alone(daemon: Daemon, dash: AutoDash) -> None:
    until = time.monotonic() + _LONGEST_RUN_S
    dash.start()
    try:
        while not daemon.is_over:
            if time.monotonic() > until:
                raise AlprdError(f"the daemon was not through the drive after {_LONGEST_RUN_S:.0f} s")
            time.sleep(_POLL_S)
    finally:
        dash.stop()


def _settings(
    options: DemoOptions, material: Material, office: DemoOffice, port: str
) -> dict[str, dict[str, object]]:
    width, height = material.size
    return {
        "camera": {
            "source": "recorded",
            "path": str(material.source),
            "width": width,
            "height": height,
            "fps": 0.0 if options.headless else _SHOWN_FPS,
        },
        "vision": {
            "runtime": options.runtime,
            "votes": 1 if is_of_stills(options) else VisionSettings().votes,
        },
        "hotlist": {"folder": str(office.state / "hotlist")},
        "keys": {"folder": str(office.state / "keys")},
        "alerts": {"answer_time_s": _HEADLESS_ANSWER_S if options.headless else _ANSWER_S},
        "dash": {"port": port},
        "gps": {"source": "simulated"},
        "evidence": {"folder": str(office.state / "evidence")},
        # The machine of a demonstration has other things to do: a frame may wait for it.
        "forgetting": {"life_limit_ms": 10_000.0},
        "audit": {"folder": str(office.state / "audit")},
        "conservation": {"folder": str(office.state / "conservation")},
        "control": {"socket": ""},
    }


def is_of_stills(options: DemoOptions) -> bool:
    """Return whether each vehicle is seen once, in a folder of pictures: nothing can be voted on."""
    return options.pictures is not None and options.pictures.is_dir()


def judge(
    summary: dict[str, Any], material: Material, officer: Officer, evidence: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[str]]:
    """Hold what happened against the truth; return the figures and what went wrong."""
    alerted = set(officer.alerted.values())
    not_shown = summary.pop("missed", 0)
    figures = {**summary, "evidence_records": len(evidence), "hits_not_shown": not_shown}
    problems: list[str] = []

    def demand(holds: bool, problem: str) -> None:  # noqa: FBT001 - a condition and its complaint
        if not holds:
            problems.append(problem)

    if material.listed is None:
        figures |= {"listed": None, "alerted": len(alerted), "missed": None, "false_alerts": None}
    else:
        missed, false = sorted(material.listed - alerted), sorted(alerted - material.listed)
        figures |= {
            "listed": len(material.listed),
            "alerted": len(alerted & material.listed),
            "missed": len(missed),
            "false_alerts": len(false),
        }
        demand(officer.has_left or not missed, f"listed plates that were not alerted: {', '.join(missed)}")
        demand(not false, f"plates alerted that are not listed: {', '.join(false)}")
        demand(
            officer.has_left or summary["frames"] == material.frames,
            f"frames taken: expected {material.frames}, found {summary['frames']}",
        )
    demand(
        summary["frames_wiped"] == summary["frames"],
        f"frames wiped: expected all {summary['frames']}, found {summary['frames_wiped']}",
    )
    demand(
        len(evidence) == summary["confirmed"],
        f"evidence records: expected {summary['confirmed']} as confirmed, found {len(evidence)}",
    )
    demand(
        all(r["verdict"] == "CONFIRMED" and r["badge"] == BADGE and r["plate"] in alerted for r in evidence),
        "an evidence record is not of a confirmed alert",
    )
    return figures, problems


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Give a folder that is removed at the end, or ``keep``, which stays."""
    if keep is not None:
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise OfficeInputError(f"{keep} is no empty folder", hint="Give --keep a new folder.")
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield keep.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="alprd-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _line() -> Iterator[tuple[int, str]]:
    """Give a pty: the dash's end as a descriptor, the unit's end as a path. Raw from the start."""
    outer, inner = os.openpty()
    try:
        tty.setraw(inner)
        yield outer, os.ttyname(inner)
    finally:
        os.close(outer)
        os.close(inner)  # held until now: the line stays up while the daemon has not opened it


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Have SIGTERM and SIGHUP unwind like any other way out, so that all is removed."""

    def leave(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
