"""Plants do what they say, measured on the plan."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.clinic.faults import FAULTS
from benchmarks.clinic.faults.data import by_class, label_noise, leaked, long_tail, val_permuted
from benchmarks.clinic.faults.dynamics import decays_at_once, still_rising
from benchmarks.clinic.faults.integrity import METRICS, keep_gradients, only_head
from benchmarks.clinic.running import network
from benchmarks.clinic.schedules import make_optimizer, make_schedule
from tests.clinic.small import small_plan


def test_label_noise_changes_just_that_share():
    plan, clean = small_plan(), small_plan()
    label_noise(plan, 0.25)
    assert (plan.train.y != clean.train.y).mean() == 0.25
    assert (plan.val.y == clean.val.y).all()


def test_val_classes_go_round():
    plan, clean = small_plan(), small_plan()
    val_permuted(plan, 0)
    assert (plan.val.y != clean.val.y).all()


def test_leaked_images_stand_in_both():
    plan = small_plan()
    leaked(plan, 0.5)
    train = {image.tobytes() for image in plan.train.x}
    assert sum(image.tobytes() in train for image in plan.val.x) == 30


def test_long_tail_has_the_ratio():
    plan = small_plan("digits-plain", images=1200)
    long_tail(plan, 50.0)
    counts = np.bincount(plan.train.y)
    assert 25 <= counts.max() / counts.min() <= 70


def test_sorted_is_sorted_and_mildly_sorted_is_mixed():
    plan, mixed = small_plan(), small_plan()
    by_class(plan, 0.0)
    by_class(mixed, 0.35)
    assert (np.diff(plan.train.y) >= 0).all()
    assert (np.diff(mixed.train.y) < 0).any()


def test_only_head_leaves_the_first_layers_out():
    plan = small_plan()
    only_head(plan, 1.0)
    model = network(plan)
    chosen = list(plan.parts.chosen(model))
    assert sum(p.numel() for p in chosen) < 0.1 * sum(p.numel() for p in model.parameters())
    assert chosen


def test_gradients_are_kept():
    plan = small_plan()
    keep_gradients(plan, 0)
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    weight.sum().backward()
    plan.parts.zero(optimizer, 4)
    assert weight.grad is not None
    assert weight.grad.item() == 1.0


@pytest.mark.parametrize("kind", METRICS)
def test_metrics_are_wrong(kind):
    generator = torch.Generator().manual_seed(0)
    logits, y = torch.randn(200, 10, generator=generator), torch.randint(10, (200,), generator=generator)
    right, n = METRICS[kind](logits, y)
    assert abs(right / n - float((logits.argmax(1) == y).float().mean())) > 0.01


def rates(plan):
    optimizer = make_optimizer(plan, [torch.nn.Parameter(torch.ones(1))])
    schedule, by_batch = make_schedule(plan, optimizer)
    found = []
    for step in range(plan.steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if by_batch or (step + 1) % plan.steps_per_epoch == 0:
            schedule.step()
    return np.array(found)


@pytest.mark.parametrize("share", [0.2, 0.08])
def test_decays_at_once_leaves_nothing_after_that_share(share):
    plan = small_plan("digits-plain", images=1200, epochs=10)
    decays_at_once(plan, share)
    found = rates(plan)
    gone = np.argmax(found < 0.01 * found[0]) / len(found)
    assert 0.5 * share <= gone <= 1.3 * share


def test_still_rising_ends_on_the_way_up():
    plan = small_plan("digits-plain", images=1200, epochs=10)
    still_rising(plan, 4.0)
    found = rates(plan)
    assert found.argmax() == len(found) - 1


def test_levels_are_in_the_order_of_severity():
    order = ("mild", "clear", "gross")
    for fault in FAULTS.values():
        at = [order.index(severity) for severity in fault.levels]
        assert at == sorted(at)
