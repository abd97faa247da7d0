"""Opened hotlists for tests, made in memory of a few plates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alprd.hotlist.blob import HotlistHeader
from alprd.hotlist.body import Body
from alprd.hotlist.build import build_body
from alprd.hotlist.columns import Columns
from alprd.hotlist.index import HotlistIndex
from alprd.memory import locked_array
from alprd.plates.jurisdictions import jurisdiction_number
from alprd.plates.normal import encode, pack
from alprd.plates.places import NOT_KNOWN
from alprd.plates.vote import AlertRule
from tests.sim.reads import fused_read

if TYPE_CHECKING:
    from alprd.hotlist.match import Match, Matcher


def index_of(
    *plates: str, jurisdiction: str = "CA-ON", expires: int = 2**32 - 1, priority: int = 1
) -> HotlistIndex:
    """Return an opened list of ``plates``, all of one jurisdiction and class, in force to ``expires``."""
    ones = np.ones(len(plates), np.uint8)
    columns = Columns(
        plate=np.array(sorted(pack(plate) for plate in plates), np.uint64),
        expires=np.zeros(len(plates), np.uint32),
        jurisdiction=ones * np.uint8(jurisdiction_number(jurisdiction)),
        plate_type=ones,
        category=ones,
        priority=ones * np.uint8(priority),
        flags=np.zeros(len(plates), np.uint8),
    )
    return opened(columns, expires=expires)


def opened(columns: Columns, *, expires: int = 2**32 - 1) -> HotlistIndex:
    """Return ``columns`` as an opened list in locked memory, without details."""
    keys = (bytes([number]) * 16 for number in range(256))
    built = build_body(columns, tag_keys=keys, details_key=bytes(32))
    data = locked_array(built.shape.size, np.uint8)
    data[:] = built.body.data
    header = HotlistHeader(
        service="Test Police",
        sequence=1,
        created=0,
        expires=expires,
        root_version=1,
        recipients=1,
        shape=built.shape,
        details_bytes=0,
        stream=bytes(24),
    )
    return HotlistIndex(header, Body.over(data, built.shape), None)


def match_of(matcher: Matcher, text: str, place: int = NOT_KNOWN) -> Match | None:
    """Return what ``matcher`` makes of a plate that is read ``text`` beyond doubt."""
    return matcher.match(fused_read(encode(text), len(text)), AlertRule(), place)


def row_of(matcher: Matcher, text: str, place: int = NOT_KNOWN) -> int | None:
    """Return the row that such a plate matches, None where it matches none."""
    match = match_of(matcher, text, place)
    return None if match is None else match.entry_number
