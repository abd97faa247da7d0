"""The documented exit codes are those of the error tree, and each tells its reader apart."""

from __future__ import annotations

import ast
from collections import Counter

from tests.gates.exit_codes import PAGE, error_classes, page
from tests.gates.tools import ROOT


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


def test_no_error_class_elsewhere_has_a_code_or_a_hint_of_its_own() -> None:
    names = {kind.__name__ for kind in error_classes()}
    found = []
    for path in sorted((ROOT / "alprd").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and path.name != "errors.py":
                bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                if bases & names and ({"exit_code", "hint"} & set(ast.unparse(node).split())):
                    found.append(f"{path}:{node.lineno}")
    assert found == []
