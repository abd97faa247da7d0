"""The root record: its bytes, who may sign which version, and that it never goes back."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import KeysError
from alprd.keys import ROOT_FILE, install_root, load_unit_keys, provision, read_root, write_root
from alprd.keys.root import RootRecord, check_first, check_successor, parse_root
from tests.sim.power_cut import CANDIDATE
from tests.vectors.hotlist.made import CREATED, ROOT, ROOT_RECORD, SECOND, SIGNER, STRANGER, THIRD, root_of

if TYPE_CHECKING:
    from nacl.signing import SigningKey

    from alprd.keys.root import Root

DATA = ROOT_RECORD.pack()
TREE = Path(__file__).resolve().parents[2]


def signed(root: Root, *signers: SigningKey) -> RootRecord:
    record = RootRecord(root=root, approvals=())
    for signer in signers:
        record = record.approved_by(signer)
    return record


NEXT = root_of(SIGNER, THIRD, STRANGER, version=2)


def test_a_record_is_read_as_it_was_written() -> None:
    assert parse_root(DATA) == ROOT_RECORD
    assert len(DATA) == 88 + 3 * 64 + 2 * 96 + 4
    check_first(parse_root(DATA))


def test_every_flipped_bit_and_every_cut_is_refused() -> None:
    refused = 0
    for bit in range(8 * len(DATA)):
        changed = bytearray(DATA)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KeysError):
            check_against(bytes(changed))
        refused += 1
    for size in [*range(len(DATA)), len(DATA) + 1]:
        with pytest.raises(KeysError):
            parse_root((DATA + b"\0")[:size])
    assert refused == 8 * len(DATA)


def check_against(data: bytes) -> None:
    """Read ``data`` as a unit does whose installer compares the fingerprint."""
    record = parse_root(data)
    check_first(record)
    if record.root.fingerprint != ROOT.fingerprint:
        raise KeysError("another fingerprint")


@given(st.binary(max_size=600))
def test_arbitrary_bytes_give_a_keys_error(data: bytes) -> None:
    for attempt in (data, b"ALPRROOT\x01\0" + data):
        with pytest.raises(KeysError):
            parse_root(attempt)


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": 1},
        {"threshold": 4},
        {"version": 0},
        {"version": 2**32},
        {"expires": CREATED - 86_400},
        {"expires": 2**32},
        {"service": ""},
        {"service": "x" * 33},
        {"approvers": ROOT.approvers[::-1]},
        {"approvers": ROOT.approvers[:1]},
        {"approvers": (ROOT.approvers[0], ROOT.approvers[0])},
    ],
    ids=str,
)
def test_a_record_beyond_a_limit_is_not_made(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"threshold|version|expires|name|approvers"):
        replace(ROOT, **change)  # type: ignore[arg-type]  # the wrong values are the point


@pytest.mark.parametrize("signers", [[], [SIGNER], [SIGNER, STRANGER]], ids=["none", "one", "stranger"])
def test_a_first_record_that_its_approvers_did_not_sign_is_refused(signers: list[SigningKey]) -> None:
    with pytest.raises(KeysError):
        check_first(signed(ROOT, *signers))


def test_the_next_record_is_believed_when_the_present_approvers_signed_it() -> None:
    check_successor(signed(NEXT, SIGNER, SECOND), ROOT)


@pytest.mark.parametrize(
    ("root", "signers", "because"),
    [
        (NEXT, [SIGNER], "2 approvers are needed"),
        (NEXT, [STRANGER, THIRD], "no approver"),
        (NEXT, [SIGNER, SECOND, STRANGER], "no approver"),
        (replace(NEXT, version=3), [SIGNER, SECOND], "takes version 2"),
        (replace(NEXT, version=1), [SIGNER, SECOND], "takes version 2"),
        (replace(NEXT, service="Another"), [SIGNER, SECOND], "another service"),
    ],
    ids=["one", "new ones", "one too many", "skips", "goes back", "service"],
)
def test_any_other_next_record_is_refused(root: Root, signers: list[SigningKey], because: str) -> None:
    with pytest.raises(KeysError, match=because):
        check_successor(signed(root, *signers), ROOT)


def test_a_unit_takes_over_the_next_record_and_never_goes_back(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    write_root(tmp_path / "first", ROOT_RECORD)
    write_root(tmp_path / "second", signed(NEXT, SIGNER, SECOND))
    provision(keys, "car-1", tmp_path / "first")
    assert install_root(keys, tmp_path / "second") == NEXT
    assert load_unit_keys(keys).root == NEXT
    for old in ("first", "second"):
        with pytest.raises(KeysError, match="this unit takes version 3"):
            install_root(keys, tmp_path / old)
    assert read_root(keys / ROOT_FILE).root == NEXT


def test_a_power_cut_at_any_call_leaves_the_old_record_or_the_next(tmp_path: Path) -> None:
    template, remains = tmp_path / "template", tmp_path / "remains"
    for folder in (template, remains):
        folder.mkdir()
    write_root(tmp_path / "first", ROOT_RECORD)
    provision(template, "car-1", tmp_path / "first")
    write_root(template / CANDIDATE, signed(NEXT, SIGNER, SECOND))
    words = [sys.executable, "-m", "tests.sim.power_cut", "install-root", str(template), str(remains)]
    subprocess.run(words, cwd=TREE, check=True)
    calls = (remains / "calls").read_text("utf-8").split()
    assert "write fsync close rename open fsync close" in " ".join(calls), "flushed before it is named"
    found = []
    for number in range(1, len(calls) + 2):
        keys = remains / str(number)
        found.append(load_unit_keys(keys).root)
        if found[-1] == ROOT:
            assert install_root(keys, keys / CANDIDATE) == NEXT, "the next installation goes through"
    after = calls.index("rename") + 1
    assert found == [ROOT] * after + [NEXT] * (len(found) - after)


def test_a_unit_is_not_provisioned_with_a_record_that_nobody_signed(tmp_path: Path) -> None:
    write_root(tmp_path / "bad", signed(ROOT, SIGNER))
    with pytest.raises(KeysError, match="2 approvers are needed"):
        provision(tmp_path, "car-1", tmp_path / "bad")
    assert not (tmp_path / ROOT_FILE).exists()
