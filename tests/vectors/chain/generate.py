"""Writes the golden chain cases: ``python -m tests.vectors.chain.generate``.

Each case is a whole file; its chain is of kind ``audit``, of unit ``car-12``, signed with the key whose seed
is the bytes 0 to 31. `because` holds what the first fault says.
"""

from __future__ import annotations

from nacl.signing import SigningKey

from alprd.audit.events import Act, Event, Reason
from alprd.chain.records import ChainKind, Head, make_record
from alprd.records import ClockSource, Instant, UnixMs
from tests.vectors.sealed_cases import Case, write_cases

KEY = SigningKey(bytes(range(32)))
KIND = ChainKind(kind="audit", unit="car-12")
NOW = Instant(at=UnixMs(1_800_000_000_000), source=ClockSource.GPS)
EVENTS = (
    Event(act=Act.UNIT_STARTED, instant=NOW, reason=Reason.DUTY, subject="alprd 0.1.0"),
    Event(act=Act.SESSION_BEGAN, instant=NOW, reason=Reason.DUTY, badge="4711"),
    Event(
        act=Act.VERDICT, instant=NOW, reason=Reason.HOTLIST_HIT, badge="4711",
        subject="MISREAD stolen-plate, list 7",
    ),
    Event(
        act=Act.LOG_READ, instant=NOW, reason=Reason.COMPLAINT, name="ada", badge="P-1",
        file_number="26-0042",
    ),
)  # fmt: skip


def records(kind: ChainKind = KIND) -> list[bytes]:
    """Return the records of the events."""
    made: list[bytes] = []
    head = Head()
    for number, event in enumerate(EVENTS, 1):
        made.append(make_record(kind, head, event.as_fields(), KEY))
        head = Head.of(made[-1], number)
    return made


def all_cases() -> list[Case]:
    """Return every case of the format."""
    parts = records()
    whole = b"".join(parts)
    second = len(parts[0])
    flipped = whole[: second + 60] + bytes([whole[second + 60] ^ 1]) + whole[second + 61 :]
    other = records(ChainKind(kind="conservation", unit="car-12"))

    def bad(name: str, about: str, data: bytes, because: str) -> Case:
        return Case(name=name, about=about, data=data, expect="ChainError", because=because)

    return [
        Case(name="good", about="Four records", data=whole),
        Case(name="good_one", about="One record", data=parts[0]),
        bad("edited", "A byte of record 2 is changed", flipped, "edited: record 2"),
        bad("deleted_first", "Record 1 is missing", b"".join(parts[1:]), "deleted: record 1 is missing"),
        bad("deleted_two", "Records 2 and 3 are missing", parts[0] + parts[3],
            "deleted: records 2 to 3 are missing"),
        bad("reordered", "Records 2 and 3 change places", b"".join([parts[0], parts[2], parts[1], parts[3]]),
            "reordered: record 3"),
        bad("twice", "Record 2 stands twice", b"".join([*parts[:2], parts[1]]), "reordered: record 2"),
        bad("torn", "The last record is cut by one byte", whole[:-1], "torn: the end"),
        bad("torn_zeros", "Zeros behind the last record", whole + bytes(512), "torn: the end"),
        bad("other_chain", "Record 2 is of another chain", parts[0] + other[1], "torn: the end"),
    ]  # fmt: skip


if __name__ == "__main__":
    write_cases("chain", all_cases())
