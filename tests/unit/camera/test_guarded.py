"""Whatever a camera's library raises, the unit sees a camera that failed, and can open it again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from alprd.camera.frame import FramePool
from alprd.camera.guarded import GuardedSource
from alprd.camera.source import EndOfSource
from alprd.errors import CameraError, SettingsError

if TYPE_CHECKING:
    from alprd.camera.frame import Frame

PLATE = "ABCD123"
UNMEANT = [RuntimeError(PLATE), MemoryError(PLATE), OSError(5, PLATE), KeyError(PLATE)]
MEANT = [EndOfSource("over"), CameraError("unplugged"), KeyboardInterrupt()]


@dataclass
class FailingSource:
    """A source that raises ``error``, at a frame that it has leased, and at its end."""

    error: BaseException | None
    pool: FramePool
    description: str = "a camera that fails"
    skipped: int = 3

    def capture(self, _timeout_s: float) -> Frame | None:
        frame = self.pool.lease(4, 4)
        frame.main.fill(200)
        if self.error is not None:
            raise self.error
        return frame

    def close(self) -> None:
        if self.error is not None:
            raise self.error


def guarded(error: BaseException | None) -> tuple[GuardedSource, FramePool]:
    pool = FramePool(1, 4, 4)
    return GuardedSource(lambda: FailingSource(error, pool)), pool


@pytest.mark.parametrize("error", UNMEANT, ids=lambda error: type(error).__name__)
def test_a_defect_in_a_capture_is_a_camera_error_that_tells_the_place_and_no_value(error: Exception) -> None:
    source, pool = guarded(error)
    with pytest.raises(CameraError, match=rf"{type(error).__name__} at test_guarded\.py:\d+") as caught:
        source.capture(0.1)
    assert PLATE not in f"{caught.value} {caught.value.next_step}"
    error.__traceback__ = None
    del caught
    assert pool.free == 1, "the frame that was under way is wiped and free"
    assert not pool._slabs[0].any()


@pytest.mark.parametrize("error", MEANT, ids=lambda error: type(error).__name__)
def test_what_a_source_means_to_say_passes_as_it_is(error: BaseException) -> None:
    source, _ = guarded(error)
    with pytest.raises(type(error)) as caught:
        source.capture(0.1)
    assert caught.value is error


def test_a_source_that_works_is_what_is_seen_of_it() -> None:
    source, _ = guarded(None)
    assert (source.description, source.skipped) == ("a camera that fails", 3)
    frame = source.capture(0.1)
    assert frame is not None
    with frame:
        assert frame.main[0, 0] == 200
    source.close()


def test_a_camera_that_cannot_be_closed_is_logged_without_a_value(caplog: pytest.LogCaptureFixture) -> None:
    source, _ = guarded(RuntimeError(PLATE))
    with caplog.at_level(logging.ERROR):
        source.close()
    assert "did not close: RuntimeError at test_guarded.py:" in caplog.text
    assert PLATE not in caplog.text


def test_what_is_wrong_with_the_settings_is_said_as_it_is() -> None:
    def fail() -> FailingSource:
        raise SettingsError("camera.source: expected another")

    with pytest.raises(SettingsError):
        GuardedSource(fail)


def test_a_defect_while_a_camera_is_opened_is_a_camera_error() -> None:
    def fail() -> FailingSource:
        raise ZeroDivisionError(PLATE)

    with pytest.raises(CameraError, match=r"ZeroDivisionError at test_guarded\.py"):
        GuardedSource(fail)
