"""Loaders of a run: torch's over a data set of single images, and a hand-written one that slices tensors.

Both draw order and augmentation from torch's global generator. Knows nothing about labels or faults.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from benchmarks.clinic.images import Images
from benchmarks.clinic.plan import Plan
from benchmarks.clinic.transforms import Transform

LONGEST_WAIT = 0.15
"""Seconds that one batch is held back at most."""


class Pictures(Dataset[tuple[Tensor, int]]):
    """Images with their transforms, then scaled."""

    def __init__(self, images: Images, transforms: Sequence[Transform], scale: Any) -> None:
        self.pixels = torch.from_numpy(images.x)
        self.labels = images.y.tolist()
        self.transforms, self.scale = tuple(transforms), scale

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        x = self.pixels[i]
        for transform in self.transforms:
            x = transform(x)
        return self.scale(x), self.labels[i]


class Order:
    """Order of an epoch, another one at each pass where the plan says so."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.passes = plan, 0

    def __len__(self) -> int:
        return len(self.plan.train)

    def __iter__(self) -> Iterator[int]:
        n, self.passes = len(self), self.passes + 1
        if self.plan.sampler is not None:
            return iter(self.plan.sampler(self.passes - 1))
        if self.plan.order == "shuffled":
            return iter(torch.randperm(n).tolist())
        if self.plan.order == "given":
            return iter(range(n))
        starts = torch.randperm(n // self.plan.batch).tolist()
        whole = [start * self.plan.batch + i for start in starts for i in range(self.plan.batch)]
        return iter([*whole, *range(len(whole), n)])  # what fills no batch comes last


class Slices:
    """A loader as people write it: an order, slices of it, transforms in a loop, stacked."""

    def __init__(self, pictures: Pictures, batch: int, order: Any) -> None:
        self.dataset, self.batch_size, self.order = pictures, batch, order

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = list(self.order)
        for start in range(0, len(order), self.batch_size):
            rows = [self.dataset[i] for i in order[start : start + self.batch_size]]
            yield torch.stack([x for x, _ in rows]), torch.tensor([y for _, y in rows])


class Delayed:
    """A loader that keeps its caller waiting for a given share of the time, whatever the machine's speed."""

    def __init__(self, loader: Any, share: float) -> None:
        self.loader, self.ratio = loader, share / (1 - share)
        self.dataset, self.batch_size = loader.dataset, loader.batch_size

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Any]:
        batches, left = iter(self.loader), None
        while True:
            if left is not None:
                time.sleep(min(LONGEST_WAIT, self.ratio * (time.perf_counter() - left)))
            try:
                batch = next(batches)
            except StopIteration:
                return
            left = time.perf_counter()
            yield batch


def train_loader(plan: Plan) -> Any:
    """Batches of the training split."""
    pictures = Pictures(plan.train, plan.augment, plan.train_scale)
    loader: Any
    if plan.loader == "own":
        loader = Slices(pictures, plan.batch, Order(plan))
    elif plan.order == "shuffled" and plan.sampler is None:
        loader = DataLoader(pictures, batch_size=plan.batch, shuffle=True)
    else:
        loader = DataLoader(pictures, batch_size=plan.batch, sampler=Order(plan))  # type: ignore[arg-type]
    return Delayed(loader, plan.wait) if plan.wait else loader


def val_loader(plan: Plan) -> Any:
    """Batches of the validation split, in its order."""
    pictures = Pictures(plan.val, plan.val_augment, plan.val_scale)
    if plan.loader == "own":
        return Slices(pictures, 200, range(len(pictures)))
    return DataLoader(pictures, batch_size=200, shuffle=False)
