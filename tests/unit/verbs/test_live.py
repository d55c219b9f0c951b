"""What is said while a run goes on, and when it stops of itself."""

from __future__ import annotations

import json

import numpy as np
import pytest

import striate
from striate.core.observation_records import Observation, Setting
from striate.verbs.live import Live, shown_by
from tests.histories import observed, towards

SETTING = Setting(source="run", classes=10, finished=False, planned_epochs=30)


def seen(epochs) -> Observation:
    return Observation(setting=SETTING, epochs=epochs)


def told(epochs, upto=None) -> list[str]:
    said: list[str] = []
    live = Live(said.append, clock=iter(range(10**6)).__next__)
    live._cost = 0.0
    for n in range(1, len(epochs) + 1):
        live._cost = 0.0
        live.after_epoch(n, lambda n=n: seen(epochs[:n]))
    return said


def falling(epochs: int = 30):
    val = [*towards(0.4, 0.85, 10, 6), *(0.85 - 0.01 * i for i in range(epochs - 10))]
    return observed(towards(0.4, 0.97, epochs, 6), val)


def test_a_finding_is_said_once_when_it_is_established():
    said = told(falling())
    assert sum("late overfitting" in line for line in said) == 1
    epoch = int(said[0].split()[1].rstrip(":"))
    assert 12 <= epoch <= 22


def test_it_is_taken_back_when_val_comes_back():
    val = [*towards(0.4, 0.85, 10, 6), *[0.76] * 8, *towards(0.78, 0.9, 12, 6)]
    said = told(observed(towards(0.4, 0.97, 30, 6), val))
    assert any("late overfitting" in line for line in said)
    assert any(line.endswith("no longer so: late overfitting.") for line in said)


def test_the_blip_of_a_warm_up_is_not_said():
    rate = [*np.linspace(0.01, 0.1, 9), *np.linspace(0.1, 0.001, 21)]
    val = [*towards(0.3, 0.6, 5, 6), 0.52, 0.5, 0.53, 0.5, 0.55, *towards(0.6, 0.9, 20, 5)]
    clean = [*towards(0.35, 0.7, 10, 3), *towards(0.72, 0.95, 20, 5)]
    assert told(observed(clean, val, lr=[float(r) for r in rate])) == []


def test_judging_is_paid_for_by_the_epochs():
    asked = []
    now = iter([0.0, 1.0, 2.0, 3.0, 30.0, 100.0, 101.0])
    live = Live(lambda _: None, clock=now.__next__)
    for n in (1, 2, 3, 4):
        live.after_epoch(n, lambda n=n: asked.append(n) or seen(()))
    # One second each time: 2 % of an epoch that began 50 seconds ago or earlier.
    assert asked == [1, 4]


def test_shown_by():
    assert shown_by(seen(falling()), ["late-overfitting"])
    assert not shown_by(seen(falling()), ["overfitting"])
    assert not shown_by(seen(falling(30)[:8]), ["late-overfitting"])


@pytest.mark.slow
def test_a_run_stops_when_the_curves_show_it_and_resumed_at_the_same_epoch(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (360, 8, 8), dtype=np.uint8)
    labels = rng.integers(0, 4, 360)
    parts = {"train": (images[:160], labels[:160]), "val": (images[160:], labels[160:])}
    # Noise can only be learnt by heart.
    how = {"epochs": 60, "augment": "none", "stop_when": "overfitting", "project": str(tmp_path), "lr": 0.01}
    run = striate.train(parts, **how, name="whole")
    record = json.loads((run.folder.path / "run.json").read_text())
    assert record["stopped_early"]
    assert 4 <= len(record["history"]) < 60
    assert run.diagnosis.findings[0].condition in ("overfitting", "labels-unrelated")
