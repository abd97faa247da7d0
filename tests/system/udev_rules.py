"""Reads the project's udev rules and says which names a device gets: the part of udev that they use.

Matches are ``==`` with shell patterns, values are literal. What the rules use beyond that is an error
here, so that the reading cannot silently differ from udev's.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PART: Final = re.compile(r'([A-Z]+(?:\{[^}]+\})?)(==|!=|\+=|=)"([^"]*)"')
_MATCHES: Final = re.compile(r"ACTION|SUBSYSTEM|KERNEL|ENV\{\w+\}|ATTR\{\w+\}")


def rules(text: str) -> list[list[tuple[str, str, str]]]:
    """Return the rules of a file, each as (key, operator, value) triples."""
    found = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            parts = [part.strip() for part in re.split(r",\s*(?=[A-Z])", line)]
            matched = [_PART.fullmatch(part) for part in parts]
            if None in matched:
                raise ValueError(f"not understood: {line}")
            found.append([(m[1], m[2], m[3]) for m in matched if m is not None])
    return found


def names(text: str, device: Mapping[str, str]) -> set[str]:
    """Return the names below /dev that the rules give to ``device`` (udev keys to values)."""
    links: set[str] = set()
    skip_to: str | None = None
    for rule in rules(text):
        if skip_to is not None:
            if ("LABEL", "=", skip_to) in rule:
                skip_to = None
            continue
        if all(_holds(part, device) for part in rule if part[1] in {"==", "!="}):
            for key, operator, value in rule:
                match key, operator:
                    case "SYMLINK", "+=":
                        links |= set(value.split())
                    case "GOTO", "=":
                        skip_to = value
                    case "LABEL", "=":
                        pass
                    case _, "==" | "!=":
                        pass
                    case _:
                        raise ValueError(f"not understood: {key}{operator}")
    return links


def _holds(part: tuple[str, str, str], device: Mapping[str, str]) -> bool:
    key, operator, pattern = part
    if not _MATCHES.fullmatch(key):
        raise ValueError(f"not understood: {key}")
    is_match = any(fnmatchcase(device.get(key, ""), choice) for choice in pattern.split("|"))
    return is_match == (operator == "==")
