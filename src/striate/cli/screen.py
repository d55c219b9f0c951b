"""The terminal's edges: what a stream can show, and the one screen of an error.

Three dangers are met here once: a console whose encoding lacks a letter, text from files that carries control
codes, a reader that has gone away. Knows nothing about verbs.
"""

from __future__ import annotations

import codecs
import os
import sys
from typing import Any, TextIO

from striate.core.errors import StriateError

__all__ = ["forget_output", "prepare_streams", "printable_lines", "show_bug", "show_error"]

# Own signs, by their nearest in ASCII and of the same width; anything else is shown as its escape.
STAND_INS = {
    "–": "-",
    "—": "-",
    "…": ".",
    "·": "|",
    "×": "x",
    "★": "*",
    "━": "=",
    "╸": "-",
    "─": "-",
    "█": "#",
    "░": ".",
    "•": "*",
}


def _readable(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: the stand-in of an own sign, the escape of any other letter."""
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    return "".join(
        STAND_INS.get(c) or c.encode("ascii", "backslashreplace").decode() for c in letters
    ), error.end


def prepare_streams() -> None:
    """Let stdout and stderr show any text, in whatever encoding the console has."""
    codecs.register_error("striate.readable", _readable)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="striate.readable")


def printable_lines(text: str) -> str:
    """`text` line by line, so that a file's name cannot command the terminal."""
    # Imported where it is used, for it brings pydantic along, which `striate --help` should not wait for.
    from striate.core.wording import printable

    return "\n".join(printable(line) for line in text.split("\n"))


def show_error(error: StriateError, stream: TextIO) -> None:
    """``error: `` and the error's text; on a terminal the head is bold and the labels are dim."""
    text = printable_lines(str(error))
    if not stream.isatty():
        stream.write(f"error: {text}\n")
        return
    from rich.console import Console
    from rich.text import Text

    head, *rows = text.split("\n")
    slug = f" [{error.slug}]" if error.slug else ""
    styled = Text.assemble(("error: ", "bold red"), (head.removesuffix(slug), "bold"), (slug, "dim"))
    for row in rows:
        label = row[:12]
        styled.append("\n").append(label, style="dim").append(row[12:])
    Console(file=stream, soft_wrap=True, highlight=False).print(styled)


def show_bug(error: Exception, stream: TextIO) -> None:
    """Say that striate is wrong, not the user; the traceback goes to a file, or here with STRIATE_TRACEBACK=1."""
    import tempfile
    import traceback

    trace = "".join(traceback.format_exception(error))
    kind = printable_lines(f"{type(error).__name__}: {error}".split("\n")[0])
    stream.write(f"error: this is a bug in striate ({kind})\n")
    if os.environ.get("STRIATE_TRACEBACK") == "1":
        stream.write(trace)
        return
    try:
        handle, path = tempfile.mkstemp(prefix="striate-traceback-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{_versions()}\ncommand: {sys.argv}\n\n{trace}")
    except OSError:
        stream.write(trace)
        return
    stream.write(
        f"  traceback {path}\n  next      please report it with that file; STRIATE_TRACEBACK=1 shows it here\n"
    )


def _versions() -> str:
    import platform

    import striate

    torch: Any = sys.modules.get("torch")
    return (
        f"striate {striate.__version__}, torch {getattr(torch, '__version__', 'not imported')}, "
        f"Python {platform.python_version()}, {platform.platform()}"
    )


def forget_output() -> None:
    """Point stdout at nothing once its reader has gone, or Python complains about it again at exit."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
