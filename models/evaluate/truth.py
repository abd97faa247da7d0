"""What is known of labelled pictures: boxes, texts and issuers, from a ``truth.csv``.

Its columns are ``image,width,height,x1,y1,x2,y2,place,text``: sizes and boxes in px, ``place`` like ``US-CA``
or a state's full name, empty where it is not known.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TRUTH: Final = "truth.csv"
_SUFFIXES: Final = {".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".tif", ".tiff", ".webp"}
_COLUMNS: Final = ("image", "width", "height", "x1", "y1", "x2", "y2", "text")
_WHOLE: Final = 0.9  # of a picture: a box over this share is the picture
_NAMES: Final = {
    name: f"{country}-{code}"
    for country, names in {
        "CA": "AB Alberta,BC BritishColumbia,MB Manitoba,NB NewBrunswick,"
        "NL NewfoundlandandLabrador,NS NovaScotia,NT NorthwestTerritories,NU Nunavut,"
        "ON Ontario,PE PrinceEdwardIsland,QC Quebec,SK Saskatchewan,YT Yukon",
        "US": "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,"
        "CT Connecticut,DE Delaware,DC DistrictofColumbia,FL Florida,GA Georgia,HI Hawaii,"
        "ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,"
        "ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,"
        "MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH NewHampshire,NJ NewJersey,"
        "NM NewMexico,NY NewYork,NC NorthCarolina,ND NorthDakota,OH Ohio,OK Oklahoma,"
        "OR Oregon,PA Pennsylvania,RI RhodeIsland,SC SouthCarolina,SD SouthDakota,"
        "TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,"
        "WV WestVirginia,WI Wisconsin,WY Wyoming",
    }.items()
    for code, name in (pair.upper().split(" ") for pair in names.split(","))
}


class InputError(ValueError):
    """What was given cannot be evaluated; the message says what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class Box:
    """An upright box in px of its picture."""

    x1: float
    y1: float
    x2: float
    y2: float

    def holds_centre_of(self, other: Box) -> bool:
        """Tell whether the centre of ``other`` lies inside."""
        x, y = (other.x1 + other.x2) / 2, (other.y1 + other.y2) / 2
        return self.x1 <= x <= self.x2 and self.y1 <= y <= self.y2


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled plate; ``place`` is a jurisdiction's name, another text for other issuers, or empty."""

    image: str
    box: Box
    text: str
    place: str = ""
    fills_picture: bool = False


def labels_of(path: Path) -> dict[str, list[Label]]:
    """Return the rows of a truth file by picture. Raises `InputError` where it is none."""
    labels: dict[str, list[Label]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise InputError(
                    f"{path}: expected the columns {','.join(_COLUMNS)}; {missing[0]} is missing"
                )
            for row in rows:
                label = _label(row, f"{path}:{rows.line_num}")
                labels.setdefault(label.image, []).append(label)
    except OSError as error:
        raise InputError(f"{path}: expected a truth file, found none: {error.strerror}") from error
    if not labels:
        raise InputError(f"{path}: expected labelled plates, found only a heading")
    return labels


def _label(row: Mapping[str, str | None], where: str) -> Label:
    try:
        x1, y1, x2, y2, width, height = (
            float(row[key] or "") for key in ("x1", "y1", "x2", "y2", "width", "height")
        )
    except ValueError as error:
        raise InputError(f"{where}: expected sizes and a box in px: {error}") from error
    fills = (x2 - x1) * (y2 - y1) >= _WHOLE * width * height
    return Label(
        row["image"] or "", Box(x1, y1, x2, y2), row["text"] or "", place_of(row.get("place")), fills
    )


def place_of(label: str | None) -> str:
    """Return the jurisdiction that a label names: ``US-NY`` for ``US-NY``, ``New York`` and ``NEWYORK_TLC``.

    A text that names none is returned as it is.
    """
    text = (label or "").strip()
    return _NAMES.get(re.sub("[^A-Z]", "", text.upper().partition("_")[0]), text)


def are_crops(labels: Mapping[str, Sequence[Label]]) -> bool:
    """Tell whether each label covers its picture: such a set shows plates, not scenes to find them in."""
    return all(label.fills_picture for here in labels.values() for label in here)


def pictures_in(folder: Path) -> list[Path]:
    """Return the pictures of ``folder`` by name. Raises `InputError` where there is none."""
    if not folder.is_dir():
        raise InputError(f"{folder}: expected a folder of pictures, found no folder")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    if not paths:
        raise InputError(f"{folder}: expected pictures ({' '.join(sorted(_SUFFIXES))}), found none")
    return paths


def sets_in(folder: Path) -> list[Path]:
    """Return the folders in ``folder`` that hold a truth file. Raises `InputError` where there is none."""
    if not folder.is_dir():
        raise InputError(f"{folder}: expected a folder of sets, found no folder")
    found = sorted(path.parent for path in folder.glob(f"*/{TRUTH}"))
    if not found:
        raise InputError(f"{folder}: expected folders that hold pictures and their {TRUTH}, found none")
    return found
