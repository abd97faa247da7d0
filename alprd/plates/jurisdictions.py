"""The closed table of issuing provinces, territories and states, with their numbers.

The numbers stand in sealed lists and evidence records: a row is never renumbered or taken out.
"""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "??"
"""A listed plate whose issuer the source did not give."""

JURISDICTIONS: Final[tuple[str, ...]] = (
    UNKNOWN,
    # Canada: ten provinces and three territories, from 1.
    *("CA-AB", "CA-BC", "CA-MB", "CA-NB", "CA-NL", "CA-NS", "CA-NT", "CA-NU", "CA-ON", "CA-PE"),
    *("CA-QC", "CA-SK", "CA-YT"),
    # United States: fifty states and the District of Columbia, from 14.
    *("US-AL", "US-AK", "US-AZ", "US-AR", "US-CA", "US-CO", "US-CT", "US-DE", "US-DC", "US-FL"),
    *("US-GA", "US-HI", "US-ID", "US-IL", "US-IN", "US-IA", "US-KS", "US-KY", "US-LA", "US-ME"),
    *("US-MD", "US-MA", "US-MI", "US-MN", "US-MS", "US-MO", "US-MT", "US-NE", "US-NV", "US-NH"),
    *("US-NJ", "US-NM", "US-NY", "US-NC", "US-ND", "US-OH", "US-OK", "US-OR", "US-PA", "US-RI"),
    *("US-SC", "US-SD", "US-TN", "US-TX", "US-UT", "US-VT", "US-VA", "US-WA", "US-WV", "US-WI"),
    "US-WY",
)
"""Name of each jurisdiction at its number; ISO 3166-2 codes."""

_NUMBER_OF: Final = {name: number for number, name in enumerate(JURISDICTIONS)}


def jurisdiction_number(name: str) -> int:
    """Return the number of jurisdiction ``name`` (like ``CA-ON`` or ``??``).

    Raises `ValueError` when the table does not hold it.
    """
    number = _NUMBER_OF.get(name)
    if number is None:
        raise ValueError("a jurisdiction is ?? or an ISO 3166-2 code of Canada or the United States")
    return number


def jurisdiction_name(number: int) -> str:
    """Return the name of jurisdiction ``number``. Raises `ValueError` when the table ends before it."""
    if not 0 <= number < len(JURISDICTIONS):
        raise ValueError(f"a jurisdiction's number is 0 to {len(JURISDICTIONS) - 1}; found {number}")
    return JURISDICTIONS[number]
