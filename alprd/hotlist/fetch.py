"""Copies lists from a published folder over a bad link: a copy that was cut goes on where it ended. A shell.

See `alprd/docs/formats/distribution.md`.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final

from alprd.disk import OWNER_ONLY, discard
from alprd.errors import HotlistTrustError, StorageError
from alprd.hotlist.published import DIGEST_BYTES, INDEX_FILE, MAX_INDEX_BYTES, read_index

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.hotlist.published import Published

CHUNK_BYTES: Final = 1 << 20
_PARTS: Final = "fetch-*.part"
_NAME_DIGITS: Final = 32


def read_folder(folder: Path) -> tuple[Published, ...]:
    """Return the lists of a published folder. Raises `StorageError` and `HotlistFormatError`."""
    path = folder / INDEX_FILE
    try:
        with path.open("rb") as file:
            return read_index(file.read(MAX_INDEX_BYTES + 1))
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read: {error.strerror}",
            hint="Give a folder that `alpr-office release publish` has filled.",
        ) from None


def fetch(folder: Path, wanted: Published, into: Path) -> Path:
    """Copy the list ``wanted`` of the published ``folder`` to the folder ``into``; return the whole copy.

    What an earlier try brought is taken over. Raises `StorageError` when the link or the file ends early:
    what came stays for the next try; and `HotlistTrustError` when the copy is not what the index says.
    """
    part = into / f"fetch-{wanted.digest.hex()[:_NAME_DIGITS]}.part"
    forget_parts(into, but=part)
    source = folder / wanted.file
    _copy(source, part, wanted.size)
    if _digest(part) != wanted.digest:
        discard(part)
        raise HotlistTrustError(
            f"{source} is not the file that the folder's index says",
            hint="Copy the folder again; if it stays so, have the hotlist custodian publish it again.",
        )
    return part


def forget_parts(into: Path, *, but: Path | None = None) -> None:
    """Remove the copies in ``into`` that no try goes on with, all ``but`` one."""
    for part in into.glob(_PARTS):
        if part != but:
            discard(part)


def _copy(source: Path, part: Path, size: int) -> None:
    have = 0
    try:
        with source.open("rb") as given, open(part, "ab", opener=_opener) as copy:
            have = copy.tell()
            given.seek(have)
            while have < size:
                chunk = given.read(min(CHUNK_BYTES, size - have))
                if not chunk:
                    break
                copy.write(chunk)
                have += len(chunk)
            copy.flush()
            os.fsync(copy.fileno())
    except OSError as error:
        raise _cut(source, have, size, error.strerror or type(error).__name__) from None
    if have < size:
        raise _cut(source, have, size, "the file ends there")


def _cut(source: Path, have: int, size: int, why: str) -> StorageError:
    return StorageError(
        f"{source}: {have} of {size} bytes have come: {why}",
        hint="Run the same command again: it goes on where it ended.",
    )


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, OWNER_ONLY)


def _digest(path: Path) -> bytes:
    hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                hasher.update(chunk)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from None
    return hasher.digest()
