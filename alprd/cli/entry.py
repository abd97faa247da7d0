"""What every command does with an error: one line, the next step, an exit code.

This is the command line's one place for `except Exception`. A traceback shows source lines and an
unexpected exception's own message may hold data, so an unknown exception gives its type and the
place in the source, nothing more.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.errors import AlprdError

if TYPE_CHECKING:
    from collections.abc import Callable

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells give it (128 + SIGINT)."""
BROKEN_PIPE: Final = 141
"""Exit code when the reader of our output went away (128 + SIGPIPE)."""


def run_cli(command: Callable[[], int]) -> int:
    """Run ``command`` and return the exit code.

    An `AlprdError` prints ``alprd error: MESSAGE`` and ``next: STEP`` on stderr and gives its class's
    code. Any other exception prints its type and place and gives 70.
    """
    try:
        return command()
    except AlprdError as error:
        _complain(str(error), error.next_step)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the command line's one supervisor
        _complain(_place(error), AlprdError.hint)
        return AlprdError.exit_code


def _complain(message: str, next_step: str) -> None:
    print(f"alprd error: {message}\nnext: {next_step}", file=sys.stderr)


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__, limit=-1)
    where = f"{Path(last[0].filename).name}:{last[0].lineno}" if last else "an unknown place"
    return f"unexpected {type(error).__name__} at {where}"
