"""What a time budget may cost: with a single read a frame, every listed plate of the drive still alerts."""

from __future__ import annotations

import pytest

from alprd.demo.drive import DEFAULT_SEED, LISTED, DriveScript
from tests.budgets.bench_turns import measure

MOST_LATER_MS = 500.0


@pytest.mark.slow
def test_every_listed_plate_alerts_with_one_read_a_frame_and_by_no_simpler_order() -> None:
    figures = measure(DriveScript(DEFAULT_SEED), 8, before_ms=500, read_ms=50, budget_ms=24)
    assert figures["boxes_a_frame"] > 4
    turns, oldest, surest = (figures[name] for name in ("turns", "longest unread first", "surest first"))
    assert turns["boxes_unread"] > 0.7
    assert figures["with_every_box_read"]["listed_alerted"] == LISTED
    assert turns["listed_alerted"] == LISTED
    assert turns["listed_later_ms"]["max"] <= MOST_LATER_MS
    assert oldest["listed_alerted"] < LISTED
    assert turns["listed_later_ms"]["mean"] < surest["listed_later_ms"]["mean"]
