"""The certificate of a destruction: what, how many, when, by whom, why. Pure; no plate is in it.

The format is in `alprd/docs/formats/custody.md`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from nacl.exceptions import BadSignatureError

from alprd.errors import EvidenceError, OfficeInputError
from alprd.office.documents import base64_text, bytes_of, decode, encode, number_of, text_of

if TYPE_CHECKING:
    from alprd.office.people import Person

FORMAT: Final = "alprd destruction certificate 1"
SIGNING_DOMAIN: Final = b"alprd destruction certificate v1\0"
MAX_BYTES: Final = 1 << 24
_SIGNATURE_BYTES: Final = 64
_WHAT: Final = "the certificate"
_HINT: Final = "Ask the evidence clerk for the certificate anew: `alpr-office evidence certificate`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Destroyed:
    """One record that was destroyed: its name, unit and sequence there, digest in hexadecimals, why."""

    number: str
    unit: str
    sequence: int
    digest: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A destruction. ``head`` is the digest of the ledger's last record before it, in hexadecimals."""

    number: str
    service: str
    at_s: int
    name: str
    badge: str
    why: str
    head: str
    records: tuple[Destroyed, ...]

    @property
    def signed(self) -> bytes:
        """What the person signs."""
        return SIGNING_DOMAIN + encode(FORMAT, self._fields())

    def file(self, signature: bytes) -> bytes:
        """Return the certificate's file with its ``signature``."""
        return encode(FORMAT, {**self._fields(), "signature": base64_text(signature)})

    def _fields(self) -> dict[str, Any]:
        return {**asdict(self), "count": len(self.records)}


def check(data: bytes, person: Person) -> Certificate:
    """Return the certificate in ``data``, which ``person`` must have signed. Raises `EvidenceError`."""
    try:
        certificate, signature = _read(data)
    except OfficeInputError as error:
        raise EvidenceError(str(error), hint=_HINT) from None
    if certificate.badge != person.badge or certificate.name != person.name:
        raise EvidenceError(
            f"the certificate is by the badge {certificate.badge}, the card is of {person.badge}",
            hint="Check it with the card of the person whom it names.",
        )
    try:
        person.verify.verify(certificate.signed, signature)
    except BadSignatureError:
        raise EvidenceError(
            "the certificate's signature is wrong: it was altered, or another person made it", hint=_HINT
        ) from None
    return certificate


def _read(data: bytes) -> tuple[Certificate, bytes]:
    names = {field.name for field in fields(Certificate)}
    found = decode(data, FORMAT, {*names, "count", "signature"}, _WHAT)
    rows = found["records"]
    if not isinstance(rows, list) or number_of(found, "count", _WHAT) != len(rows):
        raise OfficeInputError(f"{_WHAT} does not count its records right")
    certificate = Certificate(
        **{name: text_of(found, name, _WHAT) for name in names - {"at_s", "records"}},
        at_s=number_of(found, "at_s", _WHAT),
        records=tuple(_destroyed(row) for row in rows),
    )
    signature = bytes_of(found, "signature", _SIGNATURE_BYTES, _WHAT)
    if certificate.file(signature) != data:
        raise OfficeInputError(f"{_WHAT} is not written as it was made")
    return certificate, signature


def _destroyed(row: Any) -> Destroyed:  # noqa: ANN401 - whatever the file holds
    names = {field.name for field in fields(Destroyed)}
    if not isinstance(row, dict) or row.keys() != names:
        raise OfficeInputError(f"{_WHAT}: a record has not exactly its fields")
    texts = {name: text_of(row, name, _WHAT) for name in names - {"sequence"}}
    return Destroyed(**texts, sequence=number_of(row, "sequence", _WHAT))
