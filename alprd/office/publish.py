"""Puts approved lists into a plain folder that any carrier can take to the units. A shell.

See `alprd/docs/formats/distribution.md`.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from alprd.disk import publish, stage_pieces, sync_folder, write_durably
from alprd.errors import HotlistFormatError, OfficeInputError, StorageError
from alprd.hotlist.disk import ListFile
from alprd.hotlist.fetch import read_folder
from alprd.hotlist.opening import pieces
from alprd.hotlist.published import DIGEST_BYTES, INDEX_FILE, Published, newest, pack_index
from alprd.keys import PUBLIC_MODE
from alprd.office.release import read_release

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from alprd.office.workspace import Workspace

_OURS: Final = ("list-*.hotlist", "delta-*.hotlist")


def publish_lists(
    workspace: Workspace, files: Iterable[Path], folder: Path, *, now_s: int
) -> Sequence[Published]:
    """Put the approved lists in ``files`` into ``folder``; return what it holds now.

    Raises `OfficeInputError` for a draft, an expired list, one that is older than the published one, and a
    delta without its whole list; `HotlistFormatError` and `HotlistTrustError` for what is no list of this
    office; `StorageError`. Then the folder holds what it held.
    """
    if not folder.is_dir():
        raise OfficeInputError(f"{folder} is no folder", hint="Make it, or plug in the stick, and try again.")
    there = _published(folder)
    given = {_look_at(workspace, path, now_s=now_s): path for path in files}
    whole = newest([*there, *given])
    if whole is None:
        raise OfficeInputError("a delta is published with its whole list", hint=_WHOLE_TOO)
    delta = newest([*there, *given], whole.sequence)
    kept = [one for one in (whole, delta) if one is not None]
    for one, path in given.items():
        if one not in kept:
            raise OfficeInputError(f"{path}: {_fault(one, whole)}", hint=_WHOLE_TOO)
    for one, path in given.items():
        _copy(path, folder / one.file, one)
    write_durably(folder / INDEX_FILE, pack_index(kept), mode=PUBLIC_MODE)
    _remove_others(folder, {one.file for one in kept})
    return kept


_WHOLE_TOO: Final = "Publish the newest whole list and the newest delta on it, in one command."


def _published(folder: Path) -> tuple[Published, ...]:
    if not (folder / INDEX_FILE).exists():
        return ()
    try:
        return read_folder(folder)
    except HotlistFormatError as error:
        raise HotlistFormatError(
            f"{folder / INDEX_FILE}: {error}", hint="Remove it, and publish the whole list anew."
        ) from None


def _look_at(workspace: Workspace, path: Path, *, now_s: int) -> Published:
    release = read_release(workspace, path)
    if release.is_draft:
        raise OfficeInputError(
            f"{path} is a draft: {len(release.approvers)} of {release.threshold} approvals",
            hint=f"The second approver runs `alpr-office release approve DIR {path}`.",
        )
    if release.header.expires <= now_s:
        raise OfficeInputError(
            f"{path} has expired", hint="Build a new one with `alpr-office release build`."
        )
    hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
    with ListFile(path) as file:
        for piece in pieces(file, 0, file.size):
            hasher.update(piece.data)
        header = release.header
        return Published(sequence=header.sequence, base=header.base, size=file.size, digest=hasher.digest())


def _fault(one: Published, whole: Published) -> str:
    if one.base in {0, whole.sequence}:
        return f"list {one.sequence} is older than the published one"
    return f"the delta {one.sequence} is on list {one.base}, and the whole list here is {whole.sequence}"


def _copy(source: Path, target: Path, expected: Published) -> None:
    with ListFile(source) as file:
        if file.size != expected.size:
            raise StorageError(f"{source} changed while it was read")
        copied = (piece.data for piece in pieces(file, 0, file.size))
        publish(stage_pieces(target, copied, mode=PUBLIC_MODE), target, replace=True)


def _remove_others(folder: Path, kept: set[str]) -> None:
    """Remove lists that the index does not name; what cannot be removed does no harm."""
    with suppress(OSError):
        for pattern in _OURS:
            for path in folder.glob(pattern):
                if path.name not in kept:
                    path.unlink()
        sync_folder(folder)
