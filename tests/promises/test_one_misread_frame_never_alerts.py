"""One misread frame never alerts: a text is matched once two frames have read each of its characters so.

The reads are by hand where they have to be wrong on purpose; tracks, votes, list and desk are the unit's.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from alprd.plates.vote import AlertRule
from tests.sim.bench import Bench
from tests.sim.given_reads import alerts_on
from tests.sim.lists import index_of
from tests.sim.reads import drawn

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.reads import DrawnRead
    from tests.sim.recording import Passing

LISTED, SEEN = "BRVN957", "BRVN952"
"""Espanola, New Mexico, 2023: the plate ended in 2, the camera read 7, and the 7 was listed."""


def alerts_of(
    *reads: DrawnRead | str, rule: AlertRule | None = None, repeat_hold_s: float = 120.0
) -> list[int]:
    """In which frames of a pass, from 1, the unit alerts; LISTED is on its list."""
    given = [drawn(read) if isinstance(read, str) else read for read in reads]
    alerts = alerts_on(given, index_of(LISTED), rule, repeat_hold_s=repeat_hold_s)
    assert all(alert.hit.entry.plate == LISTED for _frame, alert in alerts)
    return [frame for frame, _alert in alerts]


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
