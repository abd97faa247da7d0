"""The registered owner on the link: sent once, shown for a while, and forgotten at both ends."""

from __future__ import annotations

import dataclasses

import pytest

from alprd.alerts.dash_events import PersonArrived, PersonGone
from alprd.alerts.dash_link import MAX_PERSONS
from alprd.alerts.details import PersonMessage
from alprd.alerts.messages import Outcome
from alprd.records import AlertId
from tests.sim.dash_pair import PIN, Pair, alert, dash_link, linked, unit_link
from tests.vectors.dash_link.details import PERSON

ONE = dataclasses.replace(PERSON, alert_id=AlertId(1), seconds=5)


def disclosed() -> Pair:
    pair = linked()
    pair.unit.show(alert(1))
    pair.run(1)
    pair.unit.conclude(AlertId(1), Outcome.SEALED)
    pair.unit.disclose(ONE)
    pair.run(0.2)
    assert [held.message for held in pair.dash.persons.values()] == [ONE]
    return pair


def sent(pair: Pair) -> int:
    return sum(isinstance(m, PersonMessage) for _, m in pair.said[0])


def test_an_owner_outlives_the_alert_and_leaves_the_unit_when_the_dash_has_it() -> None:
    pair = disclosed()
    assert pair.dash.alerts == {}
    assert pair.seen(PersonArrived) == [PersonArrived(alert_id=AlertId(1))]
    assert not pair.unit._persons
    assert not pair.unit._flights
    assert sent(pair) == 1


def test_an_owner_is_taken_down_when_its_seconds_are_over() -> None:
    pair = disclosed()
    pair.run(4.7)
    assert pair.dash.persons
    pair.run(0.4)
    assert pair.dash.persons == {}
    assert pair.seen(PersonGone) == [PersonGone(alert_id=AlertId(1))]


def test_the_dash_wakes_for_the_time_limit_by_itself() -> None:
    dash = disclosed().dash
    (held,) = dash.persons.values()
    deadlines = []
    while dash.persons:
        deadline = dash.deadline()
        assert deadline is not None
        deadlines.append(deadline)
        dash._heard_at = deadline  # the unit is still there
        dash.take(deadline)
    assert deadlines[-1] == held.until


@pytest.mark.parametrize("how", ["by the officer", "logging out", "another officer"])
def test_an_owner_is_taken_down_by_the_officer(how: str) -> None:
    pair = disclosed()
    match how:
        case "by the officer":
            pair.dash.take_down(AlertId(1))
            pair.dash.take_down(AlertId(1))
        case "logging out":
            pair.dash.log_out()
        case _:
            pair.dash.log_in("77", PIN)
    pair.run(0.2)
    assert pair.dash.persons == {}
    assert pair.seen(PersonGone) == [PersonGone(alert_id=AlertId(1))]


def test_logging_in_again_as_the_same_officer_takes_nothing_down() -> None:
    pair = disclosed()
    pair.dash.log_in("4711", PIN)
    pair.run(0.2)
    assert pair.dash.persons


def test_a_lost_link_takes_an_owner_down_and_it_never_comes_again() -> None:
    pair = disclosed()
    pair.line.cut |= {0, 1}
    pair.run(3)
    assert pair.dash.persons == {}
    pair.line.cut.clear()
    pair.run(5)
    assert pair.dash.persons == {}
    assert sent(pair) == 1


def test_an_owner_on_its_way_is_forgotten_with_the_link() -> None:
    pair = linked()
    pair.line.cut |= {0, 1}
    pair.unit.disclose(ONE)
    pair.run(1)
    assert pair.unit._persons, "it waits for its acknowledgement"
    pair.run(2)
    assert not pair.unit._persons
    assert not any(isinstance(flight.message, PersonMessage) for flight in pair.unit._flights)
    pair.line.cut.clear()
    pair.run(5)
    assert pair.dash.persons == {}


def test_without_a_link_an_owner_is_not_even_kept() -> None:
    unit = unit_link()
    unit.disclose(ONE)
    assert not unit._persons


def test_a_unit_that_stops_forgets_what_the_dash_has_not_taken() -> None:
    pair = linked()
    pair.unit.disclose(ONE)
    pair.unit.take(pair.line.now)  # lost on the line
    pair.unit.withhold()
    assert not pair.unit._persons
    assert pair.unit.is_idle


def test_one_owner_more_than_the_dash_holds_takes_the_oldest_down() -> None:
    pair = linked(dash=dash_link())
    for number in range(1, MAX_PERSONS + 2):
        pair.unit.disclose(dataclasses.replace(ONE, alert_id=AlertId(number), seconds=60))
        pair.run(0.2)
        assert len(pair.dash.persons) == min(number, MAX_PERSONS)
    assert list(pair.dash.persons) == list(range(2, MAX_PERSONS + 2))


def test_an_owner_that_was_pushed_out_on_its_way_takes_no_other_with_it() -> None:
    pair = linked(unit=unit_link(slots=2))
    for number in (1, 2):
        pair.unit.disclose(dataclasses.replace(ONE, alert_id=AlertId(number)))
    pair.unit.take(pair.line.now)  # the first is on its way, and comes again after a wait
    pair.unit.disclose(dataclasses.replace(ONE, alert_id=AlertId(3)))
    pair.run(1)
    assert list(pair.dash.persons) == [1, 2, 3]
    assert not pair.unit._persons


def test_an_owner_goes_before_the_vehicle_and_the_picture_of_another_alert() -> None:
    pair = linked()
    pair.unit.show(alert(2))
    pair.run(0.02)
    pair.unit.disclose(ONE)
    pair.run(0.1)
    assert pair.dash.persons
    assert not pair.dash.alerts[AlertId(2)].is_drawn


def test_neither_representation_holds_the_name() -> None:
    assert "Exemple" not in repr(ONE)
    assert "ABCD123" not in repr(ONE)
