"""What the settings name: camera sources and receivers, opened, and the rule of alerts."""

from __future__ import annotations

import logging
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from alprd import __version__
from alprd.alerts.dash import Dash
from alprd.alerts.line import now_ns
from alprd.alerts.pairing import Pairing
from alprd.alerts.requests import Light, SettingsMessage, Tongue
from alprd.camera.frame import FramePool
from alprd.camera.guarded import GuardedSource
from alprd.cycle import Stages
from alprd.errors import CameraError, SettingsError
from alprd.forgetting.meter import ForgettingMeter
from alprd.gps.receiver import GpsReceiver
from alprd.gps.simulated import SimulatedReceiver
from alprd.keys import DASH_KEY_FILE, read_dash_key
from alprd.plates.vote import AlertRule
from alprd.surroundings import Surroundings
from alprd.vision.loading import open_detector, open_reader
from alprd.vision.shrink import Shrinker, factor
from alprd.vision.track import Tracks
from alprd.vision.turns import Turns

if TYPE_CHECKING:
    from alprd.camera.source import FrameSource
    from alprd.cycle import HitTaker
    from alprd.meters import Tally
    from alprd.records import MonotonicNs
    from alprd.settings import CameraSettings, ForgettingSettings, Settings, VisionSettings
    from alprd.vision.detect import Detector
    from alprd.vision.ignore import IgnoredRegions
    from alprd.vision.litert import RuntimeChoice
    from alprd.vision.read import Reader

log = logging.getLogger(__name__)

LEAST_FPS: Final = 2.0
"""Frames a second below which a plate is hardly seen twice within a track's time-out of a second."""
LEASES: Final = 2
"""Frames in memory at once: one in the cycle, one that a source may be filling."""
SIMULATED_DRIVE: Final = tuple((45.4215 + 0.00009 * step, -75.6972 + 0.00012 * step) for step in range(120))
"""Where the simulated receiver drives: along a straight line in Ottawa, one place a second."""
STALL_S: Final = 1.0
"""How long the writer of a recorded stream may pause; less than SIGTERM's 2 s."""
_NS_PER_MS: Final = 1_000_000


def make_stages(settings: Settings, detector: Detector, reader: Reader, desk: HitTaker) -> Stages:
    """Make the stages of frames, without a list; `SettingsError` when nothing of a frame would be read."""
    turns = Turns(round(settings.vision.budget_ms * _NS_PER_MS), now_ns)
    ignored = make_ignored(settings.camera)
    return Stages(detector, reader, Tracks(), None, desk, turns=turns, ignored=ignored)


def make_ignored(settings: CameraSettings) -> IgnoredRegions | None:
    """Return what blanks the regions to ignore, None where none are set.

    Raises `SettingsError` when nothing of a frame would be left to read.
    """
    if not settings.ignore:
        return None
    from alprd.vision.ignore import IgnoredRegions  # noqa: PLC0415 - brings Pillow

    ignored = IgnoredRegions(settings.ignore)
    if ignored.share(settings.height, settings.width) == 1:
        raise SettingsError(
            "camera.ignore: the regions cover all of the frame, and nothing would be read",
            hint="Leave out a region, or make one smaller: `alprctl docs install`.",
        )
    return ignored


def make_pool(settings: CameraSettings) -> FramePool:
    """Allocate and lock the memory of all frames, once."""
    return FramePool(LEASES, settings.height, settings.width)


def open_source(settings: CameraSettings, pool: FramePool) -> FrameSource:
    """Open the camera that ``settings`` name; `CameraError` when it cannot be opened."""
    return GuardedSource(lambda: _open_source(settings, pool))


def _open_source(settings: CameraSettings, pool: FramePool) -> FrameSource:
    match settings.source:
        case "recorded":
            from alprd.camera.recorded import RecordedSource  # noqa: PLC0415 - brings Pillow and PyAV

            return RecordedSource(
                settings.path,
                pool,
                Shrinker,
                loop=settings.loop,
                fps=settings.fps or None,
                stall_s=STALL_S,
            )
        case "v4l2":
            from alprd.camera.v4l2 import V4l2Source  # noqa: PLC0415 - brings PyAV, some 18 MiB

            return V4l2Source(
                settings.path,
                pool,
                Shrinker,
                size=(settings.width, settings.height),
                input_format=settings.input_format,
                fps=settings.fps or None,
            )
        case "picamera2":
            return _open_picamera(settings, pool)
        case other:
            raise SettingsError(f"camera.source: expected picamera2, v4l2 or recorded, found {other}")


def _open_picamera(settings: CameraSettings, pool: FramePool) -> FrameSource:
    try:
        from alprd.camera.picamera import PicameraSource  # noqa: PLC0415 - needs the `pi` extra
    except ImportError as error:
        raise CameraError(
            f"camera.source is picamera2, and {error.name} is not installed",
            hint="Install python3-picamera2 from Raspberry Pi OS, or name another camera.source.",
        ) from None
    return PicameraSource(
        pool,
        size=(settings.width, settings.height),
        factor=ceil(factor(settings.height, settings.width)),  # the sensor's own streams
        fps=settings.fps,
        exposure_us=settings.exposure_us,
        gain=settings.gain,
        lens_position=0.0 if settings.has_lens else None,
    )


def open_dash(settings: Settings, keys_folder: Path) -> Dash:
    """Make the dash's end that ``settings`` name; `PairingError` where the unit has no pairing key."""
    dash = settings.dash
    return Dash(
        dash.port,
        dash.baud,
        f"alprd {__version__}",
        pairing=Pairing(read_dash_key(keys_folder / DASH_KEY_FILE)),
        slots=settings.alerts.slots,
        settings=SettingsMessage(
            brightness=dash.brightness,
            volume=dash.volume,
            light=Light.AUTO,
            tongue=Tongue.ENGLISH if dash.language == "en" else Tongue.FRENCH,
        ),
    )


def open_models(vision: VisionSettings) -> tuple[Detector, Reader]:
    """Open the detector and the reader that ``vision`` names; `ModelError` for one that cannot be used."""
    folder = Path(vision.models) if vision.models else None
    runtime = cast("RuntimeChoice", vision.runtime)
    return (
        open_detector(runtime, models=folder, threads=vision.threads),
        open_reader(runtime, models=folder, threads=vision.threads),
    )


def make_meter(
    settings: ForgettingSettings, pool: FramePool, stages: Stages, tally: Tally, now: MonotonicNs
) -> ForgettingMeter:
    """Make what watches that the unit forgets, from ``now`` on."""
    return ForgettingMeter(
        pool,
        stages,
        tally,
        period_s=settings.check_period_s,
        life_limit_ms=settings.life_limit_ms,
        now=now,
    )


def make_rule(vision: VisionSettings, place_accept: float) -> AlertRule:
    """Return when a text alerts; ``place_accept`` is the reader's own operating point for places."""
    return AlertRule(
        votes=vision.votes,
        doubtful_votes=vision.doubtful_votes,
        min_chance=vision.min_chance,
        stop_chance=vision.stop_chance,
        odds=vision.lookalike_odds,
        place_accept=place_accept,
    )


def warn_of_few_frames(settings: Settings) -> None:
    """Say that a slow camera seldom alerts: a track's time-out is no setting, and a vote takes frames."""
    fps, votes = settings.camera.fps, settings.vision.votes
    if votes > 1 and 0 < fps < LEAST_FPS:
        log.warning(
            "camera.fps is %g: a plate is hardly seen twice before its track ends, and an alert needs %d"
            " votes; next: raise camera.fps, or set vision.votes to 1 and let a single frame alert",
            fps,
            votes,
        )


def open_surroundings(settings: Settings) -> Surroundings:
    """Make the receiver that ``settings`` name, and the clock. Nothing is asked before its `start`."""
    gps = settings.gps
    match gps.source:
        case "gpsd":
            return Surroundings(GpsReceiver(gps.host, gps.port, gps.max_age_s))
        case "simulated":
            # An invented place and time must never stand beside a real plate.
            if settings.camera.source != "recorded":
                raise SettingsError("gps.source: simulated goes with camera.source recorded only")
            return Surroundings(SimulatedReceiver(SIMULATED_DRIVE))
        case _:
            return Surroundings(None)
