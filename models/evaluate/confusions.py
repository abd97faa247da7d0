"""Which characters are taken for which: read texts laid beside their labels by the least edits."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNLIKE: Final = 0.5  # edits over this share of the longer text: another text, not a misread one
NOTHING: Final = ""

Step = tuple[str, str, int]
"""A label's character, the read's in its place, either `NOTHING`, and the read's index (-1 for none)."""


def aligned(label: str, read: str) -> list[Step]:
    """Return ``label`` and ``read`` side by side with the fewest edits (Wagner and Fischer 1974)."""
    high, wide = len(label), len(read)
    costs = [[*range(wide + 1)], *([i + 1] + [0] * wide for i in range(high))]
    for i in range(high):
        for j in range(wide):
            swapped = costs[i][j] + (label[i] != read[j])
            costs[i + 1][j + 1] = min(swapped, costs[i][j + 1] + 1, costs[i + 1][j] + 1)
    steps: list[Step] = []
    i, j = high, wide
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + (label[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            steps.append((label[i], read[j], j))
        elif i and costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
            steps.append((label[i], NOTHING, -1))
        else:
            j -= 1
            steps.append((NOTHING, read[j], j))
    return steps[::-1]


def is_alike(steps: list[Step]) -> bool:
    """Tell whether an alignment is of one text and its misreading, not of two texts."""
    edits = sum(wanted != found for wanted, found, _ in steps)
    return edits <= _UNLIKE * len(steps)


def confusions(pairs: Iterable[tuple[str, str]]) -> tuple[Counter[tuple[str, str]], int]:
    """Count what stands for what in (label, read) pairs of normal texts.

    Returns the counts of (label's character, read's character), `NOTHING` for one that is missing, and
    how many pairs are too unlike to be compared.
    """
    counts: Counter[tuple[str, str]] = Counter()
    unlike = 0
    for label, read in pairs:
        steps = aligned(label, read)
        if is_alike(steps):
            counts.update((wanted, found) for wanted, found, _ in steps if wanted != found)
        else:
            unlike += 1
    return counts, unlike


def named(wanted: str, found: str) -> str:
    """Return one confusion in words."""
    if not wanted:
        return f"{found} added"
    return f"{wanted} left out" if not found else f"{wanted} read as {found}"
