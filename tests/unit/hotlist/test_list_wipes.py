"""What a list's opening and its matching wipe behind them, each by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from nacl import _sodium

from alprd.hotlist import opening, sodium
from alprd.hotlist.match import Matcher
from alprd.memory import locked_array
from alprd.plates.vote import AlertRule
from tests.sim.lists import index_of
from tests.sim.reads import fused_read
from tests.unit.hotlist.opening import open_list
from tests.vectors.hotlist.made import Made

if TYPE_CHECKING:
    from numpy.typing import NDArray


class BrokenError(Exception):
    """What a part that fails raises."""


def broken(*_: object, **__: object) -> None:
    raise BrokenError


@pytest.fixture
def arrays(monkeypatch: pytest.MonkeyPatch) -> list[NDArray[np.uint8]]:
    """Return what a list is opened into: its key, then its body."""
    made: list[NDArray[np.uint8]] = []

    def locked(*given: Any) -> NDArray[np.uint8]:
        made.append(locked_array(*given))
        return made[-1]

    monkeypatch.setattr(opening, "locked_array", locked)
    return made


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[sodium.SecretStream]:
    """Return the secret streams that a list is decrypted with."""
    made: list[sodium.SecretStream] = []

    class Noted(sodium.SecretStream):
        def __init__(self, header: bytes, key: NDArray[np.uint8]) -> None:
            super().__init__(header, key)
            assert any(state_of(self))
            made.append(self)

    monkeypatch.setattr(sodium, "SecretStream", Noted)
    return made


def state_of(stream: sodium.SecretStream) -> bytes:
    return bytes(_sodium.ffi.buffer(stream._state))


def test_key_and_stream_of_a_list_are_zero_once_it_is_open(
    arrays: list[NDArray[np.uint8]], streams: list[sodium.SecretStream]
) -> None:
    data = Made().data()
    streams.clear()  # the one that made it
    index = open_list(data)
    key, body = arrays
    assert not key.any()
    assert body.any()
    (stream,) = streams
    assert not any(state_of(stream))
    index.wipe()
    assert not body.any()


def test_nothing_of_a_list_that_is_refused_is_left(
    arrays: list[NDArray[np.uint8]], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Made().data()
    monkeypatch.setattr(opening, "check_body", broken)
    with pytest.raises(BrokenError):
        open_list(data)
    assert [array.any() for array in arrays] == [False, False]


@pytest.mark.parametrize("ask", ["finds", "match"])
def test_the_matchers_scratch_is_zero_after_each_question(ask: str, monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = Matcher(index_of("ABCD123"), now_s=0)

    def look_up(*_: object, **__: object) -> None:
        matcher._block.fill(7)

    monkeypatch.setattr(matcher, "_look_up", look_up)
    assert not getattr(matcher, ask)(fused_read(np.zeros(10, np.uint8), 0), AlertRule())
    assert not matcher._block.any()


def test_the_lookups_scratch_is_zero_after_each_search() -> None:
    index = index_of("ABCD123")
    lookup = index.prepared()
    keys = locked_array(4, np.uint64)
    keys[...] = 1 << 40
    index.find(keys, locked_array(4, np.int64))
    assert not lookup._block.any()
