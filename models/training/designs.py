"""Plate designs by jurisdiction, how often each is drawn, and the small lettering that goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.training.designs_canada import CANADA
from models.training.designs_states import STATES

if TYPE_CHECKING:
    from models.training.design import Design

DESIGNS: Final[dict[str, tuple[Design, ...]]] = {**CANADA, **STATES}

PLACE_WEIGHTS: Final[dict[str, float]] = {
    "CA-ON": 16.0, "CA-QC": 4.2, "CA-BC": 2.6, "CA-AB": 2.6, "US-CA": 3.4, "US-NY": 2.6, "US-TX": 2.0,
    "US-FL": 1.7, "US-PA": 1.3, "US-IL": 1.2, "US-OH": 1.2, "US-GA": 1.1, "US-NC": 1.1, "US-MI": 1.1,
    "US-NJ": 1.1,
    "US-VA": 1.0, "US-WA": 1.0, "US-MA": 1.0,
}  # fmt: skip
"""Shares in percent of what is rendered; the rest of Canada and of the states share what remains."""

REST_OF_CANADA: Final = 0.51
REST_OF_STATES: Final = 0.76

SIDE_WORDS: Final = (
    "DP", "DV", "TRK", "TK", "HQ", "PC", "MC", "APP", "COM", "TRL", "DLR", "VET", "POW", "EMS", "FD", "PD",
    "IDV",
    "VFW", "RET", "USA", "EXP", "TMP", "FARM", "TAXI", "DST", "NG", "MD", "PH", "SV", "LEO", "AG", "CD", "ST",
    "JR", "UA", "OSU", "WSU", "ASU", "UNC", "LSU", "BSA", "AF", "EV", "HP", "CV", "AA", "LD", "RV", "SHR",
    "CAP",
)  # fmt: skip
"""Small letters stacked beside a serial: no part of what is read."""

COUNTIES: Final = (
    "KING", "COOK", "ORANGE", "MARION", "HAMILTON", "WAYNE", "POLK", "DADE", "CLARK", "JEFFERSON", "MADISON",
    "HARRIS", "LAKE", "UNION", "GREENE", "MONROE", "SALT LAKE", "ST. LOUIS", "TRAVIS", "BALDWIN", "OCONEE",
    "APPORTIONED", "COMMERCIAL", "TRUCK", "VETERAN", "DISABLED", "PURPLE HEART", "FIREFIGHTER", "DEALER",
    "MANUFACTURER", "GOVERNMENT", "MUNICIPAL", "STATE", "EXEMPT", "LIVERY", "TAXI", "FARM",
    "HISTORIC VEHICLE",
    "HORSELESS CARRIAGE", "IN GOD WE TRUST", "SUPPORT EDUCATION", "SAVE THE BAY", "WILDLIFE", "UNIVERSITY",
    "ALUMNI", "NATIONAL GUARD", "COLLEGIATE", "ANIMAL FRIEND", "CHOOSE LIFE", "CHILDREN FIRST",
)  # fmt: skip

DEALERS: Final = (
    "CITY MOTORS", "HONDA NORTH", "www.autoworld.com", "LAKESIDE FORD", "Peterson Chevrolet", "AUTO MALL",
    "SANTA MONICA", "BMW OF THE HILLS", "Toyota of Bend", "Performance", "GO BEARS", "MY OTHER CAR", "ALUMNI",
    "Friendly Motors", "DRIVE SAFELY", "STADIUM NISSAN", "555-0142", "Country Cars", "BEST PRICES",
    "VOLVO CARS",
    "HARBOUR MAZDA", "Family Auto Group", "EST. 1964", "PROUD PARENT", "UNIVERSITY", "I'D RATHER BE SAILING",
)  # fmt: skip

NO_PLATES: Final = (
    "CAUTION WIDE TURNS", "HOW AM I DRIVING?", "1-800-555-0199", "(555) 010-4477", "416 555 0123",
    "PLUMBING & HEATING",
    "EXPRESS", "FREIGHTLINE", "STOP", "EXIT 24", "NO PARKING", "ONE WAY", "SPEED LIMIT 35", "HYBRID", "TURBO",
    "QUATTRO", "4x4", "V8", "AWD", "SPORT", "LIMITED", "US DOT 123456", "MC 445566", "MOVERS", "BAKERY",
    "TAXI 24H",
    "BABY ON BOARD", "COEXIST", "VOTE 2020", "I LOVE MY DOG", "SALE", "OPEN", "PIZZA", "ROOFING",
    "BRIDGESTONE",
    "SCHOOL BUS", "EMERGENCY EXIT", "XL", "GLX 2.0", "LX 350", "S 500", "328i", "F-150", "GRAND TOURING",
    "LTD",
    "Autohaus", "FOR RENT", "RENTAL 555-0167", "ELECTRIC", "www.delivery.com", "KEEP BACK 200 FEET",
    "NORTH 95",
)  # fmt: skip
"""Lettering that no plate carries: to be read as nothing."""
