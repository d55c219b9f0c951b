"""The command `striate`: a verb is run, its end becomes one screen and an exit code.

    0  done                          70  a bug in striate
    1  striate diagnose --fail-on found something that severe
    2  usage   3  data   4  run      130 Ctrl-C   143 SIGTERM
    5  training   6  the machine     141 the reader of the output went away

Knows nothing about what the verbs do.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from striate.cli.screen import forget_output, prepare_streams, show_bug, show_error
from striate.core.errors import StriateError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run `striate` with these words (those of the process when None); the exit code.

    Never raises for anything a user or a machine can do wrong.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    prepare_streams()
    try:
        return _run(words)
    except StriateError as error:
        show_error(error, sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    except (BrokenPipeError, SystemExit):
        # Rich, which prints the help, meets a broken pipe with SystemExit; nothing else here raises that.
        forget_output()
        return 141
    except Exception as error:  # noqa: BLE001 - the border: whatever else comes through is a bug, and is said to be one
        show_bug(error, sys.stderr)
        return 70


def _run(words: list[str]) -> int:
    """Parse and run; flushes, so that a reader gone away is noticed here and not at exit."""
    from striate.cli.app import run

    code = run(words)
    sys.stdout.flush()
    return code
