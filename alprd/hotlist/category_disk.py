"""The category record in force in a folder, as a file. See `alprd/docs/formats/categories.md`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from alprd.disk import write_durably
from alprd.errors import KeysError
from alprd.hotlist.categories import CLOSED_SET
from alprd.hotlist.category_record import (
    MAX_BYTES,
    SignedCategories,
    check_approved,
    check_successor,
    parse_categories,
)
from alprd.keys import PUBLIC_MODE

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.hotlist.categories import CategoryTable
    from alprd.keys.root import Root

CATEGORIES_FILE: Final = "office.categories"
"""Name of the record, beside the root record."""

log = logging.getLogger(__name__)


def read_categories(path: Path) -> SignedCategories:
    """Read a well-formed record; who signed it is not checked. Raises `KeysError`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise KeysError(f"{path} cannot be read: {error.strerror}") from None
    try:
        return parse_categories(data)
    except KeysError as error:
        raise KeysError(f"{path}: {error}", hint=error.next_step) from None


def write_categories(path: Path, signed: SignedCategories) -> None:
    """Write a record. Raises `StorageError`."""
    write_durably(path, signed.pack(), mode=PUBLIC_MODE)


def categories_in(folder: Path, root: Root) -> SignedCategories | None:
    """Return the record in force in ``folder``, None where there is none.

    Raises `KeysError` for one that ``root``'s approvers did not sign.
    """
    path = folder / CATEGORIES_FILE
    if not path.exists():
        return None
    signed = read_categories(path)
    check_approved(signed, root)
    return signed


def table_in(folder: Path, root: Root) -> CategoryTable:
    """Return the categories that a unit knows.

    A record that is not to be believed adds none, and says so in the log: a list that needs it is refused.
    """
    try:
        signed = categories_in(folder, root)
    except KeysError as error:
        log.error("no category is added to the closed set: %s; next: %s", error, error.next_step)  # noqa: TRY400 - a traceback could hold locals
        return CLOSED_SET
    return CLOSED_SET if signed is None else signed.table()


def install_categories(folder: Path, source: Path, root: Root, *, now_s: int) -> SignedCategories:
    """Take over the record in ``source`` in one step, and return it.

    Raises `KeysError` when it is not to be believed or not newer than the one in force: then that stays.
    """
    signed = read_categories(source)
    check_approved(signed, root)
    path = folder / CATEGORIES_FILE
    # One that lost its approvers still is the floor.
    current = read_categories(path).record if path.exists() else None
    check_successor(signed.record, current, now_s=now_s)
    write_categories(path, signed)
    return signed
