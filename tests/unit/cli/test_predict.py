"""`striate predict`: a table for people, JSON lines and CSV for programs, unreadable files by name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass(frozen=True)
class Answer:
    path: str
    label: str = ""
    confidence: float = 0.0
    top: tuple[tuple[str, float], ...] = field(default=())
    problem: str = ""


GOOD = [
    Answer("a.jpg", "cat", 0.98123456, (("cat", 0.98123456), ("dog", 0.0123), ("猫", 0.001))),
    Answer("some/longer.jpg", "猫", 0.5, (("猫", 0.5), ("dog", 0.3), ("cat", 0.2))),
]
BAD = Answer("b\r\nroken.jpg", problem="truncated: ends early")

TABLE = """\
path             label  confidence          then
a.jpg            cat    ██████████  98.1 %  dog 1.2 %
some/longer.jpg  猫     █████░░░░░  50.0 %  dog 30.0 %
"""


@pytest.fixture
def predicted(cli: Callable[..., Any], verb: Callable[..., Any], run_folder: str) -> Callable[..., Any]:
    def run(answers: list[Answer], *words: str) -> Any:
        verb("predict", answers)
        return cli("predict", run_folder, "a.jpg", "some", *words)

    return run


def test_the_table(predicted: Callable[..., Any]) -> None:
    ended = predicted(GOOD)
    assert (ended.code, ended.out, ended.err) == (0, TABLE, "")


def test_what_was_typed_reaches_the_verb(
    cli: Callable[..., Any], verb: Callable[..., Any], run_folder: str
) -> None:
    calls = verb("predict", GOOD)
    cli(
        "predict", run_folder, "a.jpg", "b.jpg", "--top", "3", "-b", "8", "--weights", "last", "--tta", "flip"
    )
    (call,) = calls
    assert str(call["args"][0]) == run_folder
    assert list(call["args"][1]) == ["a.jpg", "b.jpg"]
    assert (call["top"], call["batch_size"], call["weights"], call["tta"]) == (3, 8, "last", "flip")


def test_as_each_image_is_unless_views_are_asked_for(
    cli: Callable[..., Any], verb: Callable[..., Any], run_folder: str
) -> None:
    calls = verb("predict", GOOD)
    cli("predict", run_folder, "a.jpg")
    assert calls[0]["tta"] is None


def test_unreadable_files_are_named_and_the_rest_is_told(predicted: Callable[..., Any]) -> None:
    ended = predicted([*GOOD, BAD])
    assert (ended.code, ended.out) == (0, TABLE)
    assert ended.err == "warning: b␍␊roken.jpg: truncated: ends early\n"


def test_nothing_readable_is_an_error(predicted: Callable[..., Any]) -> None:
    ended = predicted([BAD])
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.endswith("\nerror: no image could be read\n")


def test_json_lines(predicted: Callable[..., Any]) -> None:
    lines = [json.loads(line) for line in predicted([*GOOD, BAD], "--json").out.splitlines()]
    assert lines[0] == {
        "path": "a.jpg",
        "label": "cat",
        "confidence": 0.981235,
        "top": [
            {"label": "cat", "confidence": 0.981235},
            {"label": "dog", "confidence": 0.0123},
            {"label": "猫", "confidence": 0.001},
        ],
        "problem": "",
    }
    assert lines[2] == {
        "path": "b\r\nroken.jpg",
        "label": "",
        "confidence": 0.0,
        "top": [],
        "problem": BAD.problem,
    }


def test_csv(predicted: Callable[..., Any]) -> None:
    rows = list(csv.reader(io.StringIO(predicted([*GOOD, BAD], "--csv").out, newline="")))
    assert rows == [
        ["path", "label", "confidence", "problem", "label_2", "confidence_2", "label_3", "confidence_3"],
        ["a.jpg", "cat", "0.981235", "", "dog", "0.012300", "猫", "0.001000"],
        ["some/longer.jpg", "猫", "0.500000", "", "dog", "0.300000", "cat", "0.200000"],
        ["b\r\nroken.jpg", "", "", "truncated: ends early", "", "", "", ""],
    ]


def test_one_form_at_a_time(predicted: Callable[..., Any]) -> None:
    ended = predicted(GOOD, "--csv", "--json")
    assert (ended.code, ended.err.splitlines()[0]) == (
        2,
        "error: --json and --csv cannot both be had [bad-arguments]",
    )


def test_an_image_is_needed(cli: Callable[..., Any], run_folder: str) -> None:
    ended = cli("predict", run_folder)
    assert ended.code == 2
    assert ended.err == (
        "error: no image was given [bad-arguments]\n  next      usage: striate predict RUN IMAGE...\n"
    )
