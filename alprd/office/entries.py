"""A plate that an officer lists by hand: what must be said, and for how long it may stay. Pure.

Categories and the rules of the last one are Appendix B of the Ontario privacy commissioner's guidance
(2024). That appendix limits the last category to thirty days and leaves the others to the service's
policy: their caps here are this project's, and a service may only go under them.
"""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from alprd.errors import OfficeInputError, printable
from alprd.hotlist.categories import CLOSED_SET, Category, Source
from alprd.hotlist.plate_types import UNKNOWN, plate_type_number
from alprd.office.people import check_badge, check_name
from alprd.plates.jurisdictions import jurisdiction_number
from alprd.plates.normal import normal_form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alprd.hotlist.categories import CategoryTable

DAY_S: Final = 86_400
MAX_LINE: Final = 255
"""Bytes of UTF-8: a field of a list's details has one byte for its length."""
MIN_REASON: Final = 10
MIN_DESCRIPTORS: Final = 10
_MAX_CASE: Final = 32

CAP_DAYS: Final[dict[Category, int]] = {
    Category.UNDER_INVESTIGATION: 90,
    Category.LINKED_TO_CRIME: 90,
    Category.SHORT_SUSPENSION: 90,
    Category.MISSING_PERSON: 30,
    Category.AMBER_ALERT: 7,
    Category.SUSPENDED_DRIVER_USE: 30,
}
"""The longest that an entry may stay. 90 days is the longest short-term suspension for alcohol."""


def manual_days(categories: CategoryTable) -> dict[str, int]:
    """Return the categories that can be entered by hand, by name, and how many days each may stay at most."""
    added = {one.number: one.facts.max_days for one in categories.added if one.facts.source is Source.SERVICE}
    caps: dict[int, int | None] = {**{int(one): days for one, days in CAP_DAYS.items()}, **added}
    return {categories.slug(number): days or 0 for number, days in caps.items()}


NEEDS_CASE: Final = frozenset({Category.UNDER_INVESTIGATION.slug, Category.LINKED_TO_CRIME.slug})


class Scope(enum.Enum):
    """Who gets the entry."""

    INTERNAL = "internal"
    """The service's own units."""
    ONTARIO = "ontario"
    """All ALPR users in Ontario."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an officer says. Everything may be missing here; `check` says what must not be.

    ``days`` is how long the plate is to stay, ``suspension_ends_s`` (Unix seconds) when the suspension does.
    """

    plate: str = ""
    jurisdiction: str = ""
    plate_type: str = UNKNOWN
    category: str = ""
    officer: str = ""
    badge: str = ""
    reason: str = ""
    case: str = ""
    days: int | None = None
    suspension_ends_s: int | None = None
    scope: str = Scope.INTERNAL.value
    descriptors: str = ""
    attested: bool = False
    make: str = ""
    model: str = ""
    year: str = ""
    colour: str = ""
    vehicle_class: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A checked entry. ``number`` is like ``M12``; ``plate`` is the normal form; times are Unix seconds."""

    number: str
    plate: str
    jurisdiction: str
    plate_type: str
    category: str
    officer: str
    badge: str
    reason: str
    case: str
    scope: str
    descriptors: str
    attested: bool
    make: str
    model: str
    year: str
    colour: str
    vehicle_class: str
    created_s: int
    expires_s: int

    def is_same_listing(self, other: Entry) -> bool:
        """Return whether both list the same plate of the same issuer for the same reason."""
        return (self.plate, self.jurisdiction, self.category) == (
            other.plate,
            other.jurisdiction,
            other.category,
        )


_VEHICLE: Final = ("make", "model", "colour", "vehicle_class")


def check(draft: Draft, *, number: str, now_s: int, categories: CategoryTable = CLOSED_SET) -> Entry:
    """Return ``draft`` as an entry from ``now_s`` on. Raises `OfficeInputError`, a message for each fault."""
    caps = manual_days(categories)
    category = _category(draft.category, caps)
    reason = _line(draft.reason, "the reason")
    if len(reason) < MIN_REASON:
        raise OfficeInputError(f"the reason is missing: at least {MIN_REASON} characters are expected")
    _check_last_category(category, draft)
    return Entry(
        number=number,
        plate=_plate(draft.plate),
        jurisdiction=_jurisdiction(draft.jurisdiction),
        plate_type=_plate_type(draft.plate_type),
        category=category,
        officer=_of_officer(check_name, draft.officer),
        badge=_of_officer(check_badge, draft.badge),
        reason=reason,
        case=_case(category, draft.case),
        scope=_scope(draft.scope),
        descriptors=_line(draft.descriptors, "the physical descriptors"),
        attested=draft.attested,
        year=_year(draft.year),
        **{name: _line(getattr(draft, name), f"the vehicle's {name}") for name in _VEHICLE},
        created_s=now_s,
        expires_s=_expiry(category, caps[category], draft, now_s),
    )


def corrected(entry: Entry, changes: Mapping[str, str], categories: CategoryTable = CLOSED_SET) -> Entry:
    """Return ``entry`` with ``changes`` (of a `Draft`'s texts), checked anew, with its old times.

    Raises `OfficeInputError`; also when the category would change, which is another entry.
    """
    if "category" in changes and changes["category"] != entry.category:
        raise OfficeInputError(
            "a correction does not change the category", hint="Remove the entry and add another one."
        )
    said: dict[str, Any] = {
        field.name: getattr(entry, field.name) for field in fields(Draft) if hasattr(entry, field.name)
    }
    # The times are not said again: an entry keeps those that it had.
    draft = Draft(**{**said, **changes, "days": 1, "suspension_ends_s": entry.expires_s})
    checked = check(draft, number=entry.number, now_s=entry.created_s, categories=categories)
    return replace(checked, expires_s=entry.expires_s)


def as_fields(entry: Entry) -> dict[str, object]:
    """Return ``entry`` as plain values."""
    return asdict(entry)


def entry_of(values: Mapping[str, Any]) -> Entry:
    """Return the entry of `as_fields`. Raises `OfficeInputError` when it is none."""
    types = {"attested": bool, "created_s": int, "expires_s": int}
    names = {field.name for field in fields(Entry)}
    if values.keys() != names or any(type(values[n]) is not types.get(n, str) for n in names):
        raise OfficeInputError("an entry of the vault has not exactly an entry's fields")
    return Entry(**values)


def _category(slug: str, caps: Mapping[str, int]) -> str:
    if not slug.strip():
        raise OfficeInputError("the category is missing", hint=f"It is one of {', '.join(caps)}.")
    if slug not in caps:
        raise OfficeInputError(
            f"the category {printable(slug)!r} is none that can be entered by hand",
            hint=f"It is one of {', '.join(caps)}.",
        )
    return slug


def _plate(text: str) -> str:
    if not text.strip():
        raise OfficeInputError("the plate is missing")
    if any(mark in text for mark in "*?%_#"):
        raise OfficeInputError("a plate is listed whole: there are no wildcards")
    try:
        return normal_form(text)
    except ValueError as error:
        raise OfficeInputError(str(error)) from None


def _jurisdiction(name: str) -> str:
    if not name.strip():
        raise OfficeInputError("the jurisdiction is missing", hint="It is like CA-ON, or ?? when not known.")
    try:
        jurisdiction_number(name)
    except ValueError as error:
        raise OfficeInputError(str(error)) from None
    return name


def _plate_type(name: str) -> str:
    try:
        plate_type_number(name)
    except ValueError as error:
        raise OfficeInputError(str(error)) from None
    return name


def _of_officer(rule: Callable[[str], str], text: str) -> str:
    try:
        return rule(text)
    except OfficeInputError as error:
        raise OfficeInputError(str(error).replace("the ", "the officer's ", 1)) from None


def _case(category: str, text: str) -> str:
    case = text.strip()
    if not case and category in NEEDS_CASE:
        raise OfficeInputError(f"the case number is missing: {category} is for an open and active case only")
    if len(case) > _MAX_CASE or not case.isprintable():
        raise OfficeInputError(f"a case number has at most {_MAX_CASE} printable characters")
    return case


def _scope(text: str) -> str:
    try:
        return Scope(text).value
    except ValueError:
        raise OfficeInputError(f"the scope is {Scope.INTERNAL.value} or {Scope.ONTARIO.value}") from None


def _expiry(category: str, cap: int, draft: Draft, now_s: int) -> int:
    if draft.days is None:
        raise OfficeInputError(
            "the duration is missing: no entry stays for ever", hint=f"Say how many days, 1 to {cap}."
        )
    if not 1 <= draft.days <= cap:
        raise OfficeInputError(f"an entry of {category} stays 1 to {cap} days; found {draft.days}")
    expires = now_s + draft.days * DAY_S
    if category != Category.SHORT_SUSPENSION.slug:
        return expires
    if draft.suspension_ends_s is None:
        raise OfficeInputError(
            "the end of the suspension is missing: the entry ends with it",
            hint="Give it with --suspension-ends, like 2026-05-01.",
        )
    if draft.suspension_ends_s <= now_s:
        raise OfficeInputError("the suspension has ended already")
    return min(expires, draft.suspension_ends_s)


def _check_last_category(category: str, draft: Draft) -> None:
    if category != Category.SUSPENDED_DRIVER_USE.slug:
        return
    if draft.scope != Scope.INTERNAL.value:
        raise OfficeInputError(
            f"an entry of {category} stays internal: it is never given to other services",
            hint="Leave --scope out.",
        )
    if len(draft.descriptors.strip()) < MIN_DESCRIPTORS:
        raise OfficeInputError(
            "the physical descriptors of the suspended driver are missing: "
            f"at least {MIN_DESCRIPTORS} characters",
            hint="The officer must be able to tell the driver from the registered owner.",
        )
    if not draft.attested:
        raise OfficeInputError(
            "the attestation is missing: that the driver's record under the Highway Traffic Act raises "
            "public safety concerns",
            hint="When the officer attests it, add --attest-hta-record.",
        )


def _year(text: str) -> str:
    year = text.strip()
    if year and not (len(year) == 4 and year.isascii() and year.isdigit() and "1900" <= year <= "2100"):  # noqa: PLR2004 - a year's digits
        raise OfficeInputError("the vehicle's year has four digits, 1900 to 2100")
    return year


def _line(text: str, what: str) -> str:
    line = text.strip()
    if len(line.encode()) > MAX_LINE or not line.isprintable():
        raise OfficeInputError(f"{what} is one line of at most {MAX_LINE} bytes")
    return line
