"""Takes one wipe out of one module as it is imported, in every process that inherits the environment.

``ALPRD_WITHOUT`` names the wipe as `tests.mutations.wipes` does, ``ALPRD_TREE`` the top of the checkout.
"""

from __future__ import annotations

import ast
import os
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType

TREE, NAME = Path(os.environ["ALPRD_TREE"]), os.environ["ALPRD_WITHOUT"]
MODULE = NAME.split()[0].removesuffix(":")
WHOLE = SourceFileLoader.get_code


def get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
    """Compile the module without its wipe; every other one as ever."""
    path = Path(self.get_filename(fullname))
    if path != TREE / "alprd" / MODULE:
        return WHOLE(self, fullname)
    sys.path.insert(0, str(TREE))
    try:
        from tests.mutations.wipes import take_out  # noqa: PLC0415 - the checkout is on the path only now
    finally:
        sys.path.pop(0)
    tree = take_out(ast.parse(path.read_text("utf-8")), MODULE, NAME)
    print(f"taken out: {NAME}", file=sys.stderr)  # noqa: T201 - the walk reads it: the wipe was there to be missed
    return compile(tree, path, "exec")


SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
