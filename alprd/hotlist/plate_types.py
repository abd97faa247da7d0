"""The closed table of plate types, with their numbers.

The numbers stand in sealed lists: a row is never renumbered or taken out.
"""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "unknown"
"""A listed plate whose type the source did not give."""

PLATE_TYPES: Final[tuple[str, ...]] = (
    UNKNOWN,
    "passenger",
    "commercial",
    "motorcycle",
    "trailer",
    "bus",
    "dealer",
    "farm",
    "diplomatic",
    "government",
    "historic",
    "off-road",
    "temporary",
)
"""Name of each plate type at its number."""

_NUMBER_OF: Final = {name: number for number, name in enumerate(PLATE_TYPES)}


def plate_type_number(name: str) -> int:
    """Return the number of plate type ``name``. Raises `ValueError` when the table does not hold it."""
    number = _NUMBER_OF.get(name)
    if number is None:
        raise ValueError(f"a plate type is one of {', '.join(PLATE_TYPES)}")
    return number
