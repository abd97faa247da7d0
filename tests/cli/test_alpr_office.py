"""Exact output and exit code of every ``alpr-office`` command, and of ``alprctl provision``."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import pytest

from alprd.cli import provision
from alprd.cli.alpr_office import main
from alprd.cli.entry import run_cli
from alprd.keys import load_unit_keys, read_root
from alprd.office.release import BaseList, build_delta_release, build_release
from alprd.office.workspace import Workspace, approver_folder
from tests.vectors.hotlist.made import FIVE_ROWS, columns_of

if TYPE_CHECKING:
    from pathlib import Path

ROWS = columns_of(FIVE_ROWS[:2])


class Desk:
    """An office in a folder, its commands, and what they printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def run(self, *arguments: object) -> tuple[int, str, str]:
        """Run an ``alpr-office`` command; return code, stdout and stderr, without the folder's path."""
        return self._shown(main([str(argument) for argument in arguments]))

    def provision(self, name: str) -> tuple[int, str, str]:
        """Run ``alprctl provision`` for a unit in the folder of that name."""
        parser = argparse.ArgumentParser()
        provision.add_parser(parser.add_subparsers())
        state = self.folder / name
        state.mkdir(exist_ok=True)
        args = parser.parse_args(
            [
                "provision",
                "--unit",
                name,
                "--state",
                str(state),
                "--office",
                str(self.folder / "office/office.root"),
                "--out",
                str(self.folder / f"{name}.pub"),
            ]
        )
        return self._shown(run_cli(lambda: int(args.run(args))))

    def _shown(self, code: int) -> tuple[int, str, str]:
        shown = self._capsys.readouterr()
        return code, shown.out.replace(f"{self.folder}/", ""), shown.err.replace(f"{self.folder}/", "")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """Return a desk with an office and one enrolled unit, car-12."""
    desk = Desk(tmp_path, capsys)
    assert desk.run("init", tmp_path / "office")[0] == 0
    assert desk.provision("car-12")[0] == 0
    assert desk.run("unit", "enrol", tmp_path / "office", tmp_path / "car-12.pub")[0] == 0
    return desk


def fingerprints(desk: Desk) -> tuple[str, str]:
    """Return the fingerprints of the office and of car-12."""
    unit = load_unit_keys(desk.folder / "car-12/keys")
    return read_root(desk.folder / "office/office.root").root.fingerprint, unit.public.fingerprint


def test_init_makes_an_office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(tmp_path, capsys)
    code, out, err = desk.run("init", tmp_path / "office")
    office = read_root(tmp_path / "office/office.root").root
    assert (code, err) == (0, "")
    assert out == (
        "office of Police service made in office, its second approver's folder in office.approver\n"
        f"fingerprint: {office.fingerprint}\n"
        "Give office/office.root to the installer; keep signer.key and evidence.key.\n"
        "Give office.approver to another person: a list needs both, and nobody should hold both.\n"
    )
    code, out, err = desk.run("init", tmp_path / "office")
    assert (code, out) == (35, "")
    assert err == (
        "alprd error: office holds an office already\n"
        "next: Choose another folder: new keys would lock every enrolled unit out.\n"
    )


def test_provision_makes_keys_and_shows_both_fingerprints(desk: Desk) -> None:
    code, out, err = desk.provision("car-13")
    office, _ = fingerprints(desk)
    unit = load_unit_keys(desk.folder / "car-13/keys")
    assert (code, err) == (0, "")
    assert out == (
        "unit car-13: keys made in car-13/keys\n"
        f"office fingerprint: {office} (Police service)\n"
        f"unit fingerprint:   {unit.public.fingerprint}\n"
        "Compare the first with the office, then enrol there: alpr-office unit enrol DIR car-13.pub\n"
    )
    for name in ("keys", "hotlist", "evidence", "incoming", "outgoing"):
        assert (desk.folder / "car-13" / name).stat().st_mode & 0o777 == 0o700


def test_provision_refuses_a_unit_that_has_keys(desk: Desk) -> None:
    code, out, err = desk.provision("car-12")
    assert (code, out) == (15, "")
    assert err.startswith("alprd error: car-12/keys/unit.keys exists: the unit is provisioned\nnext: ")


def test_unit_enrol_and_list(desk: Desk) -> None:
    _, unit = fingerprints(desk)
    enrolled = desk.run("unit", "enrol", desk.folder / "office", desk.folder / "car-12.pub")
    assert enrolled == (
        0,
        (
            f"unit car-12 enrolled\nfingerprint: {unit}\n"
            "Compare it with the installer's. The unit can open the lists that are built from now on.\n"
        ),
        "",
    )
    assert desk.run("unit", "list", desk.folder / "office") == (0, f"car-12  {unit}\n1 units enrolled\n", "")


def build(desk: Desk) -> Path:
    """Build a list of two rows; return its file."""
    out_file = desk.folder / "list"
    office = Workspace(desk.folder / "office")
    build_release(office, ROWS, days=2, sequence=None, now_s=int(time.time()), out=out_file)
    return out_file


def test_a_draft_shows_what_it_is_and_no_plate(desk: Desk) -> None:
    before = int(time.time())
    code, out, err = desk.run("release", "show", desk.folder / "office", build(desk))
    assert (code, err) == (0, "")
    shown = dict(line.split(":", 1) for line in out.splitlines())
    names = {"sequence", "created", "expires", "rows", "size", "sealed to", "service", "approvals"}
    assert shown.keys() == names
    assert shown["expires"].endswith(" UTC (in date)")
    assert time.strftime("%Y-%m-%d", time.gmtime(before)) in shown["created"]
    assert (shown["rows"], shown["sealed to"]) == ("      2", " 1 units: car-12")
    assert shown["approvals"] == " custodian (needed: 2; a DRAFT that no unit takes)"
    assert "ABCD123" not in out


def test_release_approve_makes_a_draft_complete(desk: Desk) -> None:
    office, out_file = desk.folder / "office", build(desk)
    code, out, err = desk.run("release", "approve", approver_folder(office), out_file)
    assert (code, err) == (0, "")
    first, second = out.splitlines()
    assert first.startswith("list: sequence 1, 2 rows for 1 units, expires 20")
    assert second.removeprefix("approved by: ").split(", ") in (
        ["custodian", "second approver"],
        ["second approver", "custodian"],
    )
    _, out, _ = desk.run("release", "show", office, out_file)
    assert "(needed: 2; complete)" in out


def test_a_delta_shows_what_it_does_to_its_base(desk: Desk) -> None:
    office, out_file, rows = desk.folder / "office", desk.folder / "delta", columns_of(FIVE_ROWS[:4])
    base = BaseList(sequence=1, tag_key=bytes(16), columns=rows)
    Workspace(office).spend_sequence(1)
    build_delta_release(
        Workspace(office),
        base,
        rows.rows(slice(0, 1)),
        days=1,
        sequence=None,
        now_s=int(time.time()),
        out=out_file,
    )
    _, out, _ = desk.run("release", "show", office, out_file)
    assert "rows:      3 rows out of list 1 and 0 in\n" in out
    _, out, _ = desk.run("release", "approve", approver_folder(office), out_file)
    assert "sequence 2, 3 rows out of list 1 and 0 in for 1 units" in out


def test_release_show_refuses_what_another_office_signed(desk: Desk) -> None:
    other, out_file = desk.folder / "other", build(desk)
    desk.run("init", other)
    code, out, err = desk.run("release", "show", other, out_file)
    assert (code, out) == (32, "")
    assert err == (
        "alprd error: the hotlist is not to be believed: it is approved by somebody who is no approver\n"
        "next: Ask who gave you the file: it is not this office's.\n"
    )


@pytest.mark.parametrize(
    "command",
    [
        ["unit", "list"],
        ["unit", "enrol", "x.pub"],
        ["release", "show", "x"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_every_command_says_that_the_folder_is_no_office(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    code, out, err = Desk(tmp_path, capsys).run(*command[:2], tmp_path / "empty", *command[2:])
    assert (code, out) == (35, "")
    assert err == "alprd error: empty is no office\nnext: Make one with `alpr-office init empty`.\n"


def test_a_command_without_its_arguments_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["release", "build"])
    assert end.value.code == 2
    assert "the following arguments are required: DIR, --me, --days, --out" in capsys.readouterr().err
