from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from alprd.errors import EvidenceError, OfficeInputError, StorageError
from alprd.evidence.disk import EvidenceStore, record_name
from alprd.evidence.envelope import seal
from alprd.hotlist.categories import CLOSED_SET
from alprd.keys import ROOT_FILE, UnitKeys, provision, write_unit_public
from alprd.office.evidence import (
    as_fields,
    describe,
    iso_time,
    list_evidence,
    missing_sequences,
    open_evidence,
    picture_png,
)
from alprd.office.workspace import Workspace, create
from tests.vectors.evidence.generate import AT_NULL_ISLAND, LOCATED, NO_LOCATION

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.records import EvidenceItem


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    return create(tmp_path / "office")


def unit(folder: Path, office: Workspace | None, name: str) -> UnitKeys:
    (folder / name).mkdir()
    keys = provision(folder / name, name, folder / "office" / ROOT_FILE)
    if office is not None:
        write_unit_public(folder / f"{name}.pub", keys.public)
        office.enrol(folder / f"{name}.pub")
    return keys


def keep(folder: Path, keys: UnitKeys, sequence: int, item: EvidenceItem = LOCATED) -> EvidenceItem:
    """Seal and store ``item`` as the unit does."""
    kept = replace(item, unit=keys.unit, sequence=sequence)
    store = EvidenceStore(folder)
    store.append(seal(kept, keys.office_evidence, keys.signing), sequence)
    store.close()
    return kept


def test_the_office_opens_what_an_enrolled_unit_kept(office: Workspace, tmp_path: Path) -> None:
    kept = keep(tmp_path / "evidence", unit(tmp_path, office, "car-1"), 1)
    assert open_evidence(office, tmp_path / "evidence" / record_name(1)) == kept


def test_a_record_of_a_unit_that_is_not_enrolled_is_not_opened(office: Workspace, tmp_path: Path) -> None:
    keep(tmp_path / "evidence", unit(tmp_path, None, "car-1"), 1)
    with pytest.raises(OfficeInputError, match="no unit 'car-1' is enrolled"):
        open_evidence(office, tmp_path / "evidence" / record_name(1))


def test_another_office_cannot_open_it(office: Workspace, tmp_path: Path) -> None:
    keys = unit(tmp_path, office, "car-1")
    keep(tmp_path / "evidence", keys, 1)
    other = create(tmp_path / "other")
    other.enrol(tmp_path / "car-1.pub")
    with pytest.raises(EvidenceError, match="not sealed to this office"):
        open_evidence(other, tmp_path / "evidence" / record_name(1))


def test_a_folder_is_checked_without_opening_and_gaps_are_named(office: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    keys = unit(tmp_path, office, "car-1")
    for sequence in (2, 3, 5, 9):
        keep(folder, keys, sequence)
    stranger = replace(LOCATED, unit="car-9", sequence=11)
    (folder / record_name(11)).write_bytes(seal(stranger, keys.office_evidence, keys.signing))
    altered = bytearray((folder / record_name(3)).read_bytes())
    altered[100] ^= 1
    (folder / record_name(12)).write_bytes(altered)
    (folder / record_name(13)).write_bytes(b"short")
    (tmp_path / "office" / "evidence.key").unlink()
    listed = list_evidence(office, folder)
    assert [(record.sequence, record.fault and record.fault[:25]) for record in listed] == [
        (2, None),
        (3, None),
        (5, None),
        (9, None),
        (11, "the unit is not enrolled"),
        (3, "the record's signature is"),
        (0, "an evidence record has 33"),
    ]
    assert missing_sequences(listed) == {"car-1": [(4, 4), (6, 8)]}


def test_a_missing_folder_is_told(office: Workspace, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        list_evidence(office, tmp_path / "missing")


def test_a_person_is_shown_what_was_kept() -> None:
    assert dict(describe(LOCATED, CLOSED_SET)) == {
        "plate": "ABCD123",
        "jurisdiction": "CA-ON",
        "category": "Stolen vehicle (CPIC)",
        "place": "43.651070, -79.347015 (3D fix, error 4 m)",
        "fix age": "250 ms",
        "captured": "2026-01-02T03:04:05.678Z (unit's own clock, nothing vouches for it)",
        "confirmed": "2026-01-02T03:04:09.999Z (network time)",
        "verdict": "CONFIRMED",
        "officer": "\u00c9. C\u00f4t\u00e9 77",
        "confidence": "0.938",
        "chance": "93 %",
        "doubts": "place-unknown, list-stale",
        "hotlist": "7",
        "record": "car-12 3",
        "picture": "4 x 2 px",
    }


def test_no_location_is_said_and_is_not_the_place_0_0() -> None:
    assert dict(describe(NO_LOCATION, CLOSED_SET))["place"] == "no location"
    assert dict(describe(NO_LOCATION, CLOSED_SET))["fix age"] == "-"
    assert dict(describe(AT_NULL_ISLAND, CLOSED_SET))["place"] == "0.000000, 0.000000 (2D fix)"
    assert as_fields(NO_LOCATION, CLOSED_SET)["place"] is None
    assert as_fields(AT_NULL_ISLAND, CLOSED_SET)["place"] is not None


def test_the_picture_is_written_pixel_by_pixel_and_without_metadata() -> None:
    with Image.open(io.BytesIO(picture_png(LOCATED))) as picture:
        assert (picture.mode, picture.size, picture.info) == ("L", (4, 2), {})
        assert picture.tobytes() == LOCATED.picture


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (2**63 - 1, "9223372036854775807 ms since 1970"),
    ],
)
def test_any_time_that_a_record_can_hold_is_shown(at_ms: int, text: str) -> None:
    assert iso_time(at_ms) == text
