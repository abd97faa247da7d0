"""Plates that cannot be: placeholders of a source, and serials outside their issuer's formats. Pure.

A placeholder is no plate and is never listed. A serial outside the formats is told to the custodian and
stays: personal plates are in no format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.plates.alphabet import CHARACTERS, CODES, MAX_CHARACTERS
from alprd.plates.grammar import choices_of, formats_of
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.plates.normal import WEIGHTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLACEHOLDERS: Final = frozenset(
    {
        *(
            "NONE",
            "NOPLATE",
            "NOPLATES",
            "NOTAG",
            "NOTAGS",
            "NOTKNOWN",
            "UNKNOWN",
            "UNK",
            "UNKN",
            "NA",
            "NIL",
        ),
        *("NULL", "VOID", "BLANK", "MISSING", "TEST", "TESTING", "SAMPLE", "SPECIMEN", "DEALER", "TEMP"),
        *("NOTAVAIL", "PLATE", "INTRANSIT", "STOLEN", "LOST", "EXPIRED", "TBD", "PENDING", "ASDF", "QWERTY"),
        *("190", "1234567", "12345678", "123456789", "1234567890", "ABCDEFG"),
    }
)
"""Texts that sources write where there is no plate. Serials that are issued, like ABC123, are not
among them."""

_BITS: Final = np.uint32


def is_placeholder(text: str) -> bool:
    """Return whether ``text`` (normal form) is no plate: a placeholder, one character, or only 0 or X."""
    return text in PLACEHOLDERS or len(text) == 1 or not text.strip("0") or not text.strip("X")


def outside_grammar(keys: NDArray[np.uint64], jurisdictions: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which packed ``keys`` are in no serial format of their jurisdiction; both of shape (n,).

    False where the jurisdiction is unknown or has no formats. As `alprd.plates.grammar.fits`, for many.
    """
    place = jurisdictions.astype(np.intp)
    mask = np.full(len(keys), ~_BITS(0))
    length = np.zeros(len(keys), np.intp)
    for position in range(MAX_CHARACTERS):
        code = (keys // WEIGHTS[position] % np.uint64(CODES)).astype(np.intp)
        length += code > 0
        mask &= _MAY[place, position, code]
    mask &= _LENGTHS[place, length]
    outside: NDArray[np.bool_] = (mask == 0) & _HAS_FORMATS[place]
    return outside


def _tables() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return which formats (a bit each) let a code stand at a place, and which have a length."""
    may = np.zeros((len(JURISDICTIONS), MAX_CHARACTERS, CODES), _BITS)
    lengths = np.zeros((len(JURISDICTIONS), MAX_CHARACTERS + 1), _BITS)
    for place in range(len(JURISDICTIONS)):
        for number, form in enumerate(formats_of(place)):
            bit = _BITS(1 << number)
            choices = choices_of(form.pattern)
            lengths[place, len(choices)] |= bit
            may[place, len(choices) :, :] |= bit  # past the end the length decides
            for position, characters in enumerate(choices):
                for character in characters:
                    may[place, position, CHARACTERS.index(character) + 1] |= bit
    return may, lengths


_MAY, _LENGTHS = _tables()
_HAS_FORMATS: Final = (_LENGTHS != 0).any(axis=1)
