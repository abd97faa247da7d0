"""What the plates of Canada: ten provinces and three territories look like.

A table of our own wording, written from general knowledge; the shades are explained in
`models.training.design`.
"""

from __future__ import annotations

from typing import Final

from models.training.design import Design

CANADA: Final[dict[str, tuple[Design, ...]]] = {
    "CA-AB": (
        Design("Alberta", "script", "Wild Rose Country", ink=90, name_ink=90, weight=9),
        Design("ALBERTA", "sans", "WILD ROSE COUNTRY", ink=90),
    ),
    "CA-BC": (
        Design("BRITISH COLUMBIA", "sans", "Beautiful", at="bottom", ink=75, ornament="flag", weight=9),
        Design("Beautiful British Columbia", "serif", "", ink=75, ornament="flag"),
        Design("British Columbia", "script", "The Best Place on Earth", ink=45, back="hills"),
    ),
    "CA-MB": (
        Design("MANITOBA", "sans", "FRIENDLY", ink=45, back="fade", ornament="animal", weight=8),
        Design("Manitoba", "script", "Friendly", ink=45, back="hills"),
    ),
    "CA-NB": (
        Design("New Brunswick", "serif", "Nouveau-Brunswick", ink=90, ornament="flag", weight=7),
        Design("NEW BRUNSWICK", "sans", "NOUVEAU BRUNSWICK", ink=80),
        Design("New Nouveau Brunswick", "sans", "Be... in this place", ink=75),
    ),
    "CA-NL": (
        Design("Newfoundland & Labrador", "serif", "", ink=45, name_ink=90, back="fade", ornament="flag",
           weight=8),
        Design("NEWFOUNDLAND", "sans", "A WORLD OF DIFFERENCE", ink=90, ornament="animal"),
    ),
    "CA-NS": (
        Design("NOVA SCOTIA", "sans", "Canada's Ocean Playground", ink=45, ornament="canoe", back="waves",
           weight=8),
        Design("Nova Scotia", "serif", "CANADA'S OCEAN PLAYGROUND", ink=75),
    ),
    "CA-NT": (
        Design("Northwest Territories", "serif", "Spectacular", at="bottom", ink=75, back="hills", weight=8),
        Design("EXPLORE CANADA'S ARCTIC", "narrow", "NORTHWEST TERRITORIES", ink=75),
    ),
    "CA-NU": (
        Design("Nunavut", "sans", "Our Land", ink=45, back="hills", ornament="person", weight=6),
        Design("NUNAVUT", "serif", "Explore Canada's Arctic", at="bottom", ink=45, side="bear"),
    ),
    "CA-ON": (
        Design("ONTARIO", "sans", "YOURS TO DISCOVER", ink=75, ornament="crown", tall=0.46, weight=30),
        Design("ONTARIO", "sans", "KEEP IT BEAUTIFUL", ink=75, ornament="crown"),
        Design("ONTARIO", "sans", "A PLACE TO GROW", paper=70, ink=240, ornament="crown", back="rays",
               weight=3),
        Design("ONTARIO", "sans", "COMMERCIAL", ink=25, ornament="crown", weight=3),
        Design("ONTARIO", "sans", "A PLACE TO GROW", ink=75, ornament="crown", weight=2),
        Design("ONTARIO", "sans", "TANT A DECOUVRIR", ink=75, ornament="crown", weight=3),
        Design("ONTARIO", "sans", "DEALER", ink=90, ornament="crown", weight=1),
        Design("ONTARIO", "sans", "YOURS TO DISCOVER", ink=75, side="seal", weight=3),
        Design("ONTARIO", "sans", "ELECTRIC VEHICLE", ink=80, ornament="crown", weight=2),
        Design("ONTARIO", "sans", "FARM", ink=80, ornament="crown", weight=1),
    ),
    "CA-PE": (
        Design("Prince Edward Island", "script", "Birthplace of Confederation", ink=45, back="waves",
           ornament="leaf"),
        Design("PRINCE EDWARD ISLAND", "narrow", "Canada's Green Province", ink=80, ornament="lighthouse"),
        Design("Prince Edward Island", "serif", "", ink=45, back="fade", ornament="flag"),
    ),
    "CA-QC": (
        Design("Québec", "sans", "Je me souviens", ink=75, ornament="lily", weight=14),
        Design("Québec", "serif", "Je me souviens", ink=75, name_ink=75, weight=6),
        Design("QUEBEC", "sans", "LA BELLE PROVINCE", ink=75, weight=1),
        Design("Québec", "sans", "C", ink=75, weight=1),
    ),
    "CA-SK": (
        Design("Saskatchewan", "serif", "Land of Living Skies", ink=80, ornament="lily", weight=9),
        Design("SASKATCHEWAN", "sans", "LAND OF LIVING SKIES", ink=80, ornament="leaf"),
    ),
    "CA-YT": (
        Design("Yukon", "serif", "The Klondike", ink=90, side="person", weight=8),
        Design("YUKON", "sans", "", ink=75, back="hills", side="person"),
    ),
}  # fmt: skip
