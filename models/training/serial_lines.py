"""The serial of a rendered plate: its characters, gaps, ornaments and small stacked letters as masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import cv2
import numpy as np

from alprd.plates.grammar import SLASHED_ZERO
from models.training.lettering import Lettering, Mask, load_letterings
from models.training.ornaments import NAMES

if TYPE_CHECKING:
    from pathlib import Path

_SLASHED_SHARE: Final = 0.2
_SLAB_SHARE: Final = 0.6
_BARE: Final = 0.3
_MIXED_SHARE: Final = 0.2
_BENT_SHARE: Final = 0.4
_SPILLING_SHARE: Final = 0.5
_STEEP_SHARE: Final = 0.5
_OWN_SHARE: Final = 0.6
"""Of pictures between groups, those of the design; few shapes teach little of what may stand there."""


class Shape(NamedTuple):
    """How a serial is pressed."""

    cell: float
    """Width of a character's cell in shares of its height."""
    tall: float
    """Height in shares of the plate's; the room it has may leave less."""
    place: int = 0
    """Jurisdiction, for what its dies do; 0 for others."""
    alike: bool = False
    """Whether O and 0 come from one die."""
    ornament: str = ""
    """What stands where the serial has ``^``."""


class Line(NamedTuple):
    """One line of a serial as a mask, and where its characters stand in it."""

    ink: Mask
    ornaments: Mask
    spans: list[tuple[int, int]]


class _Part(NamedTuple):
    """One mark: its kind (char, mark, gap, orn, small), mask, and width in cells where it has its own."""

    kind: str
    mask: Mask | None
    wide: float = 0.0


class LineMaker:
    """Draws lines; ``fonts`` as for `models.training.lettering.font_files`."""

    def __init__(self, fonts: Path, ornaments: dict[str, list[Mask]]) -> None:
        self._all = load_letterings(fonts)
        self._plain = [lettering for lettering in self._all if not lettering.slashed]
        self._own = [lettering for lettering in self._plain if lettering.name.startswith("strokes")]
        self._ornaments = ornaments

    def lettering(self, place: int, rng: np.random.Generator) -> Lettering:
        """Draw an alphabet for jurisdiction ``place``."""
        if rng.random() < (_SLASHED_SHARE if place in SLASHED_ZERO else 0.015):
            return self._all[int(rng.integers(len(self._all)))]
        pool = self._own if rng.random() < 0.45 else self._plain
        if rng.random() < _MIXED_SHARE:  # no die on the road is quite like any font: marks of several
            marks = pool[0].masks
            return Lettering(
                "mixed", {mark: pool[int(rng.integers(len(pool)))].masks[mark] for mark in marks}
            )
        return pool[int(rng.integers(len(pool)))]

    def line(
        self, text: str, size: tuple[int, int], lettering: Lettering, shape: Shape, rng: np.random.Generator
    ) -> Line:
        """Return ``text`` as one line, ``size`` (height, most width) px."""
        tall, room = size
        cell = tall * shape.cell
        even = rng.random() < 0.65  # pressed plates give every character the same cell
        factor = cell / lettering.widest_px
        parts = self._parts(text, lettering, shape, rng)
        blank, space = cell * rng.uniform(0.25, 0.8), cell * rng.uniform(0.1, 0.36)
        widths = [_width(part, cell, blank, factor, even=even) for part in parts]
        total = sum(widths) + space * (len(parts) - 1)
        squeeze = min(room * rng.uniform(0.9, 1.0) / total, rng.uniform(1.0, 1.25))
        ink: Mask = np.zeros((tall, max(4, int(total * squeeze) + 2)), np.uint8)
        other: Mask = np.zeros_like(ink)
        spans: list[tuple[int, int]] = []
        x = 0.0
        spilling = rng.random() < _SPILLING_SHARE
        for part, width in zip(parts, widths, strict=True):
            limit = width * squeeze
            if part.mask is not None:
                own = limit if part.kind in {"orn", "small"} else part.mask.shape[1] * factor * squeeze
                most = limit
                if part.kind == "orn" and spilling:  # a picture that the characters beside it stand on
                    own = most = limit * rng.uniform(1.1, 1.9)
                columns = max(2, round(min(own, most)))
                start = max(0, int(x + (limit - columns) / 2))
                _stamp(other if part.kind == "orn" else ink, part, start, columns, rng)
                if part.kind == "char":
                    spans.append((start, start + columns))
            x += limit + space * squeeze
        return Line(_die_cut(ink, rng), other, spans)

    def _parts(self, text: str, lettering: Lettering, shape: Shape, rng: np.random.Generator) -> list[_Part]:
        swap = ("O0", "0O")[int(rng.integers(2))] if shape.alike and rng.random() < 0.6 else "  "
        slab = rng.random() < _SLAB_SHARE
        steep = rng.uniform(0.2, 1.1) if rng.random() < _STEEP_SHARE else 0.0
        bend = rng.uniform(0.01, 0.05) if rng.random() < _BENT_SHARE else 0.0
        bent: dict[str, Mask] = {}
        parts = []
        for piece in _pieces(text):
            if piece.startswith("{"):
                parts.append(
                    _Part("small", self._stacked(piece[1:-1], lettering, rng), rng.uniform(0.42, 0.82))
                )
            elif piece == "^":
                parts.append(self._between(lettering, shape, rng))
            elif piece == " ":
                parts.append(_Part("gap", None))
            elif piece in "-.":
                parts.append(_Part("mark", lettering.masks[piece]))
            else:
                mark = swap[1] if piece == swap[0] else piece
                if mark not in bent:
                    mask = lettering.masks[mark]
                    if slab and piece == "I":
                        mask = _with_serifs(mask, rng)
                    elif steep and mark in "AV":
                        mask = _steep(mask, steep if mark == "V" else -steep)
                    bent[mark] = _bent(mask, bend, rng) if bend else mask
                parts.append(_Part("char", bent[mark]))
        return parts

    def _between(self, lettering: Lettering, shape: Shape, rng: np.random.Generator) -> _Part:
        """Return what stands between two groups: an ornament, a dash, a dot, a bar or nothing."""
        kind = rng.random()
        if shape.ornament and kind < 0.75:
            name = shape.ornament if rng.random() < _OWN_SHARE else NAMES[int(rng.integers(len(NAMES)))]
            return _Part("orn", self._ornament(name, rng), rng.uniform(0.55, 1.6))
        if kind < 0.84:
            return _Part("mark", lettering.masks["-"])
        if kind < 0.88:
            return _Part("orn", self._ornament("dot", rng), rng.uniform(0.3, 0.45))
        return _Part("gap", None) if kind < 0.96 else _Part("orn", self._ornament("bar", rng), 0.4)

    def _ornament(self, name: str, rng: np.random.Generator) -> Mask:
        masks = self._ornaments[name]
        return masks[int(rng.integers(len(masks)))]

    def _stacked(self, letters: str, lettering: Lettering, rng: np.random.Generator) -> Mask:
        """Return small letters one above another, 64 px tall, often of the serial's own die."""
        masks = (
            lettering.masks if rng.random() < 0.5 else self._plain[int(rng.integers(len(self._plain)))].masks
        )
        stack = np.zeros((64, 30), np.uint8)
        tall = 64 // len(letters) - 4
        for row, mark in enumerate(letters):
            y = 2 + row * (tall + 4)
            stack[y : y + tall] = cv2.resize(masks[mark], (30, tall), interpolation=cv2.INTER_AREA)
        return stack


def _with_serifs(bar: Mask, rng: np.random.Generator) -> Mask:
    """Return the bare ``bar`` of an I with a foot and a head, as many dies press it."""
    tall, stem = bar.shape
    if stem > tall * _BARE:  # the font has drawn serifs itself
        return bar
    wide, thick = round(tall * rng.uniform(0.26, 0.46)), max(2, round(stem * rng.uniform(0.7, 1.0)))
    out = np.zeros((tall, max(wide, stem)), np.uint8)
    left = (out.shape[1] - stem) // 2
    out[:, left : left + stem] = bar
    out[:thick] = out[-thick:] = 255
    return out


def _steep(mask: Mask, more: float) -> Mask:
    """Return a V (or, where ``more`` is negative, an A) whose sides stay apart and meet late."""
    tall, wide = mask.shape
    rows = np.linspace(0, 1, tall, dtype=np.float32)[:, None]
    spread = 1 + abs(more) * (rows if more > 0 else 1 - rows)
    columns = (np.arange(wide, dtype=np.float32)[None] - wide / 2) / spread + wide / 2
    down = np.broadcast_to(np.arange(tall, dtype=np.float32)[:, None], (tall, wide))
    return np.asarray(cv2.remap(mask, columns, np.ascontiguousarray(down), cv2.INTER_LINEAR), dtype=np.uint8)


def _bent(mask: Mask, share: float, rng: np.random.Generator) -> Mask:
    """Return ``mask`` pulled about by ``share`` of its height: another die's idea of the character."""
    tall, wide = mask.shape
    pulls = (rng.normal(0, share * tall, (2, 4, 3))).astype(np.float32)
    across, down = (cv2.resize(pull, (wide, tall), interpolation=cv2.INTER_CUBIC) for pull in pulls)
    columns = np.arange(wide, dtype=np.float32)[None] + across * min(1.0, wide / tall)
    rows = np.arange(tall, dtype=np.float32)[:, None] + down * 0.6
    return np.asarray(
        cv2.remap(mask, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


def worn(mask: Mask, rng: np.random.Generator) -> Mask:
    """Rub some paint off."""
    rough = rng.normal(0.75, 0.25, (7, 24)).astype(np.float32)
    share = cv2.resize(rough, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(mask * np.clip(share, 0.35, 1), dtype=np.uint8)


def _width(part: _Part, cell: float, blank: float, factor: float, *, even: bool) -> float:
    if part.kind == "gap" or part.mask is None:
        return blank
    natural = part.mask.shape[1] * factor
    if part.kind == "char":
        return cell if even else max(natural, cell * 0.3)
    return natural if part.kind == "mark" else part.wide * cell


def _pieces(text: str) -> list[str]:
    """Split a line into marks and {groups of small letters}."""
    pieces: list[str] = []
    start = -1
    for place, mark in enumerate(text):
        if mark == "{":
            start = place
        elif mark == "}":
            pieces.append(text[start : place + 1])
            start = -1
        elif start < 0:
            pieces.append(mark)
    return pieces


def _stamp(target: Mask, part: _Part, x: int, columns: int, rng: np.random.Generator) -> None:
    """Put the part's mask into ``target`` from column ``x``; an ornament may be less tall."""
    if part.mask is None:
        return
    tall = target.shape[0]
    rows, y = tall, 0
    if part.kind == "orn":
        rows = max(3, min(tall, int(min(rng.uniform(0.6, 1.4) * tall, columns * 1.7))))
        y = int((tall - rows) * rng.uniform(0.35, 0.65))
    small = cv2.resize(part.mask, (columns, rows), interpolation=cv2.INTER_AREA)
    room = target[y : y + rows, x : x + columns]
    np.maximum(room, small[:, : room.shape[1]], out=room)


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
