"""`striate lr-find`: the learning rate a network stands, measured without a trace.

The rate climbs from 1e-6 to 10 over one short run of a fresh network; where the smoothed loss is lowest the
steps are about to become too large, and a tenth of that is a good peak (Smith 2017, "Cyclical learning rates").
Nothing is written: no run folder, and a network given as an object is copied first. Knows
nothing about terminals.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from striate.core.progress import SILENT, Progress
from striate.core.records import Record
from striate.data.batches import Normalise, Order, gather
from striate.training.assemble import assemble_job, build_model, build_state, own_randomness
from striate.training.evaluate import prepared
from striate.training.job import Job
from striate.training.loss import loss_for
from striate.training.recipe import PYTHON_MODEL, Recipe
from striate.training.resolve import decided
from striate.training.step import NonFinite, StepPlan, train_step
from striate.verbs.own_data import prepare_for, recipe_name

__all__ = ["LrFinding", "lr_find", "suggest"]

LOWEST, HIGHEST, STEPS = 1e-6, 10.0, 150
# Leslie Smith's range test is read off a smoothed curve; 0.9 averages over about ten steps.
SMOOTHING = 0.9
# Four times the lowest smoothed loss is past saving: the rest of the range has nothing to add.
DIVERGED = 4.0


class LrFinding(Record):
    """The range test: smoothed loss at each rate, and what to make of it."""

    lr: tuple[float, ...]
    loss: tuple[float, ...]
    suggestion: float
    sentence: str


def lr_find(
    data: Any = "digits", *, model: str | nn.Module = "auto", progress: Progress = SILENT, **settings: Any
) -> LrFinding:
    """Measure a good peak learning rate for `model` on `data`; settings are those of `striate.train`.

    Raises what `striate.train` raises before its first step.
    """
    module = copy.deepcopy(model) if isinstance(model, nn.Module) else None
    named = PYTHON_MODEL + type(model).__name__ if module is not None else model
    recipe = Recipe.make({**settings, "data": recipe_name(data), "model": named})
    dataset = prepare_for(recipe, data, progress)
    job = assemble_job(recipe, dataset)
    with own_randomness(recipe.deterministic, job.choice):
        rates, losses = _range_test(job, module or build_model(job), progress)
    smooth = _smoothed(losses)
    suggestion = suggest(rates, smooth)
    return LrFinding(
        lr=tuple(rates),
        loss=tuple(smooth),
        suggestion=suggestion,
        sentence=_sentence(job, rates, smooth, suggestion),
    )


def _range_test(job: Job, model: nn.Module, progress: Progress) -> tuple[list[float], list[float]]:
    """Rates tried and the loss of each step, until the end of the range or divergence."""
    dataset, recipe, choice = job.dataset, job.recipe, job.choice
    state = build_state(job, model)
    state.model.train()
    train = dataset.indices("train")
    criterion = loss_for(recipe, dataset.labels[train], len(dataset.classes), choice.device)
    plan = StepPlan(criterion, choice, recipe.seed, recipe.clip_grad)
    normalise = Normalise(dataset.preprocess.mean, dataset.preprocess.std, choice.device)
    batches = _endless(Order(train, decided(recipe.batch_size), recipe.seed))
    rates: list[float] = []
    losses: list[float] = []
    with progress.task("Trying learning rates", STEPS) as task:
        for step in range(STEPS):
            epoch, rows = next(batches)
            batch = gather(dataset.pixels, dataset.labels, rows, choice.device)
            images = prepared(
                job.policy(batch.images, seed=recipe.seed, epoch=epoch, rows=rows), normalise, choice
            )
            rate = LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1))
            before = state.running.loss.item()
            try:
                train_step(state, images, batch.labels, rate, plan, measure=False)
            except NonFinite:
                break
            loss = (state.running.loss.item() - before) / len(rows)
            if not math.isfinite(loss) or loss > DIVERGED * max(min(losses, default=loss), 0.1):
                break
            rates.append(rate)
            losses.append(loss)
            task.advance()
    return rates, losses


def _endless(order: Order) -> Iterator[tuple[int, NDArray[np.int64]]]:
    epoch = 0
    while True:
        for rows in order.batches(epoch):
            yield epoch, rows
        epoch += 1


def _smoothed(losses: list[float]) -> list[float]:
    """Bias-corrected exponential average, as in Adam: the first values are not pulled towards zero."""
    average, out = 0.0, []
    for n, loss in enumerate(losses, start=1):
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        out.append(average / (1 - SMOOTHING**n))
    return out


def suggest(rates: list[float], smooth: list[float]) -> float:
    """A tenth of the rate at the lowest smoothed loss, to two digits."""
    return float(f"{rates[int(np.argmin(smooth))] / 10:.1e}")


def _sentence(job: Job, rates: list[float], smooth: list[float], suggestion: float) -> str:
    fall = smooth[0] - min(smooth)
    if fall < 0.05 * smooth[0]:
        # 5 %: a network that learns anything in 150 steps clears it by far; noise of a batch loss does not.
        return (
            f"The loss hardly fell at any rate ({smooth[0]:.2f} to {min(smooth):.2f}), so {suggestion:g} is a weak "
            "guess: look at the labels and the images first."
        )
    recipe = job.recipe
    broke = f", and training broke at {rates[-1]:.2g}" if rates[-1] < HIGHEST * 0.99 else ""
    return (
        f"Try --lr {suggestion:g} ({recipe.opt}, batch {recipe.batch_size}): the loss was lowest at "
        f"{rates[int(np.argmin(smooth))]:.2g}{broke}. The default here is {recipe.lr:.2g}."
    )
