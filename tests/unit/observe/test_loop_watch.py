"""Parameters, modes and left-over gradients, counted."""

from __future__ import annotations

import torch
from torch import nn

from striate.observe.loop_watch import ModesWatch, ParametersWatch, stale_gradients


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))


def train(model, optimizer, steps: int = 6, watch: ParametersWatch | None = None) -> None:
    generator = torch.Generator().manual_seed(0)
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.randn(16, 4, generator=generator)).square().mean().backward()
        if watch:
            watch.look()
        optimizer.step()


def watched(parameters, model=None, steps: int = 6, **optimizer):
    model = model or net()
    sgd = torch.optim.SGD(parameters(model), **{"lr": 0.1} | optimizer)
    watch = ParametersWatch(model, [sgd])
    watch.start()
    train(model, sgd, steps, watch)
    return {p.name: p for p in watch.seen(steps)}, watch


def test_all_parameters_change_when_all_are_stepped():
    seen, watch = watched(lambda m: m.parameters())
    assert all(p.in_optimizer and p.gradient == "seen" for p in seen.values())
    assert {name for name, p in seen.items() if p.changed} >= set(seen) - {"0.bias"}
    assert not watch.foreign


def test_a_bias_in_front_of_batch_norm_is_no_parameter_that_fails_to_learn():
    seen, _ = watched(lambda m: m.parameters())
    assert seen["0.bias"].changed is not False


def test_what_is_not_in_the_optimiser_stays_to_the_bit():
    seen, _ = watched(lambda m: m[4].parameters())
    assert {name for name, p in seen.items() if p.changed} == {"4.weight", "4.bias"}
    assert seen["0.weight"].gradient == "seen"
    assert not seen["0.weight"].in_optimizer


def test_an_optimiser_of_another_network():
    _, watch = watched(lambda _: net().parameters())
    assert watch.foreign


def test_fewer_than_five_steps_tell_nothing_and_a_rate_of_zero_is_a_way_to_freeze():
    assert watched(lambda m: m.parameters(), steps=4)[0]["0.weight"].changed is None
    groups = lambda m: [{"params": m[0].parameters(), "lr": 0.0}, {"params": m[4].parameters()}]
    seen, _ = watched(groups)
    assert seen["0.weight"].changed is None
    assert seen["4.weight"].changed


def test_gradient_none_zero_and_seen():
    class Cut(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = nn.Linear(4, 3), nn.Linear(4, 3)
            self.zero = nn.Parameter(torch.ones(3))

        def forward(self, x):
            return self.used(x) + self.zero * 0.0

    seen, _ = watched(lambda m: m.parameters(), Cut())
    assert (seen["used.weight"].gradient, seen["unused.weight"].gradient, seen["zero"].gradient) == (
        "seen",
        "none",
        "zero",
    )


def test_shared_parameters_are_named_once_as_shared():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Linear(4, 4)
            self.again = self.one

        def forward(self, x):
            return self.again(self.one(x))

    seen, _ = watched(lambda m: m.parameters(), Tied())
    assert [(p.name, p.shared_with) for p in seen.values()] == [
        ("one.weight", ""),
        ("one.bias", ""),
        ("again.weight", "one.weight"),
        ("again.bias", "one.bias"),
    ]


def test_every_precision_has_a_fingerprint():
    for dtype in (torch.float64, torch.bfloat16, torch.float16):
        model = nn.Linear(3, 3).to(dtype)
        watch = ParametersWatch(model, [torch.optim.SGD(model.parameters(), lr=1.0)])
        watch.start()
        assert [p.changed for p in watch.seen(9)] == [False, False]
        with torch.no_grad():
            model.weight[1, 1] += 1
        assert [p.changed for p in watch.seen(9)] == [True, False]


def test_two_changes_that_cancel_in_the_sum_of_bits_are_still_seen():
    model = nn.Linear(2, 2, bias=False)
    watch = ParametersWatch(model, [torch.optim.SGD(model.parameters(), lr=1.0)])
    watch.start()
    with torch.no_grad():
        model.weight.copy_(model.weight.flip(0))
    assert watch.seen(9)[0].changed


def test_stale_gradients():
    model = net()
    assert not stale_gradients(model)
    model(torch.randn(4, 4)).sum().backward()
    assert stale_gradients(model)
    model.zero_grad(set_to_none=False)
    assert not stale_gradients(model)


def test_stale_gradients_of_what_is_left_out_of_the_optimiser_do_not_count():
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
    head = torch.optim.SGD(model[1].parameters(), lr=0.1)
    model(torch.randn(4, 4)).sum().backward()
    assert stale_gradients(model, [head])
    head.zero_grad()
    assert stale_gradients(model)
    assert not stale_gradients(model, [head])


def test_modes():
    model = net()
    watch = ModesWatch(model)
    watch.look_train()
    model.eval()
    watch.look_train()
    watch.look_val()
    assert (watch.layers, watch.all_in_eval, watch.some_in_eval, watch.val_in_train) == (2, 1, 0, 0)
    assert list(watch.eval_layers) == ["1", "3"]
    model[3].train()
    watch.look_train()
    watch.look_val()
    assert (watch.some_in_eval, watch.val_in_train) == (1, 1)


def test_frozen_batch_norm_in_eval_mode_is_how_freezing_is_meant():
    model = net()
    model[1].requires_grad_(False).eval()
    watch = ModesWatch(model)
    watch.look_train()
    assert (watch.all_in_eval, watch.some_in_eval) == (0, 0)


def test_layers_that_do_the_same_in_both_modes_do_not_count():
    model = nn.Sequential(
        nn.BatchNorm1d(4, track_running_stats=False), nn.Dropout(0.0), nn.LayerNorm(4)
    ).eval()
    watch = ModesWatch(model)
    watch.look_train()
    assert (watch.layers, watch.all_in_eval) == (0, 0)
