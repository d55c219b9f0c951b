"""The live view in a real pseudo-terminal: what remains on the screen after its control codes did their work."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from striate.cli.terminal import COLUMNS, bar, fitting, heading, row
from tests.unit.cli.conftest import epoch_record

ROOT = Path(__file__).resolve().parents[3]

SHOW = """
import sys
from striate.cli.screen import prepare_streams
from striate.cli.view import open_view
from tests.unit.cli.conftest import Clock, drive
prepare_streams()
clock = Clock()
with open_view(sys.stdout) as view:
    view.clock = clock
    view._shown = clock()
    with view.task("Reading images", 400) as task:
        for _ in range(4):
            clock.passes(1.0)
            task.advance(100)
    drive(view, clock)
"""


def in_terminal(code: str, columns: int, **surroundings: str) -> tuple[str, str]:
    """Run Python code in a pseudo-terminal; everything it wrote, and the lines that remain on the screen."""
    pty = pytest.importorskip("pty", reason="no pseudo-terminals on this system")
    env = {k: v for k, v in os.environ.items() if k not in ("CI", "COLUMNS", "LINES")}
    env |= {
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "TERM": "xterm-256color",
        "COLUMNS": str(columns),
        "LINES": "40",
        **surroundings,
    }
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-c", code], env)
    written = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        written += piece
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    text = written.decode(errors="replace")
    assert status == 0, text
    return text, screen(text)


def bare(text: str) -> str:
    """Without control codes."""
    return re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", text)


def screen(text: str) -> str:
    """What a terminal shows in the end: lines, carriage returns, cursor up and erase, which is all that is used."""
    lines, line, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[?0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
        if part == "\r":
            column = 0
        elif part == "\n":
            line += 1
            lines += [""] * (line + 1 - len(lines))
        elif part.startswith("\x1b["):
            command, number = part[-1], part[2:-1]
            if command == "A":
                line -= int(number or 1)
            elif command == "K":
                lines[line] = "" if number == "2" else lines[line][:column]
        else:
            lines[line] = lines[line][:column].ljust(column) + part + lines[line][column + len(part) :]
            column += len(part)
    return "\n".join(text.rstrip() for text in lines).rstrip("\n") + "\n"


REMAINS = """\
Data     photos: 100 train, 20 val; 2 classes (cat, dog); 64x48 colour
Model    resnet20, 272,474 parameters, 3 epochs
Machine  cpu, bf16, channels_last: no GPU that torch can see, so 2 CPU threads;
         bf16 is native on this CPU
Folder   runs/train/photos

epoch       lr train loss train acc clean acc  val loss   val acc     img/s
1/3        0.1     1.5000    50.0 %    60.0 %    1.6000    40.0 % ★  12,346
2/3       0.05     0.7500    75.0 %    80.0 %    0.8000    70.0 %    12,346
3/3     0.0333     0.5000    83.3 %    86.7 %    0.5333    80.0 % ★  12,346
"""


def test_a_run_in_80_columns() -> None:
    written, remains = in_terminal(SHOW, 80)
    assert remains == REMAINS
    frames = bare(written)
    assert "Reading images ━━━━━" in frames
    assert "the first step" in frames
    assert "loss 1.2345  acc 56.8 %" in frames
    assert "measuring on validation images" in frames
    assert "9.0 s left" in frames


def test_the_cursor_is_there_in_the_end_and_while_it_runs() -> None:
    """A kill cannot clean up, so nothing that would need it may be in force while training."""
    written, _ = in_terminal(SHOW, 80)
    assert "\x1b[?25l" in written, "Rich no longer hides the cursor: showing it again is not needed"
    for hidden in re.finditer(re.escape("\x1b[?25l"), written):
        assert written[hidden.end() :].lstrip("\x1b[2K\r").startswith("?25h") or written[
            hidden.end() :
        ].startswith("\x1b[?25h")
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")
    assert "\x1b[?1049h" not in written


def test_no_colour_where_none_is_wanted() -> None:
    coloured = in_terminal(SHOW, 80, NO_COLOR="")[0]
    assert "\x1b[36m" in coloured
    colourless = in_terminal(SHOW, 80, NO_COLOR="1")[0]
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", colourless)


def test_a_console_that_knows_ascii_only_shows_stand_ins() -> None:
    _, remains = in_terminal(SHOW, 80, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert remains == REMAINS.replace("★", "*")


def test_a_dumb_terminal_gets_plain_lines() -> None:
    written, _ = in_terminal(SHOW, 80, TERM="dumb")
    assert "\x1b" not in written


@pytest.mark.parametrize("width", range(20, 120, 7))
def test_a_narrow_terminal_gets_the_columns_that_tell_most(width: int) -> None:
    columns = fitting(COLUMNS, width - 5)
    assert len(row(epoch_record(1), 20, True, 5, columns).plain) <= max(width, 20)
    assert len(heading(5, columns).plain) <= max(width, 20)
    if width >= 40:
        assert {"train loss", "val loss", "val acc"} <= {c.title for c in columns}


def test_bars() -> None:
    assert [bar(share, 4).plain for share in (-1.0, 0.0, 0.1, 0.5, 0.9, 1.0, 2.0)] == [
        "────",
        "────",
        "╸───",
        "━━──",
        "━━━╸",
        "━━━━",
        "━━━━",
    ]


@pytest.mark.parametrize("columns", [20, 60, 200])
def test_the_living_line_is_one_line_at_any_width(columns: int) -> None:
    written, _ = in_terminal(SHOW, columns)
    living = [line for line in re.split(r"[\r\n]", bare(written)) if re.search("[━╸─]| left", line)]
    assert living
    assert max(len(line) for line in living) <= columns
