"""The tree speaks of the project alone, and the gate that says so is shown to go red."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gates.tools import ROOT
from tests.gates.words import misplaced_words, tracked_files

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024


def test_nothing_in_the_tree_belongs_elsewhere() -> None:
    files = tracked_files(ROOT)
    assert len(files) > 50, "is the gate looking in the right place?"
    assert [finding for path in files for finding in misplaced_words(path)] == []


def test_no_file_of_the_tree_is_huge() -> None:
    assert [str(path) for path in tracked_files(ROOT) if path.stat().st_size > 3 * MIB] == []


@pytest.mark.parametrize(
    "pieces",
    [
        ("see /ho", "me/me/plates"),
        (str(ROOT), "/alprd"),
        ("open('../plates", "/list')"),
        ("https://deb.deb", "ian.org"),
        ("pypi", ".org"),
        ("# TO", "DO later"),
        ("raise NotImpl", "ementedError"),
    ],
)
def test_what_belongs_elsewhere_is_found(tmp_path: Path, pieces: tuple[str, str]) -> None:
    # In two pieces, or the gate would find this file.
    planted = tmp_path / "planted.py"
    planted.write_text("# fine\n" + "".join(pieces) + "\n")
    assert len(list(misplaced_words(planted))) == 1


def test_a_file_without_a_noun_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "utils.py"
    planted.write_text("")
    assert len(list(misplaced_words(planted))) == 1


@pytest.mark.parametrize(
    "words", ["/var/lib/alprd", "the work / rest", "homework/plan", "alprd/home/x", "https://x.example/a/b"]
)
def test_other_words_are_left_alone(tmp_path: Path, words: str) -> None:
    allowed = tmp_path / "allowed.md"
    allowed.write_text(words)
    assert list(misplaced_words(allowed)) == []
