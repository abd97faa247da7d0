"""What may be listed beside the closed set: the record, who signs it, and what a list may then hold."""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import HotlistFormatError, KeysError
from alprd.hotlist.categories import CLOSED_SET, CategoryTable, Priority
from alprd.hotlist.category_disk import (
    CATEGORIES_FILE,
    categories_in,
    install_categories,
    table_in,
    write_categories,
)
from alprd.hotlist.category_record import (
    MAX_BYTES,
    SignedCategories,
    check_approved,
    check_successor,
    parse_categories,
)
from alprd.hotlist.match import Matcher
from alprd.records import Doubt
from tests.sim.lists import match_of
from tests.sim.power_cut import CANDIDATE
from tests.unit.hotlist.opening import open_list
from tests.vectors.categories.generate import BOTH, GOOD, LAST, RECORD, UNINSURED, all_cases, signed
from tests.vectors.hotlist.made import (
    CREATED,
    DAY,
    GOOD_ROW,
    NOW,
    ROOT,
    SECOND,
    SIGNER,
    STRANGER,
    THIRD,
    Made,
    Row,
    root_of,
)
from tests.vectors.sealed_cases import FOLDER, Case, hex_lines, read_cases

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = read_cases("categories")
TREE = Path(__file__).resolve().parents[3]
TABLE = CategoryTable((UNINSURED,))
ROW: Row = (*GOOD_ROW[:4], UNINSURED.number, UNINSURED.facts.priority, 0)
LISTED: Row = (ROW[0], CREATED + 30 * DAY, *ROW[2:])


def accept(case: Case) -> SignedCategories:
    found = parse_categories(case.data)
    check_approved(found, ROOT)
    before = replace(RECORD, version=case.given["version"]) if case.given["version"] else None
    check_successor(found.record, before, now_s=case.given["now_s"])
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_ends_as_it_says(case: Case) -> None:
    if case.expect == "ok":
        found = accept(case)
        assert len(found.record.added) == case.given.get("added", 0)
        assert found.pack() == case.data
        return
    assert case.expect == "KeysError"
    with pytest.raises(KeysError, match=case.because):
        accept(case)


def test_the_files_are_what_the_generator_makes() -> None:
    made = sorted(all_cases(), key=lambda case: case.name)
    assert [case.name for case in CASES] == [case.name for case in made]
    for case in made:
        assert (FOLDER / "categories" / f"{case.name}.json").read_text("utf-8") == case.text()


def test_the_document_shows_the_good_case() -> None:
    assert hex_lines(GOOD) in (TREE / "alprd/docs/formats/categories.md").read_text("utf-8")


def test_what_goes_in_comes_out() -> None:
    assert parse_categories(signed(BOTH).pack()) == signed(BOTH)
    assert len(signed(BOTH).pack()) < MAX_BYTES


def test_every_flipped_bit_and_every_cut_is_refused() -> None:
    for bit in range(8 * len(GOOD)):
        changed = bytearray(GOOD)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KeysError):
            check_approved(parse_categories(bytes(changed)), ROOT)
    for size in [*range(len(GOOD)), len(GOOD) + 1]:
        with pytest.raises(KeysError):
            parse_categories((GOOD + b"\0")[:size])


@given(st.binary(max_size=400) | st.binary(max_size=400).map(lambda rest: GOOD[:24] + rest))
def test_nothing_but_its_one_error_comes_out_of_the_parser(data: bytes) -> None:
    with suppress(KeysError):
        assert parse_categories(data).pack() == data


def test_a_record_survives_neither_the_loss_of_its_approver_nor_another_root(tmp_path: Path) -> None:
    write_categories(tmp_path / CATEGORIES_FILE, signed(RECORD))
    assert table_in(tmp_path, ROOT).added == (UNINSURED,)
    without = root_of(SIGNER, THIRD, version=2)
    with pytest.raises(KeysError, match="no approver"):
        categories_in(tmp_path, without)


def test_a_record_that_is_not_to_be_believed_adds_nothing_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert table_in(tmp_path, ROOT) is CLOSED_SET
    write_categories(tmp_path / CATEGORIES_FILE, signed(RECORD, SIGNER, STRANGER))
    with caplog.at_level(logging.ERROR):
        assert table_in(tmp_path, ROOT) is CLOSED_SET
    assert "no category is added to the closed set" in caplog.text
    assert "Ask the hotlist custodian" in caplog.text


def test_a_bad_record_leaves_the_good_one_in_place(tmp_path: Path) -> None:
    keys, source = tmp_path / "keys", tmp_path / "source"
    keys.mkdir()
    write_categories(source, signed(RECORD))
    install_categories(keys, source, ROOT, now_s=NOW)
    for bad in (
        signed(replace(BOTH, version=1)),
        signed(BOTH, SIGNER),
        signed(replace(BOTH, service="Other")),
    ):
        write_categories(source, bad)
        with pytest.raises(KeysError):
            install_categories(keys, source, ROOT, now_s=NOW)
        assert categories_in(keys, ROOT) == signed(RECORD)
    source.write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(KeysError, match="not well formed"):
        install_categories(keys, source, ROOT, now_s=NOW)
    write_categories(source, signed(BOTH))
    install_categories(keys, source, ROOT, now_s=NOW)
    assert categories_in(keys, ROOT) == signed(BOTH)


def test_a_record_without_its_approver_is_still_the_floor(tmp_path: Path) -> None:
    keys, source = tmp_path / "keys", tmp_path / "source"
    keys.mkdir()
    write_categories(keys / CATEGORIES_FILE, signed(replace(RECORD, version=4), SIGNER, SECOND))
    root = root_of(SIGNER, THIRD, version=2)
    write_categories(source, signed(replace(RECORD, version=3), SIGNER, THIRD))
    with pytest.raises(KeysError, match="version 4 is in force"):
        install_categories(keys, source, root, now_s=NOW)


def test_a_power_cut_at_any_call_leaves_the_old_record_or_the_new(tmp_path: Path) -> None:
    template, remains = tmp_path / "template", tmp_path / "remains"
    for folder in (template, remains):
        folder.mkdir()
    write_categories(template / CATEGORIES_FILE, signed(RECORD))
    write_categories(template / CANDIDATE, signed(BOTH))
    words = [sys.executable, "-m", "tests.sim.power_cut", "install-categories", str(template), str(remains)]
    subprocess.run(words, cwd=TREE, check=True)
    calls = (remains / "calls").read_text("utf-8").split()
    assert "write fsync close rename open fsync close" in " ".join(calls), "flushed before it is named"
    found = [categories_in(remains / str(number), ROOT) for number in range(1, len(calls) + 2)]
    after = calls.index("rename") + 1
    assert found == [signed(RECORD)] * after + [signed(BOTH)] * (len(found) - after)


def test_a_list_with_an_added_category_opens_where_its_record_is_and_nowhere_else() -> None:
    data = Made(rows=(LISTED,)).data()
    assert len(open_list(data, categories=TABLE)) == 1
    for table in (CLOSED_SET, CategoryTable((LAST,))):
        with pytest.raises(HotlistFormatError, match="nor in a category record in force"):
            open_list(data, categories=table)


@pytest.mark.parametrize(
    ("row", "because"),
    [
        ((*LISTED[:5], 3, 0), "its priority is not the one of the category record"),
        ((LISTED[0], CREATED + 30 * DAY + 1, *LISTED[2:]), "uninsured is listed for 30 days at most"),
        ((LISTED[0], 0, *LISTED[2:]), "uninsured is listed for 30 days at most"),
    ],
    ids=["priority", "a second too long", "without end"],
)
def test_a_row_of_an_added_category_is_what_its_record_says(row: Row, because: str) -> None:
    with pytest.raises(HotlistFormatError, match=because):
        open_list(Made(rows=(row,)).data(), categories=TABLE)


@pytest.mark.parametrize("can_stop", [False, True])
def test_an_alert_of_an_added_category_is_stop_grade_only_where_the_record_says_so(*, can_stop: bool) -> None:
    table = CategoryTable((replace(UNINSURED, facts=replace(UNINSURED.facts, can_stop=can_stop)),))
    matcher = Matcher(open_list(Made(rows=(LISTED,)).data(), categories=table), now_s=NOW)
    match = match_of(matcher, "ABCD123", place=LISTED[2])
    assert match is not None
    assert match.doubts == (Doubt.NONE if can_stop else Doubt.CATEGORY)
    assert matcher.entry(match).category == UNINSURED.number


def test_the_table_tells_every_category_by_name_and_number() -> None:
    table = CategoryTable((UNINSURED, LAST))
    assert table.numbers == (*range(1, 19), 19, 31)
    for number in table.numbers:
        assert table.number(table.slug(number)) == number
        assert table.facts(number).english
    assert table.facts(19) == UNINSURED.facts
    assert table.number("speeding") is None
    with pytest.raises(KeyError):
        table.facts(20)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: CategoryTable((LAST, UNINSURED)),
        lambda: CategoryTable((UNINSURED, UNINSURED)),
        lambda: CategoryTable((UNINSURED, replace(UNINSURED, number=20))),
    ],
    ids=["unsorted", "twice", "one slug for two"],
)
def test_a_table_does_not_contradict_itself(wrong: Callable[[], CategoryTable]) -> None:
    with pytest.raises(ValueError, match="added categories"):
        wrong()


def test_a_list_is_opened_with_the_right_facts_after_all() -> None:
    index = open_list(Made(rows=(LISTED,)).data(), categories=TABLE)
    assert np.array_equal(index.body.facts["priority"], [Priority.DRIVING])
