from __future__ import annotations

import ast
import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.hotlist.match import Matcher
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.normal import encode, pack
from alprd.plates.places import NOT_KNOWN
from alprd.records import Entry
from tests.unit.hotlist.opening import open_list
from tests.vectors.hotlist.generate import (
    AMBER_ALERT,
    CREATED,
    DAY,
    EXPIRED_STICKER,
    FIVE_ROWS,
    NOW,
    ONTARIO,
    QUEBEC,
    STOLEN_VEHICLE,
    Made,
    Row,
)

plates = st.text(CHARACTERS, min_size=1, max_size=10)


def matcher(*rows: Row, now_s: int = NOW) -> Matcher:
    return Matcher(open_list(Made(rows=tuple(sorted(rows))).data()), now_s=now_s)


def listed(
    text: str, *, expires: int = 0, jurisdiction: int = ONTARIO, category: int = 1, priority: int = 1
) -> Row:
    return (pack(text), expires, jurisdiction, category, priority, 0)


def number_of(found: Matcher, text: str) -> int | None:
    return found.match(encode(text), len(text))


@given(st.sets(plates, min_size=1, max_size=40), plates)
def test_a_read_matches_exactly_the_entry_that_it_equals(texts: set[str], read: str) -> None:
    found = matcher(*(listed(text) for text in texts))
    for number, text in enumerate(sorted(texts)):
        assert number_of(found, text) == number
    assert number_of(found, read) == (sorted(texts).index(read) if read in texts else None)


@given(plates, st.data())
def test_one_character_off_is_no_match(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([c for c in CHARACTERS if c != text[place]]))
    found = matcher(listed(text))
    for near in (text[:place] + other + text[place + 1 :], text[:-1], f"{text[:9]}{other}"):
        if near not in ("", text):
            assert number_of(found, near) is None


def test_o_and_zero_are_different_plates() -> None:
    found = matcher(listed("CO0L"))
    assert number_of(found, "CO0L") == 0
    assert number_of(found, "C00L") is None
    assert number_of(found, "COOL") is None


def test_codes_behind_the_length_do_not_count() -> None:
    found = matcher(listed("ABC"))
    codes = encode("ABCD123")
    assert found.match(codes, 3) == 0
    assert found.match(codes, 7) is None


def test_a_code_above_the_alphabet_aliases_no_plate() -> None:
    found = matcher(listed("B0"), listed("AZ"))
    codes = np.zeros(10, np.uint8)
    codes[0] = 11  # A, then a digit that would carry into B
    for code in range(37, 256):
        codes[1] = code
        assert found.match(codes, 2) is None


def test_a_gap_or_nothing_at_all_matches_nothing() -> None:
    found = matcher(listed("A"), listed("AB"))
    codes = np.array([11, 0, 12, 0, 0, 0, 0, 0, 0, 0], np.uint8)
    assert found.match(codes, 3) is None
    assert found.match(codes, 0) is None
    assert found.match(np.zeros(10, np.uint8), 10) is None


@pytest.mark.parametrize(
    ("codes", "length"),
    [
        (np.zeros(9, np.uint8), 1),
        (np.zeros(10, np.int64), 1),
        (np.zeros(10, np.uint8), 11),
        (np.zeros(10, np.uint8), -1),
    ],
    ids=["short", "wide", "over", "under"],
)
def test_what_is_no_read_is_a_defect(codes: np.ndarray, length: int) -> None:  # type: ignore[type-arg]  # wrong on purpose
    with pytest.raises(ValueError, match="a read is"):
        matcher(listed("A")).match(codes, length)


def test_of_several_rows_the_most_urgent_valid_one_is_the_hit() -> None:
    found = matcher(*FIVE_ROWS, now_s=CREATED)
    assert number_of(found, "ABCD123") == 3
    assert found.entry(3) == Entry(
        plate="ABCD123", jurisdiction="CA-QC", category=AMBER_ALERT, priority=4, expires=CREATED + 60
    )
    found.set_time(CREATED + 59)
    assert number_of(found, "ABCD123") == 3
    found.set_time(CREATED + 60)
    assert number_of(found, "ABCD123") == 2
    assert found.entry(2).category == STOLEN_VEHICLE


def test_of_rows_of_one_priority_the_first_is_the_hit() -> None:
    found = matcher(
        listed("A", jurisdiction=ONTARIO, priority=2),
        listed("A", jurisdiction=QUEBEC, priority=2),
        listed("A0"),
    )
    assert number_of(found, "A") == 0


def test_the_last_row_of_the_list_is_found_with_all_its_doubles() -> None:
    found = matcher(
        listed("Z", category=EXPIRED_STICKER, priority=1), listed("Z", category=AMBER_ALERT, priority=4)
    )
    assert number_of(found, "Z") == 1


def test_an_expired_entry_never_matches() -> None:
    found = matcher(listed("A", expires=NOW))
    assert number_of(found, "A") is None
    found.set_time(NOW - 1)
    assert number_of(found, "A") == 0


def test_nothing_matches_after_the_list_itself_expired() -> None:
    found = matcher(listed("A"), listed("B", expires=CREATED + 2 * DAY))
    found.set_time(CREATED + DAY - 1)
    assert number_of(found, "B") == 1
    found.set_time(CREATED + DAY)
    assert number_of(found, "A") is None
    assert number_of(found, "B") is None


def test_an_empty_list_and_a_wiped_one_match_nothing() -> None:
    empty = matcher()
    assert number_of(empty, "A") is None
    found = matcher(listed("A"))
    found.index.wipe()
    assert number_of(found, "A") is None


@pytest.mark.parametrize("text", ["ABCD123", "ABCD124"], ids=["hit", "no hit"])
def test_the_scratch_is_zero_after_every_match(text: str) -> None:
    found = matcher(listed("ABCD123"))
    number_of(found, text)
    assert not found._scratch.any()


def test_the_way_of_a_read_makes_no_python_object_of_it() -> None:
    """Until the comparison says "equal", no call in the matcher turns an array's item into an object."""
    way = ast.parse("class _:\n" + inspect.getsource(Matcher._pack) + inspect.getsource(Matcher._search))
    named = {node.id for node in ast.walk(way) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(way) if isinstance(node, ast.Attribute)}
    assert not named & {"str", "bytes", "bytearray", "tuple", "list", "float", "hash", "repr"}
    assert not attributes & {"item", "tolist", "tobytes", "copy", "astype"}
    ints = [n for n in ast.walk(way) if isinstance(n, ast.Call) and ast.unparse(n.func) == "int"]
    guarded = [node for node in ast.walk(way) if isinstance(node, ast.IfExp)]
    assert len(ints) == 1
    assert ints[0] in list(ast.walk(guarded[0].body)), "an entry's number is made for a hit only"


@pytest.mark.parametrize(("place", "found"), [(ONTARIO, 0), (QUEBEC, 1), (NOT_KNOWN, 1), (20, None)])
def test_an_entry_matches_only_a_plate_of_its_own_place_where_that_is_known(
    place: int, found: int | None
) -> None:
    rows = matcher(
        listed("ABC123", jurisdiction=ONTARIO, priority=1), listed("ABC123", jurisdiction=QUEBEC, priority=3)
    )
    assert rows.match(encode("ABC123"), 6, place) == found


@pytest.mark.parametrize("place", [ONTARIO, QUEBEC, NOT_KNOWN])
def test_an_entry_without_a_place_matches_a_plate_of_any(place: int) -> None:
    assert matcher(listed("ABC123", jurisdiction=0)).match(encode("ABC123"), 6, place) == 0
