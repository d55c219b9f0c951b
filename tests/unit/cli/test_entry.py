"""Whatever ends a verb becomes one screen and an exit code; nothing becomes a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import striate
from striate.core.errors import DataError, EnvironmentFailure, RunFolderError, StriateError, TrainingError

SOURCE = Path(striate.__file__).parent.parent


def fresh(*words: str, **surroundings: str) -> subprocess.CompletedProcess[bytes]:
    """The command line in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(SOURCE), **surroundings}
    return subprocess.run(
        [sys.executable, "-m", "striate", *words], env=env, capture_output=True, check=False
    )


def raising(error: BaseException) -> Callable[..., Any]:
    def verb(*_: Any, **__: Any) -> None:
        raise error

    return verb


@pytest.mark.parametrize(
    ("kind", "code"),
    [(DataError, 3), (RunFolderError, 4), (TrainingError, 5), (EnvironmentFailure, 6), (StriateError, 1)],
)
def test_each_family_has_its_exit_code(
    cli: Callable[..., Any], verb: Callable[..., Any], kind: type[StriateError], code: int
) -> None:
    verb("report", raising(kind("it broke", where="here", next_step="try again\nor not")))
    ended = cli("report", "run")
    assert ended.code == code
    assert ended.err == "error: it broke\n  where     here\n  next      try again\n            or not\n"


def test_an_error_cannot_command_the_terminal(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("report", raising(DataError("odd name", where="a\x1b[2Jb")))
    assert "\x1b" not in cli("report", "run").err


def test_a_bug_says_that_it_is_one_and_keeps_its_traceback(
    cli: Callable[..., Any], verb: Callable[..., Any]
) -> None:
    verb("report", raising(ZeroDivisionError("division by zero")))
    ended = cli("report", "run")
    assert ended.code == 70
    screen = re.fullmatch(
        r"error: this is a bug in striate \(ZeroDivisionError: division by zero\)\n"
        r"  traceback (?P<path>\S+)\n"
        r"  next      please report it with that file; STRIATE_TRACEBACK=1 shows it here\n",
        ended.err,
    )
    assert screen is not None
    path = Path(screen["path"])
    text = path.read_text(encoding="utf-8")
    path.unlink()
    assert f"striate {striate.__version__}" in text
    assert "Traceback (most recent call last)" in text


def test_a_traceback_is_shown_when_asked_for(
    cli: Callable[..., Any], verb: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIATE_TRACEBACK", "1")
    verb("report", raising(ZeroDivisionError("division by zero")))
    err = cli("report", "run").err
    assert "Traceback (most recent call last)" in err
    assert "/striate-traceback-" not in err


def test_ctrl_c_is_one_word(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("scan", raising(KeyboardInterrupt()))
    ended = cli("scan", "photos")
    assert (ended.code, ended.err) == (130, "Interrupted.\n")


def test_the_version_is_a_line() -> None:
    done = fresh("--version")
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, f"{striate.__version__}\n", b"")


def test_no_words_are_the_help(cli: Callable[..., Any]) -> None:
    assert cli().out == cli("--help").out == cli("help").out
    assert cli("help", "val").out == cli("val", "--help").out == cli("eval", "-h").out


@pytest.mark.parametrize("words", ["train --help", "--version"])
def test_a_reader_that_goes_away_is_met_in_silence(words: str) -> None:
    command = f'"{sys.executable}" -m striate {words} | true; echo "${{PIPESTATUS[0]}}"'
    env = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.strip() in ("0", "141")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_console_shows_any_name(encoding: str) -> None:
    done = fresh("resume", "猫/naïve–☃", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 4
    text = done.stderr.decode(encoding)
    assert text.startswith("error: no run here [no-such-run]\n")
    if encoding == "utf-8":
        assert "猫/naïve–☃" in text
    else:
        assert "\\u732b/na" in text
    if encoding == "ascii":
        assert "\\u732b/na\\xefve-\\u2603" in text


def test_a_name_that_is_no_text_does_not_crash() -> None:
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-m", "striate", "resume", b"caf\xe9"], env=env, capture_output=True, check=False
    )
    assert done.returncode == 4
