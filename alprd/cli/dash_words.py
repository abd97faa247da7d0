"""Every word of the terminal dash, in English and Canadian French, and how long each may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from alprd.alerts.messages import Outcome
from alprd.alerts.requests import SessionCode
from alprd.hotlist.categories import Category
from alprd.records import Doubt, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alprd.alerts.details import CategoryMessage

Language = Literal["en", "fr-CA"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr-CA")

MAX_TITLE: Final = 72
"""Characters of a category in full: the upper edge of the alert has room for so many."""
MAX_ROW: Final = 74
"""Characters of a row within the alert's frame."""
MAX_SIDE: Final = 24
"""Characters of a row beside the picture."""
MAX_WRAPPED_ROWS: Final = 2
"""Rows that all doubts together take at most, and descriptors, too."""

_ENGLISH: Final[Mapping[str, str]] = {
    "reading": "ALPR READING",
    "camera": "CAMERA LOST",
    "no list": "NO LIST",
    "expired": "LIST EXPIRED",
    "stopped": "READING STOPPED",
    "stale": "LIST STALE",
    "offline": "ALPR OFFLINE",
    "list": "list",
    "day": "d",
    "officer": "officer",
    "nobody": "nobody logged in",
    "missed": "hits not shown",
    "fix": "GPS fix",
    "no fix": "GPS no fix",
    "unreachable": "GPS off",
    "listed": "listed for",
    "unknown issuer": "issuer not listed",
    "check": "CHECK THE PROVINCE OR STATE",
    "place": "read as that",
    "read": "read",
    "doubtful": "doubtful",
    "list age": "list age",
    "captured": "captured",
    "located": "location known",
    "not located": "no location",
    "untrusted": "not verified",
    "more": "more waiting",
    "picture": "picture is coming",
    "no picture": "no picture",
    "vehicle": "listed vehicle",
    "no vehicle": "vehicle not described",
    "vehicle coming": "details are coming",
    "unreadable": "DETAILS NOT READABLE",
    "described": "description",
    "colon": ": ",
    "grade": "STOP-GRADE once the live system agrees",
    "no grade": "NOT STOP-GRADE",
    "chance": "chance",
    "next": "Next: compare picture and vehicle; check the live system before a stop.",
    "next doubtful": "Next: compare, settle each doubt, check the live system before any stop.",
    "next stale": "VERIFY LIVE: the list is over its age limit. No stop on this alert.",
    "keys": "[c] confirm [m] misread [w] wrong place [d] dismiss [l] log in [p] pause [q] end",
    "badge": "badge, then Enter (empty: log out): ",
    "pin": "PIN, then Enter: ",
    "paused": "PAUSED",
    "paused long": "PAUSED: the camera is closed. [p] opens it again.",
    "hot": "HOT",
    "covered": "CAMERA COVERED",
    "tampered": "CASE OPENED",
    "muted": "MUTED",
    "waits": "ALERT WAITING: log in [l] to see it.",
    "batched": "passed without a prompt in",
    "report live": "Live system: [1] agrees  [2] differs  [3] not reached   [x] later",
    "report action": (
        "Outcome: [1] no stop  [2] warning  [3] ticket  [4] arrest  [5] released  [6] wrong driver"
    ),
    "report notice": "Say that a camera read the plate: [1] said  [2] withheld for safety",
    "sent": "sent, the unit is working on it",
    "quiet": "No alert. Only plates on the list are ever shown.",
    "category": "category",
    "added": "A category of this service: it may be settled since the list was made.",
    "last": "last answer:",
    "pending": "waiting",
    "owner": "Registered owner",
    "no owner": "OWNER NOT READABLE: look the plate up in the live system",
    "lens": "Corrective lenses",
    "lens None": "not said",
    "lens False": "not required",
    "lens True": "required",
    "owner next": "Check the live system before a stop.",
    "down": "[x] take down",
    "gone": "gone in",
}
_FRENCH: Final[Mapping[str, str]] = {
    "reading": "LECTURE EN COURS",
    "camera": "CAMÉRA PERDUE",
    "no list": "AUCUNE LISTE",
    "expired": "LISTE EXPIRÉE",
    "stopped": "LECTURE ARRÊTÉE",
    "stale": "LISTE PÉRIMÉE",
    "offline": "RAPI HORS LIGNE",
    "list": "liste",
    "day": "j",
    "officer": "agent",
    "nobody": "aucun agent connecté",
    "missed": "alertes non affichées",
    "fix": "GPS position",
    "no fix": "GPS sans position",
    "unreachable": "GPS arrêté",
    "listed": "inscrite pour",
    "unknown issuer": "émetteur non inscrit",
    "check": "VÉRIFIER LA PROVINCE OU L'ÉTAT",
    "place": "lue ainsi",
    "read": "lecture",
    "doubtful": "douteux",
    "list age": "liste de",
    "captured": "captée",
    "located": "position connue",
    "not located": "sans position",
    "untrusted": "non vérifiée",
    "more": "autres en attente",
    "picture": "l'image arrive",
    "no picture": "sans image",
    "vehicle": "véhicule inscrit",
    "no vehicle": "véhicule non décrit",
    "vehicle coming": "les détails arrivent",
    "unreadable": "DÉTAILS ILLISIBLES",
    "described": "description",
    "colon": " : ",
    "grade": "MOTIF D'INTERCEPTION une fois vérifié en direct",
    "no grade": "SANS MOTIF D'INTERCEPTION",
    "chance": "prob.",
    "next": "Comparer image et véhicule; vérifier en direct avant d'intercepter.",
    "next doubtful": "Comparer, lever chaque doute, vérifier en direct avant d'intercepter.",
    "next stale": "VÉRIFIER EN DIRECT : liste périmée. Aucune interception sur ce motif.",
    "keys": "[c] confirmer [m] mal lue [w] autre lieu [d] écarter [l] agent [p] pause [q] fin",
    "badge": "insigne, puis Entrée (vide : déconnexion) : ",
    "pin": "NIP, puis Entrée : ",
    "paused": "EN PAUSE",
    "paused long": "EN PAUSE : la caméra est fermée. [p] la rouvre.",
    "hot": "SURCHAUFFE",
    "covered": "CAMÉRA COUVERTE",
    "tampered": "BOÎTIER OUVERT",
    "muted": "FILTRÉ",
    "waits": "ALERTE EN ATTENTE : connectez-vous [l] pour la voir.",
    "batched": "passées sans alerte en",
    "report live": "Système en direct : [1] concorde  [2] diffère  [3] non joint   [x] plus tard",
    "report action": (
        "Suite : [1] sans arrêt  [2] avertissement  [3] constat  [4] arrestation  [5] libéré"
        "  [6] autre conducteur"
    ),
    "report notice": "Dire qu'une caméra a lu la plaque : [1] dit  [2] omis par sécurité",
    "sent": "envoyé, l'unité traite la réponse",
    "quiet": "Aucune alerte. Seules les plaques de la liste sont affichées.",
    "category": "catégorie",
    "added": "Une catégorie de ce service : elle a pu être réglée depuis.",
    "last": "dernière réponse :",
    "pending": "en attente",
    "owner": "Titulaire de l'immatriculation",
    "no owner": "TITULAIRE ILLISIBLE : chercher la plaque dans le système en direct",
    "lens": "Verres correcteurs",
    "lens None": "non précisé",
    "lens False": "non exigés",
    "lens True": "exigés",
    "owner next": "Vérifier en direct avant d'intercepter.",
    "down": "[x] retirer",
    "gone": "disparaît dans",
}
WORDS: Final[Mapping[Language, Mapping[str, str]]] = {"en": _ENGLISH, "fr-CA": _FRENCH}

OUTCOMES: Final[Mapping[Outcome, Mapping[Language, str]]] = {
    Outcome.SEALED: {"en": "sealed as evidence", "fr-CA": "scellée comme preuve"},
    Outcome.WIPED: {"en": "wiped", "fr-CA": "effacée"},
    Outcome.EXPIRED: {"en": "time ran out, wiped", "fr-CA": "délai écoulé, effacée"},
    Outcome.REFUSED_NO_SESSION: {
        "en": "refused: log in first [l]",
        "fr-CA": "refusée : connectez-vous [l]",
    },
    Outcome.FAILED_TO_STORE: {
        "en": "NOT STORED: call a technician",
        "fr-CA": "NON STOCKÉE : appeler un technicien",
    },
    Outcome.WITHDRAWN: {"en": "withdrawn by the unit", "fr-CA": "retirée par l'unité"},
}
VERDICTS: Final[Mapping[Verdict, Mapping[Language, str]]] = {
    Verdict.CONFIRMED: {"en": "confirmed", "fr-CA": "confirmée"},
    Verdict.MISREAD: {"en": "misread", "fr-CA": "mal lue"},
    Verdict.WRONG_JURISDICTION: {"en": "wrong province or state", "fr-CA": "autre province ou État"},
    Verdict.DISMISSED: {"en": "dismissed", "fr-CA": "écartée"},
    Verdict.UNANSWERED: {"en": "no answer", "fr-CA": "sans réponse"},
}
DOUBTS: Final[Mapping[Doubt, Mapping[Language, str]]] = {
    Doubt.PLACE_UNKNOWN: {"en": "province or state unknown", "fr-CA": "émetteur inconnu"},
    Doubt.LOOKALIKE: {"en": "look-alike plate", "fr-CA": "plaque semblable"},
    Doubt.TYPE_DIFFERS: {"en": "other plate type", "fr-CA": "autre type de plaque"},
    Doubt.VEHICLE_DIFFERS: {"en": "other vehicle", "fr-CA": "autre véhicule"},
    Doubt.LIST_STALE: {"en": "list too old", "fr-CA": "liste périmée"},
    Doubt.CATEGORY: {"en": "not for a stop", "fr-CA": "catégorie"},
    Doubt.ANSWERED_BEFORE: {"en": "answered this shift", "fr-CA": "déjà traitée"},
}
REFUSALS: Final[Mapping[SessionCode, Mapping[Language, str]]] = {
    SessionCode.WRONG: {
        "en": "log-in refused: badge or PIN wrong",
        "fr-CA": "refusé : insigne ou NIP erroné",
    },
    SessionCode.TRAINING_OVER: {
        "en": "log-in refused: training out of date",
        "fr-CA": "refusé : formation échue",
    },
    SessionCode.NO_UNDERTAKING: {
        "en": "log-in refused: no signed undertaking",
        "fr-CA": "refusé : aucun engagement signé",
    },
    SessionCode.LOCKED: {
        "en": "too many tries: wait a minute",
        "fr-CA": "trop d'essais : attendre une minute",
    },
    SessionCode.ENDED: {"en": "session over: log in again", "fr-CA": "session terminée : se reconnecter"},
}


@dataclass(frozen=True, slots=True)
class CategoryText:
    """A category in full, and what the listing does not say: the officer is reminded of it."""

    full: str
    reminder: str


_T = CategoryText
_C = Category
_NO_OWNER: Final = "No vehicle belongs to it: there is no owner to look for."
_SANS_TITULAIRE: Final = "Aucun véhicule ne lui est rattaché : aucun titulaire à chercher."

CATEGORIES: Final[Mapping[Language, Mapping[Category, CategoryText]]] = {
    "en": {
        _C.EXPIRED_STICKER: _T(
            "Licence plate sticker expired", "It may have been renewed since the list was made."
        ),
        _C.TERMINATED_PLATE: _T(
            "Plate terminated", "The driver may not know that the plate is no longer valid."
        ),
        _C.MISSING_LOST_STOLEN: _T(
            "Plate reported missing, lost or stolen", "It may have been found and put back on its vehicle."
        ),
        _C.SUSPENDED_PLATE: _T("Plate suspended", "The plate is suspended, not the driver's licence."),
        _C.UNISSUED_PLATE: _T("Plate never issued, or stolen before it was", _NO_OWNER),
        _C.SPOILED_STOCK: _T("Plate of spoiled stock, never issued", _NO_OWNER),
        _C.UNATTACHED_PLATE: _T(
            "Plate attached to no vehicle", "It may have been attached to one since the list was made."
        ),
        _C.SUSPENDED_DRIVER: _T(
            "Registered to a suspended driver", "Owner suspended: the driver may be another person."
        ),
        _C.UNLICENSED_DRIVER: _T(
            "Registered to an unlicensed driver", "Owner unlicensed: the driver may be another person."
        ),
        _C.STOLEN_PLATE: _T("Plate stolen", "The plate is stolen: the vehicle that it is on may not be."),
        _C.STOLEN_VEHICLE: _T(
            "Vehicle reported stolen", "It may have been recovered: the driver may be its owner."
        ),
        _C.WANTED_PERSON: _T(
            "Registered to a person wanted under a warrant", "Owner wanted: the driver may be another person."
        ),
        _C.UNDER_INVESTIGATION: _T(
            "Registered to a person under criminal investigation",
            "Owner investigated: the driver may be another person.",
        ),
        _C.LINKED_TO_CRIME: _T(
            "Plate connected to an open criminal investigation",
            "The plate is linked to a crime: the driver may have no part in it.",
        ),
        _C.SHORT_SUSPENSION: _T(
            "Registered to a person under a short-term suspension",
            "Owner suspended: the driver may be another person, or the time over.",
        ),
        _C.MISSING_PERSON: _T(
            "Connected to a person reported missing",
            "A missing person is no suspect: see that everyone is safe.",
        ),
        _C.AMBER_ALERT: _T(
            "Connected to an Amber Alert", "A child may be in the vehicle: follow the Amber procedure."
        ),
        _C.SUSPENDED_DRIVER_USE: _T(
            "Believed in use by a suspended driver, not the owner",
            "Suspended, not the owner: the driver may be another person. Compare:",
        ),
    },
    "fr-CA": {
        _C.EXPIRED_STICKER: _T(
            "Vignette d'immatriculation expirée", "Elle a pu être renouvelée depuis que la liste est faite."
        ),
        _C.TERMINATED_PLATE: _T(
            "Plaque annulée", "Le conducteur ignore peut-être que la plaque n'est plus valide."
        ),
        _C.MISSING_LOST_STOLEN: _T(
            "Plaque déclarée égarée, perdue ou volée", "Elle a pu être retrouvée et remise sur son véhicule."
        ),
        _C.SUSPENDED_PLATE: _T("Plaque suspendue", "La plaque est suspendue, non le permis du conducteur."),
        _C.UNISSUED_PLATE: _T("Plaque jamais délivrée, ou volée avant de l'être", _SANS_TITULAIRE),
        _C.SPOILED_STOCK: _T("Plaque mise au rebut, jamais délivrée", _SANS_TITULAIRE),
        _C.UNATTACHED_PLATE: _T(
            "Plaque rattachée à aucun véhicule", "Elle a pu être rattachée depuis que la liste est faite."
        ),
        _C.SUSPENDED_DRIVER: _T(
            "Titulaire au permis suspendu", "Titulaire suspendu : le conducteur peut être une autre personne."
        ),
        _C.UNLICENSED_DRIVER: _T(
            "Titulaire sans permis", "Titulaire sans permis : le conducteur peut être une autre personne."
        ),
        _C.STOLEN_PLATE: _T(
            "Plaque volée", "La plaque est volée : le véhicule qui la porte ne l'est peut-être pas."
        ),
        _C.STOLEN_VEHICLE: _T(
            "Véhicule déclaré volé", "Il a pu être retrouvé : le conducteur en est peut-être propriétaire."
        ),
        _C.WANTED_PERSON: _T(
            "Titulaire visé par un mandat",
            "Titulaire recherché : le conducteur peut être une autre personne.",
        ),
        _C.UNDER_INVESTIGATION: _T(
            "Titulaire visé par une enquête criminelle",
            "Titulaire sous enquête : le conducteur peut être une autre personne.",
        ),
        _C.LINKED_TO_CRIME: _T(
            "Plaque liée à une enquête criminelle en cours",
            "Plaque liée à un crime : le conducteur n'y est peut-être pour rien.",
        ),
        _C.SHORT_SUSPENSION: _T(
            "Titulaire sous suspension de courte durée",
            "Titulaire suspendu : conducteur peut-être autre, ou délai écoulé.",
        ),
        _C.MISSING_PERSON: _T(
            "Plaque liée à une personne disparue",
            "Une personne disparue n'est pas suspecte : voir si chacun va bien.",
        ),
        _C.AMBER_ALERT: _T(
            "Plaque liée à une alerte AMBER", "Un enfant est peut-être à bord : suivre la procédure AMBER."
        ),
        _C.SUSPENDED_DRIVER_USE: _T(
            "Plaque utilisée par un conducteur suspendu, non titulaire",
            "Suspendu, non titulaire : peut-être une autre personne. Comparer :",
        ),
    },
}


def category_text(number: int, language: Language, name: CategoryMessage | None = None) -> CategoryText:
    """Return the text of category ``number``; of one that nobody has told, its number.

    ``name`` is what the unit calls an added one: of what such a listing does not say, nothing is known here.
    """
    if name is not None:
        return CategoryText(name.english if language == "en" else name.french, WORDS[language]["added"])
    try:
        return CATEGORIES[language][Category(number)]
    except ValueError:
        return CategoryText(f"{WORDS[language]['category']} {number}", "")


def doubt_text(doubts: Doubt, language: Language) -> str:
    """Return the reasons of ``doubts``, in their order."""
    return ", ".join(text[language] for doubt, text in DOUBTS.items() if doubt in doubts)
