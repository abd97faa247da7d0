"""Runs the linters and checkers on the tree, or on a copy with something planted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BIN = Path(sys.executable).parent


def run(tool: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run ``tool`` of the environment that runs the tests, in ``folder``; return its output and code."""
    return subprocess.run(
        [str(_BIN / tool), *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=600
    )


def output(done: subprocess.CompletedProcess[str]) -> str:
    """Return all that a tool said, for an assertion's message."""
    return f"{done.stdout}\n{done.stderr}"


def copy_of_the_package(folder: Path) -> Path:
    """Copy `alprd/` (Python files only) and the settings of the tools into ``folder``, to plant into."""
    for path in sorted((ROOT / "alprd").rglob("*.py")):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    return folder / "alprd"


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this tree into ``folder``, with the build backend that is installed here."""
    flags = ("--quiet", "--no-deps", "--no-build-isolation", "--no-cache-dir", "--no-index")
    done = run("python", "-m", "pip", "wheel", *flags, "--wheel-dir", str(folder), str(ROOT), folder=folder)
    assert done.returncode == 0, output(done)
    (built,) = folder.glob("*.whl")
    return built
