"""The witness finds every form of what it is told, wherever a block ends, and nothing else."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.plates.normal import encode, pack
from alprd.vision.shrink import Shrinker
from alprd.witness.search import Patterns
from alprd.witness.sentinels import ROW_BYTES, box_mean, of_picture, of_plate

TEXT = "QXZW123"
RNG = np.random.default_rng(3)


def test_a_plate_is_looked_for_in_every_form() -> None:
    forms = of_plate(TEXT)
    assert forms["QXZW123 ascii"] == TEXT.encode("utf-8")
    assert forms["QXZW123 utf-16-le"] == TEXT.encode("utf-16-le")
    assert forms["QXZW123 utf-32-be"] == TEXT.encode("utf-32-be")
    assert forms["QXZW123 codes"] == encode(TEXT)[:7].tobytes()
    assert forms["QXZW123 wide codes"] == encode(TEXT)[:7].astype(np.int64).tobytes()
    assert int.from_bytes(forms["QXZW123 key"], "little") == pack(TEXT)
    assert len(forms) == 12


@pytest.mark.parametrize("lead", range(6))
def test_base64_is_found_wherever_the_text_starts(lead: int) -> None:
    coded = base64.b64encode(bytes(range(lead)) + TEXT.encode() + b"and what follows")
    found = Patterns(of_plate(TEXT)).count(coded)
    assert set(found) == {f"{TEXT} base64+{lead % 3}"}


def test_a_picture_is_looked_for_in_its_rows_and_in_those_of_its_means() -> None:
    picture = RNG.integers(0, 256, (720, 1280), dtype=np.uint8)
    forms = of_picture("p", picture)
    assert len(forms) == 4 * 4 * 5
    assert {len(form) for form in forms.values()} == {ROW_BYTES, 96}
    half = Shrinker(720, 1280).shrink(picture)
    assert np.array_equal(half, box_mean(picture, 2)), "as the detector's small picture is made"
    memory = half.tobytes() + (half ^ 0x80).tobytes()
    found = Patterns(forms).count(memory)
    assert set(found) == {
        name for name in forms if name.startswith("p 1/2") and name.split()[-1] in {"u8", "int8"}
    }
    scaled = (picture.astype(np.float32) / np.float32(255)).tobytes()
    assert {name.partition(" float ")[2] for name in Patterns(forms).count(scaled)} == {"0..1"}


def test_a_flat_row_is_left_out() -> None:
    assert of_picture("sky", np.full((720, 1280), 200, np.uint8)) == {}


@given(
    needles=st.lists(st.binary(min_size=4, max_size=40), min_size=1, max_size=6, unique=True),
    before=st.binary(max_size=60),
    after=st.binary(max_size=60),
    zeros=st.integers(0, 9),
)
def test_it_counts_what_python_counts(needles: list[bytes], before: bytes, after: bytes, zeros: int) -> None:
    data = before + bytes(zeros) + bytes(zeros).join(needles) + after
    named = {str(place): needle for place, needle in enumerate(needles)}
    naive = {
        name: sum(data.startswith(needle, at) for at in range(len(data))) for name, needle in named.items()
    }
    assert Patterns(named).count(data) == naive
    assert all(naive.values())


def test_nothing_falls_between_two_blocks_or_is_counted_twice() -> None:
    needles = of_plate(TEXT) | {"zeros": b"\0\0\0\1\0\0\0\0"}
    patterns = Patterns(needles)
    whole = b"..".join(needles.values()) + b"--" + b"".join(needles.values())
    once = patterns.count(whole)
    assert set(once) == set(needles)
    for cut in range(len(whole) + 1):
        first, second = whole[:cut], whole[cut:]
        tail = first[-patterns.overlap :]
        found = patterns.count(first)
        for name, count in patterns.count(tail + second, len(tail)).items():
            found[name] = found.get(name, 0) + count
        assert found == once, cut


@pytest.mark.parametrize("needles", [{}, {"short": b"abc"}])
def test_too_little_to_look_for_is_refused(needles: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="4 bytes at least"):
        Patterns(needles)
