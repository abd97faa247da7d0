"""The register of what units handed over: which records, whose keys, since when, held by whom. Pure.

The format is `alprd/docs/formats/custody.md`. There is no plate in it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from alprd.errors import OfficeInputError, printable
from alprd.office.documents import base64_text, decode, encode
from alprd.office.retention import ONE, Hold, Retention

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SLOT: Final = "evidence"
_FORMAT: Final = "alprd evidence register 1"
_WHAT: Final = "the register of evidence"
_KEY_BYTES: Final = 32
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A record that was taken in. ``key`` is empty once it was destroyed, by the certificate named.

    ``signer`` is the unit's public Ed25519 key and ``digest`` the BLAKE2b-256 of the whole file, 32 bytes
    each; times are Unix seconds, ``used_s`` that of the last use.
    """

    number: int
    unit: str
    signer: bytes
    sequence: int
    digest: bytes
    taken_s: int
    used_s: int
    key: bytes
    holds: tuple[Hold, ...] = ()
    consent: str = ""
    certificate: str = ""

    @property
    def name(self) -> str:
        """What people call it: like ``E-7``."""
        return f"E-{self.number}"

    @property
    def file(self) -> str:
        """The name of its file in the vault."""
        return f"{self.number:08d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One export: the fields that the log of disclosures needs. ``until_s`` 0: nothing is to come back.

    ``ended`` says how it was returned or destroyed, empty as long as it was not.
    """

    number: str
    record: str
    at_s: int
    authority: str
    authorized_by: str
    collected: str
    place: str
    linked: str
    recipient: str
    title: str
    files: str
    description: str
    means: str
    conditions: str
    afterwards: str
    until_s: int
    ended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRegister:
    """All that was taken in by number, destroyed ones too, and what is on record beside them.

    ``certificates`` are their files' texts by number, ``searched`` keyed digests of plates that were searched
    for and until when they are remembered.
    """

    last: int = 0
    last_hold: int = 0
    retention: Retention = ONE
    records: Mapping[int, Held]
    certificates: Mapping[str, str]
    disclosures: Mapping[str, Disclosure]
    searched: Mapping[str, int]

    @property
    def kept(self) -> list[Held]:
        """Those that are not destroyed, by number."""
        return [held for held in self.records.values() if held.key]

    @property
    def files(self) -> frozenset[str]:
        """The files that belong in the vault's folder of evidence."""
        return frozenset(held.file for held in self.kept)

    def find(self, name: str) -> Held:
        """Return the record ``name`` (like ``E-7``). Raises `OfficeInputError` when it is not held."""
        held = next((one for one in self.records.values() if one.name == name), None)
        if held is None:
            raise OfficeInputError(
                f"there is no evidence {printable(name)!r}", hint="See `alpr-office evidence list`."
            )
        if not held.key:
            raise OfficeInputError(
                f"{name} was destroyed, see the certificate {held.certificate}",
                hint=f"Write it with `alpr-office evidence certificate DIR {held.certificate}`.",
            )
        return held

    def known(self, unit: str, signer: bytes, sequence: int) -> Held | None:
        """Return what was taken in of that unit with those keys under that sequence."""
        name = (unit, signer, sequence)
        return next((h for h in self.records.values() if (h.unit, h.signer, h.sequence) == name), None)

    def with_records(self, changed: Iterable[Held]) -> EvidenceRegister:
        """Return the register with ``changed`` in the place of those of their numbers, or added."""
        records = {**self.records, **{held.number: held for held in changed}}
        return replace(self, records=records, last=max([self.last, *records]))


NOTHING: Final = EvidenceRegister(records={}, certificates={}, disclosures={}, searched={})


def pack_register(register: EvidenceRegister) -> bytes:
    """Return the vault's file of ``register``."""
    return encode(
        _FORMAT,
        {
            "last": register.last,
            "last_hold": register.last_hold,
            "days": register.retention.days,
            "by_law": register.retention.by_law,
            "records": [_fields(held) for held in register.records.values()],
            "certificates": dict(register.certificates),
            "disclosures": [asdict(one) for one in register.disclosures.values()],
            "searched": dict(register.searched),
        },
    )


def read_register(content: bytearray | None) -> EvidenceRegister:
    """Return the register in ``content``, an empty one for None. Raises `OfficeInputError`."""
    if content is None:
        return NOTHING
    names = {"last", "last_hold", "days", "by_law", "records", "certificates", "disclosures", "searched"}
    found: dict[str, Any] = decode(bytes(content), _FORMAT, names, _WHAT)
    try:
        records = [_held(row) for row in found["records"]]
        disclosures = [_exactly(Disclosure, row) for row in found["disclosures"]]
        return EvidenceRegister(
            last=int(found["last"]),
            last_hold=int(found["last_hold"]),
            retention=Retention(days=int(found["days"]), by_law=str(found["by_law"])),
            records={held.number: held for held in records},
            certificates={str(name): str(text) for name, text in found["certificates"].items()},
            disclosures={one.number: one for one in disclosures},
            searched={str(tag): int(until_s) for tag, until_s in found["searched"].items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error):
        raise OfficeInputError(f"{_WHAT} is damaged") from None


def _fields(held: Held) -> dict[str, object]:
    texts = {name: base64_text(getattr(held, name)) for name in ("signer", "digest", "key")}
    return {**asdict(held), **texts}


def _held(row: dict[str, Any]) -> Held:
    known = {name: base64.b64decode(row[name], validate=True) for name in ("signer", "digest", "key")}
    if {len(known["signer"]), len(known["digest"])} != {_KEY_BYTES} or len(known["key"]) not in {
        0,
        _KEY_BYTES,
    }:
        raise ValueError("a key or a digest is not 32 bytes")
    holds = tuple(_exactly(Hold, hold) for hold in row["holds"])
    return _exactly(Held, {**row, **known, "holds": holds})


def _exactly(kind: type[_T], row: dict[str, Any]) -> _T:
    """Return ``row`` as a record of ``kind``: exactly its fields, each of its type."""
    types = {"int": int, "str": str, "bytes": bytes, "tuple[Hold, ...]": tuple}
    expected = {field.name: types[str(field.type)] for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    if row.keys() != expected.keys() or any(type(row[name]) is not expected[name] for name in expected):
        raise ValueError("a row has not exactly its fields")
    return kind(**row)
