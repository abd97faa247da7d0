"""``alpr-office release``: exact output, from the vault's rows to a list with two approvals, and a delta."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alprd.cli.alpr_office import main
from alprd.keys import ROOT_FILE, provision, write_unit_public
from tests.cli.test_office_vault import CASE
from tests.sim.office_desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_list_is_built_from_the_vault_and_approved_by_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path, capsys, monkeypatch)
    out = tmp_path / "list"
    desk.run("entry", "add", *CASE)
    words = ("release", "build", "--days", "2", "--out", out)
    code, _, err = desk.run(*words)
    assert (code, err.splitlines()[0]) == (
        35,
        "alprd error: no unit is enrolled: nobody could open the list",
    )
    (tmp_path / "car-1").mkdir()
    keys = provision(tmp_path / "car-1", "car-1", tmp_path / "office" / ROOT_FILE)
    write_unit_public(tmp_path / "car-1.pub", keys.public)
    main(["unit", "enrol", str(tmp_path / "office"), str(tmp_path / "car-1.pub")])
    code, shown, err = desk.run(*words)
    assert (code, err) == (0, "")
    assert shown == (
        f"list: 1 rows for 1 units, {out.stat().st_size} bytes, sequence 1, expires 2026-09-30 00:00:00 UTC\n"
        "0 rows left out: see `alpr-office report purge`\n"
        "next: the second approver runs `alpr-office release approve DIR list`\n"
    )
    desk.capture()
    assert main(["release", "approve", str(tmp_path / "office.approver"), str(out)]) == 0
    assert "release built list 1\n" in desk.run("report", "log", "--last", "1")[1]


def test_a_removal_in_minutes_is_the_same_command_as_a_daily_delta(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path, capsys, monkeypatch)
    (tmp_path / "car-1").mkdir()
    keys = provision(tmp_path / "car-1", "car-1", tmp_path / "office" / ROOT_FILE)
    write_unit_public(tmp_path / "car-1.pub", keys.public)
    main(["unit", "enrol", str(tmp_path / "office"), str(tmp_path / "car-1.pub")])
    words = ("--days", "2", "--out", tmp_path / "list")
    assert desk.run("release", "delta", *words) == (
        35,
        "",
        (
            "alprd error: there is no whole list to make a delta on\n"
            "next: Build one with `alpr-office release build`.\n"
        ),
    )
    desk.run("entry", "add", *CASE)
    desk.run("release", "build", *words)
    desk.now += 600
    desk.run("entry", "remove", "M1", "--why", "found to be wrong")
    code, shown, err = desk.run("release", "delta", *words)
    assert (code, err) == (0, "")
    assert shown == (
        "list: 1 rows out of list 1 and 0 in for 1 units, "
        f"{(tmp_path / 'list').stat().st_size} bytes, sequence 2, expires 2026-09-30 00:10:00 UTC\n"
        "0 rows left out: see `alpr-office report purge`\n"
        "next: the second approver runs `alpr-office release approve DIR list`\n"
    )
    assert desk.run("report", "log", "--last", "1")[1].startswith(
        "6  2026-09-28 00:10:00 UTC  delta built list 2\n    by Ada Roy, badge C-17\n"
        "    1 rows, 1 added, 0 removed: 2\n    1 rows out of list 1 and 0 in\n"
    )


def test_a_delta_names_the_units_that_cannot_use_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path, capsys, monkeypatch)
    desk.add_unit("car-1")
    words = ("--days", "2", "--out", tmp_path / "list")
    assert "NOT FOR" not in desk.run("release", "build", *words)[1]
    desk.add_unit("car-2")
    desk.add_unit("car-3")
    shown = desk.run("release", "delta", *words)[1].splitlines()
    assert shown[2] == "NOT FOR car-2, car-3: enrolled after list 1, they need a whole list"
    assert "NOT FOR" not in desk.run("release", "build", *words)[1]
