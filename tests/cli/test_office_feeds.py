"""``alpr-office agreement`` and ``feed``: exact output and exit code."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from alprd.office.entries import DAY_S
from tests.sim.office_desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

MTO = (
    *("mto", "--agency", "Ministry of Transportation", "--authority", "Highway Traffic Act"),
    *("--categories", "expired-sticker,suspended-driver", "--starts", "2026-09-28", "--ends", "2026-10-04"),
    *("--contact-name", "Kim Park", "--contact", "416-555-0100"),
)
MAPPING = """
format: fixed-width
columns: {plate: [1, 8], category: [9, 9], make: [10, 14]}
constants: {jurisdiction: CA-ON, plate_type: passenger}
categories: {E: expired-sticker, S: suspended-driver}
valid_days: 3
"""
FEED = "ABCD 123EHonda\nBIGDOG  SKia  \nABCD 12?EHonda\nABCD 123EHonda\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path, capsys, monkeypatch)
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    (tmp_path / "mto.txt").write_text(FEED)
    return made


def load(desk: Desk, file: object = None, *more: str) -> tuple[int, str, str]:
    mapping = desk.folder / "mapping.yaml"
    return desk.run("feed", "import", "mto", file or desk.folder / "mto.txt", "--mapping", mapping, *more)


def test_an_agreement_is_set_listed_and_ended(desk: Desk) -> None:
    assert desk.run("agreement", "set", *MTO) == (
        0,
        "agreement mto holds until 2026-10-05 00:00:00 UTC\n",
        "",
    )
    assert desk.run("agreement", "list") == (
        0,
        (
            "mto  in force  until 2026-10-05 00:00:00 UTC\n"
            "    agency:     Ministry of Transportation\n"
            "    authority:  Highway Traffic Act\n"
            "    redress:    Kim Park, 416-555-0100\n"
            "    categories: expired-sticker, suspended-driver\n1 agreements\n"
        ),
        "",
    )
    desk.now += 7 * DAY_S
    assert "NOT IN FORCE" in desk.run("agreement", "list")[1]
    assert desk.run("agreement", "end", "mto") == (
        0,
        "agreement mto has ended; its feed is not used any more\n",
        "",
    )
    assert desk.run("agreement", "list")[1] == "0 agreements\n"


@pytest.mark.parametrize("option", ["--agency", "--authority", "--categories", "--contact-name", "--contact"])
def test_an_agreement_without_one_of_its_parts_is_refused(desk: Desk, option: str) -> None:
    place = MTO.index(option)
    code, out, err = desk.run("agreement", "set", *MTO[:place], *MTO[place + 2 :])
    assert (code, out) == (35, "")
    assert "missing" in err


def test_a_feed_is_imported_shown_and_removed(desk: Desk) -> None:
    desk.run("agreement", "set", *MTO)
    assert load(desk) == (
        0,
        (
            "feed mto: 2 rows, 2 added, 0 removed\n"
            "4 lines read: 1 bad and set aside, 1 duplicates, 0 already expired\n"
            "1 plates are in no format of their jurisdiction; lines 2\n"
        ),
        "line 3: a plate has only A-Z, 0-9 and separators; found another character\n",
    )
    assert desk.run("feed", "list") == (
        0,
        (
            "mto  2 rows, 2 with details, 1 lines set aside\n"
            "    imported 2026-09-28 00:00:00 UTC under the agreement mto\n1 feeds\n"
        ),
        "",
    )
    told = "line 3: a plate has only A-Z, 0-9 and separators; found another character\n"
    assert desk.run("feed", "quarantine", "mto")[1] == told + "1 lines set aside\n"
    assert desk.run("feed", "quarantine", "mto", "--show")[1] == (
        told + "    b'ABCD 12?EHonda'\n1 lines set aside\n"
    )
    assert desk.run("feed", "remove", "mto") == (0, "feed mto removed, 2 rows\n", "")
    assert desk.run("feed", "list")[1] == "0 feeds\n"


def test_a_feed_is_read_from_standard_input(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.run("agreement", "set", *MTO)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FEED.encode())))
    assert load(desk, "-")[0] == 0


def test_without_an_agreement_the_next_step_is_told(desk: Desk) -> None:
    assert load(desk) == (
        35,
        "",
        (
            "alprd error: there is no agreement 'mto': its feed is not used\n"
            "next: Enter it with `alpr-office agreement set`.\n"
        ),
    )
    desk.run("agreement", "set", *MTO)
    desk.now += 7 * DAY_S
    assert load(desk)[2] == (
        "alprd error: the agreement mto has ended: its feed is not used\n"
        "next: Renew it with `alpr-office agreement set`, or run `alpr-office feed remove` for mto.\n"
    )


def test_a_feed_with_too_many_bad_lines_changes_nothing(desk: Desk) -> None:
    desk.run("agreement", "set", *MTO)
    load(desk)
    (desk.folder / "mto.txt").write_text(FEED + "bad\n" * 200)
    code, out, err = load(desk)
    assert (code, out) == (35, "")
    assert "\nand more\nalprd error: 201 of 204 lines are bad, at most 10 are borne" in err
    assert desk.run("feed", "list")[1].startswith("mto  2 rows")


@pytest.mark.parametrize("name", ["mapping.yaml", "mto.txt"])
def test_a_file_that_is_not_there_is_told(desk: Desk, name: str) -> None:
    desk.run("agreement", "set", *MTO)
    (desk.folder / name).unlink()
    assert load(desk)[2].startswith(f"alprd error: {name} cannot be read: No such file")
