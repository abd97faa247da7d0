"""A plate is listed for a reason of the closed set, or one that two people added after a consultation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alprd.errors import HotlistFormatError, KeysError
from alprd.hotlist.categories import FIRST_ADDED, CategoryTable
from alprd.hotlist.category_disk import install_categories, table_in, write_categories
from alprd.hotlist.disk import HotlistStore
from tests.vectors.categories.generate import RECORD, UNINSURED, signed, with_text
from tests.vectors.hotlist.made import CREATED, DAY, GOOD_ROW, NOW, ROOT, SIGNER, UNIT, Made

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.hotlist.index import HotlistIndex

WITHOUT = {"English label": 1, "French label": 2, "reference": 3, "who was asked": 4}


def take_list(folder: Path, category: int) -> HotlistIndex:
    """Install a list of one plate in ``category`` on the unit in ``folder``, as its keys folder lets it."""
    row = (GOOD_ROW[0], CREATED + DAY, *GOOD_ROW[2:4], category, UNINSURED.facts.priority, 0)
    (folder / "list").write_bytes(Made(rows=(row,)).data())
    store = HotlistStore(folder, root=ROOT, unit=UNIT, categories=table_in(folder, ROOT))
    return store.install(folder / "list", now_s=NOW)


def test_a_unit_without_a_record_takes_no_list_with_another_category(tmp_path: Path) -> None:
    for category in (0, *range(FIRST_ADDED, 256)):
        with pytest.raises(HotlistFormatError, match="its category"):
            take_list(tmp_path, category)


@pytest.mark.parametrize("missing", WITHOUT)
def test_even_two_people_add_none_without_a_consultation_and_a_public_label(
    tmp_path: Path, missing: str
) -> None:
    (tmp_path / "record").write_bytes(with_text(WITHOUT[missing], b""))
    with pytest.raises(KeysError, match=r"cites the consultation|public label"):
        install_categories(tmp_path, tmp_path / "record", ROOT, now_s=NOW)
    with pytest.raises(HotlistFormatError):
        take_list(tmp_path, UNINSURED.number)


def test_nobody_adds_one_alone(tmp_path: Path) -> None:
    write_categories(tmp_path / "record", signed(RECORD, SIGNER))
    with pytest.raises(KeysError, match="2 approvers are needed; found 1"):
        install_categories(tmp_path, tmp_path / "record", ROOT, now_s=NOW)
    with pytest.raises(HotlistFormatError):
        take_list(tmp_path, UNINSURED.number)


def test_with_the_record_the_list_is_taken_and_says_what_its_category_is(tmp_path: Path) -> None:
    write_categories(tmp_path / "record", signed(RECORD))
    install_categories(tmp_path, tmp_path / "record", ROOT, now_s=NOW)
    index = take_list(tmp_path, UNINSURED.number)
    assert index.categories.added == CategoryTable((UNINSURED,)).added == (UNINSURED,)
    with pytest.raises(HotlistFormatError, match="its category"):
        take_list(tmp_path, UNINSURED.number + 1)
    with pytest.raises(ValueError, match="cites the consultation"):
        replace(UNINSURED, reference="")
