"""Images per second of a policy on whole batches, draws included, against torchvision's transforms image by image.

    python -m benchmarks.augment_rate [--policy flip+crop4+cutout8 randaugment] [--batch 128 512] [--blocks 9] [--threads 1]
    python -m benchmarks.augment_rate --steps resnet20 resnet18      # which share of a training step the first policy is

A: the policy draws for a batch of 32x32 colour images, uint8 and NHWC in memory as batches are gathered, and applies the draws.
B: the same transforms of torchvision v2 on one uint8 image after the other, which is what a loader's worker does, without decoding,
collating or handing over. Blocks of both alternate A B A B in one process; the figure is the median of the ratios of
neighbouring blocks, so that a machine that slows down slows both; beside it stands the same in processor time, which a busy
machine stretches least. Threads are torch's: B's images are too small to gain by them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.hardware import describe
from benchmarks.loop_rate import bare_step
from striate.augment.catalogue import TRANSFORMS
from striate.augment.errors import UnknownTransform
from striate.augment.policy import Policy, parse
from striate.core import devices
from striate.data.batches import gather
from striate.models import catalogue, torchvision_ops

SHAPE = (3, 32, 32)
A_IMAGES, B_IMAGES = 8192, 512


def peers() -> dict[str, Callable[[torch.Tensor], torch.Tensor]]:
    """Of each policy, torchvision's transform of one image."""
    torchvision_ops.prepare()
    from torchvision.transforms import v2

    eighth = (8 / 32) ** 2
    cutout = v2.RandomErasing(p=1.0, scale=(eighth, eighth), ratio=(1.0, 1.0), value=0)
    return {
        "flip+crop4+cutout8": v2.Compose([v2.RandomHorizontalFlip(), v2.RandomCrop(32, padding=4), cutout]),
        "flip+crop4": v2.Compose([v2.RandomHorizontalFlip(), v2.RandomCrop(32, padding=4)]),
        "resizedcrop0.35": v2.RandomResizedCrop(32, scale=(0.35, 1.0), antialias=False),
        "rotate15": v2.RandomRotation(15, interpolation=v2.InterpolationMode.BILINEAR),
        "randaugment": v2.RandAugment(),
    }


Rate = tuple[float, float]
"""Images per second, and per second of processor time of all threads."""


def rate(work: Callable[[], int]) -> Rate:
    """Of work that returns how many images it did."""
    began, spent = time.perf_counter(), time.process_time()
    n = work()
    return n / (time.perf_counter() - began), n / (time.process_time() - spent)


def whole_batches(policy: Policy, batches: list[tuple[np.ndarray, torch.Tensor]], epoch: int) -> int:
    """A."""
    for rows, images in batches:
        policy(images, rows, seed=0, epoch=epoch, rows=rows)
    return sum(len(rows) for rows, _ in batches)


def one_by_one(transform: Callable[[torch.Tensor], torch.Tensor], images: list[torch.Tensor]) -> int:
    """B."""
    for image in images:
        transform(image)
    return len(images)


def measure(text: str, batch: int, blocks: int, peer: Callable[[torch.Tensor], torch.Tensor] | None) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (A_IMAGES, 32, 32, 3), dtype=np.uint8)
    cpu = torch.device("cpu")
    rows = np.split(np.arange(A_IMAGES), range(batch, A_IMAGES, batch))
    batches = [(some, gather(pixels, some, cpu)) for some in rows]
    single = [image.contiguous() for image in gather(pixels, np.arange(B_IMAGES), cpu)]
    policy = parse(text, shape=SHAPE)
    ours, theirs = [], []
    for epoch in range(blocks + 1):
        ours.append(rate(lambda epoch=epoch: whole_batches(policy, batches, epoch)))  # type: ignore[misc]
        if peer:
            theirs.append(rate(lambda: one_by_one(peer, single)))
    print(f"{text}, batches of {batch}, {blocks} blocks:")
    # The first block is the warm-up.
    for k, per in enumerate(("second", "processor second")):
        a, b = ([pair[k] for pair in rates[1:]] for rates in (ours, theirs))
        line = f"  images a {per:17}{statistics.median(a):9,.0f} (min {min(a):,.0f}, max {max(a):,.0f})"
        if b:
            ratios = [x / y for x, y in zip(a, b, strict=True)]
            line += f"; torchvision {statistics.median(b):6,.0f} (min {min(b):,.0f}, max {max(b):,.0f})"
            line += f"; ratio {statistics.median(ratios):.0f} (min {min(ratios):.0f}, max {max(ratios):.0f})"
        print(line, flush=True)


def share_of_step(name: str, text: str, batch: int, blocks: int) -> None:
    """Seconds of the policy for a batch over those of forward, loss, backward and update, in turns."""
    choice = devices.choose("cpu")
    model = catalogue.build(name, classes=10, channels=3, img_size=32)
    model = model.to(memory_format=choice.memory_format).train()  # type: ignore[call-overload]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    x = torch.randn(batch, *SHAPE).contiguous(memory_format=choice.memory_format)
    y = torch.arange(batch) % 10
    pixels = np.random.default_rng(0).integers(0, 256, (batch, 32, 32, 3), dtype=np.uint8)
    rows = np.arange(batch)
    images, policy = gather(pixels, rows, torch.device("cpu")), parse(text, shape=SHAPE)
    shares, steps = [], []
    for epoch in range(blocks + 1):
        began = time.perf_counter()
        bare_step(model, optimizer, choice, x, y)
        middle = time.perf_counter()
        policy(images, rows, seed=0, epoch=epoch, rows=rows)
        steps.append(middle - began)
        shares.append((time.perf_counter() - middle) / (middle - began))
    print(
        f"{text} of a {name} step ({choice.precision}, batch {batch}, {1000 * statistics.median(steps[1:]):.0f} ms): "
        f"{statistics.median(shares[1:]):.2%} (min {min(shares[1:]):.2%}, max {max(shares[1:]):.2%})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--policy", nargs="+", default=["flip+crop4+cutout8", "randaugment"])
    parser.add_argument("--batch", nargs="+", type=int, default=[128, 512])
    parser.add_argument("--blocks", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", nargs="+", default=[])
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(describe())
    for name in args.steps:
        share_of_step(name, args.policy[0], args.batch[0], args.blocks)
    if args.steps:
        return
    known = peers()
    for text in args.policy:
        try:
            parse(text, shape=SHAPE)
        except UnknownTransform:
            print(f"{text}: left out, it has none of {', '.join(TRANSFORMS)}")
            continue
        for batch in args.batch:
            measure(text, batch, args.blocks, known.get(text))


if __name__ == "__main__":
    main()
