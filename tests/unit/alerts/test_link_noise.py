"""The dash link through noise, on a simulated line with its own clock: nothing lost, nothing invented."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest

from alprd.alerts.dash_events import AlertArrived
from alprd.alerts.link import LOST_NS, LinkChanged
from alprd.alerts.messages import PICTURE_BYTES, AckMessage, Outcome, PictureMessage
from alprd.alerts.unit_events import LogIn
from alprd.records import AlertId, Answer, LinkState, Verdict
from tests.sim.dash_pair import PIN, Pair, alert, linked, log_in
from tests.sim.dash_unit import noise


class NoisyDrive:
    """Sends ``count`` alerts one after another over a line that spoils bytes; the officer answers each."""

    def __init__(self, seed: int, share: float, count: int) -> None:
        self.pair = Pair(spoil=noise(random.Random(seed), share))
        self.count = count
        self.next_id = 1
        self.sounded: list[int] = []
        self.answers: dict[int, Verdict] = {}
        self.losses = 0
        self.invented = 0

    def step(self) -> None:
        unit, dash = self.pair.unit, self.pair.dash
        while self.next_id <= self.count and unit.show(alert(self.next_id)) is not None:
            self.next_id += 1
        for event in dash.events():
            if event == LinkChanged(state=LinkState.UP):
                dash.log_in("4711", PIN)
            if isinstance(event, AlertArrived):
                held = dash.alerts[event.alert_id]
                self.invented += held.message != alert(event.alert_id)
                self.sounded += [] if event.is_repeat else [event.alert_id]
                dash.answer(event.alert_id, self.verdict(event.alert_id))
        for said in unit.events():
            match said:
                case LogIn():
                    log_in(unit, said)
                case Answer():
                    assert said.alert_id not in self.answers
                    self.answers[said.alert_id] = said.verdict
                    unit.conclude(said.alert_id, Outcome.SEALED)
                case LinkChanged():
                    self.losses += said.state is LinkState.DOWN

    @staticmethod
    def verdict(number: int) -> Verdict:
        return Verdict.CONFIRMED if number % 2 else Verdict.MISREAD

    def run(self, limit_s: int) -> None:
        for _ in range(limit_s):
            self.pair.line.run(1, self.step)
            if len(self.answers) == self.count and self.pair.unit.is_idle:
                return


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_hundred_alerts_through_noise_are_each_shown_once_and_answered_once(seed: int) -> None:
    drive = NoisyDrive(seed, 0.01, 300)
    drive.run(limit_s=900)
    assert sorted(drive.sounded) == list(range(1, 301))
    assert drive.answers == {number: drive.verdict(number) for number in range(1, 301)}
    assert drive.invented == 0
    assert drive.pair.unit.refused_frames > 50
    assert drive.pair.dash.refused_frames > 50


def test_no_sequence_is_used_for_another_message_while_unacknowledged() -> None:
    drive = NoisyDrive(4, 0.02, 60)
    drive.run(limit_s=300)
    for end in range(2):
        numbered = [
            (sequence, message)
            for sequence, message in drive.pair.said[end]
            if sequence and not isinstance(message, AckMessage | PictureMessage)
        ]
        changes = 0
        for (was, before), (sequence, message) in pairwise(numbered):
            if before != message:
                changes += 1
                assert sequence != was
            else:
                assert sequence in (was, was % 255 + 1)
        assert changes > 60


def test_a_picture_survives_noise_bit_for_bit() -> None:
    pair = Pair(spoil=noise(random.Random(5), 0.001))
    picture = pair.unit.show(alert(1))
    assert picture is not None
    picture[:] = np.random.default_rng(5).integers(0, 256, PICTURE_BYTES)
    pair.run(20)
    assert bytes(pair.dash.alerts[AlertId(1)].picture) == picture.tobytes()
    assert pair.unit.refused_frames + pair.dash.refused_frames > 0


def test_a_line_too_noisy_for_anything_is_declared_lost() -> None:
    pair = linked()
    pair.line.spoil = noise(random.Random(6), 0.5)
    pair.unit.show(alert(1))
    pair.run(3 * LOST_NS / 1_000_000_000)
    assert pair.unit.state is LinkState.DOWN
    assert pair.seen(AlertArrived) == []
