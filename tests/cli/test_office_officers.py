"""Officers at the office and on the unit: drafted, approved, taken, installed, shown; and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.cli import alpr_office, alprctl
from alprd.errors import KeysError, OfficeInputError
from alprd.keys import ROOT_FILE, read_root
from alprd.keys.officers import OFFICERS_FILE, is_secret, read_officers
from alprd.office.workspace import approver_folder

if TYPE_CHECKING:
    from pathlib import Path

PIN = "1357"
DAY = "2999-03-31"


class Typed:
    """A stdin that is no terminal, and gives the PIN."""

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        return PIN + "\n"


class Desk:
    """An office, and one provisioned unit."""

    def __init__(self, folder: Path) -> None:
        self.office, self.state, self.draft = folder / "office", folder / "state", folder / "officers"
        self.undertaking = folder / "undertaking.pdf"
        self.undertaking.write_bytes(b"signed")
        self.state.mkdir()
        assert self.run("init", self.office) == 0
        unit = ("--unit", "car-12", "--office", self.office / ROOT_FILE, "--out", folder / "unit.pub")
        assert self.ctl("provision", *unit) == 0

    @staticmethod
    def run(*words: object) -> int:
        return alpr_office.main([str(word) for word in words])

    def ctl(self, *words: object) -> int:
        return alprctl.main([*map(str, words), "--state", str(self.state)])

    def add(self, badge: str, *more: object, day: str = DAY) -> int:
        words = (badge, "--trained-until", day, "--out", self.draft, *more)
        return self.run("officer", "add", self.office, *words)

    def approve(self) -> int:
        return self.run("officer", "approve", approver_folder(self.office), self.draft)

    def officers(self) -> set[str]:
        keys = self.state / "keys"
        return set(read_officers(keys / OFFICERS_FILE, read_root(keys / ROOT_FILE).root))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("sys.stdin", Typed())
    return Desk(tmp_path)


def test_a_record_goes_from_the_draft_to_the_unit(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.add("4711") == 0
    assert "No undertaking was given" in capsys.readouterr().out
    assert desk.add("4711", "--undertaking", desk.undertaking) == 0
    assert desk.add("77", day="2020-01-01") == 0
    capsys.readouterr()
    assert desk.ctl("officer", "install", desk.draft) == KeysError.exit_code
    assert "2 approvers are needed; found 1" in capsys.readouterr().err
    assert desk.officers() == set()
    assert desk.approve() == 0
    assert desk.ctl("officer", "install", desk.draft) == 0
    assert desk.run("officer", "take", desk.office, desk.draft) == 0
    assert desk.officers() == {"4711", "77"}
    keys = desk.state / "keys"
    kept = read_officers(keys / OFFICERS_FILE, read_root(keys / ROOT_FILE).root)
    assert is_secret(kept["4711"], PIN)
    capsys.readouterr()
    assert desk.ctl("officer", "list") == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.startswith("record of officers 1 of Police service, issued ")
    assert first.split()[:4] == ["4711", "trained", "until", f"{DAY},"]
    assert "TRAINING OVER since 2020-01-01, undertaking MISSING" in second
    assert desk.run("officer", "show", desk.office) == 0
    assert capsys.readouterr().out.splitlines() == [head, first, second]


def test_who_is_removed_is_gone_with_the_next_record_and_no_older_one_comes_back(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.add("4711", "--undertaking", desk.undertaking)
    desk.add("77", "--undertaking", desk.undertaking)
    desk.approve()
    desk.ctl("officer", "install", desk.draft)
    desk.run("officer", "take", desk.office, desk.draft)
    old = tmp_path / "old"
    old.write_bytes(desk.draft.read_bytes())
    assert desk.run("officer", "remove", desk.office, "77", "--out", desk.draft) == 0
    assert desk.approve() == 0
    assert desk.ctl("officer", "install", desk.draft) == 0
    assert desk.officers() == {"4711"}
    capsys.readouterr()
    assert desk.ctl("officer", "install", old) == KeysError.exit_code
    assert "version 1; version 2 is in force" in capsys.readouterr().err
    assert desk.officers() == {"4711"}
    remove = ("officer", "remove", desk.office, "99", "--out", desk.draft)
    assert desk.run(*remove) == OfficeInputError.exit_code


def test_before_the_first_record_nobody_may_log_in(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.ctl("officer", "list") == 0
    assert "nobody may log in" in capsys.readouterr().out
    assert desk.run("officer", "show", desk.office) == 0
    assert "nobody may log in yet" in capsys.readouterr().out
    assert desk.approve() == OfficeInputError.exit_code


@pytest.mark.parametrize(
    ("badge", "day", "more", "said"),
    [
        ("4711", "soon", (), "cannot be added"),
        ("A B", DAY, (), "cannot be added"),
        ("4711", DAY, ("--undertaking", "/nothing"), "/nothing cannot be read"),
        ("4711", DAY, ("--undertaking", "/dev/null"), "/dev/null is empty"),
    ],
)
def test_what_cannot_be_an_officer_is_said(
    desk: Desk, badge: str, day: str, more: tuple[str, ...], *, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.add(badge, *more, day=day) == OfficeInputError.exit_code
    assert said in capsys.readouterr().err
    assert not desk.draft.exists()
