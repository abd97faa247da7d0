"""What the demonstration holds against the truth, and the list it makes. The whole is in tests/cli."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alprd.alerts.messages import AlertMessage
from alprd.demo.drive import DriveScript
from alprd.demo.material import DemoOptions, Material, largest
from alprd.demo.office import BADGE, DECOYS, failure, list_rows, plain_form, write_rows
from alprd.demo.run import Officer, is_of_stills, judge
from alprd.errors import OfficeInputError
from alprd.hotlist.categories import Category
from alprd.office.feed_form import parse_form
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.records import AlertId, ClockSource, Doubt, Instant, UnixMs, Verdict

LISTED = frozenset({"ABCD123", "EFHJ456"})
MATERIAL = Material(
    source=Path("drive"), size=(1280, 720), list_file=Path("list.csv"), listed=LISTED, frames=9
)


def alert(number: int, plate: str) -> AlertMessage:
    return AlertMessage(
        alert_id=AlertId(number),
        plate=plate,
        jurisdiction="CA-ON",
        category=1,
        priority=1,
        confidence=90,
        confidences=(90,) * len(plate),
        list_age_s=1,
        captured=Instant(at=UnixMs(1), source=ClockSource.UNTRUSTED),
        has_location=True,
        place_confidence=0,
        picture_width=0,
        picture_height=0,
        chance=90,
        doubts=Doubt.NONE,
    )


def officer_shown(*plates: str) -> Officer:
    officer = Officer(listed=LISTED, by_plan=True)
    for number, plate in enumerate(plates, start=1):
        officer.answer(alert(number, plate))
    return officer


def summary(**changes: int) -> dict[str, Any]:
    return {"frames": 9, "frames_wiped": 9, "confirmed": 1, "missed": 0} | changes


def record(plate: str = "ABCD123", verdict: str = "CONFIRMED", badge: str = BADGE) -> dict[str, Any]:
    return {"plate": plate, "verdict": verdict, "badge": badge}


def test_a_good_run_has_no_problem() -> None:
    figures, problems = judge(summary(), MATERIAL, officer_shown("ABCD123", "EFHJ456"), [record()])
    assert problems == []
    assert (figures["listed"], figures["alerted"], figures["missed"], figures["false_alerts"]) == (2, 2, 0, 0)
    assert figures["evidence_records"] == 1


def test_a_listed_plate_that_was_not_alerted_is_a_problem() -> None:
    figures, problems = judge(summary(), MATERIAL, officer_shown("ABCD123"), [record()])
    assert problems == ["listed plates that were not alerted: EFHJ456"]
    assert figures["missed"] == 1


def test_an_alert_for_another_plate_is_a_problem() -> None:
    _, problems = judge(summary(), MATERIAL, officer_shown("ABCD123", "EFHJ456", "ZZZZ999"), [record()])
    assert problems == ["plates alerted that are not listed: ZZZZ999"]


@pytest.mark.parametrize(
    ("changes", "records", "problem"),
    [
        ({"frames_wiped": 8}, [record()], "frames wiped: expected all 9, found 8"),
        ({"frames": 8, "frames_wiped": 8}, [record()], "frames taken: expected 9, found 8"),
        ({}, [], "evidence records: expected 1 as confirmed, found 0"),
        ({}, [record(plate="ZZZZ999")], "an evidence record is not of a confirmed alert"),
        ({}, [record(verdict="MISREAD")], "an evidence record is not of a confirmed alert"),
        ({}, [record(badge="other")], "an evidence record is not of a confirmed alert"),
    ],
)
def test_what_the_daemon_measured_must_add_up(
    changes: dict[str, int], records: list[dict[str, Any]], problem: str
) -> None:
    _, problems = judge(summary(**changes), MATERIAL, officer_shown("ABCD123", "EFHJ456"), records)
    assert problems == [problem]


def test_a_person_who_leaves_early_is_not_held_to_the_rest() -> None:
    officer = officer_shown("ABCD123")
    officer.has_left = True
    _, problems = judge(summary(frames=4, frames_wiped=4), MATERIAL, officer, [record()])
    assert problems == []


def test_the_plan_shows_every_path_and_rejects_what_is_not_listed() -> None:
    officer = Officer(listed=frozenset({"A1", "A2", "A3", "A4", "A5"}), by_plan=True)
    assert officer.answer(alert(9, "B1")) is Verdict.MISREAD
    answers = [officer.answer(alert(number, f"A{number}")) for number in range(1, 6)]
    confirmed = Verdict.CONFIRMED
    assert answers == [confirmed, Verdict.MISREAD, Verdict.WRONG_JURISDICTION, None, confirmed]
    assert officer.answer(alert(1, "A1")) is None  # shown again after the link was lost: answered before


def test_a_person_s_alerts_are_noted_and_never_answered_for_them() -> None:
    officer = Officer(listed=LISTED, by_plan=False)
    assert officer.answer(alert(1, "ABCD123")) is None
    assert set(officer.alerted.values()) == {"ABCD123"}


def test_the_list_hides_the_listed_among_decoys_that_nobody_drives() -> None:
    seen = {row[0] for row in list_rows((), (), 1)}
    avoided = sorted(seen)[:50]
    rows = list_rows([("ABCD123", "CA-ON")], avoided, 1)
    plates = [row[0] for row in rows]
    assert len(set(plates)) == len(plates) == DECOYS + 1
    assert set(plates).isdisjoint(avoided)
    assert "ABCD123" in plates
    assert {row[1] for row in rows} <= set(JURISDICTIONS)
    assert {row[2] for row in rows} <= {category.slug for category in Category}
    assert list_rows([("ABCD123", "CA-ON")], avoided, 1) == rows
    assert {row[3:] for row in rows} == {("", "")}


def test_the_list_says_what_is_driven_and_the_office_takes_it(tmp_path: Path) -> None:
    script = DriveScript(seed=1)
    vehicles = script.listed_vehicles()
    assert vehicles.keys() == script.listed_texts().keys()
    assert all(colour and kind for colour, kind in vehicles.values())
    rows = list_rows(script.listed_texts().items(), (), 1, vehicles)
    assert {row[0]: row[3:] for row in rows if row[3]} == vehicles
    write_rows(tmp_path / "list.csv", rows)
    form = parse_form(plain_form(tmp_path / "list.csv").encode(), "mapping")
    assert {"colour", "vehicle_class", "expires"} <= set(form.columns)


def test_a_failed_command_is_told_with_its_own_words() -> None:
    error = failure(
        "alpr-office", "line 2: no such category\nalprd error: 1 bad lines\nnext: Correct them.\n"
    )
    assert str(error) == "alpr-office failed: 1 bad lines"
    assert error.next_step == "Correct them."
    assert str(failure("alprd run", "")) == "alprd run failed: it said nothing"


def test_pictures_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OfficeInputError, match="is not there"):
        largest(tmp_path / "none")
    with pytest.raises(OfficeInputError, match="holds no picture"):
        largest(tmp_path)


def test_a_folder_of_pictures_is_read_picture_by_picture_and_a_drive_or_a_video_is_voted_on(
    tmp_path: Path,
) -> None:
    video = tmp_path / "drive.mp4"
    video.touch()
    assert is_of_stills(DemoOptions(pictures=tmp_path))
    assert not is_of_stills(DemoOptions(pictures=video))
    assert not is_of_stills(DemoOptions(pictures=None))
