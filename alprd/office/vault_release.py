"""A release made of what the vault holds: its rows and details, in the sealed list's own forms.

No list in clear is written anywhere between the vault and the sealed file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from alprd.hotlist.columns import Columns
from alprd.hotlist.details import Details, Person, Vehicle
from alprd.office.content import assemble, record_release
from alprd.office.entries import Scope
from alprd.office.release import build_release

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.office.content import Content
    from alprd.office.release import Release
    from alprd.office.rows import DetailTexts
    from alprd.office.vault import Vault
    from alprd.office.workspace import Workspace


class ListDetails(Mapping[int, Details]):
    """The details of a content's rows, unpacked one at a time as they are sealed."""

    def __init__(self, texts: DetailTexts) -> None:
        self._texts = texts

    def __getitem__(self, row: int) -> Details:
        known = self._texts.of(row)
        if known is None:
            raise KeyError(row)
        vehicle = Vehicle(
            make=known.make,
            model=known.model,
            colour=known.colour,
            vehicle_class=known.vehicle_class,
            descriptors=known.descriptors,
            year=int(known.year or 0),
        )
        person = Person(name=known.owner, corrective_lens=known.corrective_lens)
        return Details(
            vehicle=None if vehicle == Vehicle() else vehicle,
            person=None if person == Person(name="") else person,
        )

    def __iter__(self) -> Iterator[int]:
        return iter(self._texts.rows.tolist())

    def __len__(self) -> int:
        return len(self._texts)


def columns_of(content: Content) -> Columns:
    """Return the rows of ``content`` as a list's columns; the arrays are the same."""
    rows = content.rows
    return Columns(
        plate=rows.plate,
        expires=rows.expires,
        jurisdiction=rows.jurisdiction,
        plate_type=rows.plate_type,
        category=rows.category,
        priority=content.priority,
        flags=rows.flags,
    )


def build_from_vault(
    workspace: Workspace,
    vault: Vault,
    *,
    days: int,
    sequence: int | None,
    now_s: int,
    out: Path,
    audience: Scope = Scope.INTERNAL,
    without_ended: bool = False,
) -> tuple[Release, Content]:
    """Build the list of all that ``vault`` holds for ``audience``, and put the release on record.

    Raises what `assemble` and `build_release` raise; then no list is written.
    """
    content = assemble(vault, now_s=now_s, audience=audience, without_ended=without_ended)
    release = build_release(
        workspace,
        columns_of(content),
        days=days,
        sequence=sequence,
        now_s=now_s,
        out=out,
        details=ListDetails(content.rows.details),
    )
    record_release(vault, content, sequence=release.header.sequence, now_s=now_s)
    return release, content
