"""An observer leaves no trace: a snapshot of all that looking at a network might change, compared after.

Weights, buffers, gradients, train/eval modes, hooks, `requires_grad`, the optimiser's state, the random
states of Python, NumPy and torch, and torch's global switches. Knows nothing about who looks.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["leaves_no_trace", "snapshot"]


def _bytes(tensor: torch.Tensor | None) -> Any:
    """The exact content: NaN equals NaN and 0.0 differs from -0.0. None for no tensor."""
    if tensor is None:
        return None
    import torch

    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return (str(tensor.dtype), tuple(tensor.shape), flat.view(torch.uint8).numpy().tobytes())


def _plain(value: Any) -> Any:
    """Nested state with every tensor as bytes."""
    import torch

    if isinstance(value, torch.Tensor):
        return _bytes(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _random_states() -> dict[str, Any]:
    import numpy as np
    import torch

    numpy_state = np.random.get_state(legacy=False)  # noqa: NPY002 - the global generator is what is watched
    return {
        "random state of Python": random.getstate(),
        "random state of NumPy": repr(numpy_state),
        "random state of torch": _bytes(torch.get_rng_state()),
    }


def _switches() -> dict[str, Any]:
    import torch

    return {
        "switch: gradients enabled": torch.is_grad_enabled(),
        "switch: deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "switch: default dtype": torch.get_default_dtype(),
        "switch: threads": torch.get_num_threads(),
    }


def snapshot(model: nn.Module, optimizer: torch.optim.Optimizer | None = None) -> dict[str, Any]:
    """Everything by a name that a person can read."""
    seen: dict[str, Any] = _random_states() | _switches()
    for name, parameter in model.named_parameters():
        seen[f"weight {name}"] = _bytes(parameter)
        seen[f"gradient {name}"] = _bytes(parameter.grad)
        seen[f"requires_grad {name}"] = parameter.requires_grad
        seen[f"hooks {name}"] = sorted(parameter._backward_hooks or {})
    for name, buffer in model.named_buffers():
        seen[f"buffer {name}"] = _bytes(buffer)
    for name, module in model.named_modules():
        seen[f"mode {name}"] = module.training
        seen[f"hooks {name}"] = {
            table: list(hooks) for table, hooks in vars(module).items() if table.endswith("_hooks")
        }
    if optimizer is not None:
        seen["optimiser"] = _plain(optimizer.state_dict())
    return seen


@contextmanager
def leaves_no_trace(model: nn.Module, optimizer: torch.optim.Optimizer | None = None) -> Iterator[None]:
    """Fails, naming what changed, when the body changed anything about `model`, `optimizer` or the process."""
    before = snapshot(model, optimizer)
    yield
    after = snapshot(model, optimizer)
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    assert not changed, "the observer left a trace: " + ", ".join(changed)
