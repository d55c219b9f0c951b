"""The layers of a network that make a readable table: its blocks, as its author cut them.

Knows nothing about what is said of each.
"""

from __future__ import annotations

from torch import Tensor, nn

from striate.analysis.capture import capture, has_map

__all__ = ["layers_with_maps"]

# These only hold others; a class of its own that derives from one of them is a block.
_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
# These hand on what they are given.
_SILENT = (nn.Identity, nn.Dropout, nn.Flatten)

FEWEST = 6
"""Rows below which blocks are opened once: four stages say too little."""


def layers_with_maps(model: nn.Module, images: Tensor) -> list[str]:
    """Names of the blocks that put out a map of `images` (N, C, H, W), in the order in which they run.

    A block is the first module below the network that is no mere container; where there are few of them, their own blocks. Layers that
    put out no map, or one of a single place, are left out, and so are identities and dropout. Raises InputRefused.
    """
    names = _blocks(model, "")
    found = _with_maps(model, images, names)
    if len(found) < FEWEST:
        inner = [name for block in names for name in _blocks(model.get_submodule(block), block) or [block]]
        found = _with_maps(model, images, inner) or found
    return found


def _blocks(module: nn.Module, name: str) -> list[str]:
    """Blocks below `module`, containers opened; their names begin with `name`."""
    found: list[str] = []
    for part, child in module.named_children():
        full = f"{name}.{part}" if name else part
        if type(child) in _CONTAINERS:
            found += _blocks(child, full)
        elif not isinstance(child, _SILENT):
            found.append(full)
    return found


def _with_maps(model: nn.Module, images: Tensor, names: list[str]) -> list[str]:
    runs = capture(model, images[:1], names)
    return list(dict.fromkeys(run.name for run in runs if has_map(run, images.shape)))
