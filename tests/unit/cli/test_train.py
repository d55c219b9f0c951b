"""`striate train` hands on what was typed, shows the run, and ends as the run ended."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.diagnoses import sick
from tests.unit.cli.conftest import Clock, FakeRun, drive, run_record, score_record

ENDING = """
resnet20 on photos: 80.0 % of 20 val images right (95 % interval 58.4 to 91.9 %).
"""


def training(*_: Any, watcher: Any, **__: Any) -> FakeRun:
    ended = drive(watcher, Clock())
    return FakeRun(record=ended.model_copy(update={"val": score_record()}))


def test_what_was_typed_reaches_the_verb(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    calls = verb("train", training)
    assert cli("train", "my photos", "--model", "resnet20", "epochs=3", "imgsz=64x48", "--no-skip").code == 0
    (call,) = calls
    assert call.pop("watcher") is call.pop("progress")
    assert call == {
        "args": ("my photos",),
        "model": "resnet20",
        "command": "striate train 'my photos' --img-size 64x48 --model resnet20 --no-skip --epochs 3",
        "img_size": (64, 48),
        "skip": False,
        "epochs": "3",
    }


def test_without_a_word_the_demo_is_trained(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    calls = verb("train", training)
    assert cli("train").code == 0
    assert (calls[0]["args"], calls[0]["model"], calls[0]["command"]) == (
        ("digits",),
        "auto",
        "striate train",
    )


def test_the_run_and_its_verdict_are_shown(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("train", training)
    ended = cli("train", "photos")
    assert ended.err == ""
    assert ended.out.startswith("Data     photos: 100 train, 20 val; 2 classes (cat, dog); 64x48 colour\n")
    assert ENDING in ended.out
    assert ended.out.endswith(
        "\nReport   runs/train/photos/report.html\n"
        "Weights  runs/train/photos/weights/best.safetensors (epoch 3)\n"
        "Predict  striate predict runs/train/photos IMAGE\n"
    )


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_what_is_wrong_is_said_in_a_few_sentences(
    cli: Callable[..., Any], verb: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    verb("train", lambda *_, watcher, **__: replace(training(watcher=watcher), diagnosis=sick()))
    out = cli("train", "photos").out
    assert (
        "Learning rate too high.\nThe steps are so large that whole layers died.\n"
        "Next: Augment the training images more strongly.\n"
    ) in out
    assert out.index("1 more finding in the report.") < out.index(
        "\nReport   runs/train/photos/report.html\n"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", ["train", "resume"])
def test_an_interrupted_run_says_how_to_go_on(
    cli: Callable[..., Any], verb: Callable[..., Any], run_folder: str, number: int, name: str
) -> None:
    run = FakeRun(record=run_record(20, status="interrupted"), interrupted_by=number)
    verb(name, run)
    ended = cli(name, run_folder)
    assert ended.code == 128 + number
    assert ended.out == (
        "\nInterrupted after 0 of 20 epochs; everything is saved. Go on with:\n  striate resume runs/train/photos\n"
    )


def test_resume_takes_the_run(cli: Callable[..., Any], verb: Callable[..., Any], run_folder: str) -> None:
    calls = verb("resume", training)
    ended = cli("resume", run_folder)
    assert ended.code == 0
    assert (calls[0]["args"], calls[0]["data"]) == ((run_folder,), None)
    assert ENDING in ended.out
    cli("resume", run_folder, "--data", "moved/photos")
    assert calls[1]["data"] == "moved/photos"


def test_a_path_with_a_space_can_be_pasted_back(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    from pathlib import Path

    record = run_record(20, status="interrupted")
    verb("train", FakeRun(record=record, path=Path("runs/train/my photos"), interrupted_by=2))
    assert cli("train", "x").out.endswith("\n  striate resume 'runs/train/my photos'\n")
