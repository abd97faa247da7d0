"""The office's lists at rest: sealed files, and the ledger that says which of them count. A shell.

A change writes the new file under a name of its own and then the ledger's record that names it: the record
is the change. Power that goes in between leaves the old state, and a file that the next change removes.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

import nacl.utils
from nacl.exceptions import CryptoError
from nacl.public import SealedBox

from alprd.disk import make_folder, remove_leftovers, shred, sync_folder, write_durably
from alprd.errors import OfficeInputError, StorageError, VaultError
from alprd.office.keyring import box_for, pack
from alprd.office.ledger import (
    MAX_RECORD_BYTES,
    NONCE_BYTES,
    Act,
    Record,
    Replayed,
    append,
    check_next,
    digest_of,
    seal_record,
)
from alprd.office.sealed import MAX_SEALED_BYTES, TAMPERED, seal, unseal
from alprd.office.secret import ID_BYTES, KEY_BYTES, VaultSecret
from alprd.office.workspace import office_categories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from alprd.hotlist.categories import CategoryTable
    from alprd.office.people import Person, PersonKeys

FOLDER: Final = "vault"
MAX_PEOPLE: Final = 64
_KEYRING: Final = "keyring"
_LEDGER: Final = "ledger"
_STORE: Final = "store"
MAX_KEYS: Final = 64
"""A vault is rekeyed one time less at most: its old keys open its old records."""
_MAX_KEYRING_BYTES: Final = 1 << 18
_KEYS: Final = "evidence."
"""Files of this slot hold keys: what goes is overwritten first."""
_SLOT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_STORED: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\.\d{8}", re.ASCII)


def create(office: Path, keys: PersonKeys, *, now_s: int) -> Vault:
    """Make the vault of the office's folder ``office``, with ``keys`` as its first person.

    Raises `OfficeInputError` when there is one, `StorageError` when the disk fails.
    """
    folder = office / FOLDER
    if (folder / _KEYRING).exists():
        raise OfficeInputError(
            f"{folder} holds a vault already", hint="Have its people admit you: `alpr-office person admit`."
        )
    if not office.is_dir():
        raise OfficeInputError(f"{office} is no office", hint=f"Make one with `alpr-office init {office}`.")
    for path in (folder, folder / _LEDGER, folder / _STORE):
        make_folder(path)
    _clear(folder / _LEDGER)  # of a vault whose making was cut short: its key was never kept
    secret = VaultSecret.new(nacl.utils.random(ID_BYTES), nacl.utils.random(KEY_BYTES))
    vault = Vault(folder, keys, secret)
    vault._commit(Record(at_s=now_s, act=Act.VAULT_MADE, by=keys.badge, subject="", person=keys.public))  # noqa: SLF001 - its own module
    vault._write_keyring([keys.public])  # noqa: SLF001 - the last step: without it there is no vault
    return vault


def open_vault(office: Path, keys: PersonKeys) -> Vault:
    """Open the vault of ``office`` with a person's ``keys`` and check its whole ledger.

    Raises `VaultError` when there is none, the person was not admitted, or the ledger is not whole.
    """
    folder = office / FOLDER
    ring = _read_keyring(folder)
    try:
        box = box_for(ring, bytes(keys.unsealing.public_key))
        secret = VaultSecret.unpack(SealedBox(keys.unsealing).decrypt(box))
    except (CryptoError, ValueError):
        raise VaultError(
            "the vault is not sealed to your key",
            hint="Have its people admit you: `alpr-office person admit`.",
        ) from None
    vault = Vault(folder, keys, secret, ring)
    vault.replay()
    if vault.people.get(keys.badge) != keys.public:
        raise VaultError(
            "the ledger does not name you among the vault's people",
            hint="Have its people admit you: `alpr-office person admit`.",
        )
    return vault


class Vault:
    """An opened vault, as `create` and `open_vault` return it. Not for use from two threads."""

    def __init__(self, folder: Path, keys: PersonKeys, secret: VaultSecret, ring: bytes = b"") -> None:
        self._folder = folder
        self._keys = keys
        self._secret = secret
        self._ring = ring
        self._state = Replayed()

    @property
    def me(self) -> Person:
        """The person who opened it."""
        return self._keys.public

    @property
    def categories(self) -> CategoryTable:
        """The categories in force in the office. Raises `KeysError`."""
        return office_categories(self._folder.parent)

    @property
    def people(self) -> Mapping[str, Person]:
        """The admitted persons by badge."""
        return self._state.people

    @property
    def records(self) -> tuple[Record, ...]:
        """All records of the ledger, first to last."""
        return tuple(self._state.records)

    @property
    def head(self) -> str:
        """The digest of the last record, in hexadecimals: to be written down elsewhere."""
        return self._state.head.hex()

    @property
    def folder(self) -> Path:
        """The folder that it lies in."""
        return self._folder

    def sign(self, data: bytes) -> bytes:
        """Return the Ed25519 signature of the person who opened it, 64 bytes."""
        return self._keys.signing.sign(data).signature

    def clear(self, beside: AbstractContextManager[object]) -> None:
        """Remove what a change that was cut short has left, also ``beside``. Raises as `change` does."""
        with self._alone(), beside:
            self._remove_strays()

    def derived_key(self, purpose: bytes) -> bytes:
        """Return 32 bytes for ``purpose`` that only this vault's identity gives, whatever its data key."""
        return digest_of(b"alprd vault " + purpose + b"\0" + self._secret.identity)

    def slots(self, prefix: str = "") -> list[str]:
        """Return the names of the present files that start with ``prefix``, sorted."""
        return sorted(name for name in self._state.slots if name.startswith(prefix))

    def rows(self, slot: str) -> int:
        """Return how many rows the ledger counts in ``slot``; 0 when there is none."""
        return self._state.slots[slot].rows if slot in self._state.slots else 0

    def read(self, slot: str) -> bytearray | None:
        """Return the content of ``slot``, None when there is none.

        Raises `VaultError` when the file is not the one that the ledger names, or another command changed it.
        """
        present = self._state.slots.get(slot)
        if present is None:
            return None
        try:
            data = _read_file(self._folder / _STORE / present.file, MAX_SEALED_BYTES)
        except VaultError:
            self._refuse_if_old()  # then the file has gone because there is a newer one
            raise
        if digest_of(data) != present.digest:
            raise VaultError(f"the vault's file {present.file} is not the ledger's", hint=TAMPERED)
        return unseal(data, self._secret.key_of(_number_of(present.file)), self._meaning(present.file))

    def change(
        self, record: Record, content: Iterable[bytes | memoryview] | None, *, slot: str, added: int,
        removed: int, second: PersonKeys | None = None, beside: AbstractContextManager[object] | None = None,
    ) -> Record:  # fmt: skip
        """Make ``content`` the file of ``slot`` (None: no file from now on) and append ``record``.

        ``second`` agrees to it, when the record names a second person. ``beside`` is entered before anything
        is written and left after, while other commands wait. The record's file, digest and counts are filled
        in from the arguments; it is returned as it was appended. Raises `VaultError` when another command
        changed the vault meanwhile, and `StorageError`.
        """
        if _SLOT.fullmatch(slot) is None:
            raise ValueError("a slot's name is 1 to 64 of a-z 0-9 -")
        before = self.rows(slot)
        counted = _filled(record, slot=slot, before=before, added=added, removed=removed)
        with self._alone(), beside or nullcontext():
            if content is not None:
                number = len(self._state.records) + 1
                file = f"{slot}.{number:08d}"
                sealed = seal(content, self._secret.key_of(number), self._meaning(file))
                check_next(self._state, counted)
                write_durably(self._folder / _STORE / file, memoryview(sealed))
                counted = _filled(counted, file=file, digest=digest_of(sealed))
            self._commit(counted, second)
            self._remove_strays()
        return counted

    def note(self, record: Record) -> None:
        """Append ``record``, which changes no file. Raises as `change` does."""
        with self._alone():
            self._commit(record)

    def admit(self, person: Person, *, now_s: int) -> None:
        """Let ``person`` open the vault from now on.

        Raises `OfficeInputError` when a person of that badge is admitted already, or too many are.
        """
        if person.badge in self.people:
            raise OfficeInputError(
                f"a person with the badge {person.badge} is admitted already",
                hint="Remove that one first, with `alpr-office person remove`.",
            )
        if len(self.people) >= MAX_PEOPLE:
            raise OfficeInputError(f"a vault has at most {MAX_PEOPLE} people")
        record = Record(
            at_s=now_s, act=Act.PERSON_ADMITTED, by=self.me.badge, subject=person.badge, person=person
        )
        with self._alone():
            self._write_keyring([*self.people.values(), person])  # first: what no record admits opens nothing
            self._commit(record)

    def remove_person(self, badge: str, *, now_s: int) -> None:
        """Take ``badge`` off the people; the key in their hands no longer opens the vault as it is now.

        Raises `OfficeInputError` when there is no such person, or it is the one who asks.
        """
        if badge not in self.people:
            raise OfficeInputError(
                "no person with that badge is admitted", hint="See `alpr-office person list`."
            )
        if badge == self.me.badge:
            raise OfficeInputError("nobody removes themselves", hint="Ask another of the vault's people.")
        with self._alone():
            self._commit(Record(at_s=now_s, act=Act.PERSON_REMOVED, by=self.me.badge, subject=badge))
            self._write_keyring(self.people.values())

    def rekey(self, *, now_s: int) -> int:
        """Draw a new data key for the present people alone and seal every file anew under it.

        Returns how many files. Cut short, every file stays readable, and the next rekeying finishes the work.
        Raises `OfficeInputError` when it was done too often, `VaultError` and `StorageError`.
        """
        with self._alone():
            if len(self._secret.keys) >= MAX_KEYS:
                raise OfficeInputError(
                    f"a vault has at most {MAX_KEYS} keys",
                    hint="Make a new office, and import its lists anew.",
                )
            self._secret = self._secret.with_key(len(self._state.records) + 1, nacl.utils.random(KEY_BYTES))
            self._write_keyring(self.people.values())  # first: a record under a key that nobody has is lost
            self._commit(Record(at_s=now_s, act=Act.VAULT_REKEYED, by=self.me.badge, subject=""))
        slots = self.slots()
        for slot in slots:
            content = self.read(slot) or bytearray()
            record = Record(at_s=now_s, act=Act.FILE_RESEALED, by=self.me.badge, subject=slot)
            self.change(record, [memoryview(content)], slot=slot, added=0, removed=0)
        return len(slots)

    def verify(self, head: str | None = None) -> int:
        """Check every present file against the ledger; return how many there are.

        ``head`` is a digest that was written down before: it must be in the chain. The chain itself was
        checked on opening. Raises `VaultError`.
        """
        if head is not None and head not in {digest.hex() for digest in self._state.heads}:
            raise VaultError(
                "the ledger does not hold the record that was written down",
                hint="Records were taken off its end, or the vault was put back to an older state.",
            )
        slots = self.slots()
        for slot in slots:
            self.read(slot)
        return len(slots)

    def replay(self) -> None:
        """Read the whole ledger again. Raises `VaultError`."""
        state = Replayed()
        for number, path in enumerate(self._record_files(), 1):
            if path.name != f"{number:08d}":
                raise VaultError(f"record {number} of the ledger is missing", hint=TAMPERED)
            data = _read_file(path, MAX_RECORD_BYTES)
            append(state, data, vault=self._secret.identity, key=self._secret.key_of(number))
        self._state = state

    def _record_files(self) -> list[Path]:
        return sorted(path for path in (self._folder / _LEDGER).iterdir() if path.name.isdigit())

    def _commit(self, record: Record, second: PersonKeys | None = None) -> None:
        """Append ``record``: from here on it counts."""
        check_next(self._state, record)
        number = len(self._state.records) + 1
        data = seal_record(
            record,
            number,
            previous=self._state.head,
            vault=self._secret.identity,
            key=self._secret.key_of(number),
            signing=self._keys.signing,
            nonce=nacl.utils.random(NONCE_BYTES),
            second=None if second is None else second.signing,
        )
        state = self._state.copy()
        # First: what opening would refuse is never written.
        append(state, data, vault=self._secret.identity, key=self._secret.key_of(number))
        write_durably(self._folder / _LEDGER / f"{number:08d}", data, replace=False)
        self._state = state

    def _meaning(self, file: str) -> bytes:
        return self._secret.identity + file.encode()

    def _remove_strays(self) -> None:
        present = {slot.file for slot in self._state.slots.values()}
        store = self._folder / _STORE
        try:
            strays = [p for p in store.iterdir() if _STORED.fullmatch(p.name) and p.name not in present]
            for stray in strays:
                if stray.name.startswith(_KEYS):
                    shred(stray)
                stray.unlink()
            if strays:
                sync_folder(store)
        except OSError as error:
            raise StorageError(f"{store} cannot be cleared: {error.strerror}") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other commands waiting, and refuse when one of them was faster."""
        try:
            handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise StorageError(f"{self._folder} cannot be opened: {error.strerror}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            for folder in (self._folder, self._folder / _LEDGER, self._folder / _STORE):
                remove_leftovers(folder)
            self._refuse_if_old()
            yield
        finally:
            os.close(handle)

    def _refuse_if_old(self) -> None:
        has_more = len(self._record_files()) != len(self._state.records)
        if has_more or _read_keyring(self._folder) != self._ring:
            raise VaultError("another command changed the vault meanwhile", hint="Run the command again.")

    def _write_keyring(self, people: Iterable[Person]) -> None:
        self._ring = pack(self._secret, people)
        write_durably(self._folder / _KEYRING, self._ring)


def _number_of(file: str) -> int:
    """Return the number of the record that brought ``file``."""
    return int(file.rpartition(".")[2])


def _clear(folder: Path) -> None:
    try:
        for path in folder.iterdir():
            path.unlink()
        sync_folder(folder)
    except OSError as error:
        raise StorageError(f"{folder} cannot be cleared: {error.strerror}") from None


def _filled(record: Record, **values: object) -> Record:
    """Return ``record`` with ``values``, and the count of rows that follows from them."""
    fields = {name: getattr(record, name) for name in Record.__slots__} | values
    fields["after"] = fields["before"] + fields["added"] - fields["removed"]
    return Record(**fields)


def _read_keyring(folder: Path) -> bytes:
    if not (folder / _KEYRING).is_file():
        raise VaultError(f"{folder} holds no vault", hint="Make one with `alpr-office vault init`.")
    return _read_file(folder / _KEYRING, _MAX_KEYRING_BYTES)


def _read_file(path: Path, limit: int) -> bytes:
    try:
        if path.stat().st_size > limit:
            raise VaultError(f"{path} has more than {limit} bytes", hint=TAMPERED)
        return path.read_bytes()
    except OSError as error:
        raise VaultError(f"{path} cannot be read: {error.strerror}", hint=TAMPERED) from None
