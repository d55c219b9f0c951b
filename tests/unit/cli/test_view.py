"""Which view suits which stream, what a view costs, and that it never ends a training."""

from __future__ import annotations

import io
import re
import time

import pytest

from striate.cli.plain import PlainView
from striate.cli.terminal import TerminalView
from striate.cli.view import View, open_view, wants_live
from striate.training.watchers import StepInfo
from tests.unit.cli.conftest import Clock, data_record, drive, run_record


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.usefixtures("plain_environment")
@pytest.mark.parametrize(
    ("changes", "live"),
    [
        ({}, True),
        ({"TERM": "dumb"}, False),
        ({"CI": "true"}, False),
        ({"CI": "false"}, True),
        ({"NO_COLOR": "1"}, True),
    ],
)
def test_a_terminal_is_live_unless_it_cannot_or_it_is_a_log(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], live: bool
) -> None:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    assert wants_live(Terminal()) is live
    assert wants_live(io.StringIO()) is False
    with open_view(Terminal()) as view:
        assert isinstance(view, TerminalView if live else PlainView)


class Gone(Terminal):
    """A terminal that was closed while the training went on."""

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")

    def flush(self) -> None:
        raise OSError(5, "Input/output error")


@pytest.mark.usefixtures("plain_environment")
@pytest.mark.parametrize("kind", [PlainView, TerminalView])
def test_a_terminal_that_goes_away_ends_nothing(kind: type[View]) -> None:
    clock = Clock()
    view = kind(Gone(), clock)
    with view.task("Reading images", 10) as task:
        clock.passes(40.0)
        task.advance(5)
    view.say("hello")
    assert drive(view, clock, seconds=40.0).status == "finished"
    assert view.stream.gone


@pytest.mark.usefixtures("plain_environment")
@pytest.mark.parametrize("kind", [PlainView, TerminalView])
def test_ten_thousand_steps_cost_less_than_a_fifth_of_a_second(kind: type[View]) -> None:
    """20 us a step: a hundredth of the fastest step there is (2 ms, the digits)."""

    def info(step: int) -> StepInfo:
        return StepInfo(1, step, 10_000, 1, 0.1, step, lambda: (1.0, 0.5))

    best = float("inf")
    for _ in range(3):
        view = kind(Terminal())
        view.on_start(run_record(1), data_record(), "runs/train/photos")
        infos = [info(step) for step in range(1, 10_001)]
        begin = time.process_time()
        for one in infos:
            view.on_step(one)
        best = min(best, time.process_time() - begin)
        view.close()
    assert best < 0.2


@pytest.mark.parametrize("kind", [PlainView, TerminalView])
def test_a_failed_run_says_where_what_was_measured_lies(kind: type[View]) -> None:
    clock, stream = Clock(), Terminal()
    view = kind(stream, clock)
    ended = drive(view, clock)
    stream.truncate(0)
    stream.seek(0)
    view.on_end(ended.model_copy(update={"status": "failed"}))
    assert re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()) == "Report   runs/train/photos/report.html\n"
