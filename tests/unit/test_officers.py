"""The record of officers: strict, signed by two approvers, never going back, and without a PIN."""

from __future__ import annotations

import dataclasses
import json
import re
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from alprd.errors import KeysError
from alprd.keys.officers import (
    MAX_OFFICERS,
    OFFICERS_FILE,
    SignedOfficers,
    install_officers,
    is_secret,
    parse_officers,
    read_officers,
    write_signed,
)
from tests.sim.officers import PIN, officer, record_of, signed
from tests.vectors.hotlist.made import ROOT, SECOND, SIGNER
from tests.vectors.officers.generate import GOOD, SAID, all_cases
from tests.vectors.sealed_cases import FOLDER, Case, hex_lines, read_cases

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW_S = 1_800_000_000
CASES = read_cases("officers")
HEAD = struct.Struct("<8sHHI")


def test_a_pin_is_known_and_not_kept(tmp_path: Path) -> None:
    one = officer()
    assert is_secret(one, PIN)
    assert not is_secret(one, "1358")
    assert not is_secret(None, PIN)
    assert not is_secret(one, "\u00e9")
    path = tmp_path / OFFICERS_FILE
    write_signed(path, signed([one, officer("77")]))
    assert PIN.encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_officers(path, ROOT)["4711"] == one
    assert read_officers(path, ROOT).keys() == {"4711", "77"}
    assert PIN not in repr(one)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_ends_as_it_says(case: Case, tmp_path: Path) -> None:
    path = tmp_path / OFFICERS_FILE
    path.write_bytes(case.data)
    if case.expect == "ok":
        assert read_officers(path, ROOT).keys() <= {"4711", "77"}
        return
    assert case.expect == "KeysError"
    with pytest.raises(KeysError, match=re.escape(case.because)):
        read_officers(path, ROOT)


def test_the_files_are_what_the_generator_makes() -> None:
    made = sorted(all_cases(), key=lambda case: case.name)
    assert [case.name for case in CASES] == [case.name for case in made]
    for case in made:
        assert (FOLDER / "officers" / f"{case.name}.json").read_text("utf-8") == case.text()


def test_the_document_shows_the_record_of_nobody() -> None:
    document = (FOLDER.parents[1] / "alprd/docs/formats/officers.md").read_text("utf-8")
    (nobody,) = [case for case in CASES if case.name == "good_nobody"]
    assert hex_lines(nobody.data) in document


def test_the_code_makes_the_good_case() -> None:
    bare = SignedOfficers(record=SAID, approvals=())
    assert bare.approved_by(SIGNER).approved_by(SECOND).pack() == GOOD


@given(st.binary(max_size=400))
def test_arbitrary_bytes_give_a_keys_error(data: bytes) -> None:
    for given_bytes in (data, b"ALPROFFS\x02\0\0\0" + data):
        with pytest.raises(KeysError):
            parse_officers(given_bytes)


def test_without_a_file_there_is_no_officer(tmp_path: Path) -> None:
    assert read_officers(tmp_path / OFFICERS_FILE, ROOT) == {}


def rewritten(change: Callable[[dict[str, Any]], object]) -> bytes:
    """A record whose text was changed after it was signed."""
    data = signed([officer()]).pack()
    size = HEAD.unpack_from(data)[3]
    document = json.loads(data[HEAD.size : HEAD.size + size])
    change(document)
    text = json.dumps(document, sort_keys=True).encode()
    return HEAD.pack(b"ALPROFFS", 2, 0, len(text)) + text + data[HEAD.size + size :]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(more=1),
        lambda d: d.pop("officers"),
        lambda d: d.update(officers={}),
        lambda d: d.update(version=0),
        lambda d: d.update(version=True),
        lambda d: d.update(issued=-1),
        lambda d: d.update(service=5),
        lambda d: d["officers"].append(d["officers"][0]),
        lambda d: d["officers"].append({**d["officers"][0], "badge": "0"}),
        lambda d: d["officers"][0].update(badge="A B"),
        lambda d: d["officers"][0].update(badge="A" * 17),
        lambda d: d["officers"][0].update(trained_until="soon"),
        lambda d: d["officers"][0].update(undertaking="ab"),
        lambda d: d["officers"][0].update(secret_hash=PIN),
        lambda d: d["officers"][0].update(trained_until=5),
        lambda d: d["officers"][0].pop("badge"),
        lambda d: d["officers"].extend([d["officers"][0]] * MAX_OFFICERS),
    ],
)
def test_a_record_that_is_not_quite_right_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(KeysError, match="not well formed"):
        parse_officers(rewritten(change))


def test_no_other_way_to_write_the_same_is_taken() -> None:
    data = signed([officer()]).pack()
    size = HEAD.unpack_from(data)[3]
    text = data[HEAD.size : HEAD.size + size].replace(b": ", b":")
    other = HEAD.pack(b"ALPROFFS", 2, 0, len(text)) + text + data[HEAD.size + size :]
    with pytest.raises(KeysError, match="one way to write it"):
        parse_officers(other)


def test_every_byte_is_signed_and_every_cut_is_seen(tmp_path: Path) -> None:
    data, path = signed([officer()]).pack(), tmp_path / OFFICERS_FILE
    for place in range(0, len(data), 7):
        path.write_bytes(data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :])
        with pytest.raises(KeysError):
            read_officers(path, ROOT)
        path.write_bytes(data[:place])
        with pytest.raises(KeysError):
            read_officers(path, ROOT)
    path.write_bytes(data)
    assert read_officers(path, ROOT).keys() == {"4711"}


@pytest.mark.parametrize("content", [b"", b"[]", b"ALPROFFS", b"\xff" * 40, b" " * (2 << 20)])
def test_what_is_no_record_of_officers_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / OFFICERS_FILE
    path.write_bytes(content)
    with pytest.raises(KeysError):
        read_officers(path, ROOT)


def test_two_approvers_of_this_service_must_have_signed(tmp_path: Path) -> None:
    path = tmp_path / OFFICERS_FILE
    bare = SignedOfficers(record=record_of([officer()]), approvals=())
    write_signed(path, bare.approved_by(SIGNER))
    with pytest.raises(KeysError, match="2 approvers are needed; found 1"):
        read_officers(path, ROOT)
    write_signed(path, bare.approved_by(SIGNER).approved_by(SigningKey(bytes(32))))
    with pytest.raises(KeysError, match="no approver"):
        read_officers(path, ROOT)
    other = dataclasses.replace(bare.record, service="Another Police")
    write_signed(path, SignedOfficers(record=other, approvals=()).approved_by(SIGNER))
    with pytest.raises(KeysError, match="another service's"):
        read_officers(path, ROOT)
    later = dataclasses.replace(bare.record, root_version=ROOT.version + 1)
    write_signed(path, SignedOfficers(record=later, approvals=()).approved_by(SIGNER))
    with pytest.raises(KeysError, match="root version"):
        read_officers(path, ROOT)


def test_an_installed_record_never_goes_back(tmp_path: Path) -> None:
    source = tmp_path / "officers"

    def install(version: int, issued: int = NOW_S) -> None:
        write_signed(source, signed([officer(str(version))], version, issued))
        install_officers(tmp_path, source, ROOT, now_s=NOW_S)

    install(2)
    for version in (1, 2):
        with pytest.raises(KeysError, match="version 2 is in force"):
            install(version)
    with pytest.raises(KeysError, match="301 s in the future"):
        install(3, NOW_S + 301)
    assert read_officers(tmp_path / OFFICERS_FILE, ROOT).keys() == {"2"}
    install(3, NOW_S + 300)
    assert read_officers(tmp_path / OFFICERS_FILE, ROOT).keys() == {"3"}
    with pytest.raises(KeysError, match="is not there"):
        install_officers(tmp_path, tmp_path / "nothing", ROOT, now_s=NOW_S)
