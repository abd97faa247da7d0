"""Flat faces of rendered plates: layout, names, slogans, ornaments, stickers and the serial itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS
from alprd.plates.grammar import SAME_O_AND_0, SLASHED_ZERO
from alprd.plates.jurisdictions import jurisdiction_number
from models.training.designs import COUNTIES, DEALERS, DESIGNS, Design
from models.training.lettering import Lettering, Mask, Words, load_letterings
from models.training.ornaments import NAMES, SIDE_PICTURES, draw_ornaments
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

_STYLES: Final = ("sans", "narrow", "serif", "slab", "script", "wide")
_BACKS: Final = ("plain", "fade", "hills", "rays", "waves", "speckle", "outline")


class Face(NamedTuple):
    """A flat plate with what is to be read of it."""

    picture: Grey
    codes: Grey
    """(MAX_CHARACTERS,) codes, 0 behind the last."""
    boxes: NDArray[np.int32]
    """(characters, 4): x1, y1, x2, y2 of each read character in px."""
    place: int


class Line(NamedTuple):
    """One line of a serial as a mask, and where its characters stand in it."""

    mask: Mask
    ornaments: Mask
    spans: list[tuple[int, int]]


class FaceMaker:
    """Draws faces; ``fonts`` is the folder that `models.training.lettering.font_files` takes."""

    def __init__(self, fonts: Path) -> None:
        self._letterings = load_letterings(fonts)
        self._plain = [lettering for lettering in self._letterings if not lettering.slashed]
        self._own = [lettering for lettering in self._plain if lettering.name.startswith("strokes")]
        self._words = Words(fonts)
        self._ornaments = draw_ornaments()

    def face(self, family: str, serial: str, rng: np.random.Generator) -> Face:
        """Return a face of ``serial``; ``family`` is as `models.training.serials.draw_serial` gives it."""
        if family in DESIGNS:
            return self._american(family, serial, rng)
        return self._elsewhere(family, serial, rng)

    def word(self, text: str, style: str, rng: np.random.Generator) -> Mask:
        """Return ``text`` in small lettering of ``style``, 24 px tall."""
        return self._words.mask(text, style, rng)

    def _american(self, family: str, serial: str, rng: np.random.Generator) -> Face:
        place = jurisdiction_number(family)
        design, place = _design_of(family, place, rng)
        lines = serial.split("|")
        height = int(rng.integers(104, 148))
        width = int(height * (2.0 if len(lines) == 1 else 1.7) * rng.uniform(0.95, 1.06))
        infrared = rng.random() < 0.07
        paper, ink = design.paper + rng.normal(0, 10), design.ink + rng.normal(0, 12)
        if infrared and rng.random() < 0.3:
            paper, ink = ink, paper
        face = _paper(height, width, paper, rng)
        _back(face, design.back, rng)
        faint = rng.uniform(0.0, 0.35) if infrared else 1.0  # some inks vanish under infrared
        top, bottom = self._edges(face, design, paper, ink, faint, rng)
        left, right = 0.035, 0.965
        if design.side and "{" not in serial:
            left = self._side(face, design.side, paper, ink, (top, bottom), rng)
        lettering = self._lettering(place if place != NOT_LEARNT else 0, rng)
        wide = {"narrow": 0.45, "normal": 0.52, "wide": 0.6}[design.die] * rng.uniform(0.86, 1.16)
        alike = jurisdiction_number(family) in SAME_O_AND_0
        boxes = self._serial(
            face,
            lines,
            (left, right, top, bottom),
            lettering,
            (wide, design.tall, alike),
            design.ornament,
            ink,
            rng,
        )
        covered = _furniture(face, ink, rng, room=(top, bottom), frame=0.3 if len(lines) == 1 else 0.1)
        if covered and place != NOT_LEARNT and not design.ornament and not design.over[0]:
            place = NOT_LEARNT
        if infrared and faint < 0.2 and not design.ornament:
            place = NOT_LEARNT
        if covered:
            self._dealer(face, covered, rng)
        return Face(np.clip(face, 0, 255).astype(np.uint8), codes_of(serial), boxes, place)

    def _edges(
        self, face: Soft, design: Design, paper: float, ink: float, faint: float, rng: np.random.Generator
    ) -> tuple[float, float]:
        """Draw bands, name and slogan; return the shares between which the serial has room."""
        height, width = face.shape
        for (share, shade), above in ((design.over, True), (design.under, False)):
            if share:
                rows = max(2, int(share * height * rng.uniform(0.85, 1.1)))
                part = face[:rows] if above else face[height - rows :]
                part += (np.float32(shade + rng.normal(0, 8)) - part) * np.float32(0.2 + 0.75 * faint)
        name_ink = design.name_ink if design.name_ink >= 0 else ink
        slogan_ink = design.slogan_ink if design.slogan_ink >= 0 else name_ink
        shades = [paper + (shade - paper) * faint for shade in (name_ink, slogan_ink)]
        name_above = design.at == "top"
        top, bottom = 0.07, 0.93
        for text, style, shade, above, is_name in (
            (design.name, design.style, shades[0], name_above, True),
            (design.slogan, design.style if rng.random() < 0.3 else "sans", shades[1], not name_above, False),
        ):
            if not text:
                continue
            tall = (rng.uniform(0.13, 0.2) if is_name else rng.uniform(0.075, 0.125)) * height
            mask = self._words.mask(text, style, rng)
            if style == "script":
                tall *= 1.3
            natural = mask.shape[1] * tall / 24
            limit = width * (0.86 if not is_name else 0.8)
            fit = min(
                max(natural * rng.uniform(0.9, 1.3), width * (0.28 if is_name else 0.0)), limit, natural * 2.2
            )
            small = cv2.resize(mask, (max(4, int(fit)), max(4, int(tall))), interpolation=cv2.INTER_AREA)
            rows = small.shape[0]
            edge = height * rng.uniform(0.03, 0.06)
            y = int(edge) if above else int(height - edge - rows)
            _ink(face, small, int((width - small.shape[1]) * rng.normal(0.5, 0.03)), y, shade)
            if above:
                top = (y + rows) / height
            else:
                bottom = y / height
        return top + rng.uniform(0.015, 0.05), bottom - rng.uniform(0.015, 0.05)

    def _side(
        self,
        face: Soft,
        side: str,
        paper: float,
        ink: float,
        room: tuple[float, float],
        rng: np.random.Generator,
    ) -> float:
        """Draw a picture left of the serial; return the share where the serial may begin."""
        height, width = face.shape
        tall = int((room[1] - room[0]) * height * rng.uniform(0.75, 1.05))
        shade = paper + (rng.uniform(20, 230) - paper) * rng.uniform(0.5, 1.0)
        if side == "logo":
            mask = self._logo(rng)
        else:
            masks = self._ornaments[side]
            mask = masks[int(rng.integers(len(masks)))]
        wide = min(int(mask.shape[1] * tall / mask.shape[0]), int(width * 0.2))
        small = cv2.resize(mask, (max(4, wide), max(4, tall)), interpolation=cv2.INTER_AREA)
        x = int(width * rng.uniform(0.02, 0.06))
        _ink(face, small, x, int((room[0] + room[1]) / 2 * height - tall / 2), shade)
        if rng.random() < 0.2:
            caption = self._words.mask(COUNTIES[int(rng.integers(len(COUNTIES)))], "narrow", rng)
            tag = cv2.resize(
                caption, (max(6, wide), max(4, int(height * 0.05))), interpolation=cv2.INTER_AREA
            )
            _ink(face, tag, x, int(room[1] * height - tag.shape[0]), ink)
        return (x + wide) / width + rng.uniform(0.01, 0.03)

    def _logo(self, rng: np.random.Generator) -> Mask:
        """Return a badge of one to four interlaced small letters."""
        letters = "".join(
            "ABCDEFGHIJKLMNOPRSTUVW"[int(i)] for i in rng.integers(22, size=int(rng.integers(1, 5)))
        )
        word = self._words.mask(letters, ("slab", "serif", "wide", "script")[int(rng.integers(4))], rng)
        mask: Mask = np.zeros((64, 64), np.uint8)
        if rng.random() < 0.5:
            cv2.circle(mask, (32, 32), 30, 255, 3 if rng.random() < 0.5 else -1, cv2.LINE_AA)
        tall = int(rng.integers(18, 38))
        small = cv2.resize(word, (int(rng.integers(28, 54)), tall), interpolation=cv2.INTER_AREA)
        y, x = (64 - tall) // 2, (64 - small.shape[1]) // 2
        part = mask[y : y + tall, x : x + small.shape[1]]
        part[:] = np.where(mask[32, 3] > 128, np.minimum(part, 255 - small), np.maximum(part, small))
        return mask

    def _serial(
        self,
        face: Soft,
        lines: list[str],
        room: tuple[float, float, float, float],
        lettering: Lettering,
        shape: tuple[float, float, bool],
        ornament: str,
        ink: float,
        rng: np.random.Generator,
    ) -> NDArray[np.int32]:
        """Draw the serial's lines into ``room`` (shares); return each read character's box."""
        height, width = face.shape
        left, right, top, bottom = room
        gap = (bottom - top) * rng.uniform(0.04, 0.14) if len(lines) == 2 else 0.0
        tall = (bottom - top - gap * (len(lines) - 1)) / len(lines)
        if len(lines) == 1:
            limit = max(shape[1] * rng.uniform(0.87, 1.2), 0.3)
            slack = max(0.0, tall - limit)
            tall -= slack
            top += slack * rng.uniform(0.35, 0.65)
        pressed = rng.random() < 0.4
        boxes: list[tuple[int, int, int, int]] = []
        for index, text in enumerate(lines):
            line = self._line(
                text, max(8, int(tall * height)), int((right - left) * width), lettering, shape, ornament, rng
            )
            y = int((top + index * (tall + gap)) * height)
            space = int((right - left) * width) - line.mask.shape[1]
            x = int(left * width) + int(space * np.clip(rng.normal(0.5, 0.08), 0, 1))
            worn = rng.random() < 0.06
            _ink(face, _worn(line.mask, rng) if worn else line.mask, x, y, ink, pressed=pressed)
            if line.ornaments.any():
                _ink(face, line.ornaments, x, y, rng.uniform(20, 220) if rng.random() < 0.6 else ink)
            boxes += [(x + start, y, x + end, y + line.mask.shape[0]) for start, end in line.spans]
        return np.array(boxes, np.int32).reshape(-1, 4)

    def _line(
        self,
        text: str,
        tall: int,
        room: int,
        lettering: Lettering,
        shape: tuple[float, float, bool],
        ornament: str,
        rng: np.random.Generator,
    ) -> Line:
        """Return one line of a serial ``tall`` px tall, at most ``room`` px wide."""
        cell = tall * shape[0]
        even = rng.random() < 0.65  # pressed plates give every character the same cell
        factor = cell / lettering.widest_px
        swap = ("O0", "0O")[int(rng.integers(2))] if shape[2] and rng.random() < 0.6 else ""
        space, blank = cell * rng.uniform(0.1, 0.36), cell * rng.uniform(0.25, 0.8)
        parts: list[tuple[str, Mask | None, float]] = []
        for mark in _tokens(text):
            kind, mask, wide = self._token(mark, lettering, swap, ornament, rng)
            if kind == "char" and mask is not None:
                wide = cell if even else max(mask.shape[1] * factor, cell * 0.3)
            elif kind == "mark" and mask is not None:
                wide = mask.shape[1] * factor
            elif kind == "gap":
                wide = blank
            else:
                wide *= cell
            parts.append((kind, mask, wide))
        total = sum(wide for _kind, _mask, wide in parts) + space * (len(parts) - 1)
        squeeze = min(room * rng.uniform(0.9, 1.0) / total, rng.uniform(1.0, 1.25))
        ink: Mask = np.zeros((tall, max(4, int(total * squeeze) + 2)), np.uint8)
        other: Mask = np.zeros_like(ink)
        spans: list[tuple[int, int]] = []
        x = 0.0
        for kind, mask, wide in parts:
            if mask is not None:
                limit = wide * squeeze
                natural = limit if kind in {"orn", "small"} else mask.shape[1] * factor * squeeze
                columns = max(2, round(min(natural, limit)))
                start = max(0, int(x + (limit - columns) / 2))
                target = other if kind == "orn" else ink
                _stamp(target, mask, start, columns, kind, rng)
                if kind == "char":
                    spans.append((start, start + columns))
            x += (wide + space) * squeeze
        return Line(_die_cut(ink, rng), other, spans)

    def _token(
        self, mark: str, lettering: Lettering, swap: str, ornament: str, rng: np.random.Generator
    ) -> tuple[str, Mask | None, float]:
        """Return what kind of thing ``mark`` is, its mask, and its width in cells where it has one."""
        if mark.startswith("{"):
            return "small", self._stacked(mark[1:-1], rng), rng.uniform(0.42, 0.62)
        if mark == "^":
            kind = rng.random()
            if ornament and kind < 0.75:
                name = ornament if rng.random() < 0.9 else NAMES[int(rng.integers(len(NAMES)))]
                masks = self._ornaments[name]
                return "orn", masks[int(rng.integers(len(masks)))], rng.uniform(0.55, 1.05)
            if kind < 0.86:
                if rng.random() < 0.2:
                    return "orn", self._ornaments["dot"][int(rng.integers(6))], rng.uniform(0.3, 0.45)
                return "mark", lettering.masks["-"], 0.0
            return (
                ("gap", None, 0.0)
                if kind < 0.95
                else ("orn", self._ornaments["bar"][0], rng.uniform(0.25, 0.5))
            )
        if mark == " ":
            return "gap", None, 0.0
        if mark in "-.":
            return "mark", lettering.masks[mark], 0.0
        return "char", lettering.masks[swap[1] if swap and mark == swap[0] else mark], 0.0

    def _stacked(self, letters: str, rng: np.random.Generator) -> Mask:
        """Return small letters one above another, 64 px tall."""
        lettering = self._plain[int(rng.integers(len(self._plain)))]
        rows = [
            cv2.resize(lettering.masks[mark], (30, 64 // len(letters) - 4), interpolation=cv2.INTER_AREA)
            for mark in letters
            if mark in lettering.masks
        ]
        stack = np.zeros((64, 30), np.uint8)
        y = 1
        for row in rows:
            stack[y : y + row.shape[0]] = row
            y += row.shape[0] + 4
        return stack

    def _lettering(self, place: int, rng: np.random.Generator) -> Lettering:
        if rng.random() < (0.2 if place in SLASHED_ZERO else 0.015):
            return self._letterings[int(rng.integers(len(self._letterings)))]
        if rng.random() < 0.4:
            return self._own[int(rng.integers(len(self._own)))]
        return self._plain[int(rng.integers(len(self._plain)))]

    def _dealer(self, face: Soft, covered: list[tuple[int, int]], rng: np.random.Generator) -> None:
        """Letter the dealer's frame that ``covered`` says, rows from and to."""
        for start, end in covered:
            if end - start < 7 or rng.random() < 0.35:
                continue
            style = _STYLES[int(rng.integers(len(_STYLES)))]
            mask = self._words.mask(DEALERS[int(rng.integers(len(DEALERS)))], style, rng)
            tall = int((end - start) * rng.uniform(0.6, 0.85))
            wide = min(int(mask.shape[1] * tall / 24 * 1.2), int(face.shape[1] * 0.9))
            small = cv2.resize(mask, (max(4, wide), max(4, tall)), interpolation=cv2.INTER_AREA)
            shade = 230 if face[(start + end) // 2, 3] < 128 else 30
            _ink(face, small, (face.shape[1] - wide) // 2, start + (end - start - tall) // 2, shade)

    def _elsewhere(self, family: str, serial: str, rng: np.random.Generator) -> Face:
        """Return a European or other plate."""
        lines = serial.split("|")
        height, width = _size(family, len(lines), rng)
        wide = width > 3 * height
        contrast = rng.uniform(130, 225)
        low = rng.uniform(10, 240 - contrast)
        paper, ink = (low, low + contrast) if rng.random() < 0.15 else (low + contrast, low)
        face = _paper(height, width, paper, rng)
        left, right, top, bottom = 0.03, 0.97, 0.12, 0.88
        if wide:
            top = rng.uniform(0.07, 0.18)
            bottom = 1 - top + rng.uniform(-0.03, 0.03)
            if rng.random() < 0.55:
                band = rng.uniform(0.07, 0.11)
                face[:, : int(width * band)] = rng.uniform(20, 120)
                left = band + 0.01
        else:
            if len(lines) == 2:
                top, bottom = rng.uniform(0.03, 0.1), rng.uniform(0.9, 0.97)
            blank = Design("", paper=int(paper), ink=int(ink))
            word = WORDS[int(rng.integers(len(WORDS)))]
            style = _STYLES[int(rng.integers(len(_STYLES)))]
            if rng.random() < (0.8 if len(lines) == 1 else 0.3):
                edges = blank._replace(name=word, style=style, at="top" if rng.random() < 0.5 else "bottom")
                top, bottom = self._edges(face, edges, paper, ink, 1.0, rng)
        lettering = self._lettering(0, rng)
        shape = (rng.uniform(0.42, 0.72) if wide else rng.uniform(0.4, 0.6), 1.0, False)
        boxes = self._serial(face, lines, (left, right, top, bottom), lettering, shape, "", ink, rng)
        _furniture(face, ink, rng, room=(top, bottom), frame=0.15 if len(lines) == 1 and not wide else 0.0)
        return Face(np.clip(face, 0, 255).astype(np.uint8), codes_of(serial), boxes, ELSEWHERE)


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


def _design_of(family: str, place: int, rng: np.random.Generator) -> tuple[Design, int]:
    """Draw a design of ``family``: its own, a specialty one with its name, or one that does not tell."""
    designs = DESIGNS[family]
    weights = np.array([design.weight for design in designs], np.float64)
    design = designs[int(rng.choice(len(designs), p=weights / weights.sum()))]
    kind = rng.random()
    if kind >= GENERIC_SHARE + SPECIALTY_SHARE:
        return design, place
    dark = rng.random() < 0.25
    paper = int(rng.uniform(20, 110) if dark else rng.uniform(140, 250))
    ink = int(rng.uniform(paper + 90, 250) if dark else rng.uniform(15, paper - 80))
    words = COUNTIES[int(rng.integers(len(COUNTIES)))]
    name = next((other.name for other in designs if other.name), "")
    band = (rng.uniform(0.14, 0.27), int(rng.uniform(20, 230)))
    made = Design(
        name=name.upper() if rng.random() < 0.6 else name.title(),
        style=_STYLES[int(rng.integers(len(_STYLES)))],
        slogan=words if rng.random() < 0.75 else "",
        at="top" if rng.random() < 0.75 else "bottom",
        paper=paper,
        ink=ink,
        name_ink=ink if rng.random() < 0.6 else int(rng.uniform(20, 230)),
        over=band if rng.random() < 0.15 else (0.0, 0),
        under=band if rng.random() < 0.12 else (0.0, 0),
        ornament=NAMES[int(rng.integers(len(NAMES)))] if rng.random() < 0.5 else "",
        die=design.die if rng.random() < 0.7 else ("narrow", "normal", "wide")[int(rng.integers(3))],
        back=_BACKS[int(rng.integers(len(_BACKS)))],
        tall=rng.uniform(0.38, 0.54),
        side=SIDE_PICTURES[int(rng.integers(len(SIDE_PICTURES)))] if rng.random() < 0.45 else "",
    )
    if abs(made.name_ink - paper) < 60:
        made = made._replace(name_ink=ink)
    if kind < GENERIC_SHARE:
        return made._replace(name=words if rng.random() < 0.5 else ""), NOT_LEARNT
    return made, place


def _tokens(text: str) -> list[str]:
    """Split a line into marks and {groups of small letters}."""
    tokens: list[str] = []
    start = -1
    for place, mark in enumerate(text):
        if mark == "{":
            start = place
        elif mark == "}":
            tokens.append(text[start : place + 1])
            start = -1
        elif start < 0:
            tokens.append(mark)
    return tokens


def _stamp(target: Mask, mask: Mask, x: int, columns: int, kind: str, rng: np.random.Generator) -> None:
    """Put ``mask`` into ``target`` from column ``x``, as tall as the line or, an ornament, less."""
    tall = target.shape[0]
    rows, y = tall, 0
    if kind == "orn":
        rows = max(3, min(tall, int(min(rng.uniform(0.45, 1.0) * tall, columns * 1.6))))
        y = int((tall - rows) * rng.uniform(0.35, 0.65))
    small = cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_AREA)
    part = target[y : y + rows, x : x + columns]
    np.maximum(part, small[:, : part.shape[1]], out=part)


def _die_cut(mask: Mask, rng: np.random.Generator) -> Mask:
    """Vary the strokes: bolder, thinner, or with rounded corners."""
    kind = rng.random()
    if kind < 0.16:
        return np.asarray(cv2.dilate(mask, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    if kind < 0.26:
        return np.asarray(cv2.erode(mask, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    if kind < 0.55:
        soft = cv2.GaussianBlur(mask, (0, 0), mask.shape[0] * rng.uniform(0.015, 0.035))
        return np.asarray(cv2.convertScaleAbs(cv2.subtract(soft, 80), alpha=2.7), dtype=np.uint8)
    return mask


def _worn(mask: Mask, rng: np.random.Generator) -> Mask:
    """Rub some paint off."""
    rough = rng.normal(0.75, 0.25, (7, 24)).astype(np.float32)
    share = cv2.resize(rough, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(mask * np.clip(share, 0.35, 1), dtype=np.uint8)


def _back(face: Soft, back: str, rng: np.random.Generator) -> None:
    """Print something pale under the serial."""
    height, width = face.shape
    depth = float(rng.uniform(8, 38)) * (-1 if face[0, 0] > 128 else 1)
    if back == "fade":
        ramp = np.linspace(1, -1, height, dtype=np.float32) if rng.random() < 0.5 else None
        if ramp is None:
            ramp = np.abs(np.linspace(-1, 1, height, dtype=np.float32))
        face += ramp[:, None] * np.float32(depth)
    elif back in {"hills", "waves", "outline"}:
        x = np.linspace(0, 1, 24)
        line = sum(rng.normal(0, 0.1) * np.sin(x * rng.uniform(3, 22) + rng.uniform(0, 6)) for _ in range(3))
        y = (rng.uniform(0.3, 0.75) + line) * height
        points = np.stack([x * width, y], axis=1).astype(np.int32)
        layer = np.zeros((height, width), np.float32)
        if back == "outline":
            cv2.polylines(layer, [points], isClosed=False, color=1.0, thickness=3)
        else:
            cv2.fillPoly(layer, [np.vstack([points, [[width, height], [0, height]]]).astype(np.int32)], 1.0)
        face += layer * np.float32(depth)
    elif back == "rays":
        centre = (int(width * rng.uniform(0.2, 0.8)), int(height * rng.uniform(0.6, 1.1)))
        layer = np.zeros((height, width), np.float32)
        for turn in np.arange(0, 2 * np.pi, 0.35):
            ends = [
                [centre[0] + int(width * np.cos(turn + s)), centre[1] + int(width * np.sin(turn + s))]
                for s in (0, 0.16)
            ]
            cv2.fillPoly(layer, [np.array([centre, *ends], np.int32)], 1.0)
        face += layer * np.float32(depth * 0.7)
    elif back == "speckle":
        layer = np.zeros((height, width), np.float32)
        for _ in range(14):
            cv2.circle(
                layer,
                (int(rng.integers(width)), int(rng.integers(height))),
                int(rng.integers(4, 26)),
                float(rng.uniform(-1, 1)),
                -1,
            )
        face += cv2.blur(layer, (5, 5)) * np.float32(depth)


def _furniture(
    face: Soft, ink: float, rng: np.random.Generator, *, room: tuple[float, float], frame: float
) -> list[tuple[int, int]]:
    """Add bolts, stickers, a rim and, with chance ``frame``, a dealer's frame; return its rows."""
    height, width = face.shape
    if rng.random() < 0.65:
        shade, spread = float(rng.uniform(20, 230)), float(rng.uniform(0.16, 0.28))
        for x in (spread, 1 - spread):
            for y in (0.07, 0.93):
                if rng.random() < 0.75:
                    centre, radius = (int(x * width), int(y * height)), int(rng.integers(2, 6))
                    cv2.circle(face, centre, radius, shade, -1, cv2.LINE_AA)
                    if radius > 3:
                        cv2.circle(face, centre, radius - 2, 255 - shade, 1, cv2.LINE_AA)
    if rng.random() < 0.45:
        for _ in range(int(rng.integers(1, 3))):
            _sticker(face, rng)
    if rng.random() < 0.4:
        cv2.rectangle(face, (2, 2), (width - 3, height - 3), float(ink), int(rng.integers(1, 3)))
    covered: list[tuple[int, int]] = []
    if rng.random() < frame:
        shade = float(rng.choice([18, 30, 60, 190, 225]))
        for start, limit in ((0, room[0]), (1, 1 - room[1])):
            edge = int(height * min(limit - 0.01, rng.uniform(0.03, 0.22)))
            if edge < 2 or rng.random() < 0.15:
                continue
            rows = (0, edge) if start == 0 else (height - edge, height)
            face[rows[0] : rows[1]] = shade
            covered.append(rows)
        side = int(height * rng.uniform(0.015, 0.05))
        face[:, :side] = face[:, width - side :] = shade
        if max((end - start for start, end in covered), default=0) < height * 0.1:
            return []
    return covered


def _sticker(face: Soft, rng: np.random.Generator) -> None:
    """Put a month's or year's sticker into a corner."""
    height, width = face.shape
    wide, tall = int(height * rng.uniform(0.12, 0.24)), int(height * rng.uniform(0.1, 0.19))
    x = int(rng.choice([0.03, 0.16, 0.72, 0.86]) * width + rng.uniform(-6, 6))
    y = int(rng.choice([0.02, 0.03, 0.8]) * height + rng.uniform(0, 4))
    paper = float(rng.uniform(20, 245))
    ink = paper - 120 if paper > 130 else paper + 110
    cv2.rectangle(face, (x, y), (x + wide, y + tall), paper, -1)
    text = ("JAN", "MAR", "JUL", "OCT", "18", "09", "21", "24", "DEC 12", "6")[int(rng.integers(10))]
    mask: Mask = np.zeros((tall, wide), np.uint8)
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(mask, text, (1, int(tall * 0.8)), font, tall / 44, 255, 1, cv2.LINE_AA)
    _ink(face, mask, x, y, ink)


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


def _paper(height: int, width: int, shade: float, rng: np.random.Generator) -> Soft:
    """Return a surface with slow changes of shade."""
    rough = rng.normal(0, 1, (int(rng.integers(2, 5)), int(rng.integers(2, 8)))).astype(np.float32)
    amount = rng.uniform(0, 8) if rng.random() < 0.8 else rng.uniform(8, 28)
    surface = cv2.resize(rough, (width, height), interpolation=cv2.INTER_LINEAR) * np.float32(amount)
    return np.asarray(surface + np.float32(shade), dtype=np.float32)


def _ink(face: Soft, mask: Mask, x: int, y: int, ink: float, *, pressed: bool = False) -> None:
    """Blend ``mask`` in shade ``ink`` into ``face`` at (x, y), clipped; ``pressed`` adds relief."""
    x, y = max(0, x), max(0, y)
    part = face[y : y + mask.shape[0], x : x + mask.shape[1]]
    cut = mask[: part.shape[0], : part.shape[1]]
    share = cut.astype(np.float32) * np.float32(1 / 255)
    if pressed and cut.shape[0] > 2:
        part[1:] += (share[1:] - share[:-1]) * np.float32(25)
    part += (np.float32(ink) - part) * share
