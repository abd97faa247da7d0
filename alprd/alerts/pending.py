"""Hits that wait for the officer's verdict: a few slots in locked memory, each with a time limit.

A slot keeps the hit, the plate picture and, where the unit is set so, the context in coarse cells; nothing
else of the frame. Every way out of a slot wipes it; a power cut does too, because a slot is only ever in
memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alprd.memory import locked_array, wipe
from alprd.records import CONTEXT_COLUMNS, CONTEXT_ROWS, AlertId, MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from alprd.records import Answer, Hit

PICTURE_HEIGHT: Final = 96
PICTURE_WIDTH: Final = 288
"""The plate picture that a confirmed hit keeps: rectified, 8-bit grey, in pixels."""

LAST_ALERT_ID: Final = 65_535
_NS: Final = 1_000_000_000


@dataclass(slots=True, kw_only=True)
class PendingHit:
    """One taken slot. ``picture``, uint8 (96, 288), and ``context``, (4, 12), are its own locked memory."""

    alert_id: AlertId
    hit: Hit
    picture: NDArray[np.uint8]
    context: NDArray[np.uint8] | None
    """None in plate-only mode."""
    deadline: MonotonicNs
    confirmed: Answer | None = None
    """The officer's CONFIRMED while the record could not be stored yet."""
    store_again_at: MonotonicNs | None = None


class PendingHits:
    """``slots`` places for hits, each held ``answer_time_s`` seconds at most.

    Without ``has_context`` there is no memory for one.
    """

    def __init__(self, slots: int, answer_time_s: float, *, has_context: bool = False) -> None:
        pictures = locked_array((slots, PICTURE_HEIGHT, PICTURE_WIDTH), "u1")
        contexts = locked_array((slots, CONTEXT_ROWS, CONTEXT_COLUMNS), "u1") if has_context else None
        self._free = [(pictures[i], None if contexts is None else contexts[i]) for i in range(slots)]
        self._taken: dict[AlertId, PendingHit] = {}
        self._answer_ns = int(answer_time_s * _NS)
        self._last_id = 0

    def __len__(self) -> int:
        return len(self._taken)

    def __iter__(self) -> Iterator[PendingHit]:
        return iter(list(self._taken.values()))

    @property
    def is_full(self) -> bool:
        """Whether no slot is free."""
        return not self._free

    def hold(self, hit: Hit, now: MonotonicNs) -> PendingHit:
        """Take a free slot for ``hit``; the caller fills its pictures. IndexError when full."""
        picture, context = self._free.pop()
        self._last_id = self._last_id % LAST_ALERT_ID + 1
        pending = PendingHit(
            alert_id=AlertId(self._last_id),
            hit=hit,
            picture=picture,
            context=context,
            deadline=MonotonicNs(now + self._answer_ns),
        )
        self._taken[pending.alert_id] = pending
        return pending

    def find(self, alert_id: AlertId) -> PendingHit | None:
        """Return the hit that waits under ``alert_id``, None when it waits no more."""
        return self._taken.get(alert_id)

    def overdue(self, now: MonotonicNs) -> list[PendingHit]:
        """Return the hits whose time limit has passed."""
        return [pending for pending in self if now >= pending.deadline]

    def wipe(self, alert_id: AlertId) -> None:
        """Zero the slot of ``alert_id`` and free it; nothing when it waits no more."""
        pending = self._taken.pop(alert_id, None)
        if pending is not None:
            wipe(pending.picture)
            if pending.context is not None:
                wipe(pending.context)
            self._free.append((pending.picture, pending.context))
