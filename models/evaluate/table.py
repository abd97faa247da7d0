"""The tables of an evaluation, as Markdown that is aligned to be read on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from models.evaluate.calibration import calibration_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from models.evaluate.calibration import Judged
    from models.evaluate.score import Counts, PlaceScore, Score

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""The headings, and the cells of each row."""

NONE: Final = "-"


def share(part: float, whole: float) -> str:
    """Return ``part`` of ``whole`` in percent, or `NONE` of nothing."""
    return f"{100 * part / whole:.1f}" if whole else NONE


def set_table(scores: Iterable[Score]) -> Table:
    """Return the table of sets: percent, except for numbers of plates and outputs, ms and MiB."""
    headings = (
        *("set", "boxes", "plates", "found", "exact", "fold", "false", "partial"),
        *("place answered", "of these right", "accepted", "of these right", "ECE", "ms", "MiB"),
    )
    rows = []
    for score in scores:
        counts = score.counts
        error = calibration_error(score.texts)
        rows.append((
            *(score.name, score.boxes, str(counts.plates)),
            *(share(part, counts.plates) for part in (counts.found, counts.exact, counts.fold)),
            *(str(counts.false), str(score.partial)),
            *(share(score.place_answered, score.place_known), share(score.place_right, score.place_answered)),
            *(share(score.accepted, counts.plates), share(score.accepted_right, score.accepted)),
            *(NONE if error is None else f"{error:.3f}", f"{score.median_ms:.1f}", f"{score.peak_mib:.0f}"),
        ))  # fmt: skip
    return headings, rows


def sweep_table(sweep: Iterable[tuple[float, Counts]], score: Score) -> Table:
    """Return the table of what each least confidence gives: outputs, texts accepted, places answered."""
    headings = (
        *("least confidence", "found", "exact", "fold", "false"),
        *("accepted", "of these right", "place answered", "of these right"),
    )
    return headings, [
        (
            f"{least:.2f}",
            *(share(part, counts.plates) for part in (counts.found, counts.exact, counts.fold)),
            str(counts.false),
            *_at_least(least, score.texts, counts.plates),
            *_at_least(least, score.places, score.place_known),
        )
        for least, counts in sweep
    ]


def _at_least(least: float, judged: Iterable[Judged], plates: int) -> tuple[str, str]:
    """Return the share of plates with something said at ``least`` or more, and the right of that."""
    rights = [is_right for confidence, is_right in judged if confidence >= least]
    return share(len(rights), plates), share(sum(rights), len(rights))


def stage_table(stages: Mapping[str, Mapping[str, float]]) -> Table:
    """Return the table of median milliseconds by set and stage."""
    names = ("decode", "shrink", "detect", "read", "wipe", "whole")
    return ("set", *names), [
        (name, *(f"{medians[stage]:.2f}" if stage in medians else NONE for stage in names))
        for name, medians in stages.items()
    ]


def place_table(places: Mapping[str, PlaceScore]) -> Table:
    """Return the table of jurisdictions."""
    headings = ("place", "plates", "fold", "place answered", "of these right")
    return headings, [
        (name or "not known", str(x.plates), share(x.fold, x.plates),
         *((share(x.answered, x.plates), share(x.right, x.answered)) if name else (NONE, NONE)))
        for name, x in places.items()
    ]  # fmt: skip


def as_text(table: Table) -> str:
    """Return a table as aligned Markdown."""
    headings, rows = table
    widths = [max(len(row[i]) for row in (headings, *rows)) for i in range(len(headings))]
    lines = [headings, ["-" * width for width in widths], *rows]
    return "\n".join(
        f"| {' | '.join(_placed(line[i], widths[i], i) for i in range(len(widths)))} |" for line in lines
    )


def _placed(cell: str, width: int, column: int) -> str:
    """Align names to the left and numbers to the right."""
    return cell.ljust(width) if column == 0 else cell.rjust(width)
