"""A minute's counts, their balances, and the totals of a ledger. Pure.

The format is `alprd/docs/formats/conservation.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from alprd.errors import BalanceError
from alprd.records import Counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KIND: Final = "conservation"
FORMAT: Final = "alprd conservation 1"
TOTALS_FORMAT: Final = "alprd totals 1"
OF_CATEGORY: Final = tuple(counted.name.lower() for counted in Counted)
"""What is counted for each category, in its order."""
_RECORD: Final = {"format", "at", "clock", "run", "audit", "evidence", "is_last", "minutes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """The counts of one minute; see the format."""

    minute: int
    in_hand_before: int
    in_hand: int
    frames: int
    wiped: int
    preserved: int
    unread: int
    reads: int
    planted: int
    pending_before: int
    pending: int
    missed: int
    batched: int
    categories: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def check(self) -> None:
        """Raise `BalanceError` unless its counts are counts, and frames and hits come out."""
        numbers = [getattr(self, name) for name in NUMBERS]
        numbers += [number for counts in self.categories.values() for number in counts]
        if not all(type(number) is int and number >= 0 for number in numbers):
            raise BalanceError(f"minute {self.minute}: a count is no whole number from 0")
        if any(len(counts) != len(OF_CATEGORY) for counts in self.categories.values()):
            raise BalanceError(f"minute {self.minute}: a category has {len(OF_CATEGORY)} counts")
        came, went = self.in_hand_before + self.frames, self.wiped + self.preserved + self.in_hand
        if came != went or self.unread > self.wiped:
            raise BalanceError(f"minute {self.minute}: {came} frames came in and {went} are accounted for")
        came = self.pending_before + self._sum(0)
        went = self.pending + sum(self._sum(place) for place in range(1, len(OF_CATEGORY)))
        if came != went:
            raise BalanceError(f"minute {self.minute}: {came} hits came in and {went} are accounted for")

    @property
    def is_idle(self) -> bool:
        """Whether nothing was counted in it."""
        counted = self.frames or self.wiped or self.planted or self.missed or self.batched
        return not (counted or self.categories)

    def as_fields(self) -> dict[str, object]:
        """Return it as plain values."""
        categories = {name: list(counts) for name, counts in self.categories.items()}
        return {name: getattr(self, name) for name in NUMBERS} | {"categories": categories}

    def _sum(self, place: int) -> int:
        return sum(counts[place] for counts in self.categories.values())


NUMBERS: Final = tuple(item.name for item in fields(Minute) if item.name != "categories")
_SUMMED: Final = ("frames", "wiped", "preserved", "unread", "reads", "planted", "missed", "batched")


def read_minute(given: Mapping[str, Any]) -> Minute:
    """Return the minute that ``given`` says. Raises `BalanceError`."""
    if not isinstance(given, dict) or given.keys() != {*NUMBERS, "categories"}:
        raise BalanceError("a minute does not have exactly the fields of its format")
    categories = given["categories"]
    if not isinstance(categories, dict) or not all(isinstance(c, list) for c in categories.values()):
        raise BalanceError("a minute's categories are no object of arrays")
    numbers = {name: given[name] for name in NUMBERS}
    minute = Minute(**numbers, categories={name: tuple(counts) for name, counts in categories.items()})
    minute.check()
    return minute


@dataclass(slots=True)
class _Run:
    """A run as far as its records go."""

    is_closed: bool = False
    last: Minute | None = None

    def close(self, *, is_last: bool) -> None:
        """Note the end of a record; at the end of the run nothing may be left."""
        self.is_closed = is_last
        if is_last and self.last is not None and (self.last.in_hand or self.last.pending):
            raise BalanceError("it ended with frames in hand or hits that wait")


def totals(unit: str, records: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    """Return the totals of ``unit`` over the texts of its ledger's ``records``, in their order.

    Raises `BalanceError`, which names run and minute, where something does not come out.
    """
    sums = dict.fromkeys(_SUMMED, 0)
    categories: dict[str, list[int]] = {}
    runs: dict[str, _Run] = {}
    times: list[int] = []
    evidence = 0
    for record in records:
        if record.keys() != _RECORD or record["format"] != FORMAT:
            raise BalanceError("a record does not have exactly the fields of its format")
        name = str(record["run"])
        try:
            run = runs.setdefault(name, _Run())
            for given in record["minutes"]:
                minute = read_minute(given)
                _follow(run, minute)
                for count in _SUMMED:
                    sums[count] += getattr(minute, count)
                for category, counts in minute.categories.items():
                    mine = categories.setdefault(category, [0] * len(OF_CATEGORY))
                    mine[:] = [a + b for a, b in zip(mine, counts, strict=True)]
            run.close(is_last=bool(record["is_last"]))
        except BalanceError as error:
            raise BalanceError(f"run {name}: {error}") from None
        times.append(int(record["at"]))
        evidence = int(record["evidence"])
    sealed = sum(counts[OF_CATEGORY.index("sealed")] for counts in categories.values())
    return {
        "format": TOTALS_FORMAT,
        "unit": unit,
        "from_ms": min(times, default=None),
        "to_ms": max(times, default=None),
        "runs": len(runs),
        "runs_cut": sum(not run.is_closed for run in runs.values()),
        **sums,
        **{
            count: sum(counts[place] for counts in categories.values())
            for place, count in enumerate(OF_CATEGORY)
        },
        "sealed_uncounted": max(0, evidence - sealed),
        "categories": {
            name: dict(zip(OF_CATEGORY, counts, strict=True)) for name, counts in sorted(categories.items())
        },
    }


def compare(computed: Mapping[str, object], published: Mapping[str, object]) -> None:
    """Raise `BalanceError` with the first number of ``published`` that is not the computed one."""
    for name, value in published.items():
        if name not in computed or computed[name] != value:
            raise BalanceError(f"published {name} is {value}, and the ledger gives {computed.get(name)}")


def _follow(run: _Run, minute: Minute) -> None:
    before = run.last
    if run.is_closed:
        raise BalanceError(f"minute {minute.minute} comes after the end of the run")
    if before is not None and minute.minute <= before.minute:
        raise BalanceError(f"minute {minute.minute} comes after minute {before.minute}")
    ended = (0, 0) if before is None else (before.in_hand, before.pending)
    if (minute.in_hand_before, minute.pending_before) != ended:
        raise BalanceError(f"minute {minute.minute} does not begin with what the one before ended with")
    run.last = minute
