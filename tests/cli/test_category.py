"""A category beside the closed set, at the real command lines: from the consultation to the alert."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from alprd.cli import alpr_office, alprctl
from alprd.cli.dash_screen import category_label
from alprd.demo.office import FEED
from alprd.office.workspace import approver_folder
from alprd.records import Doubt, Verdict
from tests.sim.bench import Bench
from tests.sim.vault_office import DAY_S, run

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.alerts.messages import AlertMessage
    from tests.sim.recording import Passing

UNINSURED = (
    *("--number", "19", "--slug", "uninsured", "--source", "mto", "--priority", "driving", "--days", "30"),
    *("--english", "Uninsured vehicle", "--french", "Véhicule non assuré"),
)
CITED = (
    *("--reference", "PC24-0012", "--consulted", "2026-03-01"),
    *("--consulted-with", "Information and Privacy Commissioner of Ontario"),
)
MAPPING = """\
format: csv
header: true
columns: {plate: plate, jurisdiction: jurisdiction}
constants: {category: uninsured}
jurisdictions: {CA-ON: CA-ON}
valid_days: 7
"""


def said(capsys: pytest.CaptureFixture[str], program: object, *words: object) -> tuple[int, str, str]:
    code = program.main([str(word) for word in words])  # type: ignore[attr-defined]  # both are commands
    out, err = capsys.readouterr()
    return code, out, err


def put_in_force(office: Path, draft: Path) -> None:
    run("category", "draft", office, *UNINSURED, *CITED, "--out", draft)
    run("category", "approve", approver_folder(office), draft)
    run("category", "take", office, draft)


@pytest.mark.slow
def test_an_added_category_goes_from_the_office_to_the_dash_by_its_name(
    tmp_path: Path, passing: Passing, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[AlertMessage] = []

    def answer(alert: AlertMessage) -> Verdict:
        heard.append(alert)
        return Verdict.CONFIRMED

    settings = {"camera": {"loop": True, "fps": 10.0}}
    bench = Bench(tmp_path / "unit", passing.folder, settings=settings, answer=answer)
    desk, record, blob = bench.desk, tmp_path / "record", tmp_path / "list"
    put_in_force(bench.office, record)
    starts, ends = (time.strftime("%Y-%m-%d", time.gmtime(time.time() + n * DAY_S)) for n in (-1, 40))
    run(
        *("agreement", "set", bench.office, FEED, "--agency", "Test agency", "--authority", "Test law"),
        *("--categories", "uninsured", "--starts", starts, "--ends", ends),
        *("--contact-name", "Kim Park", "--contact", "416-555-0100", *desk.me),
    )
    (tmp_path / "mapping").write_text(MAPPING)
    desk.csv.write_text(f"plate,jurisdiction\n{passing.listed},CA-ON\n")
    run("feed", "import", bench.office, FEED, desk.csv, "--mapping", tmp_path / "mapping", *desk.me)
    desk.build(blob, days=2)
    capsys.readouterr()
    code, _, err = said(capsys, alprctl, "hotlist", "install", blob, "--state", bench.state)
    assert code == 31
    assert "nor in a category record in force" in err
    assert "alprctl category install" in err
    code, out, _ = said(capsys, alprctl, "category", "install", record, "--state", bench.state)
    assert code == 0
    assert "19  uninsured: Uninsured vehicle / Véhicule non assuré" in out
    assert "Information and Privacy Commissioner of Ontario, 2026-03-01, PC24-0012" in out
    assert said(capsys, alprctl, "hotlist", "install", blob, "--state", bench.state)[0] == 0
    with bench:
        bench.wait_for(lambda state: state["confirmed"] >= 1)
        names = bench.dash.link.category_names
    alert = heard[0]
    assert (alert.plate, alert.category) == (passing.listed, 19)
    assert Doubt.CATEGORY in alert.doubts
    assert category_label(19, "en", names[19]) == "Uninsured vehicle"
    assert category_label(19, "fr-CA", names[19]) == "Véhicule non assuré"
    (kept, *_) = bench.records()
    opened = bench.desk.open_evidence(kept.parent, capsys)
    assert (opened["category"], opened["category_source"]) == ("uninsured", "MTO")
    assert "category" in opened["doubts"]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    run("init", tmp_path / "office")
    return tmp_path / "office"


@pytest.mark.parametrize(
    ("without", "message"),
    [
        ("--reference", "cites the consultation that it rests on: its reference"),
        ("--consulted", "cites the consultation that it rests on: its date"),
        ("--consulted-with", "cites the consultation that it rests on: who was asked"),
        ("--english", "a category has a public label in both languages"),
        ("--french", "a category has a public label in both languages"),
        ("--slug", "a category's slug is 1 to 32"),
        ("--source", "--source is missing"),
        ("--priority", "--priority is missing"),
        ("--days", "--days is missing"),
        ("--number", "nothing was said"),
    ],
)
def test_a_category_that_leaves_something_out_is_not_drafted(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], without: str, message: str
) -> None:
    words = [*UNINSURED, *CITED]
    at = words.index(without)
    del words[at : at + 2]
    code, _, err = said(capsys, alpr_office, "category", "draft", office, *words, "--out", tmp_path / "draft")
    assert code == 35
    assert message in err
    assert not (tmp_path / "draft").exists()


def test_a_record_needs_two_people_and_what_it_said_can_be_ended(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft, second = tmp_path / "draft", approver_folder(office)
    _, out, _ = said(capsys, alpr_office, "category", "show", office)
    assert "the closed set alone is in force" in out
    run("category", "draft", office, *UNINSURED, *CITED, "--out", draft)
    code, _, err = said(capsys, alpr_office, "category", "take", office, draft)
    assert code == 35
    assert "2 approvers are needed; found 1" in err
    run("category", "approve", second, draft)
    run("category", "take", office, draft)
    run("category", "take", second, draft)
    _, out, _ = said(capsys, alpr_office, "category", "show", second)
    assert "category record 1 of Police service" in out
    assert "MTO, driving, 30 days at most, never stop-grade" in out
    code, _, err = said(capsys, alpr_office, "category", "take", office, draft)
    assert code == 35
    assert "version 1 is in force" in err
    other = ["no-insurance" if word == "uninsured" else word for word in UNINSURED]
    code, _, err = said(capsys, alpr_office, "category", "draft", office, *other, *CITED, "--out", draft)
    assert code == 35
    assert "a number keeps its meaning" in err
    code, _, err = said(capsys, alpr_office, "category", "draft", office, "--drop", "speed", "--out", draft)
    assert code == 35
    assert "no added category is called 'speed'" in err
    run("category", "draft", office, "--drop", "uninsured", "--out", draft)
    run("category", "approve", second, draft)
    run("category", "take", office, draft)
    _, out, _ = said(capsys, alpr_office, "category", "show", office)
    assert "category record 2 of Police service" in out
    assert "uninsured" not in out


def test_a_stranger_approves_no_record(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft, stranger = tmp_path / "draft", tmp_path / "stranger"
    run("approver", "new", office, stranger)
    run("category", "draft", office, *UNINSURED, *CITED, "--out", draft)
    code, _, err = said(capsys, alpr_office, "category", "approve", stranger, draft)
    assert code == 35
    assert "is none of the present approvers'" in err
