"""Whether a hit is put to the officer, and how loudly: repeats, priority classes, the cap on prompts.

Pure. The guards keep entry numbers of the hotlist, keyed digests and times, nothing of the read.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alprd.alerts.requests import BatchMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alprd.records import MonotonicNs

MAX_HELD: Final = 256
"""Entries that the guard remembers; the longest unseen is forgotten first."""

MAX_ANSWERED: Final = 1024
"""Plates that were answered in a shift and are remembered; the oldest is forgotten first."""
PROMPTS_PER_MINUTE: Final = 3
"""A class under the cap gets no prompt that would be one more than this, of all classes, in a minute."""
CAPPED_PER_MINUTE: Final = 1
"""Of these, what classes under the cap get at most."""

_NS: Final = 1_000_000_000
_MINUTE_NS: Final = 60 * _NS
_KEY_BYTES: Final = 32
_DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPolicy:
    """What may be done to the alerts of a priority class.

    ``is_mutable``: the officer may leave it out. ``is_capped``: it waits its turn, and what finds none is
    told in one line. ``is_quiet_when_answered``: a plate that was answered in this shift
    gives no second sound.
    """

    is_mutable: bool
    is_capped: bool
    is_quiet_when_answered: bool


_GUARDED: Final = ClassPolicy(is_mutable=False, is_capped=False, is_quiet_when_answered=False)
POLICIES: Final[Mapping[int, ClassPolicy]] = {
    1: ClassPolicy(is_mutable=True, is_capped=True, is_quiet_when_answered=True),
    2: ClassPolicy(is_mutable=True, is_capped=False, is_quiet_when_answered=True),
    3: ClassPolicy(is_mutable=False, is_capped=False, is_quiet_when_answered=True),
    4: _GUARDED,
}
"""By class, as in `hotlist.categories.Priority`: administrative, driving, crime, life-safety."""


def policy_of(priority: int) -> ClassPolicy:
    """Return the policy of a priority class; one that is not known is guarded like the highest."""
    return POLICIES.get(priority, _GUARDED)


def mutable_of(classes: int) -> int:
    """Return what of a mask of classes (bit 0 is class 1) may be muted."""
    return sum(1 << (number - 1) for number, policy in POLICIES.items() if policy.is_mutable) & classes


def is_muted(priority: int, classes: int) -> bool:
    """Return whether the class of ``priority`` is in the mask."""
    return priority > 0 and bool(classes >> (priority - 1) & 1)


class RepeatGuard:
    """Holds back a second alert for an entry seen within ``hold_s`` seconds of its last sighting."""

    def __init__(self, hold_s: float) -> None:
        self._hold_ns = int(hold_s * _NS)
        self._last_seen: OrderedDict[int, MonotonicNs] = OrderedDict()

    def is_due(self, entry_number: int, now: MonotonicNs) -> bool:
        """Note a sighting of ``entry_number`` and return whether it deserves an alert of its own."""
        last = self._last_seen.pop(entry_number, None)
        self._last_seen[entry_number] = now
        if len(self._last_seen) > MAX_HELD:
            self._last_seen.popitem(last=False)
        return last is None or now - last > self._hold_ns

    def forget(self, entry_number: int) -> None:
        """Let the next sighting of ``entry_number`` alert at once: the officer was not shown this one."""
        self._last_seen.pop(entry_number, None)

    def clear(self) -> None:
        """Forget all: another list has other entry numbers."""
        self._last_seen.clear()


class AnsweredGuard:
    """Knows which listed plates the officer has answered in this shift, by digests under the shift's key.

    Without a key, before the first shift, it knows none. The key is forgotten with the shift, and with it
    every digest.
    """

    def __init__(self) -> None:
        self._key: bytes | None = None
        self._answered: OrderedDict[bytes, None] = OrderedDict()

    def begin(self, key: bytes | None) -> None:
        """Forget the shift before; ``key`` is 32 bytes of chance, None while nobody is on duty."""
        if key is not None and len(key) != _KEY_BYTES:
            raise ValueError(f"a shift's key has {_KEY_BYTES} bytes")
        self._key = key
        self._answered.clear()

    def note(self, plate: str, jurisdiction: str) -> None:
        """Remember that the officer has answered an alert for this listed plate."""
        if self._key is None:
            return
        self._answered[self._digest(self._key, plate, jurisdiction)] = None
        if len(self._answered) > MAX_ANSWERED:
            self._answered.popitem(last=False)

    def knows(self, plate: str, jurisdiction: str) -> bool:
        """Return whether it was answered in this shift."""
        return self._key is not None and self._digest(self._key, plate, jurisdiction) in self._answered

    @staticmethod
    def _digest(key: bytes, plate: str, jurisdiction: str) -> bytes:
        text = f"{plate} {jurisdiction}".encode("ascii")
        return hashlib.blake2b(text, key=key, digest_size=_DIGEST_BYTES).digest()


class PromptCap:
    """Spreads prompts: classes under the cap get a few a minute, the rest of them one line together."""

    def __init__(self) -> None:
        self._prompts: deque[tuple[MonotonicNs, bool]] = deque()
        self._batched: Counter[int] = Counter()
        self._batched_since: MonotonicNs | None = None

    def is_due(self, priority: int, category: int, now: MonotonicNs) -> bool:
        """Return whether a hit gets a prompt of its own now; else it is counted for the next batch."""
        while self._prompts and now - self._prompts[0][0] >= _MINUTE_NS:
            self._prompts.popleft()
        is_capped = policy_of(priority).is_capped
        capped = sum(was_capped for _, was_capped in self._prompts)
        is_full = len(self._prompts) >= PROMPTS_PER_MINUTE or capped >= CAPPED_PER_MINUTE
        if is_capped and is_full:
            self._batched[category] += 1
            self._batched_since = self._batched_since or now
            return False
        self._prompts.append((now, is_capped))
        return True

    def batches(self, now: MonotonicNs) -> list[BatchMessage]:
        """Return what passed without a prompt, by category, a minute after the first of it; else nothing."""
        since = self._batched_since
        if since is None or now - since < _MINUTE_NS:
            return []
        seconds = (now - since) // _NS
        messages = [
            BatchMessage(category=category, count=count, seconds=seconds)
            for category, count in sorted(self._batched.items())
        ]
        self._batched.clear()
        self._batched_since = None
        return messages
