"""The index of a published folder: read strictly, believed in nothing, and what a unit takes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import HotlistFormatError
from alprd.hotlist.blob import MAX_BYTES, MAX_SEQUENCE, MIN_BYTES
from alprd.hotlist.published import (
    MAX_INDEX_BYTES,
    MAX_LISTS,
    Published,
    needed,
    newest,
    pack_index,
    read_index,
)
from tests.gates.tools import ROOT

WHOLE = Published(sequence=5, base=0, size=9_172_555, digest=bytes(range(32)))
DELTA = replace(WHOLE, sequence=6, base=5, size=1187)
GOOD = pack_index([DELTA, WHOLE])


def test_an_index_is_read_as_it_was_packed() -> None:
    assert read_index(GOOD) == (WHOLE, DELTA)
    assert read_index(b"alprd distribution 1\n") == ()
    assert [one.file for one in (WHOLE, DELTA)] == ["list-0000000005.hotlist", "delta-0000000006.hotlist"]


def test_the_document_shows_an_index() -> None:
    page = (ROOT / "alprd/docs/formats/distribution.md").read_text("utf-8")
    (shown,) = (part for part in page.split("```\n") if part.startswith("alprd distribution 1\n"))
    assert pack_index(read_index(shown.encode())) == shown.encode()


@pytest.mark.parametrize("count", [MAX_LISTS - 1, MAX_LISTS, MAX_LISTS + 1])
def test_an_index_names_at_most_so_many_lists(count: int) -> None:
    index = pack_index(replace(WHOLE, sequence=number) for number in range(1, count + 1))
    if count <= MAX_LISTS:
        assert len(read_index(index)) == count
    else:
        with pytest.raises(HotlistFormatError, match="at most 64 lists"):
            read_index(index)


@pytest.mark.parametrize(
    ("index", "match"),
    [
        (b"", "does not begin"),
        (b"alprd distribution 2\n", "does not begin"),
        (GOOD[:-1], "does not begin"),
        (GOOD + b"\n", "line 4 of"),
        (GOOD.replace(b"list-0000000005", b"../../0000005"), "does not name its file list-0000000005"),
        (GOOD.replace(b"list-", b"delta-", 1), "does not name its file"),
        (GOOD.replace(b" 5 0 ", b" 05 0 "), "line 2 of"),
        (GOOD.replace(b" 5 0 ", b"  5 0 "), "line 2 of"),
        (GOOD.replace(b" 9172555 ", b" 00 "), "line 2 of"),
        (GOOD.replace(b"0001", b"000G", 1), "line 2 of"),
        (GOOD.replace(b" 6 5 ", b" 6 6 "), "its base's is less"),
        (GOOD.replace(b" 9172555 ", b" %d " % (MIN_BYTES - 1)), "a list has"),
        (GOOD.replace(b" 9172555 ", b" %d " % (MAX_BYTES + 1)), "a list has"),
        (GOOD.replace(b" 5 0 ", b" %d 0 " % (MAX_SEQUENCE + 1)), "line 2 of"),
        (pack_index([WHOLE, WHOLE]), "names a list twice"),
        (bytes(MAX_INDEX_BYTES + 1), "at most 65536 bytes"),
    ],
)
def test_what_is_not_the_format_is_refused(index: bytes, match: str) -> None:
    with pytest.raises(HotlistFormatError, match=match):
        read_index(index)


@given(st.binary(max_size=200) | st.integers(0, len(GOOD)).map(lambda n: GOOD[:n]))
def test_only_this_error_ever_comes_out(data: bytes) -> None:
    try:
        lists = read_index(data)
    except HotlistFormatError:
        return
    assert pack_index(lists) == data


@pytest.mark.parametrize(
    ("whole", "held", "wanted"),
    [
        (0, 0, [WHOLE, DELTA]),
        (4, 4, [WHOLE, DELTA]),
        (4, 5, []),  # list 5 is no newer than what is in force, and a delta on another list is of no use
        (5, 5, [DELTA]),
        (5, 6, []),
        (5, 7, []),
        (7, 7, []),
    ],
    ids=[
        "no list",
        "an older list",
        "an older one with its delta",
        "the base",
        "all",
        "newer delta",
        "newer",
    ],
)
def test_a_unit_takes_what_is_newer(whole: int, held: int, wanted: list[Published]) -> None:
    assert needed([WHOLE, DELTA], whole=whole, held=held) == wanted


def test_a_delta_on_another_list_is_not_taken() -> None:
    assert needed([WHOLE, replace(DELTA, base=4)], whole=0, held=0) == [WHOLE]
    assert newest([WHOLE, DELTA], 4) is None
    assert newest([]) is None


@pytest.mark.parametrize("wrong", [{"sequence": 0}, {"base": 5}, {"digest": bytes(31)}, {"size": 0}])
def test_what_does_not_fit_is_not_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a "):
        replace(WHOLE, **wrong)  # type: ignore[arg-type]
