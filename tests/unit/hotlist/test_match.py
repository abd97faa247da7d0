from __future__ import annotations

import ast
import inspect
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.hotlist.index import HotlistIndex
from alprd.hotlist.lookup import Lookup
from alprd.hotlist.match import UNUSUAL, Match, Matcher
from alprd.hotlist.plate_types import plate_type_number
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.normal import encode, pack
from alprd.plates.places import NOT_KNOWN
from alprd.plates.variants import Variants
from alprd.plates.vote import AlertRule, FusedRead
from alprd.records import Doubt, Entry
from tests.sim.lists import match_of, row_of
from tests.sim.reads import fused_read
from tests.unit.hotlist.opening import open_list
from tests.unit.plates.test_variants import read_of
from tests.vectors.hotlist.made import (
    AMBER_ALERT,
    CANARY_ROW,
    CREATED,
    DAY,
    EXPIRED_STICKER,
    FIVE_ROWS,
    NOW,
    ONTARIO,
    PASSENGER,
    QUEBEC,
    STOLEN_VEHICLE,
    Made,
    Row,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

plates = st.text(CHARACTERS, min_size=1, max_size=10)


def matcher(*rows: Row, now_s: int = NOW) -> Matcher:
    return Matcher(open_list(Made(rows=tuple(sorted(rows, key=in_order))).data()), now_s=now_s)


def in_order(row: Row) -> tuple[int, ...]:
    """Plate, jurisdiction, plate type, category: as the office sorts."""
    return (row[0], *row[2:5])


def listed(
    text: str, *, expires: int = 0, jurisdiction: int = ONTARIO, category: int = 1, priority: int = 1
) -> Row:
    return (pack(text), expires, jurisdiction, PASSENGER, category, priority, 0)


def row_of_codes(found: Matcher, codes: NDArray[np.uint8], length: int) -> int | None:
    match = found.match(fused_read(codes, length), AlertRule())
    return None if match is None else match.entry_number


@given(st.sets(plates, min_size=1, max_size=40), plates)
def test_a_read_matches_exactly_the_entry_that_it_equals(texts: set[str], read: str) -> None:
    found = matcher(*(listed(text) for text in texts))
    numbers = {text: row_of(found, text) for text in texts}
    assert sorted(number for number in numbers.values() if number is not None) == list(range(len(texts)))
    assert row_of(found, read) == numbers.get(read)


@given(plates, st.data())
def test_one_character_off_is_no_match(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([c for c in CHARACTERS if c != text[place]]))
    found = matcher(listed(text))
    for near in (text[:place] + other + text[place + 1 :], text[:-1], f"{text[:9]}{other}"):
        if near not in ("", text):
            assert row_of(found, near) is None


def test_o_and_zero_are_different_plates() -> None:
    found = matcher(listed("CO0L"))
    assert row_of(found, "CO0L") == 0
    assert row_of(found, "C00L") is None
    assert row_of(found, "COOL") is None


def test_codes_behind_the_length_do_not_count() -> None:
    found = matcher(listed("ABC"))
    codes = encode("ABCD123")
    assert row_of_codes(found, codes, 3) == 0
    assert row_of_codes(found, codes, 7) is None


def test_a_code_above_the_alphabet_aliases_no_plate() -> None:
    found = matcher(listed("B0"), listed("AZ"), listed("B"))
    codes = np.zeros(10, np.uint8)
    codes[0] = 11  # A, then a digit that would carry into B
    for code in range(37, 256):
        codes[1] = code
        assert row_of_codes(found, codes, 2) is None


def test_a_gap_or_nothing_at_all_matches_nothing() -> None:
    found = matcher(listed("A"), listed("AB"))
    codes = np.array([11, 0, 12, 0, 0, 0, 0, 0, 0, 0], np.uint8)
    assert row_of_codes(found, codes, 3) is None
    assert row_of_codes(found, codes, 0) is None
    assert row_of_codes(found, np.zeros(10, np.uint8), 10) is None


def test_of_several_rows_the_most_urgent_valid_one_is_the_hit() -> None:
    found = matcher(*FIVE_ROWS[:4], now_s=CREATED)
    match = match_of(found, "ABCD123")
    assert match is not None
    assert found.entry(match) == Entry(
        plate="ABCD123", jurisdiction="CA-QC", category=AMBER_ALERT, priority=4, expires=CREATED + 60
    )
    found.set_time(CREATED + 59)
    assert match_of(found, "ABCD123") == match
    found.set_time(CREATED + 60)
    later = match_of(found, "ABCD123")
    assert later is not None
    assert found.entry(later).category == STOLEN_VEHICLE


def test_of_rows_of_one_priority_the_first_is_the_hit() -> None:
    found = matcher(
        listed("A", jurisdiction=ONTARIO, priority=2),
        listed("A", jurisdiction=QUEBEC, priority=2),
        listed("A0"),
    )
    match = match_of(found, "A")
    assert match is not None
    assert found.entry(match).jurisdiction == "CA-ON"


def test_every_double_of_a_plate_is_looked_at() -> None:
    found = matcher(
        listed("Z", category=EXPIRED_STICKER, priority=1), listed("Z", category=AMBER_ALERT, priority=4)
    )
    assert row_of(found, "Z") == 1


def test_an_expired_entry_never_matches() -> None:
    found = matcher(listed("A", expires=NOW))
    assert row_of(found, "A") is None
    found.set_time(NOW - 1)
    assert row_of(found, "A") == 0


def test_nothing_matches_after_the_list_itself_expired() -> None:
    found = matcher(listed("A"), listed("B", expires=CREATED + 2 * DAY))
    found.set_time(CREATED + DAY - 1)
    assert row_of(found, "B") is not None
    found.set_time(CREATED + DAY)
    assert row_of(found, "A") is None
    assert row_of(found, "B") is None


def test_an_empty_list_and_a_wiped_one_match_nothing() -> None:
    empty = matcher()
    assert row_of(empty, "A") is None
    found = matcher(listed("A"))
    found.index.wipe()
    assert row_of(found, "A") is None


@pytest.mark.parametrize("text", ["ABCD123", "ABCD124"], ids=["hit", "no hit"])
def test_the_scratch_is_zero_after_every_match(text: str) -> None:
    found = matcher(listed("ABCD123"))
    row_of(found, text)
    arrays_of_all = [*vars(found).values(), *vars(found._variants).values()]
    scratch = [value for value in arrays_of_all if isinstance(value, np.ndarray)]
    assert len(scratch) > 20
    assert not any(array.any() for array in scratch)
    lookup = found.index.prepared()
    for part, fixed in ((lookup._questions[8], {"to_cell"}), (lookup._bucket, set())):
        arrays = {name: value for name, value in vars(part).items() if isinstance(value, np.ndarray)}
        assert len(arrays) > 5
        assert {n for n, array in arrays.items() if not np.shares_memory(array, lookup._block)} == fixed
    assert not lookup._block.any()


def test_the_way_of_a_read_makes_no_python_object_of_it() -> None:
    """Until a listed text is likely enough, no call in the matcher turns an array's item into an object."""
    parts = (
        Matcher.finds, Matcher._look_up, Matcher._is_any_likely, Matcher._put_in_order, Matcher._weigh,
        Variants.of, Variants._find_odds, Variants.weigh_pairs, Variants.in_order, Variants.codes_of,
        HotlistIndex.find, Lookup.find, Lookup._compare,
    )  # fmt: skip
    way = ast.parse("class _:\n" + "".join(inspect.getsource(part) for part in parts))
    named = {node.id for node in ast.walk(way) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(way) if isinstance(node, ast.Attribute)}
    assert not named & {"str", "bytes", "bytearray", "list", "hash", "repr"}
    assert not attributes & {"item", "tolist", "tobytes", "copy", "astype"}
    made = {
        ast.unparse(node.args[0])
        for node in ast.walk(way)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"int", "float"}
    }
    # Its length, how sure it is, and which of its variants (by number) a listed one could be.
    assert made == {"read.length[0]", "read.chance[0]", "odds.sum()", "number", "slot"}


def test_a_canary_is_matched_as_one_without_a_doubt_and_only_when_it_is_read_itself() -> None:
    found = matcher(CANARY_ROW)
    text = "4H7K9P3"
    match = match_of(found, text, ONTARIO)
    assert match is not None
    assert (match.is_canary, match.doubts) == (True, Doubt.NONE)
    assert found.match(doubtful("4X7K9P3", {}), AlertRule()) is None
    nearly = doubtful("4H7X9P3", {(3, "K"): 0.9}, chance=0.5)
    assert found.finds(nearly, AlertRule())
    assert found.match(nearly, AlertRule(min_chance=0.1)) is None
    found.set_time(CANARY_ROW[1])
    assert match_of(found, text) is None


@pytest.mark.parametrize(("place", "found"), [(ONTARIO, 0), (QUEBEC, 1), (NOT_KNOWN, 1), (20, None)])
def test_an_entry_matches_only_a_plate_of_its_own_place_where_that_is_known(
    place: int, found: int | None
) -> None:
    rows = matcher(
        listed("ABC123", jurisdiction=ONTARIO, priority=1), listed("ABC123", jurisdiction=QUEBEC, priority=3)
    )
    assert row_of(rows, "ABC123", place) == found


@pytest.mark.parametrize("place", [ONTARIO, QUEBEC, NOT_KNOWN])
def test_an_entry_without_a_place_matches_a_plate_of_any(place: int) -> None:
    assert row_of(matcher(listed("ABC123", jurisdiction=0)), "ABC123", place) == 0


def doubtful(
    text: str, others: dict[tuple[int, str], float], *, chance: float = 0.9, votes: int = 9
) -> FusedRead:
    """A read of ``text`` that its frames hold ``chance`` likely, with the odds of some ``others``."""
    read = read_of(text, others)
    read.chance[0], read.votes[0] = chance, votes
    read.margin[0] = min((-math.log(odds) for odds in others.values()), default=99)
    return read


def test_a_lookalike_of_what_was_read_is_found_and_is_in_doubt() -> None:
    # An O among the figures is no serial of Ontario's: the 0 is likelier, though fewer frames hold it.
    read = doubtful("ABCD1O3", {(5, "0"): 0.6}, chance=0.62)
    match = matcher(listed("ABCD103")).match(read, AlertRule(), ONTARIO)
    assert match is not None
    assert (match.plate, match.differs_at) == ("ABCD103", (5,))
    assert match.chance == pytest.approx(0.6 / (0.6 + UNUSUAL + UNUSUAL * (1 / 0.62 - 1.6)))
    assert match.doubts == Doubt.LOOKALIKE


def test_a_text_of_two_lookalikes_is_found() -> None:
    found = matcher(listed("ABCD1O3"), listed("A8CDI03"))
    read = doubtful("ABCDI03", {(4, "1"): 0.9, (5, "O"): 0.8, (1, "8"): 0.01}, chance=0.3)
    assert found.finds(read, AlertRule())
    match = found.match(read, AlertRule(min_chance=0.01))
    assert match is not None
    assert (match.plate, match.differs_at) == ("ABCD1O3", (4, 5))


def test_two_changes_that_have_no_odds_together_are_not_found() -> None:
    found = matcher(listed("BA"), listed("8Q"))
    # Codes add up so that both changes at one place make a B; and odds can be too small to multiply.
    for text, others in (("DA", {(0, "O"): 0.5, (0, "0"): 0.25}), ("BD", {(0, "8"): 1e-30, (1, "Q"): 1e-30})):
        read = doubtful(text, others)
        assert not found.finds(read, AlertRule())
        assert found.match(read, AlertRule()) is None


def test_what_is_likelier_another_plate_than_a_listed_one_is_no_match() -> None:
    found = matcher(listed("ABCD127"))
    assert found.match(doubtful("ABCD122", {(6, "7"): 0.9}, chance=0.5), AlertRule()) is None
    assert found.match(doubtful("ABCD127", {(6, "2"): 0.9}, chance=0.52), AlertRule()) is not None
    assert found.match(doubtful("ABCD127", {(6, "2"): 0.9}, chance=0.48), AlertRule()) is None


@pytest.mark.parametrize(("least", "is_found"), [(0.89, True), (0.91, False)])
def test_the_rule_says_from_which_chance_on_an_alert_is_raised(least: float, is_found: bool) -> None:  # noqa: FBT001 - a case's expectation
    match = matcher(listed("ABCD123")).match(doubtful("ABCD123", {}), AlertRule(min_chance=least))
    assert (match is not None) is is_found
    assert match is None or match.chance == pytest.approx(0.9)


def test_two_listed_plates_share_the_chance_and_the_likelier_is_the_match() -> None:
    read = doubtful("ABCD127", {(6, "2"): 0.25}, chance=0.8)
    match = matcher(listed("ABCD127"), listed("ABCD122")).match(read, AlertRule())
    assert match is not None
    assert match.plate == "ABCD127"
    assert match.chance == pytest.approx(0.8)
    assert match.doubts & Doubt.LOOKALIKE


@pytest.mark.parametrize(
    ("chance", "margin", "is_disputed", "doubts"),
    [
        (0.996, 5.0, False, Doubt.NONE),
        (0.994, 5.0, False, Doubt.LOOKALIKE),
        (0.996, 4.5, False, Doubt.LOOKALIKE),
        (0.996, 5.0, True, Doubt.LOOKALIKE),
    ],
)
def test_a_match_is_stop_grade_where_the_text_is_certain_and_undisputed(
    chance: float,
    margin: float,
    is_disputed: bool,  # noqa: FBT001 - a case's own
    doubts: Doubt,
) -> None:
    read = doubtful("ABCD123", {}, chance=chance)
    read.margin[0], read.is_disputed[0] = margin, is_disputed
    match = matcher(listed("ABCD123")).match(read, AlertRule(), ONTARIO)
    assert match is not None
    assert match.doubts == doubts


@pytest.mark.parametrize(("odds", "is_doubtful"), [(1.1e-4, True), (1.0e-4, False)])
def test_beside_a_listed_lookalike_the_odds_count_squared(odds: float, is_doubtful: bool) -> None:  # noqa: FBT001 - a case's expectation
    read = doubtful("ABCD123", {(6, "8"): odds}, chance=0.999)
    alone, beside = matcher(listed("ABCD123")), matcher(listed("ABCD123"), listed("ABCD128"))
    assert match_or_fail(alone, read).doubts == Doubt.NONE
    assert bool(match_or_fail(beside, read).doubts & Doubt.LOOKALIKE) is is_doubtful


def match_or_fail(found: Matcher, read: FusedRead) -> Match:
    match = found.match(read, AlertRule(), ONTARIO)
    assert match is not None
    return match


@pytest.mark.parametrize(("votes", "is_found"), [(3, False), (4, True), (5, True)])
def test_a_match_in_doubt_waits_for_more_votes(votes: int, is_found: bool) -> None:  # noqa: FBT001 - a case's expectation
    found = matcher(listed("ABCD123"))
    assert (found.match(doubtful("ABCD123", {}, votes=votes), AlertRule()) is not None) is is_found
    assert found.match(doubtful("ABCD123", {}, votes=1), AlertRule(votes=1)) is not None
    assert found.match(doubtful("ABCD123", {}, chance=0.999, votes=2), AlertRule()) is not None


@pytest.mark.parametrize(
    ("place", "jurisdiction", "doubts"),
    [
        (ONTARIO, ONTARIO, Doubt.NONE),
        (NOT_KNOWN, ONTARIO, Doubt.PLACE_UNKNOWN),
        (ONTARIO, 0, Doubt.PLACE_UNKNOWN),
        (NOT_KNOWN, 0, Doubt.PLACE_UNKNOWN),
    ],
)
def test_a_place_that_the_plate_or_the_entry_does_not_tell_is_a_doubt(
    place: int, jurisdiction: int, doubts: Doubt
) -> None:
    match = match_of(matcher(listed("ABCD123", jurisdiction=jurisdiction)), "ABCD123", place)
    assert match is not None
    assert match.doubts == doubts


@pytest.mark.parametrize(
    ("text", "plate_type", "doubts"),
    [
        ("ABCD123", "passenger", Doubt.NONE),
        ("ABCD123", "unknown", Doubt.NONE),
        ("ABCD123", "commercial", Doubt.TYPE_DIFFERS),
        ("ABCD123", "motorcycle", Doubt.TYPE_DIFFERS),
        ("AB12345", "commercial", Doubt.NONE),
        ("AB12345", "passenger", Doubt.TYPE_DIFFERS),
        ("1A2345", "passenger", Doubt.NONE),  # a series of which the table does not say the type
        ("WINNER", "motorcycle", Doubt.NONE),  # no series at all
    ],
)
def test_a_serial_of_another_type_than_the_entry_s_is_a_doubt(
    text: str, plate_type: str, doubts: Doubt
) -> None:
    row = (pack(text), 0, ONTARIO, plate_type_number(plate_type), 1, 1, 0)
    match = match_of(matcher(row), text, ONTARIO)
    assert match is not None
    assert match.doubts == doubts


def test_a_text_of_no_series_is_as_likely_as_its_frames_say() -> None:
    match = matcher(listed("WINNER")).match(doubtful("WINNER", {}), AlertRule(), ONTARIO)
    assert match is not None
    assert match.chance == pytest.approx(0.9)


def test_whether_anything_is_listed_is_told_without_a_place() -> None:
    found = matcher(listed("ABCD127"))
    assert found.finds(read_of("ABCD127"), AlertRule())
    assert found.finds(read_of("ABCD122", {(6, "7"): 0.1}), AlertRule())
    assert not found.finds(read_of("ABCD122"), AlertRule())
    assert not found.finds(read_of("ABCD122", {(6, "7"): 0.1}, backed=1), AlertRule())
    assert not found.finds(read_of("ABCD123", {(6, "8"): 0.1}), AlertRule())
