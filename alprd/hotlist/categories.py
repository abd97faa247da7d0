"""The closed set of reasons for which a plate may be listed.

Twelve come from the sources of Appendix A and six from Appendix B of the Ontario privacy
commissioner's guidance on licence plate recognition by police (2024). Nothing else can be listed:
the format has no number for it. The numbers stand in sealed lists and are never changed.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

MAX_LABEL: Final = 24
"""The dash has room for this many characters."""


class Source(enum.Enum):
    """Who vouches for the listing."""

    MTO = "MTO"
    """Ministry of Transportation, Appendix A."""
    CPIC = "CPIC"
    """Canadian Police Information Centre, Appendix A."""
    SERVICE = "SERVICE"
    """The police service's own manual entry, Appendix B."""


class Priority(enum.IntEnum):
    """How urgent an alert is, highest last. The dash orders and sounds by it."""

    ADMINISTRATIVE = 1
    """The plate's own papers."""
    DRIVING = 2
    """The registrant may not drive, or the plate is misused."""
    CRIME = 3
    """The vehicle or the plate is part of a crime."""
    LIFE_SAFETY = 4
    """A person is in danger or wanted: never muted."""


class Category(enum.IntEnum):
    """Why a plate is listed, in the order of the appendices."""

    EXPIRED_STICKER = 1
    TERMINATED_PLATE = 2
    MISSING_LOST_STOLEN = 3
    SUSPENDED_PLATE = 4
    UNISSUED_PLATE = 5
    SPOILED_STOCK = 6
    UNATTACHED_PLATE = 7
    SUSPENDED_DRIVER = 8
    UNLICENSED_DRIVER = 9
    STOLEN_PLATE = 10
    STOLEN_VEHICLE = 11
    WANTED_PERSON = 12
    UNDER_INVESTIGATION = 13
    LINKED_TO_CRIME = 14
    SHORT_SUSPENSION = 15
    MISSING_PERSON = 16
    AMBER_ALERT = 17
    SUSPENDED_DRIVER_USE = 18

    @property
    def slug(self) -> str:
        """Return the name that a custodian writes, like ``stolen-vehicle``."""
        return self.name.lower().replace("_", "-")

    @property
    def facts(self) -> CategoryFacts:
        """Return the category's labels, source and priority."""
        return FACTS[self]


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """What goes with a category.

    ``english`` and ``french`` (Canadian) are the dash's labels, at most 24 characters. ``max_days``
    is the longest that an entry may stay listed, None where the appendix sets no limit.
    """

    english: str
    french: str
    source: Source
    priority: Priority
    max_days: int | None = None


_MTO, _CPIC, _SERVICE = Source.MTO, Source.CPIC, Source.SERVICE
_ADMIN, _DRIVING, _CRIME, _LIFE = Priority
_C = Category

FACTS: Final[dict[Category, CategoryFacts]] = {
    _C.EXPIRED_STICKER: CategoryFacts("Expired plate sticker", "Vignette expirée", _MTO, _ADMIN),
    _C.TERMINATED_PLATE: CategoryFacts("Terminated plate", "Plaque annulée", _MTO, _ADMIN),
    _C.MISSING_LOST_STOLEN: CategoryFacts(
        "Missing, lost or stolen", "Égarée, perdue ou volée", _MTO, _DRIVING
    ),
    _C.SUSPENDED_PLATE: CategoryFacts("Suspended plate", "Plaque suspendue", _MTO, _DRIVING),
    _C.UNISSUED_PLATE: CategoryFacts("Un-issued plate", "Plaque non délivrée", _MTO, _DRIVING),
    _C.SPOILED_STOCK: CategoryFacts("Spoiled stock", "Plaque mise au rebut", _MTO, _ADMIN),
    _C.UNATTACHED_PLATE: CategoryFacts("Unattached plate", "Plaque non rattachée", _MTO, _ADMIN),
    _C.SUSPENDED_DRIVER: CategoryFacts("Registrant suspended", "Titulaire suspendu", _MTO, _DRIVING),
    _C.UNLICENSED_DRIVER: CategoryFacts("Registrant unlicensed", "Titulaire sans permis", _MTO, _DRIVING),
    _C.STOLEN_PLATE: CategoryFacts("Stolen plate", "Plaque volée", _CPIC, _CRIME),
    _C.STOLEN_VEHICLE: CategoryFacts("Stolen vehicle", "Véhicule volé", _CPIC, _CRIME),
    _C.WANTED_PERSON: CategoryFacts("Registrant wanted", "Titulaire sous mandat", _CPIC, _LIFE),
    _C.UNDER_INVESTIGATION: CategoryFacts(
        "Registrant investigated", "Titulaire sous enquête", _SERVICE, _CRIME
    ),
    _C.LINKED_TO_CRIME: CategoryFacts("Plate linked to crime", "Plaque liée à un crime", _SERVICE, _CRIME),
    _C.SHORT_SUSPENSION: CategoryFacts("Short-term suspension", "Suspension temporaire", _SERVICE, _DRIVING),
    _C.MISSING_PERSON: CategoryFacts("Missing person", "Personne disparue", _SERVICE, _LIFE),
    _C.AMBER_ALERT: CategoryFacts("Amber Alert", "Alerte Amber", _SERVICE, _LIFE),
    _C.SUSPENDED_DRIVER_USE: CategoryFacts(
        "Used by suspended driver", "Conducteur suspendu", _SERVICE, _DRIVING, max_days=30
    ),
}
"""Every category has its row; tests hold the set to the appendices' numbers."""
