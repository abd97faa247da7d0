"""Draws the firmware's screens for its document: run as ``python -m tests.firmware.generate_screens``.

The pictures are what the display shows, pixel by pixel, twice as large; a test holds them to the firmware.
"""

from __future__ import annotations

import dataclasses
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from alprd.alerts.dash import Dash, Outcome
from alprd.demo.plate import ONTARIO, draw_plate
from alprd.hotlist.categories import Category
from alprd.keys import write_dash_key
from alprd.records import AlertId, Doubt
from tests.sim.dash_pair import KEY_OF_PAIRING, PAIRING, PLATE, active, daemon_alert
from tests.sim.dash_unit import Cable
from tests.sim.firmware import FirmwareDash, compiled
from tests.vectors.dash_link.details import PERSON, VEHICLE
from tests.vectors.dash_link.generate import STATE

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "hardware" / "dash" / "screens"
SETTLE_S = 1.0
DESCRIPTORS = "M, about 45, 180 cm, grey beard, glasses, scar on the left cheek"


class Stage:
    """The firmware with a unit that says what it is told to."""

    def __init__(self, folder: Path, modules: Path) -> None:
        key = folder / "dash.key"
        write_dash_key(key, KEY_OF_PAIRING, replace=True)
        self.cable = Cable()
        self.dash = Dash(self.cable.unit_path, 115_200, "test", pairing=PAIRING)
        self.dash.update_state(STATE)
        self.dash.start()
        self.firmware = FirmwareDash(self.cable.dash_path, key, folder, modules)
        face = draw_plate(PLATE, ONTARIO, rng=np.random.default_rng(0))
        self.picture = np.asarray(Image.fromarray(face).resize((144, 48), Image.Resampling.BOX))

    def look(self) -> Image.Image:
        """Let the line come to rest, and return the display."""
        before = None
        while True:
            time.sleep(SETTLE_S / 2)
            self.dash.events()
            shown = self.firmware.screen()
            if before is not None and before.tobytes() == shown.tobytes():
                return shown.resize((640, 480), Image.Resampling.NEAREST)
            before = shown

    def alert(self, number: int, category: Category, *, doubts: Doubt, shares: tuple[float, ...]) -> None:
        """Show an alert with the drawn plate."""
        alert = daemon_alert(number)
        entry = dataclasses.replace(
            alert.hit.entry, category=category.value, priority=category.facts.priority.value
        )
        hit = dataclasses.replace(
            alert.hit, entry=entry, doubts=doubts, confidences=shares, place_confidence=0.97, chance=0.93
        )
        assert self.dash.show(dataclasses.replace(alert, hit=hit), self.picture)
        vehicle = dataclasses.replace(VEHICLE, alert_id=AlertId(number), descriptors=DESCRIPTORS)
        self.dash.describe(vehicle)

    def stop(self) -> None:
        """End it all."""
        self.firmware.stop()
        self.dash.stop()
        self.cable.unplug()


SURE = (0.98, 0.97, 0.99, 0.96, 0.99, 0.95, 0.97)
UNSURE = (*SURE[:4], 0.98, 0.41, 0.97)


def screens(folder: Path, modules: Path) -> Iterator[tuple[str, Image.Image]]:
    """Return the name and the picture of every screen, in the order of a shift."""
    stage = Stage(folder, modules)
    try:
        yield "quiet", stage.look()
        stage.alert(1, Category.STOLEN_VEHICLE, doubts=Doubt.LOOKALIKE, shares=UNSURE)
        yield "waits", stage.look()
        stage.firmware.press("a")
        stage.firmware.type("47")
        yield "log-in", stage.look()
        stage.firmware.press("c")
        stage.dash.set_session(active("4711"))
        yield "alert-in-doubt", stage.look()
        stage.dash.update_state(dataclasses.replace(STATE, list_stale=True))
        stage.firmware.set_dark(is_dark=True)
        yield "alert-of-a-stale-list-at-night", stage.look()
        stage.firmware.set_dark(is_dark=False)
        stage.dash.update_state(STATE)
        stage.dash.conclude(AlertId(1), Outcome.EXPIRED)
        stage.alert(2, Category.AMBER_ALERT, doubts=Doubt.NONE, shares=SURE)
        yield "amber-alert", stage.look()
        stage.dash.conclude(AlertId(2), Outcome.EXPIRED)
        stage.alert(3, Category.SUSPENDED_DRIVER_USE, doubts=Doubt.NONE, shares=SURE)
        stage.look()
        stage.firmware.press("push", *["left"] * 1, "a")  # the menu's last line: the other language
        stage.firmware.press("right")
        yield "details-in-french", stage.look()
        stage.dash.conclude(AlertId(3), Outcome.SEALED)
        yield "report", stage.look()
        stage.firmware.press("c")
        stage.dash.update_state(dataclasses.replace(STATE, is_paused=True, camera_ok=False))
        time.sleep(6.5)  # what became of the last alert is gone from the screen by then
        yield "paused", stage.look()
        stage.dash.update_state(STATE)
        stage.dash.disclose(dataclasses.replace(PERSON, alert_id=AlertId(3), seconds=600))
        stage.dash.stop()
        time.sleep(2.5)
        yield "offline", stage.look()
    finally:
        stage.stop()


def main() -> None:
    """Write every screen."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for screen, picture in screens(folder, compiled(folder / "modules")):
            picture.quantize(16).save(FOLDER / f"{screen}.png", optimize=True)


if __name__ == "__main__":
    main()
