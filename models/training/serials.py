"""Serials and small lettering of rendered training plates.

North America's formats are those of `alprd.plates.grammar`, and patterns are written as there; the
formats of elsewhere stand here. A blank is a gap, ``-`` and ``.`` are drawn but not read, ``^`` is an
ornament, ``|`` begins the lower line, braces hold small stacked letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from alprd.plates.alphabet import CHARACTERS
from alprd.plates.grammar import CLASSES, LETTERS, formats_of
from alprd.plates.jurisdictions import JURISDICTIONS
from models.training.designs import PLACE_WEIGHTS, REST_OF_CANADA, REST_OF_STATES, SIDE_WORDS
from models.training.vanity import draw_vanity

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIGURES: Final = "0123456789"

BRITAIN: Final = (
    "AA99 AAA", "AA99 AAA", "AA99 AAA", "AA99AAA", "A999 AAA", "A99 AAA", "AAA 999A", "A9 AAA", "AAA 9999",
)  # fmt: skip
EUROPE: Final = (
    "AA AA 999", "A AA 999", "A AA 9999", "AAA A 999", "AA A 9999", "A A 9999", "AA AA 99", "AAA AA 99",
    "9999 AAA", "AA-999-AA", "AA 999 AA", "99-AA-99", "AA-99-99", "99-AAA-9", "A-999-AA", "AAA 999",
    "9-AAA-999", "AAA-999", "AA 99999", "A 99999", "AA 99 AAA", "A 99 AAA", "9A9 9999", "A 999 AA",
    "99 A 9999", "999 AA 99", "A 999 AA 99", "AA 9999 A", "AA-9999", "AA 99 999", "AAA 9999", "A-9999-AA",
    "9999-AAA",
)  # fmt: skip
ELSEWHERE: Final = (
    "AAA-9999", "AAA 9A99", "AAA9A99", "AAA-999", "AAA 999", "99A-9AA", "9AA 9AA", "AA 99 A 9999",
    "AA99AA9999", "AA 99 AA 9999", "AA 999", "AAA 99", "AA-9999", "AAA-99A", "A 99999", "99-999-99",
    "AAA 9999", "AA 999 AAA", "AA-99-AA", "9AA-999", "A99999",
)  # fmt: skip
TWO_LINE: Final = (
    "AA|999", "AAA|999", "AA|9999", "A99|99", "AA99|AA9999", "AA99|A9999", "AAA|9999", "AA99|AAA",
    "AA 99|AAA", "AAA|99A", "99|9999", "CC|999", "CC|99C", "9C|999", "AAA 99|9999", "AAA|A99", "AA9|9AA",
    "A999|AAA", "AAA 9|999", "AA-99|A-9999", "AAA-99|9999", "999|AAA", "9AA|999", "A9|9999", "AA9A|999",
    "AA 9|9999", "AAA-99|999",
)  # fmt: skip

ELSEWHERE_FAMILIES: Final[tuple[tuple[float, str, tuple[str, ...]], ...]] = (
    (7.0, "gb", BRITAIN),
    (9.0, "eu", EUROPE),
    (2.5, "elsewhere", ELSEWHERE),
    (3.5, "two-line", TWO_LINE),
)
VANITY_SHARE: Final = 0.19
MOTORCYCLE_SHARE: Final = 0.025
STACKED_SHARE: Final = 0.26

WORDS: Final = (
    "City Motors", "Toyota of Ann", "www.autohaus.de", "Islamabad", "Sindh", "Punjab", "New South Wales",
    "Queensland", "Victoria", "The Education State", "EXPIRES", "JAN", "MAR", "JUL", "SEP", "DEC 2019", "21",
    "2014", "18", "Autohaus Meier", "GOVT OF SINDH",
    "NSW", "RIYADH", "BAYERN", "MOTOR TAX", "HILLSIDE GARAGE",
)  # fmt: skip
"""Small lettering on plates from elsewhere: it must not be read."""


class _Issuer(NamedTuple):
    """A family and what is drawn of it."""

    share: float
    family: str
    patterns: tuple[str, ...]
    weights: NDArray[np.float64]


def _issuers() -> tuple[_Issuer, ...]:
    rows = []
    for place in range(1, len(JURISDICTIONS)):
        name = JURISDICTIONS[place]
        rest = REST_OF_CANADA if name.startswith("CA") else REST_OF_STATES
        formats = formats_of(place)
        weights = np.array([form.weight for form in formats], np.float64)
        patterns = tuple(form.pattern for form in formats)
        rows.append(_Issuer(PLACE_WEIGHTS.get(name, rest), name, patterns, weights / weights.sum()))
    for share, name, patterns in ELSEWHERE_FAMILIES:
        rows.append(_Issuer(share, name, patterns, np.full(len(patterns), 1 / len(patterns))))
    return tuple(rows)


_ISSUERS: Final = _issuers()
_SHARES: Final = np.array([issuer.share for issuer in _ISSUERS]) / sum(issuer.share for issuer in _ISSUERS)


def draw_serial(rng: np.random.Generator) -> tuple[str, str]:
    """Return a family (a jurisdiction's name, gb, eu, elsewhere, two-line) and one serial of it."""
    issuer = _ISSUERS[int(rng.choice(len(_ISSUERS), p=_SHARES))]
    return issuer.family, draw_serial_of(issuer.family, rng)


def draw_serial_of(family: str, rng: np.random.Generator) -> str:
    """Return one serial of ``family``, its marks, gaps, ornaments (^) and {small letters} included."""
    issuer = next(row for row in _ISSUERS if row.family == family)
    american = "-" in family and family != "two-line"
    if american and rng.random() < VANITY_SHARE:
        return draw_vanity(rng, 8 if family == "CA-ON" else 7)
    pattern = issuer.patterns[int(rng.choice(len(issuer.patterns), p=issuer.weights))]
    serial = filled(pattern, family, rng)
    if american and rng.random() < MOTORCYCLE_SHARE:
        return _two_lines(serial)
    if american and "{" not in serial and len(text_of(serial)) < 7 and rng.random() < STACKED_SHARE:
        small, more = _small(rng), _small(rng)
        kind = rng.random()
        if kind < 0.08 and len(text_of(serial)) < 5:
            return small + serial + more
        return small + serial if kind < 0.65 else serial + small
    return serial


def filled(pattern: str, family: str, rng: np.random.Generator) -> str:
    """Return a serial of ``pattern``."""
    anything = rng.random() < 0.05  # a few issuers do use I, O and Q
    serial: list[str] = []
    small = False
    for place, mark in enumerate(pattern):
        choice = CLASSES.get(mark)
        if mark in "{}":
            small = mark == "{"
            serial.append(mark)
        elif small or choice is None:
            serial.append(mark.upper())
        elif family == "CA-ON" and place == 0 and pattern.startswith("CCCC") and rng.random() < 0.7:
            serial.append("ABCD"[int(rng.integers(4))])
        else:
            if mark == "A" and (anything or "-" not in family or family == "two-line"):
                choice = LETTERS
            serial.append(choice[int(rng.integers(len(choice)))])
    return "".join(serial)


def _small(rng: np.random.Generator) -> str:
    """Return a group of small stacked letters: a kind of plate, or a county's or branch's code."""
    if rng.random() < 0.6:
        return "{" + SIDE_WORDS[int(rng.integers(len(SIDE_WORDS)))] + "}"
    marks = LETTERS if rng.random() < 0.5 else CHARACTERS
    return "{" + "".join(marks[int(i)] for i in rng.integers(len(marks), size=2 + (rng.random() < 0.2))) + "}"


def _two_lines(serial: str) -> str:
    """Return ``serial`` as a motorcycle's plate has it, broken at its gap or in the middle."""
    flat = serial.replace("^", " ").replace("-", " ")
    if " " in flat:
        return flat.replace(" ", "|", 1).replace(" ", "")
    half = len(flat) // 2
    return flat if "{" in flat else flat[:half] + "|" + flat[half:]


def text_of(serial: str) -> str:
    """Return what is to be read of ``serial``: its A-Z and 0-9, small letters in braces left out."""
    kept: list[str] = []
    small = False
    for mark in serial:
        if mark in "{}":
            small = mark == "{"
        elif mark.isalnum() and not small:
            kept.append(mark)
    return "".join(kept)
