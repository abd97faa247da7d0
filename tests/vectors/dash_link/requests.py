"""The dash link's golden cases of sessions, settings and requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alprd.alerts.requests import (
    Action,
    AdjustMessage,
    BatchMessage,
    Light,
    LiveCheck,
    LogInMessage,
    LogOutMessage,
    MuteMessage,
    Notice,
    PauseMessage,
    ReportMessage,
    SessionCode,
    SessionMessage,
    SettingsMessage,
    Tongue,
)
from alprd.alerts.wire import Fault
from alprd.records import AlertId
from tests.vectors.dash_link.details import frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alprd.alerts.messages import Message

REPORT = ReportMessage(
    alert_id=AlertId(258), live_check=LiveCheck.AGREES, action=Action.WARNING, notice=Notice.GIVEN
)


def good() -> Iterator[tuple[str, str, Message, int]]:
    """Return name, sentence, message and sequence of every good case."""
    active = SessionMessage(code=SessionCode.ACTIVE, badge="A" * 16)
    yield "session", "An officer is logged in, the longest badge", active, 11
    for code in SessionCode:
        if code is not SessionCode.ACTIVE:
            name = code.name.lower().replace("_", "-")
            yield f"session-{name}", f"Nobody is logged in: {code.name}", SessionMessage(code=code), 12
    settings = SettingsMessage(brightness=10, volume=0, light=Light.NIGHT, tongue=Tongue.FRENCH)
    yield "settings", "Bright, silent, night, French", settings, 13
    adjust = AdjustMessage(brightness=0, volume=10, light=Light.AUTO, tongue=Tongue.ENGLISH)
    yield "adjust", "Dark, loud, by the light sensor, English", adjust, 13
    yield "batch", "Three passed in a minute", BatchMessage(category=1, count=3, seconds=60), 14
    log_in = LogInMessage(attempt=1, badge="4711", covered=bytes(range(16)))
    yield "log-in", "A badge, and a covered PIN", log_in, 15
    yield "log-out", "The officer logs out", LogOutMessage(), 16
    yield "pause", "The camera is to be closed", PauseMessage(is_paused=True), 17
    yield "pause-over", "The camera is to be opened", PauseMessage(is_paused=False), 18
    yield "mute", "The lowest class is to be left out", MuteMessage(classes=1), 19
    yield "report", "A warning after the live system agreed, the person was told", REPORT, 20
    no_stop = ReportMessage(
        alert_id=AlertId(1), live_check=LiveCheck.NOT_MADE, action=Action.NO_STOP, notice=Notice.NOT_DUE
    )
    yield "report-no-stop", "No stop, and so no live check and no notice", no_stop, 21


def bad() -> Iterator[tuple[str, str, Fault, bytes]]:
    """Return name, sentence, fault and frame of every bad case."""
    log_in = LogInMessage(attempt=1, badge="4711", covered=bytes(16)).to_payload()
    report = REPORT.to_payload()
    for name, about, kind, payload in (
        ("session", "A badge of 17 characters", 0x1A, b"\x01" + b"A" * 17),
        ("settings", "SETTINGS of 5 bytes", 0x17, bytes(5)),
        ("batch", "BATCH of 4 bytes", 0x19, bytes(4)),
        ("log-in", "LOG_IN one byte short", 0x21, log_in[:-1]),
        ("log-out", "LOG_OUT with a payload", 0x23, b"\0"),
        ("pause", "PAUSE without a payload", 0x24, b""),
        ("mute", "MUTE of 2 bytes", 0x25, bytes(2)),
        ("report", "REPORT one byte long", 0x27, report + b"\0"),
    ):
        yield f"bad-length-{name}", about, Fault.LENGTH, frame(kind, 1, payload)
    for name, about, kind, payload in (
        ("session-space", "A badge with a space", 0x1A, b"\x01A B"),
        ("session-code-7", "Session code 7", 0x1A, b"\x07"),
        ("session-nobody-badge", "Nobody, and a badge", 0x1A, b"\x00A"),
        ("session-active-nobody", "A session without a badge", 0x1A, b"\x01"),
        ("settings-brightness-11", "Brightness 11", 0x17, bytes((11, 0, 0, 1))),
        ("settings-light-3", "Light 3", 0x17, bytes((0, 0, 3, 1))),
        ("settings-tongue-0", "Language 0", 0x17, bytes(4)),
        ("adjust-volume-11", "Volume 11", 0x26, bytes((0, 11, 0, 1))),
        ("batch-nothing", "A batch of none", 0x19, bytes((1, 0, 0, 60, 0))),
        ("log-in-attempt-0", "Log-in 0", 0x21, bytes(4) + log_in[4:]),
        ("log-in-no-badge", "A log-in without a badge", 0x21, log_in[:4] + bytes(32)),
        ("pause-2", "PAUSE 2", 0x24, b"\x02"),
        ("report-no-live-check", "A stop without a live check", 0x27, report[:2] + b"\0" + report[3:]),
        ("report-action-0", "Action 0", 0x27, report[:3] + b"\0" + report[4:]),
        ("report-no-notice", "A stop without a word on the notice", 0x27, report[:4] + b"\0"),
        ("report-notice-of-no-stop", "A notice, and no stop", 0x27, report[:3] + b"\1\1"),
    ):
        yield f"bad-field-{name}", about, Fault.FIELD, frame(kind, 1, payload)
