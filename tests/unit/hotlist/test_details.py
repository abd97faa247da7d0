"""Details open for one hit, with its plate alone; nothing else of them comes out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import HotlistTrustError
from alprd.hotlist.details import MAX_TEXT_BYTES, Details, Owner, Person, Vehicle, seal_details
from alprd.plates.normal import pack
from tests.unit.hotlist.opening import Bytes, open_list
from tests.vectors.hotlist.made import (
    DETAILS_KEY,
    FULL,
    GOOD_ROW,
    ONTARIO,
    QUEBEC,
    STOLEN_VEHICLE,
    SUSPENDED_DRIVER,
    Made,
    Row,
)

if TYPE_CHECKING:
    from alprd.hotlist.index import HotlistIndex

printable = st.text(st.characters(categories=["L", "N", "P"]), max_size=60).filter(
    lambda text: text.isprintable() and len(text.encode()) <= MAX_TEXT_BYTES
)
vehicles = st.builds(
    Vehicle,
    make=printable,
    model=printable,
    colour=printable,
    vehicle_class=printable,
    descriptors=printable,
    year=st.integers(0, 9999),
)
people = st.builds(Person, name=printable, corrective_lens=st.sampled_from([None, False, True]))
OWNER = Owner.of("ABCD123", ONTARIO, STOLEN_VEHICLE)


def opened(details: dict[int, Details], *rows: Row) -> HotlistIndex:
    return open_list(Made(rows=rows or (GOOD_ROW,), details=details).data())


@given(st.none() | vehicles, st.none() | people)
def test_a_detail_comes_out_as_it_went_in(vehicle: Vehicle | None, person: Person | None) -> None:
    index = opened({0: Details(vehicle=vehicle, person=person)})
    assert index.vehicle(0, "ABCD123") == vehicle
    assert index.person(0, "ABCD123") == person


def test_a_row_without_details_has_none() -> None:
    index = opened({})
    assert index.vehicle(0, "ABCD123") is None
    assert index.person(0, "ABCD123") is None


@pytest.mark.parametrize("plate", ["ABCD124", "A", "0BCD123", "ABCD1230"])
def test_another_plate_opens_nothing(plate: str) -> None:
    index = opened({0: FULL})
    for question in (index.vehicle, index.person):
        with pytest.raises(HotlistTrustError, match="does not open with this plate"):
            question(0, plate)


def test_a_record_is_bound_to_kind_place_jurisdiction_and_category() -> None:
    keys = {
        Owner.of(plate, jurisdiction, category).key(DETAILS_KEY, kind)
        for plate in ("ABCD123", "ABCD124")
        for jurisdiction in (ONTARIO, QUEBEC)
        for category in (STOLEN_VEHICLE, SUSPENDED_DRIVER)
        for kind in ("vehicle", "person")
    }
    assert len(keys) == 16
    _, sealed = seal_details([(0, OWNER, FULL), (1, OWNER, FULL)], DETAILS_KEY)
    half = len(sealed) // 2
    assert sum(a == b for a, b in zip(sealed[4:half], sealed[half + 4 :], strict=True)) < half // 8


def test_every_flipped_bit_of_a_detail_on_disk_is_refused_or_changes_nothing() -> None:
    data = Made(details={0: FULL}).data()
    index = open_list(data)
    details = index.details
    assert details is not None
    start, end = details.start, details.end
    refused = 0
    for bit in range(8 * start, 8 * end):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        index._details = replace(
            details, source=Bytes(bytes(changed))
        )  # as if the file was altered after it was checked
        try:
            found = (index.vehicle(0, "ABCD123"), index.person(0, "ABCD123"))
        except HotlistTrustError:
            refused += 1
        else:
            assert found == (FULL.vehicle, FULL.person) or None in found
    assert refused > 4 * (end - start)


def test_a_detail_s_room_is_wiped_once_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms: list[np.ndarray[Any, Any]] = []

    def locked(size: int, dtype: type) -> np.ndarray[Any, Any]:
        rooms.append(np.zeros(size, dtype))
        return rooms[-1]

    index = opened({0: FULL})
    monkeypatch.setattr("alprd.hotlist.index.locked_array", locked)
    assert index.person(0, "ABCD123") == FULL.person
    assert len(rooms) == 1
    assert not rooms[0].any()


def test_no_detail_is_longer_than_its_field() -> None:
    longest = "x" * MAX_TEXT_BYTES
    vehicle = Vehicle(make=longest, model=longest, colour=longest, vehicle_class=longest, descriptors=longest)
    assert opened({0: Details(vehicle=vehicle)}).vehicle(0, "ABCD123") == vehicle
    for bad in ("x" * 256, "\u00e9" * 128, "a\nb"):
        with pytest.raises(ValueError, match="printable text"):
            Person(name=bad)
    for year in (-1, 10_000):
        with pytest.raises(ValueError, match="year"):
            Vehicle(year=year)


@given(st.binary(max_size=80))
def test_arbitrary_plain_text_gives_a_value_error_or_a_record(data: bytes) -> None:
    for parse in (Vehicle.parse, Person.parse):
        try:
            record = parse(data)
        except ValueError:
            continue
        assert parse(record.pack()) == record


def test_two_rows_of_one_plate_keep_their_own_details() -> None:
    key = pack("ABCD123")
    rows: tuple[Row, ...] = (
        (key, 0, ONTARIO, 1, SUSPENDED_DRIVER, 2, 0),
        (key, 0, QUEBEC, 1, STOLEN_VEHICLE, 3, 0),
    )
    owner = Details(person=Person(name="Exemple"))
    index = opened({0: owner, 1: FULL}, *rows)
    by_place = {index.facts(row).jurisdiction: index.person(row, "ABCD123") for row in range(2)}
    assert by_place == {ONTARIO: owner.person, QUEBEC: FULL.person}
