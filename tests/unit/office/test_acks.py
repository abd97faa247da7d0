"""The units' acknowledgements at the office: what is believed, what is kept, and what it proves."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import AcknowledgementError, OfficeInputError
from alprd.hotlist.acknowledgement import BYTES, Acknowledgement, read, sign
from alprd.hotlist.disk import HotlistStore
from alprd.hotlist.outgoing import acknowledge
from alprd.office import acks
from alprd.office.acks import MAX_KEPT, Outstanding, judge, reach
from alprd.office.entries import DAY_S, Scope
from alprd.office.ledger import Act
from alprd.office.manual import add, correct, remove
from alprd.office.release import approve_release
from alprd.office.vault_release import Order, build_from_vault, delta_from_vault, register_of
from alprd.office.workspace import approver_folder
from alprd.plates.normal import pack
from tests.unit.office.test_agreements import NOW
from tests.unit.office.test_entries import CASE
from tests.unit.office.test_vault_release import Office
from tests.vectors.acknowledgement.generate import (
    CAR_12,
    CAR_13,
    DELTA,
    GOOD,
    LISTS,
    SAID,
    UNITS,
    WHOLE,
    all_cases,
)
from tests.vectors.acknowledgement.generate import NOW as VECTORS_NOW
from tests.vectors.sealed_cases import FOLDER, Case, hex_lines, read_cases

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.keys import UnitKeys
    from alprd.office.register import Issued

CASES = read_cases("acknowledgement")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_ends_as_it_says(case: Case) -> None:
    now_s = case.given["now_s"]
    if case.expect == "ok":
        assert judge(case.data, UNITS, LISTS.get, now_s=now_s).unit == "car-12"
        return
    assert case.expect == "AcknowledgementError"
    with pytest.raises(AcknowledgementError, match=case.because):
        judge(case.data, UNITS, LISTS.get, now_s=now_s)


def test_the_files_are_what_the_generator_makes() -> None:
    made = sorted(all_cases(), key=lambda case: case.name)
    assert [case.name for case in CASES] == [case.name for case in made]
    for case in made:
        assert (FOLDER / "acknowledgement" / f"{case.name}.json").read_text("utf-8") == case.text()


def test_the_document_shows_the_good_case() -> None:
    page = (FOLDER.parents[1] / "alprd/docs/formats/acknowledgement.md").read_text("utf-8")
    assert hex_lines(GOOD) in page


def test_any_flipped_byte_and_any_cut_is_refused() -> None:
    for place in range(BYTES):
        flipped = GOOD[:place] + bytes([GOOD[place] ^ 1]) + GOOD[place + 1 :]
        with pytest.raises(AcknowledgementError):
            judge(flipped, UNITS, LISTS.get, now_s=VECTORS_NOW)
        with pytest.raises(AcknowledgementError):
            judge(GOOD[:place], UNITS, LISTS.get, now_s=VECTORS_NOW)


@given(st.binary(max_size=BYTES + 8) | st.binary(min_size=128, max_size=128).map(lambda b: GOOD[:64] + b))
def test_only_this_error_ever_comes_out(data: bytes) -> None:
    try:
        said = judge(data, UNITS, LISTS.get, now_s=VECTORS_NOW)
    except AcknowledgementError:
        return
    assert data == GOOD, said


@pytest.mark.parametrize(
    ("unit", "at_s", "sequence", "base"),
    [("car-12", 0, 1, 0), ("A", 2**32 - 1, 2**63 - 1, 2**63 - 2), ("x" * 32, 5, 9, 8)],
)
def test_what_is_signed_is_read(unit: str, at_s: int, sequence: int, base: int) -> None:
    said = Acknowledgement(
        unit=unit, sequence=sequence, base=base, at_s=at_s, is_vouched=False, digest=bytes(64)
    )
    assert read(sign(said, CAR_12)) == said


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": ""},
        {"unit": "x" * 33},
        {"unit": "-car"},
        {"sequence": 0, "base": 0},
        {"sequence": 2**63},
        {"base": 8},
        {"at_s": 2**32},
        {"at_s": -1},
        {"digest": bytes(63)},
    ],
)
def test_what_does_not_fit_is_not_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a "):
        replace(SAID, **wrong)  # type: ignore[arg-type]


def said(unit: str, issued: Issued, at_s: int = 0) -> Acknowledgement:
    return Acknowledgement(
        unit=unit,
        sequence=issued.sequence,
        base=issued.base,
        at_s=at_s or issued.created_s + 60,
        is_vouched=True,
        digest=issued.digest,
    )


FIRST = replace(WHOLE, sequence=6, units=("car-12", "car-13", "car-14"), expires_s=WHOLE.created_s + DAY_S)
THREE = [FIRST, WHOLE, DELTA]


def test_a_removal_counts_the_units_that_could_hold_the_plate() -> None:
    told = [said("car-12", DELTA), said("car-13", WHOLE), said("car-13", FIRST)]
    found = reach(DELTA, THREE, told, now_s=DELTA.created_s + 100, is_removal=True)
    assert (found.units, found.done, found.expired) == (3, (("car-12", DELTA.created_s + 60),), ())
    assert found.outstanding == (
        Outstanding(unit="car-13", holds=7, since_s=WHOLE.created_s + 60, until_s=WHOLE.expires_s),
        Outstanding(unit="car-14", holds=0, since_s=0, until_s=FIRST.expires_s),
    )


def test_without_contact_a_unit_is_told_with_the_time_at_which_its_lists_have_expired() -> None:
    late = reach(DELTA, THREE, [], now_s=FIRST.expires_s, is_removal=True)
    assert late.expired == ("car-14",)
    assert [one.unit for one in late.outstanding] == ["car-12", "car-13"]
    almost = reach(DELTA, THREE, [], now_s=FIRST.expires_s - 1, is_removal=True)
    assert almost.expired == ()


def test_an_old_acknowledgement_is_no_proof_of_a_later_removal() -> None:
    again = [said("car-12", WHOLE, WHOLE.created_s + 60), said("car-12", WHOLE, DELTA.created_s + 900)]
    assert reach(DELTA, THREE, again, now_s=DELTA.created_s + 901, is_removal=True).done == ()


def test_a_later_list_proves_an_earlier_removal() -> None:
    found = reach(WHOLE, THREE, [said("car-12", DELTA)], now_s=DELTA.created_s + 100, is_removal=True)
    assert found.done == (("car-12", DELTA.created_s + 60),)


def test_a_unit_that_never_had_an_older_list_has_nothing_to_be_removed() -> None:
    new = replace(DELTA, units=("car-12", "car-99"))
    assert reach(new, [WHOLE, new], [], now_s=VECTORS_NOW, is_removal=True).units == 2
    assert reach(new, [WHOLE, new], [], now_s=VECTORS_NOW).units == 3


class Fleet(Office):
    """The office with a second unit; both can install and acknowledge."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.units = {"car-1": self.unit, "car-2": self._unit("car-2")}

    def build(self, make: object = build_from_vault, now_s: int = NOW) -> None:
        out = self.folder / "list"
        assert callable(make)
        make(self.workspace, self.vault, Order(days=1, now_s=now_s, out=out))
        approve_release(approver_folder(self.folder / "office"), out)

    def install(self, name: str, now_s: int = NOW) -> bytes:
        keys: UnitKeys = self.units[name]
        store = HotlistStore(self.folder / name, root=keys.root, unit=keys.unsealing)
        store.install(self.folder / "list", now_s=now_s).wipe()
        assert store.installed is not None
        outgoing = self.folder / name / "outgoing"
        path = acknowledge(outgoing, keys, store.installed, at_s=now_s, is_vouched=True)
        return path.read_bytes()

    def take(self, *files: bytes, now_s: int = NOW) -> tuple[int, int, list[str]]:
        named = [(str(place), data) for place, data in enumerate(files)]
        taken = acks.take(self.vault, self.workspace, named, now_s=now_s)
        return taken.new, taken.known, [str(error) for _, error in taken.refused]


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)


def test_what_a_unit_installed_is_believed_once(fleet: Fleet) -> None:
    fleet.build()
    one, two = fleet.install("car-1"), fleet.install("car-2")
    assert fleet.take(one) == (1, 0, [])
    records = len(fleet.vault.records)
    assert fleet.take(one, one) == (0, 2, [])
    assert len(fleet.vault.records) == records, "nothing new is no change"
    assert fleet.take(one, two, b"x") == (1, 1, ["an acknowledgement has 192 bytes; found 1"])
    record = fleet.vault.records[-1]
    assert (record.act, record.after, record.note) == (Act.ACKS_TAKEN, 2, "1 new, 1 known, 1 refused")
    assert [(s.unit, s.sequence) for s in acks.read_acks(fleet.vault)] == [("car-1", 1), ("car-2", 1)]


def test_a_refused_list_is_not_acknowledged(fleet: Fleet) -> None:
    fleet.build()
    keys = fleet.units["car-1"]
    store = HotlistStore(fleet.folder / "car-1", root=keys.root, unit=keys.unsealing)
    (fleet.folder / "list").write_bytes((fleet.folder / "list").read_bytes()[:-1])
    with pytest.raises(Exception, match="hotlist"):
        store.install(fleet.folder / "list", now_s=NOW)
    assert store.installed is None


def test_a_unit_with_new_keys_is_not_believed_by_its_old_ones(fleet: Fleet) -> None:
    fleet.build()
    old = fleet.install("car-1")
    (fleet.folder / "office/units/car-1.pub").unlink()
    assert fleet.take(old)[2] == ["no unit 'car-1' is enrolled"]


def test_of_each_unit_the_newest_are_kept(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    for kept in (2, 3, 4):
        monkeypatch.setattr("alprd.office.acks.MAX_KEPT", 3)
        while fleet.workspace.next_sequence() <= kept:
            fleet.build()
            fleet.take(fleet.install("car-1"), fleet.install("car-2"))
        sequences = [s.sequence for s in acks.read_acks(fleet.vault) if s.unit == "car-2"]
        assert sequences == list(range(max(1, kept - 2), kept + 1))
    assert MAX_KEPT == 32


def test_a_removed_entry_is_followed_to_the_first_list_without_it(fleet: Fleet) -> None:
    fleet.build()
    with pytest.raises(OfficeInputError, match="no removal and no correction of 'M2'"):
        acks.removal_of_entry(fleet.vault, "M2")
    remove(fleet.vault, "M2", why="found to be wrong", now_s=NOW + 5)
    record, first = acks.removal_of_entry(fleet.vault, "M2")
    assert (record.at_s, first) == (NOW + 5, None)
    fleet.build(delta_from_vault, NOW + 5)
    fleet.build(delta_from_vault, NOW + 5)
    _, first = acks.removal_of_entry(fleet.vault, "M2")
    assert first is not None
    assert first.sequence == 2


def test_a_correction_is_followed_as_a_removal_is(fleet: Fleet) -> None:
    fleet.build()
    correct(fleet.vault, "M2", {"plate": "WXYZ111"}, why="letters were swapped", now_s=NOW + 5)
    fleet.build(delta_from_vault, NOW + 5)
    record, first = acks.removal_of_entry(fleet.vault, "M2")
    assert record.act is Act.ENTRY_CORRECTED
    assert first == register_of(fleet.vault, Scope.INTERNAL).find(2)


def test_a_removed_plate_is_followed_without_its_text_being_kept(fleet: Fleet) -> None:
    plate, other = pack("WXYZ988"), pack("WXYZ111")
    fleet.build()
    assert acks.removal_of_plate(fleet.vault, other) is None
    with pytest.raises(OfficeInputError, match="the newest list has that plate"):
        acks.removal_of_plate(fleet.vault, plate)
    remove(fleet.vault, "M2", why="found to be wrong", now_s=NOW)
    add(fleet.vault, replace(CASE, plate="WXYZ111"), now_s=NOW)
    fleet.build(delta_from_vault)
    found = acks.removal_of_plate(fleet.vault, plate)
    assert found is not None
    assert found.sequence == 2
    with pytest.raises(OfficeInputError, match="the newest list has that plate"):
        acks.removal_of_plate(fleet.vault, other)
    remove(fleet.vault, "M3", why="found to be wrong", now_s=NOW)
    fleet.build(delta_from_vault)
    found = acks.removal_of_plate(fleet.vault, other)
    assert found is not None
    assert found.sequence == 3
    fleet.build()
    found = acks.removal_of_plate(fleet.vault, plate)
    assert found is not None
    assert found.sequence == 2


def test_another_units_key_signs_for_no_one_else() -> None:
    forged = sign(replace(SAID, unit="car-12"), CAR_13)
    with pytest.raises(AcknowledgementError, match="signature is wrong"):
        judge(forged, UNITS, LISTS.get, now_s=VECTORS_NOW)


def test_a_removal_is_proven_on_a_hundred_units(fleet: Fleet) -> None:
    for number in range(3, 101):
        fleet.units[f"car-{number}"] = fleet._unit(f"car-{number}")
    fleet.build()
    assert fleet.take(*(fleet.install(name) for name in fleet.units)) == (100, 0, [])
    began = time.monotonic()
    remove(fleet.vault, "M2", why="found to be wrong", now_s=NOW)
    fleet.build(delta_from_vault)
    away = {"car-7", "car-70"}
    times = []
    for name in fleet.units.keys() - away:
        fleet.take(fleet.install(name))
        times.append(time.monotonic() - began)
    register = register_of(fleet.vault, Scope.INTERNAL)
    found = reach(register.lists[-1], register.lists, acks.read_acks(fleet.vault), now_s=NOW, is_removal=True)
    assert (found.units, len(found.done)) == (100, 98)
    assert {one.unit: one.until_s for one in found.outstanding} == dict.fromkeys(away, NOW + DAY_S)
    assert sorted(times)[int(len(times) * 0.95)] < 60, "from the removal to the 95th unit's word, in seconds"
