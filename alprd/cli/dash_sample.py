"""An example of the dash's screen for the documentation: an invented plate, drawn here."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from alprd.alerts.details import Detail, VehicleMessage
from alprd.alerts.messages import PICTURE_HEIGHT, PICTURE_WIDTH, AlertMessage, Outcome
from alprd.alerts.requests import SessionCode, SessionMessage
from alprd.cli.dash_model import DashModel, ShownAlert
from alprd.demo.plate import ONTARIO, draw_plate
from alprd.hotlist.categories import Category
from alprd.records import AlertId, ClockSource, Doubt, GpsState, Instant, UnitState, UnixMs, Verdict

_PLATE: Final = "BKXR482"
_CONFIDENCES: Final = (98, 97, 71, 96, 99, 95, 97)
_LIST_AGE_S: Final = 7500
_CAPTURED: Final = UnixMs(1_767_300_000_000)


def sample_model() -> DashModel:
    """Return an alert that waits for its verdict, one character doubtful, another alert behind it."""
    alert = AlertMessage(
        alert_id=AlertId(1),
        plate=_PLATE,
        jurisdiction="CA-ON",
        category=Category.STOLEN_VEHICLE,
        priority=Category.STOLEN_VEHICLE.facts.priority,
        confidence=min(_CONFIDENCES),
        confidences=_CONFIDENCES,
        list_age_s=_LIST_AGE_S,
        captured=Instant(at=_CAPTURED, source=ClockSource.GPS),
        has_location=True,
        place_confidence=97,
        picture_width=PICTURE_WIDTH,
        picture_height=PICTURE_HEIGHT,
        chance=96,
        doubts=Doubt.LOOKALIKE,
    )
    unit = UnitState(
        camera_ok=True,
        gps=GpsState.FIX,
        list_age_s=_LIST_AGE_S,
        list_stale=False,
        list_expired=False,
        fps=15,
        pending=2,
        missed=0,
    )
    vehicle = VehicleMessage(
        alert_id=AlertId(1),
        detail=Detail.LISTED,
        year=2019,
        make="Example",
        model="One",
        colour="silver",
        vehicle_class="passenger car",
    )
    shown = ShownAlert(message=alert, picture=_picture(), vehicle=vehicle, is_answered=False)
    return DashModel(
        is_online=True,
        unit=unit,
        session=SessionMessage(code=SessionCode.ACTIVE, badge="4711"),
        alerts=(shown, shown),
        last_outcome=Outcome.SEALED,
        last_verdict=Verdict.CONFIRMED,
    )


def _picture() -> bytes:
    """Return the plate as the link carries it: 144 x 48, 4-bit grey, packed."""
    face = draw_plate(_PLATE, ONTARIO, rng=np.random.default_rng(0))
    grey = np.asarray(Image.fromarray(face).resize((PICTURE_WIDTH, PICTURE_HEIGHT), Image.Resampling.BOX))
    return ((grey[:, 0::2] & 0xF0) | (grey[:, 1::2] >> 4)).tobytes()
