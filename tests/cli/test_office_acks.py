"""``alpr-office acks``: exact output, from a unit's installation to the words for a citizen's letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.cli.office_acks import _span
from tests.cli.test_office_vault import CASE
from tests.sim.office_desk import Desk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path, capsys, monkeypatch)
    for name in ("car-1", "car-2"):
        desk.add_unit(name)
    desk.run("entry", "add", *CASE)
    return desk


def make(desk: Desk, verb: str) -> Path:
    out = desk.folder / verb
    code, _, err = desk.run("release", verb, "--days", "2", "--out", out)
    assert code == 0, err
    desk.approve(out)
    return out


def test_a_unit_acknowledges_what_it_installed(desk: Desk) -> None:
    file = make(desk, "build")
    assert desk.unit("car-1", "hotlist", "install", file) == (
        0,
        (
            "installed: list 1, 1 entries, made 0 h ago, expires in 48 h\n"
            "acknowledged in car-1/outgoing/car-1-0000000001.ack\n"
            "the daemon does not run; it takes the list up when it starts\n"
        ),
        "",
    )
    outgoing = desk.folder / "car-1/outgoing"
    assert desk.run("acks", "take", outgoing) == (
        0,
        "1 acknowledgements taken, 0 known already, 0 refused\n",
        "",
    )
    assert desk.run("acks", "take", outgoing)[1] == "0 acknowledgements taken, 1 known already, 0 refused\n"
    assert desk.run("acks", "report")[1] == (
        "list 1 installed on 1 of 2 units\n"
        "    car-2: not acknowledged; every earlier list for it has expired by itself\n"
    )


def test_a_refused_list_is_not_acknowledged(desk: Desk) -> None:
    file = make(desk, "build")
    file.write_bytes(file.read_bytes()[:-1])
    assert desk.unit("car-1", "hotlist", "install", file)[0] == 31
    assert list((desk.folder / "car-1/outgoing").iterdir()) == []


def test_one_bad_file_is_refused_and_the_others_are_taken(desk: Desk) -> None:
    file = make(desk, "build")
    for name in ("car-1", "car-2"):
        desk.unit(name, "hotlist", "install", file)
    bad = desk.folder / "car-1/outgoing/car-1-0000000001.ack"
    bad.write_bytes(bad.read_bytes()[:-1] + b"\0")
    assert desk.run("acks", "take", bad.parent, desk.folder / "car-2/outgoing") == (
        38,
        "1 acknowledgements taken, 0 known already, 1 refused\n",
        (
            "car-1/outgoing/car-1-0000000001.ack: refused: the acknowledgement's signature is wrong: it was "
            "altered, or another unit made it; next: Have the unit's technician install the newest list "
            "again: a new acknowledgement is written.\n"
        ),
    )


def test_a_removal_is_proven_unit_by_unit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = make(desk, "build")
    for name in ("car-1", "car-2"):
        desk.unit(name, "hotlist", "install", whole)
        desk.run("acks", "take", desk.folder / name / "outgoing")
    desk.now += 3600
    desk.run("entry", "remove", "M1", "--why", "found to be wrong")
    assert desk.run("acks", "report", "--entry", "M1") == (
        35,
        "M1: entry removed 2026-09-28 01:00:00 UTC\n",
        (
            "alprd error: no list was built since: every unit may still have M1 as it was\n"
            "next: Run `alpr-office release delta` and have it approved.\n"
        ),
    )
    desk.now += 60
    delta = make(desk, "delta")
    desk.now += 90
    desk.unit("car-1", "hotlist", "install", delta)
    desk.run("acks", "take", desk.folder / "car-1/outgoing")
    reach = (
        "removed from 1 of 2 units, the last of them after {} min\n"
        "    car-2: outstanding, its list expires by itself 2026-09-30 00:00:00 UTC\n"
        "        last acknowledged: list 1, 2026-09-28 00:00:00 UTC\n"
    )
    first = "list 2 is the first without {}, made 2026-09-28 01:01:00 UTC\n"
    assert desk.run("acks", "report", "--entry", "M1") == (
        0,
        "M1: entry removed 2026-09-28 01:00:00 UTC\n" + first.format("it") + reach.format(3),
        "",
    )
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "abcd 123")
    assert desk.run("acks", "report", "--removed-plate") == (
        0,
        first.format("that plate") + reach.format(2),
        "",
    )
    desk.unit("car-2", "hotlist", "install", delta)
    desk.run("acks", "take", desk.folder / "car-2/outgoing")
    assert desk.run("acks", "report", "--entry", "M1")[1].splitlines()[2:] == [
        "removed from 2 of 2 units, the last of them after 3 min"
    ]


def test_the_plate_is_asked_for_at_a_terminal_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    make(desk, "build")
    assert desk.run("acks", "report", "--removed-plate")[2] == (
        "alprd error: no terminal to ask for the plate\nnext: Run the command at a terminal.\n"
    )
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "ZZZZ 999")
    assert desk.run("acks", "report", "--removed-plate")[1] == (
        "no list that is in date has ever had that plate\n"
    )
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "")
    assert desk.run("acks", "report", "--removed-plate")[0] == 35


def test_before_the_first_list_there_is_nothing_to_report(desk: Desk) -> None:
    assert desk.run("acks", "report") == (
        35,
        "",
        "alprd error: no list was built yet\nnext: Build one with `alpr-office release build`.\n",
    )


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "0 min"),
        (0, "0 min"),
        (1, "1 min"),
        (60, "1 min"),
        (61, "2 min"),
        (7199, "120 min"),
        (7200, "2 h"),
    ],
)
def test_a_span_is_told_in_whole_units(seconds: int, told: str) -> None:
    assert _span(seconds) == told
