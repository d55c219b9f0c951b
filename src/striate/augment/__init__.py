"""Augmentation: what is drawn for a sample, apart from how it is done to its pixels."""

from __future__ import annotations

from striate.augment.policy import Policy, parse
from striate.augment.transform import Draw, Key, Transform

__all__ = ["Draw", "Key", "Policy", "Transform", "parse"]
