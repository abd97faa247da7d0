"""Lettering for rendered plates: our own strokes and openly licensed condensed fonts as masks.

Fonts are installed at training time (see `font_files`) and are never part of the project.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from alprd.demo.glyphs import draw_character
from alprd.plates.grammar import FIGURES, LETTERS
from models.training.dies import DIES

Mask = NDArray[np.uint8]

HEIGHT_PX: Final = 64
FONTS: Final = (
    "alfa-slab-one", "antonio", "archivo-narrow", "barlow-condensed", "barlow-semi-condensed",
    "big-shoulders-display", "cooper-hewitt", "dosis", "encode-sans-condensed", "fjalla-one",
    "ibm-plex-sans-condensed", "khand", "league-gothic", "lobster", "nunito", "oswald", "overpass",
    "overpass-mono", "pacifico", "pathway-gothic-one", "playfair-display", "pragati-narrow", "rajdhani",
    "roboto-condensed", "rokkitt", "saira-condensed", "share-tech-mono", "sofia-sans-extra-condensed",
    "teko", "varela-round", "yellowtail", "zilla-slab",
)  # fmt: skip
"""Packages of ``@fontsource`` to train with, all openly licensed (OFL or Apache-2.0)."""
STYLES: Final[dict[str, tuple[str, ...]]] = {
    "sans": (
        "roboto-condensed",
        "archivo-narrow",
        "overpass",
        "ibm-plex-sans-condensed",
        "barlow-semi-condensed",
    ),
    "narrow": (
        "pathway-gothic-one",
        "saira-condensed",
        "oswald",
        "league-gothic",
        "sofia-sans-extra-condensed",
    ),
    "serif": ("playfair-display", "rokkitt", "zilla-slab"),
    "slab": ("alfa-slab-one", "zilla-slab", "rokkitt"),
    "script": ("pacifico", "yellowtail", "lobster"),
    "wide": ("overpass", "varela-round", "nunito"),
}
"""Fonts of names and slogans; those of ``script`` and ``serif`` letter no serial."""
_NO_DIES: Final = frozenset(
    {
        "pacifico",
        "yellowtail",
        "lobster",
        "playfair-display",
        "alfa-slab-one",
        "rokkitt",
        "zilla-slab",
    }
)
_MARKS: Final = "-."
_DIES: Final = 60
_WEIGHTS: Final = ("400", "500", "600", "700")


class Lettering:
    """One alphabet: a mask of `HEIGHT_PX` rows for each character, cut to its own width."""

    def __init__(self, name: str, masks: dict[str, Mask], *, slashed: bool = False) -> None:
        self.name = name
        self.masks = masks
        self.slashed = slashed
        self.widest_px = max(masks[character].shape[1] for character in "ABCDEFGHKNPRSTUXYZ0123456789")


def from_strokes(pen: float, width: float, *, slashed: bool = False) -> Lettering:
    """Return our own glyphs with strokes ``pen`` and cells ``width`` wide, shares of the height.

    ``slashed`` strikes the zero through, as some states do.
    """
    scale = 3
    masks = {}
    for character in LETTERS + FIGURES + _MARKS:
        wide, tall = round(width * HEIGHT_PX) * scale, HEIGHT_PX * scale
        image = Image.new("L", (wide, tall), 0)
        draw_character(
            ImageDraw.Draw(image), character, (0, 0, wide, tall), pen=pen * HEIGHT_PX * scale, fill=255
        )
        if slashed and character == "0":
            ends = (wide * 0.25, tall * 0.72, wide * 0.75, tall * 0.28)
            ImageDraw.Draw(image).line(ends, fill=255, width=round(pen * tall * 0.7))
        masks[character] = _trimmed(np.asarray(image.reduce(scale)))
    return Lettering(f"strokes-{pen}-{width}", masks, slashed=slashed)


def from_dies(rng: np.random.Generator) -> Lettering:
    """Return our own glyphs at a random pen and width, those of `DIES` in one of their shapes each."""
    pen, width = rng.uniform(0.085, 0.165), rng.uniform(0.38, 0.56)
    masks = dict(from_strokes(pen, width).masks)
    scale = 3
    wide, tall, thick = round(width * HEIGHT_PX) * scale, HEIGHT_PX * scale, pen * HEIGHT_PX * scale
    for character, shapes in DIES.items():
        image = Image.new("L", (wide, tall), 0)
        draw = ImageDraw.Draw(image)
        for line in shapes[int(rng.integers(len(shapes)))]:
            points = [(thick / 2 + x * (wide - thick), thick / 2 + y * (tall - thick)) for x, y in line]
            draw.line(points, fill=255, width=round(thick), joint="curve")
            for x, y in (points[0], points[-1]):
                draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=255)
        masks[character] = _trimmed(np.asarray(image.reduce(scale)))
    return Lettering("strokes-dies", masks)


def from_font(path: Path) -> Lettering:
    """Return the capitals and figures of a TrueType or WOFF2 font as masks."""
    font = ImageFont.truetype(as_truetype(path), 200)
    left, top, _right, bottom = font.getbbox("H")
    font = ImageFont.truetype(as_truetype(path), round(200 * 2 * HEIGHT_PX / (bottom - top)))
    left, top, _right, bottom = font.getbbox("H")
    masks = {}
    for character in LETTERS + FIGURES + _MARKS:
        box = font.getbbox(character)
        image = Image.new("L", (int(box[2] - left) + 20, int(bottom - top)), 0)
        ImageDraw.Draw(image).text((10 - min(0, box[0]), -top), character, fill=255, font=font)
        mask = np.asarray(image)
        small = cv2.resize(mask, (max(1, mask.shape[1] // 2), HEIGHT_PX), interpolation=cv2.INTER_AREA)
        masks[character] = _trimmed(small.astype(np.uint8))
    zero = masks["0"]
    third = zero.shape[1] // 3
    slashed = float(zero[26:38, third : zero.shape[1] - third].mean()) > 60
    return Lettering(path.stem, masks, slashed=slashed)


def load_letterings(folder: Path) -> list[Lettering]:
    """Return our own alphabets and those of `font_files`."""
    own = [
        from_strokes(pen, width)
        for pen in (0.085, 0.1, 0.115, 0.13, 0.15, 0.17)
        for width in (0.42, 0.5, 0.58)
    ]
    own += [from_strokes(pen, width, slashed=True) for pen in (0.10, 0.13) for width in (0.44, 0.52)]
    rng = np.random.default_rng(5)
    own += [from_dies(rng) for _ in range(_DIES)]
    return own + [from_font(path) for path in font_files(folder)]


class Words:
    """Small lettering in the styles of names and slogans; each text is drawn once a face."""

    def __init__(self, folder: Path) -> None:
        self._files = {style: _style_files(folder, names) for style, names in STYLES.items()}
        self._fallback = font_files(folder)
        self._masks: dict[tuple[str, Path], Mask] = {}

    def mask(self, text: str, style: str, rng: np.random.Generator) -> Mask:
        """Return ``text`` 24 px tall in one of the faces of ``style``."""
        files = self._files[style] or self._fallback
        path = files[int(rng.integers(len(files)))]
        if (text, path) not in self._masks:
            self._masks[text, path] = word_mask(text, path)
        return self._masks[text, path]


def word_mask(words: str, path: Path) -> Mask:
    """Return ``words`` in small lettering, 24 px tall."""
    font = ImageFont.truetype(as_truetype(path), 48)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(words))
    image = Image.new("L", (right - left + 4, bottom - top), 0)
    ImageDraw.Draw(image).text((2 - left, -top), words, fill=255, font=font)
    mask = np.asarray(image)
    wide = max(4, mask.shape[1] * 24 // mask.shape[0])
    return np.asarray(cv2.resize(mask, (wide, 24), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _style_files(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return one or two weights of each font of ``names``."""
    return [
        path
        for name in names
        for weight in ("400", "700")
        for path in sorted(
            folder.glob(f"node_modules/@fontsource/{name}/files/{name}-latin-{weight}-normal.woff2")
        )
    ]


def font_files(folder: Path) -> list[Path]:
    """Return the fonts to train with.

    ``folder`` is where ``npm install --prefix FOLDER @fontsource/NAME ...`` put those of `FONTS`;
    DejaVu's condensed faces are added where Debian has them. A missing folder gives an empty list.
    """
    found = [
        path
        for weight in _WEIGHTS
        for name in FONTS
        if name not in _NO_DIES
        for path in sorted(
            folder.glob(f"node_modules/@fontsource/{name}/files/*-latin-{weight}-normal.woff2")
        )
    ]
    dejavu = Path("/usr/share/fonts/truetype/dejavu")
    return (
        found
        + sorted(dejavu.glob("DejaVuSans*Condensed*Bold.ttf"))
        + sorted(dejavu.glob("DejaVuSansMono-Bold.ttf"))
    )


_converted: dict[Path, bytes] = {}


def as_truetype(path: Path) -> io.BytesIO:
    """Unpack WOFF2 (Pillow's FreeType may lack brotli) into TrueType, once per file."""
    if path not in _converted:
        if path.suffix == ".woff2":
            import fontTools.ttLib  # type: ignore[import-not-found] # noqa: PLC0415 - only training machines have it

            unpacked = io.BytesIO()
            font = fontTools.ttLib.TTFont(path)
            font.flavor = None
            font.save(unpacked)
            _converted[path] = unpacked.getvalue()
        else:
            _converted[path] = path.read_bytes()
    return io.BytesIO(_converted[path])


def _trimmed(mask: Mask) -> Mask:
    """Cut empty columns off both sides."""
    columns = np.flatnonzero(mask.max(axis=0) > 20)
    if columns.size == 0:
        return mask
    return np.ascontiguousarray(mask[:, columns[0] : columns[-1] + 1])
