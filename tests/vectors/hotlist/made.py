"""Lists made of a few rows with fixed keys: what the golden cases and the tests are built from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from nacl.public import PrivateKey, PublicKey
from nacl.signing import SigningKey

from alprd.hotlist.blob import SIGNING_DOMAIN, HotlistHeader
from alprd.hotlist.body import Body, BodyShape
from alprd.hotlist.build import BuiltList, Recipient, build_body, sealed_pieces
from alprd.hotlist.columns import Columns
from alprd.hotlist.details import Details, Person, Vehicle
from alprd.keys.approvals import approve, pack_trailer, trailer_bytes
from alprd.keys.root import Approver, Root, RootRecord
from alprd.plates.normal import pack
from tests.vectors.sealed_cases import sealed_box

SIGNER = SigningKey(bytes(range(1, 33)))
SECOND = SigningKey(bytes(range(2, 34)))
THIRD = SigningKey(bytes(range(8, 40)))
STRANGER = SigningKey(bytes(range(9, 41)))
UNIT = PrivateKey(bytes(range(3, 35)))
OTHER_UNIT = PrivateKey(bytes(range(4, 36)))
THIRD_UNIT = PrivateKey(bytes(range(7, 39)))
EVIDENCE = PrivateKey(bytes(range(10, 42)))
EPHEMERAL = PrivateKey(bytes(range(5, 37)))
CONTENT_KEY = bytes(range(64, 96))
DETAILS_KEY = bytes(range(96, 128))
TAG_KEY = bytes(range(160, 176))
STREAM = bytes(range(128, 152))
SERVICE = "Example Police"

CREATED = 1_767_323_045
"""2026-01-02 03:04:05 UTC."""
DAY = 86_400
NOW = CREATED + 3600

Row = tuple[int, int, int, int, int, int, int]
"""Packed plate, expires, jurisdiction, plate type, category, priority, flags."""

ONTARIO, QUEBEC = 9, 11
PASSENGER, MOTORCYCLE = 1, 3
STOLEN_VEHICLE, AMBER_ALERT, EXPIRED_STICKER, SUSPENDED_DRIVER, SUSPENDED_USE = 11, 17, 1, 8, 18
GOOD_ROW: Row = (pack("ABCD123"), 0, ONTARIO, PASSENGER, STOLEN_VEHICLE, 3, 0)
SHORT_ROW: Row = (pack("ZZZZZZZZZZ"), CREATED + DAY, 64, 12, SUSPENDED_USE, 2, 1)
CANARY_ROW: Row = (pack("4H7K9P3"), CREATED + DAY, 0, 0, 0, 1, 4)
FIVE_ROWS: list[Row] = [
    (pack("0"), 0, 0, 0, EXPIRED_STICKER, 1, 0),
    (pack("ABCD123"), 0, ONTARIO, PASSENGER, EXPIRED_STICKER, 1, 0),
    (pack("ABCD123"), 0, ONTARIO, PASSENGER, STOLEN_VEHICLE, 3, 0),
    (pack("ABCD123"), CREATED + 60, QUEBEC, MOTORCYCLE, AMBER_ALERT, 4, 0),
    SHORT_ROW,
]
DESCRIBED = Details(vehicle=Vehicle(descriptors="silver, dent in the left door"))
FULL = Details(
    vehicle=Vehicle(make="Example", model="One", colour="silver", vehicle_class="car", year=2019),
    person=Person(name="\u00c9milie Exemple", corrective_lens=True),
)


def root_of(*signers: SigningKey, version: int = 1, expires: int = CREATED + 400 * DAY) -> Root:
    """Return the root record in which ``signers`` are the approvers, two of whom are needed."""
    keys = sorted((signer.verify_key for signer in signers), key=bytes)
    return Root(
        service=SERVICE,
        version=version,
        threshold=2,
        approvers=tuple(Approver(name=f"approver {n}", public=key) for n, key in enumerate(keys)),
        evidence=EVIDENCE.public_key,
        issued=CREATED - DAY,
        expires=expires,
    )


ROOT = root_of(SIGNER, SECOND, THIRD)
ROOT_RECORD = RootRecord(root=ROOT, approvals=()).approved_by(SIGNER).approved_by(SECOND)


def columns_of(rows: list[Row]) -> Columns:
    """Return rows as columns, in the order given and unchecked."""
    fields = zip(*rows, strict=True) if rows else ((),) * 7
    plate, expires, jurisdiction, plate_type, category, priority, flags = fields
    return Columns(
        plate=np.array(plate, np.uint64),
        expires=np.array(expires, np.uint32),
        jurisdiction=np.array(jurisdiction, np.uint8),
        plate_type=np.array(plate_type, np.uint8),
        category=np.array(category, np.uint8),
        priority=np.array(priority, np.uint8),
        flags=np.array(flags, np.uint8),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a list is made of; each case changes one thing. ``details`` are by row."""

    rows: tuple[Row, ...] = (GOOD_ROW,)
    details: dict[int, Details] = field(default_factory=dict)
    units: tuple[PrivateKey, ...] = (UNIT,)
    signers: tuple[SigningKey, ...] = (SIGNER, SECOND)
    service: str = SERVICE
    sequence: int = 7
    base: int = 0
    created: int = CREATED
    expires: int = CREATED + DAY
    root_version: int = 1
    sealed_key: bytes = CONTENT_KEY

    def built(self) -> BuiltList:
        """Return the plain list."""
        columns = columns_of(list(self.rows))
        return build_body(columns, tag_keys=[TAG_KEY], details_key=DETAILS_KEY, details=self.details)

    def data(self, built: BuiltList | None = None) -> bytes:
        """Return the file, of ``built`` in place of what the rows give when it is there."""
        built = self.built() if built is None else built
        publics = sorted((unit.public_key for unit in self.units), key=bytes)
        header = HotlistHeader(
            service=self.service,
            sequence=self.sequence,
            base=self.base,
            created=self.created,
            expires=self.expires,
            root_version=self.root_version,
            recipients=len(publics),
            shape=built.shape,
            details_bytes=len(built.details),
            stream=STREAM,
        )
        key = np.frombuffer(CONTENT_KEY, np.uint8)
        recipients = [self._recipient(public) for public in publics]
        return b"".join(bytes(piece) for piece in sealed_pieces(header, recipients, built, key, self.signers))

    def _recipient(self, public: PublicKey) -> Recipient:
        return Recipient(public=bytes(public), sealed=sealed_box(self.sealed_key, public, EPHEMERAL))


def patched(data: bytes, offset: int, new: bytes) -> bytes:
    """Return ``data`` with ``new`` at ``offset``, not signed again."""
    return data[:offset] + new + data[offset + len(new) :]


def unsigned(data: bytes, approvals: int = 2) -> bytes:
    """Return ``data`` up to its approvals."""
    return data[: -trailer_bytes(approvals)]


def resigned(data: bytes, *signers: SigningKey) -> bytes:
    """Return ``data`` with approvals that fit it: what faulty approvers could send."""
    body = unsigned(data)
    message = SIGNING_DOMAIN + hashlib.blake2b(body).digest()
    return body + pack_trailer(approve(message, signer) for signer in signers or (SIGNER, SECOND))


def with_body(change: str, at: int, value: object, *, made: Made | None = None) -> bytes:
    """Return the good list with item ``at`` of the body's part ``change`` set to ``value``, and signed."""
    made = made or Made()
    built = made.built()
    getattr(built.body, change)[at] = value
    return made.data(built)


def with_fact(name: str, value: object, at: int = 0, *, made: Made | None = None) -> bytes:
    """Return the good list with field ``name`` of facts ``at`` set to ``value``, and signed."""
    made = made or Made()
    built = made.built()
    built.body.facts[name][at] = value
    return made.data(built)


def facts_twice(made: Made) -> bytes:
    """Return the list with its first facts in place of the second, and signed."""
    built = made.built()
    built.body.facts[1] = built.body.facts[0]
    return made.data(built)


def crowded() -> bytes:
    """Return a list of one bucket with a row too many; nothing else is wrong with it."""
    good = Made().built().body
    shape = BodyShape(facts=1, bucket_bits=0, rows=4097, removed=0, details=0)
    body = Body.over(np.zeros(shape.size, np.uint8), shape)
    for name in ("tag_key", "details_key", "facts"):
        getattr(body, name)[:] = getattr(good, name)
    body.directory[1] = 4097
    body.residuals[:] = np.arange(4097)
    return Made().data(BuiltList(body=body, shape=shape, details=b""))


GOOD = Made().data()
TWO_UNITS = Made(units=(UNIT, OTHER_UNIT)).data()
FIVE = Made(rows=tuple(FIVE_ROWS), details={2: FULL, 4: DESCRIBED})
SMALL_LIST = Made(rows=(FIVE_ROWS[1], GOOD_ROW), details={1: FULL})
