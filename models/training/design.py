"""What one plate design is made of.

Shades are grey levels as a camera without colour sees the paint: white 240, yellow 215, gold 185,
sky 200, turquoise 150, red 90, green 80, blue 75, navy 45, black 25.
"""

from __future__ import annotations

from typing import Final, NamedTuple

STYLES: Final = ("sans", "narrow", "serif", "slab", "script", "wide")
"""Lettering of names and slogans."""
BACKS: Final = ("plain", "fade", "hills", "rays", "waves", "speckle", "outline")
"""What is printed pale under a serial."""


class Design(NamedTuple):
    """One plate design. Shares are of the plate's height."""

    name: str
    """The issuer's name as printed, or empty."""
    style: str = "sans"
    """Lettering of the name, one of `STYLES`."""
    slogan: str = ""
    at: str = "top"
    """Edge the name stands at; the slogan stands at the other."""
    paper: int = 240
    ink: int = 45
    name_ink: int = -1
    """Shade of the name; -1: as the serial."""
    slogan_ink: int = -1
    over: tuple[float, int] = (0.0, 0)
    """Band along the top: its share and shade."""
    under: tuple[float, int] = (0.0, 0)
    """Band along the bottom."""
    ornament: str = ""
    """Stands between the groups where a pattern has ``^``."""
    die: str = "normal"
    """Width of the serial's lettering: narrow, normal, wide."""
    back: str = "plain"
    """One of `BACKS`."""
    tall: float = 0.47
    """Height of the serial."""
    side: str = ""
    """Picture left of the serial."""
    weight: int = 4
