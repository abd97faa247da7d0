"""Every wipe of the source stands in the table of the mutation walk, with the test that fails without it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.gates.tools import ROOT
from tests.mutations.walk import EXCUSED, miss, rows, table, wipes
from tests.mutations.wipes import find, take_out

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """\
class Reader:
    def wipe(self):
        wipe(self.codes, self.crop)
        self._model.wipe()
        tensor.fill(0)
        tensor.fill(0)
        steps.callback(self._desk.wipe)
        guard.forget(entry)
        stages.forget()
        tensor.fill(7)
"""
NAMES = [
    "reader.py Reader.wipe: wipe(.. self.codes ..)",
    "reader.py Reader.wipe: wipe(.. self.crop ..)",
    "reader.py Reader.wipe: self._model.wipe()",
    "reader.py Reader.wipe: tensor.fill(0)",
    "reader.py Reader.wipe: tensor.fill(0) (2)",
    "reader.py Reader.wipe: steps.callback(self._desk.wipe)",
    "reader.py Reader.wipe: stages.forget()",
]


def test_the_table_names_every_wipe_of_the_source_and_no_other() -> None:
    found = {wipe.name.replace("|", "/") for wipe in wipes()}
    assert len(found) > 150
    assert found == rows().keys(), "run: make mutations"


def test_every_wipe_is_caught_by_a_test_that_is_there_or_excused_with_a_reason() -> None:
    for name, caught in rows().items():
        if caught.startswith("excused: "):
            assert caught == f"excused: {EXCUSED[name]}"
            continue
        path, _, test = caught.strip("`").partition("::")
        assert test, f"{name}: {caught}; run: make mutations"
        assert f"def {test.partition('[')[0]}" in (ROOT / path).read_text("utf-8"), name


def test_each_wipe_is_found_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "reader.py"
    path.write_text(SOURCE)
    assert [wipe.name for wipe in find(path, "reader.py")] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_one_wipe_is_taken_out_and_the_rest_stay(tmp_path: Path, name: str) -> None:
    path = tmp_path / "reader.py"
    path.write_text(ast.unparse(take_out(ast.parse(SOURCE), "reader.py", name)))
    left = [wipe.name.removesuffix(" (2)") for wipe in find(path, "reader.py")]
    whole = [other.removesuffix(" (2)") for other in NAMES]
    for changed in ("wipe(.. self.codes ..)", "wipe(.. self.crop ..)"):
        if changed in name:  # one argument is left, and the call is named whole
            other = "self.crop" if "codes" in changed else "self.codes"
            whole = [f"reader.py Reader.wipe: wipe({other})", *whole[2:], name]
    whole.remove(name.removesuffix(" (2)"))
    assert left == whole


def test_a_wipe_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LookupError):
        take_out(ast.parse(SOURCE), "reader.py", "reader.py Reader.wipe: other.wipe()")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "alerts/pending.py PendingHits.wipe: wipe(pending.picture)",
        "vision/shrink.py Shrinker.wipe: wipe(.. self._row ..)",
    ],
)
def test_a_wipe_that_is_taken_out_is_missed_by_the_test_that_the_table_names(name: str) -> None:
    (wipe,) = (wipe for wipe in wipes() if wipe.name == name)
    missed = miss(wipe)
    assert missed is not None
    assert rows()[name] == f"`{missed}`"


def test_the_table_is_made_of_what_the_walk_found() -> None:
    page = table({"a.py f: x.wipe()": "`tests/unit/test_a.py::test_b`"})
    assert "| `a.py f: x.wipe()` | `tests/unit/test_a.py::test_b` |" in page
