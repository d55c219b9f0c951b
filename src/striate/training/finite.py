"""Whether what training has come to is still made of numbers.

Knows nothing about steps or epochs.
"""

from __future__ import annotations

import math

import torch

from striate.training.state import RunState
from striate.training.step import NonFinite

__all__ = ["refuse_non_finite_loss", "refuse_non_finite_weights"]


def refuse_non_finite_loss(state: RunState) -> None:
    """Raise NonFinite where the loss summed over the epoch so far is not finite; waits for the device."""
    if not math.isfinite(state.running.loss.item()):
        raise NonFinite


def refuse_non_finite_weights(state: RunState) -> None:
    """Raise NonFinite where a parameter or a statistic of the network is not finite."""
    if not all(bool(torch.isfinite(t).all()) for t in state.model.state_dict().values()):
        raise NonFinite
