"""`striate lr-find`: the learning rate a network stands, measured without a trace.

The rate climbs from 1e-6 to 10 over one short run of a fresh network; where the smoothed loss falls no further the
steps are about to become too large, and a tenth of that is a good peak (Smith 2017, "Cyclical learning rates").
Nothing is written: no run folder, and a network given as an object is copied first. Knows
nothing about terminals.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from striate.core.progress import SILENT, Progress
from striate.core.records import Record
from striate.data.batches import Order
from striate.training.assemble import assemble_job, build_model, build_state, own_randomness
from striate.training.errors import NonFiniteLoss
from striate.training.evaluate import autocast
from striate.training.feed import Feed
from striate.training.fit import check_fit
from striate.training.job import Job
from striate.training.loss import loss_for
from striate.training.post_mortem import first_non_finite, is_out_of_memory, out_of_memory
from striate.training.precision import trusted
from striate.training.recipe import PYTHON_MODEL, Recipe
from striate.training.resolve import decided
from striate.training.state import RunState
from striate.training.step import NonFinite, StepPlan, train_step
from striate.verbs.own_data import prepare_for, recipe_name

__all__ = ["LrFinding", "lr_find", "suggest"]

LOWEST, HIGHEST, STEPS = 1e-6, 10.0, 150
# Leslie Smith's range test is read off a smoothed curve; 0.9 averages over about ten steps.
SMOOTHING = 0.9
# Of the fall from the first smoothed loss to the lowest: closer than this to the lowest is as low. The noise of a smoothed
# point was 0.3 to 1.7 % of the fall in ten range tests (digits and separable images; classic and resnet20; sgd and adamw).
# On a plateau the lowest point itself is an accident: two seeds on digits put it at 0.062 and 0.017, this at 0.015 both.
TOLERANCE = 0.02
# Four times the lowest smoothed loss is past saving: the rest of the range has nothing to add.
DIVERGED = 4.0
# Of the first loss: a network that learns anything in 150 steps falls by far more; the noise of a batch's loss does not.
LEAST_FALL = 0.05


class LrFinding(Record):
    """The range test: smoothed loss at each rate, and what to make of it."""

    lr: tuple[float, ...]
    loss: tuple[float, ...]
    suggestion: float
    sentence: str
    weak: bool = False
    """Whether the curve says little: it hardly fell, or no rate of the range was too high."""


def lr_find(
    data: Any = "digits", *, model: str | nn.Module = "auto", progress: Progress = SILENT, **settings: Any
) -> LrFinding:
    """Measure a good peak learning rate for `model` on `data`; settings are those of `striate.train`.

    Raises what `striate.train` raises before its first step, NonFiniteLoss where the first loss is not finite, and
    OutOfMemory.
    """
    module = copy.deepcopy(model) if isinstance(model, nn.Module) else None
    named = PYTHON_MODEL + type(model).__name__ if module is not None else model
    recipe = Recipe.make({**settings, "data": recipe_name(data), "model": named})
    dataset = prepare_for(recipe, data, progress)
    job = assemble_job(recipe, dataset)
    with own_randomness(recipe.deterministic, job.choice):
        network = module if module is not None else build_model(job)
        check_fit(network, job)
        job = trusted(job, network, asked=recipe.precision)
        rates, losses = _range_test(job, network, progress)
    return _finding(job, rates, _smoothed(losses))


def _range_test(job: Job, model: nn.Module, progress: Progress) -> tuple[list[float], list[float]]:
    """Rates tried and the loss of each step, until the end of the range or divergence; one at least."""
    dataset, recipe, choice = job.dataset, job.recipe, job.choice
    state = build_state(job, model)
    state.model.train()
    labels_of_all = dataset.labels[dataset.indices("train")]
    criterion = loss_for(recipe, labels_of_all, len(dataset.classes), choice.device)
    plan = StepPlan(criterion, choice, recipe.seed, recipe.clip_grad)
    batches = _batches(job)
    rates: list[float] = []
    losses: list[float] = []
    with progress.task("Trying learning rates", STEPS) as task:
        for step in range(STEPS):
            rate = LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1))
            images, targets = next(batches)
            loss = _loss_of_step(state, plan, images, targets, rate)
            if step == 0 and not math.isfinite(loss):
                raise _no_first_loss(state.model, images)
            if not math.isfinite(loss) or loss > DIVERGED * max(min(losses, default=loss), 0.1):
                break
            rates.append(rate)
            losses.append(loss)
            task.advance()
    return rates, losses


def _batches(job: Job) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Training batches as the loop makes them, images and targets, without end."""
    feed, recipe = Feed(job), job.recipe
    order = Order(job.dataset.indices("train"), decided(recipe.batch_size), recipe.seed)
    for epoch in itertools.count():
        for rows in order.batches(epoch):
            yield feed(rows, epoch)


def _loss_of_step(
    state: RunState, plan: StepPlan, images: torch.Tensor, targets: torch.Tensor, rate: float
) -> float:
    """One step at `rate`; NaN where the loss was not finite. Raises OutOfMemory."""

    def attempt(n: int) -> None:
        state.optimizer.zero_grad(set_to_none=True)
        with autocast(plan.choice):
            loss = plan.criterion(state.model(images[:n]), targets[:n])
        loss.backward()

    before = state.running.loss.item()
    try:
        train_step(state, images, targets, rate, plan, measure=False)
    except NonFinite:
        return math.nan
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise out_of_memory(images, attempt) from error
    return (state.running.loss.item() - before) / len(targets)


def _no_first_loss(model: nn.Module, images: torch.Tensor) -> NonFiniteLoss:
    return NonFiniteLoss(
        "the first loss is not a finite number",
        where=f"learning rate {LOWEST:g}, before any step could be too large",
        got=first_non_finite(model, images).removesuffix(": a step broke it"),  # none was done
        expected="a finite loss",
        next_step="look at the network and its weights; --precision fp32 where the numbers overflow",
    )


def _smoothed(losses: list[float]) -> list[float]:
    """Bias-corrected exponential average, as in Adam: the first values are not pulled towards zero."""
    average, out = 0.0, []
    for n, loss in enumerate(losses, start=1):
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        out.append(average / (1 - SMOOTHING**n))
    return out


def as_low(smooth: list[float]) -> int:
    """The first point within TOLERANCE of the lowest, as a share of the fall from the first point to it."""
    lowest = min(smooth)
    return next(i for i, loss in enumerate(smooth) if loss <= lowest + TOLERANCE * (smooth[0] - lowest))


def suggest(rates: list[float], smooth: list[float]) -> float:
    """A tenth of the first rate at which the smoothed loss is as low as it gets, to two digits."""
    return float(f"{rates[as_low(smooth)] / 10:.1e}")


def _finding(job: Job, rates: list[float], smooth: list[float]) -> LrFinding:
    flat = smooth[0] - min(smooth) < LEAST_FALL * smooth[0]
    unbroken = rates[-1] > HIGHEST * 0.99
    suggestion, recipe = suggest(rates, smooth), job.recipe
    if flat:
        sentence = (
            f"The loss hardly fell at any rate ({smooth[0]:.2f} to {min(smooth):.2f}), so {suggestion:g} is a weak "
            "guess: look at the labels and the images first."
        )
    else:
        end = (
            f"No rate up to {HIGHEST:g} broke training, so this is a weak guess."
            if unbroken
            else f"Training broke above {rates[-1]:.2g}."
        )
        sentence = (
            f"Try --lr {suggestion:g} ({recipe.opt}, batch {recipe.batch_size}): from {rates[as_low(smooth)]:.2g} on the "
            f"loss fell no further. {end} The default here is {recipe.lr:.2g}."
        )
    return LrFinding(
        lr=tuple(rates), loss=tuple(smooth), suggestion=suggestion, sentence=sentence, weak=flat or unbroken
    )
