from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from alprd.errors import (
    CustodianError,
    HotlistExpiredError,
    HotlistFormatError,
    HotlistRollbackError,
    HotlistTrustError,
    StorageError,
)
from alprd.hotlist.blob import MAX_BYTES
from alprd.hotlist.build import build_delta
from alprd.hotlist.disk import FLOOR_FILE, LIST_FILE, TIME_FILE, HotlistStore
from tests.sim.power_cut import CANDIDATE
from tests.vectors.hotlist.made import (
    CREATED,
    DAY,
    DETAILS_KEY,
    FULL,
    GOOD_ROW,
    NOW,
    OTHER_UNIT,
    ROOT,
    SIGNER,
    STRANGER,
    TAG_KEY,
    UNIT,
    Made,
    columns_of,
)

TREE = Path(__file__).resolve().parents[3]
FILES = [CANDIDATE, LIST_FILE, FLOOR_FILE, TIME_FILE]


def store_in(folder: Path) -> HotlistStore:
    return HotlistStore(folder, root=ROOT, unit=UNIT)


def put(path: Path, made: Made) -> Path:
    path.write_bytes(made.data())
    return path


@pytest.fixture
def store(tmp_path: Path) -> HotlistStore:
    """Return a store with list 7 installed."""
    store = store_in(tmp_path)
    store.install(put(tmp_path / CANDIDATE, Made(sequence=7)), now_s=NOW)
    return store


def test_an_installed_list_is_loaded_again(store: HotlistStore, tmp_path: Path) -> None:
    assert store.load(now_s=NOW).header.sequence == 7
    assert store.floor() == 7
    assert (tmp_path / LIST_FILE).read_bytes() == Made(sequence=7).data()
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES


def test_a_unit_without_a_list_says_so(tmp_path: Path) -> None:
    with pytest.raises(CustodianError, match="no hotlist is installed") as refusal:
        store_in(tmp_path).load(now_s=NOW)
    assert type(refusal.value) is CustodianError
    assert store_in(tmp_path).floor() == 0


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (Made(sequence=8, signers=(SIGNER, STRANGER)), HotlistTrustError),
        (Made(sequence=8, signers=(SIGNER,)), HotlistTrustError),
        (Made(sequence=8, units=(OTHER_UNIT,)), HotlistTrustError),
        (Made(sequence=8, created=NOW + 301, expires=NOW + DAY), HotlistTrustError),
        (Made(sequence=8, rows=((1, 0, 0, 0, 19, 1, 0),)), HotlistFormatError),
        (Made(sequence=6), HotlistRollbackError),
        (Made(sequence=7, created=CREATED - 9, expires=NOW), HotlistExpiredError),
    ],
    ids=["stranger", "one approval", "unit", "future", "rows", "older", "expired"],
)
def test_a_bad_list_never_replaces_a_good_one(
    store: HotlistStore, tmp_path: Path, bad: Made, error: type[CustodianError]
) -> None:
    with pytest.raises(error):
        store.install(put(tmp_path / CANDIDATE, bad), now_s=NOW)
    assert store.floor() == 7
    assert store.load(now_s=NOW).header.sequence == 7
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES


def test_an_expired_list_raises_the_floor_over_the_installed_one(store: HotlistStore, tmp_path: Path) -> None:
    newer = put(tmp_path / CANDIDATE, Made(sequence=9, expires=NOW))
    with pytest.raises(HotlistExpiredError):
        store.install(newer, now_s=NOW)
    assert store.floor() == 9
    with pytest.raises(HotlistRollbackError, match="has sequence 7; this unit has seen 9"):
        store.load(now_s=NOW)


def test_a_list_from_the_future_does_not_raise_the_floor(store: HotlistStore, tmp_path: Path) -> None:
    future = put(tmp_path / CANDIDATE, Made(sequence=9, created=NOW + 301, expires=NOW + DAY))
    with pytest.raises(HotlistTrustError, match="future"):
        store.install(future, now_s=NOW)
    assert store.floor() == 7


def test_an_installed_list_that_expires_is_refused_on_loading(store: HotlistStore) -> None:
    with pytest.raises(HotlistExpiredError):
        store.load(now_s=CREATED + DAY)


def test_the_floor_never_falls(store: HotlistStore, tmp_path: Path) -> None:
    store.install(put(tmp_path / CANDIDATE, Made(sequence=20)), now_s=NOW)
    put(tmp_path / LIST_FILE, Made(sequence=19))
    with pytest.raises(HotlistRollbackError):
        store.load(now_s=NOW)
    assert store.floor() == 20


def test_loading_makes_up_for_a_floor_that_was_not_written(store: HotlistStore, tmp_path: Path) -> None:
    (tmp_path / FLOOR_FILE).unlink()
    store.load(now_s=NOW)
    assert store.floor() == 7


@pytest.mark.parametrize(
    "text", [b"", b"7", b"seven\n", b"-7\n", b"9223372036854775808\n", b"7\n7\n"], ids=repr
)
def test_a_damaged_floor_lets_no_list_in(store: HotlistStore, tmp_path: Path, text: bytes) -> None:
    (tmp_path / FLOOR_FILE).write_bytes(text)
    with pytest.raises(StorageError, match="is damaged"):
        store.load(now_s=NOW)


def test_the_clock_never_runs_back_over_an_installed_list(store: HotlistStore, tmp_path: Path) -> None:
    assert store.time_floor() == CREATED
    store.note_time(CREATED + DAY)
    store.note_time(NOW)
    assert store.time_floor() == CREATED + DAY
    with pytest.raises(HotlistExpiredError):
        store.load(now_s=NOW)
    assert (tmp_path / TIME_FILE).read_bytes() == b"%d\n" % (CREATED + DAY)


def test_a_damaged_time_floor_lets_no_list_in(store: HotlistStore, tmp_path: Path) -> None:
    (tmp_path / TIME_FILE).write_bytes(b"")
    with pytest.raises(StorageError, match="is damaged"):
        store.load(now_s=NOW)


def test_a_list_keeps_its_details_when_another_is_installed(store: HotlistStore, tmp_path: Path) -> None:
    store.install(put(tmp_path / CANDIDATE, Made(sequence=8, details={0: FULL})), now_s=NOW)
    index = store.load(now_s=NOW)
    store.install(put(tmp_path / CANDIDATE, Made(sequence=9)), now_s=NOW)
    assert index.person(0, "ABCD123") == FULL.person


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / CANDIDATE).open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(HotlistFormatError, match=str(MAX_BYTES + 1)):
        store_in(tmp_path).install(tmp_path / CANDIDATE, now_s=NOW)


@pytest.mark.parametrize("name", ["nothing", "."])
def test_what_cannot_be_read_is_a_storage_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        store_in(tmp_path).install(tmp_path / name, now_s=NOW)


def test_a_power_cut_at_any_call_leaves_the_base_or_the_base_with_its_delta(
    store: HotlistStore, tmp_path: Path
) -> None:
    assert store.floor() == 7
    template, remains = tmp_path / "template", tmp_path / "remains"
    for folder in (template, remains):
        folder.mkdir()
    for name in (LIST_FILE, FLOOR_FILE, TIME_FILE):
        (tmp_path / name).rename(template / name)
    rows = columns_of([GOOD_ROW])
    built = build_delta(rows, rows.rows(slice(0, 0)), tag_key=TAG_KEY, details_key=DETAILS_KEY)
    (template / CANDIDATE).write_bytes(Made(sequence=8, base=7).data(built))
    subprocess.run(
        [sys.executable, "-m", "tests.sim.power_cut", "install", template, remains], cwd=TREE, check=True
    )
    calls = (remains / "calls").read_text("utf-8").split()
    found = []
    for number in range(1, len(calls) + 2):
        index = store_in(remains / str(number)).load(now_s=NOW)
        found.append((index.header.sequence, len(index)))
    after = calls.index("rename") + 1
    assert found == [(7, 1)] * after + [(8, 0)] * (len(found) - after)


def test_a_power_cut_at_any_call_leaves_the_old_list_or_the_new(store: HotlistStore, tmp_path: Path) -> None:
    assert store.floor() == 7
    template, remains = tmp_path / "template", tmp_path / "remains"
    for folder in (template, remains):
        folder.mkdir()
    for name in (LIST_FILE, FLOOR_FILE, TIME_FILE):
        (tmp_path / name).rename(template / name)
    put(template / CANDIDATE, Made(sequence=8, created=CREATED + 1))
    subprocess.run(
        [sys.executable, "-m", "tests.sim.power_cut", "install", template, remains], cwd=TREE, check=True
    )
    calls = (remains / "calls").read_text("utf-8").split()
    flushed = "write fsync close rename open fsync close"
    done = " ".join(calls).replace("close open rename", "close rename")  # the copy is opened before it counts
    assert done.count(flushed) == 3, "the list, then the floors: flushed before they are named"
    found = []
    for number in range(1, len(calls) + 2):
        left = store_in(remains / str(number))
        found.append(left.load(now_s=NOW).header.sequence)
        left.install(put(remains / str(number) / CANDIDATE, Made(sequence=9)), now_s=NOW)
        names = sorted(path.name for path in (remains / str(number)).iterdir())
        assert names == FILES, "the next installation clears what was left"
    after = calls.index("rename") + 1
    assert found == [7] * after + [8] * (len(found) - after)
