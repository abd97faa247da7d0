"""The measurement of voting on rendered drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from alprd.demo.drive import PlateTruth
from alprd.plates.normal import encode
from alprd.plates.vote import AlertRule
from models import drive
from models.drive import Figures, Pass, disturb, plate_at, table, text_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

CORNERS = np.array([[100, 100], [200, 100], [200, 150], [100, 150]], np.float64)


def plate(dx: float = 0.0, *, vehicle: int = 1, is_whole: bool = True) -> PlateTruth:
    return PlateTruth(vehicle=vehicle, corners=CORNERS + np.array([dx, 0]), width_px=100.0, is_whole=is_whole)


def picture() -> NDArray[np.uint8]:
    """Strokes, 5 px wide."""
    return np.tile(np.where(np.arange(400) // 5 % 2, 40, 220).astype(np.uint8), (300, 1))


def harm(main: NDArray[np.uint8]) -> float:
    return float(np.abs(main.astype(np.float32) - picture()).mean())


def test_a_plate_is_disturbed_the_more_the_higher_the_level_and_the_rest_stays() -> None:
    main = picture()
    pictures = [disturb(main, [plate()], level, [1, 2]) for level in (0.02, 0.1)]
    assert 0 < harm(pictures[0]) < harm(pictures[1])
    for disturbed in pictures:
        assert np.array_equal(disturbed[:, 260:], main[:, 260:])
    assert np.array_equal(main, picture()), "the picture itself is left alone"


def test_the_same_seed_disturbs_the_same_and_another_frame_does_not() -> None:
    one, again, other = (disturb(picture(), [plate()], 0.05, [1, frame]) for frame in (2, 2, 3))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_plate_half_out_of_the_frame_is_disturbed_where_it_is_in() -> None:
    out = PlateTruth(vehicle=1, corners=CORNERS - np.array([150, 0]), width_px=100.0, is_whole=False)
    gone = PlateTruth(vehicle=2, corners=CORNERS - 900, width_px=100.0, is_whole=False)
    assert not np.array_equal(disturb(picture(), [out, gone], 0.05, [1, 2]), picture())


@pytest.mark.parametrize(("dx", "vehicle"), [(0.0, 1), (40.0, 1), (260.0, 2), (600.0, None), (150.0, None)])
def test_a_box_is_of_the_plate_whose_middle_it_has(dx: float, vehicle: int | None) -> None:
    found = plate_at((CORNERS + np.array([dx, 0])).astype(np.float32), [plate(), plate(300, vehicle=2)])
    assert (None if found is None else found.vehicle) == vehicle


def test_a_box_is_not_of_the_plate_that_is_hidden_there() -> None:
    found = plate_at(CORNERS.astype(np.float32), [plate(is_whole=False), plate(30, vehicle=2)])
    assert found is not None
    assert found.vehicle == 2


def test_codes_are_told_as_text_with_what_could_not_be_made_out() -> None:
    codes = encode("AB12")
    codes[1] = 37
    assert text_of(codes, 4) == "A?12"


def test_the_table_counts_what_the_vote_read_and_names_what_is_at_fault() -> None:
    right = Pass(text="AB12", fused="AB12", score=0.98, alerted_right=True)
    wrong = Pass(text="CD34", fused="CD84", score=0.95, alerted_wrong={"CD84"})
    figures = Figures(shown=10, found=8, right=6, passes=[right, right, right, wrong])
    told = table(figures, AlertRule())
    assert (figures.exact, figures.share, figures.misread) == (0.75, 0.75, [wrong])
    for part in ("80.0%", "75.0%", "CD34: CD84", "CD34: sure of CD84", "mean 0.972, right 0.750"):
        assert part in told


@pytest.mark.parametrize(("share", "level"), [(0.85, 0.05), (0.5, 0.1)])
def test_the_level_is_found_by_halving(monkeypatch: pytest.MonkeyPatch, share: float, level: float) -> None:
    """On a curve in place of the drawn sample, which takes minutes."""

    class Curve:
        def __init__(self, _seed: int) -> None: ...

        def share(self, _unit: object, at: float) -> float:
            return 1.2 - 7 * at

    monkeypatch.setattr(drive, "Sample", Curve)
    assert drive.find_level(None, share, 1) == pytest.approx(level, abs=0.002)  # type: ignore[arg-type]  # the curve needs none
