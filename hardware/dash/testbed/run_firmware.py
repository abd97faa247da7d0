"""A board without hardware for the dash unit's firmware; runs under MicroPython's unix port.

    micropython -X heapsize=192k run_firmware.py MODULES LINE COMMANDS SCREEN KEY

MODULES is the folder of the firmware as it is flashed, compiled. LINE is the pty of the alert link. COMMANDS
is a FIFO with one command a line: ``press a`` (b, c, push, left, right), ``dark 0``, ``dark 1``, ``dump N``;
the program ends with who holds its other end. A dump writes one line into SCREEN: N (a number that the reader
gave), bytes of heap taken, sounds so far, lamps. What the display shows is in SCREEN.pixels: 320 x 240
RGB565, low byte first.
"""

import sys

sys.path.insert(0, sys.argv[1])

import gc
import os
import select
import termios
import time

import framebuf
from unit import Unit, read_key

STRIP = 24


class Board:
    """What the chip's board does, with a file for the display."""

    def __init__(self, line, commands, screen_path):
        self._line = open(line, "r+b", buffering=0)
        termios.setraw(self._line.fileno())
        self._commands = open(commands, "rb", buffering=0)
        self._screen_path = screen_path
        self._poll = select.poll()
        self._poll.register(self._line, select.POLLIN)
        self._poll.register(self._commands, select.POLLIN)
        self._keys = []
        self._is_dark = False
        self._sounds = []
        self._lamps = (0, 0)
        self._strip = bytearray(320 * STRIP * 2)
        self._strip_frame = framebuf.FrameBuffer(self._strip, 320, STRIP, framebuf.RGB565)
        self._palette = framebuf.FrameBuffer(bytearray(32), 16, 1, framebuf.RGB565)
        self._dumps = []
        self._has_shown = False

    def read(self):
        data, wait_ms, is_unplugged = bytearray(), 2, False
        while len(data) < 512:  # a read of more than one byte would wait for all of them
            events = self._poll.poll(wait_ms)
            if not events:
                break
            wait_ms = 0
            for stream, event in events:
                if stream is self._commands:
                    if not event & select.POLLIN:
                        sys.exit()  # who gave commands is gone
                    self._command(self._commands.readline().decode())
                elif event & select.POLLHUP:
                    is_unplugged = True
                else:
                    data += self._read_byte()
            if is_unplugged:
                time.sleep_ms(20)
                break
        return data

    def _read_byte(self):
        try:
            return self._line.read(1) or b""
        except OSError:
            return b""

    def write(self, data):
        try:
            self._line.write(data)
        except OSError:
            pass

    def keys(self):
        keys, self._keys = self._keys, []
        return keys

    def show(self, canvas, colours, _brightness, serve):
        for number, (red, green, blue) in enumerate(colours):
            self._palette.pixel(number, 0, (red & 0xF8) << 8 | (green & 0xFC) << 3 | blue >> 3)
        with open(self._screen_path + ".new", "wb") as file:
            for top in range(0, 240, STRIP):
                self._strip_frame.blit(canvas, 0, -top, -1, self._palette)
                file.write(self._strip)
                serve()
        os.rename(self._screen_path + ".new", self._screen_path + ".pixels")
        self._has_shown = True

    def light(self, colour, count):
        self._lamps = (colour, count)

    def sound(self, priority, volume):
        self._sounds.append((priority, volume))

    def is_dark(self):
        return self._is_dark

    def feed(self):
        for number in self._dumps if self._has_shown else ():
            with open(self._screen_path + ".half", "wb") as file:
                file.write("%s %d %r %r\n" % (number, gc.mem_alloc(), self._sounds, self._lamps))
            os.rename(self._screen_path + ".half", self._screen_path)
        self._dumps = self._dumps if not self._has_shown else []

    def _command(self, line):
        word, value = line.split()
        if word == "press":
            self._keys.append(value)
        elif word == "dark":
            self._is_dark = value == "1"
        elif word == "dump":
            self._dumps.append(value)


def main():
    line, commands, screen_path, key = sys.argv[2:6]
    unit = Unit(Board(line, commands, screen_path), read_key(key))
    while True:
        unit.turn()


main()
