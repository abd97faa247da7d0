"""What an added category is called on the link: told before its first alert, and after each greeting."""

from __future__ import annotations

import dataclasses

from alprd.alerts.details import CategoryMessage
from alprd.alerts.hello import CATEGORY_BIT, COMMANDS
from alprd.alerts.messages import AlertMessage
from tests.sim.dash_pair import PIN, Pair, alert, dash_link, linked
from tests.vectors.dash_link.details import CATEGORY

REWORDED = dataclasses.replace(CATEGORY, english="No insurance")


def of_category(number: int) -> AlertMessage:
    return dataclasses.replace(alert(number), category=CATEGORY.number)


def sent(pair: Pair) -> list[type]:
    """The kinds of what the unit sent about alerts and categories, in their order."""
    kinds = (CategoryMessage, AlertMessage)
    return [type(message) for _, message in pair.said[0] if isinstance(message, kinds)]


def named() -> Pair:
    pair = linked()
    pair.unit.name_category(CATEGORY)
    pair.run(0.3)
    assert sent(pair) == [], "a name without an alert goes to nobody"
    pair.unit.show(of_category(1))
    pair.run(0.5)
    return pair


def test_the_name_comes_before_the_first_alert_and_with_no_further_one() -> None:
    pair = named()
    assert pair.dash.alerts[alert(1).alert_id].name == CATEGORY
    pair.unit.name_category(CATEGORY)
    pair.unit.show(of_category(2))
    pair.run(0.5)
    assert pair.dash.alerts[alert(2).alert_id].name == CATEGORY
    assert sent(pair) == [CategoryMessage, AlertMessage, AlertMessage]


def test_an_alert_of_the_closed_set_needs_no_name() -> None:
    pair = linked()
    pair.unit.name_category(CATEGORY)
    pair.unit.show(alert(1))
    pair.run(0.5)
    assert sent(pair) == [AlertMessage]
    assert pair.dash.alerts[alert(1).alert_id].name is None


def test_another_name_is_told_with_the_next_alert() -> None:
    pair = named()
    pair.unit.name_category(REWORDED)
    pair.unit.show(of_category(2))
    pair.run(0.5)
    assert pair.dash.alerts[alert(1).alert_id].name == CATEGORY
    assert pair.dash.alerts[alert(2).alert_id].name == REWORDED


def test_a_dash_that_has_restarted_is_told_again() -> None:
    pair = named()
    pair.restart_dash(dash_link(session=2000))
    pair.run(5)
    assert pair.dash.alerts[alert(1).alert_id].name == CATEGORY
    assert sent(pair).count(CategoryMessage) == 2


def test_a_dash_that_knows_no_names_is_told_none_and_gets_its_alerts() -> None:
    dash = dash_link()
    dash._hello = dataclasses.replace(dash._hello, commands=COMMANDS & ~CATEGORY_BIT)
    pair = linked(dash=dash)
    pair.unit.name_category(CATEGORY)
    pair.unit.show(of_category(1))
    pair.run(0.5)
    assert pair.dash.alerts[alert(1).alert_id].name is None
    assert sent(pair) == [AlertMessage]


def test_no_name_goes_to_a_dash_where_nobody_is_logged_in() -> None:
    pair = linked(badge="")
    pair.unit.name_category(CATEGORY)
    pair.unit.show(of_category(1))
    pair.run(0.5)
    assert sent(pair) == []
    assert pair.dash.log_in("4711", PIN)
    pair.run(0.5)
    assert sent(pair) == [CategoryMessage, AlertMessage]
