"""A custodian's week at the command line; the reports at its end are those that the document shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alprd.office.entries import DAY_S
from tests.cli.test_office_feeds import MAPPING, MTO
from tests.cli.test_office_vault import CASE, DESCRIPTORS, DRIVER
from tests.sim.office_desk import Desk

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).resolve().parents[2] / "alprd" / "docs" / "office.md"
MONDAYS = "ABCD 123EHonda\nABCD 124SKia  \nABCD 125EHonda\nABCD 125EHonda\nNOPLATE EFord \n"
TUESDAYS = "ABCD 124SKia  \nABCD 128EHonda\nABCD 12BEHonda\nBIGDOG  EFord \n"


def run(desk: Desk, *words: object) -> str:
    """Run a command that must succeed; return what it printed."""
    noun, verb, *rest = words
    code, out, err = desk.run(str(noun), str(verb), *rest)
    assert code == 0, err
    return out


def monday_and_tuesday(desk: Desk) -> None:
    run(desk, "person", "admit", desk.folder / "C-18.card")
    run(desk, "agreement", "set", *MTO)
    feed, mapping = desk.folder / "mto.txt", desk.folder / "mapping.yaml"
    mapping.write_text(MAPPING)
    feed.write_text(MONDAYS)
    run(desk, "feed", "import", "mto", feed, "--mapping", mapping)
    run(desk, "entry", "add", *CASE)
    run(desk, "entry", "add", *DRIVER, *DESCRIPTORS)
    desk.now += DAY_S
    feed.write_text(TUESDAYS)
    out = run(desk, "feed", "import", "mto", feed, "--mapping", mapping)
    assert out.startswith("feed mto: 4 rows, 3 added, 2 removed\n")
    run(desk, "entry", "correct", "M2", "--plate", "WXYZ 987", "--why", "letters were swapped")


def wednesday_to_friday(desk: Desk) -> None:
    desk.now += DAY_S
    amber = ("--category", "amber-alert", "--days", "1", "--scope", "ontario")
    place = CASE.index("--category")
    run(desk, "entry", "add", *CASE[:place], *amber)
    run(desk, "entry", "close-case", "2026-1138")
    desk.now += DAY_S
    assert run(desk, "entry", "purge") == "1 entries removed: M3\n"
    run(desk, "person", "remove", "C-18")


def test_a_week_ends_with_the_reports_that_the_document_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path, capsys, monkeypatch)
    monday_and_tuesday(desk)
    wednesday_to_friday(desk)
    printed = [
        run(desk, "report", "purge"),
        run(desk, "report", "purge", "--audience", "ontario"),
        run(desk, "report", "neighbours"),
        run(desk, "report", "log"),
        run(desk, "vault", "verify"),
    ]
    page = PAGE.read_text("utf-8")
    for text in printed:
        assert text in page, text
    assert "ABCD" not in "".join(printed)
    assert run(desk, "report", "neighbours", "--show", "5").endswith("    ABCD128  ABCD12B\n")
    assert run(desk, "report", "log", "--last", "1").count("\n    by ") == 1


def test_the_agreements_end_stops_the_reports_until_the_feed_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path, capsys, monkeypatch)
    monday_and_tuesday(desk)
    desk.now += 7 * DAY_S
    code, out, err = desk.run("report", "purge")
    assert (code, out) == (35, "")
    assert "the agreement mto has ended" in err
    out = run(desk, "report", "purge", "--without-ended")
    assert "    4 the agreement is not in force\n" in out
    assert out.endswith("2 rows to be listed; 0 in no format of their jurisdiction\n")
