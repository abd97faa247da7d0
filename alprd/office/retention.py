"""How long evidence is kept: a year from its last use, a by-law's days, holds and consent. Pure.

The year is that of section 5 of Regulation 823 (MFIPPA) and section 5(1) of Regulation 460 (FIPPA), see
`alprd/docs/office.md`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alprd.errors import OfficeInputError

if TYPE_CHECKING:
    from alprd.office.evidence_register import Held

ONE_YEAR: Final = 0
"""In the place of days: a calendar year."""
_MAX_BY_LAW_DAYS: Final = 364
_MAX_TEXT: Final = 200
_DAY_S: Final = 86_400
_LEAP_DAY: Final = (2, 29)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a record is not destroyed before ``until_s``. ``number`` is like ``H3``, ``by`` a badge."""

    number: str
    by: str
    why: str
    set_s: int
    until_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how many days evidence is kept after its last use; `ONE_YEAR`, or fewer by the by-law named.

    Raises `OfficeInputError`.
    """

    days: int = ONE_YEAR
    by_law: str = ""

    def __post_init__(self) -> None:
        if not ONE_YEAR <= self.days <= _MAX_BY_LAW_DAYS:
            raise OfficeInputError(f"a by-law shortens the year: to 1 to {_MAX_BY_LAW_DAYS} days")
        if bool(self.days) != bool(self.by_law):
            raise OfficeInputError("fewer days than a year need the resolution or by-law that says so")
        if len(self.by_law) > _MAX_TEXT or not self.by_law.isprintable():
            raise OfficeInputError(f"a by-law is named in at most {_MAX_TEXT} printable characters")

    @property
    def told(self) -> str:
        """How it is said to people."""
        return f"{self.days} days by {self.by_law}" if self.days else "one year"

    def ends_s(self, used_s: int) -> int:
        """Return the Unix seconds at which it ends for what was last used at ``used_s``."""
        if self.days:
            return used_s + self.days * _DAY_S
        used = dt.datetime.fromtimestamp(used_s, tz=dt.UTC)
        if (used.month, used.day) == _LEAP_DAY:  # a year later there is none: the day after, never before
            used += dt.timedelta(days=1)
        return int(used.replace(year=used.year + 1).timestamp())


ONE: Final = Retention()
"""What holds until a by-law says otherwise."""


def holds_at(held: Held, now_s: int) -> list[Hold]:
    """Return the holds on ``held`` that are in force."""
    return [hold for hold in held.holds if now_s < hold.until_s]


def due_because(held: Held, retention: Retention, now_s: int) -> str | None:
    """Return why ``held`` would be destroyed now if no hold were on it, None when its time has not come."""
    if held.consent:
        return f"consent: {held.consent}"
    if retention.ends_s(held.used_s) <= now_s:
        return f"{retention.told} since its last use"
    return None
