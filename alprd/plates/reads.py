"""What the vote asks of a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Read(Protocol):
    """A reader after one plate (`vision.read.Reader`); all arrays are its own."""

    codes: NDArray[np.uint8]
    """(10,): the characters' codes, `UNREADABLE` among them, 0 after the last."""
    confidences: NDArray[np.float32]
    """(10,): how sure each of them is, 0 to 1."""
    probabilities: NDArray[np.float32]
    """(10, 38): of each place, how likely each code is; 0 past the last character."""
    score: NDArray[np.float32]
    """(1,): the probability that the whole text is right."""
    places: NDArray[np.float32]
    """(65,): how likely the plate's design makes each jurisdiction; zeros where nothing was read."""

    @property
    def partial(self) -> bool:
        """Whether a character cannot be made out, or the frame's edge cuts the plate."""
