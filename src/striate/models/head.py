"""The head of a classifier: the layer whose outputs are the classes.

Knows nothing about files or particular networks.
"""

from __future__ import annotations

from torch import nn

__all__ = ["head_name", "renew_head"]


def head_name(model: nn.Module) -> str:
    """The name of the last linear layer or convolution: the head of every network in the catalogue."""
    return [name for name, module in model.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)][-1]


def renew_head(model: nn.Module, classes: int) -> None:
    """Replace the head by a fresh one for `classes`, initialised by torch's default; a convolutional head is 1x1."""
    name = head_name(model)
    head = model.get_submodule(name)
    fresh: nn.Module
    if isinstance(head, nn.Linear):
        fresh = nn.Linear(head.in_features, classes)
    else:
        assert isinstance(head, nn.Conv2d)
        fresh = nn.Conv2d(head.in_channels, classes, 1)
    owner, _, attribute = name.rpartition(".")
    setattr(model.get_submodule(owner), attribute, fresh)
