"""The office's category record: what is added to the closed set, after whom was consulted. Off the vehicle.

The custodian drafts the next record, which is the first approval; a second approver adds theirs; then each
folder and each unit takes it over. See `alprd/docs/formats/categories.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alprd.errors import KeysError, OfficeInputError, printable
from alprd.hotlist.category_disk import (
    CATEGORIES_FILE,
    install_categories,
    read_categories,
    write_categories,
)
from alprd.hotlist.category_record import CategoryRecord, SignedCategories, check_meant_for
from alprd.office.workspace import read_approver, read_office_root

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from alprd.hotlist.categories import AddedCategory
    from alprd.office.workspace import Workspace


def draft_categories(
    workspace: Workspace,
    out: Path,
    *,
    add: Iterable[AddedCategory] = (),
    drop: Iterable[str] = (),
    now_s: int,
) -> SignedCategories:
    """Write the record after the present one to ``out``, with the custodian's approval.

    ``add`` are new categories, or new words for present ones; ``drop`` the slugs of those that end. Raises
    `OfficeInputError` when a slug is not there, or what is added contradicts what is.
    """
    root, path = workspace.root, workspace.folder / CATEGORIES_FILE
    # A record that lost its approvers is still the one whose version the next is above.
    before = read_categories(path).record if path.exists() else None
    present = {} if before is None else {one.number: one for one in before.added}
    numbers = {one.slug: number for number, one in present.items()}
    for slug in drop:
        if slug not in numbers:
            raise OfficeInputError(f"no added category is called {printable(slug)!r}")
        del present[numbers[slug]]
    for one in add:
        if one.number in present and present[one.number].slug != one.slug:
            raise OfficeInputError(
                f"category {one.number} is {present[one.number].slug} already; a number keeps its meaning"
            )
        present[one.number] = one
    try:
        record = CategoryRecord(
            service=root.service,
            version=1 if before is None else before.version + 1,
            root_version=root.version,
            issued=now_s,
            added=tuple(one for _number, one in sorted(present.items())),
        )
    except ValueError as error:
        raise OfficeInputError(str(error)) from None
    signed = SignedCategories(record=record, approvals=()).approved_by(workspace.signer())
    write_categories(out, signed)
    return signed


def approve_categories(folder: Path, path: Path) -> SignedCategories:
    """Add the approval of the approver whose folder is given to the drafted record in ``path``.

    Raises `OfficeInputError` when that is no approver's of the root record, `KeysError` when the record is
    not meant for it.
    """
    root, signer, drafted = read_office_root(folder), read_approver(folder), read_categories(path)
    if bytes(signer.verify_key) not in root.keys:
        raise OfficeInputError(f"the key in {folder} is none of the present approvers'")
    check_meant_for(drafted.record, root)
    signed = drafted.approved_by(signer)
    write_categories(path, signed)
    return signed


def take_categories(folder: Path, path: Path, *, now_s: int) -> SignedCategories:
    """Put the record in ``path`` in force in an office's or an approver's folder.

    Raises `OfficeInputError` unless enough approvers signed it and it is newer than the one there.
    """
    root = read_office_root(folder)
    try:
        return install_categories(folder, path, root, now_s=now_s)
    except KeysError as error:
        raise OfficeInputError(
            str(error), hint="Draft it with `alpr-office category draft`; two approvers must sign it."
        ) from None
