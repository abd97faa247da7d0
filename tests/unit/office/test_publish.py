"""What is published is approved, newer, and named by the index; a folder is never half new."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from alprd.errors import CustodianError, HotlistFormatError, HotlistTrustError, OfficeInputError
from alprd.hotlist.disk import HotlistStore
from alprd.hotlist.fetch import fetch, read_folder
from alprd.hotlist.published import INDEX_FILE
from alprd.office import workspace
from alprd.office.entries import DAY_S
from alprd.office.publish import publish_lists
from alprd.office.release import approve_release
from alprd.office.vault_release import Order, build_from_vault, delta_from_vault
from tests.gates.tools import ROOT
from tests.unit.office.test_agreements import NOW
from tests.unit.office.test_vault_release import Office

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from alprd.hotlist.published import Published


class Publisher(Office):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.stick = folder / "stick"
        self.stick.mkdir()

    def make(self, name: str, *, is_delta: bool = False, approve: bool = True) -> Path:
        out = self.folder / name
        make = delta_from_vault if is_delta else build_from_vault
        make(self.workspace, self.vault, Order(days=1, now_s=NOW, out=out))
        if approve:
            approve_release(workspace.approver_folder(self.folder / "office"), out)
        return out

    def publish(self, *files: Path, now_s: int = NOW) -> Sequence[Published]:
        return publish_lists(self.workspace, files, self.stick, now_s=now_s)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.stick.iterdir())


@pytest.fixture
def office(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path)


def test_the_folder_holds_the_newest_list_and_the_newest_delta(office: Publisher) -> None:
    first = office.make("first")
    office.publish(first)
    assert office.names() == [INDEX_FILE, "list-0000000001.hotlist"]
    for number in (2, 3):
        office.publish(office.make("delta", is_delta=True))
        assert office.names() == [f"delta-000000000{number}.hotlist", INDEX_FILE, "list-0000000001.hotlist"]
    second = office.make("second")
    assert [one.file for one in office.publish(second)] == ["list-0000000004.hotlist"]
    assert office.names() == [INDEX_FILE, "list-0000000004.hotlist"]
    (one,) = read_folder(office.stick)
    assert fetch(office.stick, one, office.folder).read_bytes() == second.read_bytes()
    assert all(path.stat().st_mode & 0o777 == 0o644 for path in office.stick.iterdir())


def test_publishing_again_changes_nothing(office: Publisher) -> None:
    file = office.make("list")
    assert office.publish(file) == office.publish(file, file)


def refuse(
    office: Publisher, error: type[CustodianError], match: str, *files: Path, now_s: int = NOW
) -> None:
    before = {path.name: path.read_bytes() for path in office.stick.iterdir()}
    with pytest.raises(error, match=match):
        office.publish(*files, now_s=now_s)
    assert {path.name: path.read_bytes() for path in office.stick.iterdir()} == before


def test_what_no_unit_would_take_is_not_published(office: Publisher) -> None:
    draft = office.make("draft", approve=False)
    refuse(office, OfficeInputError, "is a draft: 1 of 2 approvals", draft)
    good = office.make("good")
    refuse(office, OfficeInputError, "has expired", good, now_s=NOW + DAY_S)
    office.publish(good, now_s=NOW + DAY_S - 1)
    refuse(office, HotlistFormatError, "not a hotlist", office.folder / "office/office.root")
    altered = office.folder / "altered"
    altered.write_bytes(good.read_bytes()[:-70] + b"x" + good.read_bytes()[-69:])
    refuse(office, HotlistTrustError, "not to be believed", altered)
    refuse(office, OfficeInputError, "cannot be read", office.folder / "none")


def test_an_older_list_is_not_published_over_a_newer_one(office: Publisher) -> None:
    first, second = office.make("first"), office.make("second")
    office.publish(second)
    refuse(office, OfficeInputError, "list 1 is older than the published one", first)


def test_an_older_delta_is_not_published_over_a_newer_one(office: Publisher) -> None:
    whole = office.make("list")
    two, three = office.make("two", is_delta=True), office.make("three", is_delta=True)
    office.publish(whole, three)
    refuse(office, OfficeInputError, "list 2 is older than the published one", two)


def test_a_delta_is_published_with_its_list_alone(office: Publisher) -> None:
    first = office.make("first")
    on_first = office.make("on first", is_delta=True)
    refuse(office, OfficeInputError, "a delta is published with its whole list", on_first)
    second = office.make("second")
    refuse(
        office, OfficeInputError, "the delta 2 is on list 1, and the whole list here is 3", second, on_first
    )
    office.publish(first, on_first)
    office.publish(second)
    refuse(office, OfficeInputError, "the delta 2 is on list 1", on_first)


def test_a_damaged_index_is_told_and_not_guessed(office: Publisher) -> None:
    (office.stick / INDEX_FILE).write_text("?")
    refuse(office, HotlistFormatError, "does not begin", office.make("list"))


def test_other_files_on_the_stick_stay(office: Publisher) -> None:
    (office.stick / "holiday.jpg").write_bytes(b"?")
    (office.stick / "list-0000000000.hotlist").write_bytes(b"?")
    office.publish(office.make("list"))
    assert office.names() == ["holiday.jpg", INDEX_FILE, "list-0000000001.hotlist"]


def test_a_folder_that_is_none_is_refused(office: Publisher) -> None:
    with pytest.raises(OfficeInputError, match="is no folder"):
        publish_lists(office.workspace, [office.make("list")], office.folder / "none", now_s=NOW)


def test_a_sticks_file_system_without_modes_will_do(
    office: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_mode(_handle: int, _mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    file = office.make("list")
    monkeypatch.setattr(os, "fchmod", refuse_mode)
    office.publish(file)
    assert INDEX_FILE in office.names()


def test_a_power_cut_at_any_call_leaves_the_old_folder_or_the_new(office: Publisher) -> None:
    template, remains = office.folder / "template", office.folder / "remains"
    remains.mkdir()
    office.publish(office.make("first"))
    (office.folder / "new").mkdir()
    office.make("new/delta", is_delta=True)
    template.mkdir()
    for name in ("office", "stick", "new"):
        (office.folder / name).rename(template / name)
    subprocess.run(
        [sys.executable, "-m", "tests.sim.publish_cut", "publish", template, remains], cwd=ROOT, check=True
    )
    calls = (remains / "calls").read_text("utf-8").split()
    held = []
    for number in range(1, len(calls) + 2):
        folder = remains / str(number) / "stick"
        lists = read_folder(folder)
        held.append(len(lists))
        unit = remains / str(number) / "unit"
        unit.mkdir()
        store = HotlistStore(unit, root=office.unit.root, unit=office.unit.unsealing)
        for one in lists:
            store.install(fetch(folder, one, unit), now_s=NOW).wipe()
        assert store.sequences() == (1, len(lists))
    assert held == sorted(held)
    assert {held[0], held[-1]} == {1, 2}
