"""Agreements with the agencies that compile lists: without one in force, their feed is not used.

An agreement says who compiles the list, under which authority it is shared, what it may hold, from when
until when, and whom a citizen turns to for redress or removal.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from alprd.errors import OfficeInputError, printable
from alprd.hotlist.categories import Category
from alprd.office.documents import decode, encode
from alprd.office.ledger import Act, Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alprd.hotlist.categories import CategoryTable
    from alprd.office.vault import Vault

SLOT: Final = "agreements"
MAX_DAYS: Final = 5 * 366
MAX_AGREEMENTS: Final = 100
_FORMAT: Final = "alprd agreements 1"
_DAY_S: Final = 86_400
_MAX_TEXT: Final = 200
_MAX_NAME: Final = 32


def shared(categories: CategoryTable) -> dict[str, int]:
    """Return the categories that an agency may share, by name: all but the one that stays in the service."""
    return {
        categories.slug(number): number
        for number in categories.numbers
        if number != Category.SUSPENDED_DRIVER_USE
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """An agreement. ``starts_s`` (included) and ``ends_s`` (excluded) are Unix seconds.

    Raises `OfficeInputError`, with a message for each thing that is missing.
    """

    name: str
    agency: str
    authority: str
    categories: tuple[str, ...]
    starts_s: int
    ends_s: int
    contact_name: str
    contact: str

    def __post_init__(self) -> None:
        if not is_feed_name(self.name):
            raise OfficeInputError(f"an agreement's name is 1 to {_MAX_NAME} of a-z 0-9 -")
        for text, what in (
            (self.agency, "the agency that compiles the list"),
            (self.authority, "the authority under which the list is shared"),
            (self.contact_name, "the name of the official who answers for redress"),
            (self.contact, "the contact for redress: a telephone number or an address"),
        ):
            if not text.strip() or len(text) > _MAX_TEXT or not text.isprintable():
                raise OfficeInputError(f"{what} is missing: 1 to {_MAX_TEXT} printable characters")
        if not self.categories:
            raise OfficeInputError("the categories that the list may hold are missing")
        if len(set(self.categories)) != len(self.categories):
            raise OfficeInputError("a category is named twice")
        if not 0 < self.ends_s - self.starts_s <= MAX_DAYS * _DAY_S:
            raise OfficeInputError(f"an agreement ends after its start, and within {MAX_DAYS} days")

    def allowed(self, categories: CategoryTable) -> frozenset[int]:
        """Return the numbers of those of its categories that ``categories`` has."""
        numbers = shared(categories)
        return frozenset(numbers[slug] for slug in self.categories if slug in numbers)

    def is_in_force(self, now_s: int) -> bool:
        """Return whether it holds at ``now_s``."""
        return self.starts_s <= now_s < self.ends_s


def is_feed_name(text: str) -> bool:
    """Return whether ``text`` can name an agreement or a feed."""
    return (
        1 <= len(text) <= _MAX_NAME
        and text.isascii()
        and text.replace("-", "").isalnum()
        and text == text.lower()
        and not text.startswith("-")
    )


def read_agreements(vault: Vault) -> dict[str, Agreement]:
    """Return the agreements by name. Raises `OfficeInputError`."""
    content = vault.read(SLOT)
    if content is None:
        return {}
    rows = decode(bytes(content), _FORMAT, {"agreements"}, "the vault's file of agreements")["agreements"]
    if not isinstance(rows, list):
        raise OfficeInputError("the vault's file of agreements is damaged")
    found = [_agreement(row) for row in rows]
    return {agreement.name: agreement for agreement in found}


def in_force(agreements: Mapping[str, Agreement], name: str, *, now_s: int) -> Agreement:
    """Return the agreement ``name``. Raises `OfficeInputError` unless it is there and in force."""
    agreement = agreements.get(name)
    if agreement is None:
        raise OfficeInputError(
            f"there is no agreement {printable(name)!r}: its feed is not used",
            hint="Enter it with `alpr-office agreement set`.",
        )
    if now_s < agreement.starts_s:
        raise OfficeInputError(
            f"the agreement {name} has not begun: its feed is not used yet",
            hint="Wait for its first day, or correct it with `alpr-office agreement set`.",
        )
    if now_s >= agreement.ends_s:
        raise OfficeInputError(
            f"the agreement {name} has ended: its feed is not used",
            hint=f"Renew it with `alpr-office agreement set`, or run `alpr-office feed remove` for {name}.",
        )
    return agreement


def set_agreement(vault: Vault, agreement: Agreement, *, now_s: int) -> None:
    """Enter ``agreement``, or replace the one of that name. Raises `OfficeInputError`."""
    known = shared(vault.categories)
    for slug in agreement.categories:
        if slug not in known:
            raise OfficeInputError(
                f"the category {printable(slug)!r} is none that an agency may share",
                hint=f"They are {', '.join(known)}.",
            )
    if agreement.ends_s <= now_s:
        raise OfficeInputError("the agreement has ended already")
    agreements = read_agreements(vault)
    replaced = agreement.name in agreements
    if not replaced and len(agreements) >= MAX_AGREEMENTS:
        raise OfficeInputError(f"there are at most {MAX_AGREEMENTS} agreements")
    agreements[agreement.name] = agreement
    _write(
        vault, list(agreements.values()), Act.AGREEMENT_SET, agreement, now_s, added=1, removed=int(replaced)
    )


def end_agreement(vault: Vault, name: str, *, now_s: int) -> None:
    """Take the agreement ``name`` off: its feed is not used from now on. Raises `OfficeInputError`."""
    agreements = read_agreements(vault)
    if name not in agreements:
        raise OfficeInputError(f"there is no agreement {printable(name)!r}")
    ended = agreements.pop(name)
    _write(vault, list(agreements.values()), Act.AGREEMENT_ENDED, ended, now_s, added=0, removed=1)


def _write(
    vault: Vault,
    agreements: Sequence[Agreement],
    act: Act,
    changed: Agreement,
    now_s: int,
    *,
    added: int,
    removed: int,
) -> None:
    content = encode(_FORMAT, {"agreements": [asdict(agreement) for agreement in agreements]})
    record = Record(at_s=now_s, act=act, by=vault.me.badge, subject=changed.name, note=changed.agency)
    vault.change(record, [content], slot=SLOT, added=added, removed=removed)


def _agreement(row: Any) -> Agreement:  # noqa: ANN401 - whatever the file holds
    names = {field.name for field in fields(Agreement)}
    numbers = {"starts_s", "ends_s"}
    if not isinstance(row, dict) or row.keys() != names or not isinstance(row["categories"], list):
        raise OfficeInputError("an agreement of the vault has not exactly an agreement's fields")
    texts = [*(row[name] for name in names - numbers - {"categories"}), *row["categories"]]
    if not all(isinstance(text, str) for text in texts) or any(
        type(row[name]) is not int for name in numbers
    ):
        raise OfficeInputError("an agreement of the vault has not exactly an agreement's fields")
    return Agreement(**{**row, "categories": tuple(row["categories"])})
