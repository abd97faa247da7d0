"""Text that has no place in the tree: one machine's paths, unfinished marks, files without a noun."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFUSED: Final = {
    "a path of one machine": re.compile(
        r"(?<![\w.])/(?:home|Users)/\w+/|" + re.escape(str(Path(__file__).resolve().parents[2])) + r"\b"
    ),
    "a folder outside the project": re.compile(r"(?<![\w/])\.\./\w+/\w"),
    "a package registry's host": re.compile(
        r"(?:deb|security)\.debian\.org|pypi\.org|pythonhosted\.org|npmjs\.(?:com|org)"
    ),
    "an unfinished mark": re.compile(r"\b(?:TO[D]O|FIX[M]E|XX[X]|Not[I]mplementedError|HAC[K])\b"),
}
"""The brackets keep these patterns from finding themselves."""

_NOUNLESS: Final = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "manager.py", "misc.py"}

_TEXT: Final = {
    *(".py", ".md", ".toml", ".service", ".rules", ".sysusers", ".tmpfiles", ".conf", ".yaml", ".yml", ".sh"),
    *(".csv", ".txt", ".json", ""),
}

_LICENCE: Final = "LICENSE"


def tracked_files(root: Path) -> list[Path]:
    """Return the files of the tree that git tracks or would track."""
    listed = subprocess.run(
        # A checkout may belong to another user than the one who tests it.
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=root,
        capture_output=True,
        check=True,
    )
    paths = [root / name for name in listed.stdout.decode().split("\0") if name]
    return sorted(path for path in paths if path.is_file())


def misplaced_words(path: Path) -> Iterator[str]:
    """Find what is refused in the text of ``path`` and in its name, as ``path:line: what``."""
    if path.name in _NOUNLESS:
        yield f"{path}:1: a file named after no noun of the field has no owner"
    if path.suffix not in _TEXT or path.name == _LICENCE:
        return
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        for what, pattern in _REFUSED.items():
            if pattern.search(line):
                yield f"{path}:{number}: {what}"
