from __future__ import annotations

import os
import resource
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from alprd.disk import discard, make_folder, publish, remove_leftovers, stage, write_durably
from alprd.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@contextmanager
def disk_full_at(size: int) -> Iterator[None]:
    """Have the kernel refuse writes beyond ``size`` bytes of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_file_is_written_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"one", b"", b"two" * 100_000):
        write_durably(path, content)
        assert path.read_bytes() == content
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_the_mode_is_the_one_asked_for_whatever_the_umask(tmp_path: Path, mode: int) -> None:
    before = os.umask(0o777)
    try:
        write_durably(tmp_path / "file", b"", mode=mode)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


def test_without_replace_an_existing_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, b"old", replace=False)
    with pytest.raises(StorageError, match="File exists"):
        write_durably(path, b"new", replace=False)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_full_disk_leaves_the_old_file_and_no_remains(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, b"old")
    with disk_full_at(1000), pytest.raises(StorageError, match="cannot be written: File too large"):
        write_durably(path, bytes(1001))
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_file_that_is_staged_has_no_name_yet(tmp_path: Path) -> None:
    path = tmp_path / "file"
    temp = stage(path, b"new")
    assert not path.exists()
    publish(temp, path, replace=True)
    assert path.read_bytes() == b"new"
    assert not temp.exists()


def test_discarding_and_leftovers_clear_only_temp_files(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"")
    discard(stage(tmp_path / "one", b"1"))
    stage(tmp_path / "two", b"2")
    assert remove_leftovers(tmp_path) == 1
    assert remove_leftovers(tmp_path) == 0
    assert names(tmp_path) == ["kept"]


def test_a_planted_link_in_place_of_the_temp_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"untouched")
    (tmp_path / ".alprd-new-file").symlink_to(tmp_path / "target")
    write_durably(tmp_path / "file", b"new")
    assert (tmp_path / "target").read_bytes() == b"untouched"
    assert not (tmp_path / "file").is_symlink()


def test_a_folder_is_made_for_its_owner_only_and_once(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    make_folder(folder)
    make_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(StorageError, match="No such file"):
        make_folder(tmp_path / "missing" / "folder")


def test_a_missing_folder_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        write_durably(tmp_path / "missing" / "file", b"")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_writes_belongs_to_the_folder_s_owner(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12346)
    write_durably(tmp_path / "file", b"")
    make_folder(tmp_path / "folder")
    for name in ("file", "folder"):
        owner = (tmp_path / name).stat()
        assert (owner.st_uid, owner.st_gid) == (12345, 12346)
