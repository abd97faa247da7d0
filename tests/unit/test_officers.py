"""The file of a unit's officers, and the pairing key: strict, owner-only, without a PIN."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from alprd.cli import alprctl
from alprd.errors import KeysError, PairingError
from alprd.keys import DASH_KEY_FILE, read_dash_key, write_dash_key
from alprd.keys.officers import (
    MAX_OFFICERS,
    OFFICERS_FILE,
    Officer,
    is_secret,
    make_officer,
    read_officers,
    write_officers,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIN = "1357"
DAY = "2027-03-31"


def officer(badge: str = "4711") -> Officer:
    return make_officer(badge=badge, secret=PIN, trained_until=DAY, undertaking=b"signed")


def test_a_pin_is_known_and_not_kept(tmp_path: Path) -> None:
    one = officer()
    assert is_secret(one, PIN)
    assert not is_secret(one, "1358")
    assert not is_secret(None, PIN)
    assert not is_secret(one, "é")
    path = tmp_path / OFFICERS_FILE
    write_officers(path, [one, officer("77")])
    assert PIN not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_officers(path) == {"4711": one, "77": read_officers(path)["77"]}
    assert PIN not in repr(one)


def test_without_a_file_there_is_no_officer(tmp_path: Path) -> None:
    assert read_officers(tmp_path / OFFICERS_FILE) == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(format="alprd officers 2"),
        lambda d: d.update(more=1),
        lambda d: d.pop("officers"),
        lambda d: d.update(officers={}),
        lambda d: d["officers"].append(d["officers"][0]),
        lambda d: d["officers"][0].update(badge="A B"),
        lambda d: d["officers"][0].update(badge="A" * 17),
        lambda d: d["officers"][0].update(trained_until="soon"),
        lambda d: d["officers"][0].update(undertaking="ab"),
        lambda d: d["officers"][0].update(secret_hash=PIN),
        lambda d: d["officers"][0].update(trained_until=5),
        lambda d: d["officers"][0].pop("badge"),
        lambda d: d["officers"].extend([d["officers"][0]] * MAX_OFFICERS),
    ],
)
def test_a_file_that_is_not_quite_right_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    path = tmp_path / OFFICERS_FILE
    write_officers(path, [officer()])
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(KeysError, match="no list of officers"):
        read_officers(path)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b" " * (1 << 20) + b"{}"])
def test_what_is_no_list_of_officers_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / OFFICERS_FILE
    path.write_bytes(content)
    with pytest.raises(KeysError):
        read_officers(path)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    return tmp_path


def command(state: Path, *words: str) -> int:
    return alprctl.main([*words, "--state", str(state)])


def test_officers_are_added_listed_and_removed(
    state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    undertaking = state / "undertaking.pdf"
    undertaking.write_bytes(b"signed")

    class Typed:
        def isatty(self) -> bool:
            return False

        def readline(self) -> str:
            return PIN + "\n"

    monkeypatch.setattr("sys.stdin", Typed())
    add = ("officer", "add", "4711", "--trained-until", DAY)
    assert command(state, *add) == 0
    assert "No undertaking was given" in capsys.readouterr().out
    assert command(state, *add, "--undertaking", str(undertaking)) == 0
    assert command(state, "officer", "add", "77", "--trained-until", "2020-01-01") == 0
    capsys.readouterr()
    assert command(state, "officer", "list") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == ["4711", "trained", "until", f"{DAY},", "undertaking", first.split()[-1]]
    assert "TRAINING OVER since 2020-01-01" in second
    assert "MISSING" in second
    assert command(state, "officer", "remove", "77") == 0
    assert command(state, "officer", "remove", "77") == KeysError.exit_code
    assert is_secret(read_officers(state / "keys" / OFFICERS_FILE)["4711"], PIN)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("4711", "--trained-until", "soon"), "cannot be added"),
        (("A B", "--trained-until", DAY), "cannot be added"),
        (("4711", "--trained-until", DAY, "--undertaking", "/nothing"), "/nothing cannot be read"),
        (("4711", "--trained-until", DAY, "--undertaking", "/dev/null"), "/dev/null is empty"),
    ],
)
def test_what_cannot_be_an_officer_is_said(
    state: Path,
    words: tuple[str, ...],
    said: str,
    *,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("alprd.cli.officer._secret", lambda: PIN)
    assert command(state, "officer", "add", *words) == KeysError.exit_code
    assert said in capsys.readouterr().err
    assert not (state / "keys" / OFFICERS_FILE).exists()


def test_a_unit_is_paired_once_and_anew_on_request(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = state / "copy.key"
    assert command(state, "pair", "--out", str(copy)) == 0
    first = read_dash_key(copy)
    assert first == read_dash_key(state / "keys" / DASH_KEY_FILE)
    assert command(state, "pair", "--out", str(copy)) == 0
    assert read_dash_key(copy) == first
    assert command(state, "pair", "--new", "--out", str(copy)) == 0
    assert read_dash_key(copy) != first
    assert first.hex() not in capsys.readouterr().out


def test_a_pairing_key_that_others_may_read_or_that_is_none_is_a_pairing_error(tmp_path: Path) -> None:
    path = tmp_path / DASH_KEY_FILE
    with pytest.raises(PairingError, match="cannot be read"):
        read_dash_key(path)
    write_dash_key(path, bytes(32), replace=False)
    path.chmod(0o644)
    with pytest.raises(PairingError, match="others may read it"):
        read_dash_key(path)
    write_dash_key(path, bytes(31), replace=True)
    with pytest.raises(PairingError, match="32 bytes"):
        read_dash_key(path)
