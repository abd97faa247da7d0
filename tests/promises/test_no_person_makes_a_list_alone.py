"""Two different approvers sign the same bytes, or the unit takes nothing; and never an older list."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from alprd.errors import HotlistExpiredError, HotlistFormatError, HotlistRollbackError, HotlistTrustError
from alprd.hotlist.disk import HotlistStore
from alprd.keys.approvals import parse_trailer, trailer_bytes
from tests.vectors.hotlist.made import (
    CREATED,
    DAY,
    NOW,
    ROOT,
    SECOND,
    SIGNER,
    STRANGER,
    THIRD,
    UNIT,
    Made,
    unsigned,
)

if TYPE_CHECKING:
    from pathlib import Path

GOOD = Made().data()


def approvals_of(data: bytes) -> list[bytes]:
    found = parse_trailer(data[-trailer_bytes(2) :])
    return [one.public + one.signature for one in found]


def with_approvals(*approvals: bytes) -> bytes:
    return unsigned(GOOD) + b"".join(approvals) + struct.pack("<I", len(approvals))


@pytest.fixture
def store(tmp_path: Path) -> HotlistStore:
    return HotlistStore(tmp_path, root=ROOT, unit=UNIT)


def put(folder: Path, data: bytes) -> Path:
    path = folder / "candidate"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (Made(signers=(SIGNER,)).data(), HotlistTrustError),
        (with_approvals(*2 * approvals_of(GOOD)[:1]), HotlistFormatError),
        (with_approvals(approvals_of(GOOD)[0], approvals_of(Made(sequence=8).data())[1]), HotlistTrustError),
        (Made(signers=(SIGNER, STRANGER)).data(), HotlistTrustError),
        (Made(signers=(STRANGER,)).data(), HotlistTrustError),
    ],
    ids=["one", "one twice", "the second for another list", "one and a stranger", "a stranger"],
)
def test_a_list_that_two_did_not_sign_is_refused(
    store: HotlistStore, tmp_path: Path, data: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        store.install(put(tmp_path, data), now_s=NOW)
    assert store.floor() == 0


@pytest.mark.parametrize("signers", [(SIGNER, SECOND), (SECOND, THIRD), (SIGNER, THIRD)], ids=str)
def test_any_two_different_approvers_are_enough(
    store: HotlistStore, tmp_path: Path, signers: tuple[object, object]
) -> None:
    data = Made(signers=signers).data()  # type: ignore[arg-type]  # both are signing keys
    assert store.install(put(tmp_path, data), now_s=NOW).header.sequence == 7


def test_an_older_list_is_refused_whatever_the_clock_says(store: HotlistStore, tmp_path: Path) -> None:
    store.install(put(tmp_path, Made(sequence=8, created=NOW, expires=NOW + DAY).data()), now_s=NOW)
    for now_s in (0, CREATED, NOW, NOW + DAY - 1):
        with pytest.raises(HotlistRollbackError):
            store.install(put(tmp_path, GOOD), now_s=now_s)
    store.note_time(NOW + DAY)
    for now_s in (0, CREATED, NOW):
        with pytest.raises(HotlistExpiredError):
            store.load(now_s=now_s)
