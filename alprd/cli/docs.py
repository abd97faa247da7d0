"""``alprctl docs``: the documents that ship with the unit, readable over SSH with no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import alprd
from alprd.errors import TechnicianError, printable

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction

FOLDER = Path(alprd.__file__).parent / "docs"


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``docs [NAME]``."""
    parser = commands.add_parser("docs", help="show a document, or list them")
    parser.add_argument("name", nargs="?", help="for example settings, install, formats/hotlist")
    parser.set_defaults(run=run)


def names() -> list[str]:
    """Return the names of all documents, sorted."""
    return sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.md"))


def run(args: argparse.Namespace) -> int:
    """Print the document, or the names of all."""
    if args.name is None:
        for name in names():
            title = (FOLDER / f"{name}.md").read_text("utf-8").partition("\n")[0].lstrip("# ")
            print(f"{name:24} {title}")
        return 0
    if args.name not in names():
        raise TechnicianError(
            f"no document is named {printable(args.name)}", hint="List them with `alprctl docs`."
        )
    print((FOLDER / f"{args.name}.md").read_text("utf-8"), end="")
    return 0
