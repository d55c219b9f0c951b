"""A forward pass beside the training that leaves the training as it was, to the bit.

Buffers are exchanged for copies meanwhile, so the loop's own are neither read late nor written; parameters are read, or exchanged for
aliases where gradients are wanted, so that no hook of theirs runs. Modes, the random states of Python, NumPy and torch, and the cache of
autocast stay as they are. A layer that keeps a state in plain attributes is beyond this. Knows nothing about what is looked at.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from striate.analysis.errors import InputRefused
from striate.analysis.forward import as_input, forward
from striate.observe.outputs_of import logits_of

__all__ = ["Generators", "Mode", "aliased", "evenly", "is_holder", "logits", "looking", "possible", "shadow"]

Mode = Literal["as is", "norms", "eval"]
"""Modes as the loop has set them; batch norm in train mode and all else in eval mode; all in eval mode."""

_depth = 0


def looking() -> bool:
    """Whether an observer's own forward pass is running: hooks of an observer on the network have nothing to count then."""
    return _depth > 0


@dataclass(frozen=True)
class Generators:
    """The random states that a forward pass may draw from."""

    python: Any
    numpy: Any
    torch_cpu: Tensor
    devices: Mapping[torch.device, Tensor]

    @classmethod
    def of(cls, model: nn.Module) -> Generators:
        """Now, for the devices that the network is on."""
        devices = {p.device for p in model.parameters() if p.device.type not in ("cpu", "meta")}
        return cls(
            random.getstate(),
            np.random.get_state(),  # noqa: NPY002 - the generator that forward may use is the global one
            torch.get_rng_state(),
            {device: _module(device).get_rng_state(*_place(device)) for device in devices},
        )

    def restore(self) -> None:
        """Make them what they were."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)  # noqa: NPY002
        torch.set_rng_state(self.torch_cpu)
        for device, state in self.devices.items():
            _module(device).set_rng_state(state, *_place(device))


def is_holder(model: nn.Module) -> bool:
    """Whether it holds weights and nothing more: it cannot be called."""
    return type(model).forward is nn.Module.forward and "forward" not in vars(model)


def possible(model: nn.Module) -> bool:
    """Whether a pass beside the training can be made at all.

    Not on a mere holder of weights, nor while a layer has no shape yet, nor on compiled TorchScript, whose buffers cannot be
    exchanged, nor on layers of Keras, nor where batch norm waits for the other processes.
    """
    if is_holder(model) or any(
        nn.parameter.is_lazy(tensor) for tensor in (*model.parameters(), *model.buffers())
    ):
        return False
    together = torch.distributed.is_available() and torch.distributed.is_initialized()
    refused: tuple[type[nn.Module], ...] = (torch.jit.ScriptModule,)
    if together and torch.distributed.get_world_size() > 1:
        refused = (*refused, nn.SyncBatchNorm)
    return not any(isinstance(module, refused) or _is_of_keras(module) for module in model.modules())


def _is_of_keras(module: nn.Module) -> bool:
    """Layers of Keras reach their state past the tables in which it could be exchanged."""
    return any(base.__module__.split(".")[0] == "keras" for base in type(module).__mro__)


@contextmanager
def shadow(
    model: nn.Module, mode: Mode = "as is", *, gradients: bool = False, start: Generators | None = None
) -> Iterator[None]:
    """Inside: a forward pass of `model` leaves no trace. Random numbers go on from `start`, by default from where they are."""
    global _depth
    now = Generators.of(model)
    modes = [(module, module.training) for module in model.modules()]
    with ExitStack() as stack:
        stack.callback(now.restore)
        stack.callback(_restore_modes, modes)
        stack.enter_context(_buffers_copied(model))
        stack.enter_context(torch.set_grad_enabled(gradients))
        _enter_autocast(stack, model)
        if mode != "as is":
            for module, _ in modes:
                module.training = mode == "norms" and isinstance(module, nn.modules.batchnorm._BatchNorm)
        if start is not None:
            start.restore()
        _depth += 1
        try:
            yield
        finally:
            _depth -= 1


@contextmanager
def aliased(model: nn.Module, wanted: Mapping[str, nn.Parameter]) -> Iterator[dict[str, Tensor]]:
    """Inside: parameters are aliases of the same memory without hooks and gradients; those `wanted` require a gradient, and are handed out."""
    names = {id(parameter): name for name, parameter in wanted.items()}
    aliases: dict[int, Tensor] = {}
    for parameter in model.parameters():
        alias = parameter.detach()
        aliases[id(parameter)] = alias.requires_grad_() if id(parameter) in names else alias
    with _exchanged(model, "_parameters", aliases):
        yield {name: aliases[key] for key, name in names.items() if key in aliases}


def logits(model: nn.Module, images: Tensor) -> Tensor | None:
    """What the network says of `images`; None where it does not take them, or says nothing of classes. To be called inside `shadow`."""
    try:
        return logits_of(forward(model, as_input(model, images)))
    except InputRefused:
        return None


def evenly(most: int, *tensors: Tensor | None) -> tuple[Tensor | None, ...]:
    """At most `most` rows of each, the same ones, evenly spaced: a batch may be sorted."""
    first = next((tensor for tensor in tensors if tensor is not None), None)
    if first is None or len(first) <= most:
        return tensors
    rows = torch.arange(most) * len(first) // most
    return tuple(None if tensor is None else tensor[rows.to(tensor.device)] for tensor in tensors)


def _enter_autocast(stack: ExitStack, model: nn.Module) -> None:
    """The autocast that is active, but without its cache: weights that it has cast without gradients would be used by the loop."""
    for kind in {"cpu", *(p.device.type for p in model.parameters() if p.device.type != "meta")}:
        if torch.is_autocast_enabled(kind):
            dtype = torch.get_autocast_dtype(kind)
            stack.enter_context(torch.autocast(kind, dtype=dtype, cache_enabled=False))


@contextmanager
def _buffers_copied(model: nn.Module) -> Iterator[None]:
    copies = {id(buffer): buffer.detach().clone() for buffer in model.buffers()}
    with _exchanged(model, "_buffers", copies):
        yield


@contextmanager
def _exchanged(model: nn.Module, table: str, others: Mapping[int, Tensor]) -> Iterator[None]:
    """Inside: every module's table ``_parameters`` or ``_buffers`` holds the other tensor of the same id."""
    before = [(getattr(module, table), dict(getattr(module, table))) for module in model.modules()]
    for entries, tensors in before:
        for name, tensor in tensors.items():
            if tensor is not None:
                entries[name] = others[id(tensor)]
    try:
        yield
    finally:
        for entries, tensors in before:
            entries.clear()
            entries.update(tensors)


def _restore_modes(modes: list[tuple[nn.Module, bool]]) -> None:
    for module, training in modes:
        module.training = training


def _module(device: torch.device) -> Any:
    return torch.get_device_module(device)


def _place(device: torch.device) -> tuple[torch.device, ...]:
    """Apple's generator is the only one of its kind and takes no device."""
    return () if device.type == "mps" else (device,)
