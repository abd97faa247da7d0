"""A record says all of a change, and only what follows from the records before it is taken."""

from __future__ import annotations

from dataclasses import replace

import nacl.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt

from alprd.errors import OfficeInputError, VaultError
from alprd.office import ledger
from alprd.office.documents import decode, encode
from alprd.office.ledger import FIRST_PREVIOUS, MAX_TEXT, Act, Record, Replayed, append, seal_record
from alprd.office.people import make_person

KEY, VAULT = bytes(range(32)), bytes(range(16))
ADA = make_person("Ada Roy", "C-17")
BOB = make_person("Bob Lee", "C-18")
MADE = Record(at_s=10, act=Act.VAULT_MADE, by="C-17", subject="", person=ADA.public)
ADDED = Record(
    at_s=20,
    act=Act.ENTRY_ADDED,
    by="C-17",
    subject="M1",
    slot="entries",
    file="entries.00000002",
    digest=bytes(32),
    before=0,
    after=1,
    added=1,
    note="by hand",
    source=bytes(range(32)),
)


def take(
    state: Replayed, record: Record, *, number: int | None = None, previous: bytes | None = None
) -> None:
    data = seal_record(
        record,
        number or len(state.records) + 1,
        previous=state.head if previous is None else previous,
        vault=VAULT,
        key=KEY,
        signing=ADA.signing,
        nonce=bytes(24),
    )
    append(state, data, vault=VAULT, key=KEY)


def begun() -> Replayed:
    state = Replayed()
    take(state, MADE)
    return state


def test_records_are_read_as_they_were_written() -> None:
    state = begun()
    take(state, ADDED)
    assert state.records == [MADE, ADDED]
    assert state.people == {"C-17": ADA.public}
    assert state.slots["entries"].rows == 1
    assert state.heads[0] == FIRST_PREVIOUS
    assert len(set(state.heads)) == 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"after": 2}, "counts do not follow"),
        ({"before": 1, "after": 2}, "counts do not follow"),
        ({"added": 0}, "counts do not follow"),
        ({"at_s": 9}, "earlier than the one before"),
        ({"by": "C-18"}, "by a person who was not admitted"),
        ({"second": "C-17"}, "not signed|second person"),
        ({"second": "C-18"}, "not admitted"),
        ({"file": None}, "counts rows in a file that is gone"),
        ({"act": Act.VAULT_MADE, "person": ADA.public}, "makes a vault that is there"),
    ],
)
def test_what_does_not_follow_is_refused(changed: dict[str, object], message: str) -> None:
    state = begun()
    with pytest.raises(VaultError, match=message):
        take(state, replace(ADDED, **changed))  # type: ignore[arg-type]
    assert state.records == [MADE]


def test_a_record_does_not_open_in_another_place() -> None:
    for number, previous in ((3, None), (2, FIRST_PREVIOUS)):
        with pytest.raises(VaultError, match="record 2 of the ledger does not open"):
            take(begun(), ADDED, number=number, previous=previous)


def test_a_record_of_another_vault_does_not_open() -> None:
    state = begun()
    data = seal_record(
        ADDED, 2, previous=state.head, vault=VAULT, key=KEY, signing=ADA.signing, nonce=bytes(24)
    )
    with pytest.raises(VaultError, match="does not open"):
        append(state, data, vault=bytes(16), key=KEY)
    with pytest.raises(VaultError, match="does not open"):
        append(state, data, vault=VAULT, key=bytes(32))


def test_the_first_record_must_make_the_vault() -> None:
    with pytest.raises(VaultError, match="by a person who was not admitted"):
        take(Replayed(), ADDED)


def test_a_removed_persons_later_records_are_refused() -> None:
    state = begun()
    take(state, Record(at_s=11, act=Act.PERSON_ADMITTED, by="C-17", subject="C-18", person=BOB.public))
    take(state, Record(at_s=12, act=Act.PERSON_REMOVED, by="C-17", subject="C-17"))
    with pytest.raises(VaultError, match="not admitted"):
        take(state, ADDED)


def forged(fields: dict[str, object], state: Replayed) -> bytes:
    """Return a record with these fields, rightly signed and encrypted."""
    bound = ledger._bound(len(state.records) + 1, state.head, VAULT)
    text = encode("alprd ledger 1", fields)
    plain = ADA.signing.sign(bound + text).signature + bytes(64) + text
    nonce = nacl.utils.random(24)
    return ledger.MAGIC + nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(plain, bound, nonce, KEY)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"act": "list leaked"}, "none of the acts"),
        ({"at": "20"}, "at is not a whole number"),
        ({"at": -1}, "at is not a whole number"),
        ({"added": True}, "added is not a whole number"),
        ({"note": 5}, "note is not a text"),
        ({"digest": "AAAA"}, "digest is not 32 bytes in base64"),
        ({"digest": "!"}, "digest is not 32 bytes in base64"),
        ({"person": []}, "person is not an object"),
        ({"person": {"name": "x"}}, "a person has a name, a badge and two keys"),
        ({"extra": 1}, "has not exactly the fields"),
    ],
)
def test_a_signed_record_of_another_form_is_refused(changed: dict[str, object], message: str) -> None:
    state = begun()
    fields = ledger._fields(ADDED)
    append(other := state.copy(), forged(fields, state), vault=VAULT, key=KEY)
    assert other.records[-1] == ADDED, "as it stands it is taken"
    with pytest.raises(VaultError, match=message):
        append(state, forged(fields | changed, state), vault=VAULT, key=KEY)


def test_long_texts_are_cut() -> None:
    state = begun()
    take(state, replace(ADDED, note="x" * 1000, subject="y" * 1000))
    assert (len(state.records[1].note), len(state.records[1].subject)) == (MAX_TEXT, MAX_TEXT)


@given(st.binary(max_size=400))
def test_only_the_offices_error_comes_out(data: bytes) -> None:
    for start in (b"", ledger.MAGIC):
        with pytest.raises(VaultError):
            append(begun(), start + data, vault=VAULT, key=KEY)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"format": "f", "a": 1, "a": 2}', "not JSON with each name once"),
        (b'{"format": "g", "a": 1}', "not of format 'f'"),
        (b'{"a": 1}', "not of format 'f'"),
        (b"[1]", "not of format 'f'"),
        (b'{"format": "f"}', "has not exactly the fields"),
        (b'{"format": "f", "a": 1, "b": 2}', "has not exactly the fields"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_document_is_read_strictly(data: bytes, message: str) -> None:
    with pytest.raises(OfficeInputError, match=message):
        decode(data, "f", {"a"}, "the file")
    assert decode(encode("f", {"a": 1}), "f", {"a"}, "the file") == {"a": 1}
