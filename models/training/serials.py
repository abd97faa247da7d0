"""Serials and small lettering of rendered training plates.

A pattern draws one serial: ``A`` is a letter, ``9`` a figure, ``C`` a letter of Ontario's
alphabet (no G I O Q U), ``*`` either; a blank is a gap, ``-`` and ``.`` are drawn but not read,
``|`` begins the lower line.
"""

from __future__ import annotations

from typing import Final

import numpy as np

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ONTARIO_LETTERS: Final = "ABCDEFHJKLMNPRSTVWXYZ"
SERIAL_LETTERS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"
"""Letters of most states' and provinces' serials, which leave out those taken for figures (I, O, Q)."""
FIGURES: Final = "0123456789"

ONTARIO: Final = (
    "CCCC 999", "CCCC 999", "CCCC 999", "CCCC-999", "CCC 999", "CC 99999", "999 CCC", "999C9",
)  # fmt: skip
CANADA: Final = (
    "A99 AAA", "999 AAA", "AAA 999", "AA9 99A", "AAA 99A", "999 AAA", "AAA-9999", "AAA 9999", "AAA 999",
    "A9A 9A9", "*** ***",
)  # fmt: skip
UNITED_STATES: Final = (
    "AAA 9999", "AAA-9999", "AAA9999", "AAA 999", "AAA-999", "999 AAA", "999-AAA", "9AAA999", "9AAA999",
    "9A99999", "AA9 9AA", "AAA 99A", "AAA A99", "A99 AAA", "A99-AAA", "9AA A99", "AA 99999", "AA-99999",
    "99999 AA", "999999", "999 999", "9999999", "A999999", "AA9999", "99A 999", "9A 9999", "AA99 AAA",
    "999A999", "9999 AA", "AA 9999", "A9 9999", "AA 9 999", "AA9*9A", "AA9A9A", "A99 99A", "99 AAA9",
    "*******", "******", "*** ****", "AAAAAAA", "AAAAAA", "AAAAA", "AAAA", "AAAA 9", "AAA", "9 AAAA",
    "A99999A", "99999A9", "A999 999", "999A99", "9999A9", "9AA9999", "AA9*9*9", "A 999999", "9 999999",
)  # fmt: skip
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

FAMILIES: Final[tuple[tuple[float, str, tuple[str, ...]], ...]] = (
    (0.17, "ontario", ONTARIO),
    (0.06, "canada", CANADA),
    (0.37, "us", UNITED_STATES),
    (0.08, "gb", BRITAIN),
    (0.14, "eu", EUROPE),
    (0.08, "elsewhere", ELSEWHERE),
    (0.10, "two-line", TWO_LINE),
)

WORDS: Final = (
    "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut", "Delaware",
    "Florida", "Georgia", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa", "Kansas", "Kentucky",
    "Louisiana", "Maine", "Maryland", "Massachusetts", "Michigan", "Minnesota", "Mississippi", "Missouri",
    "Montana", "Nebraska", "Nevada", "New Hampshire", "New Jersey", "New Mexico", "New York",
    "North Carolina", "North Dakota", "Ohio", "Oklahoma", "Oregon", "Pennsylvania", "Rhode Island",
    "South Carolina", "South Dakota", "Tennessee", "Texas", "Utah", "Vermont", "Virginia", "Washington",
    "West Virginia", "Wisconsin", "Wyoming", "Washington DC", "ONTARIO", "Quebec", "British Columbia",
    "Alberta", "Manitoba", "Saskatchewan", "Nova Scotia", "New Brunswick", "Prince Edward Island",
    "Newfoundland", "Yukon", "YOURS TO DISCOVER", "Je me souviens", "Beautiful", "Wild Rose Country",
    "Friendly", "Sunshine State", "Empire State", "Garden State", "The Lone Star State", "Great Lakes",
    "First in Flight", "Live Free or Die", "Evergreen State", "Land of Enchantment", "Famous Potatoes",
    "10,000 lakes", "America's Dairyland", "Show Me State", "Land of Lincoln", "Ocean State", "First State",
    "Treasure State", "Peace Garden State", "Great Seal", "Scenic Idaho", "The Natural State",
    "Heart of Dixie", "Aloha State", "Birthplace of Aviation", "Virginia is for", "dmv.ny.gov",
    "dmv.ca.gov", "visitpa.com", "myflorida.com", "Spirit of America", "Constitution State", "Vacationland",
    "Green Mountain", "In God we trust", "Disabled veteran", "Purple Heart", "Alumni", "Taxi", "Government",
    "Commercial", "Truck", "Dealer", "Apportioned", "Motorcycle", "City Motors", "Toyota of Ann",
    "Honda North", "www.autohaus.de", "Islamabad", "Sindh", "Punjab", "New South Wales", "Queensland",
    "Victoria", "The Education State", "EXPIRES", "JAN", "MAR", "JUL", "SEP", "DEC 2019", "21", "2014",
    "18",
)  # fmt: skip
"""Small lettering above and below a serial: it must not be read."""


def draw_serial(rng: np.random.Generator) -> tuple[str, str]:
    """Return a family's name and one serial of it, marks and gaps included."""
    weights = np.array([weight for weight, _name, _patterns in FAMILIES])
    _weight, name, patterns = FAMILIES[int(rng.choice(len(FAMILIES), p=weights / weights.sum()))]
    pattern = patterns[int(rng.integers(len(patterns)))]
    letters = LETTERS
    if name in {"canada", "us"} and ("9" in pattern or "*" in pattern) and rng.random() < 0.85:
        letters = SERIAL_LETTERS
    sets = {"A": letters, "9": FIGURES, "C": ONTARIO_LETTERS, "*": letters + FIGURES}
    serial = []
    for place, mark in enumerate(pattern):
        choice = sets.get(mark)
        if choice is None:
            serial.append(mark)
        elif name == "ontario" and place == 0 and mark == "C" and rng.random() < 0.7:
            serial.append("ABCD"[int(rng.integers(4))])
        else:
            serial.append(choice[int(rng.integers(len(choice)))])
    return name, "".join(serial)


def text_of(serial: str) -> str:
    """Return what is to be read of ``serial``: its A-Z and 0-9."""
    return "".join(mark for mark in serial if mark.isalnum())
