"""The loss: softmax cross-entropy, smoothed and weighted as the recipe says.

Knows nothing about networks or steps.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from striate.training.recipe import Recipe

__all__ = ["loss_for"]


def loss_for(recipe: Recipe, labels: NDArray[np.int64], classes: int, device: torch.device) -> nn.Module:
    """Softmax cross-entropy with the recipe's label smoothing and class weights n / (K n_c).

    Takes class numbers (N,) or, for mixed images, shares of classes (N, K): -sum_k y_k log p_k.
    """
    weight = None
    if recipe.class_weights == "balanced":
        counts = np.bincount(labels, minlength=classes)
        weight = torch.tensor(
            np.where(counts > 0, len(labels) / (classes * np.maximum(counts, 1)), 0.0),
            dtype=torch.float32,
            device=device,
        )
    return nn.CrossEntropyLoss(weight=weight, label_smoothing=recipe.smoothing)
