"""Over its age limit a list's alerts say VERIFY LIVE and are not stop-grade; after its expiry none comes.

The clock is the unit's own: a receiver on a pty, the real gpsd, and the time that its fixes give.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from alprd.cli.dash_model import DashModel, ShownAlert
from alprd.cli.dash_words import LANGUAGES, WORDS
from alprd.records import Doubt
from tests.sim.bench import Bench
from tests.sim.gps_receiver import Gpsd, PtyReceiver
from tests.vectors.dash_screen.generate import screen

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.alerts.messages import AlertMessage
    from alprd.cli.dash_words import Language
    from tests.sim.recording import Passing

HOUR_S = 3600


def shown(bench: Bench, alert: AlertMessage | None, language: Language = "en") -> str:
    """The screen of a terminal dash that got what this bench's dash got."""
    alerts = (
        () if alert is None else (ShownAlert(message=alert, picture=None, vehicle=None, is_answered=False),)
    )
    return screen(DashModel(is_online=True, unit=bench.dash.unit_state, alerts=alerts), language)


@pytest.mark.slow
def test_a_list_grows_stale_and_expires_by_the_time_of_the_fixes(tmp_path: Path, passing: Passing) -> None:
    alerts: list[AlertMessage] = []
    with PtyReceiver() as receiver, Gpsd(receiver.device) as gpsd:
        bench = Bench(
            tmp_path / "unit",
            passing.folder,
            listed=[passing.listed],
            answer=alerts.append,
            settings={
                "camera": {"loop": True, "fps": 10.0},
                "gps": {"source": "gpsd", "host": "127.0.0.1", "port": gpsd.port},
                "alerts": {"answer_time_s": 1.0, "repeat_hold_s": 0.0},
            },
        )
        with bench:
            bench.wait_for(lambda state: state["gps"] == "FIX" and bool(alerts))
            assert not bench.status()["list_stale"]
            assert not alerts[0].doubts & Doubt.LIST_STALE
            assert "VERIFY LIVE" not in shown(bench, alerts[0])
            assert "LIST STALE" not in shown(bench, None)

            receiver.clock_offset = dt.timedelta(hours=25)
            bench.wait_for(lambda _: bench.dash.unit_state is not None and bench.dash.unit_state.list_stale)
            assert bench.status()["list_stale"]
            before = len(alerts)
            bench.wait_for(lambda _: len(alerts) > before and alerts[-1].list_age_s > 24 * HOUR_S)
            late = alerts[-1]
            assert late.doubts & Doubt.LIST_STALE
            assert 25 * HOUR_S <= late.list_age_s < 26 * HOUR_S
            assert "VERIFY LIVE" in shown(bench, late)
            for language in LANGUAGES:
                words, text = WORDS[language], shown(bench, late, language)
                assert all(words[name] in text for name in ("stale", "no grade", "next stale"))
                assert words["stale"] in shown(bench, None, language)

            receiver.clock_offset = dt.timedelta(hours=49)
            bench.wait_for(lambda _: bench.dash.unit_state is not None and bench.dash.unit_state.list_expired)
            state = bench.wait_for(lambda state: state["list_expired"])
            hits, frames = state["hits"], state["frames"]
            state = bench.wait_for(lambda state: state["frames"] > frames + 30)
            assert state["hits"] == hits
            for language in LANGUAGES:
                assert WORDS[language]["expired"] in shown(bench, None, language)
                assert WORDS[language]["reading"] not in shown(bench, None, language)

            receiver.clock_offset = dt.timedelta(0)
            bench.wait_for(lambda later: later["frames"] > state["frames"] + 30)
            assert bench.status()["list_expired"], "a clock that is turned back makes no list young again"
            assert bench.status()["hits"] == hits
