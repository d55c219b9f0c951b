"""A fixed set of images, looked at again and again, on planted cases."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.observe.probe_watch import IMAGES, Probe, ProbeWatch
from tests.unit.observe.networks import NETWORKS, batch, conv_net


def looked(model: nn.Module, times: int = 1, **more: Any) -> tuple[ProbeWatch, list[Probe]]:
    watch = ProbeWatch(model)
    watch.keep(*batch(**more))
    probes = [watch.look(step) for step in range(times)]
    assert all(p is not None for p in probes)
    return watch, [p for p in probes if p is not None]


def test_train_and_eval_mode_by_hand() -> None:
    model, (images, targets) = conv_net(dropout=0.5).train(), batch()
    _, (probe,) = looked(model)
    for mode, found in (("norms", probe.train), ("eval", probe.eval)):
        for m in model.modules():
            m.training = mode == "norms" and isinstance(m, nn.BatchNorm2d)
        momentum, model[1].momentum = model[1].momentum, 0.0
        scores = model(images).detach()
        model[1].momentum = momentum
        assert found.loss == pytest.approx(F.cross_entropy(scores, targets).item(), rel=1e-5)
        assert found.accuracy == pytest.approx((scores.argmax(1) == targets).float().mean().item())


def test_wrong_stored_statistics_hurt_in_eval_mode_only() -> None:
    model = conv_net(dropout=0.0)
    nn.init.normal_(model[9].weight)
    _, (fair,) = looked(model)
    model[1].running_mean += 30
    watch, (unfair,) = looked(model)
    assert unfair.train == fair.train
    assert unfair.eval.loss != pytest.approx(fair.eval.loss, rel=0.01)
    (series,) = watch.norms([unfair])
    assert (series.name, series.momentum, series.depth) == ("1", 0.1, 0)
    assert series.shift[0] > 20


def test_one_pass_where_the_modes_are_the_same() -> None:
    _, (probe,) = looked(conv_net(norm=False))
    assert probe.train == probe.eval
    assert probe.norms == {}


def test_frozen_batch_norm_is_read_as_it_is_used() -> None:
    model = conv_net(dropout=0.0)
    model[1].running_mean += 100.0
    watch = ProbeWatch(model)
    watch.keep(*batch())
    watch.norms_train = False
    frozen = watch.look(0)
    watch.norms_train = True
    trained = watch.look(1)
    assert frozen is not None
    assert trained is not None
    assert frozen.activations["2"].zero == 1.0
    assert trained.activations["2"].zero < 0.9


def test_channels_that_stay_dead_are_stuck_and_those_that_come_back_are_not() -> None:
    model = conv_net(norm=False, dropout=0.0)
    with torch.no_grad():
        model[0].bias[:4] = -10.0
    watch, probes = looked(model, times=2)
    assert watch.activations(probes)[0].stuck == 0.0
    with torch.no_grad():
        model[0].bias[:2] = 0.0
    probes.append(watch.look(3))  # type: ignore[arg-type]
    first, _ = watch.activations(probes)
    assert first.dead[:2] == (0.5, 0.5)
    assert first.dead[2] == 0.25
    assert first.stuck == 0.25
    assert [len(column) for column in (first.mean, first.std, first.zero, first.saturated, first.rank)] == [
        3
    ] * 5


class Sometimes(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.more, self.head = False, nn.Linear(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(x)
        return self.head((torch.tanh(x) if self.more else x).mean((2, 3)))


def test_a_layer_that_did_not_run_has_no_number() -> None:
    model = Sometimes()
    watch = ProbeWatch(model)
    watch.keep(*batch())
    first = watch.look(0)
    model.more = True
    second = watch.look(1)
    assert first is not None
    assert second is not None
    relu, tanh = watch.activations([first, second])
    assert (relu.name, tanh.name, relu.depth, tanh.depth) == ("relu", "tanh", 0, 1)
    assert math.isnan(tanh.mean[0])
    assert math.isnan(tanh.dead[0])
    assert not math.isnan(tanh.mean[1])


def test_a_copy_of_a_part_of_the_batch_is_kept() -> None:
    images, targets = batch(n=200)
    watch = ProbeWatch(conv_net())
    assert watch.look(0) is None
    watch.keep(images, targets)
    assert watch.n == IMAGES
    before = watch.look(0)
    images.zero_()
    after = watch.look(1)
    assert before is not None
    assert after is not None
    assert before.train == after.train
    assert watch.norms([]) == ()


def test_without_targets_there_is_no_loss() -> None:
    watch = ProbeWatch(conv_net())
    watch.keep(batch()[0], None)
    probe = watch.look(0)
    assert probe is not None
    assert math.isnan(probe.train.loss)
    assert math.isnan(probe.correlation)
    assert probe.activations


@pytest.mark.parametrize("name", NETWORKS)
def test_no_trace(name: str, no_trace: Any) -> None:
    model = NETWORKS[name]()
    with no_trace(model):
        looked(model)
