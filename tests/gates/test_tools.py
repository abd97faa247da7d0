"""ruff, its formatter and mypy are content with the tree, and are shown to go red."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.gates.tools import ROOT, output, run

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = str(ROOT / "pyproject.toml")


def test_ruff_is_content_with_the_tree() -> None:
    done = run("ruff", "check", "--no-cache", ".")
    assert done.returncode == 0, output(done)


def test_the_tree_is_formatted() -> None:
    done = run("ruff", "format", "--check", "--no-cache", ".")
    assert done.returncode == 0, output(done)


@pytest.mark.slow
@pytest.mark.skipif(
    not np.__version__.startswith("1."),
    reason="numpy 2's own types differ; the tree is checked against numpy 1's, which Python 3.11 gets",
)
def test_mypy_is_content_with_the_tree() -> None:
    done = run("mypy")
    assert done.returncode == 0, output(done)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ('"""One."""\n\nimport os\n', "F401"),
        ('"""One."""\n\n\ndef plate():\n    """Two."""\n', "ANN201"),
        ('"""One."""\n\nassert 1 + 1\n', "S101"),
        ('"""One."""\n\ntry:\n    x = 1\nexcept Exception:\n    x = 2\n', "BLE001"),
        ('"""One."""\n\nx = 1  # noqa\n', "PGH004"),
    ],
)
def test_ruff_refuses_what_is_planted(tmp_path: Path, source: str, rule: str) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(source)
    done = run("ruff", "check", "--no-cache", "--config", SETTINGS, "planted.py", folder=tmp_path)
    assert done.returncode == 1
    assert rule in done.stdout


def test_the_formatter_refuses_what_is_planted(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("x=1\n")
    done = run("ruff", "format", "--check", "--no-cache", "--config", SETTINGS, "planted.py", folder=tmp_path)
    assert done.returncode == 1, output(done)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("def f(x): return x\n", "no-untyped-def"),
        ("x: int = 'one'\n", "assignment"),
        ("def f() -> list:  # bare\n    return []\n", "type-arg"),
        ("x: int = 1  # type: ignore[assignment]\n", "unused-ignore"),
    ],
)
def test_mypy_refuses_what_is_planted(tmp_path: Path, source: str, rule: str) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(source)
    done = run("mypy", "--config-file", SETTINGS, "--cache-dir", str(tmp_path / "cache"), str(planted))
    assert done.returncode == 1, output(done)
    assert f"[{rule}]" in done.stdout
