"""The vault opens for its people alone, and shows what was done to it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import OfficeInputError, VaultError
from alprd.office.ledger import Act, Record
from alprd.office.people import PersonKeys, make_person
from alprd.office.person_files import write_keys
from alprd.office.sealed import CHUNK_BYTES, seal, unseal
from alprd.office.vault import Vault, create, open_vault
from tests.sim.vault_cut import KEY_FILE, NOW, PASSPHRASE, ada
from tests.unit.office.test_people import CHEAP

ROOT = Path(__file__).resolve().parents[3]
ADA = make_person("Ada Roy", "C-17")
BOB = make_person("Bob Lee", "C-18")
EVE = make_person("Eve Fox", "C-19")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return create(tmp_path, ADA, now_s=NOW)


def put(vault: Vault, content: bytes, *, added: int, removed: int = 0, slot: str = "entries") -> Record:
    record = Record(at_s=vault.records[-1].at_s + 1, act=Act.ENTRY_ADDED, by=vault.me.badge, subject="M1")
    return vault.change(record, [content], slot=slot, added=added, removed=removed)


def opened(folder: Path, keys: PersonKeys = ADA) -> Vault:
    return open_vault(folder, keys)


def test_what_was_put_in_is_there_after_opening(vault: Vault, tmp_path: Path) -> None:
    put(vault, b"first", added=3)
    record = put(vault, b"second", added=2, removed=4)
    assert (record.before, record.after) == (3, 1)
    again = opened(tmp_path)
    assert bytes(again.read("entries") or b"") == b"second"
    assert again.rows("entries") == 1
    assert again.records == vault.records
    assert again.verify() == 1


def test_a_slot_that_never_was_is_empty(vault: Vault) -> None:
    assert vault.read("entries") is None
    assert vault.rows("entries") == 0


def test_who_reads_what_another_command_has_changed_is_told_so(vault: Vault, tmp_path: Path) -> None:
    put(vault, b"first", added=3)
    reader = opened(tmp_path)
    put(vault, b"second", added=1)
    with pytest.raises(VaultError, match="another command changed the vault meanwhile") as told:
        reader.read("entries")
    assert told.value.next_step == "Run the command again."
    assert bytes(opened(tmp_path).read("entries") or b"") == b"second"


def test_a_file_that_is_missing_though_nothing_was_changed_is_told_as_missing(
    vault: Vault, tmp_path: Path
) -> None:
    put(vault, b"first", added=3)
    (gone,) = (tmp_path / "vault/store").glob("entries.*")
    gone.unlink()
    with pytest.raises(VaultError, match="cannot be read: No such file") as told:
        opened(tmp_path).read("entries")
    assert told.value.next_step.startswith("Restore the vault from its backup")


def test_an_earlier_file_does_not_stay(vault: Vault, tmp_path: Path) -> None:
    put(vault, b"first", added=3)
    put(vault, b"second", added=1)
    vault.change(
        Record(at_s=NOW + 9, act=Act.ENTRY_REMOVED, by="C-17", subject="M1"),
        None,
        slot="entries",
        added=0,
        removed=4,
    )
    assert list((tmp_path / "vault/store").iterdir()) == []
    assert opened(tmp_path).read("entries") is None


def test_nothing_stands_in_clear(vault: Vault, tmp_path: Path) -> None:
    put(vault, b"SECRETPLATE", added=1)
    vault.admit(BOB.public, now_s=NOW + 5)
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for text in (b"SECRETPLATE", b"Ada Roy", b"Bob Lee", b"entry added"):
        assert text not in content


def test_only_admitted_people_open_it(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="not sealed to your key"):
        opened(tmp_path, BOB)
    vault.admit(BOB.public, now_s=NOW + 5)
    assert set(opened(tmp_path, BOB).people) == {"C-17", "C-18"}
    with pytest.raises(VaultError, match="not sealed to your key"):
        opened(tmp_path, EVE)


def test_a_removed_person_no_longer_opens_it(vault: Vault, tmp_path: Path) -> None:
    vault.admit(BOB.public, now_s=NOW + 5)
    vault.remove_person("C-18", now_s=NOW + 6)
    with pytest.raises(VaultError, match="not sealed to your key"):
        opened(tmp_path, BOB)


def test_a_key_ring_of_before_the_removal_does_not_let_them_in(vault: Vault, tmp_path: Path) -> None:
    vault.admit(BOB.public, now_s=NOW + 5)
    kept = (tmp_path / "vault/keyring").read_bytes()
    vault.remove_person("C-18", now_s=NOW + 6)
    (tmp_path / "vault/keyring").write_bytes(kept)
    with pytest.raises(VaultError, match="does not name you"):
        opened(tmp_path, BOB)


def test_nobody_removes_themselves_or_a_stranger(vault: Vault) -> None:
    with pytest.raises(OfficeInputError, match="nobody removes themselves"):
        vault.remove_person("C-17", now_s=NOW)
    with pytest.raises(OfficeInputError, match="no person with that badge"):
        vault.remove_person("C-18", now_s=NOW)


def test_a_badge_is_admitted_once(vault: Vault) -> None:
    with pytest.raises(OfficeInputError, match="admitted already"):
        vault.admit(make_person("Eve Fox", "C-17").public, now_s=NOW + 5)


def test_there_is_one_vault(vault: Vault, tmp_path: Path) -> None:
    assert vault.people
    with pytest.raises(OfficeInputError, match="holds a vault already"):
        create(tmp_path, BOB, now_s=NOW)


def test_an_office_without_a_vault_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(VaultError) as caught:
        opened(tmp_path)
    assert "vault init" in caught.value.next_step


def test_a_record_in_anothers_name_is_refused(vault: Vault, tmp_path: Path) -> None:
    vault.admit(BOB.public, now_s=NOW + 5)
    with pytest.raises(VaultError, match="not signed by the person it names"):
        opened(tmp_path, BOB).note(Record(at_s=NOW + 6, act=Act.RELEASE_BUILT, by="C-17", subject=""))
    assert len(opened(tmp_path).records) == 2


def test_a_second_person_is_another_and_admitted(vault: Vault) -> None:
    for second in ("C-17", "C-18"):
        record = Record(at_s=NOW + 5, act=Act.ENTRY_ADDED, by="C-17", second=second, subject="M1")
        with pytest.raises(VaultError, match="second person"):
            vault.change(record, [b""], slot="entries", added=0, removed=0)


def test_time_never_goes_back_in_the_ledger(vault: Vault) -> None:
    vault.note(Record(at_s=NOW, act=Act.RELEASE_BUILT, by="C-17", subject=""))
    with pytest.raises(VaultError, match="earlier than the one before"):
        vault.note(Record(at_s=NOW - 1, act=Act.RELEASE_BUILT, by="C-17", subject=""))


def test_the_second_of_two_commands_at_once_is_refused(vault: Vault, tmp_path: Path) -> None:
    other = opened(tmp_path)
    put(vault, b"mine", added=1)
    with pytest.raises(VaultError, match="another command changed the vault"):
        put(other, b"theirs", added=1)
    assert bytes(opened(tmp_path).read("entries") or b"") == b"mine"


def test_a_second_person_signs_too(vault: Vault, tmp_path: Path) -> None:
    vault.admit(BOB.public, now_s=NOW + 5)
    record = Record(at_s=NOW + 6, act=Act.ENTRY_ADDED, by="C-17", second="C-18", subject="M1")
    vault.change(record, [b"x"], slot="entries", added=1, removed=0, second=BOB)
    assert opened(tmp_path).records[-1].second == "C-18"


@pytest.mark.parametrize("second", [None, ADA, EVE])
def test_a_second_person_who_did_not_sign_is_refused(
    vault: Vault, tmp_path: Path, second: PersonKeys | None
) -> None:
    vault.admit(BOB.public, now_s=NOW + 5)
    record = Record(at_s=NOW + 6, act=Act.ENTRY_ADDED, by="C-17", second="C-18", subject="M1")
    with pytest.raises(VaultError, match="not signed by the person it names"):
        vault.change(record, [b"x"], slot="entries", added=1, removed=0, second=second)
    assert len(opened(tmp_path).records) == 2, "nothing was written that opening would refuse"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_flipped_bit_anywhere_in_a_record_is_found(vault: Vault, tmp_path: Path, number: int) -> None:
    put(vault, b"first", added=1)
    put(vault, b"second", added=1)
    path = tmp_path / f"vault/ledger/{number:08d}"
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(VaultError, match=f"record {number} of the ledger"):
            opened(tmp_path)


def test_a_record_taken_out_swapped_or_doubled_is_found(vault: Vault, tmp_path: Path) -> None:
    for content in (b"a", b"b", b"c"):
        put(vault, content, added=1)
    ledger, kept = tmp_path / "vault/ledger", tmp_path / "kept"
    shutil.copytree(ledger, kept)
    (ledger / "00000003").unlink()
    with pytest.raises(VaultError, match="record 3 of the ledger is missing"):
        opened(tmp_path)
    shutil.copy(kept / "00000004", ledger / "00000003")
    (ledger / "00000004").unlink()
    with pytest.raises(VaultError, match="record 3 of the ledger does not open"):
        opened(tmp_path)
    shutil.copy(kept / "00000002", ledger / "00000003")
    with pytest.raises(VaultError, match="record 3 of the ledger does not open"):
        opened(tmp_path)


def test_records_taken_off_the_end_are_found_by_a_head_written_down(vault: Vault, tmp_path: Path) -> None:
    put(vault, b"a", added=1, slot="one")
    middle = vault.head
    put(vault, b"b", added=1, slot="two")
    head = vault.head
    assert opened(tmp_path).verify(middle) == 2
    (tmp_path / "vault/ledger/00000003").unlink()
    assert opened(tmp_path).verify(middle) == 1
    with pytest.raises(VaultError, match="written down"):
        opened(tmp_path).verify(head)


def test_a_file_that_is_not_the_ledgers_is_found(vault: Vault, tmp_path: Path) -> None:
    put(vault, b"one", added=1, slot="one")
    put(vault, b"two", added=1, slot="two")
    one, two = sorted((tmp_path / "vault/store").iterdir())
    one.write_bytes(two.read_bytes())
    with pytest.raises(VaultError, match="is not the ledger's"):
        opened(tmp_path).verify()
    one.unlink()
    with pytest.raises(VaultError, match="cannot be read"):
        opened(tmp_path).verify()


@given(st.lists(st.binary(max_size=100), max_size=5))
def test_a_sealed_file_gives_back_its_content(parts: list[bytes]) -> None:
    assert unseal(seal(parts, bytes(32), b"m"), bytes(32), b"m") == b"".join(parts)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_a_sealed_file_of_any_size_opens_whole_and_never_cut(size: int) -> None:
    content = bytes(size)
    sealed = seal([content], bytes(32), b"m")
    assert unseal(sealed, bytes(32), b"m") == content
    for end in (0, 15, 40, 56, len(sealed) - 1, len(sealed) - 18 - size % CHUNK_BYTES):
        with pytest.raises(VaultError):
            unseal(sealed[:end], bytes(32), b"m")
    with pytest.raises(VaultError):
        unseal(sealed + b"x", bytes(32), b"m")
    with pytest.raises(VaultError):
        unseal(sealed, bytes(32), b"n")
    with pytest.raises(VaultError):
        unseal(sealed, b"\1" * 32, b"m")


def cut(action: str, template: Path, remains: Path) -> list[str]:
    remains.mkdir()
    command = [sys.executable, "-m", "tests.sim.vault_cut", action, str(template), str(remains)]
    subprocess.run(command, cwd=ROOT, check=True)
    return (remains / "calls").read_text("utf-8").split()


def test_a_power_cut_at_any_call_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    template = tmp_path / "template"
    (template / "office").mkdir(parents=True)
    write_keys(template / KEY_FILE, ADA, PASSPHRASE, cost=CHEAP)
    put(create(template / "office", ADA, now_s=NOW), b"old", added=1)
    calls = cut("change vault", template, tmp_path / "remains")
    found = []
    for number in range(1, len(calls) + 2):
        folder = tmp_path / "remains" / str(number)
        left = open_vault(folder / "office", ada(folder))
        found.append((bytes(left.read("entries") or b""), left.rows("entries")))
        put(left, b"next", added=1)
        assert len(list((folder / "office/vault/store").iterdir())) == 1, (
            "the next change clears what was left"
        )
        assert bytes(opened(folder / "office").read("entries") or b"") == b"next"
    after = calls.index("link") + 1
    assert found == [(b"old", 1)] * after + [(b"new", 2)] * (len(found) - after)


def test_a_vault_whose_making_was_cut_short_can_be_made_again(tmp_path: Path) -> None:
    template = tmp_path / "template"
    (template / "office").mkdir(parents=True)
    write_keys(template / KEY_FILE, ADA, PASSPHRASE, cost=CHEAP)
    calls = cut("make vault", template, tmp_path / "remains")
    made = 0
    for number in range(1, len(calls) + 2):
        office = tmp_path / "remains" / str(number) / "office"
        if (office / "vault/keyring").exists():
            made += 1
        else:
            create(office, ADA, now_s=NOW)
        assert open_vault(office, ADA).people.keys() == {"C-17"}
    assert 0 < made <= len(calls)
