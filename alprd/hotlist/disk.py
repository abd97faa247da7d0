"""The installed hotlist on the unit's disk, and the floors under which no list and no time is accepted."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from alprd.disk import discard, publish, remove_leftovers, stage_pieces, write_durably
from alprd.errors import CustodianError, HotlistFormatError, StorageError
from alprd.hotlist import trust
from alprd.hotlist.blob import HEADER_BYTES, MAX_SEQUENCE, parse_header
from alprd.hotlist.categories import CLOSED_SET
from alprd.hotlist.category_disk import table_in
from alprd.hotlist.delta import apply_delta
from alprd.hotlist.opening import open_index, pieces, read_sealed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nacl.public import PrivateKey
    from numpy.typing import NDArray

    from alprd.hotlist.blob import HotlistHeader
    from alprd.hotlist.categories import CategoryTable
    from alprd.hotlist.index import HotlistIndex
    from alprd.hotlist.opening import SealedList
    from alprd.keys import UnitKeys
    from alprd.keys.root import Root

LIST_FILE: Final = "current.hotlist"
DELTA_FILE: Final = "current.delta"
FLOOR_FILE: Final = "hotlist.floor"
TIME_FILE: Final = "time.floor"
_MAX_FLOOR_BYTES: Final = 20


class ListFile:
    """A hotlist file that is open for reading anywhere, until `close`. Raises `StorageError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            self.size = os.fstat(self._handle).st_size
        except OSError as error:
            raise _unreadable(path, error) from None

    def read_at(self, offset: int, out: NDArray[np.uint8]) -> None:
        """Fill ``out`` from ``offset`` on. Raises `HotlistFormatError` when the file ends before."""
        room = out.data
        try:
            while room:
                count = os.preadv(self._handle, [room], offset)
                if count == 0:
                    raise HotlistFormatError(f"{self._path} changed while it was read")
                room, offset = room[count:], offset + count
        except OSError as error:
            raise _unreadable(self._path, error) from None

    def close(self) -> None:
        """Read no more. A second time does nothing."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An open file, read once."""

    file: ListFile
    sealed: SealedList

    @classmethod
    def of(cls, path: Path) -> _Read:
        file = ListFile(path)
        try:
            return cls(file=file, sealed=read_sealed(file))
        except BaseException:
            file.close()
            raise


class HotlistStore:
    """The installed hotlist and the floors, in ``folder``, under a ``root``, for one ``unit``'s key.

    ``categories`` are those that the unit knows: the closed set, and what its category record adds.
    """

    def __init__(
        self, folder: Path, *, root: Root, unit: PrivateKey, categories: CategoryTable = CLOSED_SET
    ) -> None:
        self._folder = folder
        self._path = folder / LIST_FILE
        self._delta_path = folder / DELTA_FILE
        self._root = root
        self._unit = unit
        self._categories = categories
        self._installed: SealedList | None = None

    @classmethod
    def of_unit(cls, folder: Path, keys: UnitKeys, keys_folder: Path) -> HotlistStore:
        """Return the store of a unit with ``keys``, whose category record lies in ``keys_folder``."""
        categories = table_in(keys_folder, keys.root)
        return cls(folder, root=keys.root, unit=keys.unsealing, categories=categories)

    @property
    def installed(self) -> SealedList | None:
        """What the file that `install` took over last says in clear; None before."""
        return self._installed

    def sequences(self) -> tuple[int, int]:
        """Return the sequences of the installed whole list and of what is in force: it, or the delta on it.

        0 where there is none. Only the headers are read: nothing is said of trust. Raises `StorageError`.
        """
        whole, delta = (_header_of(path) for path in (self._path, self._delta_path))
        if whole is None or whole.base:
            return 0, 0
        is_on_it = delta is not None and delta.base == whole.sequence
        return whole.sequence, delta.sequence if delta is not None and is_on_it else whole.sequence

    def load(self, *, now_s: int) -> HotlistIndex:
        """Open the installed list as of ``now_s`` (Unix seconds), or of the time floor if that is later.

        Its delta, where one is installed, is applied. Raises `CustodianError` when none is installed, its
        subclasses `HotlistFormatError`, `HotlistTrustError`, `HotlistRollbackError` and `HotlistExpiredError`
        when it is not to be believed, and `StorageError` when the disk fails. The index keeps its files open
        until it is wiped.
        """
        base = self._read_base()
        delta = self._read_delta(base)
        try:
            self._check(base.sealed if delta is None else delta.sealed, now_s)
            return self._open(base, delta, now_s)
        except BaseException:
            base.file.close()
            if delta is not None:
                delta.file.close()
            raise

    def install(self, source: Path, *, now_s: int) -> HotlistIndex:
        """Take over the list, or the delta on the installed list, in the file ``source``; return it opened.

        It is checked in full before it takes the installed one's place in one step; when any check
        fails, the installed one stays. The errors are those of `load`.
        """
        with ListFile(source) as candidate:
            sealed = read_sealed(candidate)
            is_delta = sealed.header.base > 0
            path = self._delta_path if is_delta else self._path
            with self._alone():
                remove_leftovers(self._folder)
                self._check(sealed, now_s, is_candidate=True)
                copied = (piece.data for piece in pieces(candidate, 0, candidate.size))
                temp = stage_pieces(path, copied)
                index = self._open_staged(temp, sealed, now_s)
                publish(temp, path, replace=True)
                # After the list: a floor above the installed list would leave the unit without any.
                self._raise(FLOOR_FILE, sealed.header.sequence)
                self.note_time(sealed.header.created)
                if not is_delta:
                    discard(self._delta_path)  # it is on another list, and so without effect already
                self._installed = sealed
        return index

    def floor(self) -> int:
        """Return the highest sequence seen, 0 before the first list. Raises `StorageError`."""
        return self._read(
            FLOOR_FILE, "Write the newest accepted list's sequence into it; the custodian knows it."
        )

    def time_floor(self) -> int:
        """Return the latest trusted time seen, Unix seconds, 0 before any. Raises `StorageError`."""
        return self._read(TIME_FILE, "Write the present time into it: `date +%s`.")

    def note_time(self, now_s: int) -> None:
        """Keep ``now_s``, a trusted time, as the time floor if it is later. Raises `StorageError`."""
        self._raise(TIME_FILE, now_s)

    def _read_base(self) -> _Read:
        if not self._path.exists():
            raise CustodianError(
                f"no hotlist is installed in {self._folder}",
                hint="Install the office's newest list with `alprctl hotlist install FILE`.",
            )
        base = _Read.of(self._path)
        if base.sealed.header.base:
            base.file.close()
            raise HotlistFormatError("the installed hotlist is a delta, which is no list without its base")
        return base

    def _read_delta(self, base: _Read) -> _Read | None:
        """Return the installed delta; None when there is none, or the one there is on another list."""
        if not self._delta_path.exists():
            return None
        try:
            delta = _Read.of(self._delta_path)
        except BaseException:
            base.file.close()
            raise
        if delta.sealed.header.base != base.sealed.header.sequence:
            delta.file.close()
            return None
        return delta

    def _open(self, base: _Read, delta: _Read | None, now_s: int) -> HotlistIndex:
        """Open a whole list, with a delta that has been checked or without."""
        if delta is None:
            return open_index(base.file, base.sealed, self._unit, self._categories)
        # The delta's dates count, and its sequence for the floor: of the base only who made it.
        trust.authenticate(base.sealed, root=self._root, floor=0, now_s=max(now_s, self.time_floor()))
        changes = open_index(delta.file, delta.sealed, self._unit, self._categories)
        try:
            whole = open_index(base.file, base.sealed, self._unit, self._categories)
            try:
                return apply_delta(whole, changes)
            except BaseException:
                whole.wipe()
                raise
        except BaseException:
            changes.wipe()
            raise

    def _open_staged(self, temp: Path, sealed: SealedList, now_s: int) -> HotlistIndex:
        """Open the copy, not the source: opening hashes it, and so it is the list that was checked."""
        opened: list[_Read] = []
        try:
            staged = _Read(file=ListFile(temp), sealed=sealed)
            opened.append(staged)
            if sealed.header.base == 0:
                return self._open(staged, None, now_s)
            base = self._read_base()
            opened.append(base)
            return self._open(base, staged, now_s)
        except BaseException:
            for each in opened:
                each.file.close()
            discard(temp)
            raise

    def _check(self, sealed: SealedList, now_s: int, *, is_candidate: bool = False) -> None:
        now_s = max(now_s, self.time_floor())
        floor = trust.authenticate(sealed, root=self._root, floor=self.floor(), now_s=now_s)
        try:
            trust.check_in_date(sealed, root=self._root, now_s=now_s)
        except CustodianError:
            self._raise(FLOOR_FILE, floor)
            raise
        if not is_candidate:
            self._raise(FLOOR_FILE, floor)

    def _raise(self, name: str, number: int) -> None:
        if number > self._read(name, ""):
            write_durably(self._folder / name, b"%d\n" % number)

    def _read(self, name: str, hint: str) -> int:
        path = self._folder / name
        try:
            with path.open("rb") as file:
                text = file.read(_MAX_FLOOR_BYTES + 1)
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise _unreadable(path, error) from None
        # Fail closed: a damaged floor must not let an old list in.
        if not text.endswith(b"\n") or not text[:-1].isdigit() or int(text) > MAX_SEQUENCE:
            raise StorageError(f"{path} is damaged: one number is expected", hint=hint or None)
        return int(text)

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


def _header_of(path: Path) -> HotlistHeader | None:
    """Return the header of the list in ``path``, None when there is none or it is none."""
    if not path.exists():
        return None
    head = np.empty(HEADER_BYTES, np.uint8)
    try:
        with ListFile(path) as file:
            file.read_at(0, head)
        return parse_header(head.tobytes())
    except HotlistFormatError:
        return None


def _unreadable(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path} cannot be read: {error.strerror}")
