from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alprd.errors import KeysError, StorageError
from alprd.keys import (
    ROOT_FILE,
    UNIT_KEYS_FILE,
    load_unit_keys,
    provision,
    read_root,
    read_secret,
    read_unit_public,
    write_root,
    write_secret,
    write_unit_public,
)
from alprd.keys.names import is_unit_name
from tests.vectors.hotlist.made import ROOT_RECORD

if TYPE_CHECKING:
    from pathlib import Path

OFFICE = ROOT_RECORD.root


@pytest.fixture
def office_file(tmp_path: Path) -> Path:
    path = tmp_path / "from-the-office.root"
    write_root(path, ROOT_RECORD)
    return path


@pytest.fixture
def folder(tmp_path: Path, office_file: Path) -> Path:
    """Return the keys folder of a provisioned unit."""
    folder = tmp_path / "keys"
    folder.mkdir()
    provision(folder, "car-12", office_file)
    return folder


def test_a_provisioned_unit_has_its_keys_and_its_office_s(tmp_path: Path, office_file: Path) -> None:
    made = provision(tmp_path, "car-12", office_file)
    loaded = load_unit_keys(tmp_path)
    assert loaded == made
    assert loaded.unit == "car-12"
    assert (loaded.root, loaded.office_evidence) == (OFFICE, OFFICE.evidence)
    assert bytes(loaded.unsealing) != bytes(loaded.signing)


def test_the_secrets_are_for_the_owner_only(folder: Path) -> None:
    assert (folder / UNIT_KEYS_FILE).stat().st_mode & 0o777 == 0o600
    assert (folder / ROOT_FILE).stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o666])
def test_secrets_that_others_may_read_are_refused(folder: Path, mode: int) -> None:
    (folder / UNIT_KEYS_FILE).chmod(mode)
    with pytest.raises(KeysError, match="others may read it") as refusal:
        load_unit_keys(folder)
    assert "chmod 600" in refusal.value.next_step


def test_provisioning_again_is_refused_and_changes_nothing(folder: Path, office_file: Path) -> None:
    before = (folder / UNIT_KEYS_FILE).read_bytes()
    with pytest.raises(KeysError, match="the unit is provisioned"):
        provision(folder, "car-13", office_file)
    assert (folder / UNIT_KEYS_FILE).read_bytes() == before


def test_two_units_never_share_a_key(tmp_path: Path, office_file: Path) -> None:
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append(provision(tmp_path / name, name, office_file))
    keys = {bytes(key) for unit in made for key in (unit.unsealing, unit.signing)}
    assert len(keys) == 4


def test_a_missing_folder_is_not_made_up(tmp_path: Path, office_file: Path) -> None:
    with pytest.raises(StorageError):
        provision(tmp_path / "missing", "car-12", office_file)


@pytest.mark.parametrize("name", ["a", "car-12", "Z.9_x", "x" * 32])
def test_a_good_name_names_a_unit(name: str) -> None:
    assert is_unit_name(name)


@pytest.mark.parametrize("name", ["", "-a", ".hidden", "a b", "a/b", "a\n", "caf\u00e9", "x" * 33])
def test_a_bad_name_names_none(tmp_path: Path, office_file: Path, name: str) -> None:
    assert not is_unit_name(name)
    with pytest.raises(KeysError, match="cannot name a unit"):
        provision(tmp_path, name, office_file)
    assert not (tmp_path / UNIT_KEYS_FILE).exists()


def test_the_public_half_goes_to_the_office_and_back(folder: Path, tmp_path: Path) -> None:
    keys = load_unit_keys(folder)
    write_unit_public(tmp_path / "unit.pub", keys.public)
    assert read_unit_public(tmp_path / "unit.pub") == keys.public
    text = (tmp_path / "unit.pub").read_text("utf-8")
    secrets = json.loads((folder / UNIT_KEYS_FILE).read_text("utf-8"))
    assert secrets["unseal_secret"] not in text
    assert secrets["sign_secret"] not in text


def test_fingerprints_tell_keys_and_names_apart(folder: Path, tmp_path: Path, office_file: Path) -> None:
    unit = load_unit_keys(folder).public
    other = provision(tmp_path, "car-12", office_file).public
    assert unit.fingerprint != other.fingerprint
    assert len(OFFICE.fingerprint) == 24
    assert read_root(office_file).root.fingerprint == OFFICE.fingerprint


GOOD = {"format": "alprd unit 1", "unit": "car-1", "unseal": "A" * 43 + "=", "verify": "A" * 43 + "="}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 5000,
        '"text"',
        json.dumps({**GOOD, "extra": "x"}),
        json.dumps({**GOOD, "format": "alprd unit 2"}),
        json.dumps({**GOOD, "verify": 5}),
        json.dumps({**GOOD, "verify": "A" * 42 + "=="}),
        json.dumps({**GOOD, "verify": "A" * 43}),
        json.dumps({**GOOD, "verify": "*" + "A" * 42 + "="}),
        json.dumps({**GOOD, "verify": "\u00e9" * 44}),
        json.dumps({"format": GOOD["format"], "unit": "car-1", "verify": GOOD["verify"]}),
        json.dumps(GOOD)[:-1] + ', "verify": "' + GOOD["verify"] + '"}',
        json.dumps(GOOD) + " " * 4096,
    ],
)
def test_a_file_that_is_not_exactly_the_format_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "unit.pub").write_text(text, "utf-8")
    with pytest.raises(KeysError):
        read_unit_public(tmp_path / "unit.pub")
    (tmp_path / "unit.pub").write_text(json.dumps(GOOD), "utf-8")
    assert bytes(read_unit_public(tmp_path / "unit.pub").verify) == bytes(32)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_arbitrary_bytes_give_a_keys_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "any").write_bytes(data)
    with pytest.raises(KeysError):
        read_unit_public(tmp_path / "any")


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_read_is_a_keys_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeysError, match="cannot be read"):
        read_unit_public(tmp_path / name)
    with pytest.raises(KeysError, match="cannot be read"):
        read_root(tmp_path / name)


def test_a_secret_of_the_office_is_written_once_and_for_one_purpose(tmp_path: Path) -> None:
    path = tmp_path / "signer.key"
    write_secret(path, "hotlist signer", bytes(range(32)))
    assert read_secret(path, "hotlist signer") == bytes(range(32))
    with pytest.raises(KeysError, match="not a file of format 'alprd evidence key 1'"):
        read_secret(path, "evidence")
    with pytest.raises(StorageError, match="File exists"):
        write_secret(path, "hotlist signer", bytes(32))
    path.chmod(0o644)
    with pytest.raises(KeysError, match="others may read it"):
        read_secret(path, "hotlist signer")
