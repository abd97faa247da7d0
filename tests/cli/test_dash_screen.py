"""What the terminal dash shows in every state, in both languages, within its bounds."""

from __future__ import annotations

import dataclasses
import re

import pytest
from rich.cells import cell_len

from alprd.alerts.dash import Outcome
from alprd.alerts.details import MAX_NAME, VEHICLE_TEXTS, Detail, VehicleMessage
from alprd.alerts.messages import PICTURE_BYTES
from alprd.alerts.requests import SessionCode, SessionMessage
from alprd.cli.dash_letters import grey_picture, large
from alprd.cli.dash_model import DashModel
from alprd.cli.dash_sample import sample_model
from alprd.cli.dash_screen import FULL_ROWS, LEAST_ROWS, TALL_ROWS, age_text, category_label
from alprd.cli.dash_words import (
    CATEGORIES,
    DOUBTS,
    LANGUAGES,
    MAX_ROW,
    MAX_SIDE,
    MAX_TITLE,
    WORDS,
    Language,
)
from alprd.hotlist.categories import Category
from alprd.records import AlertId, ClockSource, Doubt, GpsState, UnitState, UnixMs, Verdict
from tests.sim.dash_pair import active
from tests.vectors.dash_link.details import CATEGORY, PERSON, UNREADABLE
from tests.vectors.dash_link.generate import STATE
from tests.vectors.dash_screen.generate import FOLDER, added_model, cases, person_model, screen

ONLINE = DashModel(is_online=True, unit=STATE, session=active("4711"))


NOBODY = SessionMessage(code=SessionCode.NOBODY)
SUSPENDED = {
    Category.SUSPENDED_DRIVER,
    Category.UNLICENSED_DRIVER,
    Category.SHORT_SUSPENSION,
    Category.SUSPENDED_DRIVER_USE,
}


@pytest.mark.parametrize(
    ("model", "first_line"),
    [
        (ONLINE, " ALPR READING  15/s  list 2 h 05 min  GPS fix  officer 4711"),
        (
            dataclasses.replace(ONLINE, session=NOBODY),
            " ALPR READING  15/s  list 2 h 05 min  GPS fix   nobody logged in",
        ),
        (DashModel(is_online=False), " ALPR OFFLINE    nobody logged in"),
        (dataclasses.replace(ONLINE, is_online=False), " ALPR OFFLINE   officer 4711"),
    ],
)
def test_the_state_line_says_what_the_unit_does(model: DashModel, first_line: str) -> None:
    assert screen(model).splitlines()[0].rstrip() == first_line


@pytest.mark.parametrize(
    ("change", "english", "french"),
    [
        ({"camera_ok": False}, "CAMERA LOST", "CAMÉRA PERDUE"),
        ({"list_expired": True}, "LIST EXPIRED", "LISTE EXPIRÉE"),
        ({"reading_stopped": True}, "READING STOPPED", "LECTURE ARRÊTÉE"),
        ({"list_stale": True}, "LIST STALE", "LISTE PÉRIMÉE"),
        ({"list_age_s": None}, "NO LIST", "AUCUNE LISTE"),
        ({"gps": GpsState.NO_FIX}, "GPS no fix", "GPS sans position"),
        ({"gps": GpsState.UNREACHABLE}, "GPS off", "GPS arrêté"),
        ({"missed": 3}, "3 hits not shown", "3 alertes non affichées"),
        ({"is_paused": True, "camera_ok": False}, "PAUSED", "EN PAUSE"),
        ({"is_hot": True}, "HOT", "SURCHAUFFE"),
        ({"is_covered": True}, "CAMERA COVERED", "CAMÉRA COUVERTE"),
        ({"is_tampered": True}, "CASE OPENED", "BOÎTIER OUVERT"),
        ({"muted": 1}, "MUTED", "FILTRÉ"),
    ],
)
def test_every_trouble_of_the_unit_is_on_the_screen(
    change: dict[str, object], english: str, french: str
) -> None:
    unit: UnitState = dataclasses.replace(STATE, **change)  # type: ignore[arg-type]  # one field of the state
    model = dataclasses.replace(ONLINE, unit=unit)
    assert english in screen(model)
    assert french in screen(model, "fr-CA")
    is_reading = change.keys() <= {"gps", "missed", "list_stale", "muted"}
    assert ("ALPR READING" in screen(model)) == is_reading


def test_the_alert_shows_all_that_the_officer_must_compare() -> None:
    shown = screen(sample_model())
    for words in (
        "VEHICLE REPORTED STOLEN",
        "listed for CA-ON   read as that 97 %",
        "read 71 %",
        "X/K71%",
        "list age 2 h 05 min",
        "captured 20:40:00 UTC",
        "location known",
        "+1 more waiting",
        "last answer: confirmed,  sealed as evidence",
        "[c] confirm [m] misread [w] wrong place [d] dismiss [l] log in [p] pause",
    ):
        assert words in shown
    assert shown.count("▀" * 72) == 12
    french = screen(sample_model(), "fr-CA")
    for words in ("VÉHICULE DÉCLARÉ VOLÉ", "inscrite pour CA-ON", "lue ainsi 97 %", "scellée comme preuve"):
        assert words in french


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "CHECK THE PROVINCE OR STATE"), ("fr-CA", "VÉRIFIER LA PROVINCE OU L'ÉTAT")],
)
def test_an_unknown_place_is_to_be_checked(language: Language, words: str) -> None:
    sample = sample_model()
    message = dataclasses.replace(sample.alerts[0].message, place_confidence=0)
    model = dataclasses.replace(sample, alerts=(dataclasses.replace(sample.alerts[0], message=message),))
    assert words in screen(model, language)


def changed(**fields: object) -> DashModel:
    """Return the sample with its front alert's message changed."""
    sample = sample_model()
    message = dataclasses.replace(sample.alerts[0].message, **fields)  # type: ignore[arg-type]  # fields of the message
    return dataclasses.replace(sample, alerts=(dataclasses.replace(sample.alerts[0], message=message),))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", ["M", "WM ", "\u6f22", "abcdefghij-klmnopqrstuvwxyz "])
@pytest.mark.parametrize("rows", [LEAST_ROWS, TALL_ROWS - 1, TALL_ROWS, FULL_ROWS - 1, FULL_ROWS])
def test_the_fullest_screen_fits_its_terminal(language: Language, words: str, rows: int) -> None:
    sample = sample_model()
    message = dataclasses.replace(
        sample.alerts[0].message,
        plate="WMWMWMWMW8",
        jurisdiction="MX-CMX",
        category=Category.SUSPENDED_DRIVER_USE,
        place_confidence=0,
        confidence=100,
        chance=100,
        doubts=Doubt(63),
        list_age_s=2**32 - 1,
        confidences=(1,) * 10,
        captured=dataclasses.replace(sample.alerts[0].message.captured, source=ClockSource.UNTRUSTED),
        has_location=False,
    )
    texts = {name: (words * most)[:most].strip() for name, most in VEHICLE_TEXTS.items()}
    vehicle = VehicleMessage.of(AlertId(1), year=9999, **texts)
    shown = dataclasses.replace(sample.alerts[0], message=message, vehicle=vehicle)
    unit = dataclasses.replace(STATE, missed=9, list_stale=True)
    model = dataclasses.replace(
        sample,
        alerts=(shown, shown),
        unit=unit,
        last_outcome=Outcome.FAILED_TO_STORE,
        last_verdict=Verdict.WRONG_JURISDICTION,
    )
    lines = screen(model, language, rows).rstrip("\n").splitlines()
    assert len(lines) <= rows
    assert max(cell_len(line.rstrip()) for line in lines) <= 80
    assert not any("\u2026" in line for line in lines[1:] if words == "M"), (
        "nothing of a full text is left out"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_keeps_to_its_bound(language: Language) -> None:
    texts = CATEGORIES[language]
    assert texts.keys() == set(Category)
    assert max(len(text.full) for text in texts.values()) <= MAX_TITLE
    assert max(len(text.reminder) for text in texts.values()) <= MAX_ROW
    words = WORDS[language]
    assert max(len(words[name]) for name in ("next", "next doubtful", "next stale", "sent")) <= MAX_ROW
    beside = ("vehicle", "no vehicle", "vehicle coming", "unreadable", "located", "not located")
    assert max(len(words[name]) for name in beside) <= MAX_SIDE


def test_the_golden_screens_are_what_the_dash_shows() -> None:
    written = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.txt")}
    assert written == dict(cases())
    assert len(written) == 2 * 18 + 6


@pytest.mark.parametrize("category", sorted(SUSPENDED))
def test_every_suspended_category_reminds_that_the_driver_may_be_another(category: Category) -> None:
    english, french = (CATEGORIES[language][category].reminder.lower() for language in LANGUAGES)
    assert "the driver may be another person" in english
    assert re.search("autre", french)
    assert CATEGORIES["en"][category].reminder in screen(changed(category=category), rows=LEAST_ROWS)


def test_the_descriptors_stand_on_the_screen_in_full() -> None:
    shown = dataclasses.replace(
        sample_model().alerts[0],
        vehicle=VehicleMessage(
            alert_id=AlertId(1), detail=Detail.LISTED, descriptors="man of 45, grey beard"
        ),
    )
    model = dataclasses.replace(sample_model(), alerts=(shown,))
    for rows in (LEAST_ROWS, FULL_ROWS):
        assert "description: man of 45, grey beard" in screen(model, rows=rows)
        assert "vehicle not described" in screen(model, rows=rows)


@pytest.mark.parametrize(
    ("detail", "english", "french"),
    [
        (Detail.NOT_LISTED, "vehicle not described", "véhicule non décrit"),
        (Detail.UNREADABLE, "DETAILS NOT READABLE", "DÉTAILS ILLISIBLES"),
        (None, "details are coming", "les détails arrivent"),
    ],
)
def test_a_vehicle_that_is_not_there_is_said(detail: Detail | None, english: str, french: str) -> None:
    vehicle = None if detail is None else VehicleMessage(alert_id=AlertId(1), detail=detail)
    shown = dataclasses.replace(sample_model().alerts[0], vehicle=vehicle)
    model = dataclasses.replace(sample_model(), alerts=(shown,))
    for rows in (LEAST_ROWS, FULL_ROWS):
        assert english in screen(model, rows=rows)
        assert french in screen(model, "fr-CA", rows=rows)


@pytest.mark.parametrize("doubt", list(Doubt))
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_with_any_doubt_is_not_stop_grade_and_says_why(doubt: Doubt, language: Language) -> None:
    text = screen(changed(doubts=doubt), language)
    assert WORDS[language]["no grade"] in text
    assert DOUBTS[doubt][language] in text
    assert WORDS[language]["grade"] not in text
    assert (WORDS[language]["next stale"] in text) == (doubt is Doubt.LIST_STALE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_without_a_doubt_is_stop_grade_after_the_live_check(language: Language) -> None:
    text = screen(changed(doubts=Doubt.NONE, chance=99), language)
    assert f"{WORDS[language]['grade']} ({WORDS[language]['chance']} 99 %)" in text
    assert WORDS[language]["no grade"] not in text
    assert WORDS[language]["next"] in text


@pytest.mark.parametrize(
    ("lens", "english", "french"),
    [
        (True, "Corrective lenses: required", "Verres correcteurs : exigés"),
        (False, "Corrective lenses: not required", "Verres correcteurs : non exigés"),
        (None, "Corrective lenses: not said", "Verres correcteurs : non précisé"),
    ],
)
def test_an_owner_is_shown_with_lenses_reminder_and_time(
    lens: bool | None,  # noqa: FBT001 - the parameters of the table above
    english: str,
    french: str,
) -> None:
    model = person_model(dataclasses.replace(PERSON, corrective_lens=lens))
    text = screen(model)
    for words in (
        "ABCD123",
        "Émilie Exemple",
        "the driver may be another person",
        "[x] take down   gone in 52 s",
    ):
        assert words in text
    assert english in text
    assert french in screen(model, "fr-CA")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_owner_that_could_not_be_opened_is_said(language: Language) -> None:
    text = screen(person_model(UNREADABLE), language)
    assert WORDS[language]["no owner"] in text
    assert WORDS[language]["lens"] not in text


def test_an_alert_that_asks_for_an_answer_goes_before_an_owner() -> None:
    model = dataclasses.replace(person_model(PERSON), alerts=sample_model().alerts)
    assert "Exemple" not in screen(model)
    answered = tuple(dataclasses.replace(shown, is_answered=True) for shown in model.alerts)
    assert "Exemple" in screen(dataclasses.replace(model, alerts=answered))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_name_fits_the_screen(language: Language) -> None:
    longest = dataclasses.replace(PERSON, name="M" * MAX_NAME, plate="WMWMWMWMW8")
    model = person_model(dataclasses.replace(longest, category=Category.SUSPENDED_DRIVER_USE))
    model = dataclasses.replace(
        model, unit=dataclasses.replace(STATE, missed=9), last_outcome=Outcome.FAILED_TO_STORE
    )
    lines = screen(model, language, LEAST_ROWS).rstrip("\n").splitlines()
    assert len(lines) <= LEAST_ROWS
    assert max(cell_len(line) for line in lines) <= 80
    assert any("M" * MAX_NAME in line for line in lines)


def test_a_list_that_goes_stale_takes_the_grade_of_an_alert_that_waits() -> None:
    model = changed(doubts=Doubt.NONE)
    assert "NOT STOP-GRADE" not in screen(model)
    stale = screen(dataclasses.replace(model, unit=dataclasses.replace(STATE, list_stale=True)))
    assert "NOT STOP-GRADE" in stale
    assert "VERIFY LIVE" in stale
    assert "LIST STALE" in stale


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["fr-CA"].keys()
    for language, outcome in ((language, outcome) for language in LANGUAGES for outcome in Outcome):
        assert screen(dataclasses.replace(ONLINE, last_outcome=outcome), language).count("\n") >= 10


def test_every_category_has_its_label_and_an_unknown_one_its_number() -> None:
    assert category_label(Category.AMBER_ALERT, "en") == "Amber Alert"
    assert category_label(Category.AMBER_ALERT, "fr-CA") == "Alerte Amber"
    assert category_label(200, "en") == "category 200"


def test_an_added_category_has_the_words_of_its_record() -> None:
    assert category_label(CATEGORY.number, "en", CATEGORY) == CATEGORY.english
    assert category_label(CATEGORY.number, "fr-CA", CATEGORY) == CATEGORY.french
    assert CATEGORY.english.upper() in screen(added_model(), "en", LEAST_ROWS)
    assert CATEGORY.french.upper() in screen(added_model(), "fr-CA", LEAST_ROWS)


@pytest.mark.parametrize(
    ("age_s", "text"),
    [(0, "0 min"), (3599, "59 min"), (3600, "1 h 00 min"), (86_399, "23 h 59 min"), (97_200, "1 d 03 h")],
)
def test_ages_are_shown_in_two_units(age_s: int, text: str) -> None:
    assert age_text(age_s, "en") == text


def test_an_unlisted_issuer_a_missing_picture_and_a_broken_clock_are_said() -> None:
    sample = sample_model().alerts[0]
    captured = dataclasses.replace(sample.message.captured, at=UnixMs(2**64 - 1))
    message = dataclasses.replace(sample.message, jurisdiction="??", captured=captured)
    shown = dataclasses.replace(sample, message=message, picture=None)
    text = screen(dataclasses.replace(ONLINE, alerts=(shown,)))
    assert "issuer not listed" in text
    assert "picture is coming" in text
    assert "captured --:--:--" in text


def test_letters_differ_from_one_another() -> None:
    drawn = {large(letter, ["bold"]).plain for letter in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    assert len(drawn) == 36


def test_a_picture_keeps_its_greys() -> None:
    packed = bytearray(PICTURE_BYTES)
    packed[: 72 * 2] = b"\xff" * 144  # the two upper rows white
    picture = grey_picture(bytes(packed))
    assert picture.plain.count("▀") == 72 * 12
    first = picture.spans[0].style
    assert str(first) == "#ffffff on #000000"
