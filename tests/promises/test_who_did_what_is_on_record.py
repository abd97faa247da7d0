"""Each session, verdict, change and look is in a signed chain, and what is done to the chain is found."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from nacl.public import PrivateKey

from alprd.audit.events import Act, Event, open_plate, read_event
from alprd.audit.log import FILE
from alprd.chain.disk import read_file
from alprd.chain.records import ChainKind, ChainRecord
from alprd.cli import alpr_office, alprctl
from alprd.errors import ChainError, OfficeInputError
from alprd.keys import read_secret, read_unit_public
from alprd.records import Verdict
from tests.sim.bench import Bench
from tests.sim.faults import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing

ME = ("--badge", "P-1", "--reason", "complaint", "--file-number", "26-0042")


def records(bench: Bench) -> list[ChainRecord]:
    unit = read_unit_public(bench.folder / "unit.pub")
    path = bench.state / "audit" / FILE
    return list(read_file(path, ChainKind(kind="audit", unit=unit.unit), unit.verify).records)


def events(bench: Bench) -> list[Event]:
    return [read_event(record.fields) for record in records(bench)]


def audit(bench: Bench, *arguments: object) -> int:
    return alprctl.main(["audit", *map(str, arguments), "--state", str(bench.state)])


@pytest.fixture
def bench(tmp_path: Path, passing: Passing) -> Bench:
    """A unit that has confirmed one hit and stopped, with a privacy officer's key."""
    bench = Bench(
        tmp_path / "unit", passing.folder, listed=[passing.listed], answer=lambda _: Verdict.CONFIRMED
    )
    assert alpr_office.main(["privacy", "init", str(tmp_path / "privacy")]) == 0
    assert audit(bench, "key", tmp_path / "privacy" / "privacy.pub") == 0
    with bench:
        bench.finish()
    return bench


def test_all_that_was_done_is_there_and_the_plate_opens_to_the_privacy_officer_alone(
    tmp_path: Path, passing: Passing, bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = [(event.act, event.badge, event.information.value, event.reason.value) for event in events(bench)]
    assert [entry for entry in noted if entry[0] is not Act.PRIVACY_KEY_INSTALLED] == [
        (Act.UNIT_STARTED, "", "unit", "duty"),
        (Act.LIST_TAKEN_UP, "", "hotlist", "update"),
        (Act.SESSION_BEGAN, "4711", "unit", "duty"),
        (Act.VERDICT, "4711", "plate picture", "hotlist hit"),
        (Act.RECORD_SEALED, "4711", "evidence record", "hotlist hit"),
        (Act.SESSION_ENDED, "4711", "unit", "duty"),
        (Act.UNIT_STOPPED, "", "unit", "duty"),
    ]
    began = next(event for event in events(bench) if event.act is Act.SESSION_BEGAN)
    assert began.subject == hashlib.sha256(b"signed").hexdigest(), "of the officer's undertaking"
    assert passing.listed.encode() not in (bench.state / "audit" / FILE).read_bytes()
    secret = PrivateKey(read_secret(tmp_path / "privacy" / "privacy.key", "privacy officer"))
    plates = [open_plate(event.plate, secret) for event in events(bench) if event.plate]
    assert plates == [("CA-ON", passing.listed)] * 2
    capsys.readouterr()
    assert audit(bench, "show", *ME) == 0
    shown = capsys.readouterr().out
    assert "plate sealed" in shown
    assert passing.listed not in shown
    assert events(bench)[-1].act is Act.LOG_READ, "the look is on record too"
    assert (events(bench)[-1].badge, events(bench)[-1].file_number) == ("P-1", "26-0042")
    assert audit(bench, "show", *ME, "--privacy-key", tmp_path / "privacy" / "privacy.key") == 0
    assert f"plate CA-ON {passing.listed}" in capsys.readouterr().out


def test_nobody_looks_without_a_reason(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(records(bench))
    assert audit(bench, "show") == OfficeInputError.exit_code
    assert audit(bench, "show", "--reason", "audit") == OfficeInputError.exit_code
    assert "verdict" not in capsys.readouterr().out
    assert len(records(bench)) == before


def test_what_is_done_to_the_log_is_found_and_where(
    tmp_path: Path, bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bench.state / "audit" / FILE
    parts = [record.data for record in records(bench)]
    whole = b"".join(parts)
    copy, unit = tmp_path / "copy", bench.folder / "unit.pub"
    log = ("--log", bench.log_file)

    def verify(data: bytes, *more: object) -> tuple[int, str]:
        copy.write_bytes(data)
        code = audit(bench, "verify", "--file", copy, "--unit", unit, *more)
        return code, capsys.readouterr().err

    assert verify(whole, *log)[0] == 0
    for data, said in (
        (b"".join(parts[:2] + parts[3:]), "deleted: record 3 is missing"),
        (whole[: len(parts[0]) + 50] + b"#" + whole[len(parts[0]) + 51 :], "edited: record 2"),
        (b"".join([*parts[:2], parts[3], parts[2], *parts[4:]]), "reordered: record 4"),
        (whole[:-9], "torn: the end"),
    ):
        code, told = verify(data)
        assert (code, said in told) == (ChainError.exit_code, True), told
    cut = b"".join(parts[:-1])
    assert verify(cut)[0] == 0, "by itself a chain does not show what was taken off its end"
    code, told = verify(cut, *log)
    assert (code, "truncated: a head of record" in told) == (ChainError.exit_code, True), told
    head = re.findall(r"audit head (\S+)", bench.log())[-1]
    assert verify(cut, "--head", head)[0] == ChainError.exit_code
    path.write_bytes(b"".join(parts[:4]))
    assert audit(bench, "verify") == ChainError.exit_code, "the ledger names a later head"


def test_a_unit_does_not_start_with_a_log_that_was_changed_until_it_is_set_aside(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bench.state / "audit" / FILE
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    command = [sys.executable, "-c", PROGRAM, "run", "--settings", str(bench._settings)]
    started = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert started.returncode == ChainError.exit_code
    assert "edited: record 1" in started.stderr
    assert audit(bench, "set-aside", "audit", *ME) == 0
    assert events(bench)[0].act is Act.CHAIN_SET_ASIDE
    assert next(path.parent.glob("audit.chain.set-aside-*")).read_bytes() == data
    capsys.readouterr()
