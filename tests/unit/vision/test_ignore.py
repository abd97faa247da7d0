"""Regions to ignore are zeros in the frame and in its small picture before anything looks at either."""

from __future__ import annotations

import numpy as np
import pytest

from alprd.camera.frame import Frame, FramePool
from alprd.vision.ignore import IgnoredRegions
from alprd.vision.shrink import Shrinker

SLANTED = ((0, 0), (90, 0), (30, 120), (0, 120))


def frame(height: int = 720, width: int = 1280) -> Frame:
    lease = FramePool(1, height, width).lease(height, width)
    lease.main[...] = 200
    lease.fill_lores(Shrinker(height, width))
    return lease


def test_what_a_region_touches_is_zero_and_the_rest_is_as_it_was() -> None:
    lease = frame()
    IgnoredRegions([((100, 50), (300, 50), (300, 150), (100, 150))]).blank(lease)
    assert not lease.main[50:150, 100:300].any()
    # what is drawn reaches one pixel beyond, never short of it
    assert (lease.main[:50] == 200).all()
    assert (lease.main[152:] == 200).all()
    assert (lease.main[:, :100] == 200).all()
    assert (lease.main[:, 302:] == 200).all()


@pytest.mark.parametrize("size", [(720, 1280), (384, 640), (1080, 1920), (500, 1000)])
def test_no_small_pixel_is_made_of_one_in_a_region(size: tuple[int, int]) -> None:
    """Two frames that differ in the region alone have one small picture."""
    height, width = size
    rng = np.random.default_rng(1)
    ignored = IgnoredRegions([SLANTED, ((width - 7, 13), (width, 13), (width, height), (width - 7, height))])
    first, second = frame(*size), frame(*size)
    first.main[...] = second.main[...] = rng.integers(1, 255, size, np.uint8)
    keep = np.zeros(size, np.uint8)
    np.copyto(keep, first.main)
    ignored.blank(second)
    inside = second.main == 0
    first.main[...] = np.where(inside, 255, keep)
    second.main[...] = keep
    for lease in (first, second):
        lease.fill_lores(Shrinker(height, width))
    assert not np.array_equal(first.lores, second.lores)
    for lease in (first, second):
        ignored.blank(lease)
    assert np.array_equal(first.lores, second.lores)
    assert np.array_equal(first.main, second.main)
    assert first.lores.any()


def test_a_region_at_the_frame_s_edges_reaches_the_last_pixel() -> None:
    lease = frame()
    IgnoredRegions([((0, 600), (1280, 600), (1280, 720), (0, 720))]).blank(lease)
    assert not lease.main[600:].any()
    assert not lease.lores[300:].any()
    assert lease.lores[:298].all()


def test_a_frame_of_another_size_gets_what_of_the_region_lies_in_it() -> None:
    ignored = IgnoredRegions([((0, 0), (640, 0), (640, 360), (0, 360))])
    for size in ((720, 1280), (360, 700), (720, 1280)):
        lease = frame(*size)
        ignored.blank(lease)
        assert not lease.main[:360, :640].any()
        assert lease.main[:, 642:].all()


def test_without_a_region_nothing_is_touched() -> None:
    lease = frame()
    IgnoredRegions().blank(lease)
    assert (lease.main == 200).all()


@pytest.mark.parametrize(
    ("corners", "share"),
    [
        ([], 0.0),
        ([((0, 0), (1280, 0), (1280, 720), (0, 720))], 1.0),
        ([((0, 0), (640, 0), (640, 720), (0, 720))], 0.5),
    ],
)
def test_the_share_that_is_blank_is_said(corners: list[tuple[tuple[int, int], ...]], share: float) -> None:
    assert IgnoredRegions(corners).share(720, 1280) == pytest.approx(share, abs=0.001)
