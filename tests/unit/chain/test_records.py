"""A chain tells what was done to it, and where."""

from __future__ import annotations

from itertools import pairwise

import pytest
from nacl.signing import SigningKey

from alprd.chain.records import MAX_RECORD, ChainKind, FaultKind, Head, check_chain, make_record, read_chain
from alprd.errors import ChainError

KEY = SigningKey(bytes(range(32)))
KIND = ChainKind(kind="audit", unit="car-12")


def records(count: int, kind: ChainKind = KIND, key: SigningKey = KEY) -> list[bytes]:
    made: list[bytes] = []
    head = Head()
    for number in range(1, count + 1):
        made.append(make_record(kind, head, {"act": f"act {number}"}, key))
        head = Head.of(made[-1], number)
    return made


def fault_of(data: bytes, *known: Head) -> tuple[FaultKind, int] | None:
    fault = read_chain(data, KIND, KEY.verify_key, known).fault
    return None if fault is None else (fault.kind, fault.number)


def test_a_whole_chain_has_no_fault_and_its_last_record_as_head() -> None:
    made = records(5)
    chain = read_chain(b"".join(made), KIND, KEY.verify_key)
    check_chain(chain)
    assert [record.fields["act"] for record in chain.records] == [f"act {n}" for n in range(1, 6)]
    assert chain.head == Head.of(made[-1], 5)
    assert all(later.before == record.head.digest for record, later in pairwise(chain.records))
    assert read_chain(b"", KIND, KEY.verify_key).head == Head()


def test_every_single_flipped_byte_is_found_at_its_record() -> None:
    made = records(4)
    data = b"".join(made)
    starts = [sum(map(len, made[:n])) for n in range(4)]
    for place in range(len(data)):
        number = max(n for n in range(4) if starts[n] <= place) + 1
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        # Of the last record nothing tells a change from an end that power tore.
        assert fault_of(changed) == (FaultKind.EDITED if number < 4 else FaultKind.TORN, number), place


@pytest.mark.parametrize("first", [1, 2, 3, 4])
@pytest.mark.parametrize("count", [1, 2])
def test_records_that_are_taken_out_are_named(first: int, count: int) -> None:
    made = records(7)
    rest = made[: first - 1] + made[first - 1 + count :]
    chain = read_chain(b"".join(rest), KIND, KEY.verify_key)
    assert chain.fault is not None
    assert (chain.fault.kind, chain.fault.number) == (FaultKind.DELETED, first)
    wanted = f"record {first} is missing" if count == 1 else f"records {first} to {first + 1} are missing"
    assert wanted in chain.fault.text
    with pytest.raises(ChainError, match="missing"):
        check_chain(chain)


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 4), (1, 5)])
def test_records_in_another_order_are_named(one: int, other: int) -> None:
    made = records(5)
    made[one - 1], made[other - 1] = made[other - 1], made[one - 1]
    assert fault_of(b"".join(made)) == (FaultKind.REORDERED, one)


def test_a_record_twice_is_found() -> None:
    made = records(3)
    assert fault_of(b"".join([*made, made[1]])) == (FaultKind.REORDERED, 4)


def test_an_end_that_is_cut_anywhere_is_torn_there() -> None:
    made = records(3)
    data = b"".join(made)
    start = len(made[0]) + len(made[1])
    assert fault_of(data[:start]) is None
    for end in range(start + 1, len(data)):
        chain = read_chain(data[:end], KIND, KEY.verify_key)
        assert chain.fault is not None
        assert (chain.fault.kind, chain.fault.number, chain.end) == (FaultKind.TORN, 3, start)


def test_records_that_are_taken_off_the_end_are_found_by_a_head_that_is_known() -> None:
    made = records(5)
    whole = read_chain(b"".join(made), KIND, KEY.verify_key)
    for left in range(5):
        data = b"".join(made[:left])
        assert fault_of(data) is None, "by itself a chain does not show it"
        assert fault_of(data, whole.head) == (FaultKind.TRUNCATED, left + 1)
    assert fault_of(b"".join(made), *(record.head for record in whole.records)) is None


def test_a_chain_that_its_own_key_wrote_anew_is_found_by_a_head() -> None:
    first = records(3)
    known = Head.of(first[1], 2)
    anew = [first[0]]
    for number in (2, 3):
        anew.append(make_record(KIND, Head.of(anew[-1], number - 1), {"act": "another"}, KEY))
    assert fault_of(b"".join(anew)) is None
    assert fault_of(b"".join(anew), known) == (FaultKind.EDITED, 2)


def test_one_record_replaced_by_the_key_itself_is_found_by_the_next() -> None:
    made = records(3)
    made[1] = make_record(KIND, Head.of(made[0], 1), {"act": "another"}, KEY)
    assert fault_of(b"".join(made)) == (FaultKind.EDITED, 2)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (ChainKind(kind="conservation", unit="car-12"), KEY),
        (ChainKind(kind="audit", unit="car-13"), KEY),
        (KIND, SigningKey(bytes(32))),
    ],
)
def test_a_record_of_another_chain_unit_or_key_does_not_fit(kind: ChainKind, key: SigningKey) -> None:
    other = records(2, kind, key)
    assert fault_of(b"".join([*records(1), other[1]])) == (FaultKind.TORN, 2)
    assert read_chain(b"".join(other), kind, key.verify_key).fault is None


def test_a_record_that_is_too_long_is_refused() -> None:
    room = MAX_RECORD - len(make_record(KIND, Head(), {"act": ""}, KEY))
    assert len(make_record(KIND, Head(), {"act": "x" * room}, KEY)) == MAX_RECORD
    with pytest.raises(ValueError, match="4096"):
        make_record(KIND, Head(), {"act": "x" * (room + 1)}, KEY)
