"""A chain's file: opened and mended, appended to and flushed, by one writer at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Final

from alprd.chain.records import (
    MAX_TORN,
    Chain,
    ChainKind,
    FaultKind,
    Head,
    check_chain,
    make_record,
    read_chain,
)
from alprd.disk import OWNER_ONLY, make_folder, sync_folder
from alprd.errors import ChainError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nacl.signing import SigningKey, VerifyKey

MAX_BYTES: Final = 256 << 20


class ChainFile:
    """The chain at ``path``, to be appended to with ``key``. Opening makes the file, and mends a torn end.

    ``mended(bytes)`` gives the fields of the record that says so. Raises `ChainError` for a chain that
    was tampered with, and `StorageError`.
    """

    def __init__(
        self,
        path: Path,
        kind: ChainKind,
        key: SigningKey,
        mended: Callable[[int], Mapping[str, object]],
    ) -> None:
        self._path, self._kind, self._key, self._mended = path, kind, key, mended
        self._head, self._end = Head(), 0
        make_folder(path.parent)
        try:
            is_new = not path.exists()
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._handle = os.open(path, flags, OWNER_ONLY)
            if is_new:
                self._give_to_owner()
                sync_folder(path.parent)
        except OSError as error:
            raise StorageError(f"{path} cannot be opened: {error.strerror}") from None
        try:
            with self._locked():
                self._read_on()
        except BaseException:
            self.close()
            raise

    @property
    def head(self) -> Head:
        """The head of the last record that this writer knows of."""
        return self._head

    def append(self, fields: Mapping[str, object]) -> Head:
        """Append a record with ``fields`` and flush it; return the new head.

        Raises `StorageError` with nothing appended that counts, and `ChainError`.
        """
        with self._locked():
            self._read_on()
            record = make_record(self._kind, self._head, fields, self._key)
            self._write(record, self._end)
            self._move_to(record, self._end)
            return self._head

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._handle)

    def _read_on(self) -> None:
        """Take in what others appended since, and mend a torn end."""
        size = os.fstat(self._handle).st_size
        if size == self._end:
            return
        chain = self._read(size)
        fault = chain.fault
        is_torn = fault is not None and fault.kind is FaultKind.TORN and size - chain.end <= MAX_TORN
        if is_torn and chain.head.number >= self._head.number:
            self._mend(chain, size)
            return
        check_chain(chain)
        self._head, self._end = chain.head, chain.end

    def _mend(self, chain: Chain, size: int) -> None:
        record = make_record(self._kind, chain.head, self._mended(size - chain.end), self._key)
        self._write(record, chain.end)
        self._head = chain.head
        self._move_to(record, chain.end)
        os.ftruncate(self._handle, self._end)
        os.fsync(self._handle)

    def _move_to(self, record: bytes, place: int) -> None:
        self._head, self._end = Head.of(record, self._head.number + 1), place + len(record)

    def _read(self, size: int) -> Chain:
        if size > MAX_BYTES:
            raise ChainError(f"{self._path} has more than {MAX_BYTES} bytes")
        return read_chain(os.pread(self._handle, size, 0), self._kind, self._key.verify_key, (self._head,))

    def _write(self, data: bytes, place: int) -> None:
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self._handle, rest, place)
            rest, place = rest[written:], place + written
        os.fsync(self._handle)

    def _give_to_owner(self) -> None:
        if os.geteuid() == 0:  # made by an installer, for the daemon
            owner = self._path.parent.stat()
            os.fchown(self._handle, owner.st_uid, owner.st_gid)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise StorageError(f"{self._path} cannot be written: {said}") from None


def read_file(path: Path, kind: ChainKind, key: VerifyKey, known: tuple[Head, ...] = ()) -> Chain:
    """Read and check the chain at ``path``. Raises `StorageError`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise StorageError(f"{path} has more than {MAX_BYTES} bytes")
    return read_chain(data, kind, key, known)
