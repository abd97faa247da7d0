"""A plate of another province or state than the listed one never alerts; an unknown one is to be checked.

The reads are by hand: the same text, of several places; tracks, votes, list and desk are the unit's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.records import Doubt
from tests.sim import reads
from tests.sim.given_reads import alerts_on
from tests.sim.lists import index_of

if TYPE_CHECKING:
    from alprd.records import Alert
    from tests.sim.reads import DrawnRead

TEXT = "ABC1234"


def drawn(text: str, place: str = "") -> DrawnRead:
    """A clear read of ``text`` on a plate of ``place``."""
    return reads.drawn(text, 0.998, score=0.99, place=place)


def alert_on(*given: DrawnRead, listed: str = "US-NY") -> Alert | None:
    """The alert of a pass of ``given`` with TEXT listed for ``listed``, None where there is none."""
    alerts = alerts_on(given, index_of(TEXT, jurisdiction=listed))
    assert len(alerts) <= 1
    return alerts[0][1] if alerts else None


@pytest.mark.parametrize("place", ["US-OH", "US-PA", "CA-ON"])
def test_aurora_the_same_text_of_another_place_never_alerts(place: str) -> None:
    assert alert_on(*[drawn(TEXT, place=place)] * 8) is None


def test_the_listed_place_alerts_with_how_sure_it_is() -> None:
    alert = alert_on(*[drawn(TEXT, place="US-NY")] * 3)
    assert alert is not None
    assert alert.hit.place_confidence is not None
    assert alert.hit.place_confidence > 0.9
    assert alert.hit.is_stop_grade


def test_a_place_that_is_not_known_alerts_to_be_checked() -> None:
    alert = alert_on(*[drawn(TEXT)] * 3)
    assert alert is not None
    assert alert.hit.place_confidence is None
    assert alert.hit.doubts == Doubt.PLACE_UNKNOWN
    assert not alert.hit.is_stop_grade


def test_a_plate_that_seems_to_be_from_elsewhere_alerts_to_be_checked() -> None:
    alert = alert_on(*[drawn(TEXT, place="??")] * 3)
    assert alert is not None
    assert alert.hit.place_confidence is None
    assert alert.hit.doubts == Doubt.PLACE_UNKNOWN
    assert not alert.hit.is_stop_grade


def test_an_entry_without_a_place_alerts_to_be_checked_wherever_the_plate_is_from() -> None:
    alert = alert_on(*[drawn(TEXT, place="US-OH")] * 3, listed="??")
    assert alert is not None
    assert alert.hit.place_confidence is None
    assert alert.hit.doubts == Doubt.PLACE_UNKNOWN
    assert not alert.hit.is_stop_grade


def test_one_frame_that_is_wrong_about_the_place_does_not_decide() -> None:
    wrong, right = drawn(TEXT, place="US-OH"), drawn(TEXT, place="US-NY")
    assert alert_on(right, wrong, right, right) is not None
    assert alert_on(wrong, wrong, right, wrong) is None
