from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from alprd.camera.frame import Frame, FramePool
from alprd.errors import AlprdError, CameraError
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class HalfShrinker:
    k = 2

    def __init__(self, height: int, width: int) -> None:
        self.lores = np.zeros((height // 2, width // 2), np.uint8)

    def shrink(self, main: NDArray[np.uint8]) -> NDArray[np.uint8]:
        np.copyto(self.lores, main[::2, ::2])
        return self.lores

    def wipe(self) -> None:
        self.lores.fill(0)


@pytest.fixture
def pool() -> FramePool:
    return FramePool(2, 120, 160)


def filled(pool: FramePool) -> Frame:
    frame = pool.lease(100, 150)
    frame.main.fill(7)
    frame.fill_lores(HalfShrinker(100, 150))
    return frame


def leave_quietly(frame: Frame) -> None:
    with frame:
        pass


def leave_by(error: type[BaseException]) -> Callable[[Frame], None]:
    def leave(frame: Frame) -> None:
        with pytest.raises(error), frame:
            raise error

    return leave


@pytest.mark.parametrize(
    "leave",
    [leave_quietly, Frame.wipe, leave_by(ValueError), leave_by(KeyboardInterrupt), leave_by(SystemExit)],
)
def test_views_read_zeros_whichever_way_the_block_is_left(
    pool: FramePool, leave: Callable[[Frame], None]
) -> None:
    frame = filled(pool)
    main, lores = frame.main, frame.lores
    corner = frame.main[10:20, 10:20]
    assert main.min() == 7
    assert lores.min() == 7
    leave(frame)
    assert not main.any()
    assert not lores.any()
    assert not corner.any()
    assert frame.is_wiped
    assert pool.free == 2


def test_a_wiped_frame_refuses_to_be_read_or_entered(pool: FramePool) -> None:
    frame = filled(pool)
    with frame:
        pass
    for read in (lambda: frame.main, lambda: frame.lores, frame.__enter__):
        with pytest.raises(AlprdError, match="after it was wiped"):
            read()


def test_the_small_picture_is_missing_until_it_is_filled(pool: FramePool) -> None:
    with pool.lease(100, 150) as frame:
        with pytest.raises(AlprdError, match="no small picture"):
            _ = frame.lores
        frame.fill_lores(HalfShrinker(100, 150))
        assert frame.lores.shape == (50, 75)
        assert frame.factor == 2


def test_the_shrinker_holds_nothing_after_the_small_picture_is_made(pool: FramePool) -> None:
    shrinker = HalfShrinker(100, 150)
    with pool.lease(100, 150) as frame:
        frame.main.fill(9)
        frame.fill_lores(shrinker)
        assert frame.lores.min() == 9
        assert not shrinker.lores.any()


def test_a_small_picture_over_its_place_is_refused_and_the_shrinker_wiped() -> None:
    pool = FramePool(1, 800, 1300)
    shrinker = HalfShrinker(800, 1300)
    with pool.lease(800, 1300) as frame:
        frame.main.fill(9)
        with pytest.raises(CameraError, match="650x400"):
            frame.fill_lores(shrinker)
    assert not shrinker.lores.any()


def test_the_largest_small_picture_has_its_place_and_overwrites_no_frame() -> None:
    pool = FramePool(1, 768, 1280)
    with pool.lease(768, 1280) as frame:
        frame.main.fill(9)
        frame.fill_lores(HalfShrinker(768, 1280))
        assert frame.lores.shape == (384, 640)
        frame.lores.fill(1)
        assert frame.main.min() == 9


@pytest.mark.parametrize(("height", "width"), [(121, 160), (120, 161), (0, 160), (120, 0)])
def test_a_size_outside_the_pool_is_refused_and_takes_no_lease(
    pool: FramePool, height: int, width: int
) -> None:
    assert not pool.fits(height, width)
    with pytest.raises(CameraError, match="160x120"):
        pool.lease(height, width)
    assert pool.free == 2


def test_the_largest_size_is_leased_whole(pool: FramePool) -> None:
    with pool.lease(120, 160) as frame:
        assert frame.main.shape == (120, 160)
        assert not frame.main.any()


def test_a_pool_that_is_all_leased_refuses_instead_of_waiting(pool: FramePool) -> None:
    with pool.lease(1, 1), pool.lease(1, 1), pytest.raises(CameraError, match="all 2 frames"):
        pool.lease(1, 1)
    assert pool.free == 2


def test_frames_are_numbered_from_one_and_leases_are_used_again(pool: FramePool) -> None:
    numbers = []
    for _ in range(5):
        with pool.lease(10, 10) as frame:
            numbers.append(frame.number)
            assert not frame.main.any()
            frame.main.fill(255)
    assert numbers == [1, 2, 3, 4, 5]


def test_a_frame_dropped_before_its_block_is_wiped_and_given_back(pool: FramePool) -> None:
    frame = filled(pool)
    view = frame.main
    del frame
    gc.collect()
    assert not view.any()
    assert pool.free == 2


def test_the_life_of_a_frame_runs_from_capture_to_the_end_of_the_wipe(pool: FramePool) -> None:
    captured = MonotonicNs(time.monotonic_ns() - 5_000_000)
    frame = pool.lease(10, 10, captured)
    with pytest.raises(AlprdError, match="once it is wiped"):
        _ = frame.life_ns
    with frame:
        pass
    assert frame.captured_at == captured
    assert frame.life_ns >= 5_000_000
    again = frame.life_ns
    frame.wipe()
    assert frame.life_ns == again


def test_a_borrowed_buffer_is_overwritten_whole_before_it_goes_back(pool: FramePool) -> None:
    buffer, small = np.full((20, 64), 9, np.uint8), np.full((10, 32), 9, np.uint8)
    seen: list[int] = []

    def release() -> None:
        seen.append(int(buffer.max()) + int(small.max()))

    frame = pool.borrow(
        main=buffer[:16, :60],
        lores=small[:8, :30],
        factor=2,
        captured_at=MonotonicNs(1),
        planes=(buffer, small),
        release=release,
    )
    with frame:
        assert frame.main.max() == 9
        assert frame.factor == 2
        assert seen == []
    assert seen == [0]
    frame.wipe()
    assert seen == [0]


def test_an_interrupt_during_the_wipe_leaves_nothing_behind(pool: FramePool) -> None:
    class Interrupting(np.ndarray[tuple[int], np.dtype[np.uint8]]):
        calls = 0

        def fill(self, value: object) -> None:
            Interrupting.calls += 1
            if Interrupting.calls == 1:
                raise KeyboardInterrupt
            super().fill(value)

    first, second = np.full(8, 9, np.uint8).view(Interrupting), np.full(8, 9, np.uint8)
    released: list[int] = []
    frame = pool.borrow(
        main=second.reshape(2, 4),
        lores=second[:2].reshape(1, 2),
        factor=2,
        captured_at=MonotonicNs(1),
        planes=(first, second),
        release=lambda: released.append(1),
    )
    with pytest.raises(KeyboardInterrupt), frame:
        pass
    assert not np.asarray(first).any()
    assert not second.any()
    assert released == [1]


def test_the_end_of_the_daemon_overwrites_leased_frames_too(pool: FramePool) -> None:
    with filled(pool) as frame:
        pool.wipe()
        assert not frame.main.any()
        assert not frame.lores.any()


@pytest.mark.parametrize("size", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_an_empty_pool_cannot_be_made(size: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least one lease"):
        FramePool(*size)
