"""What each layer of a network puts out and holds, seen by running one blank image.

Knows nothing about what the layers are for. The network is as before afterwards: weights, buffers, gradients,
modes, hooks and the random state.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import torch
from torch import nn

from striate.analysis.untouched import untouched
from striate.core.records import LayerFact

__all__ = ["layer_facts", "parameter_count"]


def parameter_count(model: nn.Module) -> int:
    """Numbers that training may change or that are frozen weights; shared ones once, buffers not."""
    return sum(parameter.numel() for parameter in model.parameters())


def layer_facts(model: nn.Module, input_shape: tuple[int, int, int]) -> tuple[LayerFact, ...]:
    """The layers that run on an image of `input_shape` (C, H, W), in the order in which they finish.

    A layer is a module without children, or one that holds parameters of its own beside its children; identities are left
    out. A layer that runs twice is listed twice; parameters are counted where they are first met, so the counts never
    add up to more than `parameter_count` (to less where a module did not run as a module). Raises what the network raises
    on such an image.

    >>> [fact.output_shape for fact in layer_facts(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 32, 32))]
    [(8, 30, 30), (8, 30, 30)]
    """
    facts: list[LayerFact] = []
    counted: set[nn.Parameter] = set()

    def note(name: str, module: nn.Module, output: Any) -> None:
        own = [p for p in module.parameters(recurse=_is_leaf(module)) if p not in counted]
        counted.update(own)
        facts.append(
            LayerFact(
                name=name,
                kind=type(module).__name__,
                output_shape=_shape(output),
                parameters=sum(p.numel() for p in own),
                kernel=_pair(getattr(module, "kernel_size", ())),
                stride=_pair(getattr(module, "stride", ())),
            )
        )

    with ExitStack() as stack:
        stack.enter_context(untouched(model))
        for name, module in model.named_modules():
            if _is_layer(module):
                hook = lambda m, _, out, name=name: note(name, m, out)
                stack.callback(module.register_forward_hook(hook).remove)
        reference = next(model.parameters(), torch.zeros(()))
        model(torch.zeros(1, *input_shape, dtype=reference.dtype, device=reference.device))
    return tuple(facts)


def _is_leaf(module: nn.Module) -> bool:
    return next(module.children(), None) is None


def _is_layer(module: nn.Module) -> bool:
    if isinstance(module, nn.Identity):
        return False
    return _is_leaf(module) or next(module.parameters(recurse=False), None) is not None


def _shape(output: Any) -> tuple[int, ...]:
    """Without the batch axis; of the first tensor where there are several; () for anything else."""
    if isinstance(output, torch.Tensor):
        return tuple(output.shape[1:])
    if isinstance(output, tuple | list) and output:
        return _shape(output[0])
    return ()


def _pair(value: Any) -> tuple[int, ...]:
    """Kernel or stride as (height, width); () where a module has none."""
    if isinstance(value, int):
        return (value, value)
    return tuple(value) if isinstance(value, tuple | list) and all(isinstance(v, int) for v in value) else ()
