"""What a walk through a network noted: values, operators on them, modules they ran in.

Plain data, which `receptive_field` and `cost` fold over. Knows nothing about how it was noted or what an operator means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from torch import nn
from torch.utils._pytree import tree_leaves

__all__ = ["Call", "Operation", "Value", "Walk"]


@dataclass(frozen=True)
class Value:
    """The content of a tensor between two writes. `name` is that of a parameter or buffer, "" for anything else."""

    number: int
    shape: tuple[int, ...]
    itemsize: int
    name: str = ""

    @property
    def numel(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True)
class Operation:
    """One operator: ``aten.convolution``, its arguments by name with every tensor as a Value, and what came out."""

    op: str
    arguments: Mapping[str, Any]
    outputs: tuple[Value, ...]
    module: str
    """Dotted name of the innermost module that was running; "" is the network itself."""
    allocates: bool = True
    """Whether the results are new memory: not for views, nor for what writes in place."""

    def __getitem__(self, argument: str) -> Any:
        return self.arguments[argument]

    @property
    def inputs(self) -> list[Value]:
        """Every tensor among the arguments, in order."""
        return [leaf for leaf in tree_leaves(list(self.arguments.values())) if isinstance(leaf, Value)]


@dataclass(frozen=True)
class Call:
    """A module that ran, once for each time; `first` and `last` bound its operations as a range does."""

    name: str
    module: nn.Module
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    first: int
    last: int


@dataclass(frozen=True)
class Walk:
    """All that ran, in order; calls in the order in which they finished, the network itself last."""

    input: Value
    operations: tuple[Operation, ...]
    calls: tuple[Call, ...]

    @property
    def outputs(self) -> tuple[Value, ...]:
        """The tensors that the network returned, in whatever structure."""
        return self.calls[-1].outputs
