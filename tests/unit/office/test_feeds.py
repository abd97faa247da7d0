"""Feeds in the vault: replaced whole, counted, refused over a bound, nowhere in clear."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from alprd.errors import OfficeInputError
from alprd.office.agreements import set_agreement
from alprd.office.feed_form import parse_form
from alprd.office.feeds import (
    Imported,
    feed_names,
    import_feed,
    read_feed,
    read_quarantine,
    remove_feed,
)
from alprd.office.ledger import Act, digest_of
from alprd.office.people import make_person
from alprd.office.person_files import write_keys
from alprd.office.rows import Details
from alprd.office.vault import Vault, create, open_vault
from alprd.plates.normal import unpack
from tests.sim.vault_cut import KEY_FILE, PASSPHRASE
from tests.unit.office.test_agreements import MTO, NOW
from tests.unit.office.test_people import CHEAP

ROOT = Path(__file__).resolve().parents[3]
ADA = make_person("Ada Roy", "C-17")
FORM = parse_form(
    b"""
format: csv
header: true
columns: {plate: PLATE, category: CODE, make: MAKE}
constants: {jurisdiction: CA-ON, plate_type: passenger}
categories: {S: suspended-driver, V: stolen-vehicle, X: stolen-plate}
valid_days: 3
""",
    "m.yaml",
)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = create(tmp_path, ADA, now_s=NOW)
    set_agreement(made, MTO, now_s=NOW)
    return made


def lines(*numbers: int, bad: int = 0) -> bytes:
    good = "".join(f"ABCD{number:03d},V,Kia{number}\n" for number in numbers)
    return ("PLATE,CODE,MAKE\n" + good + "ABCD1,X,\n" * bad).encode()


def take(
    vault: Vault, data: bytes, *, now_s: int = NOW, name: str = "mto", agreement: str = "mto"
) -> Imported:
    told: list[str] = []
    done = import_feed(
        vault,
        name,
        [data],
        FORM,
        agreement=agreement,
        now_s=now_s,
        progress=lambda _: None,
        report=told.append,
    )
    assert told == [f"line {line.number}: {line.fault}" for line in done.bad]
    return done


def plates(vault: Vault) -> list[str]:
    feed = read_feed(vault, "mto")
    return [] if feed is None else [unpack(int(key)) for key in feed[1].plate]


def test_a_feed_is_there_after_opening(vault: Vault, tmp_path: Path) -> None:
    take(vault, lines(1, 2, 3))
    again = open_vault(tmp_path, ADA)
    assert plates(again) == ["ABCD001", "ABCD002", "ABCD003"]
    feed = read_feed(again, "mto")
    assert feed is not None
    assert feed[1].details.of(1) == Details(make="Kia2")
    assert (feed[0].rows, feed[0].details, feed[0].imported_s) == (3, 3, NOW)


def test_a_feed_replaces_its_predecessor_and_the_ledger_counts_the_difference(vault: Vault) -> None:
    take(vault, lines(1, 2, 3))
    done = take(vault, lines(3, 4, 4))
    assert plates(vault) == ["ABCD003", "ABCD004"]
    assert (done.added, done.removed, done.facts.duplicates) == (1, 2, 1)
    record = vault.records[-1]
    assert (record.act, record.before, record.after) == (Act.FEED_IMPORTED, 3, 2)
    assert (record.added, record.removed) == (1, 2)
    assert record.source == digest_of(lines(3, 4, 4))
    assert record.note == "4 lines, 0 bad, 1 duplicates, 0 expired"


@pytest.mark.parametrize(("good", "bad"), [(1, 10), (9_988, 10), (10_989, 11)])
def test_bad_lines_up_to_the_bound_are_set_aside(vault: Vault, good: int, bad: int) -> None:
    data = b"PLATE,CODE,MAKE\n" + b"ABCD123,V,\n" * good + b"ABCD123,?,\n" * bad
    done = take(vault, data)
    assert (done.facts.lines, done.facts.bad) == (good + bad + 1, bad)
    assert [line.number for line in read_quarantine(vault, "mto")] == list(range(good + 2, good + bad + 2))


@pytest.mark.parametrize(("good", "bad"), [(1, 11), (9_987, 11), (10_987, 11)])
def test_one_more_bad_line_refuses_the_feed(vault: Vault, good: int, bad: int) -> None:
    take(vault, lines(1))
    records = len(vault.records)
    data = b"PLATE,CODE,MAKE\n" + b"ABCD123,V,\n" * good + b"ABCD123,?,\n" * bad
    with pytest.raises(OfficeInputError, match=f"{bad} of {good + bad + 1} lines are bad, at most 10"):
        take(vault, data)
    assert plates(vault) == ["ABCD001"]
    assert len(vault.records) == records


def test_one_percent_of_bad_lines_is_refused_with_line_numbers(vault: Vault) -> None:
    data = b"PLATE,CODE,MAKE\n" + (b"ABCD123,V,\n" * 99 + b"ABCD123,?,\n") * 100
    with pytest.raises(OfficeInputError, match="the first are 101, 201, 301, ") as caught:
        take(vault, data)
    assert "ABCD" not in str(caught.value) + caught.value.next_step


def test_the_next_imports_bad_lines_take_the_place_of_the_last(vault: Vault) -> None:
    take(vault, lines(1, bad=3))
    assert [line.line for line in read_quarantine(vault, "mto")] == [b"ABCD1,X,"] * 3
    take(vault, lines(1, bad=1))
    assert len(read_quarantine(vault, "mto")) == 1
    take(vault, lines(1))
    assert read_quarantine(vault, "mto") == []


def test_a_removed_feed_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    take(vault, lines(1, 2, bad=3))
    assert remove_feed(vault, "mto", now_s=NOW) == 2
    assert feed_names(vault) == []
    assert [path.name.split(".")[0] for path in (tmp_path / "vault/store").iterdir()] == ["agreements"]
    with pytest.raises(OfficeInputError, match="no feed 'mto'"):
        remove_feed(vault, "mto", now_s=NOW)


@pytest.mark.parametrize(
    ("now_s", "agreement", "message"),
    [
        (NOW, "cpic", "there is no agreement 'cpic'"),
        (MTO.ends_s, "mto", "the agreement mto has ended"),
    ],
)
def test_without_an_agreement_in_force_nothing_is_imported(
    vault: Vault, now_s: int, agreement: str, message: str
) -> None:
    with pytest.raises(OfficeInputError, match=message):
        take(vault, lines(1), now_s=now_s, agreement=agreement)
    assert feed_names(vault) == []


def test_a_feeds_name_is_no_path(vault: Vault) -> None:
    with pytest.raises(OfficeInputError, match="a feed's name"):
        take(vault, lines(1), name="../mto")


WATCHED = """
import os, sys
from pathlib import Path
from alprd.cli.alpr_office import main
opened = []
def watch(event, args):
    if event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        opened.append(os.fspath(args[0]) if not isinstance(args[0], int) else "")
sys.addaudithook(watch)
code = main(sys.argv[1:])
print("opened", *sorted({str(Path(name).parent) for name in opened}))
sys.exit(code)
"""


def test_an_import_leaves_no_plate_in_any_file(tmp_path: Path) -> None:
    office, temp = tmp_path / "office", tmp_path / "tmp"
    for folder in (office, temp):
        folder.mkdir()
    write_keys(tmp_path / KEY_FILE, ADA, PASSPHRASE, cost=CHEAP)
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    (tmp_path / "passphrase").chmod(0o600)
    (tmp_path / "mapping.yaml").write_text(
        "format: csv\ncolumns: {plate: 1, make: 2}\n"
        "constants: {jurisdiction: CA-ON, category: stolen-vehicle}\nvalid_days: 3\n"
    )
    now_s = int(time.time())  # the command's own clock
    made = create(office, ADA, now_s=now_s)
    set_agreement(made, replace(MTO, starts_s=now_s, ends_s=now_s + 86_400), now_s=now_s)
    sent = ["SENT987", "SENT988", "SENT98?"]
    command = [sys.executable, "-c", WATCHED, "feed", "import", str(office), "mto", "-"]
    command += ["--mapping", str(tmp_path / "mapping.yaml"), "--me", str(tmp_path / KEY_FILE)]
    command += ["--passphrase-file", str(tmp_path / "passphrase")]
    done = subprocess.run(
        command,
        cwd=ROOT,
        input="".join(f"{text},Sentmobile\n" for text in sent).encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "TMPDIR": str(temp), "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr.decode()) == (
        0,
        "line 3: a plate has only A-Z, 0-9 and separators; found another character\n",
    )
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sum("store" in path.parts for path in files) == 3, "agreements, the feed and its bad lines"
    content = b"".join(path.read_bytes() for path in files) + done.stdout
    found = open_vault(office, ADA)
    keys = bytes(found.read("feed-mto") or b"")
    for text in (*sent, "sent98", "Sentmobile", "SENT"):
        assert text.encode() not in content
    assert keys[4096:4112] not in content, "nor a packed plate"
    opened = done.stdout.decode().splitlines()[-1].split()[1:]
    assert {path for path in opened if "alprd" not in path} == {
        str(office / "vault" / name) for name in ("ledger", "store")
    }
