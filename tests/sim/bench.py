"""A whole unit on the bench: a throw-away office, a provisioned unit, the real daemon, a pty dash.

Nothing is simulated but what a bench has no hardware for: the camera is a recording or a FIFO, the
dash unit is the automatic dash on the other end of a real pty.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tty
from typing import TYPE_CHECKING, Any, Self

import yaml

from alprd.alerts.auto_dash import AutoDash
from alprd.alerts.line import descriptor_opener
from alprd.alerts.pairing import Pairing
from alprd.cli import alpr_office, alprctl
from alprd.control.status import ask
from alprd.errors import ControlError, TraceFoundError
from alprd.evidence.disk import list_records
from alprd.keys import DASH_KEY_FILE, read_dash_key
from alprd.keys.officers import OFFICERS_FILE, make_officer, write_signed
from alprd.memory import ENVIRONMENT
from alprd.office.officers import approve_officers, draft_officers
from alprd.office.release import build_release
from alprd.office.workspace import Workspace, approver_folder
from tests.sim.faults import PROGRAM
from tests.sim.vault_office import VaultOffice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from alprd.alerts.messages import AlertMessage
    from alprd.hotlist.columns import Columns
    from alprd.hotlist.details import Details
    from alprd.keys.officers import Officer
    from alprd.records import Verdict

PATIENCE_S = 180.0
"""How long a test waits for what must come; far above what it takes."""

PIN = "2468"
"""Of every officer of a bench."""


def sign_officers(office: Path, keys: Path, officers: Iterable[Officer]) -> None:
    """Have the office's approvers let ``officers`` alone log in at the unit with the keys folder ``keys``."""
    draft = keys.parent / "officers"
    draft_officers(Workspace(office), draft, add=officers, now_s=int(time.time()))
    signed = approve_officers(approver_folder(office), draft)
    draft.unlink()
    write_signed(keys / OFFICERS_FILE, signed)


def make_officers(office: Path, keys: Path, *badges: str) -> None:
    """Let officers with these badges log in, trained and with a signed undertaking."""
    officers = [
        make_officer(badge=badge, secret=PIN, trained_until="2999-12-31", undertaking=b"signed")
        for badge in badges
    ]
    sign_officers(office, keys, officers)


class Bench:
    """One unit in ``folder``. Use it in a ``with`` block: the daemon and the pty end with it."""

    def __init__(
        self,
        folder: Path,
        source: Path | str,
        *,
        listed: Iterable[str] = ("ZZZZ999",),
        answer: Callable[[AlertMessage], Verdict | None] = lambda _alert: None,
        badge: str = "4711",
        settings: dict[str, dict[str, Any]] | None = None,
        program: str = PROGRAM,
    ) -> None:
        self.folder = folder
        self.office, self.state = folder / "office", folder / "state"
        self.summary_file = folder / "summary.json"
        self.log_file = folder / "daemon.log"
        self._program = program
        self._outer, inner = os.openpty()
        tty.setraw(inner)
        self._inner = inner
        self.dash_fd = self._outer
        folder.mkdir(exist_ok=True)
        self._provision(list(listed))
        self.pairing = Pairing(read_dash_key(self.state / "keys" / DASH_KEY_FILE))
        self.dash = AutoDash(descriptor_opener(self._outer), answer, badge, pairing=self.pairing, pin=PIN)
        self._settings = self._write_settings(str(source), os.ttyname(inner), settings or {})
        self.daemon: subprocess.Popen[bytes] | None = None

    def _provision(self, listed: list[str]) -> None:
        rows = "".join(f"{plate},CA-ON,stolen-plate\n" for plate in listed)
        self.desk = VaultOffice(self.folder)
        self.desk.csv.write_text("plate,jurisdiction,category\n" + rows)
        self.state.mkdir()
        self._ctl("provision", "--unit", "bench-1", "--state", self.state,
                  "--office", self.office / "office.root", "--out", self.folder / "unit.pub")  # fmt: skip
        self._ctl("pair", "--state", self.state, "--out", self.folder / "dash.key")
        make_officers(self.office, self.state / "keys", "4711", "77")
        assert alpr_office.main(["unit", "enrol", str(self.office), str(self.folder / "unit.pub")]) == 0
        self.release(days=2)

    def release(self, *, days: int) -> None:
        """Build a list of what stands in ``list.csv`` and install it."""
        blob = self.folder / "new.hotlist"
        self.desk.import_list()
        self.desk.build(blob, days=days)
        self._ctl("hotlist", "install", blob, "--state", self.state)

    def release_rows(self, columns: Columns, details: Mapping[int, Details], *, days: int = 2) -> None:
        """Build a list of ``columns`` with ``details`` by row, and install it."""
        blob = self.folder / "new.hotlist"
        blob.unlink(missing_ok=True)
        build_release(
            Workspace(self.office), columns, days=days, sequence=None, now_s=int(time.time()), out=blob,
            details=details,
        )  # fmt: skip
        self.desk.approve(blob)
        self._ctl("hotlist", "install", blob, "--state", self.state)

    def search_memory(self, needles: Mapping[str, bytes]) -> dict[str, int]:
        """Have the outside witness count ``needles`` in the running daemon's memory. Needs root."""
        report, _ = self.witness(
            sentinels={"bytes": {name: needle.hex() for name, needle in needles.items()}}
        )
        (memory,) = (place for place in report["places"] if place["kind"] == "memory")
        return {name: memory["found"].get(f"bytes {name}", 0) for name in needles}

    def witness(
        self, *, sentinels: Mapping[str, Any], mark: str = "", tapes: Mapping[str, bytes] | None = None
    ) -> tuple[dict[str, Any], int]:
        """Have the outside witness search the unit; return its report and its exit code. Needs root.

        ``mark`` is that of a daemon that does not answer, or runs no more; ``tapes`` are bytes of the line.
        """
        assert self.daemon is not None
        told = self.folder.parent / "sentinels.json"  # beside the unit: what is looked for is no trace
        told.write_text(json.dumps(sentinels))
        who = ["--pid", str(self.daemon.pid)] if self.daemon.poll() is None else []
        who += ["--mark", mark] if mark else []
        places = ["--folder", str(self.state), "--log", str(self.log_file)]
        for name, tape in (tapes or {}).items():
            path = self.folder.parent / f"{name}.tape"
            path.write_bytes(tape)
            places += ["--tape", str(path)]
        said = subprocess.run(
            [sys.executable, "-m", "alprd.cli.alprctl", "witness", *who, *places, "--json",
             "--sentinels", str(told), "--socket", str(self.folder / "control.sock")],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert said.returncode in {0, TraceFoundError.exit_code}, said.stderr
        report: dict[str, Any] = json.loads(said.stdout)
        return report, said.returncode

    def _ctl(self, *arguments: object) -> None:
        assert alprctl.main([str(argument) for argument in arguments]) == 0

    def _write_settings(self, source: str, port: str, changes: dict[str, dict[str, Any]]) -> Path:
        settings: dict[str, dict[str, Any]] = {
            "camera": {"source": "recorded", "path": source, "fps": 0.0},
            "hotlist": {"folder": str(self.state / "hotlist")},
            "keys": {"folder": str(self.state / "keys")},
            # With a context: what is promised of hits is promised of both their pictures.
            "evidence": {"folder": str(self.state / "evidence"), "context": True},
            "audit": {"folder": str(self.state / "audit")},
            "conservation": {"folder": str(self.state / "conservation")},
            "dash": {"port": port},
            # A shared machine may stop a test for a second: that is not what most tests are about.
            "forgetting": {"life_limit_ms": 10_000.0},
            "vision": {"budget_ms": 1000.0},
            "gps": {"source": "none"},
            "control": {"socket": str(self.folder / "control.sock")},
        }
        for section, keys in changes.items():
            settings.setdefault(section, {}).update(keys)
        path = self.folder / "alprd.yaml"
        path.write_text(yaml.safe_dump(settings))
        return path

    def start(self) -> Self:
        """Start the dash and the daemon."""
        self.dash.start()
        self.start_daemon()
        return self

    def start_daemon(self) -> None:
        """Start the daemon, at first or again."""
        with self.log_file.open("ab") as log:
            self.daemon = subprocess.Popen(
                [sys.executable, "-c", self._program, "run", "--settings", str(self._settings),
                 "--summary", str(self.summary_file)],
                stdout=log, stderr=log, env={**os.environ, **ENVIRONMENT},
            )  # fmt: skip

    def status(self) -> dict[str, Any]:
        """Return what the running daemon says of itself."""
        return ask(self.folder / "control.sock")

    def wait_for(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until ``holds(status)``; AssertionError with the daemon's log when it never does."""
        assert self.daemon is not None
        state: dict[str, Any] = {}
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            assert self.daemon.poll() is None, f"the daemon ended:\n{self.log()}"
            try:
                state = self.status()
            except ControlError:
                state = {}
            if state and holds(state):
                return state
            time.sleep(0.02)
        raise AssertionError(f"never held: {state}\n{self.log()}")

    def finish(self) -> dict[str, Any]:
        """Wait until the recording is over and return the daemon's summary."""
        assert self.daemon is not None
        assert self.daemon.wait(PATIENCE_S) == 0, self.log()
        summary: dict[str, Any] = json.loads(self.summary_file.read_text())
        return summary

    def log(self) -> str:
        """Return what the daemon wrote to stderr so far."""
        return self.log_file.read_text("utf-8", "replace")

    def records(self) -> list[Path]:
        """Return the evidence records on the unit."""
        return list_records(self.state / "evidence")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.daemon is not None and self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(5)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()
        self.dash.stop()
        for descriptor in (self._outer, self._inner):
            os.close(descriptor)
