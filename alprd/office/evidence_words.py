"""What is in an evidence record, in words for a person, as plain values and as a picture."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Final

from PIL import Image

from alprd.errors import OfficeInputError
from alprd.records import CONTEXT_COLUMNS, CONTEXT_PLATE, CONTEXT_ROWS, ClockSource, Doubt

if TYPE_CHECKING:
    from alprd.hotlist.categories import CategoryTable
    from alprd.records import EvidenceItem, Instant

_CELL_PX: Final = 64
_MASKED: Final = 128

_CLOCKS: Final = {
    ClockSource.UNTRUSTED: "unit's own clock, nothing vouches for it",
    ClockSource.NTP: "network time",
    ClockSource.GPS: "GPS time",
}


def describe(item: EvidenceItem, categories: CategoryTable) -> list[tuple[str, str]]:
    """Return ``item`` as lines for a person: label and text. ``categories`` are those of the office."""
    _slug, category, source = _category(item, categories)
    return [
        ("plate", item.plate),
        ("jurisdiction", item.jurisdiction),
        ("category", f"{category} ({source})"),
        ("place", _place(item)),
        ("fix age", "-" if item.fix_age_ms is None else f"{item.fix_age_ms} ms"),
        ("captured", _moment(item.captured)),
        ("confirmed", _moment(item.confirmed)),
        ("verdict", item.verdict.name),
        ("officer", item.badge),
        ("confidence", f"{item.confidence:.3f}"),
        ("chance", f"{item.chance_percent} %"),
        ("doubts", ", ".join(_doubts(item)) or "none"),
        ("hotlist", str(item.list_sequence)),
        ("record", f"{item.unit} {item.sequence}"),
        ("picture", f"{item.picture_width} x {item.picture_height} px"),
        (
            "context",
            "none" if item.context is None else f"{item.context.count(0)} cells masked",
        ),
    ]


def _category(item: EvidenceItem, categories: CategoryTable) -> tuple[str, str, str]:
    """Return slug, English label and source of the category; of one that has ended, its number."""
    if item.category not in categories.numbers:
        return f"category-{item.category}", f"category {item.category}", "in force no more"
    facts = categories.facts(item.category)
    return categories.slug(item.category), facts.english, facts.source.value


def _doubts(item: EvidenceItem) -> list[str]:
    """Return why the alert was no ground for a stop by itself."""
    return [doubt.name.lower().replace("_", "-") for doubt in Doubt if doubt.name and doubt in item.doubts]


def as_fields(item: EvidenceItem, categories: CategoryTable) -> dict[str, object]:
    """Return ``item`` as plain values for JSON, without the pixels of its pictures."""
    slug, _label, source = _category(item, categories)
    fix = item.fix
    return {
        "unit": item.unit,
        "sequence": item.sequence,
        "plate": item.plate,
        "jurisdiction": item.jurisdiction,
        "category": slug,
        "category_source": source,
        "confidence": item.confidence,
        "chance_percent": item.chance_percent,
        "doubts": _doubts(item),
        "list_sequence": item.list_sequence,
        "captured": iso_time(item.captured.at),
        "captured_clock": item.captured.source.name,
        "confirmed": iso_time(item.confirmed.at),
        "confirmed_clock": item.confirmed.source.name,
        "place": None
        if fix is None
        else {
            "latitude_deg": fix.latitude_deg,
            "longitude_deg": fix.longitude_deg,
            "dimensions": fix.dimensions,
            "error_m": fix.error_m,
            "speed_mps": fix.speed_mps,
            "track_deg": fix.track_deg,
            "fixed": iso_time(fix.fixed_at),
        },
        "fix_age_ms": item.fix_age_ms,
        "badge": item.badge,
        "verdict": item.verdict.name,
        "picture_width": item.picture_width,
        "picture_height": item.picture_height,
        "has_context": item.context is not None,
    }


def picture_png(item: EvidenceItem) -> bytes:
    """Return the plate picture as a PNG file, 8-bit grey, with no metadata."""
    return _png(_plate(item))


def context_png(item: EvidenceItem) -> bytes:
    """Return the context of ``item`` as a PNG file, 8-bit grey, with no metadata.

    Its cells are drawn large, masked ones mid grey, and the plate picture stands where the plate was. Raises
    `OfficeInputError` where the record has no context.
    """
    if item.context is None:
        raise OfficeInputError(
            "the record has no context: the unit keeps the plate alone",
            hint="The plate picture is written with --picture.",
        )
    cells = Image.frombytes("L", (CONTEXT_COLUMNS, CONTEXT_ROWS), item.context)
    cells.paste(_MASKED, None, cells.point(lambda grey: 0 if grey else 255))
    picture = cells.resize((CONTEXT_COLUMNS * _CELL_PX, CONTEXT_ROWS * _CELL_PX), Image.Resampling.NEAREST)
    left, top, columns, rows = (place * _CELL_PX for place in CONTEXT_PLATE)
    picture.paste(_plate(item).resize((columns, rows)), (left, top))
    return _png(picture)


def _plate(item: EvidenceItem) -> Image.Image:
    return Image.frombytes("L", (item.picture_width, item.picture_height), item.picture)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def iso_time(at_ms: int) -> str:
    """Return Unix milliseconds as UTC text like ``2026-05-01T12:00:00.250Z``, or the number out of range."""
    try:
        moment = dt.datetime.fromtimestamp(at_ms // 1000, tz=dt.UTC)
    except (ValueError, OverflowError, OSError):
        return f"{at_ms} ms since 1970"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def _moment(instant: Instant) -> str:
    return f"{iso_time(instant.at)} ({_CLOCKS[instant.source]})"


def _place(item: EvidenceItem) -> str:
    fix = item.fix
    if fix is None:
        return "no location"
    error = "" if fix.error_m is None else f", error {fix.error_m:.0f} m"
    return f"{fix.latitude_deg:.6f}, {fix.longitude_deg:.6f} ({fix.dimensions}D fix{error})"
