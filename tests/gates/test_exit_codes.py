"""The documented exit codes are those of the error tree, and each tells its reader apart."""

from __future__ import annotations

from collections import Counter

from tests.gates.exit_codes import PAGE, error_classes, page


def test_the_page_of_exit_codes_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: .venv/bin/python -m tests.gates.exit_codes"


def test_every_class_has_an_exit_code_of_its_own() -> None:
    codes = Counter(kind.exit_code for kind in error_classes())
    assert {code for code, count in codes.items() if count > 1} == set()
    assert all(1 <= code <= 125 for code in codes), "a shell gives the rest a meaning of its own"


def test_every_class_has_a_next_step_in_one_sentence() -> None:
    assert [kind.__name__ for kind in error_classes() if not kind.hint.endswith(".")] == []


def test_every_class_is_on_the_page() -> None:
    rows = PAGE.read_text("utf-8").count("\n| ") - 1
    assert rows == len(list(error_classes())) + 4
