"""Makes `alprd/docs/exit-codes.md` from `alprd/errors.py`; `python -m tests.gates.exit_codes` writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alprd import errors
from alprd.cli.entry import BROKEN_PIPE, INTERRUPTED
from alprd.errors import AlprdError
from tests.gates.tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = ROOT / "alprd" / "docs" / "exit-codes.md"

_HEAD: Final = """\
# Exit codes

What a command of this package ends with. The tens say who must act: 1x the installer, 2x the technician,
3x the hotlist custodian or the evidence clerk, 4x whoever looks after the dash unit, 5x the auditor. Every
error prints what was expected, what was found and the next step. This page is made from `alprd/errors.py`.

| code | name | means | next step |
|---|---|---|---|
"""

_UNEXPECTED: Final = "An error that was not foreseen, or that none of the others fits."

_FIXED: Final = (
    (0, "", "Done.", ""),
    (2, "", "The command line is not understood.", "Run the command with `--help`."),
    (INTERRUPTED, "", "Interrupted with Ctrl-C.", ""),
    (BROKEN_PIPE, "", "The reader of the output went away.", ""),
)


def error_classes() -> Iterator[type[AlprdError]]:
    """Yield every class of the error tree. A refinement of one in another module keeps its code and hint."""
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, AlprdError):
            yield kind


def page() -> str:
    """Return the page."""
    rows = list(_FIXED)
    for kind in error_classes():
        summary = (kind.__doc__ or "").strip().partition("\n")[0] if kind is not AlprdError else _UNEXPECTED
        rows.append((kind.exit_code, kind.__name__, summary, kind.hint))
    return _HEAD + "".join(
        f"| {code} | {f'`{name}`' if name else ''} | {means} | {step} |\n"
        for code, name, means, step in sorted(rows)
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
