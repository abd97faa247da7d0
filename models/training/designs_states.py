"""What the plates of the United States and the District of Columbia look like.

A table of our own wording, written from general knowledge; the shades are explained in
`models.training.design`.
"""

from __future__ import annotations

from typing import Final

from models.training.design import Design

STATES: Final[dict[str, tuple[Design, ...]]] = {
    "US-AL": (
        Design("Alabama", "script", "Sweet Home", back="waves", ink=45, ornament="star", weight=6),
        Design("Heart of Dixie", "script", "ALABAMA", ink=45, back="hills", side="heart"),
        Design("ALABAMA", "sans", "God Bless America", back="fade"),
    ),
    "US-AK": (
        Design("ALASKA", "sans", "The Last Frontier", paper=195, ink=60, ornament="flag", weight=8),
        Design("Alaska", "serif", "THE GREAT LAND", paper=215, back="hills", ink=25, ornament="bear"),
    ),
    "US-AZ": (
        Design("ARIZONA", "sans", "GRAND CANYON STATE", ink=55, back="rays", under=(0.2, 120), tall=0.45,
           weight=9),
        Design("ARIZONA", "narrow", "GRAND CANYON STATE", paper=80, ink=240),
    ),
    "US-AR": (
        Design("Arkansas", "serif", "The Natural State", ink=25, name_ink=90, ornament="seal", back="fade",
           weight=8),
        Design("ARKANSAS", "sans", "THE NATURAL STATE", ink=90, side="seal"),
    ),
    "US-CA": (
        Design("California", "script", "dmv.ca.gov", ink=45, name_ink=95, weight=22),
        Design("California", "script", "", ink=45, name_ink=95, weight=8),
        Design("CALIFORNIA", "sans", "", paper=25, ink=200, weight=3),
        Design("CALIFORNIA", "sans", "THE GOLDEN STATE", paper=60, ink=200, weight=2),
        Design("California", "script", "", ink=45, name_ink=95, side="hand", weight=2),
        Design("CALIFORNIA", "sans", "CALIFORNIA MUSEUMS", ink=45, side="heart", weight=1),
    ),
    "US-CO": (
        Design("COLORADO", "sans", "", at="bottom", paper=80, ink=240, back="hills", ornament="mountain",
           weight=9),
        Design("COLORADO", "sans", "", at="bottom", paper=225, ink=60, back="hills"),
    ),
    "US-CT": (
        Design("Connecticut", "serif", "Constitution State", ink=45, back="fade", over=(0.22, 150),
           ornament="dot",
           weight=8),
        Design("CONNECTICUT", "sans", "CONSTITUTION STATE", paper=60, ink=235),
    ),
    "US-DE": (
        Design("DELAWARE", "sans", "THE FIRST STATE", at="bottom", paper=50, ink=190, weight=9),
        Design("THE FIRST STATE", "sans", "DELAWARE", paper=50, ink=190, weight=7),
        Design("DELAWARE", "sans", "", at="bottom", paper=25, ink=240, weight=1),
    ),
    "US-DC": (
        Design("WASHINGTON, D.C.", "sans", "TAXATION WITHOUT REPRESENTATION", ink=45, name_ink=90,
           ornament="flag",
           weight=8),
        Design("Washington, DC", "serif", "END TAXATION WITHOUT REPRESENTATION", ink=45, ornament="flag"),
    ),
    "US-FL": (
        Design("MYFLORIDA.COM", "sans", "SUNSHINE STATE", ink=80, ornament="orange", weight=12),
        Design("FLORIDA", "serif", "SUNSHINE STATE", ink=80, ornament="orange", weight=4),
        Design("FLORIDA", "sans", "IN GOD WE TRUST", ink=80, ornament="orange", weight=3),
        Design("MYFLORIDA.COM", "sans", "ORANGE", ink=80, ornament="orange", weight=2),
    ),
    "US-GA": (
        Design("Georgia", "script", "FULTON", ink=25, ornament="peach", back="fade", die="narrow", weight=5),
        Design("GEORGIA", "serif", "IN GOD WE TRUST", ink=25, back="hills", ornament="peach", die="narrow",
           weight=6),
        Design("Georgia", "serif", "GWINNETT", ink=45, back="fade", ornament="peach", weight=4),
        Design("www.georgia.gov", "serif", "COBB", ink=25, back="hills", ornament="peach", weight=2),
    ),
    "US-HI": (
        Design("HAWAII", "sans", "ALOHA STATE", ink=30, back="rays", ornament="", weight=9),
        Design("Hawaii", "serif", "Aloha State", ink=30, side="arch", weight=1),
    ),
    "US-ID": (
        Design("IDAHO", "sans", "FAMOUS POTATOES", ink=45, name_ink=45, over=(0.27, 120), back="hills",
               weight=6),
        Design("Idaho", "serif", "Scenic", at="bottom", ink=45, back="hills", weight=3),
    ),
    "US-IL": (
        Design("Illinois", "script", "Land of Lincoln", ink=90, back="speckle", weight=7),
        Design("ILLINOIS", "serif", "LAND OF LINCOLN", ink=30, side="person", back="fade", weight=5),
        Design("Illinois", "sans", "Land of Lincoln", ink=70, ornament="star"),
    ),
    "US-IN": (
        Design("INDIANA", "sans", "IN GOD WE TRUST", paper=235, ink=45, under=(0.18, 60), slogan_ink=240,
           side="star",
           weight=5),
        Design("Indiana", "serif", "Bicentennial 1816-2016", ink=45, over=(0.2, 60), name_ink=240, weight=6),
        Design("INDIANA", "sans", "Crossroads of America", ink=45, back="rays", weight=2),
        Design("INDIANA", "slab", "AMBER WAVES", ink=75, back="hills", weight=2),
    ),
    "US-IA": (
        Design("IOWA", "sans", "POLK", ink=45, back="hills", over=(0.3, 185), weight=6),
        Design("Iowa", "serif", "JOHNSON", ink=45, over=(0.25, 200), under=(0.16, 140), weight=4),
        Design("IOWA", "wide", "LINN", paper=25, ink=240, weight=1),
    ),
    "US-KS": (
        Design("KANSAS", "sans", "", ink=45, paper=200, ornament="seal", side="", back="fade", weight=6),
        Design("KANSAS", "serif", "to the stars", ink=25, paper=170, back="hills", weight=3),
        Design("Kansas", "sans", "", paper=205, ink=45, back="hills", weight=2),
    ),
    "US-KY": (
        Design("Kentucky", "script", "UNBRIDLED SPIRIT", ink=60, ornament="horse", back="fade", weight=6),
        Design("KENTUCKY", "sans", "IN GOD WE TRUST", ink=60, ornament="dot", over=(0.2, 170), weight=5),
        Design("Kentucky", "serif", "Bluegrass State", ink=60, back="hills", weight=2),
    ),
    "US-LA": (
        Design("Louisiana", "script", "Sportsman's Paradise", ink=45, name_ink=90, ornament="eagle",
               weight=8),
        Design("LOUISIANA", "sans", "SPORTSMAN'S PARADISE", ink=45, back="waves", ornament="lily"),
    ),
    "US-ME": (
        Design("Maine", "serif", "Vacationland", ink=45, side="leaf", back="fade", ornament="dot", weight=7),
        Design("MAINE", "sans", "VACATIONLAND", ink=45, side="tree", weight=3),
        Design("MAINE", "sans", "Vacationland", ink=45, side="moose"),
    ),
    "US-MD": (
        Design("MARYLAND", "serif", "marylandproud.com", ink=25, under=(0.24, 110), ornament="shield",
               weight=6),
        Design("Maryland", "serif", "www.maryland.gov", ink=25, ornament="shield", weight=5),
        Design("MARYLAND", "sans", "Treasure the Chesapeake", ink=60, back="waves", ornament="shield",
               weight=2),
        Design("MARYLAND", "sans", "WAR OF 1812", ink=25, back="rays", over=(0.2, 120), weight=3),
    ),
    "US-MA": (
        Design("Massachusetts", "serif", "The Spirit of America", ink=90, name_ink=60, ornament="dot",
           die="normal",
           weight=9),
        Design("MASSACHUSETTS", "sans", "", paper=240, ink=80, at="top", weight=2),
        Design("Massachusetts", "serif", "Spirit of America", ink=90, side="lighthouse", weight=1),
    ),
    "US-MI": (
        Design("MICHIGAN", "sans", "PURE MICHIGAN", ink=45, over=(0.2, 65), name_ink=240, ornament="",
               weight=5),
        Design("PURE MICHIGAN", "sans", "michigan.org", ink=45, back="fade", weight=4),
        Design("Michigan", "serif", "www.Michigan.gov", ink=45, over=(0.3, 60), name_ink=220, back="fade",
           weight=3),
        Design("MICHIGAN", "sans", "GREAT LAKES", paper=65, ink=235, weight=2),
        Design("Michigan", "script", "Spectacular Peninsulas", ink=45, ornament="michigan", weight=2),
    ),
    "US-MN": (
        Design("Minnesota", "serif", "10,000 lakes", ink=50, back="waves", over=(0.26, 200), ornament="canoe",
           weight=9),
        Design("MINNESOTA", "sans", "EXPLORE 10,000 LAKES", ink=50, ornament="shield", back="hills",
               weight=4),
    ),
    "US-MS": (
        Design("Mississippi", "script", "HINDS", ink=60, ornament="lighthouse", back="fade", weight=5),
        Design("MISSISSIPPI", "serif", "IN GOD WE TRUST", ink=30, ornament="seal", back="fade", weight=6),
        Design("Mississippi", "serif", "DESOTO", ink=60, back="hills", ornament="leaf", weight=2),
    ),
    "US-MO": (
        Design("MISSOURI", "sans", "SHOW-ME STATE", ink=45, ornament="eagle", back="waves", over=(0.16, 165),
           weight=6),
        Design("Missouri", "serif", "BICENTENNIAL 1821-2021", ink=45, ornament="seal", back="waves",
               weight=5),
        Design("MISSOURI", "sans", "SHOW-ME STATE", paper=225, ink=90, weight=1),
    ),
    "US-MT": (
        Design("MONTANA", "sans", "Treasure State", ink=45, paper=205, ornament="bar", back="outline",
               weight=5),
        Design("Montana", "serif", "BIG SKY", paper=60, ink=240, back="outline", ornament="animal", weight=4),
        Design("MONTANA", "sans", "Big Sky Country", paper=195, ink=30, back="hills", weight=2),
    ),
    "US-NE": (
        Design("Nebraska", "serif", "Good Life", ink=45, ornament="person", back="fade", weight=6),
        Design("NEBRASKA", "sans", "1867-2017", ink=45, ornament="lighthouse", under=(0.15, 100), weight=5),
        Design("Nebraska.gov", "sans", "", ink=45, over=(0.2, 120), ornament="eagle", weight=3),
    ),
    "US-NV": (
        Design("NEVADA", "sans", "HOME MEANS NEVADA", ink=45, back="hills", ornament="dot", under=(0.2, 140),
           weight=6),
        Design("NEVADA", "serif", "The Silver State", ink=45, paper=205, back="hills", ornament="dot",
               weight=6),
        Design("NEVADA", "sans", "", paper=55, ink=220, weight=1),
    ),
    "US-NH": (
        Design("New Hampshire", "serif", "Live Free or Die", ink=80, back="hills", ornament="mountain",
               weight=9),
        Design("NEW HAMPSHIRE", "sans", "LIVE FREE OR DIE", ink=80, weight=2),
    ),
    "US-NJ": (
        Design("New Jersey", "script", "Garden State", paper=215, ink=25, ornament="newjersey", back="fade",
           weight=10),
        Design("NEW JERSEY", "sans", "GARDEN STATE", paper=60, ink=205, ornament="newjersey", weight=2),
        Design("New Jersey", "script", "Shore to Please", ink=45, back="waves", side="lighthouse", weight=1),
    ),
    "US-NM": (
        Design("New Mexico", "serif", "Land of Enchantment", paper=190, ink=90, ornament="sun", weight=6),
        Design("NEW MEXICO USA", "sans", "Land of Enchantment", paper=140, ink=210, ornament="sun", weight=5),
        Design("NEW MEXICO", "sans", "CHILE CAPITAL OF THE WORLD", paper=30, ink=150, side="leaf", weight=3),
    ),
    "US-NY": (
        Design("NEW YORK", "sans", "EMPIRE STATE", paper=185, ink=45, over=(0.25, 40), name_ink=185,
               die="narrow",
           slogan_ink=45, ornament="newyork", weight=14),
        Design("NEW YORK", "slab", "EXCELSIOR", paper=235, ink=50, ornament="newyork", die="narrow",
               back="hills",
           under=(0.16, 60), slogan_ink=230, weight=8),
        Design("NEW YORK", "sans", "EMPIRE STATE", paper=240, ink=45, over=(0.24, 55), under=(0.17, 55),
           name_ink=240,
           slogan_ink=240, ornament="newyork", die="narrow", weight=6),
        Design("NEW YORK", "sans", "COMMERCIAL", paper=185, ink=45, over=(0.25, 40), name_ink=185,
               die="narrow",
           weight=3),
        Design("NEW YORK", "sans", "T & LC", paper=185, ink=45, over=(0.25, 40), name_ink=185, die="narrow",
           weight=4),
    ),
    "US-NC": (
        Design("NORTH CAROLINA", "sans", "First in Flight", at="bottom", ink=50, back="waves",
               ornament="eagle",
           weight=10),
        Design("NORTH CAROLINA", "sans", "FIRST IN FREEDOM", ink=90, weight=3),
        Design("First in Flight", "script", "NORTH CAROLINA", ink=50, back="waves", weight=4),
    ),
    "US-ND": (
        Design("NORTH DAKOTA", "sans", "Legendary", at="top", ink=30, back="hills", ornament="animal",
               weight=7),
        Design("North Dakota", "serif", "Peace Garden State", ink=30, back="hills", ornament="animal",
               weight=5),
    ),
    "US-OH": (
        Design("Ohio", "script", "Birthplace of Aviation", ink=45, name_ink=90, back="hills", weight=6),
        Design("OHIO", "sans", "BIRTHPLACE OF AVIATION", ink=45, back="speckle", weight=5),
        Design("OHIO", "slab", "", ink=45, over=(0.22, 150), back="rays", weight=3),
        Design("Ohio", "serif", "Sunrise in Ohio", ink=25, back="hills", weight=3),
    ),
    "US-OK": (
        Design("OKLAHOMA", "sans", "Explore Oklahoma", ink=45, ornament="eagle", back="fade", weight=5),
        Design("Oklahoma", "serif", "NATIVE AMERICA", ink=30, ornament="person", side="", back="hills",
               weight=6),
        Design("IMAGINE THAT", "sans", "OKLAHOMA", ink=45, back="fade", weight=2),
    ),
    "US-OR": (
        Design("Oregon", "serif", "", ink=45, ornament="tree", back="hills", weight=9),
        Design("OREGON", "sans", "", ink=45, paper=225, ornament="tree", weight=2),
        Design("Oregon", "serif", "Pacific Wonderland", ink=45, at="bottom", paper=200, weight=1),
    ),
    "US-PA": (
        Design("PENNSYLVANIA", "sans", "visitPA.com", over=(0.24, 50), under=(0.2, 210), name_ink=240,
           slogan_ink=50,
           ink=45, ornament="keystone", weight=14),
        Design("Pennsylvania", "serif", "www.state.pa.us", over=(0.22, 55), under=(0.2, 205), name_ink=240,
           ink=45,
           slogan_ink=45, ornament="keystone", weight=4),
        Design("PENNSYLVANIA", "sans", "LET FREEDOM RING", paper=235, ink=50, ornament="bell", over=(0.2, 60),
           name_ink=240, weight=3),
        Design("PENNSYLVANIA", "sans", "KEYSTONE STATE", paper=60, ink=205, ornament="keystone", weight=1),
    ),
    "US-RI": (
        Design("Rhode Island", "serif", "Ocean State", ink=45, back="waves", weight=9),
        Design("RHODE ISLAND", "sans", "OCEAN STATE", ink=45, over=(0.1, 120), weight=2),
    ),
    "US-SC": (
        Design("SOUTH CAROLINA", "sans", "While I Breathe, I Hope", ink=45, ornament="palm", over=(0.2, 110),
           weight=6),
        Design("South Carolina", "script", "travelsc.com", ink=45, ornament="palm", back="fade", weight=5),
        Design("SOUTH CAROLINA", "sans", "Smiling Faces. Beautiful Places.", ink=45, ornament="palm",
               weight=2),
    ),
    "US-SD": (
        Design("South Dakota", "serif", "Great Faces. Great Places.", ink=45, back="hills", side="person",
           weight=9),
        Design("SOUTH DAKOTA", "sans", "GREAT FACES GREAT PLACES", ink=45, back="outline", paper=215),
    ),
    "US-TN": (
        Design("Tennessee", "serif", "The Volunteer State", ink=60, back="hills", paper=205, weight=6),
        Design("TENNESSEE", "sans", "tnvacation.com", paper=50, ink=240, ornament="seal", weight=5),
        Design("Tennessee", "script", "Sounds Good to Me", ink=60, back="fade", weight=2),
        Design("TENNESSEE", "sans", "IN GOD WE TRUST", paper=50, ink=240, ornament="seal", weight=3),
    ),
    "US-TX": (
        Design("TEXAS", "wide", "The Lone Star State", ink=25, ornament="texas", side="", die="narrow",
           weight=12),
        Design("TEXAS", "slab", "The Lone Star State", ink=45, ornament="star", back="hills", weight=6),
        Design("TEXAS", "sans", "THE LONE STAR STATE", ink=45, name_ink=90, ornament="texas", weight=3),
        Design("TEXAS", "sans", "", paper=30, ink=240, ornament="star", weight=1),
        Design("TEXAS", "sans", "TRUCK", ink=45, ornament="texas", weight=2),
    ),
    "US-UT": (
        Design("UTAH", "sans", "Life Elevated", ink=45, back="hills", ornament="arch", weight=6),
        Design("UTAH!", "serif", "GREATEST SNOW ON EARTH", ink=45, ornament="person", back="hills", weight=3),
        Design("Utah", "script", "Centennial 1896-1996", ink=45, ornament="arch", paper=215, weight=3),
    ),
    "US-VT": (
        Design("VERMONT", "sans", "GREEN MOUNTAIN STATE", paper=80, ink=240, ornament="dot", weight=9),
        Design("Vermont", "sans", "Green Mountains", paper=80, ink=240, side="tree", weight=4),
    ),
    "US-VA": (
        Design("VIRGINIA", "serif", "VIRGINIA IS FOR LOVERS", ink=45, ornament="heart", weight=6),
        Design("VIRGINIA", "sans", "", ink=45, ornament="dot", weight=8),
        Design("Virginia", "serif", "400th Anniversary", ink=45, back="waves", side="canoe", weight=3),
    ),
    "US-WA": (
        Design("WASHINGTON", "sans", "EVERGREEN STATE", ink=45, name_ink=90, back="hills",
               ornament="mountain",
           weight=12),
        Design("Washington", "serif", "Evergreen State", ink=45, name_ink=90, back="hills", weight=3),
    ),
    "US-WV": (
        Design("West Virginia", "serif", "Wild, Wonderful", ink=45, over=(0.2, 60), under=(0.15, 200),
           name_ink=215,
           weight=8),
        Design("WEST VIRGINIA", "sans", "Wild, Wonderful", ink=45, over=(0.24, 50), name_ink=210, weight=3),
    ),
    "US-WI": (
        Design("Wisconsin", "serif", "America's Dairyland", ink=25, name_ink=90, back="hills", ornament="dot",
           weight=9),
        Design("WISCONSIN", "sans", "AMERICA'S DAIRYLAND", paper=215, ink=30, weight=2),
    ),
    "US-WY": (
        Design("Wyoming", "serif", "", ink=30, ornament="horse", back="hills", at="bottom", weight=8),
        Design("WYOMING", "sans", "", paper=195, ink=60, ornament="horse", back="hills", at="bottom",
               weight=5),
    ),
}  # fmt: skip
