"""Payloads of the alert link for MicroPython: what the unit sends, taken apart; what the dash sends, made.

Every function that takes a payload apart raises FrameError("FIELD") for a value outside its limits.
"""

import struct

import wire
from wire import FrameError

PICTURE_BYTES = 3456
PICTURE_WIDTH, PICTURE_HEIGHT = 144, 48
STALE, ANSWERED_BEFORE = 16, 64
ALL_DOUBTS = 127
LISTED, NOT_LISTED, UNREADABLE = 1, 2, 3
TEXTS = (("make", 18), ("model", 24), ("colour", 24), ("vehicle_class", 24), ("descriptors", 130))


def check(value, least, most):
    """Refuse a number outside its limits."""
    if not least <= value <= most:
        raise FrameError("FIELD")


def _padded(data):
    text = data.split(b"\0", 1)[0]
    if any(data[len(text) :]):
        raise FrameError("FIELD")
    return text


def _plain(data, least, most, letters):
    """Return ASCII text of A-Z, 0-9 and ``letters``."""
    check(len(data), least, most)
    for byte in data:
        if not (48 <= byte <= 57 or 65 <= byte <= 90 or byte in letters):
            raise FrameError("FIELD")
    return str(data, "ascii")


def _plate(data):
    return _plain(_padded(data), 1, 10, b"")


def _graphic(data, least, most):
    """Return printable ASCII without spaces."""
    check(len(data), least, most)
    for byte in data:
        check(byte, 33, 126)
    return str(data, "ascii")


def _words(data, most):
    check(len(data), 0, most)
    try:
        text = str(data, "utf-8")
    except (UnicodeError, ValueError):
        raise FrameError("FIELD") from None
    for letter in text:
        code = ord(letter)
        if code < 32 or 127 <= code <= 160 or 0x200B <= code <= 0x200F or 0x2028 <= code <= 0x206F:
            raise FrameError("FIELD")
    return text


def hello(payload):
    """Return role, session, peer, nonce and commands of a HELLO of this version."""
    fields = struct.unpack_from("<BBII", payload)
    commands, width, height, slots, length = struct.unpack_from("<IHHBB", payload, 26)
    role = fields[1]
    check(role, 1, 2)
    check(fields[2], 1, 0xFFFFFFFF)
    if role == 1:
        check(width + height + slots, 0, 0)
    else:
        check(slots, 1, 255)
    check(len(payload) - 36, length, length)
    for byte in payload[36:]:
        check(byte, 32, 126)
    return {
        "role": role,
        "session": fields[2],
        "peer": fields[3],
        "nonce": payload[10:26],
        "commands": commands,
    }


def state(payload):
    """Return STATE as a dictionary."""
    flags, gps, age, fps, pending, missed, urgency, muted = struct.unpack("<HBIBBIBB", payload)
    check(flags, 0, 511)
    check(gps, 0, 2)
    if not flags & 2:
        check(age + (flags & 8), 0, 0)
    return {
        "camera": bool(flags & 1),
        "list": bool(flags & 2),
        "expired": bool(flags & 4),
        "stale": bool(flags & 8),
        "stopped": bool(flags & 16),
        "paused": bool(flags & 32),
        "hot": bool(flags & 64),
        "covered": bool(flags & 128),
        "tampered": bool(flags & 256),
        "gps": gps,
        "age": age,
        "fps": fps,
        "pending": pending,
        "missed": missed,
        "urgency": urgency,
        "muted": muted,
    }


def alert(payload):
    """Return ALERT as a dictionary."""
    fields = struct.unpack_from("<H10s6sBBB10sIQ", payload)
    clock, located, place, width, height, chance, doubts = payload[43:50]
    plate = _plate(fields[1])
    issuer = _padded(fields[2])
    if issuer != b"??":
        _plain(issuer, 2, 6, b"-")
    check(fields[0], 1, 65535)
    check(fields[3], 1, 255)
    shares = fields[6]
    for percent in (fields[5], place, chance):
        check(percent, 0, 100)
    for i in range(10):
        check(shares[i], 0, 100 if i < len(plate) else 0)
    check(clock, 0, 2)
    check(located, 0, 1)
    check(doubts, 0, ALL_DOUBTS)
    if (width, height) not in ((PICTURE_WIDTH, PICTURE_HEIGHT), (0, 0)):
        raise FrameError("FIELD")
    return {
        "id": fields[0],
        "plate": plate,
        "issuer": str(issuer, "ascii"),
        "category": fields[3],
        "priority": fields[4],
        "confidence": fields[5],
        "shares": shares[: len(plate)],
        "age": fields[7],
        "captured": fields[8],
        "clock": clock,
        "located": located,
        "place": place,
        "has_picture": width > 0,
        "chance": chance,
        "doubts": doubts,
    }


def picture(payload):
    """Return alert id, offset and the part of the picture."""
    number, offset = struct.unpack_from("<HH", payload)
    check(number, 1, 65535)
    check(offset, 0, PICTURE_BYTES - (len(payload) - 4))
    return {"id": number, "offset": offset, "part": payload[4:]}


def vehicle(payload):
    """Return VEHICLE as a dictionary; texts are empty unless it is listed."""
    number, detail, year = struct.unpack_from("<HBH", payload)
    check(number, 1, 65535)
    check(detail, 1, 3)
    is_listed = detail == LISTED
    check(year, 0, 9999 if is_listed else 0)
    out = {"id": number, "detail": detail, "year": year}
    place = 5
    for name, most in TEXTS:
        if place >= len(payload):
            raise FrameError("FIELD")
        end = place + 1 + payload[place]
        if end > len(payload):
            raise FrameError("FIELD")
        out[name] = _words(payload[place + 1 : end], most if is_listed else 0)
        place = end
    check(len(payload) - place, 0, 0)
    return out


def person(payload):
    """Return PERSON as a dictionary."""
    number, detail, seconds, plate, category, lens = struct.unpack_from("<HBH10sBB", payload)
    check(number, 1, 65535)
    check(seconds, 1, 600)
    check(category, 1, 255)
    check(lens, 0, 2)
    if detail == LISTED:
        name = _words(payload[17:], 72)
    else:
        check(detail, UNREADABLE, UNREADABLE)
        check(len(payload) - 17 + lens, 0, 0)
        name = ""
    return {
        "id": number,
        "detail": detail,
        "seconds": seconds,
        "plate": _plate(plate),
        "category": category,
        "lens": lens,
        "name": name,
    }


def category(payload):
    """Return what an added category is called: number, English and French label."""
    check(payload[0], 19, 31)
    labels, place = [], 1
    for _ in range(2):
        if place >= len(payload):
            raise FrameError("FIELD")
        end = place + 1 + payload[place]
        if end > len(payload):
            raise FrameError("FIELD")
        label = _words(payload[place + 1 : end], 48)
        check(len(label), 1, 24)
        labels.append(label)
        place = end
    check(len(payload) - place, 0, 0)
    return {"number": payload[0], "english": labels[0], "french": labels[1]}


def outcome(payload):
    """Return alert id and outcome."""
    number, code = struct.unpack("<HB", payload)
    check(number, 1, 65535)
    check(code, 1, 6)
    return {"id": number, "outcome": code}


def session(payload):
    """Return code and badge."""
    check(payload[0], 0, 6)
    badge = _graphic(payload[1:], 1, 16) if payload[0] == 1 else _graphic(payload[1:], 0, 0)
    return {"code": payload[0], "badge": badge}


def settings(payload):
    """Return brightness, volume, light and tongue."""
    brightness, volume, light, tongue = payload
    check(brightness, 0, 10)
    check(volume, 0, 10)
    check(light, 0, 2)
    check(tongue, 1, 2)
    return {"brightness": brightness, "volume": volume, "light": light, "tongue": tongue}


def update(payload):
    """Return alert id, chance, place confidence and doubts."""
    number, chance, place, doubts = struct.unpack("<HBBB", payload)
    check(number, 1, 65535)
    check(chance, 0, 100)
    check(place, 0, 100)
    check(doubts, 0, ALL_DOUBTS)
    return {"id": number, "chance": chance, "place": place, "doubts": doubts}


def batch(payload):
    """Return category, count and seconds."""
    category, count, seconds = struct.unpack("<BHH", payload)
    check(category, 1, 255)
    check(count, 1, 65535)
    check(seconds, 1, 65535)
    return {"category": category, "count": count, "seconds": seconds}


FROM_UNIT = {
    wire.STATE: state,
    wire.ALERT: alert,
    wire.PICTURE: picture,
    wire.OUTCOME: outcome,
    wire.VEHICLE: vehicle,
    wire.PERSON: person,
    wire.CATEGORY: category,
    wire.SESSION: session,
    wire.SETTINGS: settings,
    wire.UPDATE: update,
    wire.BATCH: batch,
}


def make_hello(number, peer, nonce, width, height, slots, build):
    """Return the payload of this dash's HELLO."""
    head = struct.pack("<BBII", wire.PROTOCOL, 2, number, peer) + nonce
    text = build.encode()[:32]
    return head + struct.pack("<IHHBB", wire.COMMANDS, width, height, slots, len(text)) + text


def make_log_in(attempt, badge, covered):
    """Return the payload of LOG_IN; ``covered`` are the 16 bytes that stand for the PIN."""
    badge = badge.encode()
    return struct.pack("<I", attempt) + badge + bytes(16 - len(badge)) + covered


def make_verdict(number, verdict):
    """Return the payload of VERDICT."""
    return struct.pack("<HB", number, verdict)


def make_report(number, live_check, action, notice):
    """Return the payload of REPORT."""
    return struct.pack("<HBBB", number, live_check, action, notice)
