"""A person's key file opens with its passphrase and in no other way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from nacl.pwhash import argon2id

from alprd.errors import OfficeInputError, StorageError
from alprd.office.people import make_person
from alprd.office.person_files import Cost, read_card, read_keys, write_card, write_keys

if TYPE_CHECKING:
    from pathlib import Path

CHEAP = Cost(passes=argon2id.OPSLIMIT_MIN, memory=argon2id.MEMLIMIT_MIN)
PASSPHRASE = "four words of mine"  # noqa: S105 - it opens nothing but what a test made


def test_a_key_file_gives_back_the_person(tmp_path: Path) -> None:
    keys = make_person(" Ada Roy ", "C-17")
    write_keys(tmp_path / "ada.key", keys, PASSPHRASE, cost=CHEAP)
    assert read_keys(tmp_path / "ada.key", PASSPHRASE).public == keys.public
    assert keys.public.name == "Ada Roy"


def test_a_card_gives_back_the_public_half(tmp_path: Path) -> None:
    person = make_person("Ada Roy", "C-17").public
    write_card(tmp_path / "ada.card", person)
    assert read_card(tmp_path / "ada.card") == person


def test_the_secrets_are_nowhere_in_the_key_file(tmp_path: Path) -> None:
    keys = make_person("Ada Roy", "C-17")
    write_keys(tmp_path / "ada.key", keys, PASSPHRASE, cost=CHEAP)
    content = (tmp_path / "ada.key").read_bytes()
    assert bytes(keys.signing) not in content
    assert bytes(keys.unsealing) not in content
    assert (tmp_path / "ada.key").stat().st_mode & 0o777 == 0o600


def test_another_passphrase_does_not_open_it(tmp_path: Path) -> None:
    write_keys(tmp_path / "ada.key", make_person("Ada Roy", "C-17"), PASSPHRASE, cost=CHEAP)
    with pytest.raises(OfficeInputError, match="passphrase does not open"):
        read_keys(tmp_path / "ada.key", PASSPHRASE + "!")


@pytest.mark.parametrize(("field", "value"), [("name", "Eve Roy"), ("badge", "C-18")])
def test_a_name_that_was_changed_in_the_file_does_not_open(tmp_path: Path, field: str, value: str) -> None:
    path = tmp_path / "ada.key"
    write_keys(path, make_person("Ada Roy", "C-17"), PASSPHRASE, cost=CHEAP)
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(OfficeInputError, match="passphrase does not open"):
        read_keys(path, PASSPHRASE)


@pytest.mark.parametrize("memory", [0, argon2id.MEMLIMIT_SENSITIVE + 1])
def test_a_cost_out_of_range_is_refused_before_it_is_paid(tmp_path: Path, memory: int) -> None:
    path = tmp_path / "ada.key"
    write_keys(path, make_person("Ada Roy", "C-17"), PASSPHRASE, cost=CHEAP)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"memory": memory}))
    with pytest.raises(OfficeInputError, match="cost of its passphrase"):
        read_keys(path, PASSPHRASE)


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OfficeInputError, match="at least 12 characters"):
        write_keys(tmp_path / "ada.key", make_person("Ada Roy", "C-17"), "eleven char", cost=CHEAP)
    assert not (tmp_path / "ada.key").exists()


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    write_keys(tmp_path / "ada.key", make_person("Ada Roy", "C-17"), PASSPHRASE, cost=CHEAP)
    with pytest.raises(StorageError):
        write_keys(tmp_path / "ada.key", make_person("Eve Roy", "C-18"), PASSPHRASE, cost=CHEAP)


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    write_keys(tmp_path / "ada.key", make_person("Ada Roy", "C-17"), PASSPHRASE, cost=CHEAP)
    (tmp_path / "ada.key").chmod(0o640)
    with pytest.raises(OfficeInputError, match="others may read it"):
        read_keys(tmp_path / "ada.key", PASSPHRASE)


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "Ada\x1b[2J"])
def test_a_person_has_a_name(name: str) -> None:
    with pytest.raises(OfficeInputError, match="name is missing"):
        make_person(name, "C-17")


@pytest.mark.parametrize("badge", ["", " ", "-", "x" * 17, "C 17", "Ç1"])
def test_a_person_has_a_badge(badge: str) -> None:
    with pytest.raises(OfficeInputError, match="badge number is missing"):
        make_person("Ada Roy", badge)
