"""The dash unit's board: an RP2040 or RP2350 with what `hardware/README.md` wires to it."""

import framebuf
import neopixel
from machine import ADC, PWM, SPI, UART, WDT, Pin
from time import sleep_ms, ticks_diff, ticks_ms

WIDTH, HEIGHT, STRIP = 320, 240, 24
LAMPS = 8
DEBOUNCE_MS = 30
WATCHDOG_MS = 4000
DARK, BRIGHT = 12000, 20000
# Tones of each priority class, as (Hz, ms) pairs; the highest class cannot be mistaken.
TONES = {
    1: ((880, 80),),
    2: ((880, 90), (0, 60), (880, 90)),
    3: ((1175, 120), (0, 60), (1175, 120), (0, 60), (1175, 120)),
    4: ((1568, 160), (1175, 160), (1568, 160), (1175, 160), (1568, 160), (1175, 160)),
}
_START = (
    (0x01, b"", 120),  # reset
    (0x11, b"", 120),  # out of sleep
    (0x3A, b"\x55", 0),  # 16 bits a pixel
    (0x36, b"\x28", 0),  # landscape, blue first
    (0x29, b"", 20),  # on
)


class Board:
    """Everything that is wired to the chip. Nothing here waits longer than one strip of the display takes."""

    def __init__(self):
        self._uart = UART(0, 115200, tx=Pin(0), rx=Pin(1), rxbuf=4096, txbuf=1024, timeout=0)
        self._buttons = [
            (name, Pin(pin, Pin.IN, Pin.PULL_UP)) for name, pin in (("a", 2), ("b", 3), ("c", 4), ("push", 7))
        ]
        self._was_down = [False] * len(self._buttons)
        self._changed = [0] * len(self._buttons)
        self._knob = (Pin(5, Pin.IN, Pin.PULL_UP), Pin(6, Pin.IN, Pin.PULL_UP))
        self._turned = 0
        self._knob[0].irq(self._on_turn, Pin.IRQ_FALLING)
        self._buzzer = PWM(Pin(8))
        self._buzzer.duty_u16(0)
        self._tune, self._tone_until, self._volume = [], 0, 0
        self._lamps = neopixel.NeoPixel(Pin(9), LAMPS)
        self._sensor = ADC(26)
        self._is_dark = False
        self._spi = SPI(0, 62_500_000, sck=Pin(18), mosi=Pin(19))
        self._cs, self._dc, self._reset = Pin(17, Pin.OUT, value=1), Pin(20, Pin.OUT), Pin(21, Pin.OUT)
        self._backlight = PWM(Pin(22))
        self._backlight.freq(1000)
        self._strip = bytearray(WIDTH * STRIP * 2)
        self._strip_frame = framebuf.FrameBuffer(self._strip, WIDTH, STRIP, framebuf.RGB565)
        self._palette = framebuf.FrameBuffer(bytearray(32), 16, 1, framebuf.RGB565)
        self._start_display()
        self._watchdog = WDT(timeout=WATCHDOG_MS)

    def read(self):
        """Return what has come over the line."""
        return self._uart.read() or b""

    def write(self, data):
        """Put ``data`` on the line: it fits the transmit buffer, or the link says it again."""
        self._uart.write(data)

    def keys(self):
        """Return what was pressed and turned since the last call."""
        now, out = ticks_ms(), []
        for i, (name, pin) in enumerate(self._buttons):
            is_down = not pin.value()
            if is_down != self._was_down[i] and ticks_diff(now, self._changed[i]) >= DEBOUNCE_MS:
                self._was_down[i], self._changed[i] = is_down, now
                if is_down:
                    out.append(name)
        turned, self._turned = self._turned, 0
        return out + ["right" if turned > 0 else "left"] * abs(turned)

    def show(self, canvas, colours, brightness, serve):
        """Put the 4-bit ``canvas`` on the display, strip by strip; ``serve`` is called after each."""
        for number, (red, green, blue) in enumerate(colours):
            value = (red & 0xF8) << 8 | (green & 0xFC) << 3 | blue >> 3
            self._palette.pixel(number, 0, (value & 0xFF) << 8 | value >> 8)
        self._command(0x2A, bytes((0, 0, (WIDTH - 1) >> 8, (WIDTH - 1) & 255)))
        self._command(0x2B, bytes((0, 0, 0, HEIGHT - 1)))
        self._command(0x2C, b"")
        self._cs(0)
        for top in range(0, HEIGHT, STRIP):
            self._strip_frame.blit(canvas, 0, -top, -1, self._palette)
            self._spi.write(self._strip)
            serve()
        self._cs(1)
        self._backlight.duty_u16(65535 * max(1, brightness) // 10)

    def light(self, colour, count):
        """Light ``count`` lamps of the bar in one of the screen's colours (10 red, 11 amber, 12 green)."""
        lit = {10: (90, 0, 0), 11: (80, 40, 0), 12: (0, 40, 10)}.get(colour, (15, 15, 15))
        for i in range(LAMPS):
            self._lamps[i] = lit if i < count else (0, 0, 0)
        self._lamps.write()

    def sound(self, priority, volume):
        """Begin the tones of a priority class at ``volume``, 0 to 10."""
        self._tune, self._volume = list(TONES.get(priority, TONES[4])), volume

    def is_dark(self):
        """Return what the light sensor says, with room between the two so that it does not flicker."""
        value = self._sensor.read_u16()
        self._is_dark = value < (BRIGHT if self._is_dark else DARK)
        return self._is_dark

    def feed(self):
        """Feed the watchdog and play the tune on."""
        self._watchdog.feed()
        if ticks_diff(ticks_ms(), self._tone_until) < 0:
            return
        if not self._tune:
            self._buzzer.duty_u16(0)
            return
        pitch, length = self._tune.pop(0)
        self._tone_until = ticks_ms() + length
        if pitch:
            self._buzzer.freq(pitch)
        self._buzzer.duty_u16(3276 * self._volume if pitch else 0)

    def _on_turn(self, _pin):
        self._turned += 1 if self._knob[1].value() else -1

    def _command(self, code, data):
        self._cs(0)
        self._dc(0)
        self._spi.write(bytes((code,)))
        self._dc(1)
        if data:
            self._spi.write(data)
        self._cs(1)

    def _start_display(self):
        for level in (1, 0, 1):
            self._reset(level)
            sleep_ms(20)
        for code, data, wait in _START:
            self._command(code, data)
            sleep_ms(wait)
