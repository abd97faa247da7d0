"""What is inside an evidence record, as bytes. Pure; the format is `alprd/docs/formats/evidence.md`."""

from __future__ import annotations

import math
import struct
from typing import Final

from alprd.errors import EvidenceError
from alprd.plates.alphabet import MAX_CHARACTERS
from alprd.plates.jurisdictions import jurisdiction_name, jurisdiction_number
from alprd.plates.normal import normal_form
from alprd.records import (
    CONTEXT_COLUMNS,
    CONTEXT_ROWS,
    ClockSource,
    Doubt,
    EvidenceItem,
    Fix,
    Instant,
    MonotonicNs,
    UnixMs,
    Verdict,
)

MAX_UNIT: Final = 32
MAX_SEQUENCE: Final = 2**63 - 1
MAX_BADGE_BYTES: Final = 64
MAX_SIDE_PX: Final = 1024
MAX_PIXELS: Final = 262_144
MAX_CATEGORY: Final = 31
"""The last number that a category record can add; the closed set ends at 18."""
CONTEXT_BYTES: Final = CONTEXT_COLUMNS * CONTEXT_ROWS

_LOCATION: Final = 1
_ERROR: Final = 2
_SPEED: Final = 4
_TRACK: Final = 8
_FIX_AGE: Final = 16
_CONTEXT: Final = 32
_ALL_FLAGS: Final = 63
_ALL_DOUBTS: Final = sum(Doubt)
_FULL_PERCENT: Final = 100

_MAIN: Final = struct.Struct("<Q32s10s8B2H2BdQqqq")
_PLACE: Final = struct.Struct("<ddqqddd")
BODY_BYTES: Final = _MAIN.size + _PLACE.size
MAX_BODY_BYTES: Final = BODY_BYTES + MAX_BADGE_BYTES + MAX_PIXELS + CONTEXT_BYTES


def encode_body(item: EvidenceItem) -> bytes:
    """Return ``item`` as the bytes of a body. Raises `EvidenceError` when it does not fit the format."""
    fix = item.fix
    flags = 0 if fix is None else _LOCATION
    for flag, value in (
        (_ERROR, fix and fix.error_m),
        (_SPEED, fix and fix.speed_mps),
        (_TRACK, fix and fix.track_deg),
        (_FIX_AGE, item.fix_age_ms),
        (_CONTEXT, item.context),
    ):
        flags |= 0 if value is None else flag
    try:
        badge = item.badge.encode("utf-8")
        main = _MAIN.pack(
            item.sequence,
            encode_unit(item.unit),
            item.plate.encode("ascii"),
            jurisdiction_number(item.jurisdiction),
            item.category,
            item.verdict,
            flags,
            fix.dimensions if fix else 0,
            item.captured.source,
            item.confirmed.source,
            len(badge),
            item.picture_width,
            item.picture_height,
            item.doubts,
            item.chance_percent,
            item.confidence,
            item.list_sequence,
            item.captured.at,
            item.confirmed.at,
            item.fix_age_ms or 0,
        )
        place = _encode_fix(fix)
    except (struct.error, ValueError):
        raise EvidenceError("the confirmed hit does not fit the evidence format") from None
    body = main + place + badge + item.picture + (item.context or b"")
    if decode_body(body) != item:  # what the office would not read alike must not be sealed
        raise EvidenceError("the confirmed hit does not fit the evidence format")
    return body


def decode_body(body: bytes) -> EvidenceItem:
    """Return the item whose body is ``body``. Raises `EvidenceError` for anything else."""
    if not BODY_BYTES < len(body) <= MAX_BODY_BYTES:
        raise EvidenceError(
            f"an evidence body has {BODY_BYTES + 1} to {MAX_BODY_BYTES} bytes; found {len(body)}"
        )
    try:
        return _decode(body)
    except ValueError as error:  # text that does not decode, numbers outside their tables and ranges
        raise EvidenceError(f"the evidence body is not well formed: {error}") from None


def _decode(body: bytes) -> EvidenceItem:
    # fmt: off
    (
        sequence, unit, plate, jurisdiction, category, verdict, flags, dimensions, captured_source,
        confirmed_source, badge_bytes, width, height, doubts, chance_percent, confidence, list_sequence,
        captured_at, confirmed_at, fix_age_ms,
    ) = _MAIN.unpack_from(body)
    # fmt: on
    if doubts > _ALL_DOUBTS or flags > _ALL_FLAGS:
        raise ValueError("a reserved bit is not 0")
    _check_picture(width, height)
    end = BODY_BYTES + badge_bytes + width * height
    context_bytes = CONTEXT_BYTES if flags & _CONTEXT else 0
    if not 1 <= badge_bytes <= MAX_BADGE_BYTES or len(body) != end + context_bytes:
        raise ValueError("the sizes of badge and pictures are not the body's")
    if not (flags & _FIX_AGE or fix_age_ms == 0):
        raise ValueError("an unset field is not 0")
    if chance_percent > _FULL_PERCENT:
        raise ValueError("a chance is 0 to 100 percent")
    if not 0 <= confidence <= 1 or not 0 <= list_sequence <= MAX_SEQUENCE:
        raise ValueError("confidence or list sequence is out of range")
    if not 1 <= category <= MAX_CATEGORY:
        raise ValueError(f"a category is 1 to {MAX_CATEGORY}")
    badge = body[BODY_BYTES : BODY_BYTES + badge_bytes].decode("utf-8")
    if not badge.isprintable():
        raise ValueError("the badge is not printable")
    return EvidenceItem(
        unit=decode_unit(unit),
        sequence=check_sequence(sequence),
        plate=_decode_plate(plate),
        jurisdiction=jurisdiction_name(jurisdiction),
        category=category,
        confidence=confidence,
        chance_percent=chance_percent,
        doubts=Doubt(doubts),
        list_sequence=list_sequence,
        captured=Instant(at=UnixMs(captured_at), source=ClockSource(captured_source)),
        confirmed=Instant(at=UnixMs(confirmed_at), source=ClockSource(confirmed_source)),
        fix=_decode_fix(flags, dimensions, body[_MAIN.size : BODY_BYTES]),
        fix_age_ms=fix_age_ms if flags & _FIX_AGE else None,
        badge=badge,
        verdict=Verdict(verdict),
        picture_width=width,
        picture_height=height,
        picture=body[BODY_BYTES + badge_bytes : end],
        context=body[end:] if flags & _CONTEXT else None,
    )


def encode_unit(unit: str) -> bytes:
    """Return a unit's name as its 32 bytes. Raises `ValueError`."""
    name = unit.encode("ascii").ljust(MAX_UNIT, b"\0")
    if decode_unit(name) != unit:
        raise ValueError("a unit's name has no zero characters")
    return name


def decode_unit(name: bytes) -> str:
    """Return the unit's name in its 32 bytes. Raises `ValueError`."""
    unit = name.rstrip(b"\0").decode("ascii")
    if len(name) != MAX_UNIT or not unit or not all("!" <= character <= "~" for character in unit):
        raise ValueError(f"a unit's name has 1 to {MAX_UNIT} printable ASCII characters")
    return unit


def check_sequence(sequence: int) -> int:
    """Return ``sequence``. Raises `ValueError` when no record can have it."""
    if not 1 <= sequence <= MAX_SEQUENCE:
        raise ValueError("a record's sequence is 1 to 2**63 - 1")
    return sequence


def _check_picture(width: int, height: int) -> None:
    if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX and width * height <= MAX_PIXELS):
        raise ValueError(
            f"a plate picture has sides of 1 to {MAX_SIDE_PX} px and at most {MAX_PIXELS} px in all"
        )


def _decode_plate(field: bytes) -> str:
    plate = field.rstrip(b"\0").decode("ascii")
    if normal_form(plate) != plate:
        raise ValueError(f"a plate is a normal form of at most {MAX_CHARACTERS} characters")
    return plate


def _encode_fix(fix: Fix | None) -> bytes:
    if fix is None:
        return bytes(_PLACE.size)
    motion = (fix.error_m or 0.0, fix.speed_mps or 0.0, fix.track_deg or 0.0)
    return _PLACE.pack(fix.latitude_deg, fix.longitude_deg, fix.fixed_at, fix.received_at, *motion)


def _decode_fix(flags: int, dimensions: int, place: bytes) -> Fix | None:
    if not flags & _LOCATION:
        if flags & (_ERROR | _SPEED | _TRACK) or dimensions or any(place):
            raise ValueError("there is no location, yet a field of it is not 0")
        return None
    latitude_deg, longitude_deg, fixed_at, received_at, *motion = _PLACE.unpack(place)
    known: list[float | None] = []
    for flag, value in zip((_ERROR, _SPEED, _TRACK), motion, strict=True):
        if not math.isfinite(value) or (value and not flags & flag):
            raise ValueError("a number of the location is not finite, or set without its flag")
        known.append(value if flags & flag else None)
    return Fix(
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        dimensions=dimensions,
        fixed_at=UnixMs(fixed_at),
        received_at=MonotonicNs(received_at),
        error_m=known[0],
        speed_mps=known[1],
        track_deg=known[2],
    )
