"""A dash port that leads to the GPS receiver: the unit hears whose line it is, and says which is wrong."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from cobs import cobs

from alprd.alerts.auto_dash import AutoDash
from alprd.alerts.dash import Dash
from alprd.alerts.hello import HelloMessage
from alprd.errors import SwappedCableError
from alprd.records import LinkState
from tests.sim.dash_pair import PAIRING, PICTURE, PIN, PLATE, daemon_alert
from tests.sim.dash_unit import Cable
from tests.sim.gps_receiver import PtyReceiver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

PATIENCE_S = 20.0


def wait(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


def test_a_receiver_on_the_dashs_line_is_named_and_told_nothing_until_the_cables_are_swapped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port, cable = tmp_path / "alprd-dash", Cable()
    with PtyReceiver() as receiver:
        port.symlink_to(receiver.device)
        dash = Dash(str(port), 115_200, "alprd test", pairing=PAIRING)
        dash.start()
        try:
            assert dash.show(daemon_alert(1), PICTURE)
            wait(lambda: isinstance(dash.trouble, SwappedCableError))
            time.sleep(2.0)  # it opens the line again meanwhile, and says no more
            told = os.read(receiver._master, 65536)
            port.unlink()
            port.symlink_to(cable.unit_path)
            unit = AutoDash(cable.dash_path, lambda _: None, "4711", pairing=PAIRING, pin=PIN)
            unit.start()
            wait(lambda: dash.link_state is LinkState.UP)
            assert dash.trouble is None
            unit.stop()
        finally:
            dash.stop()
    cable.unplug()
    assert caplog.text.count("cables are swapped") == 1
    kinds = {cobs.decode(frame)[0] for frame in told.split(b"\0") if frame}
    assert kinds == {HelloMessage.TYPE}
    assert PLATE.encode() not in told
