"""What the chip runs at power-on. A failure of any kind ends in the watchdog's reset, and a fresh start."""

from board import Board
from unit import KEY_FILE, Unit, read_key

unit = Unit(Board(), read_key(KEY_FILE))
while True:
    unit.turn()
