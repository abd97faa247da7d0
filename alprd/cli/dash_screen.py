"""What the terminal dash shows, as a pure function of its model. English and Canadian French."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rich.cells import chop_cells
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from alprd.alerts.details import Detail
from alprd.alerts.messages import AlertMessage, Outcome
from alprd.cli.dash_letters import LETTER_COLUMNS, grey_picture, large
from alprd.cli.dash_words import (
    MAX_ROW,
    MAX_SIDE,
    MAX_WRAPPED_ROWS,
    OUTCOMES,
    REFUSALS,
    VERDICTS,
    WORDS,
    Language,
    category_text,
    doubt_text,
)
from alprd.hotlist.categories import Category, Priority
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.lookalikes import LOOKALIKES
from alprd.records import ClockSource, Doubt, GpsState, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alprd.alerts.details import CategoryMessage, VehicleMessage
    from alprd.cli.dash_model import DashModel, ShownAlert, ShownPerson
    from alprd.records import UnitState

DOUBTFUL_PERCENT: Final = 85
"""A character read with less is marked."""
SCREEN_COLUMNS: Final = 80
LEAST_ROWS: Final = 24
TALL_ROWS: Final = 26
"""From this height on doubtful characters have their percentage and the last answer stays in view."""
FULL_ROWS: Final = 33
"""From this height on the picture is large, and the listed vehicle stands below it."""
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400

_GOOD, _BAD, _WARN, _PLAIN = "bold black on green", "bold white on red", "bold black on yellow", "bold"
_OUTCOME_STYLES: Final = {
    Outcome.SEALED: _GOOD,
    Outcome.WIPED: _PLAIN,
    Outcome.EXPIRED: _WARN,
    Outcome.REFUSED_NO_SESSION: _WARN,
    Outcome.FAILED_TO_STORE: _BAD,
    Outcome.WITHDRAWN: _PLAIN,
}


def age_text(age_s: int, language: Language) -> str:
    """Return an age as its largest two units, ``1 d 04 h``, ``2 h 05 min`` or ``7 min``."""
    if age_s >= _DAY_S:
        return f"{age_s // _DAY_S} {WORDS[language]['day']} {age_s % _DAY_S // _HOUR_S:02} h"
    if age_s >= _HOUR_S:
        return f"{age_s // _HOUR_S} h {age_s % _HOUR_S // _MINUTE_S:02} min"
    return f"{age_s // _MINUTE_S} min"


def category_label(number: int, language: Language, name: CategoryMessage | None = None) -> str:
    """Return the short label of category ``number``, or the number itself when nobody has told one.

    ``name`` is what the unit calls an added one.
    """
    if name is not None:
        return name.english if language == "en" else name.french
    try:
        facts = Category(number).facts
    except ValueError:
        return f"{WORDS[language]['category']} {number}"
    return facts.english if language == "en" else facts.french


def grade_text(message: AlertMessage, doubts: Doubt, language: Language) -> str:
    """Return whether the alert is stop-grade, how likely the plate is the listed one, and why not."""
    words = WORDS[language]
    chance = f"({words['chance']} {message.chance} %)"
    if not doubts:
        return f"{words['grade']} {chance}"
    return f"{words['no grade']} {chance}{words['colon']}{doubt_text(doubts, language)}"


def render_screen(model: DashModel, language: Language, rows: int = FULL_ROWS) -> RenderableType:
    """Return the whole screen, 80 columns wide, for a terminal of ``rows``, `LEAST_ROWS` or more."""
    parts: list[RenderableType] = [_state_line(model, language)]
    is_asking = bool(model.alerts) and not model.alerts[0].is_answered
    if model.person is not None and not is_asking:
        parts.append(_person_panel(model.person, language))
    elif model.alerts:
        parts.append(_alert_panel(model, language, rows))
    elif model.report is not None:
        parts.append(_message_panel(WORDS[language][f"report {model.report.value}"], _PLAIN))
    elif model.waits_for_officer:
        parts.append(_message_panel(WORDS[language]["waits"], _BAD))
    elif model.is_online and model.unit is not None and model.unit.is_paused:
        parts.append(_message_panel(WORDS[language]["paused long"], _WARN))
    else:
        quiet = Text(WORDS[language]["quiet"], justify="center", style="dim")
        parts.append(Panel(quiet, padding=(3, 2), width=SCREEN_COLUMNS))
    parts.append(_bottom_line(model, language, has_room=rows >= TALL_ROWS or not is_asking))
    return Group(*parts)


def _message_panel(text: str, style: str) -> Panel:
    return Panel(Text(text, justify="center", style=style), padding=(3, 2), width=SCREEN_COLUMNS)


def _state_line(model: DashModel, language: Language) -> Text:
    words = WORDS[language]
    line = Text(no_wrap=True, overflow="ellipsis")
    unit = model.unit
    if not model.is_online or unit is None:
        line.append(f" {words['offline']} ", _BAD)
        line.append(f" {model.trouble}" if model.trouble else "")
    else:
        for label, style in _conditions(unit):
            line.append(f" {words[label]} ", style)
            line.append(" ")
        line.append(f"{unit.fps}/s")
        if unit.list_age_s is not None:
            line.append(f"  {words['list']} {age_text(unit.list_age_s, language)}")
        line.append(f"  {words[_GPS[unit.gps]]}")
    line.append("  ")
    if model.badge:
        line.append(f"{words['officer']} {model.badge}", "bold")
    else:
        line.append(f" {words['nobody']} ", _WARN)
    return line


_GPS: Final = {GpsState.UNREACHABLE: "unreachable", GpsState.NO_FIX: "no fix", GpsState.FIX: "fix"}


def _conditions(unit: UnitState) -> list[tuple[str, str]]:
    """Return the labels of what is wrong, the worst first, or that all is well."""
    wrong = []
    if unit.is_paused:
        wrong.append(("paused", _WARN))
    elif not unit.camera_ok:
        wrong.append(("camera", _BAD))
    if unit.list_age_s is None:
        wrong.append(("no list", _BAD))
    if unit.list_expired:
        wrong.append(("expired", _BAD))
    if unit.reading_stopped:
        wrong.append(("stopped", _BAD))
    if unit.is_tampered:
        wrong.append(("tampered", _BAD))
    if unit.is_covered:
        wrong.append(("covered", _BAD))
    if unit.is_hot:
        wrong.append(("hot", _WARN))
    shown = wrong or [("reading", _GOOD)]
    if unit.muted:
        shown = [*shown, ("muted", _WARN)]
    return [*shown, ("stale", _WARN)] if unit.list_stale and not unit.list_expired else shown


def _alert_panel(model: DashModel, language: Language, rows: int) -> Panel:
    words, shown = WORDS[language], model.alerts[0]
    message, text = shown.message, category_text(shown.message.category, language, shown.name)
    is_urgent = message.priority >= Priority.LIFE_SAFETY
    plate_style = "bold white" if model.is_online else "dim"
    doubtful = [percent < DOUBTFUL_PERCENT for percent in message.confidences]
    doubts = _doubts(model)
    lines: list[RenderableType] = [
        large(message.plate, ["bold yellow" if doubt else plate_style for doubt in doubtful])
    ]
    if rows >= TALL_ROWS:
        lines.append(_doubt_line(message, doubtful, words))
    lines.append(_issuer_line(message, words))
    lines += _full_middle(shown, language) if rows >= FULL_ROWS else [_side_by_side(shown, language)]
    lines += [Text(text.reminder, style="bold")] if text.reminder else []
    if shown.vehicle is not None and shown.vehicle.descriptors:
        lines.append(
            Text(
                _wrapped(f"{words['described']}{words['colon']}{shown.vehicle.descriptors}"),
                style="bold cyan",
            )
        )
    lines.append(Text(_wrapped(grade_text(message, doubts, language)), style=_WARN if doubts else _GOOD))
    lines.append(_next_line(doubts, words, is_answered=shown.is_answered))
    waiting = len(model.alerts) - 1
    return Panel(
        Group(*lines),
        title=Text(f" {text.full.upper()} ", style="bold white on red"),
        subtitle=Text(f" +{waiting} {words['more']} ", style=_WARN) if waiting else None,
        border_style="bold red" if is_urgent else "red",
        width=SCREEN_COLUMNS,
        padding=(0, 2),
    )


def _person_panel(person: ShownPerson, language: Language) -> Panel:
    words, message = WORDS[language], person.message
    text = category_text(message.category, language)
    lines = [Text(message.plate, style="bold white"), Text()]
    if message.detail is Detail.LISTED:
        lens = words[f"lens {message.corrective_lens}"]
        lines += [
            Text(f"{words['owner']}{words['colon']}".rstrip()),
            Text(message.name, style="bold white"),
            Text(f"{words['lens']}{words['colon']}{lens}"),
        ]
    else:
        lines.append(Text(words["no owner"], style=_BAD))
    lines += [Text(), Text(text.reminder, style=_WARN), Text(words["owner next"], style="bold"), Text()]
    lines.append(Text(f"{words['down']}   {words['gone']} {person.left_s} s", style="dim"))
    title = Text(f" {text.full.upper()} ", style="bold white on red")
    return Panel(Group(*lines), title=title, border_style="red", width=SCREEN_COLUMNS, padding=(1, 2))


def _doubts(model: DashModel) -> Doubt:
    """Return the doubts of the alert in front; a list that is stale by now is one of them."""
    is_stale = model.unit is not None and model.unit.list_stale
    return model.alerts[0].message.doubts | (Doubt.LIST_STALE if is_stale else Doubt.NONE)


def _next_line(doubts: Doubt, words: Mapping[str, str], *, is_answered: bool) -> Text:
    if Doubt.LIST_STALE in doubts:
        return Text(words["next stale"], style=_BAD)
    if is_answered:
        return Text(words["sent"], style="bold")
    return Text(words["next doubtful" if doubts else "next"], style="bold")


def _wrapped(text: str) -> str:
    """Return ``text`` in rows that fit the frame: `MAX_WRAPPED_ROWS` at most of what line and words allow."""
    rows = textwrap.wrap(text, MAX_ROW)
    if len(rows) > MAX_WRAPPED_ROWS or any(len(chop_cells(row, MAX_ROW)) > 1 for row in rows):
        rows = chop_cells(text, MAX_ROW)
    return "\n".join(rows)


def confusable(character: str) -> str:
    """Return a character with the one that a camera takes for it, ``8/B``; alone if there is none."""
    code = CHARACTERS.index(character) + 1
    other = int(LOOKALIKES[code][0])
    return f"{character}/{CHARACTERS[other - 1]}" if other else f"{character} "


def _doubt_line(message: AlertMessage, doubtful: list[bool], words: Mapping[str, str]) -> Text:
    line = Text(no_wrap=True)
    for character, percent, doubt in zip(message.plate, message.confidences, doubtful, strict=True):
        mark = f"{confusable(character)}{percent}%" if doubt else ""
        line.append(f"{mark:^{LETTER_COLUMNS + 2}}", "bold yellow")
    if any(doubtful):
        line.append(words["doubtful"], "bold yellow")
    return line


def _issuer_line(message: AlertMessage, words: Mapping[str, str]) -> Text:
    is_known = message.jurisdiction != "??"
    line = Text(f"{words['listed']} {message.jurisdiction}" if is_known else words["unknown issuer"])
    line.append("   ")
    if message.place_confidence:
        line.append(f"{words['place']} {message.place_confidence} %")
    else:
        line.append(f" {words['check']} ", _WARN)
    line.append(f"   {words['read']} {message.confidence} %")
    return line


def _source(number: int) -> str:
    """Return who vouches for the listing, behind a comma; nothing for a category that is not known."""
    try:
        return f", {Category(number).facts.source.value}"
    except ValueError:
        return ""


def _facts(message: AlertMessage, language: Language) -> list[str]:
    """Return how old the list is, when the plate was seen, and whether the place is known."""
    words = WORDS[language]
    # A time past what a calendar holds comes only from a broken clock: it is shown as no time.
    try:
        moment = datetime.fromtimestamp(message.captured.at / 1000, UTC).strftime("%H:%M:%S")
    except (ValueError, OverflowError, OSError):
        moment = "--:--:--"
    is_trusted = message.captured.source is not ClockSource.UNTRUSTED
    return [
        f"{words['list age']} {age_text(message.list_age_s, language)}",
        f"{words['captured']} {moment} UTC" if is_trusted else f"{moment} {words['untrusted']}",
        words["located" if message.has_location else "not located"] + _source(message.category),
    ]


def _vehicle(vehicle: VehicleMessage | None, words: Mapping[str, str]) -> list[str]:
    """Return the rows that say what the list says of the vehicle, or why they do not."""
    if vehicle is None:
        return [words["vehicle coming"]]
    if vehicle.detail is Detail.UNREADABLE:
        return [words["unreadable"]]
    first = f"{vehicle.year or ''} {vehicle.make}".strip()
    rows = [row for row in (first, vehicle.model, vehicle.colour, vehicle.vehicle_class) if row]
    return [words["vehicle"], *rows] if rows else [words["no vehicle"]]


def _full_middle(shown: ShownAlert, language: Language) -> list[RenderableType]:
    """Return the large picture, and below it the listed vehicle and the facts."""
    words = WORDS[language]
    head, *rows = _vehicle(shown.vehicle, words)
    vehicle = f"{head}{words['colon']}{', '.join(rows)}" if rows else head
    facts = " · ".join(_facts(shown.message, language))
    return [_picture(shown, words, 2), Text(_wrapped(vehicle)), Text(facts)]


def _side_by_side(shown: ShownAlert, language: Language) -> Table:
    """Return the picture in two thirds of its size, and beside it the listed vehicle and the facts."""
    words = WORDS[language]
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=MAX_ROW - MAX_SIDE - 2)
    table.add_column(width=MAX_SIDE)
    rows = [*_vehicle(shown.vehicle, words), *_facts(shown.message, language)]
    table.add_row(_picture(shown, words, 3), Text("\n".join(rows), no_wrap=True, overflow="ellipsis"))
    return table


def _picture(shown: ShownAlert, words: Mapping[str, str], shrink: int) -> Text:
    if shown.picture is not None:
        return grey_picture(shown.picture, shrink)
    return Text(words["picture" if shown.message.picture_width else "no picture"], style="dim")


def _bottom_line(model: DashModel, language: Language, *, has_room: bool) -> Text:
    words = WORDS[language]
    if model.prompt is not None:
        return Text(f"{words[model.prompt.asked.value]}{model.prompt.shown}_", style=_WARN)
    line = Text()
    if model.session.code in REFUSALS:
        line.append(f" {REFUSALS[model.session.code][language]} ", _BAD)
        line.append("\n")
    if model.batch is not None and has_room:
        label = category_label(model.batch.category, language)
        line.append(f"{model.batch.count} x {label}: {words['batched']} {model.batch.seconds} s\n", "dim")
    if model.last_outcome is not None and has_room:
        verdict = VERDICTS[model.last_verdict or Verdict.UNANSWERED][language]
        line.append(f"{words['last']} {verdict}, ")
        line.append(f" {OUTCOMES[model.last_outcome][language]} ", _OUTCOME_STYLES[model.last_outcome])
        line.append("\n")
    if model.unit is not None and model.unit.missed:
        line.append(f" {model.unit.missed} {words['missed']} ", _BAD)
        line.append("\n")
    line.append(words["keys"], "dim")
    return line
