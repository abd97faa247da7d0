"""Plots of an evaluation as plain SVG: no scripts, no fonts of their own, no pictures of plates."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from models.evaluate.calibration import acceptance, calibration_error, reliability
from models.evaluate.truth import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from models.evaluate.bench import OperatingPoint
    from models.evaluate.calibration import Judged
    from models.evaluate.score import Evaluated, Score

_SIDE: Final = 260
_LEFT, _TOP, _RIGHT, _BOTTOM = 52, 34, 16, 48
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a6a00", "#56b4e9")  # told apart by all eyes
_INK, _FAINT, _BAR = "#222", "#bbb", "#cfe3f1"
_LEAST_BAR_PX: Final = 1.0

Scale = tuple["Callable[[float], float]", "Callable[[float], float]"]


def reliability_svg(title: str, judged: Sequence[Judged]) -> str:
    """Return the reliability diagram: the share that is right against the confidence that was said.

    A point lies on the diagonal where a confidence is the probability that it claims to be; bars show how
    many were said with about that confidence.
    """
    x, y = _scales((0, 1), (0, 1))
    error = calibration_error(judged)
    parts = _axes((0, 1), (0, 1), "confidence", "share right")
    parts.append(_line([(x(0), y(0)), (x(1), y(1))], _FAINT, dashed=True))
    bins = reliability(judged)
    most = max((b.count for b in bins), default=1)
    for b in bins:
        high = max(b.count / most * _SIDE * 0.25, _LEAST_BAR_PX)
        parts.append(
            f'<rect x="{x(b.confidence) - 6:.1f}" y="{y(0) - high:.1f}" width="12" height="{high:.1f}" '
            f'fill="{_BAR}"/>'
        )
    parts.append(_line([(x(b.confidence), y(b.right)) for b in bins], _COLOURS[0]))
    for b in bins:
        said = f"confidence {b.confidence:.2f}: {b.right:.2f} of {b.count} right"
        parts.append(
            f'<circle cx="{x(b.confidence):.1f}" cy="{y(b.right):.1f}" r="3.5" fill="{_COLOURS[0]}">'
            f"<title>{said}</title></circle>"
        )
    ece = "nothing was said" if error is None else f"{len(judged)} said, calibration error {error:.3f}"
    return _picture(title, ece, parts)


def acceptance_svg(
    title: str, judged: Mapping[str, tuple[Sequence[Judged], int]], accept: float, what: str
) -> str:
    """Return, for each set, how much of what is accepted is right against how much is accepted.

    ``judged`` holds what was said and how many plates (``what`` they are) there are to say it of. Along a
    curve the threshold falls from left to right; the ring is the operating point ``accept``.
    """
    curves = {name: acceptance(said, plates) for name, (said, plates) in judged.items() if said}
    lowest = min((curve[-1].right for curve in curves.values()), default=0.0)
    low = max(0.0, int(lowest * 20) / 20 - 0.05)
    x, y = _scales((0, 1), (low, 1))
    parts = _axes((0, 1), (low, 1), f"share of {what} accepted", "share of these right")
    names: list[str] = []
    for i, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[i % len(_COLOURS)]
        parts.append(_line([(x(p.accepted), y(max(p.right, low))) for p in curve], colour))
        at = [p for p in curve if p.least >= accept][-1:]
        parts += [
            f'<circle cx="{x(p.accepted):.1f}" cy="{y(max(p.right, low)):.1f}" r="5" fill="none" '
            f'stroke="{colour}" stroke-width="2"><title>{escape(name)}: from {accept:g} on {p.accepted:.3f} '
            f"accepted, {p.right:.4f} of these right</title></circle>"
            for p in at
        ]
        names.append(_text(x(0.04), y(low) - 10 - 14 * (len(curves) - 1 - i), name, colour, "start"))
    halo = '<g stroke="#fff" stroke-width="3" paint-order="stroke">'
    return _picture(title, f"ring: operating point {accept:g}", [*parts, halo, *names, "</g>"])


def all_plots(scores: Sequence[Score], point: OperatingPoint) -> dict[str, str]:
    """Return the plots of sets as SVG by their names."""
    texts = [one for score in scores for one in score.texts]
    characters = [one for score in scores for one in score.characters]
    places = [one for score in scores for one in score.places]
    text_sets = {score.name: (score.texts, score.counts.plates) for score in scores}
    place_sets = {score.name: (score.places, score.place_known) for score in scores}
    return {
        "reliability-text": reliability_svg("Confidence of texts", texts),
        "reliability-characters": reliability_svg("Confidence of characters", characters),
        "reliability-place": reliability_svg("Confidence of places", places),
        "acceptance-text": acceptance_svg("Texts accepted, and right", text_sets, point.accept, "plates"),
        "acceptance-place": acceptance_svg(
            "Places answered, and right", place_sets, point.place_accept, "plates of known place"
        ),
    }


def write(folder: Path, sets: Sequence[Evaluated]) -> None:
    """Write the plots of ``sets`` into ``folder``. Raises `InputError` where that cannot be."""
    plots = all_plots([one.score for one in sets], sets[0].reading.point)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, svg in plots.items():
            (folder / f"{name}.svg").write_text(svg, "utf-8")
    except OSError as error:
        raise InputError(f"{folder}: plots cannot be written there: {error.strerror}") from error


def _scales(across: tuple[float, float], up: tuple[float, float]) -> Scale:
    """Return what turns values into px of the picture."""
    return (
        lambda value: _LEFT + (value - across[0]) / (across[1] - across[0]) * _SIDE,
        lambda value: _TOP + (up[1] - value) / (up[1] - up[0]) * _SIDE,
    )


def _axes(across: tuple[float, float], up: tuple[float, float], below: str, beside: str) -> list[str]:
    x, y = _scales(across, up)
    place = f"translate(14 {_TOP + _SIDE / 2:.0f}) rotate(-90)"
    parts = [
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="{_FAINT}"/>',
        _text(_LEFT + _SIDE / 2, _TOP + _SIDE + 36, below),
        f'<text transform="{place}" text-anchor="middle">{beside}</text>',
    ]
    for i in range(6):
        wide, high = (low + (top - low) * i / 5 for low, top in (across, up))
        parts.append(_text(x(wide), _TOP + _SIDE + 16, f"{wide:.1f}"))
        parts.append(_text(_LEFT - 6, y(high) + 4, f"{high:.2f}", _INK, "end"))
        if 0 < i < 5:
            parts.append(_line([(_LEFT, y(high)), (_LEFT + _SIDE, y(high))], "#eee"))
    return parts


def _line(points: Sequence[tuple[float, float]], colour: str, *, dashed: bool = False) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = ' stroke-dasharray="4 4"' if dashed else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>'


def _text(x: float, y: float, words: str, colour: str = _INK, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'


def _picture(title: str, note: str, parts: Sequence[str]) -> str:
    wide, high = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _BOTTOM
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
        f'font-family="sans-serif" font-size="11" fill="{_INK}" role="img">'
    )
    return "\n".join((
        start,
        f"<title>{escape(title)}: {escape(note)}</title>",
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="14" font-weight="bold" font-size="12">{escape(title)}</text>',
        f'<text x="{_LEFT}" y="28">{escape(note)}</text>',
        *parts,
        "</svg>\n",
    ))  # fmt: skip
