"""Canaries: plates that no vehicle has, listed to show that a list is in use, and by whom one leaked.

Each is drawn for one audience, so a canary that turns up elsewhere tells whose list it came from. What a unit
does with one is in `alprd/docs/formats/hotlist.md`.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.errors import OfficeInputError, printable
from alprd.office.documents import decode, encode
from alprd.office.ledger import Act, Record
from alprd.plates.grammar import places_of
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.plates.normal import encode as codes_of

if TYPE_CHECKING:
    from alprd.office.entries import Scope
    from alprd.office.vault import Vault

MAX_CANARIES: Final = 64
CANARY_DAYS: Final = 31
"""So long the row of a canary lasts; the next list lists it anew."""
_SLOT: Final = "canaries"
_FORMAT: Final = "alprd canaries 1"
_CHARACTERS: Final = "ACEFHJLNPRT3479"
"""Without those that a camera takes for one another."""
_LENGTH: Final = 7
_TRIES: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A canary. ``number`` is like ``K3``, ``audience`` whose lists hold it, ``drawn_s`` Unix seconds."""

    number: str
    plate: str
    audience: str
    drawn_s: int


def read_canaries(vault: Vault) -> dict[str, Canary]:
    """Return the canaries by number. Raises `OfficeInputError`."""
    return _read(vault)[0]


def draw_canary(vault: Vault, audience: Scope, *, now_s: int) -> Canary:
    """Draw a text that is in no serial format anywhere and list it for ``audience`` from the next list on.

    Raises `OfficeInputError` when there are as many as are allowed.
    """
    canaries, last = _read(vault)
    if len(canaries) >= MAX_CANARIES:
        raise OfficeInputError(f"there are at most {MAX_CANARIES} canaries", hint="Remove one first.")
    taken = {canary.plate for canary in canaries.values()}
    canary = Canary(number=f"K{last + 1}", plate=_drawn(taken), audience=audience.value, drawn_s=now_s)
    canaries[canary.number] = canary
    _write(vault, canaries, last + 1, act=Act.CANARY_DRAWN, changed=canary, now_s=now_s, added=1)
    return canary


def remove_canary(vault: Vault, number: str, *, now_s: int) -> None:
    """Take canary ``number`` off. Raises `OfficeInputError`."""
    canaries, last = _read(vault)
    if number not in canaries:
        raise OfficeInputError(f"there is no canary {printable(number)!r}")
    gone = canaries.pop(number)
    _write(vault, canaries, last, act=Act.CANARY_REMOVED, changed=gone, now_s=now_s, removed=1)


def _drawn(taken: set[str]) -> str:
    is_of = np.zeros(len(JURISDICTIONS), np.bool_)
    for _ in range(_TRIES):
        text = "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))
        places_of(codes_of(text), _LENGTH, is_of)
        if text not in taken and not is_of.any():
            return text
    raise OfficeInputError("no text was found that is in no serial format", hint="Try again.")


def _read(vault: Vault) -> tuple[dict[str, Canary], int]:
    content = vault.read(_SLOT)
    if content is None:
        return {}, 0
    found = decode(bytes(content), _FORMAT, {"canaries", "last"}, "the vault's file of canaries")
    rows, last = found["canaries"], found["last"]
    if not isinstance(rows, list) or type(last) is not int:
        raise OfficeInputError("the vault's file of canaries is damaged")
    canaries = [_canary(row) for row in rows]
    return {canary.number: canary for canary in canaries}, last


def _canary(row: Any) -> Canary:  # noqa: ANN401 - whatever the file holds
    types = {"drawn_s": int}
    names = {field.name for field in fields(Canary)}
    if not isinstance(row, dict) or row.keys() != names:
        raise OfficeInputError("the vault's file of canaries is damaged")
    if any(type(row[name]) is not types.get(name, str) for name in names):
        raise OfficeInputError("the vault's file of canaries is damaged")
    return Canary(**row)


def _write(
    vault: Vault,
    canaries: dict[str, Canary],
    last: int,
    *,
    act: Act,
    changed: Canary,
    now_s: int,
    added: int = 0,
    removed: int = 0,
) -> None:
    rows = [asdict(canary) for canary in canaries.values()]
    content = encode(_FORMAT, {"canaries": rows, "last": last})
    note = f"for {changed.audience} lists"
    record = Record(at_s=now_s, act=act, by=vault.me.badge, subject=changed.number, note=note)
    vault.change(record, [content], slot=_SLOT, added=added, removed=removed)
