"""The closed set of reasons for which a plate may be listed.

Twelve come from the sources of Appendix A and six from Appendix B of the Ontario privacy
commissioner's guidance on licence plate recognition by police (2024). Nothing else can be listed but what
a signed record adds, which cites a consultation (`hotlist.category_record`). The numbers stand in sealed
lists and are never changed.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LABEL: Final = 24
"""The dash has room for this many characters."""
MAX_LABEL_BYTES: Final = 48
FIRST_ADDED: Final = 19
LAST_ADDED: Final = 31
"""An added category's number is one of these."""
MAX_CITED_BYTES: Final = 64
MAX_ADDED_DAYS: Final = 366
MAX_UNIX_S: Final = 2**32 - 1
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_MAX_SLUG: Final = 32


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
    is the longest that an entry may stay listed, None where the appendix sets no limit. ``can_stop`` is
    whether an alert can be stop-grade.
    """

    english: str
    french: str
    source: Source
    priority: Priority
    max_days: int | None = None
    can_stop: bool = True


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedCategory:
    """A category beside the closed set, with the consultation that it rests on.

    ``reference`` and ``consulted_with`` say which it was and with whom, ``consulted_s`` when (Unix seconds).
    Raises `ValueError` for one that nobody could see or ask after.
    """

    number: int
    slug: str
    facts: CategoryFacts
    reference: str
    consulted_s: int
    consulted_with: str

    def __post_init__(self) -> None:
        if not FIRST_ADDED <= self.number <= LAST_ADDED:
            raise ValueError(f"an added category's number is {FIRST_ADDED} to {LAST_ADDED}")
        if _SLUG.fullmatch(self.slug) is None or len(self.slug) > _MAX_SLUG:
            raise ValueError(f"a category's slug is 1 to {_MAX_SLUG} of a-z 0-9, with - between them")
        if self.slug in _CLOSED_SLUGS:
            raise ValueError("the slug is one of the closed set's")
        labels = (self.facts.english, self.facts.french)
        if not all(_is_line(label, MAX_LABEL_BYTES) and len(label) <= MAX_LABEL for label in labels):
            raise ValueError(
                f"a category has a public label in both languages, 1 to {MAX_LABEL} printable characters"
            )
        if not 1 <= (self.facts.max_days or 0) <= MAX_ADDED_DAYS:
            raise ValueError(f"an entry of an added category stays 1 to {MAX_ADDED_DAYS} days at most")
        if not _is_line(self.reference, MAX_CITED_BYTES):
            raise ValueError("an added category cites the consultation that it rests on: its reference")
        if not _is_line(self.consulted_with, MAX_CITED_BYTES):
            raise ValueError("an added category cites the consultation that it rests on: who was asked")
        if not 0 < self.consulted_s <= MAX_UNIX_S:
            raise ValueError("an added category cites the consultation that it rests on: its date")


class CategoryTable:
    """The closed set and what a record in force adds to it. Raises `ValueError` when those contradict."""

    def __init__(self, added: Iterable[AddedCategory] = ()) -> None:
        self.added = tuple(added)
        if not all(a.number < b.number for a, b in pairwise(self.added)):
            raise ValueError("the added categories are not sorted by number, or one stands twice")
        self._facts: dict[int, CategoryFacts] = {
            **{int(category): facts for category, facts in FACTS.items()},
            **{one.number: one.facts for one in self.added},
        }
        self._slugs = {
            **{int(category): category.slug for category in Category},
            **{one.number: one.slug for one in self.added},
        }
        self._numbers = {slug: number for number, slug in self._slugs.items()}
        if len(self._numbers) < len(self._slugs):
            raise ValueError("two added categories have the same slug")

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all categories, sorted."""
        return tuple(self._facts)

    def facts(self, number: int) -> CategoryFacts:
        """Return what goes with category ``number``. Raises `KeyError` when there is none."""
        return self._facts[number]

    def slug(self, number: int) -> str:
        """Return the name that a custodian writes. Raises `KeyError`."""
        return self._slugs[number]

    def number(self, slug: str) -> int | None:
        """Return the number of the category that is called so, None when none is."""
        return self._numbers.get(slug)


def _is_line(text: str, most_bytes: int) -> bool:
    return text.isprintable() and text == text.strip() and 1 <= len(text.encode()) <= most_bytes


_CLOSED_SLUGS: Final = frozenset(category.slug for category in Category)
CLOSED_SET: Final = CategoryTable()
"""The categories of the appendices alone."""


def counted_as(number: int) -> str:
    """Return what counts and logs call category ``number``: its slug, or ``added-19`` for one that was added.

    An added category's slug stands in the record that added it, and that can be replaced.
    """
    return Category(number).slug if number < FIRST_ADDED else f"added-{number}"
