"""Loops of every style train, and a watched run is the same run."""

from __future__ import annotations

import pytest
import torch

from benchmarks.clinic.controls import mixup
from benchmarks.clinic.loaders import Delayed, Order, train_loader
from benchmarks.clinic.loops import LOOPS
from benchmarks.clinic.running import run, train
from tests.clinic.small import dots, small_plan


def changed(**more):
    plan = small_plan(epochs=3)
    for name, value in more.items():
        setattr(plan, name, value)
    return plan


@pytest.mark.parametrize("loop", LOOPS)
def test_every_loop_learns(loop):
    outcome = run(changed(loop=loop, lr=3e-3, epochs=6), watched=False)
    assert len(outcome.truth) == 6
    assert outcome.truth[-1] > 0.4
    assert outcome.observation is None


@pytest.mark.parametrize(
    "more",
    [{"loop": loop} for loop in LOOPS] + [{"average": 0.9}, {"mix": mixup}, {"schedule": "one-cycle"}],
    ids=[*LOOPS, "average", "mix", "one-cycle"],
)
def test_watching_changes_nothing(more):
    states = [train(changed(**more), watched)[0].state_dict() for watched in (False, True)]
    for name, value in states[0].items():
        assert torch.equal(value, states[1][name]), name


def test_a_watched_run_is_observed():
    outcome = run(changed(), watched=True)
    assert outcome.observation is not None
    assert outcome.observation.level == "data"
    assert [p.val_accuracy for p in outcome.observation.epochs] == pytest.approx(outcome.truth)


def labels_of(**more):
    plan = changed(train=dots(), batch=10, train_scale=lambda x: x, **more)
    torch.manual_seed(0)
    return [y.tolist() for _, y in train_loader(plan)]


@pytest.mark.parametrize("loader", ["torch", "own"])
def test_orders(loader):
    given = [[(10 * b + i) % 4 for i in range(10)] for b in range(4)]
    assert labels_of(loader=loader, order="given") == given
    assert labels_of(loader=loader, order="shuffled") != given
    batches = labels_of(loader=loader, order="batches")
    assert sorted(batches) == sorted(given)


def test_an_order_of_ones_own_is_asked_for_each_pass():
    plan = changed(train=dots(), sampler=lambda epoch: [epoch] * 3)
    order = Order(plan)
    assert [list(order), list(order)] == [[0, 0, 0], [1, 1, 1]]


def test_a_delayed_loader_waits_for_the_share(monkeypatch):
    clock, waits = [0.0], []
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    monkeypatch.setattr("time.sleep", waits.append)
    plan = changed(train=dots(), batch=10)
    for _ in Delayed(train_loader(plan), 0.6):
        clock[0] += 0.02
    assert waits == pytest.approx([0.03] * 4)
