"""A registered owner's name is in no memory and on no line before CONFIRMED, and gone from the unit after.

An outside process searches the daemon's whole memory, and every byte on a real pty is looked at.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from alprd.alerts.details import Detail
from alprd.hotlist.categories import Category
from alprd.hotlist.details import Details, Person, Vehicle
from alprd.plates.jurisdictions import jurisdiction_number
from alprd.plates.normal import pack
from alprd.records import Verdict
from tests.conftest import IS_CI
from tests.sim.bench import Bench
from tests.sim.faults import PROGRAM
from tests.sim.taps import TappedPort
from tests.vectors.hotlist.made import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alprd.alerts.messages import AlertMessage
    from tests.sim.recording import Passing

NAME = "Zoltan Quixworth-Exemple"
COLOUR = "quixotic mauve"
OWNER_S = 5

WHICH_OPENS_THE_NAME_EARLY = """
import alprd.desk as desk
described = desk.AlertDesk._vehicle_of
kept = []
def early(self, alert_id, hit):
    kept.append(self._index_of(hit).person(hit.entry_number, hit.entry.plate))
    return described(self, alert_id, hit)
desk.AlertDesk._vehicle_of = early
"""


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        reason = "reading another process's memory needs root"
        pytest.fail(reason) if IS_CI else pytest.skip(reason)


class Stop:
    """A unit whose list names the owner of the passing plate, and an officer who waits with the answer."""

    def __init__(self, folder: Path, passing: Passing, verdict: Verdict, program: str = PROGRAM) -> None:
        self.may_answer = threading.Event()
        self._verdict = verdict
        self.bench = Bench(
            folder,
            passing.folder,
            answer=self._answer,
            settings={
                "camera": {"loop": True, "fps": 10.0},
                "alerts": {"answer_time_s": 600.0, "owner_time_s": OWNER_S},
            },
            program=program,
        )
        ontario = jurisdiction_number("CA-ON")
        row = (pack(passing.listed), 0, ontario, 1, Category.SUSPENDED_DRIVER, 2, 0)
        details = Details(
            vehicle=Vehicle(make="Example", colour=COLOUR), person=Person(name=NAME, corrective_lens=True)
        )
        self.bench.release_rows(columns_of([row]), {0: details})
        self.tape, lock = bytearray(), threading.Lock()
        self.bench.dash._opener = lambda: TappedPort(self.bench.dash_fd, self.tape, lock)
        self.plate = passing.listed

    def _answer(self, _alert: AlertMessage) -> Verdict:
        assert self.may_answer.wait(120)
        return self._verdict

    def wait_for_the_hit(self) -> None:
        self.bench.wait_for(lambda state: state["pending"] == 1)
        seen = self.bench.status()["frames"]
        self.bench.wait_for(lambda state: state["frames"] > seen + 20)

    def names_in_memory(self) -> dict[str, int]:
        """Where the daemon holds the name, in any form. The witness must see the plate that waits."""
        needles = {coding: NAME.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-32-le")}
        needles |= {"its middle": NAME[5:17].encode(), "proof": self.plate.encode()}
        counts = self.bench.search_memory(needles)
        assert counts.pop("proof") > 0, "a witness that cannot see the waiting hit would see nothing"
        return {coding: count for coding, count in counts.items() if count}


@pytest.fixture
def stops() -> Iterator[list[Stop]]:
    made: list[Stop] = []
    yield made
    for stop in made:
        stop.may_answer.set()


@pytest.mark.slow
def test_a_name_is_nowhere_before_confirmed_on_the_line_after_and_then_gone(
    tmp_path: Path, passing: Passing, stops: list[Stop]
) -> None:
    stop = Stop(tmp_path / "unit", passing, Verdict.CONFIRMED)
    stops.append(stop)
    bench = stop.bench
    with bench:
        try:
            stop.wait_for_the_hit()
            assert stop.names_in_memory() == {}
            assert NAME.encode() not in stop.tape
        finally:
            stop.may_answer.set()
        bench.wait_for(lambda _: len(bench.dash.link.persons) == 1)
        (held,) = bench.dash.link.persons.values()
        assert (held.message.detail, held.message.name) == (Detail.LISTED, NAME)
        assert held.message.corrective_lens is True
        assert bytes(stop.tape).count(NAME.encode()) == 1
        assert COLOUR.encode() in stop.tape, "the vehicle goes with the alert"
        # The unit forgets it once the dash has it; the dash when its time is over.
        bench.wait_for(lambda _: not bench.dash.link.persons)
        needles = {coding: NAME.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-32-le")}
        assert not any(bench.search_memory(needles).values())
        assert bench.status()["confirmed"] == 1
    everything = b"".join(path.read_bytes() for path in bench.folder.rglob("*") if path.is_file())
    assert NAME.encode() not in everything, "no file and no log holds it"


@pytest.mark.slow
@pytest.mark.parametrize("verdict", [Verdict.MISREAD, Verdict.WRONG_JURISDICTION], ids=lambda v: v.name)
def test_without_confirmed_a_name_never_comes(
    tmp_path: Path, passing: Passing, verdict: Verdict, stops: list[Stop]
) -> None:
    stop = Stop(tmp_path / "unit", passing, verdict)
    stops.append(stop)
    with stop.bench as bench:
        try:
            stop.wait_for_the_hit()
        finally:
            stop.may_answer.set()
        bench.wait_for(lambda state: state["rejected"] == 1)
        seen = bench.status()["frames"]
        bench.wait_for(lambda state: state["frames"] > seen + 10)
        assert not any(bench.search_memory({"name": NAME.encode()}).values())
    assert NAME.encode() not in stop.tape


@pytest.mark.slow
def test_a_unit_that_opened_the_name_with_the_alert_would_be_seen(
    tmp_path: Path, passing: Passing, stops: list[Stop]
) -> None:
    stop = Stop(tmp_path / "unit", passing, Verdict.MISREAD, WHICH_OPENS_THE_NAME_EARLY + PROGRAM)
    stops.append(stop)
    with stop.bench:
        try:
            stop.wait_for_the_hit()
            assert "utf-8" in stop.names_in_memory()
        finally:
            stop.may_answer.set()
