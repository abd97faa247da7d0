from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.errors import HotlistFormatError, HotlistTrustError, OfficeInputError
from alprd.hotlist.disk import HotlistStore
from alprd.hotlist.match import Matcher
from alprd.keys import OFFICE_FILE, UnitKeys, provision, write_unit_public
from alprd.office.release import MAX_DAYS, build_release, read_release
from alprd.office.workspace import Workspace, create
from alprd.plates.normal import encode
from tests.vectors.hotlist.generate import FIVE_ROWS, columns_of

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_767_323_045
ROWS = columns_of(FIVE_ROWS)


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    return create(tmp_path / "office")


def unit(folder: Path, office: Workspace, name: str) -> UnitKeys:
    """Return a provisioned and enrolled unit's keys."""
    (folder / name).mkdir()
    keys = provision(folder / name, name, folder / "office" / OFFICE_FILE)
    write_unit_public(folder / f"{name}.pub", keys.public)
    office.enrol(folder / f"{name}.pub")
    return keys


def test_every_enrolled_unit_opens_the_list_and_no_other_does(office: Workspace, tmp_path: Path) -> None:
    units = [unit(tmp_path, office, name) for name in ("car-1", "car-2")]
    out = tmp_path / "list"
    release = build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=out)
    assert (release.header.sequence, release.units, release.size) == (1, ("car-1", "car-2"), 480)
    for keys in units:
        store = HotlistStore(tmp_path / keys.unit, signer=keys.office_signer, unit=keys.unsealing)
        matcher = Matcher(store.install(out, now_s=NOW), now_s=NOW)
        number = matcher.match(encode("ABCD123"), 7)
        assert number is not None
        assert matcher.entry(number).plate == "ABCD123"
    late = unit(tmp_path, office, "car-3")
    store = HotlistStore(tmp_path / "car-3", signer=late.office_signer, unit=late.unsealing)
    with pytest.raises(HotlistTrustError, match="not sealed to this unit"):
        store.install(out, now_s=NOW)


def test_two_releases_share_neither_key_nor_nonce(office: Workspace, tmp_path: Path) -> None:
    unit(tmp_path, office, "car-1")
    made = [
        build_release(office, ROWS, days=1, sequence=None, now_s=NOW, out=tmp_path / name)
        for name in ("a", "b")
    ]
    assert [release.header.sequence for release in made] == [1, 2]
    assert made[0].header.nonce != made[1].header.nonce
    a, b = ((tmp_path / name).read_bytes()[208:] for name in ("a", "b"))
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
    with pytest.raises(HotlistTrustError, match="not enrolled"):
        read_release(create(tmp_path / "other"), out)
    out.write_bytes(out.read_bytes()[:-1] + b"\0\0")
    with pytest.raises(HotlistFormatError):
        read_release(office, out)
    with pytest.raises(OfficeInputError, match="cannot be read"):
        read_release(office, tmp_path / "missing")
