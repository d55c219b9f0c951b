"""Targets as tensors: class numbers, or shares of two classes."""

from __future__ import annotations

import numpy as np
import torch

from striate.augment.targets import Pool, hard_targets, soft_targets

CPU = torch.device("cpu")


def test_hard_targets_keep_values_and_type() -> None:
    targets = hard_targets(np.array([2, 0, 1])[::-1], CPU)
    assert targets.dtype == torch.int64
    assert targets.tolist() == [1, 0, 2]


def test_soft_targets_sum_to_one_even_with_itself() -> None:
    targets = soft_targets(np.array([0, 1, 2]), np.array([1, 1, 0]), np.array([0.25, 0.4, 1.0]), 3, CPU)
    assert torch.allclose(targets, torch.tensor([[0.25, 0.75, 0], [0, 1.0, 0], [0, 0, 1.0]]))


def test_a_batch_as_a_pool() -> None:
    images = torch.arange(12).reshape(3, 1, 2, 2)
    pool = Pool.of_batch(images, np.array([5, 6, 7]), np.array([100, 20, 3]))
    fetched, labels = pool.fetch(np.array([3, 100]))
    assert torch.equal(fetched, images[[2, 0]])
    assert labels.tolist() == [7, 5]
