"""A promise without a test is not made: `docs/promises.md` and `tests/promises/` name the same."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent / "promises"
PAGE = TESTS.parent.parent / "alprd" / "docs" / "promises.md"


def promised(page: str) -> set[tuple[str, str]]:
    return set(re.findall(r"^\| `(\w+)` \|.*\| `(test_\w+\.py)` \|$", page, re.MULTILINE))


def test_every_promise_has_its_test_file_and_every_file_its_promise() -> None:
    rows = promised(PAGE.read_text("utf-8"))
    assert len(rows) >= 7
    assert all(file == f"test_{name}.py" for name, file in rows)
    assert {file for _, file in rows} == {path.name for path in TESTS.glob("test_*.py")}


def test_a_promise_without_a_test_is_seen() -> None:
    page = PAGE.read_text("utf-8") + "\n| `never_sleeps` | It never sleeps. | `test_never_sleeps.py` |\n"
    assert ("never_sleeps", "test_never_sleeps.py") in promised(page) - promised(PAGE.read_text("utf-8"))
