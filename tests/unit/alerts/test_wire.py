"""Frames of the dash link: the golden cases, any cutting of the bytes, and noise."""

from __future__ import annotations

import dataclasses
import json
import random
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.alerts.details import VEHICLE_TEXTS, Detail, VehicleMessage
from alprd.alerts.fields import cut_words
from alprd.alerts.messages import (
    AckMessage,
    AlertMessage,
    HeartbeatMessage,
    Outcome,
    OutcomeMessage,
    PictureMessage,
    StateMessage,
    UpdateMessage,
    VerdictMessage,
)
from alprd.alerts.requests import LogInMessage, SessionCode, SessionMessage
from alprd.alerts.wire import MAX_ENCODED, Decoder, Fault, Frame, FrameError, decode, encode
from alprd.errors import DashError, LinkFormatError
from alprd.records import AlertId, ClockSource, Doubt, GpsState, Instant, UnitState, UnixMs, Verdict
from tests.sim.dash_unit import noise
from tests.vectors.dash_link.details import KEY
from tests.vectors.dash_link.generate import ALERT, DOCUMENT, FOLDER, cases, document, fields_of, text_of

if TYPE_CHECKING:
    from typing import Any

CASES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
GOOD = {name: case for name, case in CASES.items() if case["expect"] == "ok"}
BAD = {name: case for name, case in CASES.items() if case["expect"] != "ok"}
STREAM = b"".join(bytes.fromhex(case["data"]) + b"\0" for case in GOOD.values())


def key_of(_body: bytes) -> bytes:
    return KEY


def frames_in_pieces(data: bytes, *cuts: int) -> list[Frame]:
    decoder, frames = Decoder(key_of), []
    for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True):
        frames += decoder.feed(data[start:end])
    assert not decoder.faults
    return frames


def test_the_files_are_what_the_generator_writes() -> None:
    written = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert written == {name: text_of(content) for name, content in cases()}


def test_the_document_shows_the_tables_and_the_worked_example() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert document(text) == text


def test_every_fault_has_a_case() -> None:
    assert {case["expect"] for case in BAD.values()} == {fault.name for fault in Fault}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_case_decodes_to_its_fields(name: str) -> None:
    case = GOOD[name]
    frame = decode(bytes.fromhex(case["data"]), key_of)
    assert frame.sequence == case["sequence"]
    assert type(frame.message).__name__ == case["message"]
    assert fields_of(frame.message) == case["fields"]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_case_is_refused_for_its_own_reason(name: str) -> None:
    with pytest.raises(FrameError) as caught:
        decode(bytes.fromhex(BAD[name]["data"]), key_of)
    assert caught.value.fault.name == BAD[name]["expect"]
    assert isinstance(caught.value, LinkFormatError | DashError)


@pytest.mark.parametrize("name", BAD)
def test_a_good_frame_right_after_a_bad_one_is_taken(name: str) -> None:
    decoder = Decoder(key_of)
    frames = decoder.feed(bytes.fromhex(BAD[name]["data"]) + b"\0" + encode(AckMessage(), 9, 1, KEY))
    assert frames == [Frame(sequence=9, counter=1, message=AckMessage())]
    assert decoder.faults == {Fault[BAD[name]["expect"]]: 1}


def test_the_stream_reads_the_same_whole_and_byte_by_byte() -> None:
    whole = frames_in_pieces(STREAM)
    assert len(whole) == len(GOOD)
    assert frames_in_pieces(STREAM, *range(1, len(STREAM))) == whole


def test_the_stream_reads_the_same_cut_at_every_position() -> None:
    whole = frames_in_pieces(STREAM)
    for cut in range(len(STREAM) + 1):
        assert frames_in_pieces(STREAM, cut) == whole


@pytest.mark.parametrize("name", GOOD)
def test_a_frame_cut_short_at_any_length_is_no_frame(name: str) -> None:
    data = bytes.fromhex(GOOD[name]["data"])
    for length in range(len(data)):
        decoder = Decoder(key_of)
        assert decoder.feed(data[:length] + b"\0") == []
        assert decoder.faults.total() == (length > 0)


@pytest.mark.parametrize("name", GOOD)
def test_a_frame_with_any_byte_changed_is_no_frame(name: str) -> None:
    data = bytes.fromhex(GOOD[name]["data"])
    for at in range(len(data)):
        for bit in range(8):
            spoiled = data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :]
            assert Decoder(key_of).feed(spoiled + b"\0") == []


def test_the_longest_frame_fits_and_one_byte_more_does_not() -> None:
    longest = encode(PictureMessage(alert_id=AlertId(1), offset=0, chunk=b"\x01" * 216), 1, 1, KEY)
    assert len(longest) <= MAX_ENCODED + 1
    decoder = Decoder(key_of)
    decoder.feed(b"\x01" * MAX_ENCODED + b"\0")
    assert Fault.TOO_LONG not in decoder.faults
    decoder.feed(b"\x01" * (MAX_ENCODED + 1) + b"\0")
    assert decoder.faults[Fault.TOO_LONG] == 1


def test_endless_bytes_without_a_delimiter_are_not_held() -> None:
    decoder = Decoder(key_of)
    for _ in range(1000):
        decoder.feed(b"\x07" * 1000)
        assert len(decoder._held) <= MAX_ENCODED
    assert decoder.feed(b"\0" + encode(AckMessage(), 1, 1, KEY)) == [
        Frame(sequence=1, counter=1, message=AckMessage())
    ]


@given(st.binary(max_size=300))
def test_only_the_frame_error_ever_comes_out(data: bytes) -> None:
    try:
        decode(data, key_of)
    except FrameError as error:
        assert error.fault in Fault  # noqa: PT017 - that it is raised is not certain


@given(st.binary(max_size=800))
def test_the_decoder_raises_nothing_and_is_in_step_after_a_delimiter(data: bytes) -> None:
    decoder = Decoder(key_of)
    decoder.feed(data)
    assert decoder.feed(b"\0" + encode(AckMessage(), 3, 1, KEY))[-1:] == [
        Frame(sequence=3, counter=1, message=AckMessage())
    ]


@st.composite
def alerts(draw: st.DrawFn) -> AlertMessage:
    plate = draw(st.from_regex(r"[A-Z0-9]{1,10}", fullmatch=True))
    percent = st.integers(0, 100)
    size = draw(st.sampled_from(((144, 48), (0, 0))))
    return AlertMessage(
        alert_id=AlertId(draw(st.integers(1, 65_535))),
        plate=plate,
        jurisdiction=draw(st.sampled_from(("CA-ON", "US-NY", "??", "MX-CMX"))),
        category=draw(st.integers(1, 255)),
        priority=draw(st.integers(0, 255)),
        confidence=draw(percent),
        confidences=tuple(draw(percent) for _ in plate),
        list_age_s=draw(st.integers(0, 2**32 - 1)),
        captured=Instant(
            at=UnixMs(draw(st.integers(0, 2**64 - 1))), source=draw(st.sampled_from(ClockSource))
        ),
        has_location=draw(st.booleans()),
        place_confidence=draw(percent),
        picture_width=size[0],
        picture_height=size[1],
        chance=draw(percent),
        doubts=Doubt(draw(st.integers(0, 63))),
    )


@st.composite
def vehicles(draw: st.DrawFn) -> VehicleMessage:
    words = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60).filter(str.isprintable)
    texts = {name: draw(words) for name in VEHICLE_TEXTS}
    return VehicleMessage.of(draw(IDS), year=draw(st.integers(0, 9999)), **texts)


STATES = st.builds(
    lambda **fields: StateMessage(state=UnitState(**fields)),
    camera_ok=st.booleans(),
    gps=st.sampled_from(GpsState),
    list_age_s=st.integers(0, 2**32 - 1),
    list_stale=st.booleans(),
    list_expired=st.booleans(),
    reading_stopped=st.booleans(),
    fps=st.integers(0, 255),
    pending=st.integers(0, 255),
    missed=st.integers(0, 2**32 - 1),
    is_paused=st.booleans(),
    is_hot=st.booleans(),
    is_covered=st.booleans(),
    urgency=st.integers(0, 255),
    muted=st.integers(0, 255),
)


def _without_list(message: StateMessage) -> StateMessage:
    return StateMessage(state=dataclasses.replace(message.state, list_age_s=None, list_stale=False))


IDS = st.integers(1, 65_535).map(AlertId)
MESSAGES = st.one_of(
    alerts(),
    vehicles(),
    STATES,
    STATES.map(_without_list),
    st.just(HeartbeatMessage()),
    st.builds(OutcomeMessage, alert_id=IDS, outcome=st.sampled_from(Outcome)),
    st.builds(VerdictMessage, alert_id=IDS, verdict=st.sampled_from(list(Verdict)[:3])),
    st.builds(
        SessionMessage, code=st.just(SessionCode.ACTIVE), badge=st.from_regex(r"[!-~]{1,16}", fullmatch=True)
    ),
    st.builds(
        LogInMessage,
        attempt=st.integers(1, 2**32 - 1),
        badge=st.from_regex(r"[!-~]{1,16}", fullmatch=True),
        covered=st.binary(min_size=16, max_size=16),
    ),
    st.builds(
        UpdateMessage,
        alert_id=IDS,
        chance=st.integers(0, 100),
        place_confidence=st.integers(0, 100),
        doubts=st.integers(0, 63).map(Doubt),
    ),
    st.builds(
        PictureMessage, alert_id=IDS, offset=st.integers(0, 3240), chunk=st.binary(min_size=1, max_size=216)
    ),
)


@given(MESSAGES, st.integers(1, 255))
def test_what_is_sent_is_what_comes(message: Any, sequence: int) -> None:
    number = 0 if isinstance(message, StateMessage | HeartbeatMessage) else sequence
    assert Decoder(key_of).feed(encode(message, number, 1, KEY)) == [
        Frame(sequence=number, counter=1, message=message)
    ]


def test_counts_past_their_field_are_sent_as_its_largest() -> None:
    state = UnitState(
        camera_ok=True,
        gps=GpsState.FIX,
        list_age_s=2**40,
        list_stale=True,
        list_expired=False,
        fps=999,
        pending=256,
        missed=2**32,
    )
    (frame,) = Decoder(key_of).feed(encode(StateMessage(state=state), 0, 1, KEY))
    largest = dataclasses.replace(state, list_age_s=2**32 - 1, fps=255, pending=255, missed=2**32 - 1)
    assert frame.message == StateMessage(state=largest)


@pytest.mark.parametrize(
    ("text", "most", "sent"),
    [
        ("", 3, ""),
        ("abcd", 4, "abcd"),
        ("abcde", 4, "a\u2026"),
        ("\u00e9\u00e9\u00e9", 6, "\u00e9\u00e9\u00e9"),
        ("\u00e9\u00e9\u00e9", 5, "\u00e9\u2026"),
        ("\u00e9\u00e9\u00e9", 4, "\u2026"),
    ],
)
def test_a_text_that_is_too_long_is_cut_between_two_characters(text: str, most: int, sent: str) -> None:
    assert cut_words(text, most) == sent
    assert len(sent.encode()) <= most


@pytest.mark.parametrize(("name", "most"), VEHICLE_TEXTS.items())
def test_each_text_of_a_vehicle_has_its_limit(name: str, most: int) -> None:
    for size, kept in ((most - 1, most - 1), (most, most), (most + 1, most - 2)):
        texts = dict.fromkeys(VEHICLE_TEXTS, "") | {name: "M" * size}
        shown = getattr(VehicleMessage.of(AlertId(1), year=0, **texts), name)
        assert len(shown) == kept
        assert shown.endswith("\u2026") == (size > most)
    with pytest.raises(ValueError, match=f"{name}: expected printable text of at most {most} bytes"):
        VehicleMessage(alert_id=AlertId(1), detail=Detail.LISTED, **{name: "M" * (most + 1)})  # type: ignore[arg-type]  # texts alone


def test_noise_never_makes_a_frame_that_was_not_sent() -> None:
    spoil = noise(random.Random(1), 0.01)
    decoder, sent, came = Decoder(key_of), 2000, 0
    frame = encode(ALERT, 5, 1, KEY)
    for _ in range(sent):
        frames = decoder.feed(spoil(frame))
        assert all(f == Frame(sequence=5, counter=1, message=ALERT) for f in frames)
        came += len(frames)
    assert 0 < came < sent
    assert decoder.faults.total() > sent // 10


def test_neither_errors_nor_representations_hold_the_plate() -> None:
    assert "ABCD123" not in repr(ALERT)
    lower = ALERT.to_payload().replace(b"ABCD123", b"abcd123")
    with pytest.raises(ValueError, match="plate: expected") as caught:
        AlertMessage.from_payload(lower)
    assert not re.search("abcd123", str(caught.value), re.IGNORECASE)


def test_a_sequence_that_a_message_cannot_carry_is_not_sent() -> None:
    refused: Counter[str] = Counter()
    for message, sequence in ((AckMessage(), 0), (AckMessage(), 256), (HeartbeatMessage(), 1)):
        with pytest.raises(ValueError, match="does not go with"):
            encode(message, sequence, 1, KEY)
        refused[type(message).__name__] += 1
    assert refused.total() == 3
