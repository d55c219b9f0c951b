"""Plants of a broken loop: values that are not finite, parameters left out, gradients kept, wrong modes, losses and metrics.

Knows nothing about data or capacity.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.clinic.faults.plant import Fault
from benchmarks.clinic.hosts import Host
from benchmarks.clinic.plan import Plan


def weighted(model: nn.Module) -> list[nn.Module]:
    """Convolutions and linear layers in the order of their definition."""
    return [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]


def last_linear(model: nn.Module) -> nn.Module:
    """The layer that gives class scores."""
    return weighted(model)[-1]


def only_head(plan: Plan, share: float) -> None:
    """The optimiser gets the last layers only; `share` of all layers is left out."""

    def chosen(model: nn.Module) -> Iterable[nn.Parameter]:
        layers = weighted(model)
        first = round(share * (len(layers) - 1))
        left_out = {id(p) for layer in layers[:first] for p in layer.parameters()}
        return [p for p in model.parameters() if id(p) not in left_out]

    plan.parts.chosen = chosen


class Detached(nn.Module):
    """A layer whose output carries no gradient back."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x).detach()


def detach_after(plan: Plan, share: float) -> None:
    """The graph is cut after a layer that stands at `share` of the depth."""

    def tweak(model: nn.Module) -> nn.Module:
        layers = [n for n, m in model.named_modules() if isinstance(m, nn.Conv2d)]
        name = layers[min(len(layers) - 1, round(share * len(layers)))]
        parent, _, leaf = name.rpartition(".")
        holder = model.get_submodule(parent)
        setattr(holder, leaf, Detached(getattr(holder, leaf)))
        return model

    plan.tweaks.append(tweak)


def never_step(plan: Plan, _value: None) -> None:
    """`optimizer.step()` is missing."""
    plan.parts.step = lambda _optimizer: None


def keep_gradients(plan: Plan, every: int) -> None:
    """Gradients are zeroed at every `every`-th step only; 0 is never."""
    plan.parts.zero = lambda optimizer, step: optimizer.zero_grad() if every and step % every == 0 else None


def train_mode_at_val(plan: Plan, _value: None) -> None:
    """`model.eval()` is missing."""
    plan.parts.eval_mode = lambda _model: None


def stuck_in_eval(plan: Plan, after: int) -> None:
    """`model.train()` is missing from the loop: after `after` epochs (0: from the start) training is in eval mode."""
    plan.parts.train_mode = lambda model, epoch: model.train() if epoch <= after else model.eval()


def has_modes(host: Host) -> bool:
    """Whether a mode changes what the network does."""
    return host.norm == "batch" or host.network == "flatten"


def has_batch_norm(host: Host) -> bool:
    """Whether there is batch norm."""
    return host.norm == "batch"


def softmax_at_end(plan: Plan, _value: None) -> None:
    """`nn.Softmax` before a loss that takes scores."""
    plan.tweaks.append(lambda model: nn.Sequential(model, nn.Softmax(dim=1)))


def double_softmax(plan: Plan, _value: None) -> None:
    """Softmax, its logarithm taken by the loss's own log-softmax, and the probabilities returned from the network's own forward."""

    class Probabilities(nn.Module):
        def __init__(self, net: nn.Module) -> None:
            super().__init__()
            self.net = net

        def forward(self, x: Tensor) -> Tensor:
            return F.softmax(self.net(x), dim=-1)

    plan.tweaks.append(Probabilities)


def _one_hot(logits: Tensor, y: Tensor) -> Tensor:
    return F.one_hot(y, logits.shape[1]).to(logits.dtype)


LOSSES: dict[str, Any] = {
    "negative": lambda z, y: -F.cross_entropy(z, y),
    "squared": lambda z, y: F.mse_loss(z, _one_hot(z, y)),
    "binary": lambda z, y: F.binary_cross_entropy_with_logits(z, _one_hot(z, y)),
    "sum": lambda z, y: F.cross_entropy(z, y, reduction="sum"),
    "shifted": lambda z, y: F.cross_entropy(z, (y + 1) % z.shape[1]),
    "first": lambda z, y: F.cross_entropy(z[:1], y[:1]),
}


def other_loss(plan: Plan, kind: str) -> None:
    """A loss that does not measure the task."""
    plan.loss = LOSSES[kind]


def _over_batch(logits: Tensor, y: Tensor) -> tuple[float, float]:
    said = logits.argmax(0)
    return float((said == y[: len(said)]).sum()), float(len(said))


METRICS: dict[str, Any] = {
    "over the batch": _over_batch,
    "batch for n": lambda z, y: (float((z.argmax(1) == y).sum()), 256.0),
    "top two": lambda z, y: (float((z.topk(2, 1).indices == y[:, None]).any(1).sum()), float(len(y))),
    "sure ones": lambda z, y: _sure(z, y),
}


def _sure(logits: Tensor, y: Tensor) -> tuple[float, float]:
    kept = logits.softmax(1).amax(1) > 0.6
    return float((logits.argmax(1) == y)[kept].sum()), float(kept.sum())


def other_metric(plan: Plan, kind: str) -> None:
    """The loop's own accuracy is counted wrongly."""
    plan.parts.count = METRICS[kind]


def bad_pixel(plan: Plan, images: int) -> None:
    """Some images hold a NaN pixel."""
    rows = plan.rng.choice(len(plan.train), size=images, replace=False)
    plan.train.x[rows, :, 3, 3] = float("nan")


def rate_explodes(plan: Plan, factor: float) -> None:
    """A learning rate at which values overflow."""
    plan.lr *= factor
    plan.schedule = "constant"


def divide_by_spread(plan: Plan, blank: int) -> None:
    """Every image is divided by its own standard deviation, and some images are blank: 0 / 0."""
    rows = plan.rng.choice(len(plan.train), size=blank, replace=False)
    plan.train.x[rows] = 0.0

    def scale(x: Tensor) -> Tensor:
        return (x - x.mean()) / x.std()

    plan.train_scale = plan.val_scale = scale


def log_of_zero(plan: Plan, factor: float) -> None:
    """Cross-entropy written by hand as the logarithm of a softmax of scores that get large."""
    plan.loss = lambda z, y: -torch.log(torch.softmax(factor * z, 1)[torch.arange(len(y)), y]).mean()


# Squared and binary losses, and a sum under Adam, may train as well as cross-entropy: those have to be proven harmful.
INTEGRITY: tuple[Fault, ...] = (
    Fault("stem-left-out", "O3", ("parameters-not-updated",), only_head, {"mild": 0.5, "clear": 0.75, "gross": 1.0}, curves=("underfitting", "learning-rate-too-low")),
    Fault("cut-graph", "O3", ("parameters-not-updated",), detach_after, {"mild": 0.3, "clear": 0.6, "gross": 1.0}, curves=("underfitting", "learning-rate-too-low")),
    Fault("no-step", "O3", ("parameters-not-updated",), never_step, {"gross": None}, by_definition=True, curves=("learning-rate-too-low", "underfitting", "vanishing-gradient")),
    Fault("no-zero", "O4", ("gradients-not-zeroed",), keep_gradients, {"mild": 4, "clear": 20, "gross": 0}, by_definition=True, curves=("learning-rate-too-high",)),
    Fault("train-at-val", "N2", ("wrong-mode",), train_mode_at_val, {"gross": None}, has_modes, by_definition=True, curves=("overfitting", "underfitting")),
    Fault("eval-at-train", "N2", ("wrong-mode",), stuck_in_eval, {"clear": 1, "gross": 0}, has_modes, by_definition=True, curves=("overfitting", "learning-rate-too-high", "non-finite")),
    Fault("softmax", "A6", ("softmax-before-loss",), softmax_at_end, {"gross": None}, by_definition=True, curves=("underfitting", "learning-rate-too-low", "stopped-too-early")),
    Fault("softmax-in-forward", "A6", ("softmax-before-loss",), double_softmax, {"gross": None}, by_definition=True, curves=("underfitting", "learning-rate-too-low", "stopped-too-early")),
    Fault("loss", "A7", ("wrong-loss",), other_loss, {"mild": "squared", "clear": "binary", "gross": "negative"}, curves=("underfitting", "learning-rate-too-high", "learning-rate-too-low", "labels-unrelated")),
    Fault("loss-sum", "A7", ("wrong-loss",), other_loss, {"clear": "sum"}, curves=("learning-rate-too-high", "underfitting")),
    Fault("loss-targets", "A7", ("wrong-loss", "classes-swapped"), other_loss, {"clear": "first", "gross": "shifted"}, by_definition=True, curves=("underfitting", "learning-rate-too-high", "labels-unrelated")),
    Fault("metric", "E1", ("metric-disagrees",), other_metric, {"mild": "top two", "clear": "batch for n", "gross": "over the batch"}, by_definition=True),
    Fault("metric-sure", "E1", ("metric-disagrees",), other_metric, {"clear": "sure ones"}, by_definition=True),
    Fault("nan-pixel", "M1", ("non-finite",), bad_pixel, {"clear": 1, "gross": 20}, by_definition=True),
    Fault("overflow", "M1", ("non-finite", "learning-rate-too-high"), rate_explodes, {"clear": 1e4, "gross": 1e6}),
    Fault("zero-by-zero", "M1", ("non-finite",), divide_by_spread, {"clear": 2, "gross": 40}, by_definition=True),
    Fault("log-of-zero", "M1", ("non-finite", "wrong-loss", "bad-initialisation"), log_of_zero, {"clear": 60.0, "gross": 300.0}, curves=("learning-rate-too-high",)),
)  # fmt: skip
