"""``alpr-office vault``, ``person`` and ``entry``: exact output and exit code, from making to removal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.cli.alpr_office import main
from alprd.office.entries import DAY_S
from tests.sim.office_desk import Desk
from tests.unit.office.test_people import CHEAP, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

ADD = (
    *("--plate", "ABCD 123", "--jurisdiction", "CA-ON", "--officer", "Sam Oak", "--badge", "4711"),
    *("--reason", "seen at the break-in on King Street"),
)
CASE = (*ADD, "--category", "linked-to-crime", "--case", "2026-1138", "--days", "30")
DRIVER = (*ADD, "--category", "suspended-driver-use", "--days", "30", "--attest-hta-record")
DESCRIPTORS = ("--descriptors", "man, about 50, grey beard")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, capsys, monkeypatch)


def test_a_person_makes_their_own_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alprd.cli.office_vault.write_keys.__kwdefaults__", {"cost": CHEAP})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p").write_text(PASSPHRASE)
    (tmp_path / "p").chmod(0o600)
    words = ["person", "create", "--me", "a.key", "--name", "Ada Roy", "--badge", "C-17", "--card", "a.card"]
    assert main([*words, "--passphrase-file", "p"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("a.key holds the keys of Ada Roy, badge C-17: keep it to yourself\nfingerprint: ")
    assert main([*words, "--passphrase-file", "p"]) == 35
    assert capsys.readouterr().err == (
        "alprd error: a.key exists\nnext: Choose another name: a key is never written over.\n"
    )


def test_people_are_admitted_listed_and_removed(desk: Desk) -> None:
    card = desk.folder / "C-18.card"
    assert desk.run("person", "list", me="C-18")[0] == 39
    assert desk.run("person", "admit", card) == (
        0,
        (
            "Bob Lee, badge C-18, can open the vault from now on\nfingerprint: FINGERPRINT\n"
            "Compare it with theirs; if it differs, remove the person at once.\n"
        ),
        "",
    )
    assert desk.run("person", "list", me="C-18") == (
        0,
        "C-17  Ada Roy  FINGERPRINT\nC-18  Bob Lee  FINGERPRINT\n2 people\n",
        "",
    )
    assert desk.run("person", "remove", "C-18") == (
        0,
        (
            "badge C-18 is off the vault's people\n"
            "next: `alpr-office vault rekey`, unless their copy of the key is known to be gone\n"
        ),
        "",
    )
    assert desk.run("person", "list", me="C-18")[0] == 39


def test_the_vault_is_verified(desk: Desk) -> None:
    desk.run("entry", "add", *CASE)
    assert desk.run("vault", "verify") == (
        0,
        (
            "2 records: the chain, the signatures and the counts are right\n"
            "1 files are those that the ledger names\nhead: HEX\n"
        ),
        "",
    )
    code, _out, err = desk.run("vault", "verify", "--head", "00" * 32)
    assert code == 0, f"32 zeros stand before the first record: {err}"
    code, _out, err = desk.run("vault", "verify", "--head", "11" * 32)
    assert (code, err) == (
        39,
        (
            "alprd error: the ledger does not hold the record that was written down\n"
            "next: Records were taken off its end, or the vault was put back to an older state.\n"
        ),
    )


def test_a_vault_is_rekeyed(desk: Desk) -> None:
    desk.run("entry", "add", *CASE)
    assert desk.run("vault", "rekey") == (
        0,
        (
            "1 files sealed anew, under a key that the vault's 1 people alone have\n"
            "Who was removed can open what they copied before, and nothing that is written from now on.\n"
        ),
        "",
    )
    assert desk.run("entry", "list")[1].endswith("1 entries\n")
    desk.run("entry", "remove", "M1", "--why", "found to be wrong")
    assert desk.run("entry", "add", *CASE)[1].startswith("M2 added")


def test_a_key_file_in_the_offices_folder_is_refused(desk: Desk) -> None:
    inside = desk.folder / "office/ada.key"
    inside.write_bytes(desk.key("C-17").read_bytes())
    inside.chmod(0o600)
    code = main(["vault", "verify", str(desk.folder / "office"), "--me", str(inside)])
    assert (code, desk.capture()[1].splitlines()[0]) == (
        35,
        "alprd error: office/ada.key lies in the office's folder",
    )


def test_without_a_terminal_a_passphrase_file_is_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    code = main(["vault", "verify", str(desk.folder / "office"), "--me", str(desk.key("C-17"))])
    assert (code, desk.capture()[1]) == (
        35,
        "alprd error: no terminal to ask for the passphrase\nnext: Give it with --passphrase-file FILE.\n",
    )


def test_a_passphrase_file_that_others_may_read_is_refused(desk: Desk) -> None:
    (desk.folder / "passphrase").chmod(0o640)
    assert desk.run("vault", "verify") == (
        35,
        "",
        (
            "alprd error: passphrase holds a passphrase and others may read it\n"
            "next: Run `chmod 600 passphrase`.\n"
        ),
    )


def test_the_closed_cases_of_a_file_take_their_entries_off(desk: Desk) -> None:
    desk.run("entry", "add", *CASE)
    desk.run("entry", "add", *CASE[:-1], "5", "--jurisdiction", "CA-QC", "--case", "2026-7")
    closed = desk.folder / "closed.txt"
    closed.write_text("2026-1\n\n 2026-7 \n")
    assert desk.run("entry", "close-cases", closed) == (0, "1 entries removed: M2\n", "")
    assert desk.run("entry", "close-cases", closed) == (0, "0 entries removed\n", "")
    closed.write_bytes(b"\xff")
    assert desk.run("entry", "close-cases", closed)[2].startswith("alprd error: closed.txt cannot be read")


def test_an_entry_is_added_listed_corrected_and_removed(desk: Desk) -> None:
    assert desk.run("entry", "add", *CASE) == (
        0,
        "M1 added: linked-to-crime, internal, until 2026-10-28 00:00:00 UTC\n",
        "",
    )
    assert desk.run("entry", "list") == (
        0,
        "M1  linked-to-crime  internal  until 2026-10-28 00:00:00 UTC\n1 entries\n",
        "",
    )
    desk.now += DAY_S
    assert desk.run("entry", "correct", "M1", "--colour", "red", "--why", "colour was missing") == (
        0,
        "M1 corrected; it still stays until 2026-10-28 00:00:00 UTC\n",
        "",
    )
    shown = desk.run("entry", "list", "--show")[1]
    assert "    plate:         ABCD123\n" in shown
    assert "    colour:        red\n" in shown
    assert desk.run("entry", "remove", "M1", "--why", "entered twice") == (0, "M1 removed\n", "")
    assert desk.run("entry", "list") == (0, "0 entries\n", "")


def test_a_closed_case_takes_its_entries_off(desk: Desk) -> None:
    desk.run("entry", "add", *CASE)
    assert desk.run("entry", "close-case", "2026-1138") == (0, "1 entries removed: M1\n", "")
    assert desk.run("entry", "close-case", "2026-1138") == (
        35,
        "",
        (
            "alprd error: no entry has the case number '2026-1138'\n"
            "next: Correct the line or option named above and run the command again.\n"
        ),
    )


def test_expired_entries_are_purged(desk: Desk) -> None:
    desk.run("entry", "add", *CASE)
    desk.now += 30 * DAY_S
    assert "EXPIRED" in desk.run("entry", "list")[1]
    assert desk.run("entry", "purge") == (0, "1 entries removed: M1\n", "")
    assert desk.run("entry", "purge") == (0, "0 entries removed\n", "")


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("--plate", "the plate is missing"),
        ("--jurisdiction", "the jurisdiction is missing"),
        ("--category", "the category is missing"),
        ("--officer", "the officer's name is missing: 1 to 64 printable characters are expected"),
        ("--badge", "the officer's badge number is missing: 1 to 16 of A-Z a-z 0-9 - are expected"),
        ("--reason", "the reason is missing: at least 10 characters are expected"),
        ("--case", "the case number is missing: linked-to-crime is for an open and active case only"),
        ("--days", "the duration is missing: no entry stays for ever"),
    ],
)
def test_each_option_that_is_left_out_is_refused(desk: Desk, left_out: str, message: str) -> None:
    place = CASE.index(left_out)
    code, out, err = desk.run("entry", "add", *CASE[:place], *CASE[place + 2 :])
    assert (code, out, err.splitlines()[0]) == (35, "", f"alprd error: {message}")
    assert desk.run("entry", "list")[1] == "0 entries\n"


def test_a_suspended_drivers_plate_is_listed_again_only_by_two(desk: Desk) -> None:
    desk.run("person", "admit", desk.folder / "C-18.card")
    assert desk.run("entry", "add", *DRIVER)[2].startswith("alprd error: the physical descriptors of")
    assert desk.run("entry", "add", *DRIVER, *DESCRIPTORS, "--scope", "ontario")[0] == 35
    assert desk.run("entry", "add", *DRIVER, *DESCRIPTORS)[0] == 0
    desk.now += 30 * DAY_S
    second = ("--second", desk.key("C-18"), "--second-passphrase-file", desk.folder / "passphrase")
    assert "it is not renewed" in desk.run("entry", "add", *DRIVER, *DESCRIPTORS, *second)[2]
    basis = ("--reason", "stopped again on Main Street")
    assert "a second person must agree" in desk.run("entry", "add", *DRIVER, *DESCRIPTORS, *basis)[2]
    assert desk.run("entry", "add", *DRIVER, *DESCRIPTORS, *basis, *second) == (
        0,
        "M2 added: suspended-driver-use, internal, until 2026-11-27 00:00:00 UTC\n",
        "",
    )


def test_a_short_suspension_ends_at_the_end_of_its_last_day(desk: Desk) -> None:
    words = ("entry", "add", *ADD, "--category", "short-suspension", "--days", "30")
    assert desk.run(*words)[0] == 35
    assert "a date is expected, like 2026-05-01" in desk.run(*words, "--suspension-ends", "soon")[2]
    assert desk.run(*words, "--suspension-ends", "2026-10-04")[1] == (
        "M1 added: short-suspension, internal, until 2026-10-05 00:00:00 UTC\n"
    )
