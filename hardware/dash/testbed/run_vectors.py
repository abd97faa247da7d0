"""Runs the dash link's cases on the firmware's own code; runs under MicroPython's unix port.

    micropython run_vectors.py MODULES CASES

Prints one line a case, ``NAME RESULT``: the name of the check that refused it, ``ok`` where all of its fields
came out, ``sent`` where the firmware makes the same bytes, or what differs.
"""

import json
import os
import sys

sys.path.insert(0, sys.argv[1])

import messages
import wire
from wire import FrameError, Key

KEY = Key(bytes(range(32)))
# What the cases call a field, where the firmware has another word.
FIELDS = {
    "StateMessage": (
        ("camera_ok", "camera"),
        ("list_expired", "expired"),
        ("list_stale", "stale"),
        ("reading_stopped", "stopped"),
        ("is_paused", "paused"),
        ("is_hot", "hot"),
        ("is_covered", "covered"),
        ("is_tampered", "tampered"),
        ("fps", "fps"),
        ("pending", "pending"),
        ("missed", "missed"),
        ("urgency", "urgency"),
        ("muted", "muted"),
        ("gps", "gps"),
    ),
    "AlertMessage": (
        ("alert_id", "id"),
        ("plate", "plate"),
        ("jurisdiction", "issuer"),
        ("category", "category"),
        ("priority", "priority"),
        ("confidence", "confidence"),
        ("list_age_s", "age"),
        ("has_location", "located"),
        ("place_confidence", "place"),
        ("chance", "chance"),
        ("doubts", "doubts"),
    ),
    "VehicleMessage": (
        ("alert_id", "id"),
        ("detail", "detail"),
        ("year", "year"),
        ("make", "make"),
        ("model", "model"),
        ("colour", "colour"),
        ("vehicle_class", "vehicle_class"),
        ("descriptors", "descriptors"),
    ),
    "PersonMessage": (
        ("alert_id", "id"),
        ("detail", "detail"),
        ("seconds", "seconds"),
        ("plate", "plate"),
        ("category", "category"),
        ("name", "name"),
    ),
    "PictureMessage": (("alert_id", "id"), ("offset", "offset")),
    "OutcomeMessage": (("alert_id", "id"), ("outcome", "outcome")),
    "CategoryMessage": (("number", "number"), ("english", "english"), ("french", "french")),
    "SessionMessage": (("code", "code"), ("badge", "badge")),
    "SettingsMessage": (
        ("brightness", "brightness"),
        ("volume", "volume"),
        ("light", "light"),
        ("tongue", "tongue"),
    ),
    "UpdateMessage": (
        ("alert_id", "id"),
        ("chance", "chance"),
        ("place_confidence", "place"),
        ("doubts", "doubts"),
    ),
    "BatchMessage": (("category", "category"), ("count", "count"), ("seconds", "seconds")),
}


def sent(name, fields):
    """Return the payload that the firmware makes of a message of the dash."""
    if name == "VerdictMessage":
        return messages.make_verdict(fields["alert_id"], fields["verdict"])
    if name == "ReportMessage":
        parts = [fields[key] for key in ("alert_id", "live_check", "action", "notice")]
        return messages.make_report(*parts)
    if name == "LogInMessage":
        return messages.make_log_in(fields["attempt"], fields["badge"], bytes.fromhex(fields["covered"]))
    if name == "AdjustMessage":
        return bytes([fields[key] for key in ("brightness", "volume", "light", "tongue")])
    return bytes([int(value) for value in fields.values()])  # one byte, or none


def run(case):
    data = bytes.fromhex(case["data"])
    try:
        kind, sequence, counter, payload = wire.decode(data, lambda _body: KEY)
        if kind == wire.HELLO:
            if payload[0] != wire.PROTOCOL:
                return "ok" if case["message"] == "ForeignHello" else "foreign"
            found = messages.hello(payload)
            names = ("role", "session", "peer", "commands")
            return "ok" if all(found[name] == case["fields"][name] for name in names) else "differs"
        if kind in messages.FROM_UNIT:
            found = messages.FROM_UNIT[kind](payload)
        elif kind == wire.ACK:
            return "ok"
        elif case["expect"] != "ok":
            return "unheard"  # a message of the dash's own: the firmware never takes one apart
        else:
            made = wire.encode(kind, sequence, counter, sent(case["message"], case["fields"]), KEY)
            return "sent" if made == data + b"\0" else "differs"
    except FrameError as error:
        return error.args[0]
    fields = case["fields"].get("state", case["fields"])
    for theirs, ours in FIELDS[case["message"]]:
        if fields[theirs] != found[ours]:
            return "differs at " + theirs
    return "ok"


for name in sorted(os.listdir(sys.argv[2])):
    if name.endswith(".json"):
        with open(sys.argv[2] + "/" + name) as file:
            print(name[:-5], run(json.load(file)))
