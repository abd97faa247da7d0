"""Text on a 4-bit frame buffer: framebuf's own 8x8 font in any size, with the accents that French needs."""

import framebuf

_MARKS = {
    "é": ("e", 1), "è": ("e", 2), "ê": ("e", 3), "ë": ("e", 4), "à": ("a", 2), "â": ("a", 3), "ä": ("a", 4),
    "ô": ("o", 3), "ö": ("o", 4), "î": ("i", 3), "ï": ("i", 4), "û": ("u", 3), "ù": ("u", 2), "ü": ("u", 4),
    "ç": ("c", 5), "É": ("E", 1), "È": ("E", 2), "Ê": ("E", 3), "À": ("A", 2), "Â": ("A", 3), "Ô": ("O", 3),
    "Î": ("I", 3), "Û": ("U", 3), "Ù": ("U", 2), "Ç": ("C", 5), "…": (".", 0), "œ": ("o", 0),
}  # fmt: skip
# Dots of each mark, as (column, row) above the letter; the cedilla (5) is below it.
_DOTS = {
    0: (),
    1: ((4, -1), (3, 0)),
    2: ((2, -1), (3, 0)),
    3: ((2, 0), (3, -1), (4, 0)),
    4: ((2, -1), (5, -1)),
    5: ((3, 7), (2, 8)),
}
_cell = framebuf.FrameBuffer(bytearray(8), 8, 8, framebuf.MONO_HLSB)


def width(text, scale=1):
    """Return how many pixels ``text`` takes."""
    return 8 * scale * len(text)


def draw(screen, text, x, y, colour, wide=1, tall=0):
    """Draw ``text`` from ``x``, ``y`` on: letters of 8 x ``wide`` by 8 x ``tall`` pixels."""
    tall = tall or wide
    for letter in text:
        base, mark = _MARKS.get(letter, (letter if 32 <= ord(letter) < 127 else "?", 0))
        if wide == 1 and tall == 1:
            screen.text(base, x, y, colour)
        else:
            _blow_up(screen, base, x, y, colour, wide, tall)
        for column, row in _DOTS[mark]:
            screen.fill_rect(x + column * wide, y + row * tall, wide, tall, colour)
        x += 8 * wide


def _blow_up(screen, letter, x, y, colour, wide, tall):
    _cell.fill(0)
    _cell.text(letter, 0, 0, 1)
    for row in range(8):
        column = 0
        while column < 8:
            if not _cell.pixel(column, row):
                column += 1
                continue
            start = column
            while column < 8 and _cell.pixel(column, row):
                column += 1
            screen.fill_rect(x + start * wide, y + row * tall, (column - start) * wide, tall, colour)


def wrapped(text, columns):
    """Return ``text`` in rows of ``columns`` letters at most, broken between words where that is possible."""
    rows, row = [], ""
    for word in text.split(" "):
        while len(word) > columns:
            if row:
                rows.append(row)
                row = ""
            rows.append(word[:columns])
            word = word[columns:]
        if not row:
            row = word
        elif len(row) + 1 + len(word) <= columns:
            row += " " + word
        else:
            rows.append(row)
            row = word
    if row:
        rows.append(row)
    return rows
