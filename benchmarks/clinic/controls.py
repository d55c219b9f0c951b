"""Healthy runs that look odd: each was made to provoke a false alarm that some tool is known for, or that a rule might raise.

A control changes a healthy plan in a way that is meant and does no harm worth a warning. Knows nothing about any rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.clinic.faults.integrity import has_batch_norm, weighted
from benchmarks.clinic.faults.plant import anywhere
from benchmarks.clinic.hosts import HOSTS, Host, host
from benchmarks.clinic.plan import Plan
from benchmarks.clinic.transforms import Brightness, Erase, Flip, PadCrop

Fits = Callable[[Host], bool]


@dataclass(frozen=True)
class Control:
    """One odd way to be healthy."""

    name: str
    change: Callable[[Plan], None]
    fits: Fits = anywhere
    provokes: str = ""
    """The false alarm that it is made for."""


def one_cycle(plan: Plan) -> None:
    plan.schedule = "one-cycle"
    if plan.optimizer == "SGD":
        plan.lr *= 1.5


def warm_up(plan: Plan) -> None:
    plan.schedule = "warm-up"


def cyclic(plan: Plan) -> None:
    plan.schedule = "cyclic"


def constant(plan: Plan) -> None:
    plan.schedule, plan.lr = "constant", plan.lr * 0.5


def edge_of_stability(plan: Plan) -> None:
    plan.lr *= 2.5


def strong_but_right(plan: Plan) -> None:
    small = plan.train.x.shape[2] < 16
    plan.augment = (
        *plan.augment,
        PadCrop(1 if small else 2),
        Brightness(0.3),
        Erase(0.5, 0.05 if small else 0.1),
    )
    plan.epochs = round(1.5 * plan.epochs)


def flipped(plan: Plan) -> None:
    plan.augment = (Flip(), *(t for t in plan.augment if not isinstance(t, Flip)))


def dropout_half(plan: Plan) -> None:
    def tweak(model: nn.Module) -> nn.Module:
        last = weighted(model)[-1]
        name = next(n for n, m in model.named_modules() if m is last)
        parent, _, leaf = name.rpartition(".")
        setattr(model.get_submodule(parent), leaf, nn.Sequential(nn.Dropout(0.5), last))
        return model

    plan.tweaks.append(tweak)


def smoothed(plan: Plan) -> None:
    plan.smoothing = 0.1


def mixed_up(plan: Plan) -> None:
    """Mixup in the loop: the loss sees soft targets, the loader hands out classes."""
    plan.mix = mixup
    plan.epochs = round(1.3 * plan.epochs)


def mixup(x: Tensor, y: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Zhang et al. 2018, with Beta(0.4, 0.4)."""
    share = float(torch.distributions.Beta(0.4, 0.4).sample())
    other = torch.randperm(len(x))
    soft = torch.nn.functional.one_hot(y, classes).float()
    return share * x + (1 - share) * x[other], share * soft + (1 - share) * soft[other]


def accumulated(plan: Plan) -> None:
    """Batches of a quarter, four to a step; nothing said."""
    plan.loop, plan.accumulate, plan.batch = "accumulating", 4, max(8, plan.batch // 4)


def accumulated_declared(plan: Plan) -> None:
    accumulated(plan)
    plan.declared["accumulation"] = 4


def batch_of_eight(plan: Plan) -> None:
    plan.batch, plan.lr, plan.epochs = 8, plan.lr / 3, max(5, round(0.7 * plan.epochs))


def mild_imbalance(plan: Plan) -> None:
    """The commonest class has five times the images of the rarest."""
    rng, kept = plan.rng, []
    for rank, c in enumerate(rng.permutation(plan.classes)):
        rows = np.flatnonzero(plan.train.y == c)
        kept.append(rows[: max(8, round(len(rows) * 5 ** (-rank / (plan.classes - 1))))])
    plan.train = plan.train.take(np.sort(np.concatenate(kept)))
    plan.epochs = round(1.4 * plan.epochs)


def clipped_at_times(plan: Plan) -> None:
    plan.clip = 2.0


def usual_decay(plan: Plan) -> None:
    plan.weight_decay = 5e-4 if plan.optimizer == "SGD" else 0.01


def wide(plan: Plan) -> None:
    """Half as many channels again, a few of them dead from the start."""
    plan.knobs.width = 1.4

    def tweak(model: nn.Module) -> nn.Module:
        holders = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d | nn.GroupNorm)]
        with torch.no_grad():
            for holder in holders or weighted(model)[:-1]:
                holder.bias[: max(1, len(holder.bias) // 20)] = -10.0  # type: ignore[index, arg-type]
        return model

    plan.tweaks.append(tweak)


def sparse(plan: Plan) -> None:
    """Biases a little below 0: most ReLU outputs are 0, and no unit is dead."""

    def tweak(model: nn.Module) -> nn.Module:
        with torch.no_grad():
            for layer in model.modules():
                if isinstance(layer, nn.BatchNorm2d | nn.GroupNorm):
                    layer.bias.fill_(-0.8)
        return model

    plan.tweaks.append(tweak)


def zero_gamma(plan: Plan) -> None:
    """The last norm of each residual branch starts at 0 (Goyal et al. 2017)."""

    def tweak(model: nn.Module) -> nn.Module:
        for module in model.modules():
            branch = getattr(module, "branch", None)
            norms = [m for m in (branch or ()) if isinstance(m, nn.BatchNorm2d | nn.GroupNorm)]
            if norms:
                nn.init.zeros_(norms[-1].weight)
        return model

    plan.tweaks.append(tweak)


def short_enough(plan: Plan) -> None:
    """Fewer epochs with a schedule that ends: near its best all the same."""
    plan.epochs = max(5, round(0.7 * plan.epochs))
    plan.schedule = "one-cycle"


def quick(host: Host) -> bool:
    """Whether the task is learnt long before the end."""
    return host.name.startswith(("digits", "mnist", "relation", "shapes-resnet"))


def val_of_300(plan: Plan) -> None:
    plan.val = plan.val.take(np.arange(300))


def averaged(plan: Plan) -> None:
    plan.average = 0.97


def averaged_declared(plan: Plan) -> None:
    averaged(plan)
    plan.declared["average"] = True


def balanced_order(plan: Plan) -> None:
    """No shuffling: a fixed order in which classes take turns, the same at each epoch."""
    rank = np.empty(len(plan.train), dtype=np.int64)
    for c in range(plan.classes):
        rows = np.flatnonzero(plan.train.y == c)
        rank[rows] = np.arange(len(rows))
    plan.train = plan.train.take(np.lexsort((plan.train.y, rank)))
    plan.order = "given"


def longer(plan: Plan) -> None:
    """Half as long again: the best epoch is any of the late ones, by chance."""
    plan.epochs = round(1.5 * plan.epochs)


@cache
def trained(name: str) -> dict[str, Tensor]:
    """Weights of a healthy run of the host of that name with another seed."""
    from benchmarks.clinic.running import train

    # The generator that draws a run's own numbers is not to notice.
    with torch.random.fork_rng():
        model, _ = train(host(name).plan(1000), watched=False)
    return {name: value.clone() for name, value in model.state_dict().items()}


def _start(plan: Plan) -> None:
    state = trained(next(h.name for h in HOSTS if h.network == plan.network))

    def tweak(model: nn.Module) -> nn.Module:
        model.load_state_dict(state)
        # As with a backbone from elsewhere, the head is new.
        weighted(model)[-1].reset_parameters()  # type: ignore[operator, operator]
        return model

    plan.tweaks.append(tweak)


def fine_tuned(plan: Plan) -> None:
    """From a trained network, at a low rate, for a few epochs."""
    _start(plan)
    plan.lr, plan.schedule, plan.epochs = plan.lr * 0.4, "constant", max(6, plan.epochs // 2)


def _frozen(plan: Plan) -> None:
    _start(plan)
    plan.epochs = max(5, plan.epochs // 2)

    def tweak(model: nn.Module) -> nn.Module:
        layers = weighted(model)
        head = {id(p) for layer in layers[-1:] for p in layer.parameters()}
        for p in model.parameters():
            p.requires_grad_(id(p) in head)
        return model

    def train_mode(model: nn.Module, _epoch: int) -> None:
        model.train()
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()

    def chosen(model: nn.Module) -> Iterable[nn.Parameter]:
        return [p for p in model.parameters() if p.requires_grad]

    plan.tweaks.append(tweak)
    plan.parts.train_mode, plan.parts.chosen = train_mode, chosen


def frozen(plan: Plan) -> None:
    """A trained backbone with `requires_grad=False` and batch norm in eval mode; a new head learns."""
    _frozen(plan)


def frozen_declared(plan: Plan) -> None:
    """The same, left out of the optimiser instead of switched off, and declared."""
    _frozen(plan)
    plan.tweaks.append(_all_want_gradients)

    def chosen(model: nn.Module) -> Iterable[nn.Parameter]:
        last = weighted(model)[-1]
        plan.declared["frozen"] = [
            n for n, p in model.named_parameters() if not any(p is q for q in last.parameters())
        ]
        return list(last.parameters())

    plan.parts.chosen = chosen
    plan.declared["batch_norm_frozen"] = True


def _all_want_gradients(model: nn.Module) -> nn.Module:
    return model.requires_grad_(True)


def _with(*networks: str) -> Fits:
    return lambda host: host.network in networks


def _norm_and_relu(host: Host) -> bool:
    return host.norm != "none" and host.relu


CONTROLS: dict[str, Control] = {
    c.name: c
    for c in (
        Control("one-cycle", one_cycle, provokes="overfitting for good after a warm-up blip"),
        Control("warm-up", warm_up, provokes="learning rate too low in the first steps"),
        Control("cyclic", cyclic, provokes="oscillating loss"),
        Control("constant", constant, provokes="schedule fault"),
        Control("edge-of-stability", edge_of_stability, provokes="learning rate too high"),
        Control(
            "strong-augmentation", strong_but_right, provokes="train below val taken for over-regularised"
        ),
        Control("flip", flipped, lambda h: "flip" in h.flips, "label-changing transform"),
        Control("dropout", dropout_half, provokes="train below val"),
        Control("smoothing", smoothed, provokes="loss floor, overconfidence, another loss"),
        Control("mixup", mixed_up, provokes="loss floor, training accuracy far below val"),
        Control("accumulated", accumulated, provokes="gradients not zeroed"),
        Control("accumulated-declared", accumulated_declared, provokes="gradients not zeroed"),
        Control("batch-of-8", batch_of_eight, has_batch_norm, "batch-norm mismatch"),
        Control("imbalance", mild_imbalance, quick, provokes="class imbalance"),
        Control("clipping", clipped_at_times, provokes="clipping too tight"),
        Control("decay", usual_decay, provokes="weight decay too strong"),
        Control("wide", wide, lambda h: h.relu, "dead ReLU"),
        Control("sparse", sparse, _norm_and_relu, "dead ReLU"),
        Control("zero-gamma", zero_gamma, _with("resnet"), "dead units, vanishing gradient"),
        Control("short-enough", short_enough, quick, provokes="stopped too early"),
        Control("val-of-300", val_of_300, provokes="validation too small"),
        Control("averaged", averaged, provokes="metric disagrees"),
        Control("averaged-declared", averaged_declared, provokes="metric disagrees"),
        Control("balanced-order", balanced_order, provokes="unshuffled"),
        Control("longer", longer, provokes="last not best"),
        Control("fine-tuned", fine_tuned, provokes="learning rate too low, bad initialisation"),
        Control("frozen", frozen, provokes="parameters not updated, wrong mode"),
        Control("frozen-declared", frozen_declared, provokes="parameters not updated, wrong mode"),
    )
}
