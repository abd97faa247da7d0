"""Writes the golden records of officers: ``python -m tests.vectors.officers.generate``."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from alprd.keys.officers import Officer, OfficerRecord, SignedOfficers
from tests.vectors.hotlist.made import CREATED, ROOT, SECOND, SIGNER, STRANGER, THIRD
from tests.vectors.sealed_cases import Case, write_cases

if TYPE_CHECKING:
    from collections.abc import Callable

    from nacl.signing import SigningKey

HEAD = struct.Struct("<8sHHI")
DOMAIN = b"alprd officers v2"
HASH = "$argon2id$v=19$m=8192,t=4,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43
TRAINED = Officer(
    badge="4711",
    secret_hash=HASH,
    trained_until="2027-03-31",
    undertaking=hashlib.sha256(b"signed").hexdigest(),
)
UNSIGNED = Officer(badge="77", secret_hash=HASH, trained_until="2020-01-01", undertaking="")
SAID = OfficerRecord(
    service=ROOT.service, version=3, root_version=ROOT.version, issued=CREATED, officers=(TRAINED, UNSIGNED)
)
ERROR = "KeysError"


def signed(body: bytes, *signers: SigningKey, domain: bytes = DOMAIN) -> bytes:
    """Return ``body`` with the approvals of ``signers``, made without the code under test."""
    message = domain + hashlib.blake2b(body).digest()
    parts = sorted((bytes(one.verify_key), one.sign(message).signature) for one in signers)
    return body + b"".join(key + signature for key, signature in parts) + struct.pack("<I", len(parts))


def body_of(text: bytes, *, magic: bytes = b"ALPROFFS", version: int = 2, reserved: int = 0) -> bytes:
    return HEAD.pack(magic, version, reserved, len(text)) + text


def text_of(change: Callable[[dict[str, Any]], object] = lambda _: None) -> bytes:
    """Return the good record's text, after ``change``."""
    officers = [
        {name: getattr(one, name) for name in ("badge", "secret_hash", "trained_until", "undertaking")}
        for one in SAID.officers
    ]
    names = ("service", "version", "root_version", "issued")
    document: dict[str, Any] = {name: getattr(SAID, name) for name in names} | {"officers": officers}
    change(document)
    return json.dumps(document, sort_keys=True).encode("ascii")


BODY = body_of(text_of())
GOOD = signed(BODY, SIGNER, SECOND)


def case(name: str, about: str, data: bytes, because: str) -> Case:
    return Case(name=name, about=about, data=data, expect=ERROR, because=because)


def changed(name: str, about: str, because: str, change: Callable[[dict[str, Any]], object]) -> Case:
    """Return a case whose text says something that may not be said, signed by both approvers."""
    return case(name, about, signed(body_of(text_of(change)), SIGNER, SECOND), because)


def form_cases() -> list[Case]:
    text = text_of()
    return [
        case("form_empty", "An empty file", b"", "ends too early"),
        case("form_short", "A byte less", GOOD[:-1], "approvals"),
        case("form_long", "A byte more", GOOD + b"\0", "approvals"),
        case("form_cut", "A text that is cut", body_of(text)[:-1], "larger than it may be, or cut"),
        case("form_magic", "Another magic", signed(body_of(text, magic=b"ALPRCATS"), SIGNER, SECOND), "head"),
        case("form_version", "Version 1", signed(body_of(text, version=1), SIGNER, SECOND), "head"),
        case(
            "form_reserved", "The reserved field", signed(body_of(text, reserved=1), SIGNER, SECOND), "head"
        ),
        case(
            "form_spaces", "Another way to write it", signed(body_of(text + b" "), SIGNER, SECOND), "one way"
        ),
        case("form_no_approval", "Nobody's approval", signed(BODY), "approvals"),
        changed("form_field", "A field more", "expected exactly", lambda d: d.update(more=1)),
        changed("form_true", "A version that is true", "expected exactly", lambda d: d.update(version=True)),
        changed("form_version_0", "Record version 0", "a version is 1", lambda d: d.update(version=0)),
        changed("form_issued", "Issued at 2^32", "32-bit", lambda d: d.update(issued=2**32)),
        changed("form_order", "Not sorted", "sorted", lambda d: d["officers"].reverse()),
        changed(
            "form_twice", "A badge twice", "no badge twice", lambda d: d["officers"].append(d["officers"][1])
        ),
        changed(
            "form_badge", "A badge with a space", "badge", lambda d: d["officers"][0].update(badge="4 7")
        ),
        changed(
            "form_pin",
            "A PIN in clear",
            "secret_hash",
            lambda d: d["officers"][0].update({"secret_hash": "1"}),
        ),
        changed(
            "form_day", "No such day", "day", lambda d: d["officers"][0].update(trained_until="2027-02-31")
        ),
    ]


def trust_cases() -> list[Case]:
    other = body_of(text_of(lambda d: d.update(service="Other Police")))
    later = body_of(text_of(lambda d: d.update(root_version=ROOT.version + 1)))
    moved = signed(BODY, SIGNER, SECOND)[len(BODY) :]
    renamed = body_of(text_of(lambda d: d["officers"][1].update(badge="78")))
    return [
        case("trust_one", "One approver", signed(BODY, SIGNER), "2 approvers are needed; found 1"),
        case("trust_stranger", "An approver and a stranger", signed(BODY, SIGNER, STRANGER), "no approver"),
        case("trust_moved", "Another officer under the signatures", renamed + moved, "signature is wrong"),
        case("trust_no_domain", "Without the domain", signed(BODY, SIGNER, SECOND, domain=b""), "is wrong"),
        case("trust_service", "Of another service", signed(other, SIGNER, SECOND), "another service's"),
        case("trust_root", "Of a later root record", signed(later, SIGNER, SECOND), "under root version"),
    ]


def all_cases() -> list[Case]:
    """Return every case of the format."""
    nobody = replace(SAID, officers=(), version=2**32 - 1)
    empty = SignedOfficers(record=nobody, approvals=()).approved_by(SIGNER).approved_by(SECOND)
    return [
        Case(name="good_two", about="Two officers, of whom one may log in", data=GOOD),
        Case(name="good_three_approvers", about="All approvers", data=signed(BODY, SIGNER, SECOND, THIRD)),
        Case(name="good_nobody", about="Nobody, at the last version", data=empty.pack()),
        *form_cases(),
        *trust_cases(),
    ]


if __name__ == "__main__":
    write_cases("officers", all_cases())
