"""The folder of sealed evidence records on the unit's disk."""

from __future__ import annotations

import contextlib
import fcntl
import os
import weakref
from typing import TYPE_CHECKING, Final

from alprd.disk import make_folder, remove_leftovers, write_durably
from alprd.errors import EvidenceError, StorageError
from alprd.evidence.body import MAX_SEQUENCE
from alprd.evidence.envelope import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX: Final = ".evidence"
LAST_FILE: Final = "last-sequence"
_DIGITS: Final = 10
_MAX_LAST_BYTES: Final = 20


def record_name(sequence: int) -> str:
    """Return the file name of record ``sequence``."""
    return f"{sequence:0{_DIGITS}d}{SUFFIX}"


def list_records(folder: Path) -> list[Path]:
    """Return the records in ``folder``, sorted by name. Raises `StorageError`."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX and path.stem.isdigit())
    except OSError as error:
        raise StorageError(f"{folder} cannot be read: {error.strerror}") from None


def read_record(path: Path) -> bytes:
    """Read one record; its size is capped. Raises `EvidenceError` when it is too large or unreadable."""
    try:
        with path.open("rb") as file:
            record = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}", hint="Check the path.") from None
    if len(record) > MAX_BYTES:
        raise EvidenceError(f"{path} has more than {MAX_BYTES} bytes: it is no evidence record")
    return record


def read_last(folder: Path) -> int:
    """Return the highest number that ``folder`` remembers apart from its records; 0 when it has none.

    Raises `StorageError`.
    """
    path = folder / LAST_FILE
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_LAST_BYTES + 1)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from None
    if not text.endswith(b"\n") or not text[:-1].isdigit() or int(text) > MAX_SEQUENCE:
        raise StorageError(
            f"{path} is damaged: one number is expected",
            hint="Write the highest sequence into it that the office has of this unit.",
        )
    return int(text)


class EvidenceStore:
    """Appends sealed records to ``folder``, each durably, none ever replaced. One process at a time.

    Opening makes the folder if its parent is there, and removes what a power cut left. Raises
    `StorageError`, also when another process has the store open.
    """

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder
        try:
            self._handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            self._closer = weakref.finalize(self, os.close, self._handle)
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StorageError(
                f"{folder} is in use by another process", hint="Stop the other alprd process first."
            ) from None
        except OSError as error:
            raise StorageError(f"{folder} cannot be opened: {error.strerror}") from None
        remove_leftovers(folder)
        remembered = read_last(folder)
        self._last = max(remembered, *(int(path.stem) for path in list_records(folder)), 0)
        if self._last > remembered:
            self._remember()

    def next_sequence(self) -> int:
        """Return the number of the next record. It stays the same until `append` stored one."""
        return self._last + 1

    def append(self, record: bytes, sequence: int) -> None:
        """Store ``record`` as number ``sequence``; it is on the disk when this returns.

        Raises `StorageError` with nothing visible stored, and `ValueError` for a number that was given
        before or is out of range.
        """
        if not self._last < sequence <= MAX_SEQUENCE:
            raise ValueError(f"the next record is number {self._last + 1}; found {sequence}")
        write_durably(self._folder / record_name(sequence), record, replace=False)
        self._last = sequence
        self._remember()

    def count(self) -> int:
        """Return how many records the folder holds."""
        return len(list_records(self._folder))

    def close(self) -> None:
        """Let another process open the store."""
        self._closer()

    def _remember(self) -> None:
        # After the record: until this is on the disk its own file name remembers the number. The record is
        # safe by now, so a failure here must not have the caller store it a second time.
        with contextlib.suppress(StorageError):
            write_durably(self._folder / LAST_FILE, b"%d\n" % self._last)
