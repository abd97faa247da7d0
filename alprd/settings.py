"""The settings file: one table of keys, types, defaults, units and help. An unknown key is an error.

The file is YAML with one mapping per section, as `alprctl docs settings` shows it. `parse` takes the
bytes, so that the daemon, the checks and the tests read settings in one way.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, get_type_hints

import yaml

from alprd.errors import SettingsError, printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_BYTES: Final = 65_536
MAX_REGIONS: Final = 16
MAX_CORNERS: Final = 16

Region = tuple[tuple[int, int], ...]
"""A polygon by its corners (x, y), px of the frame, where (0, 0) is the frame's top left corner."""

_STATE: Final = "/var/lib/alprd"


def _key(default: object, help_text: str, **rule: object) -> Any:  # noqa: ANN401 - as dataclasses.field
    """Return a field of the table: ``rule`` holds ``unit``, ``least``, ``most``, ``one_of``, ``allowed``."""
    return field(default=default, metadata={"help": help_text, **rule})


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """Where frames come from."""

    source: str = _key("picamera2", "kind of source", one_of=("picamera2", "v4l2", "recorded"))
    path: str = _key("/dev/alprd-camera", "device, or the recorded folder or video; unused for picamera2")
    width: int = _key(
        1280, "width of a frame; for recorded sources the largest accepted", unit="px", least=64, most=4096
    )
    height: int = _key(
        720, "height of a frame; for recorded sources the largest accepted", unit="px", least=64, most=4096
    )
    fps: float = _key(
        15.0,
        "frames a second; 0 plays a recorded source as fast as frames are taken",
        unit="1/s",
        least=0,
        most=120,
    )
    loop: bool = _key(default=False, help_text="start a recorded source again at its end")
    input_format: str = _key(
        "mjpeg",
        "what a v4l2 camera sends; raw, or coded image by image",
        one_of=("mjpeg", "yuyv422", "nv12", "gray"),
    )
    exposure_us: int = _key(1000, "fixed exposure time of picamera2", unit="us", least=20, most=100_000)
    gain: float = _key(4.0, "fixed analogue gain of picamera2", least=1, most=64)
    has_lens: bool = _key(default=False, help_text="picamera2: the lens can move; it is fixed to far away")
    ignore: tuple[Region, ...] = _key(
        (),
        "regions of the frame that are blank before anything looks at it, each a list of corners [x, y]",
        unit="px",
        allowed=f"at most {MAX_REGIONS} regions of 3 to {MAX_CORNERS} corners",
    )

    def __post_init__(self) -> None:
        """Refuse a region that is no plain polygon within the frame."""
        for number, region in enumerate(self.ignore, 1):
            _check_region(f"camera.ignore: region {number}", region, self.width, self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionSettings:
    """How frames are read."""

    runtime: str = _key("auto", "TFLite runtime; auto prefers LiteRT", one_of=("auto", "litert", "tflite"))
    models: str = _key("", "folder with detector/ and reader/; empty: the installed ones")
    threads: int = _key(2, "threads of LiteRT; tflite-runtime always has one", least=1, most=8)
    budget_ms: float = _key(
        24.0,
        "from a frame's capture, no read of a plate begins that would end later; one plate is always read",
        unit="ms",
        least=1,
        most=1000,
    )
    votes: int = _key(
        2, "frames that must have read each character so; 1 lets a single frame alert", least=1, most=10
    )
    doubtful_votes: int = _key(
        4, "the same for an alert in doubt: more frames may end the doubt", least=1, most=30
    )
    min_chance: float = _key(0.5, "an alert that is less likely right is not raised", least=0.5, most=1)
    stop_chance: float = _key(0.995, "an alert that is less likely right is in doubt", least=0.5, most=1)
    lookalike_odds: float = _key(
        99.0,
        "the same for a text less so many times likelier than with one character changed to a lookalike",
        least=1,
        most=10_000,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlistSettings:
    """The sealed list."""

    folder: str = _key(f"{_STATE}/hotlist", "where `alprctl hotlist install` put the list")
    stale_after_h: float = _key(
        24.0, "age from which the officer is told to verify live", unit="h", least=1, most=744
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysSettings:
    """The unit's own keys."""

    folder: str = _key(f"{_STATE}/keys", "folder that `alprctl provision` made")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsSettings:
    """How hits are put to the officer."""

    answer_time_s: float = _key(
        30.0, "an alert without a verdict by then is wiped", unit="s", least=1, most=600
    )
    repeat_hold_s: float = _key(
        120.0,
        "no second alert for an entry within this time of its last sighting",
        unit="s",
        least=0,
        most=3600,
    )
    owner_time_s: int = _key(
        60, "a registered owner is shown so long after CONFIRMED at most", unit="s", least=5, most=600
    )
    slots: int = _key(8, "hits that can wait for a verdict at once", least=1, most=32)


@dataclass(frozen=True, slots=True, kw_only=True)
class DashSettings:
    """The dash unit."""

    port: str = _key("/dev/alprd-dash", "serial device of the dash unit")
    language: str = _key("en", "of the dash's words, until the officer sets another", one_of=("en", "fr-CA"))
    brightness: int = _key(7, "of the dash's display, until the officer turns it", least=0, most=10)
    volume: int = _key(7, "of the dash's sounds; life-safety alerts are never silent", least=0, most=10)
    baud: int = _key(
        115_200, "speed of the line", unit="baud", one_of=(9600, 57_600, 115_200, 230_400, 460_800, 921_600)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GpsSettings:
    """The receiver."""

    source: str = _key("gpsd", "where fixes come from", one_of=("gpsd", "simulated", "none"))
    host: str = _key("127.0.0.1", "address of gpsd")
    port: int = _key(2947, "port of gpsd", least=1, most=65_535)
    max_age_s: float = _key(3.0, "an older fix is no location", unit="s", least=0.5, most=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSettings:
    """Confirmed hits."""

    folder: str = _key(f"{_STATE}/evidence", "where sealed records are kept")
    context: bool = _key(
        default=False,
        help_text="keep the vehicle's body in coarse cells beside the plate picture; false: the plate alone",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """Who did what."""

    folder: str = _key(f"{_STATE}/audit", "where the audit log is kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConservationSettings:
    """What became of every frame and hit."""

    folder: str = _key(f"{_STATE}/conservation", "where the conservation ledger is kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgettingSettings:
    """How the unit watches that it forgets."""

    check_period_s: float = _key(
        60.0, "a frame is planted and looked for so often", unit="s", least=1, most=3600
    )
    life_limit_ms: float = _key(
        1000.0,
        "a frame that lives longer stops reading until memory was searched and found clean",
        unit="ms",
        least=20,
        most=10_000,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TamperSettings:
    """How the unit knows that its case was opened."""

    case_file: str = _key("", "file of the kernel's that holds 0 while the case is closed; empty: no switch")


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSettings:
    """The technician's socket."""

    socket: str = _key("/run/alprd/control.sock", "path of the socket; empty: none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a unit."""

    camera: CameraSettings = field(default_factory=CameraSettings)
    vision: VisionSettings = field(default_factory=VisionSettings)
    hotlist: HotlistSettings = field(default_factory=HotlistSettings)
    keys: KeysSettings = field(default_factory=KeysSettings)
    alerts: AlertsSettings = field(default_factory=AlertsSettings)
    dash: DashSettings = field(default_factory=DashSettings)
    gps: GpsSettings = field(default_factory=GpsSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    audit: AuditSettings = field(default_factory=AuditSettings)
    conservation: ConservationSettings = field(default_factory=ConservationSettings)
    forgetting: ForgettingSettings = field(default_factory=ForgettingSettings)
    tamper: TamperSettings = field(default_factory=TamperSettings)
    control: ControlSettings = field(default_factory=ControlSettings)


def load(path: Path) -> Settings:
    """Read the settings file at ``path``; raise `SettingsError` naming the key or line at fault."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"settings file {path} cannot be read: {error.strerror}") from None
    return parse(content)


def parse(content: bytes) -> Settings:
    """Return the settings in ``content`` (YAML, UTF-8, at most 64 KiB)."""
    if len(content) > MAX_BYTES:
        raise SettingsError(f"settings file is larger than {MAX_BYTES} bytes")
    try:
        document = yaml.safe_load(content)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark is not None else ""
        raise SettingsError(f"settings file is not YAML{place}") from None
    except (UnicodeDecodeError, RecursionError):
        raise SettingsError("settings file is not UTF-8 YAML of sane depth") from None
    sections = _mapping({} if document is None else document, "the file")
    kinds = get_type_hints(Settings)
    _refuse_unknown(sections, kinds, "section")
    return Settings(**{name: _section(name, kinds[name], value) for name, value in sections.items()})


def _section(name: str, kind: type[Any], value: object) -> Any:  # noqa: ANN401 - one of the section classes
    given = _mapping({} if value is None else value, f"section {name}")
    types = get_type_hints(kind)
    _refuse_unknown(given, types, "key", f"{name}.")
    rules = {f.name: f.metadata for f in dataclasses.fields(kind)}
    return kind(**{key: _value(f"{name}.{key}", types[key], rules[key], item) for key, item in given.items()})


def _mapping(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise SettingsError(f"expected a mapping of names in {what}, found {type(value).__name__}")
    return value


def _refuse_unknown(given: dict[str, object], known: dict[str, Any], what: str, prefix: str = "") -> None:
    for name in given:
        if name not in known:
            raise SettingsError(
                f"unknown {what} {prefix}{printable(name)}; known: {', '.join(sorted(known))}"
            )


def _check_region(name: str, corners: Region, width: int, height: int) -> None:
    """Raise `SettingsError` unless ``corners`` are those of a plain polygon within the frame."""
    for x, y in corners:
        if not (0 <= x <= width and 0 <= y <= height):
            raise SettingsError(f"{name}: expected corners within {width}x{height} px, found [{x}, {y}]")
    sides = list(zip(corners, (*corners[1:], corners[0]), strict=True))
    if sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in sides) == 0:
        raise SettingsError(f"{name}: its corners span no area")
    for first, (a, b) in enumerate(sides):
        for c, d in sides[first + 2 : len(sides) - (first == 0)]:
            # Of a polygon that crosses itself it is not clear what is inside.
            if _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0:
                raise SettingsError(f"{name}: its sides cross or touch; list the corners in their order")


def _turn(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    """Return on which side of the line from ``a`` to ``b`` the point ``c`` lies: -1, 1, or 0 on it."""
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turn > 0) - (turn < 0)


def _regions(key: str, value: object) -> tuple[Region, ...]:
    """Return lists of lists of corners as regions. Raises `SettingsError`."""
    if not isinstance(value, list) or len(value) > MAX_REGIONS:
        raise SettingsError(f"{key}: expected a list of at most {MAX_REGIONS} regions")
    for number, region in enumerate(value, 1):
        if not (isinstance(region, list) and 3 <= len(region) <= MAX_CORNERS):  # noqa: PLR2004 - a triangle
            raise SettingsError(f"{key}: region {number}: expected a list of 3 to {MAX_CORNERS} corners")
        for corner in region:
            if not (isinstance(corner, list) and [type(place) for place in corner] == [int, int]):
                raise SettingsError(f"{key}: region {number}: expected corners like [640, 120], whole px")
    return tuple(tuple((x, y) for x, y in region) for region in value)


def _value(key: str, kind: type[Any], rule: Mapping[str, Any], value: object) -> object:
    if kind == tuple[Region, ...]:
        return _regions(key, value)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise SettingsError(f"{key}: expected {kind.__name__}, found {type(value).__name__}")
    one_of = rule.get("one_of")
    if one_of is not None and value not in one_of:
        raise SettingsError(
            f"{key}: expected one of {', '.join(map(str, one_of))}, found {printable(str(value))}"
        )
    if isinstance(value, (int, float)) and "least" in rule:
        unit = f" {rule['unit']}" if "unit" in rule else ""
        if not (math.isfinite(value) and rule["least"] <= value <= rule["most"]):
            raise SettingsError(
                f"{key}: expected {rule['least']} to {rule['most']}{unit}, found {value}{unit}"
            )
    if isinstance(value, str) and "\0" in value:
        raise SettingsError(f"{key}: holds a zero byte")
    return value


def reference() -> str:
    """Return `docs/settings.md`: the table of all keys, made from the table above."""
    lines = [
        "# Settings",
        "",
        "One YAML file, one mapping per section; every key has a default, an unknown key is an error.",
        "This page is made from `alprd/settings.py`.",
        "",
        "| key | default | unit | allowed | meaning |",
        "|---|---|---|---|---|",
    ]
    for section in dataclasses.fields(Settings):
        kind = get_type_hints(Settings)[section.name]
        for item in dataclasses.fields(kind):
            rule = item.metadata
            allowed = ", ".join(map(str, rule["one_of"])) if "one_of" in rule else rule.get("allowed", "")
            if "least" in rule:
                allowed = f"{rule['least']} to {rule['most']}"
            default = str(item.default).lower() if isinstance(item.default, bool) else item.default
            default = "[]" if default == () else default
            cells = (
                f"`{section.name}.{item.name}`",
                f"`{default}`",
                rule.get("unit", ""),
                allowed,
                rule["help"],
            )
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
