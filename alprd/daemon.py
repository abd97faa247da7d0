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
from typing import TYPE_CHECKING, Final

from alprd import __version__
from alprd.accounts import Accounts
from alprd.alerts.dash import LinkChanged, LogIn, LogOut, Requested, Sent, Shown
from alprd.alerts.decide import AnsweredGuard, PromptCap, RepeatGuard
from alprd.alerts.line import now_ns
from alprd.alerts.pending import PendingHits
from alprd.alerts.reports import Reports
from alprd.camera.source import EndOfSource
from alprd.control.status import ControlServer
from alprd.cycle import run_cycle
from alprd.desk import AlertDesk
from alprd.devices import (
    make_meter,
    make_pool,
    make_rule,
    make_stages,
    open_dash,
    open_models,
    open_surroundings,
    warn_of_few_frames,
)
from alprd.duty import Duty
from alprd.errors import AlprdError, place_of
from alprd.evidence.disk import EvidenceStore
from alprd.evidence.envelope import seal
from alprd.hotlist.disk import HotlistStore
from alprd.keys import load_unit_keys
from alprd.lists import ListKeeper
from alprd.memory import Mark, harden_process
from alprd.meters import CaseSwitch, Heat, Pace, Tally, peak_resident_mib
from alprd.pictures import HitPictures
from alprd.records import Answer, MonotonicNs, UnitState
from alprd.shutter import Shutter
from alprd.watchdog import Watchdog, ready, status, stopping

if TYPE_CHECKING:
    from types import FrameType

    from alprd.camera.frame import Frame
    from alprd.keys import UnitKeys
    from alprd.settings import Settings

log = logging.getLogger("alprd")

CAPTURE_TIMEOUT_S: Final = 0.2
"""How long the loop waits for a frame before it looks after verdicts, time limits and signals."""
STATE_PERIOD_NS: Final = 500_000_000


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
        keys_folder = Path(settings.keys.folder)
        keys = load_unit_keys(keys_folder)
        detector, plate_reader = open_models(settings.vision)
        self.runtime = detector.runtime
        self._pool = make_pool(settings.camera)
        self._surroundings = open_surroundings(settings)
        self._dash = open_dash(settings, keys_folder)
        store = HotlistStore.of_unit(Path(settings.hotlist.folder), keys, keys_folder)
        stale_after_s = int(settings.hotlist.stale_after_h * 3600)
        self._lists = ListKeeper(store, self._surroundings, stale_after_s=stale_after_s)
        evidence = EvidenceStore(Path(settings.evidence.folder))
        self._accounts = self._open_books(keys, evidence)
        answered, reports = AnsweredGuard(), Reports(self.tally)
        self._desk = self._make_desk(keys, evidence, answered, reports)
        self._duty = Duty(
            dash=self._dash,
            reports=reports,
            clock=self._surroundings,
            keys_folder=keys_folder,
            root=keys.root,
            answered=answered,
            tally=self.tally,
            books=self._accounts,
        )
        self._stages = make_stages(settings, detector, plate_reader, self._desk)
        self._meter = make_meter(settings.forgetting, self._pool, self._stages, self.tally, now_ns())
        self._rule = make_rule(settings.vision, plate_reader.place_accept)
        self._lists.load_first(now_ns())
        self._heat, self._case = Heat(), CaseSwitch(settings.tamper.case_file)
        self._control: ControlServer | None = None
        self._shutter = Shutter(settings.camera, self._pool)
        self._watchdog = Watchdog(alive=(self._dash.is_alive, self._surroundings.is_alive))
        self._is_stopping = self._is_reload_due = False
        self._state_due = MonotonicNs(0)
        self._pace = Pace()

    def _make_desk(
        self, keys: UnitKeys, store: EvidenceStore, answered: AnsweredGuard, reports: Reports
    ) -> AlertDesk:
        alerts = self._settings.alerts
        pictures = HitPictures(self._settings.camera.width if self._settings.evidence.context else None)
        return AlertDesk(
            unit=keys.unit,
            dash=self._dash,
            seal=lambda item: seal(item, keys.office_evidence, keys.signing),
            store=store,
            surroundings=self._surroundings,
            lists=self._lists,
            pending=PendingHits(alerts.slots, alerts.answer_time_s, has_context=pictures.has_context),
            pictures=pictures,
            guard=RepeatGuard(alerts.repeat_hold_s),
            answered=answered,
            cap=PromptCap(),
            tally=self.tally,
            books=self._accounts,
            reports=reports,
            owner_time_s=alerts.owner_time_s,
        )

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
        if self._duty.is_paused:
            log.warning("the camera stays closed: an officer has paused the unit")
        else:
            self._shutter.open()
            log.info("reading %s with %s", self._shutter.description, self.runtime)
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
            steps.callback(self._shutter.close)
            steps.callback(self._stages.forget)
            steps.callback(self._stages.wipe)
            steps.callback(self._meter.wipe)
            steps.callback(self._desk.wipe)

    def summary(self) -> dict[str, object]:
        """Return the counts and times of the run; no plate, place or time of day."""
        return {
            "runtime": self.runtime,
            **self.tally.as_fields(),
            "skipped": self._shutter.skipped,
            "fps": self._pace.mean(self.tally.frames),
            "rss_mib": peak_resident_mib(),
        }

    def state(self) -> dict[str, object]:
        """Return what `alprctl status` shows. Called from the control thread."""
        now = now_ns()
        return {
            **self.summary(),
            "version": __version__,
            "witness_mark": self._mark.hexadecimal,
            "camera": self._shutter.description,
            "ignored_regions": len(self._settings.camera.ignore),
            "context_pictures": self._settings.evidence.context,
            "dash": self._dash.link_state.name,
            "dash_trouble": None if self._dash.trouble is None else str(self._dash.trouble),
            "has_session": self._dash.badge is not None,
            "dash_forged_frames": self._dash.forged_frames,
            "paused": self._duty.is_paused,
            "hot": self._heat.is_hot,
            "tampered": self._case.is_open,
            "covered": self._stages.cover.is_covered,
            "muted": self._duty.muted,
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
        if self._duty.is_paused:
            self._keep_closed()
            return None
        return self._shutter.capture(CAPTURE_TIMEOUT_S, now_ns())

    def _keep_closed(self) -> None:
        """Close the camera, and wipe what was of its frames and of the plates that were in view."""
        if self._shutter.is_open:
            self._shutter.close()
            self._stages.cover.forget()
            self._pool.wipe()
            self._stages.forget()
            self._stages.wipe()
        self._shutter.rest()

    def _take(self, frame: Frame) -> None:
        try:
            run_cycle(frame, self._stages, self.tally, self._rule)
        except Exception as error:  # noqa: BLE001 - the daemon's one supervisor: a stage failed, the frame is wiped
            log.error("frame %d failed: %s", frame.number, place_of(error))  # noqa: TRY400 - a traceback could hold locals
        else:
            # Only a frame that went the whole way counts for the watchdog.
            self._watchdog.moved(frame.number)
        if frame.is_wiped:
            self._meter.note_life(frame.life_ns)
        self._pace.note(frame.captured_at, now_ns())

    def _attend(self, now: MonotonicNs) -> None:
        self._desk.describe()
        for event in self._dash.events():
            match event:
                case Answer():
                    self._desk.answer(event, now)
                case Sent() | Shown():
                    self._desk.reached(event)
                case LogIn() | LogOut() | Requested():
                    self._take_request(event, now)
                case LinkChanged():
                    self._duty.link_changed(event, now)
        self._duty.expire(now)
        self._desk.expire(now)
        self._stages.expire(now)
        self._accounts.attend(now, self._dash.badge, self._duty.undertaking)
        self._watch_forgetting(now)
        if self._is_reload_due:
            self._is_reload_due = False
            self._reload()
        if now >= self._state_due:
            self._state_due = MonotonicNs(now + STATE_PERIOD_NS)
            self._report(now)
        self._watchdog.tick(now, is_paused=self._duty.is_paused)

    def _take_request(self, event: LogIn | LogOut | Requested, now: MonotonicNs) -> None:
        self._duty.take(event, now)
        self._mute()
        self._state_due = now

    def _mute(self) -> None:
        if self._lists.matcher is not None:
            self._lists.matcher.mute(self._duty.muted_priorities)

    def _watch_forgetting(self, now: MonotonicNs) -> None:
        is_changed = False
        try:
            is_changed = self._meter.attend(now)
        except Exception as error:  # noqa: BLE001 - supervised: a stage failed on a planted frame, which is wiped
            self._meter.failed(place_of(error))
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
        self._mute()
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
        self._pace.measure(now, self.tally.frames)
        self._heat.measure()
        if self._case.measure():
            self._accounts.case_changed(is_open=self._case.is_open)
        self._dash.update_state(
            UnitState(
                camera_ok=self._shutter.is_open,
                gps=self._surroundings.gps_state(now),
                list_age_s=self._lists.age_s(now),
                list_stale=self._lists.is_stale(now),
                list_expired=self._lists.is_expired,
                fps=min(255, round(self._pace.fps)),
                pending=self._desk.pending,
                missed=self.tally.missed,
                reading_stopped=not self._meter.may_read,
                is_paused=self._duty.is_paused,
                is_hot=self._heat.is_hot,
                is_tampered=self._case.is_open,
                is_covered=self._stages.cover.is_covered,
                muted=self._duty.muted,
            )
        )
        link = self._dash.link_state.name.lower()
        status(f"{self.tally.frames} frames, {self._pace.fps:.0f} fps, dash {link}")
