"""The installed hotlist on the unit's disk, and the floor under which no list is accepted."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from alprd.disk import discard, publish, remove_leftovers, stage, write_durably
from alprd.errors import CustodianError, HotlistFormatError, StorageError
from alprd.hotlist import blob as hotlist_blob
from alprd.hotlist import trust
from alprd.hotlist.index import open_index
from alprd.memory import locked_array

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from nacl.public import PrivateKey
    from nacl.signing import VerifyKey
    from numpy.typing import NDArray

    from alprd.hotlist.blob import HotlistBlob
    from alprd.hotlist.index import HotlistIndex

LIST_FILE: Final = "current.hotlist"
FLOOR_FILE: Final = "hotlist.floor"
_MAX_FLOOR_BYTES: Final = 20


class HotlistStore:
    """The installed hotlist and the floor, in ``folder``, for one ``signer`` and the ``unit``'s own key."""

    def __init__(self, folder: Path, *, signer: VerifyKey, unit: PrivateKey) -> None:
        self._folder = folder
        self._path = folder / LIST_FILE
        self._signer = signer
        self._unit = unit

    def load(self, *, now_s: int) -> HotlistIndex:
        """Open the installed list as of ``now_s`` (Unix seconds).

        Raises `CustodianError` when none is installed, its subclasses `HotlistFormatError`,
        `HotlistTrustError`, `HotlistRollbackError` and `HotlistExpiredError` when it is not to be
        believed, and `StorageError` when the disk fails.
        """
        if not self._path.exists():
            raise CustodianError(
                f"no hotlist is installed in {self._folder}",
                hint="Install the office's newest list with `alprctl hotlist install FILE`.",
            )
        blob = hotlist_blob.parse(_read_locked(self._path))
        self._check(blob, now_s)
        return open_index(blob, self._unit)

    def install(self, source: Path, *, now_s: int) -> HotlistIndex:
        """Take over the list in the file ``source`` and return it opened.

        It is checked in full before it takes the installed list's place in one step; when any check
        fails, the installed list stays. The errors are those of `load`.
        """
        blob = hotlist_blob.parse(_read_locked(source))
        with self._alone():
            remove_leftovers(self._folder)
            self._check(blob, now_s, is_candidate=True)
            temp = stage(self._path, blob.data.data)  # the sealed bytes: opening decrypts them where they lie
            try:
                index = open_index(blob, self._unit)
            except BaseException:
                discard(temp)
                raise
            publish(temp, self._path, replace=True)
            # After the list: a floor above the installed list would leave the unit without any.
            self._raise_floor(blob.header.sequence)
        return index

    def floor(self) -> int:
        """Return the highest sequence seen, 0 before the first list. Raises `StorageError`."""
        path = self._folder / FLOOR_FILE
        try:
            with path.open("rb") as file:
                text = file.read(_MAX_FLOOR_BYTES + 1)
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise StorageError(f"{path} cannot be read: {error.strerror}") from None
        # Fail closed: a damaged floor must not let an old list in.
        if not text.endswith(b"\n") or not text[:-1].isdigit() or int(text) > hotlist_blob.MAX_SEQUENCE:
            raise StorageError(
                f"{path} is damaged: one number is expected",
                hint="Write the newest accepted list's sequence into it; the custodian knows it.",
            )
        return int(text)

    def _check(self, blob: HotlistBlob, now_s: int, *, is_candidate: bool = False) -> None:
        floor = trust.authenticate(blob, signer=self._signer, floor=self.floor(), now_s=now_s)
        try:
            trust.check_in_date(blob, now_s=now_s)
        except CustodianError:
            self._raise_floor(floor)
            raise
        if not is_candidate:
            self._raise_floor(floor)

    def _raise_floor(self, sequence: int) -> None:
        if sequence > self.floor():
            write_durably(self._folder / FLOOR_FILE, b"%d\n" % sequence)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep a second installation waiting while one is under way."""
        try:
            handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise StorageError(f"{self._folder} cannot be opened: {error.strerror}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _read_locked(path: Path) -> NDArray[np.uint8]:
    """Read a hotlist file into a locked array of its size; the size is checked before a byte is read."""
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            hotlist_blob.check_size(size)
            data: NDArray[np.uint8] = locked_array(size, "uint8")
            room = data.data
            while room and (count := file.readinto(room)):
                room = room[count:]
            if room or file.read(1):
                raise HotlistFormatError(f"{path} changed while it was read")
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from None
    return data
