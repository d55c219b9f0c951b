"""An error on a terminal: the same words, the head bold, the labels dim."""

from __future__ import annotations

import io
import re

import pytest

from striate.cli.errors import UnknownFlag
from striate.cli.screen import show_error

ERROR = UnknownFlag("no such flag", got="--epoch", next_step="did you mean --epochs?\nor not")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_words_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    show_error(ERROR, stream)
    styled = stream.getvalue()
    assert styled.startswith("\x1b[1;31merror: \x1b[0m\x1b[1mno such flag\x1b[0m")
    assert "\x1b[2m  got       \x1b[0m--epoch" in styled
    assert re.sub(r"\x1b\[[0-9;]*m", "", styled) == f"error: {ERROR}\n"


def test_elsewhere_it_is_text() -> None:
    stream = io.StringIO()
    show_error(ERROR, stream)
    assert stream.getvalue() == f"error: {ERROR}\n"
