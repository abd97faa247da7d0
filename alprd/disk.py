"""The durable write: a file is there whole or not at all, whenever the power goes.

Temp file beside the target, fsync, rename (or link, where nothing may be replaced), fsync of the
folder. The steps are separate functions so that a caller can check what it staged before it counts.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

from alprd.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

OWNER_ONLY: Final = 0o600
FOLDER_OWNER_ONLY: Final = 0o700
_TEMP_PREFIX: Final = ".alprd-new-"
_SHRED_BYTES: Final = 1 << 20
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_durably(
    path: Path, data: bytes | memoryview, *, replace: bool = True, mode: int = OWNER_ONLY
) -> None:
    """Make ``data`` the whole content of ``path``, durably. Raises `StorageError`.

    With ``replace`` an older file is replaced in one step; without it, an existing file is an error
    and stays as it is.
    """
    publish(stage(path, data, mode=mode), path, replace=replace)


def stage(path: Path, data: bytes | memoryview, *, mode: int = OWNER_ONLY) -> Path:
    """Write ``data`` to a temp file beside ``path`` and flush it to the disk; return the temp file.

    Written by root, the file belongs to the folder's owner, so that the daemon can read what an
    installer put there. Raises `StorageError` with no temp file left.
    """
    return stage_pieces(path, [data], mode=mode)


def stage_pieces(path: Path, pieces: Iterable[bytes | memoryview], *, mode: int = OWNER_ONLY) -> Path:
    """Do as `stage` does with a file in ``pieces``. When getting one fails, no temp file is left."""
    temp = path.with_name(_TEMP_PREFIX + path.name)
    try:
        temp.unlink(missing_ok=True)
        handle = os.open(temp, _CREATE, mode)
        try:
            _set_owner(handle, path.parent, mode)
            for piece in pieces:
                _write_all(handle, piece)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        discard(temp)
        _refuse(path, error)
    except BaseException:
        discard(temp)
        raise
    return temp


def publish(temp: Path, path: Path, *, replace: bool) -> None:
    """Give a staged file its name and flush the folder. Raises `StorageError`; see `write_durably`."""
    try:
        if replace:
            temp.rename(path)
        else:
            os.link(temp, path)  # rename would replace
            temp.unlink()
        sync_folder(path.parent)
    except OSError as error:
        discard(temp)
        _refuse(path, error)


def discard(temp: Path) -> None:
    """Remove a staged file that is not wanted. Never raises: the next opening removes leftovers too."""
    with suppress(OSError):
        temp.unlink(missing_ok=True)


def shred(path: Path) -> None:
    """Overwrite ``path`` with zeros and flush it; its name stays. Raises `OSError`.

    It reaches the old bytes where the file system writes in place; flash memory may keep them for a while.
    """
    handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        rest = os.fstat(handle).st_size
        while rest:
            rest -= os.write(handle, bytes(min(rest, _SHRED_BYTES)))
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(folder: Path) -> int:
    """Remove the temp files that a power cut left in ``folder``; return how many. Raises `StorageError`."""
    removed = 0
    try:
        for leftover in folder.glob(f"{_TEMP_PREFIX}*"):
            leftover.unlink()
            removed += 1
        if removed:
            sync_folder(folder)
    except OSError as error:
        _refuse(folder, error)
    return removed


def make_folder(folder: Path) -> None:
    """Make ``folder``, for its owner only, if it is not there; its parent must be. Raises `StorageError`.

    Made by root, it belongs to the parent's owner.
    """
    try:
        if folder.is_dir():
            return
        folder.mkdir(mode=FOLDER_OWNER_ONLY)
        if os.geteuid() == 0:
            owner = folder.parent.stat()
            os.chown(folder, owner.st_uid, owner.st_gid)
        sync_folder(folder.parent)
    except OSError as error:
        _refuse(folder, error)


def sync_folder(folder: Path) -> None:
    """Flush ``folder``'s own entries to the disk. Raises `OSError`."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _set_owner(handle: int, folder: Path, mode: int) -> None:
    """Give a new file its mode, and when root made it its folder's owner.

    A memory stick's file system knows neither; there a file that all may read can lie all the same.
    """
    try:
        os.fchmod(handle, mode)  # the umask must not decide who can read it
        if os.geteuid() == 0:
            owner = folder.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
    except PermissionError:
        if mode == OWNER_ONLY:
            raise


def _write_all(handle: int, data: bytes | memoryview) -> None:
    rest = memoryview(data).cast("B")
    while rest:
        rest = rest[os.write(handle, rest) :]


def _refuse(path: Path, error: OSError) -> NoReturn:
    raise StorageError(f"{path} cannot be written: {error.strerror or type(error).__name__}") from None
