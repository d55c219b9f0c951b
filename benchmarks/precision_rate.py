"""What the chosen precision and memory layout buy: images/s of a training step, each setting beside fp32 NCHW.

    python -m benchmarks.precision_rate [--model resnet20 resnet18] [--batch 128] [--steps 4] [--blocks 7]

Settings alternate A B C A B C ... in one process; figures are medians over the blocks, ratios are medians of the ratios
within a block. bf16 is measured everywhere; `striate train` chooses it only where the processor has it in hardware.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch
from torch import nn

from benchmarks.hardware import describe
from striate.core import devices
from striate.core.devices import DeviceChoice
from striate.models import catalogue
from striate.training import optimisers
from striate.training.evaluate import autocast

SETTINGS = (("fp32", "contiguous"), ("fp32", "channels_last"), ("bf16", "channels_last"))


class Arm:
    """One setting with its own copy of the network."""

    def __init__(self, model: str, batch: int, choice: DeviceChoice) -> None:
        torch.manual_seed(0)
        self.choice = choice
        network = catalogue.build(model, classes=10, channels=3, img_size=32)
        self.network: nn.Module = network.to(memory_format=choice.memory_format)  # type: ignore[call-overload]
        self.optimizer = optimisers.build("sgd", self.network, lr=0.01, momentum=0.9, weight_decay=5e-4)
        self.images = torch.randn(batch, 3, 32, 32).contiguous(memory_format=choice.memory_format)
        self.labels = torch.arange(batch) % 10

    def rate(self, steps: int) -> float:
        """Images per second over `steps` steps."""
        begin = time.perf_counter()
        for _ in range(steps):
            with autocast(self.choice):
                loss = nn.functional.cross_entropy(self.network(self.images), self.labels)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
        return steps * len(self.labels) / (time.perf_counter() - begin)


def measure(model: str, batch: int, steps: int, blocks: int) -> None:
    arms = [Arm(model, batch, devices.choose("cpu", precision, layout)) for precision, layout in SETTINGS]
    for arm in arms:
        arm.rate(1)
    rates = [[arm.rate(steps) for arm in arms] for _ in range(blocks)]
    for i, (precision, layout) in enumerate(SETTINGS):
        ratios = [block[i] / block[0] for block in rates]
        print(
            f"{model:9} b={batch} {precision} {layout:13}: {statistics.median(b[i] for b in rates):7.1f} img/s, "
            f"{statistics.median(ratios):.2f} x fp32 NCHW (min {min(ratios):.2f}, max {max(ratios):.2f})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", nargs="+", default=["resnet20", "resnet18"])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--blocks", type=int, default=7)
    args = parser.parse_args()
    print(describe())
    print("this CPU has native bf16" if devices.native_bf16_on_cpu() else "this CPU has no native bf16")
    for model in args.model:
        measure(model, args.batch, args.steps, args.blocks)


if __name__ == "__main__":
    main()
