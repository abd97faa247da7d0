"""The unit from read to desk on reads by hand: what has to be wrong on purpose cannot come from a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alprd.alerts.decide import AnsweredGuard, PromptCap, RepeatGuard
from alprd.alerts.pending import PendingHits
from alprd.alerts.reports import Reports
from alprd.camera.frame import FramePool
from alprd.cycle import Stages, run_cycle
from alprd.desk import AlertDesk
from alprd.errors import StorageError
from alprd.evidence.body import encode_body
from alprd.hotlist.match import Matcher
from alprd.meters import Tally
from alprd.pictures import HitPictures
from alprd.plates.vote import AlertRule
from alprd.records import ClockSource, Instant, UnixMs
from alprd.vision.shrink import Shrinker
from alprd.vision.track import Tracks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
    from alprd.alerts.messages import Outcome
    from alprd.alerts.requests import BatchMessage
    from alprd.hotlist.index import HotlistIndex
    from alprd.records import Alert, AlertId, Doubt, Fix, Hit, MonotonicNs, Verdict
    from tests.sim.reads import DrawnRead

SIDE = 64


class OnePlate:
    """Stands where detector and reader do: one plate a frame, and a read by hand."""

    corners = np.array([[(10, 20), (50, 20), (50, 40), (10, 40)]], np.float32)
    scores = np.ones(1, np.float32)
    read_now: DrawnRead

    def detect(self, _lores: NDArray[np.uint8], _factor: int) -> int:
        return 1

    def read(self, _main: NDArray[np.uint8], _corners: NDArray[np.float32]) -> int:
        return self.read_now.length

    def wipe(self) -> None:
        """Nothing of a camera is here."""

    def __getattr__(self, name: str) -> object:
        return getattr(self.read_now, name)


class Office:
    """What the desk needs of the world: a dash and a store that note what they get, no place, no time."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.vehicles: list[VehicleMessage] = []
        self.persons: list[PersonMessage] = []
        self.names: list[CategoryMessage] = []
        self.records: list[bytes] = []
        self.updates: list[tuple[AlertId, float, Doubt]] = []
        self.batches: list[BatchMessage] = []
        self.outcomes: list[tuple[AlertId, Outcome]] = []
        self.noted: list[tuple[str, int, str]] = []
        self.is_full = False
        self.list_age_s, self.list_is_stale = 60, False

    def show(self, alert: Alert, _picture: NDArray[np.uint8]) -> bool:
        self.alerts.append(alert)
        return True

    def describe(self, vehicle: VehicleMessage) -> None:
        self.vehicles.append(vehicle)

    def name_category(self, name: CategoryMessage) -> None:
        self.names.append(name)

    def disclose(self, person: PersonMessage) -> None:
        self.persons.append(person)

    def age_s(self, _now: MonotonicNs) -> int | None:
        return self.list_age_s

    def is_stale(self, _now: MonotonicNs) -> bool:
        return self.list_is_stale

    def update(
        self, alert_id: AlertId, *, chance: float, place_confidence: float | None, doubts: Doubt
    ) -> None:
        del place_confidence
        self.updates.append((alert_id, chance, doubts))

    def batch(self, message: BatchMessage) -> None:
        self.batches.append(message)

    def conclude(self, alert_id: AlertId, outcome: Outcome) -> None:
        self.outcomes.append((alert_id, outcome))

    def answered(self, hit: Hit, verdict: Verdict, badge: str) -> None:
        self.noted.append((verdict.name, hit.entry.category, badge))

    def sealed(self, hit: Hit, badge: str, sequence: int) -> None:
        self.noted.append((f"sealed {sequence}", hit.entry.category, badge))

    def owner_shown(self, hit: Hit, badge: str) -> None:
        self.noted.append(("owner shown", hit.entry.category, badge))

    def next_sequence(self) -> int:
        return len(self.records) + 1

    def append(self, blob: bytes, _sequence: int) -> None:
        if self.is_full:
            raise StorageError("no space is left")
        self.records.append(blob)

    def fix(self, _now: MonotonicNs) -> Fix | None:
        return None

    def instant(self, _now: MonotonicNs) -> Instant:
        return Instant(at=UnixMs(0), source=ClockSource.UNTRUSTED)


class GivenUnit:
    """A unit with the list ``index``; `see` passes reads by it, and `office` notes what it says."""

    def __init__(
        self, index: HotlistIndex, rule: AlertRule | None = None, repeat_hold_s: float = 120.0
    ) -> None:
        self.office, self.tally, self._plate = Office(), Tally(), OnePlate()
        self.answered, self.reports = AnsweredGuard(), Reports(self.tally)
        pictures = HitPictures(SIDE)
        self.desk = AlertDesk(
            unit="bench", dash=self.office, seal=encode_body, store=self.office, surroundings=self.office,
            lists=self.office, pending=PendingHits(8, 600.0, has_context=True), pictures=pictures,
            guard=RepeatGuard(repeat_hold_s), answered=self.answered, cap=PromptCap(), tally=self.tally,
            books=self.office, reports=self.reports,
        )  # fmt: skip
        self.matcher = matcher = Matcher(index, now_s=0)
        self.desk.use(matcher)
        self._rule = rule or AlertRule()
        self._stages = Stages(self._plate, self._plate, Tracks(), matcher, self.desk)  # type: ignore[arg-type]  # what they read is given
        self._pool, self._shrinker = FramePool(1, SIDE, SIDE), Shrinker(SIDE, SIDE)

    def forget(self) -> None:
        """Let the plate go out of view."""
        self._stages.forget()

    def see(self, reads: Sequence[DrawnRead]) -> list[int]:
        """Pass ``reads`` by, one a frame; return the frames, from 1, in which the unit alerted."""
        frames = []
        for number, read in enumerate(reads, 1):
            self._plate.read_now = read
            frame = self._pool.lease(SIDE, SIDE)
            frame.fill_lores(self._shrinker)
            if run_cycle(frame, self._stages, self.tally, self._rule):
                frames.append(number)
        return frames


def alerts_on(
    reads: Sequence[DrawnRead],
    index: HotlistIndex,
    rule: AlertRule | None = None,
    *,
    repeat_hold_s: float = 120.0,
) -> list[tuple[int, Alert]]:
    """The alerts of a pass, ``reads`` one a frame, with the list ``index``: frames from 1, what they said."""
    unit = GivenUnit(index, rule, repeat_hold_s)
    return list(zip(unit.see(reads), unit.office.alerts, strict=True))
