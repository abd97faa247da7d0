"""A change of approvers, with the commands that people type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.cli import alpr_office, alprctl
from alprd.keys import read_root
from alprd.office.workspace import approver_folder

if TYPE_CHECKING:
    from pathlib import Path


ME = ("--reason", "maintenance", "--badge", "0042")


def run(capsys: pytest.CaptureFixture[str], program: object, *words: object) -> tuple[int, str, str]:
    code = program.main([str(word) for word in words])  # type: ignore[attr-defined]  # both are commands
    said = capsys.readouterr()
    return code, said.out, said.err


def test_an_approver_is_replaced_and_a_unit_takes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office, state, draft = tmp_path / "office", tmp_path / "state", tmp_path / "next.root"
    second, third = approver_folder(office), tmp_path / "third"
    state.mkdir()
    assert run(capsys, alpr_office, "init", office)[0] == 0
    provision = ("--unit", "car-1", "--state", state, "--office", office / "office.root")
    assert run(capsys, alprctl, "provision", *provision, "--out", tmp_path / "unit.pub")[0] == 0
    _, out, _ = run(capsys, alpr_office, "approver", "new", office, third)
    key = out.splitlines()[0].removeprefix("key: ")
    change = ("--add", "J. Roy", key, "--drop", "second approver", "--out", draft)
    code, out, _ = run(capsys, alpr_office, "root", "draft", office, *change)
    assert code == 0
    assert "root version 2: " in out
    assert "; 1 approvals" in out
    code, out, err = run(capsys, alprctl, "root", "install", draft, "--state", state)
    assert (code, out) == (15, "")
    assert "2 approvers are needed; found 1" in err
    code, out, _ = run(capsys, alpr_office, "root", "approve", second, draft)
    assert code == 0
    assert "; 2 approvals" in out
    assert run(capsys, alpr_office, "root", "take", office, draft)[0] == 0
    code, out, _ = run(capsys, alprctl, "root", "install", draft, "--state", state)
    assert code == 0
    assert out.startswith("installed: root version 2 of Police service, 2 of 2 approvers, good to 20")
    _, out, _ = run(capsys, alprctl, "audit", "show", "--state", state, *ME)
    (noted,) = (line for line in out.splitlines() if "root installed" in line)
    assert "update" in noted
    assert "version 2" in noted
    _, out, _ = run(capsys, alprctl, "root", "show", "--state", state)
    assert f"fingerprint: {read_root(draft).root.fingerprint}" in out
    assert "approver: J. Roy" in out
    _, out, _ = run(capsys, alpr_office, "root", "show", office)
    assert "J. Roy" in out
    assert "second approver" not in out


@pytest.mark.parametrize("key", ["", "x", "A" * 44])
def test_what_is_no_key_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str) -> None:
    assert run(capsys, alpr_office, "init", tmp_path / "office")[0] == 0
    words = ("root", "draft", tmp_path / "office", "--add", "J. Roy", key, "--out", tmp_path / "next.root")
    code, _, err = run(capsys, alpr_office, *words)
    assert code == 35
    assert "an approver's key is 32 bytes in base64" in err
    assert not (tmp_path / "next.root").exists()
