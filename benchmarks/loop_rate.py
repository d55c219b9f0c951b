"""How much of the bare step's speed the training loop keeps: images/s of the loop / images/s of the step alone.

    python benchmarks/loop_rate.py [--model resnet20 resnet18] [--batch 128] [--steps 8] [--blocks 9]

The bare step is forward, cross-entropy, backward and fused SGD of the same network, precision and batch on one
fixed batch. The loop does the same plus order, gathering, augmentation, normalisation, seeding, sums, gradient
norms and its watcher. Blocks of both alternate A B A B in one process; the figure is the median of the ratios of
neighbouring blocks, so that a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import torch
from torch import nn

from benchmarks.hardware import describe
from striate.core import devices
from striate.data.prepare import prepare
from striate.models import catalogue
from striate.training import optimisers
from striate.training.assemble import assemble_job, build_model, build_state
from striate.training.evaluate import autocast
from striate.training.interrupt import Interrupt
from striate.training.loop import NORM_SAMPLES, Loop
from striate.training.recipe import Recipe
from striate.training.watchers import SILENT_WATCHER

CIFAR_STEPS = 313


def bare_step(model: nn.Module, optimizer: torch.optim.Optimizer, choice: devices.DeviceChoice, x, y):  # type: ignore[no-untyped-def]
    with autocast(choice):
        loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def measure(name: str, batch: int, steps: int, blocks: int, augment: str) -> None:
    n = batch * steps
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n + 200, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(n + 200) % 10
    parts = {"train": (images[:n], labels[:n]), "val": (images[n:], labels[n:])}
    dataset = prepare(parts)
    recipe = Recipe(model=name, batch_size=batch, epochs=10_000, augment=augment, warmup_epochs=0.0)
    job = assemble_job(recipe, dataset)
    state = build_state(job, build_model(job))
    with Interrupt() as interrupt:
        loop = Loop(
            job,
            state,
            watcher=SILENT_WATCHER,
            interrupt=interrupt,
            save=lambda _: None,
            publish=lambda _, __: None,
        )
        # A block is a short epoch; the gradient norm is read as often as in an epoch of CIFAR-10 (313 steps).
        loop._norm_every = CIFAR_STEPS // NORM_SAMPLES
        loop_block(loop, state)  # warm-up
        model = catalogue.build(name, classes=10, channels=3, img_size=32)
        model = model.to(memory_format=job.choice.memory_format)  # type: ignore[call-overload]
        model.train()
        optimizer = optimisers.build("sgd", model, lr=0.01, momentum=0.9, weight_decay=5e-4)
        x = torch.randn(batch, 3, 32, 32).contiguous(memory_format=job.choice.memory_format)
        y = torch.arange(batch) % 10
        for _ in range(2):
            bare_step(model, optimizer, job.choice, x, y)
        pairs = []
        for _ in range(blocks):
            begin = time.perf_counter()
            loop_block(loop, state)
            middle = time.perf_counter()
            for _ in range(steps):
                bare_step(model, optimizer, job.choice, x, y)
            end = time.perf_counter()
            pairs.append((n / (middle - begin), n / (end - middle)))
    ratios = [a / b for a, b in pairs]
    loop_rate, bare_rate = (statistics.median(p[i] for p in pairs) for i in (0, 1))
    print(
        f"{name:9} {job.choice.precision} b={batch} {augment}: loop {loop_rate:7.1f} img/s, "
        f"bare step {bare_rate:7.1f} img/s, ratio median {statistics.median(ratios):.3f} "
        f"(min {min(ratios):.3f}, max {max(ratios):.3f}, {blocks} blocks of {steps} steps)"
    )


def loop_block(loop: Loop, state) -> None:  # type: ignore[no-untyped-def]
    """One epoch's steps, without the measuring that ends an epoch."""
    loop._train_epoch()
    state.position.step = 0
    state.position.epoch += 1


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", nargs="+", default=["resnet20", "resnet18"])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--blocks", type=int, default=9)
    parser.add_argument("--augment", default="flip+crop4")
    args = parser.parse_args()
    print(describe())
    for name in args.model:
        measure(name, args.batch, args.steps, args.blocks, args.augment)


if __name__ == "__main__":
    main()
