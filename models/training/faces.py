"""Flat faces of rendered plates: layout, names, slogans, pictures and the serial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS
from alprd.plates.grammar import SAME_O_AND_0
from alprd.plates.jurisdictions import jurisdiction_number
from models.training.design import BACKS, STYLES, Design
from models.training.designs import COUNTIES, DEALERS, DESIGNS
from models.training.furniture import fasten, paper_of, print_back, put_frame, put_ink, put_picture
from models.training.lettering import Mask, Words
from models.training.ornaments import NAMES, SIDE_PICTURES, draw_ornaments
from models.training.serial_lines import LineMaker, Shape, worn
from models.training.serials import WORDS

if TYPE_CHECKING:
    from pathlib import Path

Grey = NDArray[np.uint8]
Soft = NDArray[np.float32]

NOT_LEARNT: Final = 255
"""Place of a sample that tells nothing of where it is from."""
ELSEWHERE: Final = 0
GENERIC_SHARE: Final = 0.12
SPECIALTY_SHARE: Final = 0.17
INFRARED_SHARE: Final = 0.07
_CELLS: Final = {"narrow": 0.45, "normal": 0.52, "wide": 0.6}
_FRAMED_ABOVE: Final = 0.45
"""Share of the name's rows under a dealer's frame from which the name counts as hidden."""


class Face(NamedTuple):
    """A flat plate with what is to be read of it."""

    picture: Grey
    codes: Grey
    """(MAX_CHARACTERS,) codes, 0 behind the last."""
    boxes: NDArray[np.int32]
    """(characters, 4): x1, y1, x2, y2 of each read character in px."""
    place: int


@dataclass(slots=True, kw_only=True)
class _Canvas:
    """A face being drawn: its shades, and the shares that are still free for the serial."""

    face: Soft
    paper: float
    ink: float
    faint: float = 1.0
    """How much of the other inks a camera sees: less than 1 under infrared."""
    left: float = 0.035
    right: float = 0.965
    top: float = 0.07
    bottom: float = 0.93
    name_rows: tuple[int, int] = (0, 0)


class FaceMaker:
    """Draws faces; ``fonts`` is the folder that `models.training.lettering.font_files` takes."""

    def __init__(self, fonts: Path) -> None:
        self._words = Words(fonts)
        self._ornaments = draw_ornaments(fonts)
        self._lines = LineMaker(fonts, self._ornaments)

    def face(self, family: str, serial: str, rng: np.random.Generator) -> Face:
        """Return a face of ``serial``; ``family`` is as `models.training.serials.draw_serial` gives it."""
        if family in DESIGNS:
            return self._american(family, serial, rng)
        return self._elsewhere(family, serial, rng)

    def word(self, text: str, style: str, rng: np.random.Generator) -> Mask:
        """Return ``text`` in small lettering of ``style``, 24 px tall."""
        return self._words.mask(text, style, rng)

    def _american(self, family: str, serial: str, rng: np.random.Generator) -> Face:
        number = jurisdiction_number(family)
        design, place = _design_of(family, number, rng)
        lines = serial.split("|")
        height = int(rng.integers(104, 148))
        width = int(height * (2.0 if len(lines) == 1 else 1.7) * rng.uniform(0.95, 1.06))
        paper, ink = design.paper + rng.normal(0, 10), design.ink + rng.normal(0, 12)
        infrared = rng.random() < INFRARED_SHARE
        if infrared and rng.random() < 0.3:
            paper, ink = ink, paper
        canvas = _Canvas(face=paper_of(height, width, paper, rng), paper=paper, ink=ink)
        if infrared:
            canvas.faint = rng.uniform(0.0, 0.35)
        print_back(canvas.face, design.back, rng)
        if rng.random() < 0.18:
            self._print_behind(canvas, rng)
        self._edges(canvas, design, rng)
        if design.side and "{" not in serial:
            self._side(canvas, design.side, rng)
        shape = Shape(
            _CELLS[design.die] * rng.uniform(0.86, 1.16),
            design.tall,
            number,
            number in SAME_O_AND_0,
            design.ornament,
        )
        if design.ornament and rng.random() < (0.7 if "^" not in serial else 0.25):
            self._middle(canvas, design.ornament if rng.random() < 0.5 else "icon", rng)
        boxes = self._serial(canvas, lines, shape, rng)
        fasten(canvas.face, ink, rng)
        hidden = rng.random() < (0.3 if len(lines) == 1 else 0.1) and self._framed(canvas, rng)
        tells = bool(design.ornament or design.over[0]) and design in DESIGNS[family]
        if not tells and (hidden or canvas.faint < 0.2):
            place = NOT_LEARNT
        return Face(np.clip(canvas.face, 0, 255).astype(np.uint8), codes_of(serial), boxes, place)

    def _print_behind(self, canvas: _Canvas, rng: np.random.Generator) -> None:
        """Print a large pale picture that the serial then stands on."""
        height, width = canvas.face.shape
        masks = self._ornaments[NAMES[int(rng.integers(len(NAMES)))]]
        tall = int(height * rng.uniform(0.4, 0.85))
        mask = cv2.resize(masks[int(rng.integers(len(masks)))], (int(tall * rng.uniform(0.7, 1.4)), tall))
        shade = canvas.paper + (canvas.ink - canvas.paper) * rng.uniform(0.12, 0.5)
        x = int((width - mask.shape[1]) * rng.uniform(0.1, 0.9))
        put_picture(canvas.face, mask, (x, int((height - tall) * rng.uniform(0.3, 0.7))), shade, rng)

    def _middle(self, canvas: _Canvas, ornament: str, rng: np.random.Generator) -> None:
        """Print the design's own picture where a personal serial will stand on it."""
        height, width = canvas.face.shape
        masks = self._ornaments[ornament]
        tall = int((canvas.bottom - canvas.top) * height * rng.uniform(0.6, 1.0))
        wide = int(tall * rng.uniform(0.7, 1.2))
        mask = cv2.resize(masks[int(rng.integers(len(masks)))], (wide, tall), interpolation=cv2.INTER_AREA)
        shade = canvas.paper + (canvas.ink - canvas.paper) * rng.uniform(0.15, 0.8) * canvas.faint
        x = int((width - wide) * rng.uniform(0.42, 0.58))
        y = int((canvas.top + canvas.bottom) / 2 * height - tall / 2)
        put_picture(canvas.face, mask, (x, max(0, y)), shade, rng)

    def _edges(self, canvas: _Canvas, design: Design, rng: np.random.Generator) -> None:
        """Draw bands, name and slogan."""
        face, height = canvas.face, canvas.face.shape[0]
        for (share, shade), above in ((design.over, True), (design.under, False)):
            if share:
                rows = max(2, int(share * height * rng.uniform(0.85, 1.1)))
                part = face[:rows] if above else face[height - rows :]
                part += (np.float32(shade + rng.normal(0, 8)) - part) * np.float32(0.2 + 0.75 * canvas.faint)
        name_ink = design.name_ink if design.name_ink >= 0 else canvas.ink
        slogan_ink = design.slogan_ink if design.slogan_ink >= 0 else name_ink
        if design.name:
            tall = rng.uniform(0.13, 0.2) * (1.3 if design.style == "script" else 1.0)
            mask = self._words.mask(design.name, design.style, rng)
            canvas.name_rows = _put_word(
                canvas, mask, (tall, name_ink), rng, above=design.at == "top", least=0.28
            )
        if design.slogan:
            style = design.style if rng.random() < 0.3 else "sans"
            mask = self._words.mask(design.slogan, style, rng)
            size = (rng.uniform(0.075, 0.125), slogan_ink)
            _put_word(canvas, mask, size, rng, above=design.at != "top", least=0.0)
        canvas.top += rng.uniform(0.015, 0.05)
        canvas.bottom -= rng.uniform(0.015, 0.05)

    def _side(self, canvas: _Canvas, side: str, rng: np.random.Generator) -> None:
        """Draw a picture left of the serial."""
        height, width = canvas.face.shape
        tall = int((canvas.bottom - canvas.top) * height * rng.uniform(0.75, 1.05))
        shade = canvas.paper + (rng.uniform(20, 230) - canvas.paper) * rng.uniform(0.5, 1.0)
        mask = (
            self._logo(rng)
            if side == "logo"
            else self._ornaments[side][int(rng.integers(len(self._ornaments[side])))]
        )
        wide = min(int(mask.shape[1] * tall / mask.shape[0]), int(width * 0.2))
        small = cv2.resize(mask, (max(4, wide), max(4, tall)), interpolation=cv2.INTER_AREA)
        x = int(width * rng.uniform(0.02, 0.06))
        y = int((canvas.top + canvas.bottom) / 2 * height - tall / 2)
        put_picture(canvas.face, small, (x, y), shade, rng)
        if rng.random() < 0.2:
            caption = self._words.mask(COUNTIES[int(rng.integers(len(COUNTIES)))], "narrow", rng)
            tag = cv2.resize(
                caption, (max(6, wide), max(4, int(height * 0.05))), interpolation=cv2.INTER_AREA
            )
            put_ink(canvas.face, tag, (x, int(canvas.bottom * height - tag.shape[0])), canvas.ink)
        canvas.left = (x + wide) / width + rng.uniform(0.01, 0.03)

    def _logo(self, rng: np.random.Generator) -> Mask:
        """Return a badge of one to four small letters."""
        marks = "ABCDEFGHIJKLMNOPRSTUVW" if rng.random() < 0.75 else "0123456789"
        letters = "".join(marks[int(i)] for i in rng.integers(len(marks), size=int(rng.integers(1, 5))))
        word = self._words.mask(letters, ("slab", "serif", "wide", "script")[int(rng.integers(4))], rng)
        mask: Mask = np.zeros((64, 64), np.uint8)
        if rng.random() < 0.5:
            cv2.circle(mask, (32, 32), 30, 255, 3 if rng.random() < 0.5 else -1, cv2.LINE_AA)
        tall = int(rng.integers(18, 48))
        small = cv2.resize(word, (int(rng.integers(28, 62)), tall), interpolation=cv2.INTER_AREA)
        y, x = (64 - tall) // 2, (64 - small.shape[1]) // 2
        part = mask[y : y + tall, x : x + small.shape[1]]
        part[:] = np.where(mask[32, 5] > 128, np.minimum(part, 255 - small), np.maximum(part, small))
        return mask

    def _serial(
        self, canvas: _Canvas, lines: list[str], shape: Shape, rng: np.random.Generator
    ) -> NDArray[np.int32]:
        """Draw the serial's lines into what is free; return each read character's box."""
        height, width = canvas.face.shape
        top, across = canvas.top, canvas.right - canvas.left
        gap = (canvas.bottom - top) * rng.uniform(0.04, 0.14) if len(lines) == 2 else 0.0
        tall = (canvas.bottom - top - gap * (len(lines) - 1)) / len(lines)
        if len(lines) == 1:
            slack = max(0.0, tall - max(shape.tall * rng.uniform(0.87, 1.2), 0.3))
            tall -= slack
            top += slack * rng.uniform(0.35, 0.65)
        lettering = self._lines.lettering(shape.place, rng)
        pressed, rubbed = rng.random() < 0.4, rng.random() < 0.06
        boxes: list[tuple[int, int, int, int]] = []
        for index, text in enumerate(lines):
            size = (max(8, int(tall * height)), int(across * width))
            line = self._lines.line(text, size, lettering, shape, rng)
            y = int((top + index * (tall + gap)) * height)
            spare = int(across * width) - line.ink.shape[1]
            x = int(canvas.left * width) + int(spare * np.clip(rng.normal(0.5, 0.08), 0, 1))
            ink = worn(line.ink, rng) if rubbed else line.ink
            if line.ornaments.any():  # below the ink: larger ones reach under the characters beside them
                shade = rng.uniform(20, 220) if rng.random() < 0.6 else canvas.ink
                put_picture(canvas.face, line.ornaments, (x, y), shade, rng)
            put_ink(canvas.face, ink, (x, y), canvas.ink, pressed=pressed)
            boxes += [(x + start, y, x + end, y + ink.shape[0]) for start, end in line.spans]
        return np.array(boxes, np.int32).reshape(-1, 4)

    def _framed(self, canvas: _Canvas, rng: np.random.Generator) -> bool:
        """Put a dealer's frame on; say whether it hides the issuer's name."""
        face = canvas.face
        hidden = 0
        for start, end in put_frame(face, (canvas.top, canvas.bottom), rng):
            hidden += max(0, min(end, canvas.name_rows[1]) - max(start, canvas.name_rows[0]))
            if end - start < 7 or rng.random() < 0.35:
                continue
            style = STYLES[int(rng.integers(len(STYLES)))]
            mask = self._words.mask(DEALERS[int(rng.integers(len(DEALERS)))], style, rng)
            tall = max(4, int((end - start) * rng.uniform(0.6, 0.85)))
            wide = max(4, min(int(mask.shape[1] * tall / 24 * 1.2), int(face.shape[1] * 0.9)))
            small = cv2.resize(mask, (wide, tall), interpolation=cv2.INTER_AREA)
            shade = 230 if face[(start + end) // 2, 3] < 128 else 30
            put_ink(face, small, ((face.shape[1] - wide) // 2, start + (end - start - tall) // 2), shade)
        return hidden > _FRAMED_ABOVE * (canvas.name_rows[1] - canvas.name_rows[0])

    def _elsewhere(self, family: str, serial: str, rng: np.random.Generator) -> Face:
        """Return a European or other plate."""
        lines = serial.split("|")
        height, width = _size(family, len(lines), rng)
        wide = width > 3 * height
        contrast = rng.uniform(130, 225)
        low = rng.uniform(10, 240 - contrast)
        paper, ink = (low, low + contrast) if rng.random() < 0.15 else (low + contrast, low)
        canvas = _Canvas(
            face=paper_of(height, width, paper, rng), paper=paper, ink=ink, left=0.03, right=0.97
        )
        canvas.top, canvas.bottom = (
            (0.12, 0.88) if len(lines) == 1 else (rng.uniform(0.03, 0.1), rng.uniform(0.9, 0.97))
        )
        if wide:
            canvas.top = rng.uniform(0.07, 0.18)
            canvas.bottom = 1 - canvas.top + rng.uniform(-0.03, 0.03)
            if rng.random() < 0.55:
                band = rng.uniform(0.07, 0.11)
                canvas.face[:, : int(width * band)] = rng.uniform(20, 120)
                canvas.left = band + 0.01
        elif rng.random() < (0.8 if len(lines) == 1 else 0.3):
            word = WORDS[int(rng.integers(len(WORDS)))]
            style = STYLES[int(rng.integers(len(STYLES)))]
            at = "top" if rng.random() < 0.5 else "bottom"
            self._edges(canvas, Design(word, style, at=at, paper=int(paper), ink=int(ink)), rng)
        cell = rng.uniform(0.42, 0.72) if wide else rng.uniform(0.4, 0.6)
        boxes = self._serial(canvas, lines, Shape(cell, 1.0), rng)
        fasten(canvas.face, ink, rng)
        if len(lines) == 1 and not wide and rng.random() < 0.15:
            self._framed(canvas, rng)
        return Face(np.clip(canvas.face, 0, 255).astype(np.uint8), codes_of(serial), boxes, ELSEWHERE)


def codes_of(serial: str) -> Grey:
    """Return what is read of ``serial`` as `MAX_CHARACTERS` codes, padded with 0."""
    codes = np.zeros(MAX_CHARACTERS, np.uint8)
    place, small = 0, False
    for mark in serial:
        if mark in "{}":
            small = mark == "{"
        elif mark.isalnum() and not small and place < MAX_CHARACTERS:
            codes[place] = CHARACTERS.index(mark) + 1
            place += 1
    return codes


def _put_word(
    canvas: _Canvas,
    mask: Mask,
    size: tuple[float, float],
    rng: np.random.Generator,
    *,
    above: bool,
    least: float,
) -> tuple[int, int]:
    """Put a word at the upper or lower edge and narrow what is free; return its rows.

    ``size`` is its height in shares and its shade, ``least`` the share of the width it takes at least.
    """
    height, width = canvas.face.shape
    tall = size[0] * height
    natural = mask.shape[1] * tall / 24
    wide = min(max(natural * rng.uniform(0.9, 1.3), width * least), width * 0.84, natural * 2.2)
    small = cv2.resize(mask, (max(4, int(wide)), max(4, int(tall))), interpolation=cv2.INTER_AREA)
    rows = small.shape[0]
    edge = height * rng.uniform(0.03, 0.06)
    y = int(edge if above else height - edge - rows)
    shade = canvas.paper + (size[1] - canvas.paper) * canvas.faint
    put_ink(canvas.face, small, (int((width - small.shape[1]) * rng.normal(0.5, 0.03)), y), shade)
    if above:
        canvas.top = (y + rows) / height
    else:
        canvas.bottom = y / height
    return y, y + rows


def _design_of(family: str, place: int, rng: np.random.Generator) -> tuple[Design, int]:
    """Draw a design of ``family``: its own, a specialty one with its name, or one that does not tell."""
    designs = DESIGNS[family]
    weights = np.array([design.weight for design in designs], np.float64)
    design = designs[int(rng.choice(len(designs), p=weights / weights.sum()))]
    kind = rng.random()
    if kind >= GENERIC_SHARE + SPECIALTY_SHARE:
        return design, place
    made = _specialty(next((other.name for other in designs if other.name), ""), design.die, rng)
    if kind < GENERIC_SHARE:
        return made._replace(name=made.slogan if rng.random() < 0.5 else ""), NOT_LEARNT
    return made, place


def _specialty(name: str, die: str, rng: np.random.Generator) -> Design:
    """Return a design of no real plate, with the issuer's ``name``."""
    dark = rng.random() < 0.25
    paper = int(rng.uniform(20, 110) if dark else rng.uniform(140, 250))
    ink = int(rng.uniform(paper + 90, 250) if dark else rng.uniform(15, paper - 80))
    name_ink = ink if rng.random() < 0.6 else int(rng.uniform(20, 230))
    band = (rng.uniform(0.14, 0.27), int(rng.uniform(20, 230)))
    return Design(
        name=name.upper() if rng.random() < 0.6 else name.title(),
        style=STYLES[int(rng.integers(len(STYLES)))],
        slogan=COUNTIES[int(rng.integers(len(COUNTIES)))] if rng.random() < 0.75 else "",
        at="top" if rng.random() < 0.75 else "bottom",
        paper=paper,
        ink=ink,
        name_ink=name_ink if abs(name_ink - paper) > 60 else ink,
        over=band if rng.random() < 0.15 else (0.0, 0),
        under=band if rng.random() < 0.12 else (0.0, 0),
        ornament=NAMES[int(rng.integers(len(NAMES)))] if rng.random() < 0.5 else "",
        die=die if rng.random() < 0.7 else ("narrow", "normal", "wide")[int(rng.integers(3))],
        back=BACKS[int(rng.integers(len(BACKS)))],
        tall=rng.uniform(0.38, 0.54),
        side=SIDE_PICTURES[int(rng.integers(len(SIDE_PICTURES)))] if rng.random() < 0.45 else "",
    )


def _size(family: str, lines: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return the height and width of a face from elsewhere in px."""
    if lines == 2:
        height = int(rng.integers(120, 160))
        return height, int(height * rng.uniform(1.25, 2.1))
    height = int(rng.integers(104, 148))
    aspect = rng.uniform(2.0, 4.6) if family == "elsewhere" else rng.uniform(4.2, 4.9)
    if aspect > 3:
        height = int(height * 0.62)
    return height, int(height * aspect)
