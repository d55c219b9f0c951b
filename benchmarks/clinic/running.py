"""A plan, run: the network built and tweaked, the loop of its style gone through, the outcome counted.

Knows nothing about which plan is sick.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import nn

from benchmarks.clinic.loaders import train_loader, val_loader
from benchmarks.clinic.loops import LOOPS, Bench
from benchmarks.clinic.networks import build
from benchmarks.clinic.plan import Plan
from benchmarks.clinic.schedules import make_optimizer, make_schedule
from benchmarks.clinic.watching import doctor
from striate.core.observation_records import Observation


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    observation: Observation | None
    truth: tuple[float, ...]
    """Accuracy on val at each epoch, as the loop saw val."""
    fit: float
    """Accuracy of the last network on training images (500 at most) without augmentation, against the labels it was given."""
    seconds: float
    """Of processor time."""
    finite: bool = True
    """Whether all weights are finite at the end."""


def run(plan: Plan, watched: bool) -> Outcome:
    """Trains as the plan says on one thread, watched by an attached diagnosis or by nobody."""
    torch.set_num_threads(1)
    started = time.process_time()
    model, bench = train(plan, watched)
    observation = bench.doc.observation()
    seconds = time.process_time() - started
    finite = all(bool(p.isfinite().all()) for p in model.parameters())
    return Outcome(observation, tuple(bench.truth), fit(plan, model), seconds, finite)


def train(plan: Plan, watched: bool) -> tuple[nn.Module, Bench]:
    """The loop itself, from the seed to the last step; the network and what was counted."""
    torch.manual_seed(plan.seed)
    model = network(plan)
    optimizer = make_optimizer(plan, list(plan.parts.chosen(model)))
    averaged = None
    if plan.average:
        mean = torch.optim.swa_utils.get_ema_multi_avg_fn(plan.average)
        averaged = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=mean, use_buffers=True)
    schedule, by_batch = make_schedule(plan, optimizer)
    train, val = train_loader(plan), val_loader(plan)
    doc = doctor(watched, model, optimizer, plan.declared)
    bench = Bench(plan, model, optimizer, schedule, by_batch, train, val, doc, averaged)
    try:
        LOOPS[plan.loop](bench)
    finally:
        doc.detach()
    return model, bench


@torch.no_grad()
def fit(plan: Plan, model: nn.Module) -> float:
    """Share of training images that the network has learnt."""
    model.eval()
    x, y = torch.from_numpy(plan.train.x[:500]), torch.from_numpy(plan.train.y[:500])
    logits = model(torch.stack([plan.train_scale(image) for image in x]))
    return float((logits.argmax(1) == y).float().mean())


def network(plan: Plan) -> nn.Module:
    """The new network of a plan, before any step."""
    _, channels, size, _ = plan.train.x.shape
    model = build(plan.network, channels, plan.classes, size, plan.knobs)
    for tweak in plan.tweaks:
        model = tweak(model)
    return model
