"""Body shapes of the demonstration's vehicles, as tables of levels. None is a real make.

A level is a height of the body; between two levels the skin is lofted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Level(NamedTuple):
    """One height of the loft: the skin at ``z``, ``half`` a width, the far end at ``end`` (metres)."""

    y: float
    z: float
    half: float
    end: float
    skin: str
    """What lies between this level and the next: under, bumper, body, glass or roof."""


LENGTHS: Final = {"sedan": 4.7, "hatch": 4.1, "suv": 4.7, "van": 5.3, "pickup": 5.5}
"""Length of each kind in metres."""

KINDS: Final = tuple(sorted(LENGTHS))

_BODIES: Final[Mapping[tuple[str, str], str]] = {
    ("sedan", "rear"): (
        ".20 .10 .80 .2 under/.32 .00 .88 .0 bumper/.60 -.02 .90 .0 body/.68 .03 .91 .0 body/"
        ".98 .05 .89 .1 body/1.05 .12 .86 .2 body/1.10 .58 .79 1.2 glass/1.40 1.15 .62 2.0 roof/"
        "1.44 1.5 .56 2.3 roof"
    ),
    ("hatch", "rear"): (
        ".22 .10 .78 .2 under/.34 .00 .84 .0 bumper/.62 -.02 .87 .0 body/.70 .03 .87 .0 body/"
        "1.00 .06 .86 .2 body/1.05 .10 .83 .9 glass/1.40 .42 .68 1.5 roof/1.48 .46 .62 1.7 roof"
    ),
    ("suv", "rear"): (
        ".28 .10 .82 .2 under/.40 .00 .90 .0 bumper/.68 -.02 .93 .0 body/.75 .03 .93 .0 body/"
        "1.10 .07 .91 .1 body/1.15 .10 .88 1.0 glass/1.58 .36 .74 1.6 roof/1.69 .38 .70 1.8 roof"
    ),
    ("van", "rear"): (
        ".30 .10 .90 .2 under/.42 .00 .96 .0 bumper/.60 -.03 .97 .0 body/.65 .03 .98 .0 body/"
        "1.18 .04 .98 .2 body/1.24 .05 .96 .6 glass/1.66 .10 .92 1.0 body/2.05 .18 .86 1.2 roof/"
        "2.12 .4 .8 1.4 roof"
    ),
    ("pickup", "rear"): (
        ".38 .12 .86 .2 under/.48 .00 .94 .0 bumper/.68 -.04 .96 .0 body/.73 .02 .97 .0 body/"
        "1.14 .03 .96 .1 body/1.17 .06 .95 .2 roof/1.20 1.75 .82 1.3 glass/"
        "1.68 1.95 .70 2.0 roof/1.80 2.0 .66 2.2 roof"
    ),
    ("sedan", "front"): (
        ".18 .12 .80 .2 under/.28 .00 .88 .0 bumper/.52 -.03 .90 .0 body/.58 .02 .91 .0 body/"
        ".76 .08 .88 .1 body/.83 .20 .85 .2 body/.98 1.20 .78 .8 glass/1.38 1.90 .62 1.2 roof/"
        "1.43 2.1 .56 1.4 roof"
    ),
    ("hatch", "front"): (
        ".20 .12 .76 .2 under/.30 .00 .84 .0 bumper/.55 -.03 .86 .0 body/.62 .02 .86 .0 body/"
        ".80 .08 .85 .1 body/.88 .18 .82 .2 body/1.02 .90 .77 .3 glass/1.40 1.55 .64 .6 roof/"
        "1.47 1.8 .6 .8 roof"
    ),
    ("suv", "front"): (
        ".28 .12 .82 .2 under/.38 .00 .90 .0 bumper/.66 -.03 .93 .0 body/.72 .02 .93 .0 body/"
        ".96 .07 .91 .1 body/1.03 .18 .88 .2 body/1.12 1.05 .82 .3 glass/1.58 1.60 .70 .6 roof/"
        "1.68 1.8 .66 .8 roof"
    ),
    ("van", "front"): (
        ".28 .12 .88 .2 under/.38 .00 .94 .0 bumper/.66 -.03 .96 .0 body/.72 .02 .97 .0 body/"
        "1.02 .10 .95 .1 body/1.10 .20 .93 .1 body/1.24 .70 .90 .1 glass/1.80 1.25 .82 .1 roof/"
        "2.05 1.6 .8 .1 roof"
    ),
    ("pickup", "front"): (
        ".38 .12 .84 .2 under/.46 .00 .93 .0 bumper/.70 -.03 .96 .0 body/.76 .02 .96 .0 body/"
        "1.04 .06 .94 .1 body/1.12 .16 .91 .2 body/1.20 1.25 .84 2.4 glass/"
        "1.68 1.75 .70 2.6 roof/1.78 2.0 .66 2.8 roof"
    ),
}


def levels_of(kind: str, view: str) -> tuple[Level, ...]:
    """Return the levels of a ``kind`` of body seen from its ``view`` (rear or front), lowest first.

    The tables hold ``y z half back skin`` per level, ``back`` counted from the far end. Raises
    `KeyError` on another kind or view.
    """
    length = LENGTHS[kind]
    rows = (line.split() for line in _BODIES[kind, view].split("/"))
    return tuple(Level(float(y), float(z), float(h), length - float(b), skin) for y, z, h, b, skin in rows)
