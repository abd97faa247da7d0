"""One misread frame never alerts: a text is matched once two frames have read each of its characters so.

The reads are by hand where they have to be wrong on purpose; tracks, votes, list and desk are the unit's.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from alprd.alerts.decide import RepeatGuard
from alprd.alerts.pending import PendingHits
from alprd.camera.frame import FramePool
from alprd.cycle import Stages, run_cycle
from alprd.desk import AlertDesk
from alprd.hotlist.match import Matcher
from alprd.meters import Tally
from alprd.plates.vote import AlertRule
from alprd.records import ClockSource, Instant, UnixMs
from alprd.vision.shrink import Shrinker
from alprd.vision.track import Tracks
from tests.sim.bench import Bench
from tests.sim.lists import index_of
from tests.sim.reads import drawn

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from alprd.alerts.messages import Outcome
    from alprd.records import Alert, AlertId, EvidenceItem, Fix, MonotonicNs
    from tests.sim.reads import DrawnRead
    from tests.sim.recording import Passing

LISTED, SEEN = "BRVN957", "BRVN952"
"""Espanola, New Mexico, 2023: the plate ended in 2, the camera read 7, and the 7 was listed."""

SIDE = 64
RULE = AlertRule()


class OnePlate:
    """Stands where detector and reader do: one plate a frame, and a read by hand."""

    corners = np.array([[(10, 20), (50, 20), (50, 40), (10, 40)]], np.float32)
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
    """What the desk needs of the world: a dash that notes the alerts, no evidence, no place, no time."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def show(self, alert: Alert, _picture: NDArray[np.uint8]) -> bool:
        self.alerts.append(alert)
        return True

    def conclude(self, alert_id: AlertId, outcome: Outcome) -> None: ...

    def next_sequence(self) -> int:
        raise AssertionError("nothing is confirmed")

    def append(self, _blob: bytes, _sequence: int) -> None:
        raise AssertionError("nothing is confirmed")

    def fix(self, _now: MonotonicNs) -> Fix | None:
        return None

    def instant(self, _now: MonotonicNs) -> Instant:
        return Instant(at=UnixMs(0), source=ClockSource.UNTRUSTED)


def seal(_item: EvidenceItem) -> bytes:
    raise AssertionError("nothing is confirmed")


def alerts_of(*reads: DrawnRead | str, rule: AlertRule = RULE, repeat_hold_s: float = 120.0) -> list[int]:
    """In which frames of a pass, from 1, the unit alerts; LISTED is on its list."""
    office, tally, plate = Office(), Tally(), OnePlate()
    desk = AlertDesk(
        unit="bench", dash=office, seal=seal, store=office, surroundings=office,
        pending=PendingHits(8, 600.0), guard=RepeatGuard(repeat_hold_s), tally=tally,
    )  # fmt: skip
    matcher = Matcher(index_of(LISTED), now_s=0)
    desk.use(matcher)
    stages = Stages(plate, plate, Tracks(), matcher, desk)  # type: ignore[arg-type]  # what they read is given
    pool, shrinker = FramePool(1, SIDE, SIDE), Shrinker(SIDE, SIDE)
    alerted = []
    for number, said in enumerate(reads, 1):
        plate.read_now = drawn(said) if isinstance(said, str) else said
        frame = pool.lease(SIDE, SIDE)
        frame.fill_lores(shrinker)
        if run_cycle(frame, stages, tally, rule):
            alerted.append(number)
    assert len(office.alerts) == len(alerted)
    assert all(alert.hit.entry.plate == LISTED for alert in office.alerts)
    return alerted


@pytest.mark.parametrize("sure", [0.6, 0.96, 1.0])
@pytest.mark.parametrize("misread", range(8))
def test_espanola_one_seven_among_the_twos_never_alerts(misread: int, sure: float) -> None:
    reads: list[DrawnRead | str] = [SEEN] * 8
    reads[misread] = drawn(LISTED, sure, score=sure)
    assert alerts_of(*reads) == []


def test_one_frame_alone_never_alerts_however_sure_it_is() -> None:
    assert alerts_of(drawn(LISTED, 1.0, score=1.0)) == []


def test_two_frames_that_agree_alert_once() -> None:
    assert alerts_of(*[LISTED] * 6) == [2]


def test_a_track_alerts_once_though_repeats_are_not_held_back() -> None:
    assert alerts_of(*[LISTED] * 6, repeat_hold_s=0.0) == [2]


def test_a_misread_between_two_right_reads_does_not_keep_a_listed_plate_from_alerting() -> None:
    assert alerts_of(LISTED, SEEN, LISTED, LISTED, LISTED) in ([4], [5])


def test_a_seven_that_could_be_a_two_needs_more_frames() -> None:
    wavering = drawn(LISTED, 0.75, score=0.7, other={6: ("2", 0.15)})
    (at,) = alerts_of(*[wavering] * 40)
    assert at > 3


def test_a_seven_that_is_a_two_as_likely_never_alerts() -> None:
    wavering = drawn(LISTED, 0.5, score=0.5, other={6: ("2", 0.4)})
    assert alerts_of(*[wavering] * 40) == []


@pytest.mark.parametrize("reads", [("BRVN95?",), ("BRVN95?", "?RVN957"), ("BRVN95", "RVN957")])
def test_a_plate_that_is_never_read_whole_never_alerts(reads: tuple[str, ...]) -> None:
    assert alerts_of(*reads * 8) == []


def test_a_plate_that_the_edge_cuts_never_alerts() -> None:
    assert alerts_of(*[drawn(LISTED, is_cut=True)] * 8) == []


def test_where_one_vote_is_asked_for_a_single_frame_alerts() -> None:
    assert alerts_of(LISTED, rule=AlertRule(votes=1)) == [1]


@pytest.mark.parametrize(("frames", "hits"), [(1, 0), (2, 1)])
def test_the_daemon_alerts_on_the_second_frame_of_a_listed_plate(
    tmp_path: Path, passing: Passing, frames: int, hits: int
) -> None:
    folder = tmp_path / "drive"
    folder.mkdir()
    for path in sorted(passing.folder.iterdir())[-frames:]:
        shutil.copy(path, folder)
    settings = {"alerts": {"answer_time_s": 1.0}}
    with Bench(tmp_path / "unit", folder, listed=[passing.listed], settings=settings) as bench:
        summary = bench.finish()
    assert summary["frames"] == frames
    assert summary["plates_read"] >= frames
    assert summary["hits"] == hits
