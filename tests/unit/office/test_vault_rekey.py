"""Rekeying: who was removed opens nothing that is written from then on, and nothing is lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.errors import OfficeInputError, VaultError
from alprd.office.ledger import Act
from alprd.office.person_files import write_keys
from alprd.office.sealed import unseal
from alprd.office.secret import VaultSecret
from alprd.office.vault import MAX_KEYS, Vault, create
from tests.sim.vault_cut import KEY_FILE, NOW, PASSPHRASE
from tests.unit.office.test_people import CHEAP
from tests.unit.office.test_vault import ADA, BOB, EVE, cut, opened, put

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return create(tmp_path, ADA, now_s=NOW)


def test_rekeying_seals_every_file_anew_and_changes_no_content(vault: Vault, tmp_path: Path) -> None:
    put(vault, b"first", added=3)
    put(vault, b"second", added=1, slot="two")
    tag, before = vault.derived_key(b"x"), {path.name for path in (tmp_path / "vault/store").iterdir()}
    assert vault.rekey(now_s=NOW + 60) == 2
    again = opened(tmp_path)
    assert [bytes(again.read(slot) or b"") for slot in again.slots()] == [b"first", b"second"]
    assert [again.rows(slot) for slot in again.slots()] == [3, 1]
    assert again.verify() == 2
    assert again.derived_key(b"x") == tag, "what is remembered under a keyed tag is still found"
    assert before.isdisjoint(path.name for path in (tmp_path / "vault/store").iterdir())
    assert [record.act for record in again.records[-3:]] == [
        Act.VAULT_REKEYED,
        Act.FILE_RESEALED,
        Act.FILE_RESEALED,
    ]
    put(again, b"third", added=1)
    assert bytes(opened(tmp_path).read("entries") or b"") == b"third"


def test_who_was_removed_opens_nothing_that_is_written_after_the_rekeying(
    vault: Vault, tmp_path: Path
) -> None:
    put(vault, b"old", added=1)
    vault.admit(BOB.public, now_s=NOW + 5)
    kept = (tmp_path / "vault/keyring").read_bytes()
    theirs = opened(tmp_path, BOB)._secret
    vault.remove_person("C-18", now_s=NOW + 6)
    put(vault, b"after the removal", added=1)
    (new,) = (tmp_path / "vault/store").iterdir()
    number = int(new.name[-8:])
    meaning = theirs.identity + new.name.encode()
    assert unseal(new.read_bytes(), theirs.key_of(number), meaning) == b"after the removal"
    vault.rekey(now_s=NOW + 60)
    (new,) = (tmp_path / "vault/store").iterdir()
    for _, key in theirs.keys:
        with pytest.raises(VaultError):
            unseal(new.read_bytes(), key, theirs.identity + new.name.encode())
    (tmp_path / "vault/keyring").write_bytes(kept)
    with pytest.raises(VaultError):
        opened(tmp_path, BOB)


def test_all_present_people_open_a_rekeyed_vault(vault: Vault, tmp_path: Path) -> None:
    put(vault, b"old", added=1)
    vault.admit(BOB.public, now_s=NOW + 5)
    vault.rekey(now_s=NOW + 60)
    theirs = opened(tmp_path, BOB)
    assert bytes(theirs.read("entries") or b"") == b"old"
    theirs.rekey(now_s=NOW + 61)
    theirs.admit(EVE.public, now_s=NOW + 62)
    assert bytes(opened(tmp_path, EVE).read("entries") or b"") == b"old"


def test_a_command_that_opened_the_vault_before_a_rekeying_is_refused(vault: Vault, tmp_path: Path) -> None:
    other = opened(tmp_path)
    # Power went right after the key ring was written: the ledger does not show it yet.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Vault, "_commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            vault.rekey(now_s=NOW + 60)
    with pytest.raises(VaultError, match="another command changed the vault"):
        put(other, b"theirs", added=1)
    again = opened(tmp_path)
    put(again, b"mine", added=1)
    assert bytes(opened(tmp_path).read("entries") or b"") == b"mine"


@pytest.mark.parametrize("times", [MAX_KEYS - 2, MAX_KEYS - 1, MAX_KEYS])
def test_a_vault_is_rekeyed_so_often_at_most(vault: Vault, tmp_path: Path, times: int) -> None:
    for number in range(min(times, MAX_KEYS - 1)):
        vault.rekey(now_s=NOW + number)
    if times == MAX_KEYS:
        with pytest.raises(OfficeInputError, match="at most 64 keys"):
            vault.rekey(now_s=NOW + times)
    assert opened(tmp_path).records == vault.records


def test_a_power_cut_at_any_call_of_a_rekeying_loses_nothing(tmp_path: Path) -> None:
    template = tmp_path / "template"
    (template / "office").mkdir(parents=True)
    write_keys(template / KEY_FILE, ADA, PASSPHRASE, cost=CHEAP)
    vault = create(template / "office", ADA, now_s=NOW)
    put(vault, b"one", added=1)
    put(vault, b"two", added=2, slot="second")
    old_keys = len(vault._secret.keys)
    calls = cut("rekey vault", template, tmp_path / "remains")
    resealed = []
    for number in range(1, len(calls) + 2):
        office = tmp_path / "remains" / str(number) / "office"
        left = opened(office)
        contents = {slot: bytes(left.read(slot) or b"") for slot in left.slots()}
        assert contents == {"entries": b"one", "second": b"two"}
        resealed.append(sum(record.act is Act.FILE_RESEALED for record in left.records))
        assert left.rekey(now_s=NOW + 61) == 2, "the same command again finishes the work"
        again = opened(office)
        assert {slot: bytes(again.read(slot) or b"") for slot in again.slots()} == contents
        assert len(again._secret.keys) > old_keys
        assert len(list((office / "vault/store").iterdir())) == 2
    assert resealed == sorted(resealed)
    assert set(resealed) == {0, 1, 2}


@pytest.mark.parametrize(
    "data",
    [b"", bytes(16), bytes(55), bytes(57), bytes(56), bytes(16) + (2).to_bytes(8, "little") + bytes(32)],
)
def test_a_secret_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"a vault's|the data keys"):
        VaultSecret.unpack(data)


def test_each_record_is_under_the_key_of_its_number() -> None:
    secret = VaultSecret.new(bytes(16), b"a" * 32).with_key(5, b"b" * 32).with_key(5, b"c" * 32)
    assert VaultSecret.unpack(secret.pack()) == secret
    assert [secret.key_of(number)[:1] for number in (1, 4, 5, 6)] == [b"a", b"a", b"c", b"c"]


def test_a_damaged_key_ring_is_told(vault: Vault, tmp_path: Path) -> None:
    assert vault.people
    ring = tmp_path / "vault/keyring"
    whole = ring.read_bytes()
    for damaged in (whole[:-3], whole.replace(b"keyring 2", b"keyring 1"), b"[]"):
        ring.write_bytes(damaged)
        with pytest.raises(VaultError, match="keyring is damaged"):
            opened(tmp_path)
