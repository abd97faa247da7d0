"""What every camera looks like to the cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from alprd.camera.frame import Frame


class EndOfSource(Exception):  # noqa: N818 - the end of a recording is no error
    """A recorded source has shown all it has. Live cameras never raise it."""


class FrameSource(Protocol):
    """A device that gives frames, one at a time, to one thread."""

    @property
    def description(self) -> str:
        """One printable line that names the device, for the log."""

    @property
    def skipped(self) -> int:
        """How many images were unreadable, corrupt or too large, and shown to nobody."""

    def capture(self, timeout_s: float) -> Frame | None:
        """Return the next frame with `main` and `lores` filled, or None when none came in time.

        The caller wipes the frame. Raises `CameraError` where the device failed: close the source
        and open it anew. Raises `EndOfSource` at the end of a recording.
        """

    def close(self) -> None:
        """Let the device go. A second call does nothing."""
