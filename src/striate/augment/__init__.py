"""Augmentation: what is drawn for a sample, how it is done, what becomes of its label.

Knows nothing about files or training.
"""

from __future__ import annotations

from striate.augment.label_map import LabelMap
from striate.augment.policy import Policy, parse
from striate.augment.targets import Pool
from striate.augment.transform import Draw, Key, Transform

__all__ = ["Draw", "Key", "LabelMap", "Policy", "Pool", "Transform", "parse"]
