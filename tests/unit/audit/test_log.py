"""What the audit log records, what it never holds, and what it does while the disk fails."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from alprd.audit.events import OF_PEOPLE, Act, Event, Reason, open_plate, read_event, seal_plate
from alprd.audit.log import AGAIN_NS, FILE, AuditLog
from alprd.chain.disk import read_file
from alprd.chain.records import ChainKind
from alprd.errors import ChainError, StorageError
from alprd.records import ClockSource, Instant, MonotonicNs, UnixMs

if TYPE_CHECKING:
    from pathlib import Path

KEY = SigningKey(bytes(range(32)))
PRIVACY = PrivateKey(bytes(range(1, 33)))
NOW = Instant(at=UnixMs(1_800_000_000_000), source=ClockSource.GPS)
KIND = ChainKind(kind="audit", unit="car-12")


def open_log(folder: Path, privacy: PrivateKey | None = PRIVACY) -> AuditLog:
    public = None if privacy is None else privacy.public_key
    return AuditLog(folder, unit="car-12", key=KEY, privacy=public, clock=lambda: NOW)


def events(folder: Path) -> list[Event]:
    chain = read_file(folder / FILE, KIND, KEY.verify_key)
    assert chain.fault is None
    return [read_event(record.fields) for record in chain.records]


def test_an_event_says_who_what_when_and_why(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.note(Act.VERDICT, badge="4711", subject="MISREAD stolen-plate, list 7")
    (event,) = events(tmp_path)
    assert event.as_fields() == {
        "format": "alprd audit 1",
        "at": 1_800_000_000_000,
        "clock": "GPS",
        "act": "verdict",
        "name": "",
        "badge": "4711",
        "information": "plate picture",
        "reason": "hotlist hit",
        "file_number": "",
        "subject": "MISREAD stolen-plate, list 7",
        "plate": "",
    }


def test_a_plate_is_sealed_to_the_privacy_officer_and_in_clear_nowhere(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.note(Act.RECORD_SEALED, badge="4711", subject="record 3", plate=("ABCD123", "CA-ON"))
    (event,) = events(tmp_path)
    assert b"ABCD123" not in (tmp_path / FILE).read_bytes()
    assert open_plate(event.plate, PRIVACY) == ("CA-ON", "ABCD123")
    with pytest.raises(ChainError, match="does not open"):
        open_plate(event.plate, PrivateKey(bytes(32)))
    assert len(seal_plate("A", "", PRIVACY.public_key)) == len(
        seal_plate("ABCDEFGHIJ", "CA-ON", PRIVACY.public_key)
    )


def test_without_a_privacy_key_the_event_stands_without_its_plate(tmp_path: Path) -> None:
    open_log(tmp_path, privacy=None).note(Act.RECORD_SEALED, subject="record 3", plate=("ABCD123", "CA-ON"))
    assert [event.plate for event in events(tmp_path)] == [""]


def test_each_head_is_mirrored_to_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        log = open_log(tmp_path)
        log.note(Act.UNIT_STARTED)
        log.note(Act.UNIT_STOPPED)
    assert [line for line in caplog.messages if line.startswith("audit head")][-1] == f"audit head {log.head}"
    assert (
        f"audit head 1:{read_file(tmp_path / FILE, KIND, KEY.verify_key).records[0].head.digest.hex()}"
        in caplog.text
    )


def test_a_torn_end_is_recorded(tmp_path: Path) -> None:
    open_log(tmp_path).note(Act.UNIT_STARTED)
    with (tmp_path / FILE).open("ab") as file:
        file.write(b"half a record")
    open_log(tmp_path)
    assert [(event.act, event.subject) for event in events(tmp_path)][1] == (Act.END_MENDED, "13 bytes")


def test_what_cannot_be_written_waits_and_is_written_later_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = open_log(tmp_path)
    whole = log._chain.append

    def refuse(_fields: object) -> None:
        raise StorageError("audit.chain cannot be written: No space left on device")

    monkeypatch.setattr(log._chain, "append", refuse)
    log.note(Act.UNIT_STARTED)
    log.note(Act.SESSION_BEGAN, badge="4711")
    log.attend(MonotonicNs(1))
    assert log.waiting == 2
    assert caplog.text.count("No space left") == 1, "said once"
    monkeypatch.setattr(log._chain, "append", whole)
    log.attend(MonotonicNs(2))
    assert log.waiting == 2, "not before a second is over"
    log.attend(MonotonicNs(2 + AGAIN_NS))
    assert log.waiting == 0
    assert [event.act for event in events(tmp_path)] == [Act.UNIT_STARTED, Act.SESSION_BEGAN]


@pytest.mark.parametrize("reason", OF_PEOPLE)
def test_people_give_a_reason_and_a_file_number(reason: Reason) -> None:
    if reason is not Reason.MAINTENANCE:
        with pytest.raises(ValueError, match="file number"):
            Event(act=Act.LOG_READ, instant=NOW, reason=reason)
    assert Event(act=Act.LOG_READ, instant=NOW, reason=reason, file_number="26-001").reason is reason


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "x" * 121},
        {"badge": "1" * 17},
        {"name": "a\nb"},
        {"plate": "ABCD123"},
    ],
)
def test_fields_out_of_their_limits_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="log is"):
        Event(act=Act.VERDICT, instant=NOW, reason=Reason.DUTY, **change)


@pytest.mark.parametrize("name", ["at", "act", "reason", "information", "plate", "format", "more"])
def test_a_record_with_other_fields_is_no_event(name: str) -> None:
    fields = Event(act=Act.VERDICT, instant=NOW, reason=Reason.DUTY).as_fields()
    assert read_event(fields).act is Act.VERDICT
    fields[name] = "another"
    with pytest.raises(ChainError, match="exactly the fields"):
        read_event(fields)
