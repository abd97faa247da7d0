"""Wipes on ways out that other tests pass only where another wipe covers for them: each by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from alprd.alerts.dash_events import DashAlert
from alprd.cycle import Stages
from alprd.daemon import Unit
from alprd.demo.drive import DriveScript
from alprd.demo.render import DriveRenderer
from alprd.forgetting.own_memory import OwnMemory
from alprd.forgetting.pattern import Pattern
from alprd.hotlist import delta, disk
from alprd.hotlist.match import Matcher
from alprd.memory import locked_array
from alprd.meters import Tally
from alprd.plates.vote import Votes
from alprd.records import AlertId
from alprd.vision.context import Redactor
from alprd.vision.detect import Detector
from alprd.vision.litert import Model, default_folder
from alprd.vision.loading import open_reader
from alprd.vision.shrink import Shrinker
from alprd.vision.track import Tracks
from alprd.vision.turns import Turns
from tests.gates.tools import ROOT
from tests.mutations.wipes import find
from tests.sim.dash_pair import dash_link
from tests.sim.given_reads import GivenUnit
from tests.sim.lists import index_of
from tests.sim.planted import Planted
from tests.sim.reads import drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLATE = "ABCD123"
FUSED = (
    *(
        "codes",
        "confidences",
        "score",
        "length",
        "votes",
        "margin",
        "chance",
        "is_disputed",
        "odds",
        "others",
    ),
    *("backings", "place", "place_confidence"),
)
READS = [drawn(PLATE, 1.0, score=1.0, place="CA-ON")] * 3


class BrokenError(Exception):
    """What a part that fails raises."""


def test_a_dash_that_takes_everything_down_zeroes_the_pictures() -> None:
    link = dash_link()
    alert = DashAlert(message=None)  # type: ignore[arg-type]  # only the picture matters
    alert.picture[:] = b"\x77" * len(alert.picture)
    link._alerts[AlertId(1)] = alert
    link.clear()
    assert not any(alert.picture)


def test_the_matchers_scratch_is_zero_after_a_cycle_that_fails_while_it_searches() -> None:
    matcher = Matcher(index_of(PLATE), now_s=0)
    unit = GivenUnit(index_of(PLATE))
    stages = Stages(unit._plate, unit._plate, unit._stages.tracks, matcher, unit.desk)  # type: ignore[arg-type]  # what they read is given
    matcher._rows.fill(7)
    with pytest.raises(BrokenError), stages:
        raise BrokenError
    assert not matcher._rows.any()


def test_the_matchers_scratch_is_zero_after_a_waiting_hit_is_looked_up_in_another_list() -> None:
    matcher = Matcher(index_of(PLATE), now_s=0)
    unit = GivenUnit(index_of(PLATE))
    unit.see(READS)
    assert matcher.lists(unit.office.alerts[0].hit.entry)
    assert not matcher._variants.keys.any()
    assert not matcher._rows.any()


def parts() -> dict[str, object]:
    """What holds scratch memory of a frame, by the module and the class that wipes it."""
    reader = open_reader()
    tracks = Tracks()
    return {
        "vision/detect.py Detector.wipe": Detector(Model.open(default_folder("detector"))),
        "vision/read.py Reader.wipe": reader,
        "vision/read.py TextNetwork.wipe": reader._second_text,
        "vision/rectify.py Rectifier.wipe": reader._rectifier,
        "vision/columns.py Columns.wipe": reader._second_text.columns,
        "vision/ctc.py TextChance.wipe": reader._first_text.columns._text_chance,
        "vision/context.py Redactor.wipe": Redactor(1280),
        "vision/shrink.py Shrinker.wipe": Shrinker(720, 1280),
        "vision/track.py Tracks.wipe_frame": tracks,
        "vision/turns.py Turns.wipe_frame": Turns(),
        "hotlist/match.py Matcher.wipe": Matcher(index_of(PLATE), now_s=0),
        "hotlist/lookup.py Lookup.wipe": index_of(PLATE).prepared(),
    }


def test_every_array_that_a_wipe_names_is_zero_after_it() -> None:
    seen = 0
    for where, part in parts().items():
        module, _, name = where.partition(" ")
        method = name.partition(".")[2]
        texts = [wipe.text for wipe in find(ROOT / "alprd" / module, module) if wipe.where == where]
        names = [word for text in texts for word in re.findall(r"self\.(\w+)", text)]
        arrays = {n: getattr(part, n) for n in names if isinstance(getattr(part, n, None), np.ndarray)}
        for array in arrays.values():
            array[...] = 1
        getattr(part, method)()
        assert {n for n, array in arrays.items() if array.any()} == set(), where
        seen += len(arrays)
    assert seen > 60


def test_a_readers_wipe_reaches_every_network_and_the_chance_of_its_text() -> None:
    reader = open_reader()
    held = [
        array
        for network in (reader._first_text, reader._second_text)
        for part in (network, network.columns, network.columns._text_chance)
        for array in vars(part).values()
        if isinstance(array, np.ndarray)
    ]
    assert len(held) > 20
    for array in held:
        array[...] = 1
    reader.wipe()
    assert not any(array.any() for array in held)


def test_nothing_stands_in_the_place_of_a_text_that_was_not_fused() -> None:
    votes = Votes(2)
    fields = {name: getattr(votes.fused[0], name) for name in FUSED}
    for array in fields.values():
        array[...] = 1
    votes._forget_fused(0)
    assert [name for name, array in fields.items() if array.any()] == []


def test_the_meter_holds_nothing_of_what_it_planted() -> None:
    unit = Planted("litert")
    meter = unit.meter
    unit.plant()
    assert not meter._word.any()
    assert not meter._memory._block.any()
    assert meter._pattern.forms
    while meter.checks == 0:
        meter.attend(unit.now)
    assert not meter._pattern._rotations.any()
    for array in (meter._word, meter._pattern._rotations, meter._shrinker.lores):
        array[...] = 1
    meter.wipe()
    assert not any(a.any() for a in (meter._word, meter._pattern._rotations, meter._shrinker.lores))


def test_what_the_meter_reads_of_memory_is_wiped_with_each_look() -> None:
    meter = Planted("litert").meter
    held = locked_array(64, np.uint64)
    held[...] = 5
    meter._look(int(held.ctypes.data), held.nbytes)
    assert not meter._memory._block.any()


def test_a_pattern_holds_nothing_of_what_it_compared() -> None:
    pattern = Pattern(1 << 12)
    row = np.tile(np.array([1, 2, 3, 4, 5, 6, 7, 8], np.uint8), 8)
    assert pattern.add(row)
    assert pattern.count(row.view(np.uint64)) == 7
    assert not pattern._runs.any()
    for array in (pattern._rotations, pattern._equal, pattern._other, pattern._runs):
        array[...] = 1
    pattern.wipe()
    assert not any(a.any() for a in (pattern._rotations, pattern._equal, pattern._other, pattern._runs))


def test_what_was_read_of_ones_own_memory_is_wiped() -> None:
    memory = OwnMemory()
    memory._block[...] = 7
    memory.wipe(memory._block)
    assert not memory._block.any()


def test_no_score_of_an_earlier_frame_stands_behind_those_of_this_one() -> None:
    detector = Detector(Model.open(default_folder("detector")))
    main = DriveRenderer(DriveScript(seed=1)).frame(60)
    shrinker = Shrinker(*main.shape)
    detector.scores[...] = 0.5
    detector.corners[...] = 5.0
    count = detector.detect(shrinker.shrink(main), shrinker.k)
    assert 1 <= count < len(detector.scores)
    assert not detector.scores[count:].any()
    assert not detector.corners[count:].any()


def test_every_scratch_array_of_a_list_is_zero_after_its_wipe_and_the_lists() -> None:
    index = index_of(PLATE)
    lookup = index.prepared()
    for wiper in (lookup, index):
        lookup._block[...] = 1
        wiper.wipe()
        assert not lookup._block.any()
    assert not lookup._unset.any()
    assert not lookup._bounds.any()


def test_nothing_of_a_hits_picture_is_left_in_the_desks_scratch() -> None:
    unit = GivenUnit(index_of(PLATE))
    pictures = unit.desk._pictures
    redactor = pictures._redactor
    assert redactor is not None
    shown: list[bool] = []

    def show(_alert: object, picture: NDArray[np.uint8]) -> bool:
        picture[...] = 200  # as of a bright plate
        pictures._halves[...] = 200
        pictures._rectifier._a[...] = 200
        redactor._sums[...] = 200
        shown.append(True)
        return True

    unit.office.show = show  # type: ignore[method-assign,assignment]  # the dash
    unit.see(READS)
    assert shown
    assert not pictures._halves.any()
    assert not pictures.dash.any()
    assert not pictures._rectifier._a.any()
    assert not redactor._sums.any()


@pytest.mark.parametrize("fails", [True, False])
def test_a_hit_that_is_not_put_to_the_officer_leaves_its_slot_zero_and_free(*, fails: bool) -> None:
    unit = GivenUnit(index_of(PLATE))
    slots = [array for slot in unit.desk._pending._free for array in slot if array is not None]

    def show(_alert: object, _picture: object) -> bool:
        (pending,) = unit.desk._pending
        pending.picture[...] = 99
        assert pending.context is not None
        pending.context[...] = 99
        if fails:
            raise BrokenError
        return False

    unit.office.show = show  # type: ignore[method-assign,assignment]  # the dash
    if fails:
        with pytest.raises(BrokenError):
            unit.see(READS)
    else:
        unit.see(READS)
    assert unit.desk.pending == 0
    assert 2 * len(unit.desk._pending._free) == len(slots)
    assert not any(slot.any() for slot in slots)


@dataclass
class Opened:
    """A list that was opened, and notes that it was wiped."""

    wiped: int = 0

    def wipe(self) -> None:
        self.wiped += 1


def test_a_delta_that_does_not_fit_leaves_neither_list_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    changes, whole = Opened(), Opened()
    lists = [changes, whole]
    monkeypatch.setattr(disk, "open_index", lambda *_: lists.pop(0))
    monkeypatch.setattr("alprd.hotlist.trust.authenticate", lambda *_, **__: None)

    def refuse(_base: object, _delta: object) -> None:
        raise BrokenError

    monkeypatch.setattr(disk, "apply_delta", refuse)
    store: Any = object.__new__(disk.HotlistStore)
    store._unit = store._root = store._categories = None
    monkeypatch.setattr(disk.HotlistStore, "time_floor", lambda _: 0)
    read: Any = type("Read", (), {"file": None, "sealed": None})
    with pytest.raises(BrokenError):
        store._open(read, read, 0)
    assert (changes.wiped, whole.wiped) == (1, 1)


def test_a_merge_that_fails_leaves_nothing_of_the_new_list(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[NDArray[np.uint8]] = []
    whole = locked_array

    def locked(*given: Any) -> NDArray[np.uint8]:
        made.append(whole(*given))
        return made[-1]

    def fail(_self: object) -> None:
        made[-1][...] = 5
        raise BrokenError

    monkeypatch.setattr("alprd.hotlist.delta.locked_array", locked)
    monkeypatch.setattr(delta._Merge, "run", fail)
    monkeypatch.setattr(delta, "_check_pair", lambda *_: None)
    with pytest.raises(BrokenError):
        delta.apply_delta(index_of(PLATE), index_of(PLATE))
    assert made
    assert not made[-1].any()


@dataclass
class Part:
    """A part of the daemon that notes what is asked of it, and fails."""

    asked: list[str] = field(default_factory=list)
    matcher = None
    may_read = True
    badge = None

    def __getattr__(self, name: str) -> Any:
        def note(*_: object) -> None:
            self.asked.append(name)
            raise BrokenError

        return note


def test_every_part_is_wiped_at_the_end_whatever_fails_before_it() -> None:
    unit: Any = object.__new__(Unit)
    unit.tally, unit._control = Tally(), None
    parts = {
        name: Part()
        for name in (
            *("lists", "pool", "stages", "desk", "meter", "accounts", "dash", "surroundings"),
            "shutter",
        )
    }
    for name, part in parts.items():
        setattr(unit, f"_{name}", part)
    with pytest.raises(BrokenError):
        unit.stop()
    asked = {name: part.asked for name, part in parts.items()}
    assert {name: asked[name] for name in ("lists", "pool", "desk", "meter")} == {
        name: ["wipe"] for name in ("lists", "pool", "desk", "meter")
    }
    assert asked["stages"] == ["wipe", "forget"]


@dataclass
class Open:
    """A part that notes what is asked of it, and is open."""

    asked: list[str] = field(default_factory=list)
    is_open = True

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self.asked.append(name)


def test_a_pause_leaves_nothing_of_what_was_in_view() -> None:
    unit: Any = object.__new__(Unit)
    unit._shutter, unit._pool, unit._stages, cover = Open(), Open(), Open(), Open()
    unit._stages.cover = cover
    unit._keep_closed()
    assert unit._shutter.asked == ["close", "rest"]
    assert (unit._pool.asked, unit._stages.asked, cover.asked) == (["wipe"], ["forget", "wipe"], ["forget"])


def test_tracks_end_when_another_list_is_in_force() -> None:
    unit: Any = object.__new__(Unit)
    unit._stages, unit._lists, unit._meter = Part(), Part(), Part()
    with pytest.raises(BrokenError):
        unit._gate_reading()
    assert unit._stages.asked == ["forget"]
