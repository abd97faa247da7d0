"""One misread frame never alerts: a text is matched once two frames have read each of its characters so.

And where a lookalike is nearly as likely, or a frame read one, an alert is never stop-grade.
The reads are by hand where they have to be wrong on purpose; tracks, votes, list and desk are the unit's.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from alprd.plates.vote import AlertRule
from alprd.records import Doubt
from tests.sim.bench import Bench
from tests.sim.given_reads import alerts_on
from tests.sim.lists import index_of
from tests.sim.reads import drawn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from alprd.records import Alert
    from tests.sim.reads import DrawnRead
    from tests.sim.recording import Passing

LISTED, SEEN = "BRVN957", "BRVN952"
"""Espanola, New Mexico, 2023: the plate ended in 2, the camera read 7, and the 7 was listed."""


def pass_of(
    reads: Iterable[DrawnRead | str], rule: AlertRule | None = None, *, repeat_hold_s: float = 120.0
) -> list[tuple[int, Alert]]:
    """The alerts of a pass and in which frames, from 1, they came; LISTED is on the unit's list."""
    given = [drawn(read, 0.998, score=0.99) if isinstance(read, str) else read for read in reads]
    alerts = alerts_on(given, index_of(LISTED), rule, repeat_hold_s=repeat_hold_s)
    assert all(alert.hit.entry.plate == LISTED for _frame, alert in alerts)
    return alerts


def alerts_of(
    *reads: DrawnRead | str, rule: AlertRule | None = None, repeat_hold_s: float = 120.0
) -> list[int]:
    """In which frames of a pass, from 1, the unit alerts."""
    return [frame for frame, _alert in pass_of(reads, rule, repeat_hold_s=repeat_hold_s)]


@pytest.mark.parametrize("sure", [0.6, 0.96, 1.0])
@pytest.mark.parametrize("misread", range(8))
def test_espanola_one_seven_among_the_twos_never_alerts(misread: int, sure: float) -> None:
    reads: list[DrawnRead | str] = [SEEN] * 8
    reads[misread] = drawn(LISTED, sure, score=sure)
    assert alerts_of(*reads) == []


def test_one_frame_alone_never_alerts_however_sure_it_is() -> None:
    assert alerts_of(drawn(LISTED, 1.0, score=1.0)) == []


def test_two_frames_that_agree_surely_alert_once() -> None:
    ((frame, alert),) = pass_of([LISTED] * 6)
    assert frame == 2
    assert alert.hit.doubts == Doubt.PLACE_UNKNOWN
    assert min(alert.hit.confidences) > 0.9
    assert 0.995 < alert.hit.chance < 1


def test_frames_that_agree_less_surely_alert_once_there_are_more_of_them() -> None:
    unsure = drawn(LISTED, 0.98, score=0.85)
    ((frame, alert),) = pass_of([unsure] * 6)
    assert frame == AlertRule().doubtful_votes
    assert alert.hit.doubts & Doubt.LOOKALIKE
    assert 0.9 < alert.hit.chance < 0.995
    assert alerts_of(*[unsure] * (frame - 1)) == []


def test_a_track_alerts_once_though_repeats_are_not_held_back() -> None:
    assert alerts_of(*[LISTED] * 6, repeat_hold_s=0.0) == [2]


def test_a_misread_between_two_right_reads_does_not_keep_a_listed_plate_from_alerting() -> None:
    ((frame, alert),) = pass_of([LISTED, SEEN, *[LISTED] * 5])
    assert frame == 1 + AlertRule().doubtful_votes
    assert alert.hit.doubts & Doubt.LOOKALIKE


@pytest.mark.parametrize("sure", [0.6, 0.96, 1.0])
@pytest.mark.parametrize("sevens", range(1, 8))
def test_espanola_is_never_stop_grade_once_one_frame_has_read_the_two(sevens: int, sure: float) -> None:
    seven, two = drawn(LISTED, sure, score=sure), drawn(SEEN, 0.998, score=0.99)
    orders = ([two] * (8 - sevens) + [seven] * sevens, [seven, two] * 4 + [seven] * 2 * sevens)
    assert all(alert.hit.doubts & Doubt.LOOKALIKE for reads in orders for _frame, alert in pass_of(reads))
    assert any(pass_of(reads) for reads in orders) or sevens < AlertRule().doubtful_votes


def test_next_to_a_listed_lookalike_an_alert_needs_more_frames() -> None:
    reads = [drawn(LISTED, 0.998, score=0.995)] * 6
    ((frame, alert),) = alerts_on(reads, index_of(LISTED, SEEN))
    assert frame == 3
    assert alert.hit.entry.plate == LISTED
    assert not alert.hit.doubts & Doubt.LOOKALIKE
    assert [at for at, _alert in alerts_on(reads, index_of(LISTED))] == [2]


def test_a_seven_that_could_be_a_two_needs_more_frames() -> None:
    wavering = drawn(LISTED, 0.75, score=0.7, other={6: ("2", 0.15)})
    ((at, alert),) = pass_of([wavering] * 40)
    assert at > 3
    assert alert.hit.doubts & Doubt.LOOKALIKE


@pytest.mark.parametrize(("seven", "two", "alerts"), [(0.5, 0.4, [4]), (0.45, 0.45, []), (0.4, 0.5, [])])
def test_what_is_more_likely_another_text_than_the_listed_one_never_alerts(
    seven: float, two: float, alerts: list[int]
) -> None:
    wavering = drawn(LISTED if seven >= two else SEEN, max(seven, two), score=0.5,
                     other={6: ("2" if seven >= two else "7", min(seven, two))})  # fmt: skip
    assert alerts_of(*[wavering] * 40) == alerts


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
