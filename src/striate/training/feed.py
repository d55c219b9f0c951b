"""A batch as the network is trained on it: gathered, augmented, normalised.

Knows nothing about which rows come when, nor about the step.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.targets import Pool
from striate.data.batches import Normalise, gather
from striate.training.evaluate import prepared
from striate.training.job import Job

__all__ = ["Feed"]


class Feed:
    """Rows of the data set and an epoch in, what the network takes out: the same for the same two."""

    def __init__(self, job: Job) -> None:
        self.job = job
        preprocess = job.dataset.preprocess
        self.normalise = Normalise(preprocess.mean, preprocess.std, job.choice.device)
        # Partners of a mixing policy come from all training samples.
        self._pool = Pool(job.dataset.indices("train"), self._raw)

    def __call__(self, rows: NDArray[np.int64], epoch: int) -> tuple[torch.Tensor, torch.Tensor]:
        """(N, C, H, W) float32 and targets on the device: class numbers (N,), or shares (N, K) where the policy mixes."""
        images, targets = self.pixels(rows, epoch)
        return prepared(images, self.normalise, self.job.choice), targets

    def pixels(self, rows: NDArray[np.int64], epoch: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The same before normalising: (N, C, H, W) uint8, to look at."""
        images, labels = self._raw(rows)
        seed = self.job.recipe.seed
        return self.job.policy(images, labels, seed=seed, epoch=epoch, rows=rows, pool=self._pool)

    def clean(self, rows: NDArray[np.int64]) -> torch.Tensor:
        """The same images without augmentation."""
        return prepared(self._raw(rows)[0], self.normalise, self.job.choice)

    def _raw(self, rows: NDArray[np.int64]) -> tuple[torch.Tensor, NDArray[np.int64]]:
        dataset = self.job.dataset
        return gather(dataset.pixels, rows, self.job.choice.device), dataset.labels[rows]
