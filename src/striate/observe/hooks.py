"""Where a loop can be listened to: the network, its gradient, the optimiser.

`listen` adds hooks and gives the function that takes every one away again. Knows nothing about what is heard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import nn

__all__ = ["Listener", "hear_gradient", "listen", "unwrapped"]


class Listener(Protocol):
    """Who is told."""

    def forward_done(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any, copy: nn.Module | None = None
    ) -> None:
        """The whole network was called, or a `copy` of it, such as a moving average of its weights."""

    def step_begins(self, optimizer: torch.optim.Optimizer) -> None:
        """Gradients are there, weights are as before."""

    def step_ended(self, optimizer: torch.optim.Optimizer) -> None:
        """Weights were changed."""


class _Ear:
    """The hook on a network, which copies of the network share; one that is saved whole leaves it behind."""

    def __init__(self, model: nn.Module | None, listener: Listener | None) -> None:
        self._model, self._listener = model, listener

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        if torch.compiler.is_compiling() or torch.jit._trace.is_tracing():
            return
        if self._listener is not None and module is self._model:
            self._listener.forward_done(args, kwargs, output)
        elif self._listener is not None:
            self._listener.forward_done(args, kwargs, output, module)

    def __deepcopy__(self, _: Any) -> _Ear:
        return self

    def fall_deaf(self) -> None:
        """Copies keep their hook; it no longer tells anybody, nor keeps them alive."""
        self._model = self._listener = None

    def __reduce__(self) -> tuple[type[_Ear], tuple[None, None]]:
        return _Ear, (None, None)


def unwrapped(model: nn.Module) -> nn.Module:
    """The network itself: what torch.compile, DistributedDataParallel or DataParallel wrap."""
    while True:
        inner = getattr(model, "_orig_mod", None)
        if inner is None and type(model).__name__ in ("DistributedDataParallel", "DataParallel"):
            inner = model.module
        if not isinstance(inner, nn.Module):
            return model
        model = inner


def listen(
    model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], listener: Listener
) -> Callable[[], None]:
    """Hook on to `model` as the loop calls it (compiled, wrapped or plain) and to the optimisers; returns what undoes it.

    A hook on a compiled object runs outside the compiled code. One on a module that is compiled later is passed over while it is traced, so
    that compiling with ``fullgraph`` goes on to work; then the compiled object is what should be attached to.
    """
    restore = _in_place_compiled(model, listener)
    ear = _Ear(model, listener)
    handles: list[Any] = [] if restore else [model.register_forward_hook(ear, with_kwargs=True)]

    def begins(optimizer: torch.optim.Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        closure = kwargs.get("closure", args[1] if len(args) > 1 else None)
        if closure is None:
            return listener.step_begins(optimizer)
        # The step itself calls the network: only when it has done so are the gradients there.
        told = _followed_by(closure, lambda: listener.step_begins(optimizer))
        return (
            ((*args[:1], told, *args[2:]), kwargs) if len(args) > 1 else (args, {**kwargs, "closure": told})
        )

    def ended(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        listener.step_ended(optimizer)

    for optimizer in optimizers:
        handles += [optimizer.register_step_pre_hook(begins), optimizer.register_step_post_hook(ended)]

    def remove() -> None:
        ear.fall_deaf()
        for handle in handles:
            handle.remove()
        if restore:
            restore()

    return remove


def hear_gradient(scores: torch.Tensor, tell: Callable[[torch.Tensor], None]) -> None:
    """Have `tell` called with dL/dz when a backward pass reaches the scores z (N, K).

    Mixed precision may cast what a network returns after the loss has been taken of it. A gradient then reaches what was cast only.
    """
    heard = False

    def arrived(gradient: torch.Tensor) -> None:
        nonlocal heard
        heard = True
        tell(gradient)

    def arrived_before(gradients: tuple[torch.Tensor | None, ...]) -> None:
        if not heard and gradients[0] is not None:
            tell(gradients[0])

    scores.register_hook(arrived)
    cast = scores.grad_fn
    if cast is not None and "ToCopy" in cast.name():
        before = cast.next_functions[0][0]
        if before is not None:
            before.register_prehook(arrived_before)


def _followed_by(closure: Callable[[], Any], tell: Callable[[], None]) -> Callable[[], Any]:
    """The closure of a step, and after its first call `tell`: a line search calls it several times."""
    told = False

    def called() -> Any:
        nonlocal told
        result = closure()
        if not told:
            told = True
            tell()
        return result

    return called


def _in_place_compiled(model: nn.Module, listener: Listener) -> Callable[[], None] | None:
    """`module.compile()` puts all hooks inside the compiled code; there the compiled call itself is wrapped. None for others."""
    compiled = getattr(model, "_compiled_call_impl", None)
    if compiled is None:
        return None

    def called(*args: Any, **kwargs: Any) -> Any:
        output = compiled(*args, **kwargs)
        listener.forward_done(args, kwargs, output)
        return output

    model._compiled_call_impl = called

    def restore() -> None:
        model._compiled_call_impl = compiled

    return restore
