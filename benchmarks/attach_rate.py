"""What `striate.attach` costs a loop: time of a watched step / time of the same step unwatched, and memory.

    python -m benchmarks.attach_rate [--net small resnet20 resnet18] [--blocks 15] [--seconds 3]

A hand-written loop (forward, cross-entropy, backward, SGD) trains two copies of one network in one process, one of them attached
with the defaults. First the watched one runs until what it may spend at the start is spent; the sum is printed. Then blocks of
both alternate A B A B, and the figure is the median of the ratios of neighbouring blocks with a sign-test interval. The small network is
the worst case: three convolutions on 8x8 digits, a batch of 64, a step of a few milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator

import torch
from torch import nn
from torch.nn import functional as F

import striate
from benchmarks.hardware import describe
from striate.models import catalogue
from striate.observe.process_memory import process_memory

K = 10
WARM = 2.0
"""Seconds of watched steps after the start's allowance is spent, before anything is timed."""


def small() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1, stride=2),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, K),
    )


def network(name: str) -> tuple[nn.Module, tuple[int, int, int], int]:
    """The network, the shape of its images, the batch."""
    if name == "small":
        return small(), (1, 8, 8), 64
    return catalogue.build(name, classes=K, channels=3, img_size=32), (3, 32, 32), 128


class Stream:
    """Random batches without end; a block takes as many as it wants."""

    def __init__(self, shape: tuple[int, int, int], batch: int) -> None:
        generator = torch.Generator().manual_seed(0)
        self._x = [torch.randn(batch, *shape, generator=generator) for _ in range(8)]
        self._y = torch.arange(batch) % K

    def __len__(self) -> int:
        return 400

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        for i in range(len(self)):
            yield self._x[i % len(self._x)], self._y


def stepper(name: str, *, attached: bool) -> tuple[Callable[[int], None], striate.verbs.attach.Doctor | None]:
    torch.manual_seed(0)
    model, shape, batch = network(name)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    doc = striate.attach(model, optimizer) if attached else None
    stream = Stream(shape, batch)
    loader = doc.watch(stream) if doc else stream

    def steps() -> Iterator[None]:
        while True:
            for x, y in loader:
                loss = F.cross_entropy(model(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                yield

    going = steps()

    def run(n: int) -> None:
        for _ in range(n):
            next(going)

    return run, doc


def measure(name: str, blocks: int, seconds: float) -> None:
    plain, _ = stepper(name, attached=False)
    watched, doc = stepper(name, attached=True)
    assert doc is not None
    pace = doc._observer._w.pace
    budgets = (pace.steps, pace.looks, pace.data)
    plain(5)
    begin = time.perf_counter()
    plain(20)
    step = (time.perf_counter() - begin) / 20
    n = max(4, round(seconds / step))
    taken, begin = 0, time.perf_counter()
    while (
        any(b.balance > 0.02 for b in budgets) and time.perf_counter() - begin < 60
    ) or taken < WARM / step:
        watched(8)
        taken += 8
    start = sum(b.spent for b in budgets)
    memory = process_memory(torch.device("cpu"))
    ratios, cpu = [], []
    for _ in range(blocks):
        times = [(time.perf_counter(), time.process_time())]
        for run in (watched, plain):
            run(n)
            times.append((time.perf_counter(), time.process_time()))
        wall_ratio, cpu_ratio = ((times[1][i] - times[0][i]) / (times[2][i] - times[1][i]) for i in (0, 1))
        ratios.append(wall_ratio)
        cpu.append(cpu_ratio)
    grown = process_memory(torch.device("cpu")) - memory
    ratios.sort()
    # Of 15 ratios the 4th and the 12th bound the median at 96 %.
    skip = max(0, round((blocks - 1.96 * blocks**0.5) / 2))
    print(
        f"{name:9s} step {1e3 * step:8.2f} ms  {n:5d} steps a block  ratio {statistics.median(ratios):.4f} "
        f"({ratios[skip]:.4f} to {ratios[-1 - skip]:.4f}), of processor time {statistics.median(cpu):.4f}  start {start:.2f} s in {taken} steps  "
        f"memory {grown / 2**20:+.1f} MiB in {blocks * n} steps",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--net", nargs="+", default=["small", "resnet20", "resnet18"])
    parser.add_argument("--blocks", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=3.0)
    asked = parser.parse_args()
    print(describe())
    for name in asked.net:
        measure(name, asked.blocks, asked.seconds)


if __name__ == "__main__":
    main()
