from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.errors import HotlistTrustError, OfficeInputError
from alprd.hotlist.disk import HotlistStore
from alprd.keys import ROOT_FILE, install_root, load_unit_keys, provision, read_root, write_unit_public
from alprd.keys.root import Approver
from alprd.office.release import approve_release, build_release
from alprd.office.roots import approve_next, draft_next, new_approver, take_next
from alprd.office.workspace import Workspace, approver_folder, create
from tests.vectors.hotlist.made import FIVE_ROWS, columns_of

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_767_323_045
ROWS = columns_of(FIVE_ROWS[:4])


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    """Return an office with one enrolled unit, car-1, and the folder of a third person."""
    workspace = create(tmp_path / "office", now_s=NOW)
    (tmp_path / "car-1").mkdir()
    keys = provision(tmp_path / "car-1", "car-1", tmp_path / "office" / ROOT_FILE)
    write_unit_public(tmp_path / "car-1.pub", keys.public)
    workspace.enrol(tmp_path / "car-1.pub")
    return workspace


def store(folder: Path) -> HotlistStore:
    keys = load_unit_keys(folder)
    return HotlistStore(folder, root=keys.root, unit=keys.unsealing)


def test_an_approver_who_left_approves_no_list_any_more(office: Workspace, tmp_path: Path) -> None:
    second, third = approver_folder(tmp_path / "office"), tmp_path / "third"
    public = new_approver(third, tmp_path / "office")
    draft = tmp_path / "next.root"
    draft_next(
        office, draft, add=[Approver(name="third", public=public)], drop=["second approver"], now_s=NOW
    )
    with pytest.raises(OfficeInputError, match="2 approvers are needed"):
        take_next(tmp_path / "office", draft)
    approve_next(second, draft)
    for folder in (tmp_path / "office", third):
        take_next(folder, draft)
    assert install_root(tmp_path / "car-1", draft).version == 2
    assert [one.name for one in office.root.approvers if one.name == "third"] == ["third"]
    out = tmp_path / "list"
    build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=out)
    with pytest.raises(HotlistTrustError, match="root version 2"):
        approve_release(second, out)
    assert set(approve_release(third, out).approvers) == {"custodian", "third"}
    assert store(tmp_path / "car-1").install(out, now_s=NOW).header.root_version == 2


def test_a_unit_that_lacks_the_new_record_is_told_to_take_it(office: Workspace, tmp_path: Path) -> None:
    draft, out = tmp_path / "next.root", tmp_path / "list"
    draft_next(office, draft, now_s=NOW)
    approve_next(approver_folder(tmp_path / "office"), draft)
    take_next(tmp_path / "office", draft)
    take_next(approver_folder(tmp_path / "office"), draft)
    build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=out)
    approve_release(approver_folder(tmp_path / "office"), out)
    with pytest.raises(HotlistTrustError, match="this unit has 1") as refusal:
        store(tmp_path / "car-1").install(out, now_s=NOW)
    assert "alprctl root install" in refusal.value.next_step
    install_root(tmp_path / "car-1", draft)
    store(tmp_path / "car-1").install(out, now_s=NOW)


def test_a_stranger_approves_no_root_record(office: Workspace, tmp_path: Path) -> None:
    draft, third = tmp_path / "next.root", tmp_path / "third"
    public = new_approver(third, tmp_path / "office")
    draft_next(office, draft, add=[Approver(name="third", public=public)], now_s=NOW)
    before = draft.read_bytes()
    with pytest.raises(OfficeInputError, match="none of the present approvers'"):
        approve_next(third, draft)
    assert draft.read_bytes() == before
    with pytest.raises(OfficeInputError, match="holds an approver's key already"):
        new_approver(third, tmp_path / "office")


def test_only_the_next_record_is_approved(office: Workspace, tmp_path: Path) -> None:
    present = tmp_path / "office" / ROOT_FILE
    with pytest.raises(OfficeInputError, match="is not the record after version 1"):
        approve_next(approver_folder(tmp_path / "office"), present)
    assert read_root(present).root == office.root


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"drop": ["nobody"]}, "no approver is named 'nobody'"),
        ({"drop": ["custodian"]}, "threshold"),
    ],
    ids=["unknown", "too few"],
)
def test_a_record_that_cannot_be_is_not_drafted(
    office: Workspace, tmp_path: Path, change: dict[str, list[str]], because: str
) -> None:
    with pytest.raises(OfficeInputError, match=because):
        draft_next(office, tmp_path / "next.root", drop=change["drop"], now_s=NOW)
    assert not (tmp_path / "next.root").exists()


def test_two_approvers_of_one_name_are_refused(office: Workspace, tmp_path: Path) -> None:
    public = new_approver(tmp_path / "third", tmp_path / "office")
    with pytest.raises(OfficeInputError, match="the same name"):
        draft_next(office, tmp_path / "next.root", add=[Approver(name="custodian", public=public)], now_s=NOW)
