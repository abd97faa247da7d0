"""What the plates of each province, territory and state look like: a table of our own wording.

Shades are grey levels as a camera without colour sees the paint: white 240, yellow 215, gold 185,
sky 200, turquoise 150, red 90, green 80, blue 75, navy 45, black 25. Written from general knowledge.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Design(NamedTuple):
    """One plate design. Shares are of the plate's height."""

    name: str
    """The issuer's name as printed, or empty."""
    style: str = "sans"
    """Lettering of the name: sans, narrow, serif, slab, script, wide."""
    slogan: str = ""
    at: str = "top"
    """Edge the name stands at; the slogan stands at the other."""
    paper: int = 240
    ink: int = 45
    name_ink: int = -1
    """Shade of the name; -1: as the serial."""
    slogan_ink: int = -1
    over: tuple[float, int] = (0.0, 0)
    """Band along the top: its share and shade."""
    under: tuple[float, int] = (0.0, 0)
    """Band along the bottom."""
    ornament: str = ""
    """Stands between the groups where a pattern has ``^``."""
    die: str = "normal"
    """Width of the serial's lettering: narrow, normal, wide."""
    back: str = "plain"
    """What is printed pale under the serial: plain, fade, hills, rays, waves, speckle, outline."""
    tall: float = 0.47
    """Height of the serial."""
    side: str = ""
    """Picture left of the serial."""
    weight: int = 4


_D = Design

DESIGNS: Final[dict[str, tuple[Design, ...]]] = {
    "CA-AB": (
        _D("Alberta", "script", "Wild Rose Country", ink=90, name_ink=90, weight=9),
        _D("ALBERTA", "sans", "WILD ROSE COUNTRY", ink=90),
    ),
    "CA-BC": (
        _D("BRITISH COLUMBIA", "sans", "Beautiful", at="bottom", ink=75, ornament="flag", weight=9),
        _D("Beautiful British Columbia", "serif", "", ink=75, ornament="flag"),
        _D("British Columbia", "script", "The Best Place on Earth", ink=45, back="hills"),
    ),
    "CA-MB": (
        _D("MANITOBA", "sans", "FRIENDLY", ink=45, back="fade", ornament="animal", weight=8),
        _D("Manitoba", "script", "Friendly", ink=45, back="hills"),
    ),
    "CA-NB": (
        _D("New Brunswick", "serif", "Nouveau-Brunswick", ink=90, ornament="flag", weight=7),
        _D("NEW BRUNSWICK", "sans", "NOUVEAU BRUNSWICK", ink=80),
        _D("New Nouveau Brunswick", "sans", "Be... in this place", ink=75),
    ),
    "CA-NL": (
        _D("Newfoundland & Labrador", "serif", "", ink=45, name_ink=90, back="fade", ornament="flag", weight=8),
        _D("NEWFOUNDLAND", "sans", "A WORLD OF DIFFERENCE", ink=90, ornament="animal"),
    ),
    "CA-NS": (
        _D("NOVA SCOTIA", "sans", "Canada's Ocean Playground", ink=45, ornament="canoe", back="waves", weight=8),
        _D("Nova Scotia", "serif", "CANADA'S OCEAN PLAYGROUND", ink=75),
    ),
    "CA-NT": (
        _D("Northwest Territories", "serif", "Spectacular", at="bottom", ink=75, back="hills", weight=8),
        _D("EXPLORE CANADA'S ARCTIC", "narrow", "NORTHWEST TERRITORIES", ink=75),
    ),
    "CA-NU": (
        _D("Nunavut", "sans", "ᓄᓇᕗᑦ", ink=45, back="hills", ornament="person", weight=6),
        _D("NUNAVUT", "serif", "Explore Canada's Arctic", at="bottom", ink=45, side="bear"),
    ),
    "CA-ON": (
        _D("ONTARIO", "sans", "YOURS TO DISCOVER", ink=75, ornament="crown", tall=0.46, weight=30),
        _D("ONTARIO", "sans", "KEEP IT BEAUTIFUL", ink=75, ornament="crown"),
        _D("ONTARIO", "sans", "A PLACE TO GROW", paper=70, ink=240, ornament="crown", back="rays", weight=3),
        _D("ONTARIO", "sans", "COMMERCIAL", ink=25, ornament="crown", weight=3),
        _D("ONTARIO", "sans", "A PLACE TO GROW", ink=75, ornament="crown", weight=2),
        _D("ONTARIO", "sans", "TANT A DECOUVRIR", ink=75, ornament="crown", weight=3),
        _D("ONTARIO", "sans", "DEALER", ink=90, ornament="crown", weight=1),
        _D("ONTARIO", "sans", "YOURS TO DISCOVER", ink=75, side="seal", weight=3),
        _D("ONTARIO", "sans", "ELECTRIC VEHICLE", ink=80, ornament="crown", weight=2),
        _D("ONTARIO", "sans", "FARM", ink=80, ornament="crown", weight=1),
    ),
    "CA-PE": (
        _D("Prince Edward Island", "script", "Birthplace of Confederation", ink=45, back="waves", ornament="leaf"),
        _D("PRINCE EDWARD ISLAND", "narrow", "Canada's Green Province", ink=80, ornament="lighthouse"),
        _D("Prince Edward Island", "serif", "", ink=45, back="fade", ornament="flag"),
    ),
    "CA-QC": (
        _D("Québec", "sans", "Je me souviens", ink=75, ornament="lily", weight=14),
        _D("Québec", "serif", "Je me souviens", ink=75, name_ink=75, weight=6),
        _D("QUEBEC", "sans", "LA BELLE PROVINCE", ink=75, weight=1),
        _D("Québec", "sans", "C", ink=75, weight=1),
    ),
    "CA-SK": (
        _D("Saskatchewan", "serif", "Land of Living Skies", ink=80, ornament="lily", weight=9),
        _D("SASKATCHEWAN", "sans", "LAND OF LIVING SKIES", ink=80, ornament="leaf"),
    ),
    "CA-YT": (
        _D("Yukon", "serif", "The Klondike", ink=90, side="person", weight=8),
        _D("YUKON", "sans", "", ink=75, back="hills", side="person"),
    ),
    "US-AL": (
        _D("Alabama", "script", "Sweet Home", back="waves", ink=45, ornament="star", weight=6),
        _D("Heart of Dixie", "script", "ALABAMA", ink=45, back="hills", side="heart"),
        _D("ALABAMA", "sans", "God Bless America", back="fade"),
    ),
    "US-AK": (
        _D("ALASKA", "sans", "The Last Frontier", paper=195, ink=60, ornament="flag", weight=8),
        _D("Alaska", "serif", "THE GREAT LAND", paper=215, back="hills", ink=25, ornament="bear"),
    ),
    "US-AZ": (
        _D("ARIZONA", "sans", "GRAND CANYON STATE", ink=55, back="rays", under=(0.2, 120), tall=0.45, weight=9),
        _D("ARIZONA", "narrow", "GRAND CANYON STATE", paper=80, ink=240),
    ),
    "US-AR": (
        _D("Arkansas", "serif", "The Natural State", ink=25, name_ink=90, ornament="seal", back="fade", weight=8),
        _D("ARKANSAS", "sans", "THE NATURAL STATE", ink=90, side="seal"),
    ),
    "US-CA": (
        _D("California", "script", "dmv.ca.gov", ink=45, name_ink=95, weight=22),
        _D("California", "script", "", ink=45, name_ink=95, weight=8),
        _D("CALIFORNIA", "sans", "", paper=25, ink=200, weight=3),
        _D("CALIFORNIA", "sans", "THE GOLDEN STATE", paper=60, ink=200, weight=2),
        _D("California", "script", "", ink=45, name_ink=95, side="hand", weight=2),
        _D("CALIFORNIA", "sans", "CALIFORNIA MUSEUMS", ink=45, side="heart", weight=1),
    ),
    "US-CO": (
        _D("COLORADO", "sans", "", at="bottom", paper=80, ink=240, back="hills", ornament="mountain", weight=9),
        _D("COLORADO", "sans", "", at="bottom", paper=225, ink=60, back="hills"),
    ),
    "US-CT": (
        _D("Connecticut", "serif", "Constitution State", ink=45, back="fade", over=(0.22, 150), ornament="dot",
           weight=8),
        _D("CONNECTICUT", "sans", "CONSTITUTION STATE", paper=60, ink=235),
    ),
    "US-DE": (
        _D("DELAWARE", "sans", "THE FIRST STATE", at="bottom", paper=50, ink=190, weight=9),
        _D("THE FIRST STATE", "sans", "DELAWARE", paper=50, ink=190, weight=7),
        _D("DELAWARE", "sans", "", at="bottom", paper=25, ink=240, weight=1),
    ),
    "US-DC": (
        _D("WASHINGTON, D.C.", "sans", "TAXATION WITHOUT REPRESENTATION", ink=45, name_ink=90, ornament="flag",
           weight=8),
        _D("Washington, DC", "serif", "END TAXATION WITHOUT REPRESENTATION", ink=45, ornament="flag"),
    ),
    "US-FL": (
        _D("MYFLORIDA.COM", "sans", "SUNSHINE STATE", ink=80, ornament="orange", weight=12),
        _D("FLORIDA", "serif", "SUNSHINE STATE", ink=80, ornament="orange", weight=4),
        _D("FLORIDA", "sans", "IN GOD WE TRUST", ink=80, ornament="orange", weight=3),
        _D("MYFLORIDA.COM", "sans", "ORANGE", ink=80, ornament="orange", weight=2),
    ),
    "US-GA": (
        _D("Georgia", "script", "FULTON", ink=25, ornament="peach", back="fade", die="narrow", weight=5),
        _D("GEORGIA", "serif", "IN GOD WE TRUST", ink=25, back="hills", ornament="peach", die="narrow", weight=6),
        _D("Georgia", "serif", "GWINNETT", ink=45, back="fade", ornament="peach", weight=4),
        _D("www.georgia.gov", "serif", "COBB", ink=25, back="hills", ornament="peach", weight=2),
    ),
    "US-HI": (
        _D("HAWAII", "sans", "ALOHA STATE", ink=30, back="rays", ornament="", weight=9),
        _D("Hawaii", "serif", "Aloha State", ink=30, side="arch", weight=1),
    ),
    "US-ID": (
        _D("IDAHO", "sans", "FAMOUS POTATOES", ink=45, name_ink=45, over=(0.27, 120), back="hills", weight=6),
        _D("Idaho", "serif", "Scenic", at="bottom", ink=45, back="hills", weight=3),
    ),
    "US-IL": (
        _D("Illinois", "script", "Land of Lincoln", ink=90, back="speckle", weight=7),
        _D("ILLINOIS", "serif", "LAND OF LINCOLN", ink=30, side="person", back="fade", weight=5),
        _D("Illinois", "sans", "Land of Lincoln", ink=70, ornament="star"),
    ),
    "US-IN": (
        _D("INDIANA", "sans", "IN GOD WE TRUST", paper=235, ink=45, under=(0.18, 60), slogan_ink=240, side="star",
           weight=5),
        _D("Indiana", "serif", "Bicentennial 1816-2016", ink=45, over=(0.2, 60), name_ink=240, weight=6),
        _D("INDIANA", "sans", "Crossroads of America", ink=45, back="rays", weight=2),
        _D("INDIANA", "slab", "AMBER WAVES", ink=75, back="hills", weight=2),
    ),
    "US-IA": (
        _D("IOWA", "sans", "POLK", ink=45, back="hills", over=(0.3, 185), weight=6),
        _D("Iowa", "serif", "JOHNSON", ink=45, over=(0.25, 200), under=(0.16, 140), weight=4),
        _D("IOWA", "wide", "LINN", paper=25, ink=240, weight=1),
    ),
    "US-KS": (
        _D("KANSAS", "sans", "", ink=45, paper=200, ornament="seal", side="", back="fade", weight=6),
        _D("KANSAS", "serif", "to the stars", ink=25, paper=170, back="hills", weight=3),
        _D("Kansas", "sans", "", paper=205, ink=45, back="hills", weight=2),
    ),
    "US-KY": (
        _D("Kentucky", "script", "UNBRIDLED SPIRIT", ink=60, ornament="horse", back="fade", weight=6),
        _D("KENTUCKY", "sans", "IN GOD WE TRUST", ink=60, ornament="dot", over=(0.2, 170), weight=5),
        _D("Kentucky", "serif", "Bluegrass State", ink=60, back="hills", weight=2),
    ),
    "US-LA": (
        _D("Louisiana", "script", "Sportsman's Paradise", ink=45, name_ink=90, ornament="eagle", weight=8),
        _D("LOUISIANA", "sans", "SPORTSMAN'S PARADISE", ink=45, back="waves", ornament="lily"),
    ),
    "US-ME": (
        _D("Maine", "serif", "Vacationland", ink=45, side="leaf", back="fade", ornament="dot", weight=7),
        _D("MAINE", "sans", "VACATIONLAND", ink=45, side="tree", weight=3),
        _D("MAINE", "sans", "Vacationland", ink=45, side="moose"),
    ),
    "US-MD": (
        _D("MARYLAND", "serif", "marylandproud.com", ink=25, under=(0.24, 110), ornament="shield", weight=6),
        _D("Maryland", "serif", "www.maryland.gov", ink=25, ornament="shield", weight=5),
        _D("MARYLAND", "sans", "Treasure the Chesapeake", ink=60, back="waves", ornament="shield", weight=2),
        _D("MARYLAND", "sans", "WAR OF 1812", ink=25, back="rays", over=(0.2, 120), weight=3),
    ),
    "US-MA": (
        _D("Massachusetts", "serif", "The Spirit of America", ink=90, name_ink=60, ornament="dot", die="normal",
           weight=9),
        _D("MASSACHUSETTS", "sans", "", paper=240, ink=80, at="top", weight=2),
        _D("Massachusetts", "serif", "Spirit of America", ink=90, side="lighthouse", weight=1),
    ),
    "US-MI": (
        _D("MICHIGAN", "sans", "PURE MICHIGAN", ink=45, over=(0.2, 65), name_ink=240, ornament="", weight=5),
        _D("PURE MICHIGAN", "sans", "michigan.org", ink=45, back="fade", weight=4),
        _D("Michigan", "serif", "www.Michigan.gov", ink=45, over=(0.3, 60), name_ink=220, back="fade", weight=3),
        _D("MICHIGAN", "sans", "GREAT LAKES", paper=65, ink=235, weight=2),
        _D("Michigan", "script", "Spectacular Peninsulas", ink=45, ornament="michigan", weight=2),
    ),
    "US-MN": (
        _D("Minnesota", "serif", "10,000 lakes", ink=50, back="waves", over=(0.26, 200), ornament="canoe", weight=9),
        _D("MINNESOTA", "sans", "EXPLORE 10,000 LAKES", ink=50, ornament="shield", back="hills", weight=4),
    ),
    "US-MS": (
        _D("Mississippi", "script", "HINDS", ink=60, ornament="lighthouse", back="fade", weight=5),
        _D("MISSISSIPPI", "serif", "IN GOD WE TRUST", ink=30, ornament="seal", back="fade", weight=6),
        _D("Mississippi", "serif", "DESOTO", ink=60, back="hills", ornament="leaf", weight=2),
    ),
    "US-MO": (
        _D("MISSOURI", "sans", "SHOW-ME STATE", ink=45, ornament="eagle", back="waves", over=(0.16, 165), weight=6),
        _D("Missouri", "serif", "BICENTENNIAL 1821-2021", ink=45, ornament="seal", back="waves", weight=5),
        _D("MISSOURI", "sans", "SHOW-ME STATE", paper=225, ink=90, weight=1),
    ),
    "US-MT": (
        _D("MONTANA", "sans", "Treasure State", ink=45, paper=205, ornament="bar", back="outline", weight=5),
        _D("Montana", "serif", "BIG SKY", paper=60, ink=240, back="outline", ornament="animal", weight=4),
        _D("MONTANA", "sans", "Big Sky Country", paper=195, ink=30, back="hills", weight=2),
    ),
    "US-NE": (
        _D("Nebraska", "serif", "Good Life", ink=45, ornament="person", back="fade", weight=6),
        _D("NEBRASKA", "sans", "1867-2017", ink=45, ornament="lighthouse", under=(0.15, 100), weight=5),
        _D("Nebraska.gov", "sans", "", ink=45, over=(0.2, 120), ornament="eagle", weight=3),
    ),
    "US-NV": (
        _D("NEVADA", "sans", "HOME MEANS NEVADA", ink=45, back="hills", ornament="dot", under=(0.2, 140), weight=6),
        _D("NEVADA", "serif", "The Silver State", ink=45, paper=205, back="hills", ornament="dot", weight=6),
        _D("NEVADA", "sans", "", paper=55, ink=220, weight=1),
    ),
    "US-NH": (
        _D("New Hampshire", "serif", "Live Free or Die", ink=80, back="hills", ornament="mountain", weight=9),
        _D("NEW HAMPSHIRE", "sans", "LIVE FREE OR DIE", ink=80, weight=2),
    ),
    "US-NJ": (
        _D("New Jersey", "script", "Garden State", paper=215, ink=25, ornament="newjersey", back="fade", weight=10),
        _D("NEW JERSEY", "sans", "GARDEN STATE", paper=60, ink=205, ornament="newjersey", weight=2),
        _D("New Jersey", "script", "Shore to Please", ink=45, back="waves", side="lighthouse", weight=1),
    ),
    "US-NM": (
        _D("New Mexico", "serif", "Land of Enchantment", paper=190, ink=90, ornament="sun", weight=6),
        _D("NEW MEXICO USA", "sans", "Land of Enchantment", paper=140, ink=210, ornament="sun", weight=5),
        _D("NEW MEXICO", "sans", "CHILE CAPITAL OF THE WORLD", paper=30, ink=150, side="leaf", weight=3),
    ),
    "US-NY": (
        _D("NEW YORK", "sans", "EMPIRE STATE", paper=185, ink=45, over=(0.25, 40), name_ink=185, die="narrow",
           slogan_ink=45, ornament="newyork", weight=14),
        _D("NEW YORK", "slab", "EXCELSIOR", paper=235, ink=50, ornament="newyork", die="narrow", back="hills",
           under=(0.16, 60), slogan_ink=230, weight=8),
        _D("NEW YORK", "sans", "EMPIRE STATE", paper=240, ink=45, over=(0.24, 55), under=(0.17, 55), name_ink=240,
           slogan_ink=240, ornament="newyork", die="narrow", weight=6),
        _D("NEW YORK", "sans", "COMMERCIAL", paper=185, ink=45, over=(0.25, 40), name_ink=185, die="narrow", weight=3),
        _D("NEW YORK", "sans", "T & LC", paper=185, ink=45, over=(0.25, 40), name_ink=185, die="narrow", weight=4),
    ),
    "US-NC": (
        _D("NORTH CAROLINA", "sans", "First in Flight", at="bottom", ink=50, back="waves", ornament="eagle",
           weight=10),
        _D("NORTH CAROLINA", "sans", "FIRST IN FREEDOM", ink=90, weight=3),
        _D("First in Flight", "script", "NORTH CAROLINA", ink=50, back="waves", weight=4),
    ),
    "US-ND": (
        _D("NORTH DAKOTA", "sans", "Legendary", at="top", ink=30, back="hills", ornament="animal", weight=7),
        _D("North Dakota", "serif", "Peace Garden State", ink=30, back="hills", ornament="animal", weight=5),
    ),
    "US-OH": (
        _D("Ohio", "script", "Birthplace of Aviation", ink=45, name_ink=90, back="hills", weight=6),
        _D("OHIO", "sans", "BIRTHPLACE OF AVIATION", ink=45, back="speckle", weight=5),
        _D("OHIO", "slab", "", ink=45, over=(0.22, 150), back="rays", weight=3),
        _D("Ohio", "serif", "Sunrise in Ohio", ink=25, back="hills", weight=3),
    ),
    "US-OK": (
        _D("OKLAHOMA", "sans", "Explore Oklahoma", ink=45, ornament="eagle", back="fade", weight=5),
        _D("Oklahoma", "serif", "NATIVE AMERICA", ink=30, ornament="person", side="", back="hills", weight=6),
        _D("IMAGINE THAT", "sans", "OKLAHOMA", ink=45, back="fade", weight=2),
    ),
    "US-OR": (
        _D("Oregon", "serif", "", ink=45, ornament="tree", back="hills", weight=9),
        _D("OREGON", "sans", "", ink=45, paper=225, ornament="tree", weight=2),
        _D("Oregon", "serif", "Pacific Wonderland", ink=45, at="bottom", paper=200, weight=1),
    ),
    "US-PA": (
        _D("PENNSYLVANIA", "sans", "visitPA.com", over=(0.24, 50), under=(0.2, 210), name_ink=240, slogan_ink=50,
           ink=45, ornament="keystone", weight=14),
        _D("Pennsylvania", "serif", "www.state.pa.us", over=(0.22, 55), under=(0.2, 205), name_ink=240, ink=45,
           slogan_ink=45, ornament="keystone", weight=4),
        _D("PENNSYLVANIA", "sans", "LET FREEDOM RING", paper=235, ink=50, ornament="bell", over=(0.2, 60),
           name_ink=240, weight=3),
        _D("PENNSYLVANIA", "sans", "KEYSTONE STATE", paper=60, ink=205, ornament="keystone", weight=1),
    ),
    "US-RI": (
        _D("Rhode Island", "serif", "Ocean State", ink=45, back="waves", weight=9),
        _D("RHODE ISLAND", "sans", "OCEAN STATE", ink=45, over=(0.1, 120), weight=2),
    ),
    "US-SC": (
        _D("SOUTH CAROLINA", "sans", "While I Breathe, I Hope", ink=45, ornament="palm", over=(0.2, 110), weight=6),
        _D("South Carolina", "script", "travelsc.com", ink=45, ornament="palm", back="fade", weight=5),
        _D("SOUTH CAROLINA", "sans", "Smiling Faces. Beautiful Places.", ink=45, ornament="palm", weight=2),
    ),
    "US-SD": (
        _D("South Dakota", "serif", "Great Faces. Great Places.", ink=45, back="hills", side="person", weight=9),
        _D("SOUTH DAKOTA", "sans", "GREAT FACES GREAT PLACES", ink=45, back="outline", paper=215),
    ),
    "US-TN": (
        _D("Tennessee", "serif", "The Volunteer State", ink=60, back="hills", paper=205, weight=6),
        _D("TENNESSEE", "sans", "tnvacation.com", paper=50, ink=240, ornament="seal", weight=5),
        _D("Tennessee", "script", "Sounds Good to Me", ink=60, back="fade", weight=2),
        _D("TENNESSEE", "sans", "IN GOD WE TRUST", paper=50, ink=240, ornament="seal", weight=3),
    ),
    "US-TX": (
        _D("TEXAS", "wide", "The Lone Star State", ink=25, ornament="texas", side="", die="narrow", weight=12),
        _D("TEXAS", "slab", "The Lone Star State", ink=45, ornament="star", back="hills", weight=6),
        _D("TEXAS", "sans", "THE LONE STAR STATE", ink=45, name_ink=90, ornament="texas", weight=3),
        _D("TEXAS", "sans", "", paper=30, ink=240, ornament="star", weight=1),
        _D("TEXAS", "sans", "TRUCK", ink=45, ornament="texas", weight=2),
    ),
    "US-UT": (
        _D("UTAH", "sans", "Life Elevated", ink=45, back="hills", ornament="arch", weight=6),
        _D("UTAH!", "serif", "GREATEST SNOW ON EARTH", ink=45, ornament="person", back="hills", weight=3),
        _D("Utah", "script", "Centennial 1896-1996", ink=45, ornament="arch", paper=215, weight=3),
    ),
    "US-VT": (
        _D("VERMONT", "sans", "GREEN MOUNTAIN STATE", paper=80, ink=240, ornament="dot", weight=9),
        _D("Vermont", "sans", "Green Mountains", paper=80, ink=240, side="tree", weight=4),
    ),
    "US-VA": (
        _D("VIRGINIA", "serif", "VIRGINIA IS FOR LOVERS", ink=45, ornament="heart", weight=6),
        _D("VIRGINIA", "sans", "", ink=45, ornament="dot", weight=8),
        _D("Virginia", "serif", "400th Anniversary", ink=45, back="waves", side="canoe", weight=3),
    ),
    "US-WA": (
        _D("WASHINGTON", "sans", "EVERGREEN STATE", ink=45, name_ink=90, back="hills", ornament="mountain", weight=12),
        _D("Washington", "serif", "Evergreen State", ink=45, name_ink=90, back="hills", weight=3),
    ),
    "US-WV": (
        _D("West Virginia", "serif", "Wild, Wonderful", ink=45, over=(0.2, 60), under=(0.15, 200), name_ink=215,
           weight=8),
        _D("WEST VIRGINIA", "sans", "Wild, Wonderful", ink=45, over=(0.24, 50), name_ink=210, weight=3),
    ),
    "US-WI": (
        _D("Wisconsin", "serif", "America's Dairyland", ink=25, name_ink=90, back="hills", ornament="dot", weight=9),
        _D("WISCONSIN", "sans", "AMERICA'S DAIRYLAND", paper=215, ink=30, weight=2),
    ),
    "US-WY": (
        _D("Wyoming", "serif", "", ink=30, ornament="horse", back="hills", at="bottom", weight=8),
        _D("WYOMING", "sans", "", paper=195, ink=60, ornament="horse", back="hills", at="bottom", weight=5),
    ),
}  # fmt: skip

PLACE_WEIGHTS: Final[dict[str, float]] = {
    "CA-ON": 16.0, "CA-QC": 4.2, "CA-BC": 2.6, "CA-AB": 2.6, "US-CA": 3.4, "US-NY": 2.6, "US-TX": 2.0,
    "US-FL": 1.7, "US-PA": 1.3, "US-IL": 1.2, "US-OH": 1.2, "US-GA": 1.1, "US-NC": 1.1, "US-MI": 1.1, "US-NJ": 1.1,
    "US-VA": 1.0, "US-WA": 1.0, "US-MA": 1.0,
}  # fmt: skip
"""Shares in percent of what is rendered; the rest of Canada and of the states share what remains."""

REST_OF_CANADA: Final = 0.51
REST_OF_STATES: Final = 0.76

SIDE_WORDS: Final = (
    "DP", "DV", "TRK", "TK", "HQ", "PC", "MC", "APP", "COM", "TRL", "DLR", "VET", "POW", "EMS", "FD", "PD", "IDV",
    "VFW", "RET", "USA", "EXP", "TMP", "FARM", "TAXI", "DST", "NG", "MD", "PH", "SV", "LEO", "AG", "CD", "ST",
    "JR", "UA", "OSU", "WSU", "ASU", "UNC", "LSU", "BSA", "AF", "EV", "HP", "CV", "AA", "LD", "RV", "SHR", "CAP",
)  # fmt: skip
"""Small letters stacked beside a serial: no part of what is read."""

COUNTIES: Final = (
    "KING", "COOK", "ORANGE", "MARION", "HAMILTON", "WAYNE", "POLK", "DADE", "CLARK", "JEFFERSON", "MADISON",
    "HARRIS", "LAKE", "UNION", "GREENE", "MONROE", "SALT LAKE", "ST. LOUIS", "TRAVIS", "BALDWIN", "OCONEE",
    "APPORTIONED", "COMMERCIAL", "TRUCK", "VETERAN", "DISABLED", "PURPLE HEART", "FIREFIGHTER", "DEALER",
    "MANUFACTURER", "GOVERNMENT", "MUNICIPAL", "STATE", "EXEMPT", "LIVERY", "TAXI", "FARM", "HISTORIC VEHICLE",
    "HORSELESS CARRIAGE", "IN GOD WE TRUST", "SUPPORT EDUCATION", "SAVE THE BAY", "WILDLIFE", "UNIVERSITY",
    "ALUMNI", "NATIONAL GUARD", "COLLEGIATE", "ANIMAL FRIEND", "CHOOSE LIFE", "CHILDREN FIRST",
)  # fmt: skip

DEALERS: Final = (
    "CITY MOTORS", "HONDA NORTH", "www.autoworld.com", "LAKESIDE FORD", "Peterson Chevrolet", "AUTO MALL",
    "SANTA MONICA", "BMW OF THE HILLS", "Toyota of Bend", "Performance", "GO BEARS", "MY OTHER CAR", "ALUMNI",
    "Friendly Motors", "DRIVE SAFELY", "STADIUM NISSAN", "555-0142", "Country Cars", "BEST PRICES", "VOLVO CARS",
    "HARBOUR MAZDA", "Family Auto Group", "EST. 1964", "PROUD PARENT", "UNIVERSITY", "I'D RATHER BE SAILING",
)  # fmt: skip

NO_PLATES: Final = (
    "CAUTION WIDE TURNS", "HOW AM I DRIVING?", "1-800-555-0199", "(555) 010-4477", "416 555 0123", "PLUMBING & HEATING",
    "EXPRESS", "FREIGHTLINE", "STOP", "EXIT 24", "NO PARKING", "ONE WAY", "SPEED LIMIT 35", "HYBRID", "TURBO",
    "QUATTRO", "4x4", "V8", "AWD", "SPORT", "LIMITED", "US DOT 123456", "MC 445566", "MOVERS", "BAKERY", "TAXI 24H",
    "BABY ON BOARD", "COEXIST", "VOTE 2020", "I LOVE MY DOG", "SALE", "OPEN", "PIZZA", "ROOFING", "BRIDGESTONE",
    "SCHOOL BUS", "EMERGENCY EXIT", "XL", "GLX 2.0", "LX 350", "S 500", "328i", "F-150", "GRAND TOURING", "LTD",
    "Autohaus", "FOR RENT", "RENTAL 555-0167", "ELECTRIC", "www.delivery.com", "KEEP BACK 200 FEET", "NORTH 95",
)  # fmt: skip
"""Lettering that no plate carries: to be read as nothing."""
