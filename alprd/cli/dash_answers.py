"""What answers in the officer's place at ``alprctl dash --answer``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.errors import DashError
from alprd.records import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.alerts.messages import AlertMessage

_MAX_TRUTH_BYTES: Final = 16 << 20


_NOT_PLATE: Final = re.compile("[^A-Z0-9]")


_TRUTH_HINT: Final = "Give the truth file of the demo's drive."


def truth_answerer(path: Path) -> Callable[[AlertMessage], Verdict | None]:
    """Return what confirms the listed plates of the drive's truth file at ``path`` and rejects others.

    The file is JSON with ``vehicles``: objects with ``text`` and ``listed``. DashError when it is not.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_TRUTH_BYTES + 1)
        if len(content) > _MAX_TRUTH_BYTES:
            raise DashError(f"truth file {path} is larger than {_MAX_TRUTH_BYTES} bytes", hint=_TRUTH_HINT)
        vehicles = json.loads(content)["vehicles"]
        listed = {_NOT_PLATE.sub("", vehicle["text"].upper()) for vehicle in vehicles if vehicle["listed"]}
    except OSError as error:
        raise DashError(f"truth file {path}: {error.strerror}", hint=_TRUTH_HINT) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DashError(f"truth file {path} holds no list of vehicles", hint=_TRUTH_HINT) from None
    return lambda alert: Verdict.CONFIRMED if alert.plate in listed else Verdict.MISREAD


def answerer(words: list[str] | None) -> Callable[[AlertMessage], Verdict | None] | None:
    """Return what ``--answer`` names, None for an officer; DashError for what it cannot be."""
    match words:
        case None | ["none"]:
            return None
        case ["confirm"]:
            return lambda _alert: Verdict.CONFIRMED
        case ["reject"]:
            return lambda _alert: Verdict.MISREAD
        case ["truth", path]:
            return truth_answerer(Path(path))
        case _:
            hint = "Give --answer confirm, reject, none, or truth FILE."
            raise DashError("--answer: expected confirm, reject, none or truth FILE", hint=hint)
