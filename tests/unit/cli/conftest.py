"""A run made of records only, and a clock that obeys: what the views and the verbs are shown."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from striate.cli import app as app_module
from striate.cli import main
from striate.core.diagnosis_records import Diagnosis
from striate.core.records import ClassScore, DataRecord, EpochRecord, Interval, RunRecord, Score
from striate.training.watchers import StepInfo, Watcher

STEPS, BATCH = 4, 25


def data_record(**changes: Any) -> DataRecord:
    values: dict[str, Any] = {
        "name": "photos",
        "source": "photos/",
        "kind": "folder",
        "classes": ("cat", "dog"),
        "counts": {"train": (60, 40), "val": (12, 8), "test": (0, 0)},
        "skipped": (0, 0),
        "fingerprint": "0" * 64,
        "split_origin": "val is 20 % of the images",
        "img_size": (64, 48),
        "channels": 3,
        "mean": (0.5, 0.5, 0.5),
        "std": (0.2, 0.2, 0.2),
        "preprocess": {},
        "notices": {},
    }
    return DataRecord(**{**values, **changes})


def epoch_record(epoch: int, **changes: Any) -> EpochRecord:
    values: dict[str, Any] = {
        "epoch": epoch,
        "steps": STEPS,
        "seconds": 4.0,
        "train_loss": 1.5 / epoch,
        "train_accuracy": 1 - 0.5 / epoch,
        "clean_loss": 1.2 / epoch,
        "clean_accuracy": 1 - 0.4 / epoch,
        "clean_n": 100,
        "val_loss": 1.6 / epoch,
        "val_accuracy": 1 - 0.6 / epoch,
        "val_balanced_accuracy": 0.5,
        "val_top5": 1.0,
        "val_ece": 0.05,
        "val_n": 20,
        "lr": 0.1 / epoch,
        "grad_norm": 1.0,
        "grad_norm_max": 2.0,
        "images_per_second": 12345.6,
        "data_wait": 0.01,
    }
    return EpochRecord(**{**values, **changes})


def run_record(epochs: int = 3, **changes: Any) -> RunRecord:
    values: dict[str, Any] = {
        "striate_version": "0.1.0",
        "status": "running",
        "command": "striate train photos/",
        "started": "2026-01-01T00:00:00Z",
        "seconds": 0.0,
        "sittings": 1,
        "model": "resnet20",
        "parameters": 272474,
        "device": "cpu",
        "precision": "bf16",
        "memory_format": "channels_last",
        "device_reason": "no GPU that torch can see, so 2 CPU threads; bf16 is native on this CPU",
        "epochs_planned": epochs,
        "history": (),
        "best_epoch": 0,
        "best_rule": "highest val accuracy, ties by lower val loss",
    }
    return RunRecord(**{**values, **changes})


def score_record(split: str = "val") -> Score:
    def one(name: str, n: int, correct: int, predicted: int) -> ClassScore:
        return ClassScore(
            name=name,
            n=n,
            predicted=predicted,
            correct=correct,
            precision=correct / predicted,
            recall=correct / n,
            f1=0.8,
            recall_interval=Interval(low=0.5, high=0.95),
        )

    return Score(
        split=split,
        n=20,
        correct=16,
        accuracy=0.8,
        interval=Interval(low=0.584, high=0.919),
        balanced_accuracy=0.7917,
        loss=0.5123,
        top5=1.0,
        ece=0.0512,
        classes=(one("cat", 12, 10, 12), one("dog", 8, 6, 8)),
        confusion=((10, 2), (2, 6)),
    )


@dataclass
class Clock:
    """Seconds that pass when told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


def drive(watcher: Watcher, clock: Clock, epochs: int = 3, seconds: float = 1.0) -> RunRecord:
    """A whole training as a watcher sees it: STEPS steps of `seconds` an epoch, then half a step of measuring."""
    run = run_record(epochs)
    watcher.on_start(run, data_record(), "runs/train/photos")
    history: tuple[EpochRecord, ...] = ()
    for epoch in range(1, epochs + 1):
        for step in range(1, STEPS + 1):
            clock.passes(seconds)
            watcher.on_step(
                StepInfo(
                    epoch=epoch,
                    step=step,
                    steps=STEPS,
                    epochs=epochs,
                    lr=0.1,
                    images=step * BATCH,
                    running=lambda: (1.2345, 0.5678),
                )
            )
        watcher.on_phase("clean")
        watcher.on_phase("val")
        clock.passes(seconds / 2)
        history += (epoch_record(epoch),)
        watcher.on_epoch(history[-1], best=epoch != 2)
    ended = run.model_copy(update={"status": "finished", "history": history, "best_epoch": epochs})
    watcher.on_end(ended)
    return ended


@dataclass
class FakeRun:
    """What a verb hands back."""

    record: RunRecord = field(default_factory=lambda: run_record(status="finished", val=score_record()))
    data: DataRecord = field(default_factory=data_record)
    path: Path = Path("runs/train/photos")
    interrupted_by: int | None = None
    diagnosis: Diagnosis | None = None

    @property
    def best_weights(self) -> Path:
        return self.path / "weights/best.safetensors"


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """``calls = verb("train", answer)``: put a fake in the place of a verb; its calls are collected.

    `answer` is handed back, or called with the arguments when it is callable.
    """

    def put(name: str, answer: Any = None) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []

        def fake(*arguments: Any, **options: Any) -> Any:
            calls.append({"args": arguments, **options})
            return answer(*arguments, **options) if callable(answer) else answer

        module = types.ModuleType(f"striate.verbs.{name}")
        setattr(module, name, fake)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return calls

    return put


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """``cli("train", "photos")``: the command line in this process, its exit code and what it printed."""

    def run(*words: str) -> Ended:
        # A parser keeps the width of its first page; each call is to be as in a process of its own.
        monkeypatch.setattr(app_module, "app", app_module._build())
        code = main(words)
        out, err = capfd.readouterr()
        return Ended(code, out, err)

    return run


@pytest.fixture
def run_folder(tmp_path: Path) -> str:
    """A folder that passes for a run."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "args.yaml").write_text("epochs: 3\n")
    return str(folder)
