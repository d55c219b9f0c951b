"""Logits of a network over rows of the data set, with nothing of the network changed.

Knows nothing about splits' names, metrics or files.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import AbstractContextManager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from striate.core.devices import DeviceChoice
from striate.data.batches import Normalise, gather

__all__ = ["Batches", "autocast", "evaluating", "logits", "prepared"]

# Large enough to fill two cores or a GPU, small enough that 224-px activations of a ResNet fit in 2 GB.
EVAL_PIXELS = 256 * 64 * 64


class Batches:
    """Pairs of images and targets that know how many they are, as a loader does."""

    def __init__(
        self, pairs: Iterable[tuple[torch.Tensor, torch.Tensor]], batches: int, dataset: Sized
    ) -> None:
        """`batches` of a whole pass over `dataset`, of which only the length is asked."""
        self._pairs, self._batches = pairs, batches
        self.dataset = dataset

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return self._batches


def autocast(choice: DeviceChoice) -> AbstractContextManager[object]:
    """Mixed precision as chosen; nothing for float32."""
    if choice.autocast is None:
        return contextlib.nullcontext()
    return torch.autocast(choice.device.type, dtype=choice.autocast)


@contextlib.contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Eval mode inside; afterwards every module is in the mode it was in."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def prepared(images: torch.Tensor, normalise: Normalise, choice: DeviceChoice) -> torch.Tensor:
    """uint8 (N, C, H, W) -> normalised float32 in the memory format of the run."""
    return normalise(images).contiguous(memory_format=choice.memory_format)


def logits(
    model: nn.Module,
    pixels: NDArray[np.uint8],
    rows: NDArray[np.int64],
    normalise: Normalise,
    choice: DeviceChoice,
    between: Callable[[], None] | None = None,
    watch: Callable[[Batches], Iterable[tuple[torch.Tensor, torch.Tensor]]] = iter,
    labels: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """Logits (len(rows), K) of `model` for pixels[rows]; pixels is (N, H, W, C) uint8.

    `between` is called between batches (a place to stop); `watch` may note the batches, whose targets are `labels` of the rows, else the row
    numbers. Raises whatever the model raises.
    """
    batch = max(1, min(1024, EVAL_PIXELS // (pixels.shape[1] * pixels.shape[2])))
    targets = rows if labels is None else labels[rows]

    def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        for start in range(0, len(rows), batch):
            if between is not None:
                between()
            part = slice(start, start + batch)
            images = gather(pixels, rows[part], choice.device)
            yield prepared(images, normalise, choice), torch.from_numpy(targets[part])

    parts: list[torch.Tensor] = []
    with evaluating(model), autocast(choice):
        for images, _ in watch(Batches(batches(), -(-len(rows) // batch), rows)):
            parts.append(model(images).float().cpu())
    if not parts:
        return np.zeros((0, 0), dtype=np.float32)
    return torch.cat(parts).numpy()
