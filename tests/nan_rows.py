"""What units of a network really depend on: rows of NaN, and who is touched by them.

NaN spreads through every sum, product and maximum that it enters, whatever the weights. So image r of a batch has NaN in its
row r (or column r) alone, and after one forward pass a unit sees row r exactly where it is NaN for image r. An oracle for
receptive fields that shares nothing with the rules it checks. Knows nothing about operators.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils._pytree import tree_leaves

__all__ = ["Seen", "seen_by"]

Seen = tuple[NDArray[np.int64], NDArray[np.int64]]
"""First and last position that each unit of a tensor sees, of the tensor's shape without the batch; -1 for nothing."""


def seen_by(model: nn.Module, input_size: Sequence[int], chunk: int = 64) -> dict[str, list[list[Seen]]]:
    """For every run of every module, by name: for each tensor that it put out, what its units see along each axis."""
    axes = len(input_size) - 1
    runs: dict[str, list[list[list[NDArray[np.bool_]]]]] = {}
    with torch.no_grad(), _plain_kernels():
        for axis in range(axes):
            touched = _touched(model, input_size, axis, chunk)
            for name, of_module in touched.items():
                for r, tensors in enumerate(of_module):
                    for t, mask in enumerate(tensors):
                        slots = runs.setdefault(name, [])
                        while len(slots) <= r:
                            slots.append([])
                        while len(slots[r]) <= t:
                            slots[r].append([])
                        slots[r][t].append(mask)
    return {
        name: [[_hull(mask) for mask in masks] for run in of_module for masks in run]
        for name, of_module in runs.items()
    }


@contextmanager
def _plain_kernels() -> Iterator[None]:
    """Winograd kernels put zeros of a tile beside its numbers, and NaN times zero is NaN."""
    before = torch._C._get_mkldnn_enabled()
    torch._C._set_mkldnn_enabled(False)
    try:
        with torch.backends.nnpack.flags(enabled=False):
            yield
    finally:
        torch._C._set_mkldnn_enabled(before)


def _touched(
    model: nn.Module, size: Sequence[int], axis: int, chunk: int
) -> dict[str, list[list[NDArray[np.bool_]]]]:
    """By module, run and tensor: (n, *shape), whether position n of the axis reaches the unit."""
    found: dict[str, list[list[list[NDArray[np.bool_]]]]] = {}
    n, dtype = size[1 + axis], next((p.dtype for p in model.parameters()), torch.float32)
    for begin in range(0, n, chunk):
        rows = range(begin, min(begin + chunk, n))
        images = torch.rand(len(rows), *size, dtype=dtype, generator=torch.Generator().manual_seed(0))
        for i, row in enumerate(rows):
            images[i].select(1 + axis, row).fill_(float("nan"))
        for name, run, tensors in _outputs(model, images):
            slots = found.setdefault(name, [])
            while len(slots) <= run:
                slots.append([[] for _ in tensors])
            for t, tensor in enumerate(tensors):
                slots[run][t].append(tensor.isnan().numpy())
    return {
        name: [[np.concatenate(parts) for parts in run] for run in of_module]
        for name, of_module in found.items()
    }


def _outputs(model: nn.Module, images: torch.Tensor) -> list[tuple[str, int, list[torch.Tensor]]]:
    seen: list[tuple[str, int, list[torch.Tensor]]] = []
    counts: dict[str, int] = {}
    handles = []
    for name, module in model.named_modules():

        def hook(_: nn.Module, __: object, output: object, name: str = name) -> None:
            tensors = [leaf.clone() for leaf in tree_leaves(output) if isinstance(leaf, torch.Tensor)]
            # Only tensors with the batch in front can be told apart by image.
            seen.append((name, counts.get(name, 0), tensors))
            counts[name] = counts.get(name, 0) + 1

        handles.append(module.register_forward_hook(hook))
    try:
        model(images)
    finally:
        for handle in handles:
            handle.remove()
    return seen


def _hull(mask: NDArray[np.bool_]) -> Seen:
    n = len(mask)
    touched = mask.any(axis=0)
    first = np.where(touched, mask.argmax(axis=0), -1)
    last = np.where(touched, n - 1 - mask[::-1].argmax(axis=0), -1)
    return first, last
