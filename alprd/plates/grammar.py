"""The serial formats of every province, territory and state: which reads can be whose.

A format is a pattern, a character a place: ``A`` a letter of serials (no I, O, Q), ``C`` a letter of
Ontario's, ``B`` of British Columbia's, ``T`` of Texas's, ``9`` any figure, ``#`` a figure but 0, any
other figure and each small letter itself (``t`` is the letter T). A blank,
``-`` and ``^`` (where an ornament stands) are not read, nor is what stands in braces: small stacked
lettering. The figure before a pattern says how much of what is on the road it stands for, a letter after the
figure what type of plate it is, where the pattern alone tells.

The table is written from general knowledge of the issues of the last 25 years, current passenger
series first, then trucks, taxis, motorcycles and official plates; no register stands behind it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS, UNREADABLE
from alprd.plates.jurisdictions import JURISDICTIONS, jurisdiction_number

Codes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIGURES: Final = "0123456789"

CLASSES: Final[dict[str, str]] = {
    "A": "ABCDEFGHJKLMNPRSTUVWXYZ",
    "C": "ABCDEFHJKLMNPRSTVWXYZ",
    "B": "ABCDEFGHJKLMNPRSTVWX",
    "T": "BCDFGHJKLMNPRSTVWXYZ",
    "9": FIGURES,
    "#": FIGURES[1:],
}
"""The characters that each class mark stands for."""


class Format(NamedTuple):
    """One serial format and how much of a jurisdiction's traffic it is."""

    weight: int
    pattern: str
    plate_type: str = ""
    """Where the pattern tells it; a name of `hotlist.plate_types`."""


_TYPES: Final = {
    "p": "passenger", "c": "commercial", "m": "motorcycle", "t": "trailer", "d": "dealer",
}  # fmt: skip


_TABLE: Final[dict[str, tuple[str, ...]]] = {
    "CA-AB": ("9p AAA-9999", "4p AAA-999", "1 AAA 999", "1 AA-9999", "1 A-99999"),
    "CA-BC": ("9p BB9^99B", "4p 999^BBB", "3p BBB^999", "2c BB 9999", "1c 9999 BB", "1 A99999", "1 99999A"),
    "CA-MB": ("9 AAA 999", "1 999 AAA", "1 cAA 999", "1 AA 999", "1 A 9999"),
    "CA-NB": ("9 AAA 999", "2 cAA 999", "1 999 AAA", "1 lAA 999"),
    "CA-NL": ("9 AAA 999", "2 cAA 999", "1 999 AAA"),
    "CA-NS": ("9 AAA 999", "2 AAA 99A", "1 99999", "1 999 99A"),
    "CA-NT": ("9 999999", "3 99999", "2 999 999", "1 9999"),
    "CA-NU": ("9 999 999", "3 99999", "2 999999"),
    "CA-ON": (
        "20p CCCC^999", "6p CCC^999", "3 999^CCC", "2c CC 99999", "1 CC9 999", "2 9C9^999", "1 999 9CC",
        "1 CC 9999", "1 99C^99", "1 999C9", "1 99 9CC", "1t C99 99C", "1 CCC 99C", "1 999 99C", "1 C9C 9C",
        "1 9C 9999",
    ),
    "CA-PE": ("9 AA 999", "3 99 9AA", "2 999 AA", "1 9999 A", "1 AAA 99"),
    "CA-QC": (
        "14p A99 AAA", "4p 999 AAA", "2p AAA 999", "2c fAA 9999", "1c lAA 9999", "1c f999999", "1c l999999",
        "1 t99999A", "1d xAA 999", "1 AA 9999", "1 vAA 999", "1 A99999",
    ),
    "CA-SK": ("9 999^AAA", "1 AAA 999", "1 A99 999", "1 999 9AA"),
    "CA-YT": ("9 AAA 99", "1 AA 999", "1 cAA 99"),
    "US-AL": ("4 #A9999A", "4 #A99A99", "4 #9A99A9", "2 #AA9999", "3 #9AA999", "2 #9A999A", "1 99999AA",
              "1 #A99999", "1 #9A9A99"),
    "US-AK": ("9 AAA^999", "1 9999 AA", "1 A99 999"),
    "US-AZ": ("6 AAA9999", "6 A9A9AA", "2 999^AAA", "2 AA99999", "1 9AA 9AA", "1 AAA9A9"),
    "US-AR": ("6 999^AAA", "5 AAA^99A", "1 A 999999", "1 999 99A"),
    "US-CA": (
        "20p #AAA999", "5c #A99999", "3c 99999A#", "1 9999999", "1m 99A9999", "1 AAA 999", "1 999 AAA",
        "1 99999dp", "1 AA99999", "1 9999A9",
    ),
    "US-CO": ("6 AAA^A99", "5 999^AAA", "3 AAA^999", "1 AAA^9999", "1 999 99A"),
    "US-CT": ("6 AA^99999", "4 999^AAA", "3 9AA^AA9", "1 c 99999A", "1 9AA AA9", "1 999 9AA"),
    "US-DE": ("9 999999", "4 99999", "1 9999", "2 c999999", "2 pc99999", "2 pc999999", "1 c99999"),
    "US-DC": ("9 AA 9999", "1 99999", "1 h 99999", "1 b 99999"),
    "US-FL": ("5 AAA^A99", "4 A99^9AA", "4 999^AAA", "3 99A^AAA", "2 AA9^9AA", "2 A99^AAA", "2 AA99 AA",
              "1 A9A^9AA", "1 AAAA^99", "1 9AA^A99"),
    "US-GA": ("9 AAA9999", "3 AAA^9999", "2 999^AAA", "1 AAA^999", "1 AA99AAA", "1 AAA 99"),
    "US-HI": ("9 AAA^999", "1 999 AAA", "1 999 9AA"),
    "US-ID": ("4 #A^99999", "4 #A^A9999", "3 #A^9999A", "3 A^999999", "2 #A^9A999", "1 10A^A999"),
    "US-IL": ("7 AA 99999", "6 A99 9999", "4 999 9999", "2 9999999b", "2 999999b", "1 AA 9999", "1 999999"),
    "US-IN": ("7 999AAA", "5 AAA999", "3 999AA", "2 {tk}999AAA", "1 9999A", "2 99A9999", "1 {tk}9999AA"),
    "US-IA": ("8 AAA 999", "4 999 AAA", "1 AA 9999"),
    "US-KS": ("7 999^AAA", "4 9999AAA", "1 AAA 999", "1 999999"),
    "US-KY": ("6 A9A^999", "5 999^AAA", "2 AAA^999", "1 9999 AA"),
    "US-LA": ("6 999^AAA", "4 AAA^999", "2 A999999", "1 z999999", "1 999999"),
    "US-ME": ("5 9999^AA", "3 999^AAA", "3 AAA^999", "2 9999AA", "1 99999A", "1 999-999"),
    "US-MD": ("9 9AA9999", "3 AAA^999", "2 9AA^A99", "2 999^9AA", "1 9999AA", "1 9A 9999", "1 99999AA"),
    "US-MA": ("5 9AA^999", "4 9AAA^99", "3 99A^A99", "2 999^AA9", "3 999^AAA", "2 9999^AA", "1 999 A99",
              "1 A99 999", "1 A99^A99", "1 AA^9999"),
    "US-MI": ("8 AAA^9999", "4 9AAA99", "3 AA 99999", "1 99A9999", "1 999A999", "1 AAA999"),
    "US-MN": ("8 AAA^999", "6 999^AAA", "1 9AA 999", "1 A99999", "1 ya99999"),
    "US-MS": ("5 AAA^9999", "6 AAA^999", "2 999^AAA", "2 A99 99999", "1 9999 AA"),
    "US-MO": ("7 AA9^A9A", "3 999^AAA", "2 9AA 999", "2 9A9 999", "1 99A AAA", "1 AA9^99A", "1 99A 999"),
    "US-MT": ("4 #^99999A", "2 1#^9999A", "1 2#^9999A", "1 3#^9999A", "1 4#^9999A", "3 AAA999", "2 #^9999A",
              "1 #^999A", "1 1#^999A", "1 9AA999", "1 999999A"),
    "US-NE": ("5 AAA^999", "3 #9^A999", "3 #^A9999", "2 #9^AA99", "2 #^AA999", "1 #9 9999"),
    "US-NV": ("6 999^A99", "3 99A^999", "3 999^AAA", "2 AAA 999", "1 99^A999", "1 99999A"),
    "US-NH": ("7 999^9999", "5 999^999", "1 99999", "1 9999"),
    "US-NJ": ("9 A99^AAA", "4 AAA^99A", "2 AAA^999", "2 xAA^99A", "1 9AA^99A", "1 AA 999A"),
    "US-NM": ("5 AAAA99", "5 999^AAA", "4 AAA^999", "1 99999A", "1 9999AA"),
    "US-NY": (
        "20p AAA^9999", "4c 99999^AA", "3 t999999c", "1 9A99", "1 999 9AA", "1 99AA99", "2 AAA 999",
        "1 A99 9AA", "1 AA 9999", "1 9AA 999", "1 99999AA", "1 t999999",
    ),
    "US-NC": ("12 AAA^9999", "2 AA^9999", "1 AAA 999", "1 99999A", "1 AA^99999"),
    "US-ND": ("8 999^AAA", "3 AAA^999", "1 A99999", "1 99999"),
    "US-OH": ("10 AAA^9999", "2 AA99AA", "3 pAA9999", "2 AA99AA", "1 999AAA", "1 AAA 9A9"),
    "US-OK": ("7 AAA^999", "4 999^AAA", "1 A9999", "1 9AA999", "1 99999AA"),
    "US-OR": ("7 999^AAA", "4 AAA^999", "2 t999999", "1 yAAA999", "1 A999999", "1 e999999"),
    "US-PA": ("12p AAA^9999", "3c zAA^9999", "2 AAA^999", "1c yAA^9999", "1 AA 99999", "1 99999pd",
              "1 mg9999A"),
    "US-RI": ("5 999^999", "4 AA^999", "4 9AA^999", "1 99999", "1 9999"),
    "US-SC": ("6 AAA^999", "3 999^AAA", "2 p999999", "1 9999AA", "1 p99999"),
    "US-SD": ("5 9A9^999", "5 99A^999", "4 9AA^999", "2 99A^A99", "2 9AA^A99", "1 99^9999"),
    "US-TN": ("5 A99^99A", "5 999^AAA", "3 AAA^9999", "2 AAA^999", "1 9999AA", "1 A9999A"),
    "US-TX": (
        "12 TTT^9999", "5 TT9^T999", "2 T99^TTT", "2 999^TTT", "2 TTT^999", "1 99T TT9", "2 TTT9999",
        "1 9TT TT9", "1 999T99T", "1 TTT99",
    ),
    "US-UT": ("6 A99^9AA", "4 999^AAA", "3 9A9^9AA", "2 A9A^9AA", "1 AAA^999", "1 A99 99A"),
    "US-VT": ("8 AAA^999", "2 999A999", "1 AAA^99A", "1 999^999"),
    "US-VA": ("10 AAA^9999", "3 AAA^999", "2 999^9AA", "1 99^999A", "1 tAA 999", "2 AA^99999"),
    "US-WA": ("8 AAA9999", "5 999^AAA", "3 A99999A", "2 AAA^9999", "1 99999AA"),
    "US-WV": ("6 9AA^999", "3 A9A^999", "2 9A^9999", "2 oAA^999", "1 nAA^999", "1 dAA^999", "1 999 9AA"),
    "US-WI": ("8 AAA^9999", "5 999^AAA", "2 AA9999", "1 AAA 999", "1 A99999", "1 AA99999"),
    "US-WY": ("5 #^99999", "4 1#^9999", "1 20^9999", "1 21^9999", "1 22^9999", "1 23^9999", "2 #^9999A",
              "1 1#^999AA", "1 22^999AA", "1 1#^99999", "1 #^999AA"),
}  # fmt: skip

SAME_O_AND_0: Final = frozenset(
    jurisdiction_number(name)
    for name in (
        "CA-BC", "CA-MB", "CA-SK", "US-AL", "US-AZ", "US-CA", "US-CO", "US-CT", "US-HI", "US-ID", "US-IN",
        "US-KY", "US-MD", "US-ME", "US-MS", "US-NM", "US-NV", "US-OR", "US-RI", "US-TN", "US-WV", "US-WY",
    )
)  # fmt: skip
"""Jurisdictions whose dies draw O and 0 (nearly) alike: there the place in the serial tells them apart."""

SLASHED_ZERO: Final = frozenset(
    jurisdiction_number(name) for name in ("US-MN", "US-MO", "US-NC", "US-OH", "US-PA", "US-WI", "US-WA")
)
"""Jurisdictions some of whose plates strike the zero through."""


def formats_of(place: int) -> tuple[Format, ...]:
    """Return the formats of jurisdiction ``place``; none for 0 (not known)."""
    rows = _TABLE.get(JURISDICTIONS[place], ())
    parts = (row.partition(" ") for row in rows)
    return tuple(
        Format(int(mark.rstrip("".join(_TYPES))), pattern, _TYPES.get(mark[-1], ""))
        for mark, _blank, pattern in parts
    )


def choices_of(pattern: str) -> tuple[str, ...]:
    """Return the characters that each read place of ``pattern`` can hold."""
    places = []
    small = False
    for mark in pattern:
        if mark in "{}":
            small = mark == "{"
        elif not small and mark not in " -^":
            places.append(CLASSES.get(mark, mark.upper()))
    return tuple(places)


class _Tables(NamedTuple):
    """Every format as arrays; rows go by jurisdiction."""

    may: Flags  # (MAX_CHARACTERS, 38, formats): the code may stand at the place
    length: NDArray[np.intp]  # (formats,)
    first: NDArray[np.intp]  # (jurisdictions - 1,): first row of each, from number 1
    row: Flags  # scratch of one place
    fit: Flags  # scratch of the answer


def _tables() -> _Tables:
    patterns: list[tuple[str, ...]] = []
    first = []
    for place in range(1, len(JURISDICTIONS)):
        first.append(len(patterns))
        patterns.extend(choices_of(form.pattern) for form in formats_of(place))
    may = np.zeros((MAX_CHARACTERS, UNREADABLE + 1, len(patterns)), np.bool_)
    for number, choices in enumerate(patterns):
        may[len(choices) :, :, number] = True  # past the end anything goes: the length is asked for
        for place, characters in enumerate(choices):
            may[place, UNREADABLE, number] = True
            for character in characters:
                may[place, CHARACTERS.index(character) + 1, number] = True
    length = np.array([len(choices) for choices in patterns], np.intp)
    return _Tables(
        may,
        length,
        np.array(first, np.intp),
        np.zeros(len(patterns), np.bool_),
        np.zeros(len(patterns), np.bool_),
    )


_FORMATS: Final = _tables()


def _mark_fitting(codes: Codes, length: int) -> None:
    """Leave in the scratch which formats ``codes`` fit; nothing of the codes is left there."""
    may, lengths, _first, row, fit = _FORMATS
    np.equal(lengths, length, out=fit)
    for place in range(min(length, MAX_CHARACTERS)):
        np.take(may[place], codes[place], axis=0, out=row, mode="clip")
        np.logical_and(fit, row, out=fit)
    row.fill(False)  # noqa: FBT003 - numpy's own signature


def fits(codes: Codes, length: int, place: int) -> bool:
    """Say whether the first ``length`` of ``codes`` are a serial of jurisdiction ``place``.

    ``codes`` are as in `alprd.plates.alphabet`, `UNREADABLE` fits anything. Place 0 has no formats.
    Personal (vanity) serials are in no format. Not for use from two threads at once.
    """
    if place == 0:
        return False
    _mark_fitting(codes, length)
    first = _FORMATS.first
    end = first[place] if place < first.size else _FORMATS.fit.size
    found = bool(_FORMATS.fit[first[place - 1] : end].any())
    _FORMATS.fit.fill(False)  # noqa: FBT003 - numpy's own signature
    return found


def types_of(codes: Codes, length: int, place: int) -> frozenset[str]:
    """Return the plate types that the serial can be of at ``place``; none where it does not tell.

    Otherwise as `fits`. For a text that is listed: what is returned tells of it.
    """
    if place == 0:
        return frozenset()
    _mark_fitting(codes, length)
    first, forms = int(_FORMATS.first[place - 1]), formats_of(place)
    types = frozenset(
        form.plate_type
        for form, is_fit in zip(forms, _FORMATS.fit[first : first + len(forms)], strict=True)
        if is_fit
    )
    _FORMATS.fit.fill(False)  # noqa: FBT003 - numpy's own signature
    return frozenset() if "" in types else types


def places_of(codes: Codes, length: int, out: Flags) -> None:
    """Set ``out`` (jurisdictions,) to which jurisdictions have a format that `fits`; [0] is False."""
    _mark_fitting(codes, length)
    out[0] = False
    np.logical_or.reduceat(_FORMATS.fit, _FORMATS.first, out=out[1:])
    _FORMATS.fit.fill(False)  # noqa: FBT003 - numpy's own signature
