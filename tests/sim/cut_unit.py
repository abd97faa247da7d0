"""A unit's way from a hit to its record, again and again, on a disk that power can leave at any point.

The desk, the stores and the books are the daemon's own; the hits are given. Run as a program, it works in a
folder until it is killed, and says on stdout what an officer would have been told.

    python -m tests.sim.cut_unit FOLDER SEED
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from alprd.accounts import Accounts
from alprd.alerts.messages import Outcome
from alprd.audit.events import Act, read_event
from alprd.chain.disk import read_file
from alprd.chain.records import ChainKind, check_chain
from alprd.conservation.minutes import totals
from alprd.evidence.disk import EvidenceStore, list_records
from alprd.evidence.envelope import open_record, seal
from alprd.keys import UnitKeys
from alprd.records import Answer, ClockSource, Instant, MonotonicNs, UnixMs, Verdict
from alprd.settings import AuditSettings, ConservationSettings, KeysSettings, Settings
from tests.sim.given_reads import GivenUnit
from tests.sim.lists import index_of
from tests.sim.reads import drawn
from tests.vectors.hotlist.made import ROOT, UNIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.records import AlertId, EvidenceItem

SIGNING: Final = SigningKey(bytes(range(32)))
OFFICE: Final = PrivateKey(bytes(range(2, 34)))
NAME: Final = "bench"
PLATE: Final = "QXZW123"
NOW: Final = Instant(at=UnixMs(1_800_000_000_000), source=ClockSource.NTP)
FOLDERS: Final = ("evidence", "audit", "conservation", "keys")
MINUTE_NS: Final = 60_000_000_000


def make_folders(folder: Path) -> None:
    """Make the folders that `alprctl provision` makes."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)


class CutUnit:
    """Opens everything in ``folder`` as the daemon does at its start; ``told`` hears each outcome."""

    def __init__(self, folder: Path, told: Callable[[str], None]) -> None:
        self.unit = GivenUnit(index_of(PLATE, priority=3), repeat_hold_s=0.0)  # no cap on prompts
        self.store = EvidenceStore(folder / "evidence")
        self.now = MonotonicNs(0)
        self.alarms: list[str] = []
        keys = UnitKeys(unit=NAME, unsealing=UNIT, signing=SIGNING, root=ROOT)
        settings = Settings(
            audit=AuditSettings(folder=str(folder / "audit")),
            conservation=ConservationSettings(folder=str(folder / "conservation")),
            keys=KeysSettings(folder=str(folder / "keys")),
        )
        desk = self.unit.desk
        self.accounts = Accounts(
            settings, keys, tally=self.unit.tally, clock=lambda: NOW, store=self.store,
            pending=lambda: desk.pending, alarm=self.alarms.append, now=self.now,
        )  # fmt: skip
        desk._books, desk._store, desk._seal = self.accounts, self.store, self._seal
        self._told = told
        self.unit.office.conclude = self._conclude  # type: ignore[method-assign]  # what the officer is told
        self.accounts.start()

    def _seal(self, item: EvidenceItem) -> bytes:
        return seal(item, OFFICE.public_key, SIGNING)

    def _conclude(self, alert_id: AlertId, outcome: Outcome) -> None:
        del alert_id
        number = self.store.next_sequence() - 1
        self._told(f"{outcome.name} {number}" if outcome is Outcome.SEALED else outcome.name)

    def hit(self, verdict: Verdict) -> None:
        """Let a listed plate pass, and an officer answer."""
        self.unit._stages.forget()
        self.unit.see([drawn(PLATE, 1.0, score=1.0, place="CA-ON")] * 3)
        alert = self.unit.office.alerts[-1]
        self.unit.desk.answer(Answer(alert_id=alert.alert_id, verdict=verdict, badge="4711"), self.now)
        self.attend()

    def attend(self) -> None:
        """Let a minute pass, as the daemon's loop does."""
        self.now = MonotonicNs(self.now + MINUTE_NS)
        self.accounts.attend(self.now, "4711")

    def close(self) -> None:
        """Stop in order."""
        self.accounts.close()
        self.store.close()


def check(folder: Path, told: list[str]) -> int:
    """Open what a power cut left as the unit would, and check that nothing told is lost; count the records.

    Raises AssertionError or the unit's own error.
    """
    make_folders(folder)
    residue = [path for path in folder.rglob("*") if path.is_file() and PLATE.encode() in path.read_bytes()]
    assert residue == [], "a plate in clear"
    unit = CutUnit(folder, lambda _: None)
    sealed = [int(text.split()[1]) for text in told if text.startswith("SEALED")]
    records = list_records(folder / "evidence")
    numbers = {int(path.stem) for path in records}
    assert set(sealed) <= numbers, f"a confirmed hit is lost: {sorted(set(sealed) - numbers)}"
    assert len(numbers) <= len(sealed) + 1, "a record that nobody confirmed"
    for path in records:
        assert open_record(path.read_bytes(), OFFICE, SIGNING.verify_key).plate == PLATE
    kind = ChainKind(kind="audit", unit=NAME)
    chain = read_file(folder / "audit" / "audit.chain", kind, SIGNING.verify_key)
    check_chain(chain)
    events = [read_event(record.fields) for record in chain.records]
    verdicts = [event for event in events if event.act is Act.VERDICT]
    assert len(verdicts) >= len(sealed), "a verdict that is not on record"
    unit.close()
    ledger = read_file(
        folder / "conservation" / "conservation.chain",
        ChainKind(kind="conservation", unit=NAME),
        SIGNING.verify_key,
    )
    check_chain(ledger)
    computed = totals(NAME, [record.fields for record in ledger.records])
    assert unit.alarms == []
    counted, missing = computed["sealed"], computed["sealed_uncounted"]
    assert isinstance(counted, int)
    assert isinstance(missing, int)
    assert counted + missing == len(numbers)
    assert missing <= 1
    return len(numbers)


def main() -> None:
    folder, chance = Path(sys.argv[1]), random.Random(int(sys.argv[2]))
    make_folders(folder)

    def tell(text: str) -> None:
        print(text, flush=True)  # noqa: T201 - what the officer is told

    unit = CutUnit(folder, tell)
    tell("READY")
    while True:
        unit.hit(chance.choice([Verdict.CONFIRMED, Verdict.MISREAD, Verdict.WRONG_JURISDICTION]))


if __name__ == "__main__":
    main()
