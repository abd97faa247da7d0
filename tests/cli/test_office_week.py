"""A custodian's week at the real command lines, with three units; what it prints is what the document shows.

Two people approve each list. One unit is away from Tuesday evening to Friday.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alprd.errors import HotlistExpiredError
from alprd.office.entries import DAY_S
from tests.cli.test_office_feeds import MAPPING, MTO
from tests.cli.test_office_vault import CASE, DESCRIPTORS, DRIVER
from tests.sim.office_desk import Desk

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).resolve().parents[2] / "alprd" / "docs" / "office.md"
MONDAYS = "ABCD 123EHonda\nABCD 124SKia  \nABCD 125EHonda\nABCD 125EHonda\nNOPLATE EFord \n"
TUESDAYS = "ABCD 124SKia  \nABCD 128EHonda\nABCD 12BEHonda\nBIGDOG  EFord \n"
MINUTE_S = 60
UNITS = ("car-1", "car-2", "car-3")


class Week(Desk):
    """The desk, three units, a stick, and what was printed for the document."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        super().__init__(folder, capsys, monkeypatch)
        self.printed: list[str] = []
        self.stick = folder / "stick"
        self.stick.mkdir()
        for name in UNITS:
            self.add_unit(name)

    def do(self, *words: object, show: bool = False) -> str:
        """Run an office's command that must succeed; return what it printed."""
        noun, verb, *rest = words
        code, out, err = self.run(str(noun), str(verb), *rest)
        assert code == 0, err
        if show:
            options = "".join(f" {str(word).removeprefix(f'{self.folder}/')}" for word in rest)
            self.printed.append(f"$ alpr-office {noun} {verb} DIR{options}\n{out}")
        return out

    def issue(self, verb: str, days: int) -> None:
        """Build, have approved, and publish."""
        file = self.folder / "new"
        self.do("release", verb, "--days", days, "--out", file, show=True)
        self.approve(file)
        code, out, err = self.office("release", "publish", file, "--to", self.stick)
        assert code == 0, err
        self.printed.append(f"$ alpr-office release publish DIR new --to stick\n{out}")

    def visit(self, *names: str) -> None:
        """Bring the stick to units, and their acknowledgements to the office; the first is shown."""
        for name in names:
            self.now += MINUTE_S
            code, out, err = self.unit(name, "hotlist", "install", self.stick)
            assert code == 0, err
            if name == names[0]:
                self.printed.append(f"{name}$ alprctl hotlist install stick\n{out}")
        self.do("acks", "take", *(self.folder / name / "outgoing" for name in names))


def monday(week: Week) -> None:
    week.do("person", "admit", week.folder / "C-18.card")
    week.do("agreement", "set", *MTO)
    feed, mapping = week.folder / "mto.txt", week.folder / "mapping.yaml"
    mapping.write_text(MAPPING)
    feed.write_text(MONDAYS)
    week.do("feed", "import", "mto", feed, "--mapping", mapping)
    week.do("entry", "add", *CASE)
    week.do("entry", "add", *DRIVER, *DESCRIPTORS)
    week.issue("build", days=3)
    week.visit(*UNITS)
    assert "list 1 installed on 3 of 3 units\n" in week.do("acks", "report", show=True)


def tuesday(week: Week) -> None:
    feed, mapping = week.folder / "mto.txt", week.folder / "mapping.yaml"
    feed.write_text(TUESDAYS)
    out = week.do("feed", "import", "mto", feed, "--mapping", mapping)
    assert out.startswith("feed mto: 4 rows, 3 added, 2 removed\n")
    week.do("entry", "correct", "M2", "--plate", "WXYZ 987", "--why", "letters were swapped")
    week.issue("delta", days=2)
    week.visit(*UNITS)


def wednesday(week: Week) -> None:
    amber = ("--category", "amber-alert", "--days", "1", "--scope", "ontario")
    place = CASE.index("--category")
    week.do("entry", "add", *CASE[:place], *amber)
    week.issue("delta", days=2)
    week.visit("car-1", "car-2")
    week.do("entry", "close-case", "2026-1138", show=True)
    week.issue("delta", days=2)
    week.visit("car-1", "car-2")
    assert "removed from 2 of 3 units" in week.do("acks", "report", "--entry", "M1", show=True)


def thursday(week: Week) -> None:
    assert week.do("entry", "purge", show=True) == "1 entries removed: M3\n"
    for name in ("purge", "neighbours"):
        week.do("report", name, show=True)
    week.do("report", "purge", "--audience", "ontario", show=True)
    code, out, err = week.unit("car-3", "hotlist", "show")
    assert (code, out) == (HotlistExpiredError.exit_code, "")
    week.printed.append(f"car-3$ alprctl hotlist show\n{err}")
    assert week.do("report", "neighbours", "--show", "5").endswith("    ABCD128  ABCD12B\n")
    week.issue("build", days=3)
    week.visit("car-1", "car-2")


def friday(week: Week) -> None:
    assert "car-3: not acknowledged; every earlier" in week.do("acks", "report", "--entry", "M1", show=True)
    week.visit("car-3")
    assert "removed from 3 of 3 units" in week.do("acks", "report", "--entry", "M1", show=True)
    assert "list 5 installed on 3 of 3 units\n" in week.do("acks", "report", show=True)
    week.do("person", "remove", "C-18")
    week.do("report", "log", "--last", "12", show=True)
    week.do("vault", "verify", show=True)


def whole_week(week: Week) -> str:
    """Live a week; return what it printed."""
    monday_s = week.now
    for day, live in enumerate((monday, tuesday, wednesday, thursday, friday)):
        week.now = monday_s + day * DAY_S
        live(week)
    return "\n".join(week.printed)


def test_a_week_prints_what_the_document_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    week = Week(tmp_path, capsys, monkeypatch)
    printed = whole_week(week)
    assert f"```\n{printed}```\n" in PAGE.read_text("utf-8"), printed
    assert "ABCD" not in printed
    assert week.do("report", "log", "--last", "1").count("\n    by ") == 1


def test_the_agreements_end_stops_the_list_until_the_feed_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    week = Week(tmp_path, capsys, monkeypatch)
    monday(week)
    week.now += 8 * DAY_S
    for words in (("report", "purge"), ("release", "build", "--days", "1", "--out", tmp_path / "new")):
        code, out, err = week.run(*(str(word) for word in words[:2]), *words[2:])
        assert (code, out) == (35, "")
        assert "the agreement mto has ended" in err
    out = week.do("report", "purge", "--without-ended")
    assert "    3 the agreement is not in force\n" in out
