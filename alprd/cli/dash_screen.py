"""What the terminal dash shows, as a pure function of its model. English and Canadian French."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from alprd.alerts.messages import AlertMessage, Outcome
from alprd.cli.dash_letters import LETTER_COLUMNS, grey_picture, large
from alprd.hotlist.categories import Category, Priority
from alprd.records import ClockSource, GpsState, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alprd.records import UnitState

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

DOUBTFUL_PERCENT: Final = 85
"""A character read with less is marked."""
SCREEN_COLUMNS: Final = 80
FULL_ROWS: Final = 28
"""A terminal of this height shows the picture large; in 24 rows it is smaller."""
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400

_GOOD, _BAD, _WARN, _PLAIN = "bold black on green", "bold white on red", "bold black on yellow", "bold"

_ENGLISH: Final[Mapping[str, str]] = {
    "reading": "ALPR READING",
    "camera": "CAMERA LOST",
    "no list": "NO LIST",
    "expired": "LIST EXPIRED",
    "offline": "ALPR OFFLINE",
    "list": "list",
    "officer": "officer",
    "nobody": "nobody logged in",
    "missed": "hits not shown",
    "fix": "GPS fix",
    "no fix": "GPS no fix",
    "unreachable": "GPS off",
    "listed": "listed for",
    "unknown issuer": "issuer not listed",
    "check": "CHECK THE PROVINCE OR STATE: not read",
    "place": "read as that",
    "read": "read",
    "doubtful": "doubtful",
    "list age": "list age",
    "captured": "captured",
    "located": "location known",
    "not located": "no location",
    "untrusted": "clock not verified",
    "more": "more waiting",
    "picture": "picture is coming",
    "no picture": "no picture",
    "compare": "Compare with the vehicle before you confirm.",
    "keys": "[c] confirm   [m] misread   [w] wrong province or state   [l] log in   [q] leave",
    "badge": "badge, then Enter (empty: log out): ",
    "sent": "sent, the unit is working on it",
    "quiet": "No alert. Only plates on the list are ever shown.",
    "category": "category",
    "last": "last answer:",
    "pending": "waiting",
}
_FRENCH: Final[Mapping[str, str]] = {
    "reading": "LECTURE EN COURS",
    "camera": "CAMÉRA PERDUE",
    "no list": "AUCUNE LISTE",
    "expired": "LISTE EXPIRÉE",
    "offline": "RAPI HORS LIGNE",
    "list": "liste",
    "officer": "agent",
    "nobody": "aucun agent connecté",
    "missed": "alertes non affichées",
    "fix": "GPS position",
    "no fix": "GPS sans position",
    "unreachable": "GPS arrêté",
    "listed": "inscrite pour",
    "unknown issuer": "émetteur non inscrit",
    "check": "VÉRIFIER LA PROVINCE OU L'ÉTAT : non lu",
    "place": "lue ainsi",
    "read": "lecture",
    "doubtful": "douteux",
    "list age": "âge de la liste",
    "captured": "captée",
    "located": "position connue",
    "not located": "sans position",
    "untrusted": "heure non vérifiée",
    "more": "autres en attente",
    "picture": "l'image arrive",
    "no picture": "sans image",
    "compare": "Comparer avec le véhicule avant de confirmer.",
    "keys": "[c] confirmer  [m] mal lue  [w] autre province/État  [l] connexion  [q] quitter",
    "badge": "insigne, puis Entrée (vide : déconnexion) : ",
    "sent": "envoyé, l'unité traite la réponse",
    "quiet": "Aucune alerte. Seules les plaques de la liste sont affichées.",
    "category": "catégorie",
    "last": "dernière réponse :",
    "pending": "en attente",
}
WORDS: Final[Mapping[Language, Mapping[str, str]]] = {"en": _ENGLISH, "fr": _FRENCH}

_OUTCOMES: Final[Mapping[Outcome, tuple[str, str, str]]] = {
    Outcome.SEALED: (_GOOD, "sealed as evidence", "scellée comme preuve"),
    Outcome.WIPED: (_PLAIN, "wiped", "effacée"),
    Outcome.EXPIRED: (_WARN, "time ran out, wiped", "délai écoulé, effacée"),
    Outcome.REFUSED_NO_SESSION: (_WARN, "refused: log in first [l]", "refusée : connectez-vous [l]"),
    Outcome.FAILED_TO_STORE: (_BAD, "NOT STORED: call a technician", "NON STOCKÉE : appeler un technicien"),
    Outcome.WITHDRAWN: (_PLAIN, "withdrawn by the unit", "retirée par l'unité"),
}
_VERDICTS: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.CONFIRMED: ("confirmed", "confirmée"),
    Verdict.MISREAD: ("misread", "mal lue"),
    Verdict.WRONG_JURISDICTION: ("wrong province or state", "autre province ou État"),
    Verdict.UNANSWERED: ("no answer", "sans réponse"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAlert:
    """An alert on the screen. ``picture`` is packed 4-bit grey, None while it is not whole."""

    message: AlertMessage
    picture: bytes | None
    is_answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DashModel:
    """All that the screen depends on. ``alerts`` stand in the order in which they are to be answered."""

    is_online: bool
    unit: UnitState | None = None
    badge: str = ""
    alerts: tuple[ShownAlert, ...] = ()
    last_outcome: Outcome | None = None
    last_verdict: Verdict | None = None
    typed_badge: str | None = None
    """What is typed at the log-in prompt, None when it is closed."""
    trouble: str = ""
    """Why the unit is offline, when more is known than silence."""


def age_text(age_s: int) -> str:
    """Return an age as its largest two units, ``1 d 04 h``, ``2 h 05 min`` or ``7 min``."""
    if age_s >= _DAY_S:
        return f"{age_s // _DAY_S} d {age_s % _DAY_S // _HOUR_S:02} h"
    if age_s >= _HOUR_S:
        return f"{age_s // _HOUR_S} h {age_s % _HOUR_S // _MINUTE_S:02} min"
    return f"{age_s // _MINUTE_S} min"


def category_label(number: int, language: Language) -> str:
    """Return the label of category ``number``, or the number itself when this release has none."""
    try:
        facts = Category(number).facts
    except ValueError:
        return f"{WORDS[language]['category']} {number}"
    return facts.english if language == "en" else facts.french


def render_screen(model: DashModel, language: Language, rows: int = FULL_ROWS) -> RenderableType:
    """Return the whole screen, 80 columns wide; in fewer than 28 ``rows`` the picture is smaller."""
    parts: list[RenderableType] = [_state_line(model, language)]
    if model.alerts:
        parts.append(_alert_panel(model, language, 2 if rows >= FULL_ROWS else 3))
    else:
        quiet = Text(WORDS[language]["quiet"], justify="center", style="dim")
        parts.append(Panel(quiet, padding=(3, 2), width=SCREEN_COLUMNS))
    parts.append(_bottom_line(model, language))
    return Group(*parts)


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
            line.append(f"  {words['list']} {age_text(unit.list_age_s)}")
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
    if not unit.camera_ok:
        wrong.append(("camera", _BAD))
    if unit.list_age_s is None:
        wrong.append(("no list", _BAD))
    if unit.list_expired:
        wrong.append(("expired", _BAD))
    return wrong or [("reading", _GOOD)]


def _alert_panel(model: DashModel, language: Language, shrink: int) -> Panel:
    words, shown = WORDS[language], model.alerts[0]
    message = shown.message
    is_urgent = message.priority >= Priority.LIFE_SAFETY
    plate_style = "bold white" if model.is_online else "dim"
    doubtful = [percent < DOUBTFUL_PERCENT for percent in message.confidences]
    lines: list[RenderableType] = [
        large(message.plate, ["bold yellow" if doubt else plate_style for doubt in doubtful]),
        _doubt_line(message, doubtful, words),
        _issuer_line(message, words),
        _facts(message, words),
        _picture(shown, words, shrink),
        Text(words["sent"] if shown.is_answered else words["compare"], style="bold"),
    ]
    waiting = len(model.alerts) - 1
    return Panel(
        Group(*lines),
        title=Text(f" {category_label(message.category, language).upper()} ", style="bold white on red"),
        subtitle=Text(f" +{waiting} {words['more']} ", style=_WARN) if waiting else None,
        border_style="bold red" if is_urgent else "red",
        width=SCREEN_COLUMNS,
        padding=(0, 2),
    )


def _doubt_line(message: AlertMessage, doubtful: list[bool], words: Mapping[str, str]) -> Text:
    line = Text(no_wrap=True)
    for percent, doubt in zip(message.confidences, doubtful, strict=True):
        mark = f"^{percent}%" if doubt else ""
        line.append(f"{mark:^{LETTER_COLUMNS}}  ", "bold yellow")
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
    return line


def _facts(message: AlertMessage, words: Mapping[str, str]) -> Text:
    # A time past what a calendar holds comes only from a broken clock: it is shown as no time.
    try:
        moment = datetime.fromtimestamp(message.captured.at / 1000, UTC).strftime("%H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        moment = "--:--:--"
    if message.captured.source is ClockSource.UNTRUSTED:
        moment = f"{moment} ({words['untrusted']})"
    read = f"{words['read']} {message.confidence} %"
    place = words["located" if message.has_location else "not located"]
    return Text(
        f"{read} · {words['list age']} {age_text(message.list_age_s)}\n{words['captured']} {moment} · {place}"
    )


def _picture(shown: ShownAlert, words: Mapping[str, str], shrink: int) -> Text:
    if shown.picture is not None:
        return grey_picture(shown.picture, shrink)
    return Text(words["picture" if shown.message.picture_width else "no picture"], style="dim")


def _bottom_line(model: DashModel, language: Language) -> Text:
    words = WORDS[language]
    if model.typed_badge is not None:
        return Text(f"{words['badge']}{model.typed_badge}_", style=_WARN)
    line = Text()
    if model.last_outcome is not None:
        style, english, french = _OUTCOMES[model.last_outcome]
        verdict = _VERDICTS[model.last_verdict or Verdict.UNANSWERED]
        line.append(f"{words['last']} {verdict[0 if language == 'en' else 1]}, ")
        line.append(f" {english if language == 'en' else french} ", style)
        line.append("\n")
    if model.unit is not None and model.unit.missed:
        line.append(f" {model.unit.missed} {words['missed']} ", _BAD)
        line.append("\n")
    line.append(words["keys"], "dim")
    return line
