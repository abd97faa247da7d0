from __future__ import annotations

import io

import pytest
from PIL import Image

from alprd.errors import OfficeInputError
from alprd.hotlist.categories import CLOSED_SET
from alprd.office.evidence_words import as_fields, context_png, describe, iso_time, picture_png
from tests.vectors.evidence.generate import AT_NULL_ISLAND, CONTEXT, LOCATED, NO_LOCATION, WITH_CONTEXT


def test_a_person_is_shown_what_was_kept() -> None:
    assert dict(describe(LOCATED, CLOSED_SET)) == {
        "plate": "ABCD123",
        "jurisdiction": "CA-ON",
        "category": "Stolen vehicle (CPIC)",
        "place": "43.651070, -79.347015 (3D fix, error 4 m)",
        "fix age": "250 ms",
        "captured": "2026-01-02T03:04:05.678Z (unit's own clock, nothing vouches for it)",
        "confirmed": "2026-01-02T03:04:09.999Z (network time)",
        "verdict": "CONFIRMED",
        "officer": "\u00c9. C\u00f4t\u00e9 77",
        "confidence": "0.938",
        "chance": "93 %",
        "doubts": "place-unknown, list-stale",
        "hotlist": "7",
        "record": "car-12 3",
        "picture": "4 x 2 px",
        "context": "none",
    }


def test_no_location_is_said_and_is_not_the_place_0_0() -> None:
    assert dict(describe(NO_LOCATION, CLOSED_SET))["place"] == "no location"
    assert dict(describe(NO_LOCATION, CLOSED_SET))["fix age"] == "-"
    assert dict(describe(AT_NULL_ISLAND, CLOSED_SET))["place"] == "0.000000, 0.000000 (2D fix)"
    assert as_fields(NO_LOCATION, CLOSED_SET)["place"] is None
    assert as_fields(AT_NULL_ISLAND, CLOSED_SET)["place"] is not None


def test_the_picture_is_written_pixel_by_pixel_and_without_metadata() -> None:
    with Image.open(io.BytesIO(picture_png(LOCATED))) as picture:
        assert (picture.mode, picture.size, picture.info) == ("L", (4, 2), {})
        assert picture.tobytes() == LOCATED.picture


def test_a_context_is_drawn_cell_by_cell_with_the_plate_in_its_place() -> None:
    with Image.open(io.BytesIO(context_png(WITH_CONTEXT))) as picture:
        assert (picture.mode, picture.size, picture.info) == ("L", (12 * 64, 4 * 64), {})
        cells = [picture.crop((x, y, x + 64, y + 64)) for y in range(0, 256, 64) for x in range(0, 768, 64)]
        plate = picture.crop((5 * 64, 64, 7 * 64, 128))
    shown = Image.frombytes("L", (4, 2), WITH_CONTEXT.picture).resize((128, 64))
    assert plate.tobytes() == shown.tobytes()
    for number, (cell, grey) in enumerate(zip(cells, CONTEXT, strict=True)):
        if number not in {17, 18}:
            assert cell.getextrema() == ((grey or 128,) * 2), number
    assert CONTEXT[47] == 0, "the last one is masked"
    assert dict(describe(WITH_CONTEXT, CLOSED_SET))["context"] == "1 cells masked"
    assert as_fields(WITH_CONTEXT, CLOSED_SET)["has_context"] is True
    assert as_fields(LOCATED, CLOSED_SET)["has_context"] is False


def test_a_record_without_a_context_says_so() -> None:
    with pytest.raises(OfficeInputError, match="no context: the unit keeps the plate alone"):
        context_png(LOCATED)


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (2**63 - 1, "9223372036854775807 ms since 1970"),
    ],
)
def test_any_time_that_a_record_can_hold_is_shown(at_ms: int, text: str) -> None:
    assert iso_time(at_ms) == text
