"""A camera whose library may raise anything: its defect is a camera that failed, never the unit's end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from alprd.camera.source import EndOfSource
from alprd.errors import AlprdError, CameraError, place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.camera.frame import Frame
    from alprd.camera.source import FrameSource

_log = logging.getLogger(__name__)


class GuardedSource:
    """The source that ``opened`` returns. What it raises without being meant to is a `CameraError` here.

    The error says where it was raised and no value: a message of a library could hold anything.
    """

    def __init__(self, opened: Callable[[], FrameSource]) -> None:
        try:
            self._source = opened()
        except AlprdError:
            raise
        except Exception as error:  # noqa: BLE001 - supervised: see the module's docstring
            raise _failed(error) from None

    @property
    def description(self) -> str:
        """As the source says it."""
        return self._source.description

    @property
    def skipped(self) -> int:
        """As the source counts it."""
        return self._source.skipped

    def capture(self, timeout_s: float) -> Frame | None:
        """Return the next frame, or None when none came in time; otherwise as `FrameSource.capture`."""
        try:
            return self._source.capture(timeout_s)
        except (EndOfSource, CameraError):
            raise
        except Exception as error:  # noqa: BLE001 - the same
            raise _failed(error) from None

    def close(self) -> None:
        """Let the device go. A library that fails at it is logged: the device may be opened again."""
        try:
            self._source.close()
        except Exception as error:  # noqa: BLE001 - the same
            _log.error("the camera did not close: %s", place_of(error))


def _failed(error: Exception) -> CameraError:
    return CameraError(
        f"the camera's software failed: {place_of(error)}",
        hint="The camera is opened again; if this comes back, report it with the line above.",
    )
