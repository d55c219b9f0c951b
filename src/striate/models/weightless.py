"""Build a network whose weights have a shape and no memory.

Enough for a walk, and there in no time however large the network is. Knows nothing about any network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from striate.core.errors import StriateError

__all__ = ["weightless"]

# Kinds of error that code raises which computes with numbers that are not there.
_NO_NUMBERS = (NotImplementedError, RuntimeError, StriateError)


class _EmptyWeights(TorchFunctionMode):
    """`torch.empty`, which layers get their weights from, gives no memory; all else computes as ever."""

    def __torch_function__(
        self,
        func: Any,
        types: Sequence[Any],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        options = dict(kwargs or {})
        if func is torch.empty and options.get("device") is None:
            options["device"] = "meta"
        return func(*args, **options)


def weightless(build: Callable[[], nn.Module]) -> nn.Module:
    """What `build` builds, without memory for weights; with it only where the network's code needs them to be built.

    Some networks compute their widths with tensors (torchvision's RegNet); for them only the weights themselves are left out.
    """
    try:
        with torch.device("meta"):
            return build()
    except _NO_NUMBERS:
        pass
    try:
        with _EmptyWeights():
            return build().to("meta")
    except _NO_NUMBERS:
        return build()
