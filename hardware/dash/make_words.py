"""Writes `firmware/words.py`: the dash unit's words, from the categories and doubts that the unit knows.

Run as ``python -m hardware.dash.make_words`` after a change of either; a test holds the file to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.cli.dash_words import CATEGORIES
from alprd.hotlist.categories import Category
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.lookalikes import LOOKALIKES
from alprd.records import Doubt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alprd.cli.dash_words import Language

TARGET: Final = Path(__file__).parent / "firmware" / "words.py"

_ENGLISH: Final[Mapping[str, str]] = {
    "reading": "READING",
    "paused": "PAUSED",
    "camera": "NO CAMERA",
    "covered": "COVERED",
    "tampered": "TAMPER",
    "hot": "HOT",
    "nolist": "NO LIST",
    "expired": "LIST EXPIRED",
    "stale": "LIST STALE",
    "stopped": "STOPPED",
    "muted": "MUTED",
    "offline": "ALPR OFFLINE",
    "skew": "FIRMWARE DIFFERS",
    "key": "NOT PAIRED",
    "nogps": "NO GPS",
    "nobody": "NO OFFICER",
    "list": "list",
    "d": "d",
    "quiet": "No alert",
    "waits": "ALERT WAITS",
    "log in": "Log in to see it",
    "closed": "Camera closed",
    "missed": "not shown",
    "batched": "passed, no prompt",
    "grade": "STOP-GRADE AFTER LIVE CHECK",
    "no grade": "NOT STOP-GRADE",
    "verify": "VERIFY LIVE, NO STOP",
    "next": "Compare. Live check before a stop.",
    "chance": "chance",
    "unknown": "issuer not listed",
    "check": "CHECK PROVINCE",
    "more": "more",
    "coming": "details coming",
    "no vehicle": "vehicle not described",
    "unreadable": "DETAILS NOT READABLE",
    "no picture": "no picture",
    "picture": "picture coming",
    "sent": "sent...",
    "age": "list age",
    "source": "source",
    "located": "location known",
    "not located": "no location",
    "untrusted": "clock not verified",
    "owner": "Registered owner",
    "no owner": "OWNER NOT READABLE",
    "lens": "Lenses",
    "lens0": "not said",
    "lens1": "not required",
    "lens2": "required",
    "badge": "Badge",
    "pin": "PIN",
    "menu": "Menu",
    "b confirm": "CONFIRM",
    "b misread": "MISREAD",
    "b place": "WRONG PLACE",
    "b log in": "LOG IN",
    "b menu": "MENU",
    "b pause": "PAUSE",
    "b resume": "RESUME",
    "b ok": "OK",
    "b erase": "ERASE",
    "b back": "BACK",
    "b down": "TAKE DOWN",
    "b later": "LATER",
    "m dismiss": "Dismiss alert",
    "m log out": "Log out",
    "m hand": "Hand over",
    "m mute": "Mute lowest class",
    "m bright": "Brightness",
    "m volume": "Volume",
    "m light": "Day / night",
    "m tongue": "Français",
    "q live": "Live system?",
    "q action": "Outcome?",
    "q notice": "Verbal notice?",
    "live1": "agrees",
    "live2": "differs",
    "live3": "not reached",
    "action1": "no stop",
    "action2": "warning",
    "action3": "ticket",
    "action4": "arrest",
    "action5": "released",
    "action6": "wrong driver",
    "notice1": "given",
    "notice2": "withheld: safety",
    "s2": "badge or PIN wrong",
    "s3": "training out of date",
    "s4": "no signed undertaking",
    "s5": "too many tries: wait",
    "s6": "session over",
    "o1": "sealed",
    "o2": "wiped",
    "o3": "time over, wiped",
    "o4": "log in first",
    "o5": "NOT STORED",
    "o6": "withdrawn",
}
_FRENCH: Final[Mapping[str, str]] = {
    "reading": "LECTURE",
    "paused": "EN PAUSE",
    "camera": "SANS CAMÉRA",
    "covered": "COUVERTE",
    "tampered": "OUVERTURE",
    "hot": "SURCHAUFFE",
    "nolist": "SANS LISTE",
    "expired": "LISTE EXPIRÉE",
    "stale": "LISTE PÉRIMÉE",
    "stopped": "ARRÊTÉE",
    "muted": "FILTRÉ",
    "offline": "RAPI HORS LIGNE",
    "skew": "AUTRE VERSION",
    "key": "NON JUMELÉ",
    "nogps": "SANS GPS",
    "nobody": "AUCUN AGENT",
    "list": "liste",
    "d": "j",
    "quiet": "Aucune alerte",
    "waits": "ALERTE EN ATTENTE",
    "log in": "Se connecter pour voir",
    "closed": "Caméra fermée",
    "missed": "non affichées",
    "batched": "passées sans alerte",
    "grade": "MOTIF APRÈS CONTRÔLE EN DIRECT",
    "no grade": "SANS MOTIF D'INTERCEPTION",
    "verify": "VÉRIFIER EN DIRECT",
    "next": "Comparer; vérifier en direct avant.",
    "chance": "prob.",
    "unknown": "émetteur non inscrit",
    "check": "VÉRIFIER PROVINCE",
    "more": "autres",
    "coming": "détails à venir",
    "no vehicle": "véhicule non décrit",
    "unreadable": "DÉTAILS ILLISIBLES",
    "no picture": "sans image",
    "picture": "image à venir",
    "sent": "envoyé...",
    "age": "liste de",
    "source": "source",
    "located": "position connue",
    "not located": "sans position",
    "untrusted": "heure non vérifiée",
    "owner": "Titulaire",
    "no owner": "TITULAIRE ILLISIBLE",
    "lens": "Verres",
    "lens0": "non précisé",
    "lens1": "non exigés",
    "lens2": "exigés",
    "badge": "Insigne",
    "pin": "NIP",
    "menu": "Menu",
    "b confirm": "CONFIRMER",
    "b misread": "MAL LUE",
    "b place": "AUTRE LIEU",
    "b log in": "CONNEXION",
    "b menu": "MENU",
    "b pause": "PAUSE",
    "b resume": "REPRENDRE",
    "b ok": "OK",
    "b erase": "EFFACER",
    "b back": "RETOUR",
    "b down": "RETIRER",
    "b later": "PLUS TARD",
    "m dismiss": "Écarter l'alerte",
    "m log out": "Déconnexion",
    "m hand": "Relève",
    "m mute": "Filtrer la classe basse",
    "m bright": "Luminosité",
    "m volume": "Volume",
    "m light": "Jour / nuit",
    "m tongue": "English",
    "q live": "Système en direct?",
    "q action": "Suite?",
    "q notice": "Avis verbal?",
    "live1": "concorde",
    "live2": "diffère",
    "live3": "non joint",
    "action1": "sans arrêt",
    "action2": "avertissement",
    "action3": "constat",
    "action4": "arrestation",
    "action5": "libéré",
    "action6": "autre conducteur",
    "notice1": "donné",
    "notice2": "omis : sécurité",
    "s2": "insigne ou NIP erroné",
    "s3": "formation échue",
    "s4": "aucun engagement signé",
    "s5": "trop d'essais : attendre",
    "s6": "session terminée",
    "o1": "scellée",
    "o2": "effacée",
    "o3": "délai écoulé, effacée",
    "o4": "se connecter d'abord",
    "o5": "NON STOCKÉE",
    "o6": "retirée",
}
_DOUBTS: Final[Mapping[Doubt, Mapping[Language, str]]] = {
    Doubt.PLACE_UNKNOWN: {"en": "place unknown", "fr-CA": "lieu inconnu"},
    Doubt.LOOKALIKE: {"en": "look-alike", "fr-CA": "semblable"},
    Doubt.TYPE_DIFFERS: {"en": "other type", "fr-CA": "autre type"},
    Doubt.VEHICLE_DIFFERS: {"en": "other vehicle", "fr-CA": "autre véhicule"},
    Doubt.LIST_STALE: {"en": "list too old", "fr-CA": "liste périmée"},
    Doubt.CATEGORY: {"en": "not for a stop", "fr-CA": "catégorie"},
    Doubt.ANSWERED_BEFORE: {"en": "answered", "fr-CA": "déjà traitée"},
}
_HEAD: Final = '''"""The dash unit's words. Made by `hardware/dash/make_words.py`: do not edit."""
'''


def _table(name: str, rows: Mapping[object, object]) -> str:
    lines = "".join(f"    {_literal(key)}: {_literal(value)},\n" for key, value in rows.items())
    return f"{name} = {{\n{lines}}}\n"


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def words() -> str:
    """Return the text of the firmware's module of words."""
    if _ENGLISH.keys() != _FRENCH.keys() or _DOUBTS.keys() != set(Doubt):
        raise ValueError("a word is missing in one of the languages")
    parts = [_HEAD]
    languages: tuple[tuple[str, Language, Mapping[str, str]], ...] = (
        ("ENGLISH", "en", _ENGLISH),
        ("FRENCH", "fr-CA", _FRENCH),
    )
    for name, language, table in languages:
        labels = {
            category.value: category.facts.english if language == "en" else category.facts.french
            for category in Category
        }
        reminders = {category.value: CATEGORIES[language][category].reminder for category in Category}
        doubts = {doubt.value: texts[language] for doubt, texts in _DOUBTS.items()}
        parts.append(_table(name, dict(table)))
        parts.append(_table(f"{name}_LABELS", dict(labels)))
        parts.append(_table(f"{name}_REMINDERS", dict(reminders)))
        parts.append(_table(f"{name}_DOUBTS", dict(doubts)))
    sources = {category.value: category.facts.source.value for category in Category}
    parts.append("# Who vouches for a listing.\n" + _table("SOURCES", dict(sources)))
    confusable = {
        character: CHARACTERS[int(row[0]) - 1]
        for character, row in zip(CHARACTERS, LOOKALIKES[1:], strict=True)
        if row[0]
    }
    parts.append(
        "# A character, and the one that a camera takes for it.\n" + _table("CONFUSABLE", dict(confusable))
    )
    return "\n".join(parts)


def main() -> None:
    """Write the module."""
    TARGET.write_text(words(), "utf-8")


if __name__ == "__main__":
    main()
