"""Reads as a reader leaves them, made of a text: what a vote is tested on without a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alprd.plates.alphabet import CHARACTERS, CODES, MAX_CHARACTERS, READ_CODES, UNREADABLE
from alprd.plates.jurisdictions import JURISDICTIONS, jurisdiction_number
from alprd.plates.vote import FusedRead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

HIDDEN = "?"
"""Stands for a character that is there and cannot be made out."""


@dataclass
class DrawnRead:
    """A read by hand: the arrays of `vision.read.Reader`."""

    length: int
    codes: NDArray[np.uint8]
    confidences: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    score: NDArray[np.float32]
    places: NDArray[np.float32]
    partial: bool


def code_of(character: str) -> int:
    return UNREADABLE if character == HIDDEN else CHARACTERS.index(character) + 1


def drawn(
    text: str,
    sure: float = 0.96,
    *,
    score: float = 0.95,
    other: Mapping[int, tuple[str, float]] | None = None,
    is_cut: bool = False,
    place: str = "",
    place_sure: float = 0.9,
) -> DrawnRead:
    """A read of ``text``, each character with probability ``sure``.

    ``other`` gives a place's second character and its probability. ``is_cut`` is a plate cut by the edge.
    ``place`` is the jurisdiction that its design tells with probability ``place_sure``; empty: any alike.
    """
    read = DrawnRead(
        length=len(text),
        codes=np.zeros(MAX_CHARACTERS, np.uint8),
        confidences=np.zeros(MAX_CHARACTERS, np.float32),
        probabilities=np.zeros((MAX_CHARACTERS, READ_CODES), np.float32),
        score=np.array([score if text else 0], np.float32),
        places=np.full(len(JURISDICTIONS), 1 / len(JURISDICTIONS), np.float32),
        partial=is_cut or HIDDEN in text,
    )
    if place:
        read.places[:] = (1 - place_sure) / (len(JURISDICTIONS) - 1)
        read.places[jurisdiction_number(place)] = place_sure
    for column, character in enumerate(text):
        second, chance = (other or {}).get(column, ("", 0.0))
        best = code_of(character)
        read.codes[column], read.confidences[column] = best, sure
        row = read.probabilities[column]
        row[:] = (1 - sure - chance) / (READ_CODES - 1 - bool(second))
        row[best] = sure
        if second:
            row[code_of(second)] = chance
    return read


def fused_read(codes: NDArray[np.uint8], length: int, *, votes: int = 9) -> FusedRead:
    """A fused read of ``length`` of the ``codes`` (10,), of which there is no doubt."""
    letters = (MAX_CHARACTERS, CODES - 1)
    return FusedRead(
        codes=codes,
        confidences=np.ones(MAX_CHARACTERS, np.float32),
        score=np.ones(1, np.float32),
        length=np.array([length], np.intp),
        votes=np.array([votes], np.uint16),
        margin=np.full(1, 99, np.float32),
        chance=np.ones(1, np.float32),
        is_disputed=np.zeros(1, np.bool_),
        odds=np.zeros(letters, np.float32),
        others=np.zeros(letters, np.float32),
        backings=np.zeros(letters, np.uint16),
        place=np.zeros(1, np.uint8),
        place_confidence=np.zeros(1, np.float32),
    )
