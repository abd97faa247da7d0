"""Feeds random frames to the firmware's decoder and messages; runs under MicroPython's unix port.

    micropython -X heapsize=192k run_fuzz.py MODULES FRAMES SEED

A third are random bytes, a third frames whose bytes were spoiled, a third well made under the right key with
a random payload, so that they reach the messages and the dash behind them. Prints one JSON object: frames,
how many were taken, what refused the others, by name. Anything but the decoder's one error is a traceback.
"""

import json
import random
import sys

sys.path.insert(0, sys.argv[1])

import messages
import screen
import wire
from dash import Dash
from wire import FrameError, Key

KEY = Key(bytes(range(32)))
FRAMES, SEED = int(sys.argv[2]), int(sys.argv[3])
DRAW_EVERY = 997


class Line:
    """A link that is up and takes every request."""

    phase, reason = 1, ""

    def ask(self, _kind, _payload=b""):
        return True

    def log_in(self, _badge, _secret):
        return True


def chance(most):
    return bytes(random.getrandbits(8) for _ in range(random.randrange(most + 1)))


def well_made():
    kind = random.choice(list(wire.LENGTHS))
    least, most = wire.LENGTHS[kind]
    payload = bytes(
        random.getrandbits(8) & (0x7F if random.getrandbits(1) else 3)
        for _ in range(random.randint(least, most))
    )
    sequence = 0 if kind in wire.UNSEQUENCED else random.randint(1, 255)
    return wire.encode(kind, sequence, random.randint(1, 1000), payload, KEY)


def main():
    random.seed(SEED)
    decoder = wire.Decoder(lambda _body: KEY)
    dash = Dash()
    dash.link = Line()
    taken, now = 0, 0
    for number in range(FRAMES):
        now += 7
        frame = chance(255) + b"\0" if number % 3 == 0 else well_made()
        if number % 3 == 1:
            spoiled = bytearray(frame)
            spoiled[random.randrange(len(spoiled))] ^= 1 << random.randrange(8)
            frame = bytes(spoiled)
        for kind, _sequence, _counter, payload in decoder.feed(frame):
            try:
                if kind == wire.HELLO and payload[0] == wire.PROTOCOL:
                    messages.hello(payload)
                elif kind in messages.FROM_UNIT:
                    dash.take_in(kind, messages.FROM_UNIT[kind](payload), now)
            except FrameError as error:
                decoder.count(error.args[0])
                continue
            taken += 1
        if number % 5 == 0:
            dash.press(random.choice(("a", "b", "c", "push", "left", "right")), now)
            dash.sounds = []
        dash.tick(now)
        if number % DRAW_EVERY == 0:
            screen.draw(dash, now)
    print(json.dumps({"frames": FRAMES, "taken": taken, "refused": decoder.faults}))


main()
