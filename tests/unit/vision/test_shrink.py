from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alprd.vision.shrink import MAX_HEIGHT, MAX_WIDTH, Shrinker, factor

if TYPE_CHECKING:
    from numpy.typing import NDArray


def weights(size: int, k: Fraction) -> NDArray[np.int64]:
    """How much of each of ``size`` pixels lies in each box, in parts of the factor's denominator."""
    boxes = np.arange(int(size / k))[:, None] * k.numerator
    pixels = np.arange(size)[None] * k.denominator
    ends = np.minimum(boxes + k.numerator, pixels + k.denominator)
    shared: NDArray[np.int64] = ends - np.maximum(boxes, pixels)
    shared[shared < 0] = 0
    return shared


def mean_by_definition(main: NDArray[np.uint8], k: Fraction) -> NDArray[np.uint8]:
    down, across = (weights(size, k).astype(np.float64) for size in main.shape)
    sums = (down @ main @ across.T).astype(np.int64)
    count = k.numerator**2
    return ((sums + count // 2) // count).astype(np.uint8)


@pytest.mark.parametrize(
    ("height", "width", "k"),
    [
        (1, 1, "1"),
        (384, 640, "1"),
        (385, 640, "13/12"),
        (384, 641, "13/12"),
        (480, 640, "5/4"),
        (640, 1024, "5/3"),
        (720, 1280, "2"),
        (768, 1280, "2"),
        (769, 1280, "25/12"),
        (1080, 1920, "3"),
        (384 * 16, 640 * 16, "16"),
    ],
)
def test_the_factor_is_the_least_number_of_twelfths_that_fits(height: int, width: int, k: str) -> None:
    assert factor(height, width) == Fraction(k)
    assert height / Fraction(k) <= MAX_HEIGHT
    assert width / Fraction(k) <= MAX_WIDTH


@pytest.mark.parametrize(
    ("height", "width"), [(0, 10), (10, 0), (384 * 16 + 1, 640), (1, 6400), (20, 640 * 17)]
)
def test_a_size_that_cannot_shrink_is_refused(height: int, width: int) -> None:
    with pytest.raises(ValueError, match="picture"):
        factor(height, width)


@settings(max_examples=25, deadline=None)
@given(height=st.integers(1, 1300), width=st.integers(60, 2100), seed=st.integers(0, 99))
def test_every_size_gives_the_exact_mean(height: int, width: int, seed: int) -> None:
    if height < max(-(-width // MAX_WIDTH), 1):
        return
    main = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    shrinker = Shrinker(height, width)
    lores = shrinker.shrink(main)
    assert lores.shape == (shrinker.height, shrinker.width)
    k = factor(height, width)
    off = np.abs(lores.astype(int) - mean_by_definition(main, k)).max()
    assert off <= (0 if k.numerator <= 16 else 1)


def test_the_brightest_frame_does_not_overflow_at_the_greatest_factor() -> None:
    shrinker = Shrinker(384 * 16, 640 * 16)
    assert (shrinker.shrink(np.full((384 * 16, 640 * 16), 255, np.uint8)) == 255).all()


def test_a_plane_whose_rows_are_padded_is_read_in_place() -> None:
    padded = np.random.default_rng(1).integers(0, 256, (720, 1344), np.uint8)
    main = padded[:, :1280]
    assert np.array_equal(Shrinker(720, 1280).shrink(main), mean_by_definition(main, Fraction(2)))


def test_a_frame_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a frame"):
        Shrinker(720, 1280).shrink(np.zeros((720, 1281), np.uint8))


def test_nothing_is_left_after_a_wipe() -> None:
    shrinker = Shrinker(720, 1280)
    assert shrinker.shrink(np.full((720, 1280), 200, np.uint8)).all()
    shrinker.wipe()
    buffers = [value for value in vars(shrinker).values() if isinstance(value, np.ndarray)]
    assert len(buffers) == 5
    assert not any(buffer.any() for buffer in buffers)


def test_a_second_picture_is_not_mixed_with_the_one_before() -> None:
    shrinker = Shrinker(720, 1280)
    chance = np.random.default_rng(4)
    one, other = (chance.integers(0, 256, (720, 1280), np.uint8) for _ in range(2))
    first = np.copy(shrinker.shrink(one))
    assert not np.array_equal(shrinker.shrink(other), first)
    assert np.array_equal(shrinker.shrink(one), first)
