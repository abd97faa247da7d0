"""The audit log on the unit: events appended as they happen, kept and tried again where the disk fails."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Final

from alprd.audit.events import KIND, REASON_OF, Act, Event, Reason, seal_plate
from alprd.chain.disk import ChainFile
from alprd.chain.records import ChainKind, Head
from alprd.errors import ChainError, StorageError
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nacl.public import PublicKey
    from nacl.signing import SigningKey

    from alprd.records import Instant

log = logging.getLogger(__name__)

FOLDER: Final = "audit"
FILE: Final = "audit.chain"
MAX_WAITING: Final = 1000
AGAIN_NS: Final = 1_000_000_000


class AuditLog:
    """The log of ``unit`` in ``folder``, signed with ``key``; ``clock`` says what time it is.

    Plates are sealed to ``privacy``, left out where it is None. Each head is mirrored to the daemon's own
    log. Raises `ChainError` for a log that was tampered with, and `StorageError`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        unit: str,
        key: SigningKey,
        privacy: PublicKey | None,
        clock: Callable[[], Instant],
    ) -> None:
        self._clock, self._privacy = clock, privacy
        self._waiting: deque[Event] = deque(maxlen=MAX_WAITING)
        self._again_at = MonotonicNs(0)
        kind = ChainKind(kind=KIND, unit=unit)
        self._chain = ChainFile(folder / FILE, kind, key, self._mended)
        if self._chain.head.number:
            self._mirror(self._chain.head)

    @property
    def head(self) -> Head:
        """The head of the last record."""
        return self._chain.head

    @property
    def waiting(self) -> int:
        """How many events could not be written yet."""
        return len(self._waiting)

    def note(
        self,
        act: Act,
        *,
        name: str = "",
        badge: str = "",
        reason: Reason | None = None,
        file_number: str = "",
        subject: str = "",
        plate: tuple[str, str] | None = None,
    ) -> None:
        """Append an event; it is on the disk when this returns, or waits (see `waiting`).

        ``plate`` is text and jurisdiction, sealed before anything else is done with it.
        """
        self._waiting.append(
            Event(
                act=act,
                instant=self._clock(),
                name=name,
                badge=badge,
                reason=reason or REASON_OF.get(act, Reason.DUTY),
                file_number=file_number,
                subject=subject,
                plate="" if plate is None else seal_plate(*plate, self._privacy),
            )
        )
        self._write()

    def attend(self, now: MonotonicNs) -> None:
        """Try again what could not be written, once a second."""
        if self._waiting and now >= self._again_at:
            self._again_at = MonotonicNs(now + AGAIN_NS)
            self._write()

    def close(self) -> None:
        """Let go of the file."""
        self._chain.close()

    def _write(self) -> None:
        had = len(self._waiting)
        try:
            while self._waiting:
                head = self._chain.append(self._waiting[0].as_fields())
                self._waiting.popleft()
                self._mirror(head)
        except (StorageError, ChainError) as error:
            if had == 1:
                log.error("audit log not written yet: %s; next: %s", error, error.next_step)  # noqa: TRY400 - a traceback could hold locals

    def _mirror(self, head: Head) -> None:
        log.info("audit head %s", head)

    def _mended(self, count: int) -> dict[str, object]:
        return Event(
            act=Act.END_MENDED, instant=self._clock(), reason=Reason.POWER_CUT, subject=f"{count} bytes"
        ).as_fields()
