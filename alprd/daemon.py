"""Composition root: settings to devices to cycle; signals, watchdog, and the end.

The main thread owns the camera and the cycle. The dash link, the GPS client and the control socket
have a thread each and are asked, never waited for.
"""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from alprd import __version__
from alprd.accounts import Accounts
from alprd.alerts.dash import Dash, LinkChanged, Shown
from alprd.alerts.decide import RepeatGuard
from alprd.alerts.pending import PendingHits
from alprd.camera.source import EndOfSource
from alprd.control.status import ControlServer
from alprd.cycle import Stages, run_cycle
from alprd.desk import AlertDesk
from alprd.devices import make_pool, make_rule, open_source, open_surroundings, warn_of_few_frames
from alprd.errors import AlprdError, CameraError, place_of
from alprd.evidence.disk import EvidenceStore
from alprd.evidence.envelope import seal
from alprd.forgetting.meter import ForgettingMeter
from alprd.hotlist.disk import HotlistStore
from alprd.keys import load_unit_keys
from alprd.lists import ListKeeper
from alprd.memory import Mark, harden_process
from alprd.meters import Tally, peak_resident_mib
from alprd.records import Answer, LinkState, MonotonicNs, UnitState
from alprd.vision.loading import open_detector, open_reader
from alprd.vision.track import Tracks
from alprd.watchdog import Watchdog, ready, status, stopping

if TYPE_CHECKING:
    from types import FrameType

    from alprd.camera.frame import Frame
    from alprd.camera.source import FrameSource
    from alprd.keys import UnitKeys
    from alprd.settings import Settings
    from alprd.vision.litert import RuntimeChoice

log = logging.getLogger("alprd")

CAPTURE_TIMEOUT_S: Final = 0.2
"""How long the loop waits for a frame before it looks after verdicts, time limits and signals."""
CAMERA_RETRY_NS: Final = 1_000_000_000
STATE_PERIOD_NS: Final = 500_000_000


def now_ns() -> MonotonicNs:
    """Return this moment on the monotonic clock."""
    return MonotonicNs(time.monotonic_ns())


def run_daemon(settings: Settings, summary: Path | None = None) -> int:
    """Run a unit until SIGTERM, SIGINT or the end of a recording; return the exit code.

    Raises an `AlprdError` when the unit cannot start. ``summary`` gets counts and times at the end.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    harden_process()
    unit = Unit(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, unit.on_stop)
    signal.signal(signal.SIGHUP, unit.on_reload)
    try:
        unit.start()
        unit.run()
    finally:
        unit.stop()
    if summary is not None:
        summary.write_text(json.dumps(unit.summary()) + "\n", "utf-8")
    return 0


class Unit:
    """All of one vehicle unit, built from its settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._mark = Mark()
        self.tally = Tally()
        keys = load_unit_keys(Path(settings.keys.folder))
        models = settings.vision.models
        runtime = cast("RuntimeChoice", settings.vision.runtime)
        folder = Path(models) if models else None
        detector = open_detector(runtime, models=folder, threads=settings.vision.threads)
        plate_reader = open_reader(runtime, models=folder, threads=settings.vision.threads)
        self.runtime = detector.runtime
        self._pool = make_pool(settings.camera)
        self._surroundings = open_surroundings(settings)
        self._dash = Dash(
            settings.dash.port, settings.dash.baud, f"alprd {__version__}", slots=settings.alerts.slots
        )
        store = HotlistStore.of_unit(Path(settings.hotlist.folder), keys, Path(settings.keys.folder))
        self._lists = ListKeeper(
            store, self._surroundings, stale_after_s=int(settings.hotlist.stale_after_h * 3600)
        )
        evidence = EvidenceStore(Path(settings.evidence.folder))
        self._accounts = self._open_books(keys, evidence)
        self._desk = AlertDesk(
            unit=keys.unit,
            dash=self._dash,
            seal=lambda item: seal(item, keys.office_evidence, keys.signing),
            store=evidence,
            surroundings=self._surroundings,
            lists=self._lists,
            pending=PendingHits(settings.alerts.slots, settings.alerts.answer_time_s),
            guard=RepeatGuard(settings.alerts.repeat_hold_s),
            tally=self.tally,
            books=self._accounts,
            owner_time_s=settings.alerts.owner_time_s,
        )
        self._stages = Stages(detector, plate_reader, Tracks(), None, self._desk)
        self._meter = self._make_meter()
        self._rule = make_rule(settings.vision, plate_reader.place_accept)
        self._lists.load_first(now_ns())
        self._control: ControlServer | None = None
        self._source: FrameSource | None = None
        self._watchdog = Watchdog(alive=(self._dash.is_alive, self._surroundings.is_alive))
        self._skipped = 0
        self._is_stopping = False
        self._is_reload_due = False
        self._camera_due = MonotonicNs(0)
        self._state_due = MonotonicNs(0)
        self._first_frame_at: MonotonicNs | None = None
        self._last_frame_at = MonotonicNs(0)
        self._recent = (MonotonicNs(0), 0)
        self._fps = 0.0

    def _open_books(self, keys: UnitKeys, store: EvidenceStore) -> Accounts:
        return Accounts(
            self._settings,
            keys,
            tally=self.tally,
            clock=lambda: self._surroundings.instant(now_ns()),
            store=store,
            pending=lambda: self._desk.pending,
            alarm=lambda text: self._meter.alarm(text),  # noqa: PLW0108 - the meter is made after the desk
            now=now_ns(),
        )

    def _make_meter(self) -> ForgettingMeter:
        return ForgettingMeter(
            self._pool,
            self._stages,
            self.tally,
            period_s=self._settings.forgetting.check_period_s,
            life_limit_ms=self._settings.forgetting.life_limit_ms,
            now=now_ns(),
        )

    def on_stop(self, number: int, _frame: FrameType | None) -> None:
        """End the loop after this frame (a signal handler)."""
        self._is_stopping = True
        log.info("stopping on %s", signal.Signals(number).name)

    def on_reload(self, _number: int, _frame: FrameType | None) -> None:
        """Look at the installed list again after this frame (a signal handler)."""
        self._want_reload()

    def _want_reload(self) -> None:
        self._is_reload_due = True

    def start(self) -> None:
        """Open the devices and say READY; `CameraError` when the camera cannot be opened."""
        if self._settings.control.socket:
            self._control = ControlServer(Path(self._settings.control.socket), self.state, self._want_reload)
            self._control.start()
        self._dash.start()
        self._surroundings.start()
        self._accounts.start()
        self._use_list()
        self._source = open_source(self._settings.camera, self._pool)
        log.info("reading %s with %s", self._source.description, self.runtime)
        log.info("witness mark %s", self._mark.hexadecimal)
        warn_of_few_frames(self._settings)
        ready()

    def run(self) -> None:
        """Take frames until stopped, or until a recording and the verdicts on it are over."""
        while not self._is_stopping:
            try:
                frame = self._capture()
            except EndOfSource:
                if self._desk.pending == 0:
                    return
                frame = None
                time.sleep(CAPTURE_TIMEOUT_S / 10)
            if frame is not None:
                self._take(frame)
            self._attend(now_ns())

    def stop(self) -> None:
        """Wipe everything and close the devices. Every step is tried, whatever fails before it."""
        stopping()
        with contextlib.ExitStack() as steps:
            frames, wiped = self.tally.frames, self.tally.frames_wiped
            steps.callback(log.info, "stopped after %d frames, %d wiped", frames, wiped)
            steps.callback(self._lists.wipe)
            steps.callback(self._end_books)
            if self._control is not None:
                steps.callback(self._control.stop)
            steps.callback(self._surroundings.stop)
            steps.callback(self._dash.stop)
            steps.callback(self._pool.wipe)
            steps.callback(self._close_source)
            steps.callback(self._stages.forget)
            steps.callback(self._stages.wipe)
            steps.callback(self._meter.wipe)
            steps.callback(self._desk.wipe)

    def summary(self) -> dict[str, object]:
        """Return the counts and times of the run; no plate, place or time of day."""
        span_ns = self._last_frame_at - (self._first_frame_at or self._last_frame_at)
        return {
            "runtime": self.runtime,
            **self.tally.as_fields(),
            "skipped": self._skipped + (0 if self._source is None else self._source.skipped),
            "fps": round(self.tally.frames * 1e9 / span_ns, 1) if span_ns else None,
            "rss_mib": peak_resident_mib(),
        }

    def state(self) -> dict[str, object]:
        """Return what `alprctl status` shows. Called from the control thread."""
        now = now_ns()
        return {
            **self.summary(),
            "version": __version__,
            "witness_mark": self._mark.hexadecimal,
            "camera": None if self._source is None else self._source.description,
            "dash": self._dash.link_state.name,
            "has_session": self._dash.badge is not None,
            "gps": self._surroundings.gps_state(now).name,
            "list_sequence": self._lists.sequence,
            "list_age_s": self._lists.age_s(now),
            "list_stale": self._lists.is_stale(now),
            "list_expired": self._lists.is_expired,
            "pending": self._desk.pending,
            "tracked": len(self._stages.tracks),
            "forgetting": self._meter.state(),
            **self._accounts.state(),
        }

    def _capture(self) -> Frame | None:
        if self._source is None:
            self._reopen_source()
            return None
        try:
            return self._source.capture(CAPTURE_TIMEOUT_S)
        except CameraError as error:
            log.error("camera lost: %s; next: %s", error, error.next_step)  # noqa: TRY400 - a traceback could hold locals
            self._close_source()
            return None

    def _reopen_source(self) -> None:
        now = now_ns()
        if now < self._camera_due:
            time.sleep(CAPTURE_TIMEOUT_S / 10)
            return
        self._camera_due = MonotonicNs(now + CAMERA_RETRY_NS)
        with contextlib.suppress(CameraError):
            self._source = open_source(self._settings.camera, self._pool)
            log.info("camera found: %s", self._source.description)

    def _close_source(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            self._skipped += source.skipped
            source.close()

    def _take(self, frame: Frame) -> None:
        if self._first_frame_at is None:
            self._first_frame_at = frame.captured_at
        try:
            run_cycle(frame, self._stages, self.tally, self._rule)
        except Exception as error:  # noqa: BLE001 - the daemon's one supervisor: a stage failed, the frame is wiped
            log.error("frame %d failed: %s", frame.number, place_of(error))  # noqa: TRY400 - a traceback could hold locals
        else:
            # Only a frame that went the whole way counts for the watchdog.
            self._watchdog.moved(frame.number)
        if frame.is_wiped:
            self._meter.note_life(frame.life_ns)
        self._last_frame_at = now_ns()

    def _attend(self, now: MonotonicNs) -> None:
        self._desk.describe()
        for event in self._dash.events():
            match event:
                case Answer():
                    self._desk.answer(event, now)
                case Shown():
                    self._desk.shown(event.alert_id, event.at)
                case LinkChanged():
                    log.warning("dash link is %s", event.state.name)
        self._desk.expire(now)
        self._stages.tracks.expire(now)
        self._accounts.attend(now, self._dash.badge)
        self._watch_forgetting(now)
        if self._is_reload_due:
            self._is_reload_due = False
            self._reload()
        if now >= self._state_due:
            self._state_due = MonotonicNs(now + STATE_PERIOD_NS)
            self._report(now)
        self._watchdog.tick(now)

    def _watch_forgetting(self, now: MonotonicNs) -> None:
        try:
            is_changed = self._meter.attend(now)
        except Exception as error:  # noqa: BLE001 - supervised: a stage failed on a planted frame, which is wiped
            log.error("planted frame failed: %s", place_of(error))  # noqa: TRY400
            self._meter.failed(place_of(error))
            return
        if is_changed:
            self._note_breach(now)

    def _reload(self) -> None:
        try:
            self._lists.reload(now_ns())
        except AlprdError as error:
            log.error("list refused, the one in force stays: %s; next: %s", error, error.next_step)  # noqa: TRY400
            self._accounts.list_refused(error)
        else:
            self._use_list()

    def _use_list(self) -> None:
        self._gate_reading()
        self._desk.use(self._lists.matcher)
        self._accounts.list_taken_up(None if self._lists.matcher is None else self._lists.sequence)

    def _gate_reading(self) -> None:
        """Let the stages have frames only while a list is in force and the unit forgets."""
        self._stages.forget()
        self._stages.matcher = self._lists.matcher if self._meter.may_read else None

    def _note_breach(self, now: MonotonicNs) -> None:
        breach = self._meter.breach
        if breach is None:
            log.warning("reading goes on: memory was searched and is clean")
        else:
            log.error("reading stopped: %s; next: see `alprctl status` and `alprctl docs failures`", breach)
        self._gate_reading()
        self._accounts.reading(breach)
        self._state_due = now

    def _end_books(self) -> None:
        # After the desk has wiped every waiting hit: the books must come out.
        self._accounts.attend(now_ns(), self._dash.badge)
        self._accounts.close()

    def _report(self, now: MonotonicNs) -> None:
        if self._lists.check_time(now):
            self._use_list()
        since, frames = self._recent
        if now > since:
            self._fps = (self.tally.frames - frames) * 1e9 / (now - since)
        self._recent = (now, self.tally.frames)
        self._dash.update_state(
            UnitState(
                camera_ok=self._source is not None,
                gps=self._surroundings.gps_state(now),
                list_age_s=self._lists.age_s(now),
                list_stale=self._lists.is_stale(now),
                list_expired=self._lists.is_expired,
                fps=min(255, round(self._fps)),
                pending=self._desk.pending,
                missed=self.tally.missed,
                reading_stopped=not self._meter.may_read,
            )
        )
        link = "up" if self._dash.link_state is LinkState.UP else "down"
        status(f"{self.tally.frames} frames, {self._fps:.0f} fps, dash {link}")
