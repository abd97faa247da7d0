"""The vault's folder of evidence: each record sealed under a key of its own. A shell.

Form and order of writes: `alprd/docs/formats/custody.md`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import nacl.utils

from alprd.disk import make_folder, remove_leftovers, sync_folder, write_durably
from alprd.errors import EvidenceError, StorageError, VaultError
from alprd.evidence.envelope import MAX_BYTES
from alprd.evidence.receipt import digest_of
from alprd.office.sealed import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from alprd.office.evidence_register import Held
    from alprd.office.vault import Vault

FOLDER: Final = "evidence"
KEY_BYTES: Final = 32
_MAX_FILE_BYTES: Final = MAX_BYTES + 4096
_HINT: Final = (
    "Restore the vault's folder `evidence` from its backup: the file was altered, cut or is missing."
)


def new_key() -> bytes:
    """Return the key of one record."""
    return nacl.utils.random(KEY_BYTES)


def sealed_record(vault: Vault, held: Held, record: bytes) -> bytes:
    """Return ``record`` as the vault's file of ``held``."""
    return bytes(seal([record], held.key, _meaning(vault, held)))


def read_sealed(vault: Vault, held: Held) -> bytes:
    """Return the record of ``held`` as the unit signed it. Raises `EvidenceError` when it does not open."""
    path = vault.folder / FOLDER / held.file
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise EvidenceError(f"the file of {held.name} cannot be read: {error.strerror}", hint=_HINT) from None
    try:
        record = bytes(unseal(data, held.key, _meaning(vault, held)))
    except VaultError:
        raise EvidenceError(f"the file of {held.name} does not open with its key", hint=_HINT) from None
    if digest_of(record) != held.digest:
        raise EvidenceError(f"the file of {held.name} is not the one that was taken in", hint=_HINT)
    return record


@contextmanager
def changed_files(
    vault: Vault, before: AbstractSet[str], after: AbstractSet[str], new: Mapping[str, bytes] | None = None
) -> Iterator[None]:
    """Bring ``new`` files, and once the change is on record leave ``after`` alone.

    What is not in ``before`` was left by a change that was cut short. Raises `StorageError`.
    """
    folder = vault.folder / FOLDER
    make_folder(folder)
    remove_leftovers(folder)
    _remove_all_but(folder, before)
    for name, sealed in (new or {}).items():
        write_durably(folder / name, sealed, replace=False)
    yield
    _remove_all_but(folder, after)


def _remove_all_but(folder: Path, names: AbstractSet[str]) -> None:
    try:
        others = [path for path in folder.iterdir() if path.name not in names]
        for path in others:
            path.unlink()
        if others:
            sync_folder(folder)
    except OSError as error:
        raise StorageError(f"{folder} cannot be cleared: {error.strerror}") from None


def _meaning(vault: Vault, held: Held) -> bytes:
    return vault.derived_key(b"evidence") + held.file.encode() + held.digest
