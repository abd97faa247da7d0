from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.errors import HotlistFormatError, HotlistTrustError, OfficeInputError
from alprd.hotlist.disk import HotlistStore
from alprd.hotlist.match import Matcher
from alprd.keys import ROOT_FILE, UnitKeys, provision, write_unit_public
from alprd.office.release import (
    MAX_DAYS,
    BaseList,
    approve_release,
    build_delta_release,
    build_release,
    read_release,
)
from alprd.office.workspace import Workspace, approver_folder, create
from tests.sim.lists import match_of, row_of
from tests.vectors.hotlist.made import DESCRIBED, FIVE_ROWS, FULL, SHORT_ROW, columns_of

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_767_323_045
ROWS = columns_of(FIVE_ROWS[:4])


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    return create(tmp_path / "office")


def unit(folder: Path, office: Workspace, name: str) -> UnitKeys:
    """Return a provisioned and enrolled unit's keys."""
    (folder / name).mkdir()
    keys = provision(folder / name, name, folder / "office" / ROOT_FILE)
    write_unit_public(folder / f"{name}.pub", keys.public)
    office.enrol(folder / f"{name}.pub")
    return keys


def test_every_enrolled_unit_opens_the_list_and_no_other_does(office: Workspace, tmp_path: Path) -> None:
    units = [unit(tmp_path, office, name) for name in ("car-1", "car-2")]
    out = tmp_path / "list"
    release = build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=out)
    assert (release.header.sequence, release.units, release.size) == (
        1,
        ("car-1", "car-2"),
        out.stat().st_size,
    )
    approve_release(approver_folder(tmp_path / "office"), out)
    for keys in units:
        store = HotlistStore(tmp_path / keys.unit, root=keys.root, unit=keys.unsealing)
        matcher = Matcher(store.install(out, now_s=NOW), now_s=NOW)
        match = match_of(matcher, "ABCD123")
        assert match is not None
        assert matcher.entry(match).plate == "ABCD123"
    late = unit(tmp_path, office, "car-3")
    store = HotlistStore(tmp_path / "car-3", root=late.root, unit=late.unsealing)
    with pytest.raises(HotlistTrustError, match="not sealed to this unit"):
        store.install(out, now_s=NOW)


def test_two_releases_share_neither_key_nor_nonce(office: Workspace, tmp_path: Path) -> None:
    unit(tmp_path, office, "car-1")
    made = [
        build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=tmp_path / name)
        for name in ("a", "b")
    ]
    assert [release.header.sequence for release in made] == [1, 2]
    assert made[0].header.stream != made[1].header.stream
    a, b = ((tmp_path / name).read_bytes()[232:-100] for name in ("a", "b"))
    assert sum(x == y for x, y in zip(a, b, strict=True)) < len(a) // 8


def test_a_list_for_nobody_is_not_built(office: Workspace, tmp_path: Path) -> None:
    with pytest.raises(OfficeInputError, match="no unit is enrolled"):
        build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=tmp_path / "list")
    assert office.next_sequence() == 1


@pytest.mark.parametrize("days", [0, -1, MAX_DAYS + 1])
def test_days_out_of_range_are_refused_before_a_number_is_spent(
    office: Workspace, tmp_path: Path, days: int
) -> None:
    unit(tmp_path, office, "car-1")
    with pytest.raises(OfficeInputError, match="--days is 1 to 31"):
        build_release(office, ROWS, days=days, sequence=None, now_s=NOW, out=tmp_path / "list")
    assert office.next_sequence() == 1
    assert not (tmp_path / "list").exists()


def test_a_chosen_number_must_rise(office: Workspace, tmp_path: Path) -> None:
    unit(tmp_path, office, "car-1")
    out = tmp_path / "list"
    assert build_release(office, ROWS, days=MAX_DAYS, sequence=40, now_s=NOW, out=out).header.sequence == 40
    with pytest.raises(OfficeInputError, match="40 is not above"):
        build_release(office, ROWS, days=1, sequence=40, now_s=NOW, out=out)


def test_a_release_is_looked_at_without_opening_it(office: Workspace, tmp_path: Path) -> None:
    unit(tmp_path, office, "car-1")
    unit(tmp_path, office, "car-2")
    out = tmp_path / "list"
    built = build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=out)
    assert read_release(office, out) == built
    (tmp_path / "office" / "units" / "car-1.pub").unlink()
    assert read_release(office, out).units == ("(not enrolled)", "car-2")


def test_another_office_s_or_an_altered_release_is_refused(office: Workspace, tmp_path: Path) -> None:
    unit(tmp_path, office, "car-1")
    out = tmp_path / "list"
    build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=out)
    with pytest.raises(HotlistTrustError, match="no approver"):
        read_release(create(tmp_path / "other"), out)
    out.write_bytes(out.read_bytes()[:-1] + b"\0\0")
    with pytest.raises(HotlistFormatError):
        read_release(office, out)
    with pytest.raises(OfficeInputError, match="cannot be read"):
        read_release(office, tmp_path / "missing")


def test_one_person_s_list_is_a_draft_that_no_unit_takes(office: Workspace, tmp_path: Path) -> None:
    keys = unit(tmp_path, office, "car-1")
    out, other = tmp_path / "list", approver_folder(tmp_path / "office")
    built = build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=out)
    assert (built.approvers, built.is_draft) == (("custodian",), True)
    store = HotlistStore(tmp_path / "car-1", root=keys.root, unit=keys.unsealing)
    with pytest.raises(HotlistTrustError, match="2 approvers are needed; found 1"):
        store.install(out, now_s=NOW)
    before = out.read_bytes()
    for _ in range(2):  # the same approver twice is one approval
        approved = approve_release(other, out)
        assert set(approved.approvers) == {"custodian", "second approver"}
        assert not approved.is_draft
    after = out.read_bytes()
    assert len(after) == len(before) + 96
    assert after[: len(before) - 100] == before[:-100]
    store.install(out, now_s=NOW)


def test_only_an_approver_of_this_office_approves(office: Workspace, tmp_path: Path) -> None:
    unit(tmp_path, office, "car-1")
    out = tmp_path / "list"
    build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=out)
    before = out.read_bytes()
    create(tmp_path / "stranger")
    with pytest.raises(HotlistTrustError, match="no approver"):
        approve_release(approver_folder(tmp_path / "stranger"), out)
    with pytest.raises(OfficeInputError, match="no approver's"):
        approve_release(tmp_path, out)
    assert out.read_bytes() == before


def test_an_altered_draft_is_not_approved(office: Workspace, tmp_path: Path) -> None:
    unit(tmp_path, office, "car-1")
    out = tmp_path / "list"
    build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=out)
    data = bytearray(out.read_bytes())
    data[300] ^= 1
    out.write_bytes(data)
    with pytest.raises(HotlistTrustError, match="signature is wrong"):
        approve_release(approver_folder(tmp_path / "office"), out)


def test_details_open_on_the_unit_with_the_plate_alone(office: Workspace, tmp_path: Path) -> None:
    keys = unit(tmp_path, office, "car-1")
    out = tmp_path / "list"
    rows = columns_of([FIVE_ROWS[2], SHORT_ROW])
    build_release(office, rows, days=1, sequence=None, now_s=NOW, out=out, details={0: FULL, 1: DESCRIBED})
    approve_release(approver_folder(tmp_path / "office"), out)
    index = HotlistStore(tmp_path / "car-1", root=keys.root, unit=keys.unsealing).install(out, now_s=NOW)
    matcher = Matcher(index, now_s=NOW)
    row = row_of(matcher, "ABCD123")
    assert row is not None
    assert index.vehicle(row, "ABCD123") == FULL.vehicle
    assert index.person(row, "ABCD123") == FULL.person
    with pytest.raises(HotlistTrustError, match="does not open with this plate"):
        index.person(row, "ABCD124")
    described = row_of(matcher, "ZZZZZZZZZZ")
    assert described is not None
    assert index.vehicle(described, "ZZZZZZZZZZ") == DESCRIBED.vehicle
    assert index.person(described, "ZZZZZZZZZZ") is None
    for secret in (b"Exemple", b"silver"):
        assert secret not in out.read_bytes()
        assert secret not in index.body.data.tobytes()


def test_a_suspended_driver_s_use_without_a_description_is_not_built(
    office: Workspace, tmp_path: Path
) -> None:
    unit(tmp_path, office, "car-1")
    with pytest.raises(HotlistFormatError, match="with a description"):
        build_release(
            office, columns_of([SHORT_ROW]), days=1, sequence=None, now_s=NOW, out=tmp_path / "list"
        )
    assert office.next_sequence() == 1


def test_a_delta_takes_a_plate_out_of_every_unit_s_list(office: Workspace, tmp_path: Path) -> None:
    keys = unit(tmp_path, office, "car-1")
    store = HotlistStore(tmp_path / "car-1", root=keys.root, unit=keys.unsealing)
    out, other = tmp_path / "list", approver_folder(tmp_path / "office")
    kept: list[BaseList] = []
    build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=out, keep=kept.append)
    approve_release(other, out)
    store.install(out, now_s=NOW)
    (base,) = kept
    without = base.columns.rows(base.columns.plate != FIVE_ROWS[1][0])
    release = build_delta_release(office, base, without, days=1, sequence=None, now_s=NOW, out=out)
    assert (release.header.base, release.header.shape.removed, release.header.entries) == (1, 3, 0)
    with pytest.raises(HotlistTrustError, match="2 approvers are needed"):
        store.install(out, now_s=NOW)
    approve_release(other, out)
    index = store.install(out, now_s=NOW)
    assert row_of(Matcher(index, now_s=NOW), "ABCD123") is None
    assert row_of(Matcher(index, now_s=NOW), "0") is not None
    assert store.load(now_s=NOW).header.sequence == 2
