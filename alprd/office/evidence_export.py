"""Evidence that leaves the office: its fields, its pictures, and the terms, each export on record first."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from nacl.signing import VerifyKey

from alprd.disk import make_folder, write_durably
from alprd.errors import OfficeInputError, printable
from alprd.evidence.envelope import open_record
from alprd.office.evidence_access import check_why
from alprd.office.evidence_files import read_sealed
from alprd.office.evidence_register import Disclosure
from alprd.office.evidence_room import register_of, used, write
from alprd.office.evidence_words import as_fields, context_png, describe, iso_time, picture_png
from alprd.office.ledger import Act

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.office.evidence_access import Access, Terms
    from alprd.office.vault import Vault
    from alprd.office.workspace import Workspace


def export(
    vault: Vault, workspace: Workspace, name: str, access: Access, terms: Terms, *, folder: Path, now_s: int
) -> Disclosure:
    """Write the record ``name`` into the new ``folder``: its fields, its pictures, and the terms.

    Its disclosure is on record before anything is written. Raises `OfficeInputError` when the folder is there
    already, and as `evidence_room.opened` does.
    """
    if folder.exists():
        raise OfficeInputError(f"{folder} exists", hint="Name a new folder, one for each disclosure.")
    register = register_of(vault)
    held = register.find(name)
    item = open_record(read_sealed(vault, held), workspace.evidence_key(), VerifyKey(held.signer))
    words = dict(describe(item, workspace.categories))
    told = "text, picture, time, place, officer" + ("" if item.context is None else ", body of the vehicle")
    disclosure = Disclosure(
        number=f"X-{len(register.disclosures) + 1}",
        record=name,
        at_s=now_s,
        authority=terms.authority,
        authorized_by=terms.authorized_by,
        collected=iso_time(item.captured.at),
        place=words["place"],
        linked=terms.linked,
        recipient=terms.recipient,
        title=terms.title,
        files=f"ours {access.file_number}, theirs {terms.recipient_file}",
        description=f"one plate of the category {words['category']}: {told}",
        means=terms.means,
        conditions=terms.conditions,
        afterwards=terms.afterwards,
        until_s=terms.until_s,
    )
    after = replace(register, disclosures={**register.disclosures, disclosure.number: disclosure})
    used(vault, after, held, Act.EVIDENCE_EXPORTED, f"{disclosure.number}, {access.note}", now_s=now_s)
    make_folder(folder)
    fields = as_fields(item, workspace.categories)
    for file, values in (("evidence.json", fields), ("disclosure.json", asdict(disclosure))):
        write_durably(folder / file, json.dumps(values, indent=1, ensure_ascii=False).encode() + b"\n")
    write_durably(folder / "plate.png", picture_png(item))
    if item.context is not None:
        write_durably(folder / "context.png", context_png(item))
    return disclosure


def end_export(vault: Vault, number: str, *, how: str, now_s: int) -> None:
    """Put on record that what was disclosed as ``number`` (like ``X-2``) came back or was destroyed.

    Raises `OfficeInputError`.
    """
    register = register_of(vault)
    disclosure = register.disclosures.get(number)
    if disclosure is None or disclosure.ended:
        raise OfficeInputError(
            f"there is no open disclosure {printable(number)!r}",
            hint="See `alpr-office evidence disclosures`.",
        )
    ended = replace(disclosure, ended=check_why(how))
    after = replace(register, disclosures={**register.disclosures, number: ended})
    write(vault, after, Act.EXPORT_ENDED, subject=number, note=how, now_s=now_s)
