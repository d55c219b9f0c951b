"""Watching the inside of a training: nothing changes for the training, and the record holds what was planted."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from striate.core.inside_records import Inside
from striate.observe import inside
from striate.observe.inside import InsideWatch
from striate.observe.network_seen import network_seen
from tests.unit.observe.networks import NETWORKS, Functional, batch, conv_net, trained_step

Make = Callable[[], nn.Module]


def trained(
    make: Make, steps: int, *, watched: bool, lr: float = 0.05, autocast: bool = False
) -> tuple[nn.Module, InsideWatch]:
    """`steps` steps with everything looked at in each of them, or nothing at all."""
    model = make()
    torch.manual_seed(7)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=lr, momentum=0.9)
    watch = InsideWatch(model, [optimizer])
    for step in range(1, steps + 1):
        images, targets = batch(seed=step)
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            if watched and step == 1:
                watch.start(images, targets)
            trained_step(model, optimizer, images, targets)
            if watched:
                watch.before_step(images, targets, step=step, lr=lr)
            optimizer.step()
            if watched:
                watch.after_step(step=step)
                watch.probe(step=step)
                watch.evaluate(images, targets)
    return model, watch


@pytest.mark.parametrize(
    ("name", "autocast"), [*((name, False) for name in NETWORKS), ("batch norm, dropout, in place", True)]
)
def test_training_is_the_same_to_the_bit(name: str, autocast: bool) -> None:
    ends = []
    for watched in (False, True):
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002 - the global generator is what is watched
        model, _ = trained(NETWORKS[name], 20, watched=watched, autocast=autocast)
        state = {key: value.clone() for key, value in model.state_dict().items()}
        ends.append((state, torch.get_rng_state(), random.random(), np.random.rand()))  # noqa: NPY002
    (plain, *drawn), (seen, *drawn_seen) = ends
    assert all(torch.equal(plain[key], seen[key]) for key in plain)
    assert torch.equal(drawn[0], drawn_seen[0])
    assert drawn[1:] == drawn_seen[1:]


@pytest.mark.parametrize("name", NETWORKS)
def test_each_call_leaves_no_trace(name: str, no_trace: Any) -> None:
    model, (images, targets) = NETWORKS[name](), batch()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad])
    watch = InsideWatch(model, [optimizer])
    trained_step(model, optimizer, images, targets)
    gradients = [p.grad for p in model.parameters()]
    with no_trace(model, optimizer):
        watch.start(images, targets)
        watch.before_step(images, targets, step=1, lr=0.1)
        watch.after_step(step=1)
        watch.probe(step=1)
        watch.evaluate(images, targets)
        watch.seen()
    assert all(p.grad is g for p, g in zip(model.parameters(), gradients, strict=True))


def test_the_record_of_a_training() -> None:
    _, watch = trained(Functional, 5, watched=True)
    seen = watch.seen()
    assert seen.step == (1, 2, 3, 4, 5)
    assert seen.probe_step == (0, 1, 2, 3, 4, 5)
    assert (seen.batch, seen.probe_n) == (24, 24)
    assert [layer.name for layer in seen.layers] == ["first", "second", "head"]
    assert [a.name for a in seen.activations] == ["relu", "relu #2", "clamp"]
    for layer in seen.layers:
        assert all(value > 0 for value in (*layer.grad, *layer.weight, *layer.update))
    assert all(a < 0 for a in seen.predicted)
    assert len(seen.train_mode_loss) == len(seen.gradient_correlation) == 6
    assert watch.initial_loss == pytest.approx(math.log(4), abs=0.3)
    assert watch.filter_cosine is not None
    assert Inside.from_json(seen.to_json()) == seen


def test_the_first_update_of_plain_sgd_is_lr_times_the_gradient() -> None:
    _, watch = trained(lambda: conv_net(norm=False), 1, watched=True, lr=0.03)
    for layer in watch.seen().layers:
        assert layer.update[0] == pytest.approx(0.03 * layer.grad[0], rel=1e-3)


def test_filters_that_all_begin_alike_are_seen() -> None:
    def constant() -> nn.Module:
        model = conv_net()
        for m in model:
            if isinstance(m, nn.Conv2d):
                nn.init.constant_(m.weight, 0.1)
        return model

    _, watch = trained(constant, 1, watched=True)
    assert watch.filter_cosine == pytest.approx(1.0)


def test_what_was_measured_before_the_first_step_goes_to_the_network() -> None:
    trained_model, watch = trained(conv_net, 3, watched=True)
    late = network_seen(trained_model, batch()[0])
    assert late.initial_loss is None
    full = watch.completed(late)
    assert (full.initial_loss, full.filter_cosine) == (watch.initial_loss, watch.filter_cosine)
    assert full.initial_loss is not None
    untold = InsideWatch(trained_model, [])
    assert untold.completed(full) == full


def test_gradients_of_several_batches_have_no_loss_before() -> None:
    model = conv_net()
    watch = InsideWatch(model, [torch.optim.SGD(model.parameters(), lr=0.1)])
    F.cross_entropy(model(batch()[0]), batch()[1]).backward()
    watch.before_step(None, None, step=1, lr=0.1, scale=4.0)
    watch.after_step(step=1)
    seen = watch.seen()
    assert all(math.isnan(value) for value in (*seen.predicted, *seen.before, *seen.after))
    weight = model.get_parameter("0.weight")
    assert weight.grad is not None
    assert seen.layers[0].grad[0] == pytest.approx(weight.grad.norm().item() / 4, rel=1e-5)


def test_a_step_that_was_left_out_is_not_noted() -> None:
    model, (images, targets) = conv_net(), batch()
    watch = InsideWatch(model, [torch.optim.SGD(model.parameters(), lr=0.1)])
    watch.after_step(step=1)
    watch.before_step(images, targets, step=1, lr=0.1)
    watch.after_step(step=2)
    assert watch.seen().step == ()


def test_layers_without_a_shape_are_waited_for(no_trace: Any) -> None:
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(4))
    images, targets = batch()
    watch = InsideWatch(model, [torch.optim.SGD(model.parameters(), lr=0.1)])
    watch.start(images, targets)
    watch.before_step(images, targets, step=1, lr=0.1)
    watch.after_step(step=1)
    watch.probe(step=1)
    assert watch.evaluate(images, targets) == (0.0, 0.0, 0)
    assert all(isinstance(p, nn.UninitializedParameter) for p in model.parameters())
    model(images)
    watch.before_step(images, targets, step=2, lr=0.1)
    watch.after_step(step=2)
    watch.probe(step=2)
    seen = watch.seen()
    assert (seen.step, seen.probe_step) == ((2,), (2,))
    assert len(seen.layers) == 2


def test_evaluate_is_in_eval_mode() -> None:
    model, (images, targets) = conv_net(dropout=0.5), batch()
    model(images)
    loss, hits, n = InsideWatch(model, []).evaluate(images, targets)
    scores = model.eval()(images).detach()
    assert loss == pytest.approx(F.cross_entropy(scores, targets, reduction="sum").item(), rel=1e-5)
    assert (hits, n) == (float((scores.argmax(1) == targets).sum()), 24)


def test_shares_as_targets() -> None:
    model, (images, targets) = conv_net(), batch()
    shares = 0.9 * F.one_hot(targets, 4) + 0.025
    watch = InsideWatch(model, [torch.optim.SGD(model.parameters(), lr=0.1)])
    watch.start(images, shares)
    watch.before_step(images, shares, step=1, lr=0.1)
    watch.after_step(step=1)
    assert math.isfinite(watch.seen().before[0])
    assert math.isfinite(watch.seen().eval_mode_loss[0])


class TwoInputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.b, self.a = nn.Linear(4, 4), nn.Linear(192, 4)

    def forward(self, x: torch.Tensor, more: torch.Tensor) -> torch.Tensor:
        return self.b(self.a(x.flatten(1)) + more)


def test_a_network_that_does_not_take_images_alone_still_has_its_norms() -> None:
    model, (images, targets) = TwoInputs(), batch()
    watch = InsideWatch(model, [torch.optim.SGD(model.parameters(), lr=0.1)])
    watch.start(images, targets)
    F.cross_entropy(model(images, torch.zeros(4)), targets).backward()
    watch.before_step(images, targets, step=1, lr=0.1)
    watch.after_step(step=1)
    seen = watch.seen()
    assert [layer.name for layer in seen.layers] == ["b", "a"]
    assert seen.layers[0].grad[0] > 0
    assert math.isnan(seen.before[0])
    assert (seen.probe_step, watch.initial_loss) == ((), None)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "CELLS", 60)
    _, watch = trained(conv_net, 40, watched=True)
    seen = watch.seen()
    assert len(seen.step) <= 20
    assert seen.step[-1] == 40
    assert len(seen.probe_step) <= 20


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_on_a_gpu() -> None:
    model = conv_net().cuda()
    images, targets = (t.cuda() for t in batch())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = InsideWatch(model, [optimizer])
    before = torch.cuda.get_rng_state()
    watch.start(images, targets)
    trained_step(model, optimizer, images, targets)
    after = torch.cuda.get_rng_state()
    watch.before_step(images.cpu(), targets.cpu(), step=1, lr=0.1)
    optimizer.step()
    watch.after_step(step=1)
    watch.probe(step=1)
    assert torch.equal(torch.cuda.get_rng_state(), after)
    assert not torch.equal(before, after)
    assert math.isfinite(watch.seen().predicted[0])
