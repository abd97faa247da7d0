"""The pairing key of a unit and its dash: made once, owner-only, copied for the dash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.cli import alprctl
from alprd.errors import PairingError
from alprd.keys import DASH_KEY_FILE, read_dash_key, write_dash_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    return tmp_path


def command(state: Path, *words: str) -> int:
    return alprctl.main([*words, "--state", str(state)])


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
