"""Writes the dash link's golden cases and the generated parts of its document.

One file is one case: ``about`` (a sentence), ``expect`` (``ok`` or the `Fault`'s name), ``data`` (the
frame in hex, without its 0x00, under the key 00 01 ... 1f), and for good ones the ``sequence``, the
``message``'s class and its ``fields``. Run as ``python -m tests.vectors.dash_link.generate`` after a change
of the format.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cobs import cobs

from alprd.alerts import line, link
from alprd.alerts.hello import ForeignHello, HelloMessage, Role
from alprd.alerts.messages import (
    CHUNK_BYTES,
    PICTURE_BYTES,
    AckMessage,
    AlertMessage,
    HeartbeatMessage,
    Message,
    Outcome,
    OutcomeMessage,
    PictureMessage,
    StateMessage,
    UpdateMessage,
    VerdictMessage,
)
from alprd.alerts.phases import TRANSITIONS
from alprd.alerts.shift import TRANSITIONS as SHIFT_TRANSITIONS
from alprd.alerts.slots import ALERT_TRANSITIONS
from alprd.alerts.unit_link import STATE_DELAY_NS
from alprd.alerts.wire import MESSAGES, UNSEQUENCED, Fault, encode
from alprd.records import AlertId, ClockSource, Doubt, GpsState, Instant, UnitState, UnixMs, Verdict
from tests.vectors.dash_link import details, requests
from tests.vectors.dash_link.details import KEY, frame, sealed

if TYPE_CHECKING:
    import enum
    from collections.abc import Iterator, Mapping

FOLDER = Path(__file__).parent
DOCUMENT = Path(__file__).parents[3] / "alprd" / "docs" / "formats" / "dash-link.md"

ALERT = AlertMessage(
    alert_id=AlertId(258),
    plate="ABCD123",
    jurisdiction="CA-ON",
    category=11,
    priority=3,
    confidence=71,
    confidences=(98, 97, 71, 96, 99, 95, 97),
    list_age_s=7500,
    captured=Instant(at=UnixMs(1_767_300_000_000), source=ClockSource.GPS),
    has_location=True,
    place_confidence=97,
    picture_width=144,
    picture_height=48,
    chance=93,
    doubts=Doubt.LOOKALIKE,
)
STATE = UnitState(
    camera_ok=True,
    gps=GpsState.FIX,
    list_age_s=7500,
    list_stale=False,
    list_expired=False,
    fps=15,
    pending=1,
    missed=0,
)
NONCE = bytes(range(0x40, 0x50))
WORKED_EXAMPLE = "verdict-confirmed"


def _good() -> Iterator[tuple[str, str, Message, int]]:
    hello = HelloMessage(role=Role.UNIT, session=0x01020304, peer=0, nonce=NONCE, build="alprd 0.1.0")
    yield "hello-unit", "The unit's first HELLO, before it has heard the dash", hello, 1
    dash = HelloMessage(
        role=Role.DASH,
        session=7,
        peer=0x01020304,
        nonce=NONCE,
        width=320,
        height=240,
        slots=8,
        build="d" * 32,
    )
    yield "hello-dash", "A dash's HELLO that names the unit's session, with the longest build text", dash, 255
    yield from _good_states()
    yield "ack", "The acknowledgement of sequence 255", AckMessage(), 255
    yield "alert", "An alert with a picture to follow", ALERT, 2
    longest = dataclasses.replace(ALERT, plate="ABCDE67890", confidences=(100,) * 10)
    longest = dataclasses.replace(
        longest, jurisdiction="??", place_confidence=0, chance=100, doubts=Doubt(127)
    )
    yield "alert-longest", "Ten characters, no known issuer, every doubt", longest, 3
    shortest = dataclasses.replace(
        ALERT, plate="7", confidences=(0,), picture_width=0, picture_height=0, has_location=False
    )
    shortest = dataclasses.replace(shortest, chance=0, doubts=Doubt.NONE)
    yield "alert-shortest", "One character, no location, no picture", shortest, 4
    yield from details.good()
    chunk = bytes(range(CHUNK_BYTES))
    first = PictureMessage(alert_id=AlertId(258), offset=0, chunk=chunk)
    yield "picture-first", "The first three rows of a picture", first, 5
    last = PictureMessage(alert_id=AlertId(258), offset=PICTURE_BYTES - 1, chunk=b"\xff")
    yield "picture-last", "The last byte of a picture", last, 6
    for outcome in Outcome:
        name = outcome.name.lower().replace("_", "-")
        message = OutcomeMessage(alert_id=AlertId(258), outcome=outcome)
        yield f"outcome-{name}", f"The alert ended: {outcome.name}", message, 9
    yield "heartbeat", "The dash is there", HeartbeatMessage(), 0
    update = UpdateMessage(alert_id=AlertId(258), chance=99, place_confidence=97, doubts=Doubt.NONE)
    yield "update", "More frames have settled the doubt", update, 10
    yield from requests.good()
    yield "verdict-dismissed", "DISMISSED", VerdictMessage(alert_id=AlertId(1), verdict=Verdict.DISMISSED), 8
    yield (
        WORKED_EXAMPLE,
        "The document's worked example",
        VerdictMessage(alert_id=AlertId(258), verdict=Verdict.CONFIRMED),
        7,
    )


def _good_states() -> Iterator[tuple[str, str, Message, int]]:
    yield "state", "All is well", StateMessage(state=STATE), 0
    stale = dataclasses.replace(STATE, list_age_s=90_000, list_stale=True)
    yield "state-stale", "The list is over its age limit", StateMessage(state=stale), 0
    stopped = dataclasses.replace(STATE, reading_stopped=True)
    yield "state-stopped", "The unit could not show that it forgets", StateMessage(state=stopped), 0
    bare = UnitState(
        camera_ok=False,
        gps=GpsState.UNREACHABLE,
        list_age_s=None,
        list_stale=False,
        list_expired=True,
        fps=255,
        pending=255,
        missed=0xFFFF_FFFF,
        is_paused=True,
        is_hot=True,
        is_covered=True,
        reading_stopped=True,
        is_tampered=True,
        urgency=4,
        muted=255,
    )
    yield (
        "state-nothing-works",
        "No camera, no list, no GPS, every count at its limit",
        StateMessage(state=bare),
        0,
    )


def _bad() -> Iterator[tuple[str, str, Fault, bytes]]:
    good = frame(0x22, 7, bytes((2, 1, 1)))
    yield "bad-too-long", "256 bytes without a 0x00", Fault.TOO_LONG, b"\x01" * 256
    yield "bad-cobs", "A COBS length that points past the end", Fault.COBS, b"\x09" + good[1:3]
    yield "bad-too-short", "13 bytes", Fault.TOO_SHORT, bytes(cobs.encode(b"\x02\x01" + bytes(11)))
    yield (
        "bad-too-short-counter",
        "An ACK without a counter",
        Fault.TOO_SHORT,
        sealed(b"\x02\x01\x01\x01\x01"),
    )
    yield (
        "bad-crc",
        "The verdict of the worked example with its last bit turned",
        Fault.CRC,
        good[:-1] + bytes((good[-1] ^ 1,)),
    )
    yield "bad-type", "Type 0x7F", Fault.TYPE, frame(0x7F, 1, b"")
    yield "bad-sequence-0", "A verdict with sequence 0", Fault.SEQUENCE, frame(0x22, 0, bytes((2, 1, 1)))
    yield "bad-sequence-1", "A heartbeat with sequence 1", Fault.SEQUENCE, frame(0x20, 1, b"")
    other = frame(0x22, 7, bytes((2, 1, 1)), key=bytes(32))
    yield "bad-tag", "The verdict of the worked example under another key", Fault.TAG, other
    hello = HelloMessage(role=Role.UNIT, session=1, peer=0, nonce=NONCE).to_payload()
    strange = frame(0x01, 1, hello, key=bytes(32))
    yield "bad-tag-hello", "A HELLO of an end that is not paired", Fault.TAG, strange
    yield from _bad_lengths()
    yield from _bad_fields()


def _bad_lengths() -> Iterator[tuple[str, str, Fault, bytes]]:
    for name, message, sequence in (
        ("hello", HelloMessage(role=Role.UNIT, session=1, peer=0, nonce=NONCE), 1),
        ("alert", ALERT, 1),
        ("state", StateMessage(state=STATE), 0),
        ("verdict", VerdictMessage(alert_id=AlertId(258), verdict=Verdict.MISREAD), 1),
        ("vehicle", details.NOTHING, 1),
        ("category", details.SHORTEST, 1),
        ("outcome", OutcomeMessage(alert_id=AlertId(258), outcome=Outcome.WIPED), 1),
        ("picture", PictureMessage(alert_id=AlertId(258), offset=0, chunk=b"\x01"), 1),
    ):
        short = message.to_payload()[:-1]
        yield (
            f"bad-length-{name}-short",
            f"{name} one byte short",
            Fault.LENGTH,
            frame(message.TYPE, sequence, short),
        )
    yield (
        "bad-length-alert-long",
        "alert one byte long",
        Fault.LENGTH,
        frame(0x11, 1, ALERT.to_payload() + b"\0"),
    )
    yield "bad-length-vehicle-long", "231 bytes of vehicle", Fault.LENGTH, frame(0x14, 1, b"\x01" * 231)
    yield "bad-length-ack", "ACK with a payload", Fault.LENGTH, frame(0x02, 1, b"\1")
    chunk = bytes((2, 1, 0, 0)) + b"\x01" * (CHUNK_BYTES + 1)
    yield "bad-length-picture-long", "217 bytes of picture", Fault.LENGTH, frame(0x12, 1, chunk)
    yield "bad-length-hello-empty", "HELLO without a version", Fault.LENGTH, frame(0x01, 1, b"")


def _bad_fields() -> Iterator[tuple[str, str, Fault, bytes]]:
    alert = ALERT.to_payload()
    for name, about, offset, value in (
        ("alert-id-0", "alert id 0", 0, b"\0\0"),
        ("alert-lower-case", "a lower-case letter in the plate", 2, b"a"),
        ("alert-no-plate", "an empty plate", 2, bytes(10)),
        ("alert-plate-padding", "a letter after the plate's end", 10, b"A"),
        ("alert-jurisdiction", "a space in the jurisdiction", 14, b" "),
        ("alert-category-0", "category 0", 18, b"\0"),
        ("alert-confidence-101", "101 percent", 20, b"\x65"),
        ("alert-character-101", "101 percent for a character", 21, b"\x65"),
        ("alert-confidence-padding", "a confidence past the text", 28, b"\x01"),
        ("alert-clock-3", "clock source 3", 43, b"\x03"),
        ("alert-location-2", "location 2", 44, b"\x02"),
        ("alert-place-confidence-101", "101 percent for the jurisdiction", 45, b"\x65"),
        ("alert-picture-width", "a picture of 143 x 48", 46, b"\x8f"),
        ("alert-chance-101", "a chance of 101 percent", 48, b"\x65"),
        ("alert-doubts-128", "a doubt that is not known", 49, b"\x80"),
    ):
        payload = alert[:offset] + value + alert[offset + len(value) :]
        yield f"bad-field-{name}", f"An alert with {about}", Fault.FIELD, frame(0x11, 1, payload)
    state, hello = (
        StateMessage(state=STATE).to_payload(),
        HelloMessage(role=Role.UNIT, session=1, peer=0, nonce=NONCE).to_payload(),
    )
    for name, about, kind, sequence, payload in (
        ("state-flags", "STATE with bit 9 set", 0x10, 0, b"\x03\x02" + state[2:]),
        (
            "state-stale-without-list",
            "STATE of a stale list and no list",
            0x10,
            0,
            b"\x09" + bytes(6) + state[7:],
        ),
        ("state-gps-3", "STATE with GPS 3", 0x10, 0, state[:2] + b"\x03" + state[3:]),
        ("state-age-without-list", "STATE with an age and no list", 0x10, 0, b"\x01" + state[1:]),
        ("hello-role-3", "HELLO of role 3", 0x01, 1, hello[:1] + b"\x03" + hello[2:]),
        ("hello-session-0", "HELLO with session 0", 0x01, 1, hello[:2] + bytes(4) + hello[6:]),
        ("hello-unit-display", "HELLO of a unit with a display", 0x01, 1, hello[:30] + b"\x01" + hello[31:]),
        (
            "hello-dash-no-slots",
            "HELLO of a dash that holds no alert",
            0x01,
            1,
            hello[:1] + b"\x02" + hello[2:],
        ),
        ("hello-build-length", "HELLO whose build text is not as long as it says", 0x01, 1, hello + b"x"),
        ("hello-build-text", "HELLO whose build text is not ASCII", 0x01, 1, hello[:35] + b"\x01\xe9"),
        ("update-doubts-128", "UPDATE with a doubt that is not known", 0x18, 1, b"\2\1\x50\0\x80"),
        ("verdict-unanswered", "A verdict 4, which is never sent", 0x22, 1, bytes((2, 1, 4))),
        ("verdict-id-0", "A verdict on alert 0", 0x22, 1, bytes((0, 0, 1))),
        ("outcome-7", "Outcome 7", 0x13, 1, bytes((2, 1, 7))),
        ("picture-past-end", "A chunk past the end of the picture", 0x12, 1, bytes((2, 1)) + b"\x80\x0d\x01"),
    ):
        yield f"bad-field-{name}", about, Fault.FIELD, frame(kind, sequence, payload)
    yield from details.bad()
    yield from requests.bad()


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def fields_of(message: object) -> dict[str, Any]:
    """Return the fields of a message as JSON shows them."""
    return json.loads(json.dumps(dataclasses.asdict(message), default=_plain))  # type: ignore[call-overload, no-any-return]  # every message is a dataclass


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the name and content of every case."""
    for name, about, message, sequence in _good():
        counter = 0 if isinstance(message, HelloMessage) else 1
        data = encode(message, sequence, counter, KEY)[:-1].hex()
        content = {"about": about, "expect": "ok", "data": data, "sequence": sequence}
        yield name, content | {"message": type(message).__name__, "fields": fields_of(message)}
    data = frame(0x01, 1, b"\x03 whatever version 3 says").hex()
    skew = {"about": "A HELLO of version 3", "expect": "ok", "data": data, "sequence": 1}
    yield "hello-of-another-version", skew | {"message": ForeignHello.__name__, "fields": {"version": 3}}
    for name, about, fault, raw in _bad():
        yield name, {"about": about, "expect": fault.name, "data": raw.hex()}


def text_of(content: dict[str, Any]) -> str:
    """Return a case as its file holds it."""
    return json.dumps(content, indent=2) + "\n"


def diagram(table: Mapping[Any, Mapping[Any, enum.Enum]]) -> str:
    """Return a Mermaid state diagram of a transition table."""
    arrows = [
        f"    {before.value} --> {after.value}: {trigger.value}"
        for before, row in table.items()
        for trigger, after in row.items()
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])


def _messages() -> str:
    lines = ["| type | name | from | acknowledged | payload bytes |", "|---|---|---|---|---|"]
    for kind in sorted(MESSAGES, key=lambda kind: kind.TYPE):
        sizes, name = kind.LENGTHS, kind.__name__.removesuffix("Message").upper()
        sender = ("both", "unit", "dash")[kind.TYPE >> 4]
        acked = "no" if kind in (*UNSEQUENCED, AckMessage) else "yes"
        span = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
        lines.append(f"| 0x{kind.TYPE:02X} | {name} | {sender} | {acked} | {span} |")
    return "\n".join(lines)


def _time_limits() -> str:
    ms = 1_000_000
    rows = (
        ("STATE and HEARTBEAT", f"every {link.HEARTBEAT_NS // ms} ms"),
        (
            "STATE after a change",
            f"{STATE_DELAY_NS // ms} ms at most",
        ),
        ("link lost", f"{link.LOST_NS // ms} ms without a valid frame"),
        ("first wait for an ACK", f"{link.MARGIN_NS // ms} ms + the line time of two longest frames"),
        (
            "longest wait for an ACK",
            f"{link.LONGEST_WAIT_NS // ms} ms, or the first wait",
        ),
        ("tries", f"{link.TRIES}"),
        ("parts of a picture on their way at once", f"{link.WINDOW}"),
        (
            "port opened again after unplug",
            f"after {line.FIRST_PAUSE_S} s, then twice as long each time, {line.LONGEST_PAUSE_S} s at most",
        ),
        ("outcomes that `stop` waits for", f"{line.FAREWELL_NS // ms} ms at most"),
    )
    return "\n".join(["| what | value |", "|---|---|", *(f"| {what} | {value} |" for what, value in rows)])


def _example() -> str:
    content = dict(cases())[WORKED_EXAMPLE]
    encoded = bytes.fromhex(content["data"])
    return "\n".join(
        [
            "```",
            f"before COBS  {cobs.decode(encoded).hex(' ')}",
            "             type, sequence, counter (4), alert id (2), verdict, tag (8), CRC-32 (4)",
            f"on the line  {encoded.hex(' ')} 00",
            "```",
        ]
    )


def document(text: str) -> str:
    """Return the format's document with its generated parts filled in."""
    for name, part in (
        ("states of an end", diagram(TRANSITIONS)),
        ("states of an alert", diagram(ALERT_TRANSITIONS)),
        ("states of the session", diagram(SHIFT_TRANSITIONS)),
        ("messages", _messages()),
        ("time limits", _time_limits()),
        ("example", _example()),
    ):
        pattern = re.compile(f"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, count = pattern.subn(rf"\g<1>{part}\n\g<2>", text)
        if count != 1:
            raise ValueError(f"the document has {count} places for {name}")
    return text


def main() -> None:
    """Write every case and fill in the document."""
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, content in cases():
        (FOLDER / f"{name}.json").write_text(text_of(content), "utf-8")
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
