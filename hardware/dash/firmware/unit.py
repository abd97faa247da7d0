"""The dash unit's loop: line, buttons, display, sounds, lights, watchdog. The board is an argument."""

import binascii
import json
import os
from time import ticks_add, ticks_diff, ticks_ms

import screen
from dash import SLOTS, Dash
from link import Link

BUILD = "alprd dash 0.1.0"
BAUD = 115200
KEY_FILE = "dash.key"
SECOND_MS = 1000
QUIET_MS = 12
"""Without bytes for so long the line is quiet, and the screen may be drawn."""
LATEST_MS = 150
"""A change is drawn after this time, however busy the line is."""


def read_key(path):
    """Return the pairing key that `alprctl pair` wrote, None where there is none."""
    try:
        with open(path) as file:
            fields = json.load(file)
        key = binascii.a2b_base64(fields["secret"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return key if fields.get("format") == "alprd dash key 1" and len(key) == 32 else None


class Unit:
    """The whole unit on ``board``, with the key of its pairing. `turn` does one turn of its loop."""

    def __init__(self, board, key):
        self.board = board
        self.dash = Dash()
        # Without a key it greets under one of its own, and is refused: the screen says so.
        self.link = Link(
            key or os.urandom(32),
            os.urandom(16),
            int.from_bytes(os.urandom(4), "little"),
            (screen.WIDTH, screen.HEIGHT, SLOTS),
            BUILD,
            BAUD,
            self.dash,
        )
        if key is None:
            self.link.reason = "KEY"
        self.dash.link = self.link
        now = ticks_ms()
        self._heard = self._drawn = self._changed = now
        self._phase = self.link.phase
        self._is_night = None

    def turn(self):
        """Move bytes, take buttons, draw when it is due."""
        now = ticks_ms()
        self.dash.tick(now)
        for key in self.board.keys():
            self.dash.press(key, now)
        self._serve()
        while self.dash.sounds:
            self.board.sound(*self.dash.sounds.pop(0))
        if self.link.phase != self._phase:
            self._phase, self.dash.is_changed = self.link.phase, True
        self._draw_if_due(now)
        self.board.feed()

    def _serve(self):
        """Move bytes; also between two strips of the display, so that no ACK waits for a whole screen."""
        now = ticks_ms()
        data = self.board.read()
        if data:
            self._heard = now
            self.link.receive(data, now)
        out = self.link.take(now)
        if out:
            self.board.write(out)

    def _draw_if_due(self, now):
        is_night = screen.is_night(self.dash, self.board.is_dark())
        has_clock = self.dash.persons and ticks_diff(now, self._drawn) >= SECOND_MS
        if is_night != self._is_night or has_clock:
            self._is_night, self.dash.is_changed = is_night, True
        if not self.dash.is_changed:
            self._changed = now
            return
        is_quiet = ticks_diff(now, self._heard) >= QUIET_MS
        if not is_quiet and ticks_diff(now, ticks_add(self._changed, LATEST_MS)) < 0:
            return
        self.dash.is_changed = False
        self._drawn = self._changed = now
        screen.draw(self.dash, now)
        colours = screen.NIGHT if is_night else screen.DAY
        self.board.show(screen.canvas, colours, self.dash.settings["brightness"], self._serve)
        self.board.light(*self._light())

    def _light(self):
        """Return the colour of the LED bar, and how many of its lamps are lit."""
        front = self.dash.front()
        if front and not front["verdict"]:
            return screen.RED if front["priority"] >= screen.LIFE_SAFETY else screen.AMBER, 8
        state = self.dash.state
        if state and state["urgency"] and not self.dash.session["badge"]:
            return screen.RED if state["urgency"] >= screen.LIFE_SAFETY else screen.AMBER, 8
        return screen.conditions(self.dash)[0][1], 1
