"""``alpr-office evidence`` and ``alprctl evidence``: exact output, from a record to its certificate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from alprd.cli.alpr_office import main
from alprd.evidence.disk import list_records, record_name
from tests.vectors.evidence.generate import LOCATED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.office_desk import Desk

DAY_S = 86_400
ACCESS = ("--reason", "investigation", "--file-number", "2026-1138", "--why", "the theft on King Street")
EXPORT = (
    *("--authority", "MFIPPA s. 32(g)", "--authorized-by", "Insp. Kim Park, C-2", "--linked", "none"),
    *("--recipient", "Dana Fox", "--title", "Assistant Crown Attorney", "--recipient-file", "CA-77"),
    *("--means", "on an encrypted stick", "--conditions", "for this prosecution alone"),
)


def test_records_are_taken_in_and_a_bad_one_is_named(desk: Desk, records: Path) -> None:
    (records / record_name(4)).write_bytes(bytes(400))
    (records / record_name(5)).write_bytes(bytes(300_000))
    taken = desk.run("evidence", "take", records)
    hint = "next: Open it with the office key that the unit was provisioned with."
    assert taken == (
        36,
        (
            "2 records taken in, 0 known already, 2 refused: E-1, E-2\n"
            "next: alpr-office evidence receipt office car-12 --out car-12.receipt\n"
        ),
        (
            "car-12/evidence/0000000005.evidence: refused: car-12/evidence/0000000005.evidence has more than "
            f"262584 bytes: it is no evidence record; {hint}\n"
            "car-12/evidence/0000000004.evidence: refused: the file is no evidence record: its first 8 "
            f"bytes are not ALPREVID; {hint}\n"
        ),
    )
    assert desk.run("evidence", "take", records / record_name(1)) == (
        0,
        "0 records taken in, 1 known already, 0 refused\n",
        "car-12/evidence/0000000001.evidence: held already as E-1, not taken in again\n",
    )
    assert desk.run("evidence", "list") == (
        0,
        (
            "E-1  unit car-12  sequence 1  taken in 2026-09-28 00:00:00 UTC\n"
            "    last used 2026-09-28 00:00:00 UTC, kept until 2027-09-28 00:00:00 UTC\n"
            "E-2  unit car-12  sequence 3  taken in 2026-09-28 00:00:00 UTC\n"
            "    last used 2026-09-28 00:00:00 UTC, kept until 2027-09-28 00:00:00 UTC\n"
            "unit car-12: not taken in: 2\n"
            "2 records held, 0 destroyed; kept for one year\n"
        ),
        "",
    )


def test_the_unit_destroys_its_copy_against_the_receipt_alone(desk: Desk, records: Path) -> None:
    assert desk.unit("car-12", "evidence", "waiting")[1] == "2 records wait for the office's receipt: 1, 3\n"
    receipt = desk.folder / "car-12.receipt"
    assert desk.run("evidence", "receipt", "car-12", "--out", receipt)[2] == (
        "alprd error: nothing was taken in from car-12 yet\n"
        "next: Take it in with `alpr-office evidence take`.\n"
    )
    desk.run("evidence", "take", records / record_name(1))
    assert desk.run("evidence", "receipt", "car-12", "--out", receipt) == (
        0,
        (
            "car-12.receipt: receipt for 1 records of car-12\n"
            "next: on the unit `alprctl evidence destroy car-12.receipt`\n"
        ),
        "",
    )
    whole = receipt.read_bytes()
    receipt.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert desk.unit("car-12", "evidence", "destroy", receipt) == (
        36,
        "",
        (
            "alprd error: the receipt's signature is wrong: it was altered\n"
            "next: Ask the office for a new one: `alpr-office evidence receipt`. Nothing was destroyed.\n"
        ),
    )
    assert len(list_records(records)) == 2
    receipt.write_bytes(whole)
    assert desk.unit("car-12", "evidence", "destroy", receipt) == (
        0,
        "1 records destroyed: the office holds them: 1\n1 records wait for the office's receipt: 3\n",
        "",
    )
    assert [path.name for path in list_records(records)] == [record_name(3)]
    desk.run("evidence", "take", records)
    desk.run("evidence", "receipt", "car-12", "--out", receipt)
    (records / record_name(3)).write_bytes(b"another file")
    assert desk.unit("car-12", "evidence", "destroy", receipt) == (
        36,
        "0 records destroyed: the office holds them\n1 records wait for the office's receipt: 3\n",
        (
            "alprd error: the receipt is for other files of these numbers: 3\n"
            "next: Keep the unit as it is and tell the evidence clerk: two records have one number.\n"
        ),
    )


def test_a_unit_says_when_a_number_is_not_on_the_disk_yet(desk: Desk, records: Path) -> None:
    desk.run("evidence", "take", records)
    receipt = desk.folder / "car-12.receipt"
    desk.run("evidence", "receipt", "car-12", "--out", receipt)
    (records / "last-sequence").write_text("1\n")
    assert desk.unit("car-12", "evidence", "destroy", receipt)[1] == (
        "1 records destroyed: the office holds them: 1\n"
        "1 records wait for the office's receipt: 3\n"
        "the last number is not on the disk yet: 3\n"
        "next: systemctl restart alprd, then run the command again\n"
    )


def test_a_record_is_opened_for_a_named_person_with_a_reason(desk: Desk, records: Path) -> None:
    desk.run("evidence", "take", records)
    opened = desk.run("evidence", "open", "E-1", *ACCESS, "--picture", desk.folder / "plate.png")
    assert opened == (
        0,
        (
            "plate:        ABCD123\n"
            "jurisdiction: CA-ON\n"
            "category:     Stolen vehicle (CPIC)\n"
            "place:        43.651070, -79.347015 (3D fix, error 4 m)\n"
            "fix age:      250 ms\n"
            "captured:     2026-01-02T03:04:05.678Z (unit's own clock, nothing vouches for it)\n"
            "confirmed:    2026-01-02T03:04:09.999Z (network time)\n"
            "verdict:      CONFIRMED\n"
            "officer:      \u00c9. C\u00f4t\u00e9 77\n"
            "confidence:   0.938\n"
            "chance:       93 %\n"
            "doubts:       place-unknown, list-stale\n"
            "hotlist:      7\n"
            "record:       car-12 1\n"
            "picture:      4 x 2 px\n"
            "context:      none\n"
        ),
        "",
    )
    with Image.open(desk.folder / "plate.png") as picture:
        assert picture.tobytes() == LOCATED.picture
    code, out, _ = desk.run("evidence", "open", "E-2", *ACCESS, "--json")
    shown = json.loads(out)
    assert (code, shown["sequence"], shown["place"], shown["badge"]) == (0, 3, None, "1234")
    log = desk.run("report", "log", "--last", "2")[1]
    assert log.startswith(
        "3  2026-09-28 00:00:00 UTC  evidence opened E-1\n"
        "    by Ada Roy, badge C-17\n"
        "    2 rows, 0 added, 0 removed: 2\n"
        "    investigation, file 2026-1138: the theft on King Street\n"
        "4  2026-09-28 00:00:00 UTC  evidence opened E-2\n"
    )
    assert desk.run("evidence", "open", "E-1", *ACCESS, me="C-18")[0] == 39, "not admitted"
    assert desk.run("evidence", "open", "E-1", *ACCESS[:-1], "abc")[2] == (
        "alprd error: the reason in words is missing: 5 to 100 printable characters\n"
        "next: Correct the line or option named above and run the command again.\n"
    )


@pytest.mark.parametrize("missing", [0, 2, 4])
def test_no_reason_no_file_number_no_words_no_record(
    desk: Desk, records: Path, missing: int, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.run("evidence", "take", records)
    access = ACCESS[:missing] + ACCESS[missing + 2 :]
    with pytest.raises(SystemExit) as ended:
        desk.run("evidence", "open", "E-1", *access)
    assert ended.value.code == 2
    assert f"required: {ACCESS[missing]}" in capsys.readouterr().err


def test_a_search_asks_for_the_plate_and_a_history_for_an_authority(
    desk: Desk, records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run("evidence", "take", records / record_name(1))
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert desk.run("evidence", "search", *ACCESS)[2] == (
        "alprd error: no terminal to ask for the plate\nnext: Run the command at a terminal.\n"
    )
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "abcd 123")
    found = "E-1  unit car-12  sequence 1  taken in 2026-09-28 00:00:00 UTC\n1 records of that plate\n"
    assert desk.run("evidence", "search", *ACCESS) == (0, found, "")
    assert desk.run("evidence", "search", *ACCESS) == (
        35,
        "",
        (
            "alprd error: this plate has more than one record, or was searched for within a year: that is "
            "its history\nnext: Name the warrant or order with --authority.\n"
        ),
    )
    assert desk.run("evidence", "search", *ACCESS, "--authority", "warrant 26-114") == (0, found, "")
    assert [line for line in desk.run("report", "log")[1].splitlines() if "search" in line] == [
        "3  2026-09-28 00:00:00 UTC  evidence searched E-1 found",
        "4  2026-09-28 00:00:00 UTC  evidence search refused a plate",
        "5  2026-09-28 00:00:00 UTC  evidence searched E-1 found, warrant 26-114",
    ]
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "")
    assert desk.run("evidence", "search", *ACCESS)[0] == 35


def test_a_disclosure_is_logged_with_its_terms_and_told_when_overdue(desk: Desk, records: Path) -> None:
    desk.run("evidence", "take", records)
    out = desk.folder / "out"
    assert (
        desk.run("evidence", "export", "E-1", *ACCESS, *EXPORT, "--afterwards", "returned", "--out", out)[0]
        == 35
    )
    incomplete = (*EXPORT[2:], "--afterwards", "kept", "--out", out)
    assert desk.run("evidence", "export", "E-1", *ACCESS, *incomplete)[2] == (
        "alprd error: the legal authority and the circumstances that justify it is missing: 1 to 200 "
        "printable characters\nnext: Correct the line or option named above and run the command again.\n"
    )
    assert not out.exists()
    terms = (*EXPORT, "--afterwards", "returned", "--until", "2026-10-31", "--out", out)
    assert desk.run("evidence", "export", "E-1", *ACCESS, *terms) == (
        0,
        "X-1: E-1 is in out, with the terms in disclosure.json\n",
        "",
    )
    desk.now += 40 * DAY_S
    listed = (
        "X-1  E-1  2026-09-28 00:00:00 UTC  to Dana Fox, Assistant Crown Attorney\n"
        "    authority:     MFIPPA s. 32(g)\n"
        "    authorized by: Insp. Kim Park, C-2\n"
        "    collected:     2026-01-02T03:04:05.678Z, 43.651070, -79.347015 (3D fix, error 4 m)\n"
        "    linked:        none\n"
        "    files:         ours 2026-1138, theirs CA-77\n"
        "    information:   one plate of the category Stolen vehicle (CPIC): text, picture, time, "
        "place, officer\n"
        "    means:         on an encrypted stick\n"
        "    conditions:    for this prosecution alone\n"
        "    after use:     returned by 2026-11-01 00:00:00 UTC{}\n"
        "1 disclosures, {} overdue\n"
    )
    assert desk.run("evidence", "disclosures") == (0, listed.format("; OVERDUE", 1), "")
    assert desk.run("evidence", "returned", "X-1", "--how", "stick came back, wiped")[:2] == (
        0,
        "X-1: on record\n",
    )
    assert desk.run("evidence", "disclosures")[1] == listed.format("; done: stick came back, wiped", 0)


def test_a_year_later_it_is_destroyed_with_a_certificate(
    desk: Desk, records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.run("evidence", "take", records)
    assert desk.run("evidence", "due")[1] == "0 records are due, 0 of them on hold\n"
    why, paper = ("--why", "yearly destruction"), desk.folder / "D-1.json"
    assert desk.run("evidence", "destroy", "--due", *why, "--certificate", paper)[1] == (
        "nothing is due; nothing was destroyed\n"
    )
    assert desk.run("evidence", "destroy", "E-1", *why, "--certificate", paper)[2] == (
        "alprd error: the time of E-1 has not come: it is kept for one year after its last use\n"
        "next: See `alpr-office evidence due`. Nothing was destroyed.\n"
    )
    assert desk.run("evidence", "hold", "E-2", "--why", "appeal in file 26-3", "--until", "2027-12-31")[
        1
    ] == ("H1: E-2 is on hold until 2028-01-01 00:00:00 UTC\n")
    desk.now += 365 * DAY_S
    assert desk.run("evidence", "due") == (
        0,
        (
            "E-1  unit car-12  sequence 1  one year since its last use\n"
            "E-2  unit car-12  sequence 3  one year since its last use\n"
            "    HELD by H1 until 2028-01-01 00:00:00 UTC, badge C-17: appeal in file 26-3\n"
            "2 records are due, 1 of them on hold\n"
        ),
        "",
    )
    assert desk.run("evidence", "destroy", "--due", *why, "--certificate", paper) == (
        0,
        "D-1: 1 records destroyed; certificate in D-1.json\n",
        "",
    )
    assert main(["evidence", "check-certificate", str(paper), str(desk.folder / "C-17.card")]) == 0
    assert desk.capture()[0] == (
        "D-1 of Police service, 2027-09-28 00:00:00 UTC\n"
        "1 records destroyed by Ada Roy, badge C-17\n"
        "why: yearly destruction\n"
        "    E-1  unit car-12  sequence 1  one year since its last use\n"
        "the signature is right; compare the fingerprint by voice: FINGERPRINT\n"
    )
    assert main(["evidence", "check-certificate", str(paper), str(desk.folder / "C-18.card")]) == 36
    capsys.readouterr()
    again = desk.folder / "again.json"
    assert desk.run("evidence", "certificate", "D-1", "--out", again)[1] == "again.json: certificate D-1\n"
    assert again.read_bytes() == paper.read_bytes()
    assert desk.run("evidence", "verify") == (0, "1 records and 1 certificates checked, 0 not ok\n", "")
    assert desk.run("evidence", "list")[1].endswith("1 records held, 1 destroyed; kept for one year\n")
    assert (
        "    hold H1 until 2028-01-01 00:00:00 UTC by badge C-17: appeal in file 26-3\n"
        in desk.run("evidence", "list")[1]
    )


def test_what_was_destroyed_is_not_opened_and_not_taken_in_again(desk: Desk, records: Path) -> None:
    desk.run("evidence", "take", records)
    desk.now += 365 * DAY_S
    why, paper = ("--why", "yearly destruction"), desk.folder / "D-1.json"
    assert desk.run("evidence", "destroy", "E-1", *why, "--certificate", paper)[0] == 0
    assert desk.run("evidence", "open", "E-1", *ACCESS)[2] == (
        "alprd error: E-1 was destroyed, see the certificate D-1\n"
        "next: Write it with `alpr-office evidence certificate DIR D-1`.\n"
    )
    assert desk.run("evidence", "take", records / record_name(1))[2] == (
        "car-12/evidence/0000000001.evidence: destroyed by D-1 already as E-1, not taken in again\n"
    )
    assert desk.run("evidence", "destroy", "E-2", *why, "--certificate", paper)[2] == (
        "alprd error: D-1.json exists\nnext: Name a new file for the certificate.\n"
    )
    (desk.folder / "office/vault/evidence/00000002").write_bytes(b"")
    code, out, err = desk.run("evidence", "verify")
    assert (code, out) == (36, "1 records and 1 certificates checked, 1 not ok\n")
    assert err.startswith("NOT OK: the file of E-2 does not open with its key; next: Restore")


def test_consent_a_by_law_and_the_end_of_a_hold(desk: Desk, records: Path) -> None:
    desk.run("evidence", "take", records)
    assert desk.run("evidence", "retention", "--days", "90", "--by-law", "By-law 2026-14")[1] == (
        "evidence is kept for 90 days by By-law 2026-14 after its last use\n"
    )
    assert desk.run("evidence", "retention", "--days", "90")[0] == 35
    assert desk.run("evidence", "consent", "E-1", "--reference", "letter in file 26-9")[1] == (
        "E-1 may be destroyed before its time, by consent\n"
    )
    desk.run("evidence", "hold", "E-1", "--why", "appeal in file 26-3", "--until", "2026-12-31")
    assert (
        desk.run("evidence", "unhold", "H1", "--why", "appeal dismissed")[1]
        == "H1 has ended; it was on E-1\n"
    )
    paper = desk.folder / "paper"
    assert desk.run("evidence", "destroy", "E-1", "--why", "by consent", "--certificate", paper)[0] == 0
    assert desk.run("evidence", "destroy", "--why", "by consent", "--certificate", desk.folder / "p")[0] == 35
    assert desk.run("evidence", "list")[1] == (
        "E-2  unit car-12  sequence 3  taken in 2026-09-28 00:00:00 UTC\n"
        "    last used 2026-09-28 00:00:00 UTC, kept until 2026-12-27 00:00:00 UTC\n"
        "unit car-12: not taken in: 2\n"
        "1 records held, 1 destroyed; kept for 90 days by By-law 2026-14\n"
    )


def test_a_certificate_that_cannot_be_read_is_told(desk: Desk) -> None:
    words = ["evidence", "check-certificate", str(desk.folder / "none"), str(desk.folder / "C-17.card")]
    assert main(words) == 36
    assert (
        desk.capture()[1]
        == "alprd error: none cannot be read: No such file or directory\nnext: Check the path.\n"
    )
