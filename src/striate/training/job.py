"""What a run is about: data set, recipe with nothing left to decide, device, policy.

Knows nothing about how any of them came to be.
"""

from __future__ import annotations

from dataclasses import dataclass

from striate.augment.policy import Policy
from striate.core.devices import DeviceChoice
from striate.data.dataset import Dataset
from striate.training.recipe import Recipe

__all__ = ["Job"]


@dataclass(frozen=True)
class Job:
    """What is trained on what, resolved: no setting of `recipe` is None or auto that the loop reads."""

    dataset: Dataset
    recipe: Recipe
    choice: DeviceChoice
    policy: Policy
