"""What gpsd reports, judged: a fix, or nothing. Pure.

gpsd's report of a position (class TPV) may claim a fix and yet carry no place, no time, or the time of
another decade; each of these was seen of gpsd 3.22. All of it is "no location" here. So is exactly
0, 0: no unit drives there, and it is what firmware without a position says.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from alprd.records import FULL_TURN_DEG, MAX_LATITUDE_DEG, MAX_PLACE_DEG, Fix, MonotonicNs, UnixMs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EARLIEST_MS: Final = UnixMs(1_577_836_800_000)
"""2020-01-01 UTC. A receiver whose week counter rolled over reports a date some twenty years back."""
LATEST_MS: Final = UnixMs(3_471_292_800_000)
"""2080-01-01 UTC, not itself a time that is accepted."""

_MODE_2D: Final = 2
_MODE_3D: Final = 3
_MAX_SPEED_MPS: Final = 150.0
_MAX_ERROR_M: Final = 1e6
_TIME_MAX: Final = 32
_MS: Final = 1000


def accept(report: Mapping[str, object], received_at: MonotonicNs) -> Fix | None:
    """Return the fix in ``report``, the fields of one TPV of gpsd, or None where it vouches for none.

    Speed, track and error are None where they are absent or out of range; anything wrong with mode,
    place or time makes the whole report no fix.
    """
    mode = report.get("mode")
    if isinstance(mode, bool) or mode not in (_MODE_2D, _MODE_3D):
        return None
    latitude = _number(report.get("lat"), -MAX_LATITUDE_DEG, MAX_LATITUDE_DEG)
    longitude = _number(report.get("lon"), -MAX_PLACE_DEG, MAX_PLACE_DEG)
    fixed_at = time_of(report)
    if latitude is None or longitude is None or fixed_at is None:
        return None
    if latitude == 0 and longitude == 0:
        return None
    return Fix(
        latitude_deg=latitude,
        longitude_deg=longitude,
        dimensions=_MODE_3D if mode == _MODE_3D else _MODE_2D,
        fixed_at=fixed_at,
        received_at=received_at,
        error_m=_number(report.get("eph"), 0.0, _MAX_ERROR_M),
        speed_mps=_number(report.get("speed"), 0.0, _MAX_SPEED_MPS),
        track_deg=_number(report.get("track"), 0.0, FULL_TURN_DEG),
    )


def newest(reports: Sequence[Mapping[str, object]], received_at: MonotonicNs) -> Fix | None:
    """Return the fix of the latest time among ``reports`` (one TPV per receiver), or None."""
    fixes = [fix for report in reports if (fix := accept(report, received_at)) is not None]
    return max(fixes, key=lambda fix: fix.fixed_at, default=None)


def time_of(report: Mapping[str, object]) -> UnixMs | None:
    """Return the receiver's time in ``report``, or None where it is absent or not of 2020 to 2079."""
    text = report.get("time")
    if not isinstance(text, str) or len(text) > _TIME_MAX or not text.endswith("Z"):
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
        at = UnixMs(round(moment.timestamp() * _MS))
    except (ValueError, OverflowError):
        return None
    return at if EARLIEST_MS <= at < LATEST_MS else None


def _number(value: object, least: float, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if least <= value <= most else None
