"""MISREAD, WRONG_JURISDICTION, DISMISSED and no answer in time wipe the hit; CONFIRMED seals one record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.alerts.messages import Outcome
from alprd.records import Verdict
from tests.sim.bench import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing

ENDS = ("confirmed", "rejected", "dismissed", "unanswered")
SHORT = {"alerts": {"answer_time_s": 1.5}}


@pytest.mark.parametrize(
    ("verdict", "counted", "outcome", "records"),
    [
        (Verdict.CONFIRMED, "confirmed", Outcome.SEALED, 1),
        (Verdict.MISREAD, "rejected", Outcome.WIPED, 0),
        (Verdict.WRONG_JURISDICTION, "rejected", Outcome.WIPED, 0),
        (Verdict.DISMISSED, "dismissed", Outcome.WIPED, 0),
        (None, "unanswered", Outcome.EXPIRED, 0),
    ],
)
def test_a_hit_is_kept_only_when_it_is_confirmed(  # noqa: PLR0917 - the parameters of the table above
    tmp_path: Path, passing: Passing, verdict: Verdict | None, counted: str, outcome: Outcome, records: int
) -> None:
    bench = Bench(
        tmp_path / "unit", passing.folder, listed=[passing.listed], answer=lambda _: verdict, settings=SHORT
    )
    with bench:
        summary = bench.finish()
    assert summary["hits"] == 1
    assert {name: summary[name] for name in ENDS} == {name: int(name == counted) for name in ENDS}
    assert [arrived.outcome for arrived in bench.dash.outcomes] == [outcome]
    assert len(bench.records()) == records
    assert summary["frames_wiped"] == summary["frames"] == len(list(passing.folder.iterdir()))


def test_a_verdict_without_a_session_keeps_nothing(tmp_path: Path, passing: Passing) -> None:
    bench = Bench(
        tmp_path / "unit",
        passing.folder,
        listed=[passing.listed],
        answer=lambda _: Verdict.CONFIRMED,
        badge="",
        settings=SHORT,
    )
    with bench:
        summary = bench.finish()
    assert (summary["hits"], summary["confirmed"], summary["unanswered"]) == (1, 0, 1)
    assert bench.dash.shown == 0, "it is not even shown"
    assert bench.records() == []


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_confirmed_hit_is_stored_when_the_disk_comes_back_and_else_said_to_be_lost(
    tmp_path: Path, passing: Passing, *, comes_back: bool
) -> None:
    evidence, away = tmp_path / "unit/state/evidence", tmp_path / "away"

    def confirm_without_a_disk(_alert: object) -> Verdict:
        evidence.rename(away)
        return Verdict.CONFIRMED

    settings = {"alerts": {"answer_time_s": 60.0 if comes_back else 3.0}}
    bench = Bench(
        tmp_path / "unit",
        passing.folder,
        listed=[passing.listed],
        answer=confirm_without_a_disk,
        settings=settings,
    )
    with bench:
        bench.wait_for(lambda _: "evidence not stored yet" in bench.log())
        if comes_back:
            away.rename(evidence)
        summary = bench.finish()
    assert (summary["confirmed"], summary["not_stored"]) == ((1, 0) if comes_back else (0, 1))
    assert (summary["hits"], summary["unanswered"]) == (1, 0)
    told = Outcome.SEALED if comes_back else Outcome.FAILED_TO_STORE
    assert [arrived.outcome for arrived in bench.dash.outcomes] == [told]
    assert [path.suffix for path in (evidence if comes_back else away).iterdir()].count(
        ".evidence"
    ) == comes_back
    assert bench.log().count("evidence not stored yet") == 1
