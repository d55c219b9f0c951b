"""Which module goes from images to class scores, found by listening to one batch.

A training step of Lightning may call the whole network, or a part of it. The outermost module that takes the images and gives (N, K)
scores, which no layer takes further, is the classifier. Knows nothing about any library or about what is seen later.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from striate.observe.autocast_state import AutocastState
from striate.observe.looks import called_with
from striate.observe.outputs_of import logits_of

__all__ = ["Call", "Scout"]

DEEPEST = 3
"""Levels of modules below the network that are listened to: a classifier in a container in a container."""


@dataclass
class Call:
    """One call of a module in a training step."""

    module: nn.Module
    depth: int
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    output: Any = None
    over: bool = False
    taken_further: bool = False
    """Another layer was given the output: those were features."""
    autocast: AutocastState = field(default_factory=AutocastState)

    @property
    def scores(self) -> torch.Tensor | None:
        """(N, K) with a gradient, else None."""
        found = logits_of(self.output) if self.over else None
        if found is None or found.ndim != 2 or found.shape[1] < 2 or not found.requires_grad:
            return None
        return found

    def again(self) -> AbstractContextManager[None]:
        """Inside, autocast is what it was in the call."""
        return self.autocast.again()


class Scout:
    """Listens to `root` and to the modules in it until it is told to stop."""

    def __init__(self, root: nn.Module) -> None:
        self._calls: list[Call] = []
        self._stack: list[Call] = []
        self._handles: list[Any] = []
        self._listen(root, DEEPEST)

    def stop(self) -> None:
        """Take every hook away, and forget what was heard."""
        for handle in self._handles:
            handle.remove()
        self._handles, self._calls, self._stack = [], [], []

    def found(self, images: torch.Tensor | None) -> Call | None:
        """The call that went from the images of the batch to class scores; None where no one call did."""
        if images is None:
            return None
        fitting = [
            c
            for c in self._calls
            if c.scores is not None and not c.taken_further and _takes(c, images, c.scores)
        ]
        return min(fitting, key=lambda c: c.depth, default=None)

    def _listen(self, module: nn.Module, levels: int) -> None:
        self._handles += [
            module.register_forward_pre_hook(self._begins, with_kwargs=True),
            module.register_forward_hook(self._ends, with_kwargs=True),
        ]
        # Within compiled code hooks would be compiled, too.
        if levels and not isinstance(getattr(module, "_orig_mod", None), nn.Module):
            for child in module.children():
                if getattr(child, "_compiled_call_impl", None) is None and not isinstance(
                    child, torch.jit.ScriptModule
                ):
                    self._listen(child, levels - 1)

    def _begins(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if torch.compiler.is_compiling():
            return
        given = {id(value) for value in (*args, *kwargs.values()) if isinstance(value, torch.Tensor)}
        if next(module.parameters(), None) is not None:
            for call in self._calls:
                scores = call.scores
                call.taken_further |= scores is not None and id(scores) in given
        self._calls.append(Call(module, len(self._stack), args, kwargs))
        self._stack.append(self._calls[-1])

    def _ends(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        if torch.compiler.is_compiling():
            return
        # A call that was left by an exception is still on the stack.
        while self._stack:
            call = self._stack.pop()
            if call.module is module:
                call.output, call.over = output, True
                images, _ = called_with(args, kwargs)
                if images is not None:
                    call.autocast = AutocastState.now(images.device)
                return


def _takes(call: Call, images: torch.Tensor, scores: torch.Tensor) -> bool:
    """Whether it was given the images: as many numbers each (flattened, normalised), or images of another size."""
    given, _ = called_with(call.args, call.kwargs)
    if given is None or not len(given) or len(given) != len(scores) or len(given) % len(images):
        return False
    resized = given.ndim == images.ndim >= 3 and given.shape[1] == images.shape[1]
    return resized or given[0].numel() == images[0].numel()
