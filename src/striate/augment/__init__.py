"""Augmentation: what happens to sample n in epoch e is drawn apart from how it is done to a batch of pixels."""

from __future__ import annotations

from striate.augment.policy import Policy, parse
from striate.augment.transform import Draw, Key, Transform

__all__ = ["Draw", "Key", "Policy", "Transform", "parse"]
