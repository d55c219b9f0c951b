"""Weights from a file into a network: strict, never unpickling anything but tensors.

Knows nothing about runs or where files come from.
"""

from __future__ import annotations

import pickle  # noqa: S403 - for the name of an exception
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from striate.models.errors import WeightsDoNotFit, WeightsUnreadable

__all__ = ["load_weights", "read_state"]

_PICKLED = (".pt", ".pth", ".th")
_SHOWN = 4
"""Keys named of each kind in an error: enough to see the pattern, few enough for one screen."""


def load_weights(model: nn.Module, path: str | Path, *, new_head: bool = False) -> tuple[str, ...]:
    """Fill `model` with the tensors of `path`; every one of them has to fit.

    .safetensors, or .pt, .pth, .th that hold tensors only. A wrapping `state_dict` entry and the prefix `module.` (of
    data-parallel training) are taken off; values are converted to the model's precision, so half-precision
    files are widened. With `new_head` the last linear layer (or last convolution, where there is none behind it) stays as
    initialised if it has another shape: another number of classes.

    Returns the names left as initialised: none without `new_head`. Raises WeightsUnreadable or WeightsDoNotFit; the
    model is then as before.
    """
    path = Path(path)
    state, wanted = read_state(path), model.state_dict()
    other_shape = [n for n in wanted if n in state and state[n].shape != wanted[n].shape]
    kept = [n for n in other_shape if new_head and n.rpartition(".")[0] == _head(model)]
    state = {name: value for name, value in state.items() if name not in kept}
    missing = [n for n in wanted if n not in state and n not in kept and not _is_counter(n)]
    unexpected = [n for n in state if n not in wanted]
    other_shape = [n for n in other_shape if n not in kept]
    if missing or unexpected or other_shape:
        shapes = [f"{n} {_shape(state[n])}, here {_shape(wanted[n])}" for n in other_shape]
        raise _misfit(path, missing, unexpected, shapes, only_head=_only_head(model, missing, unexpected, other_shape))
    model.load_state_dict({**wanted, **state}, strict=True)
    return tuple(kept)


def _is_counter(name: str) -> bool:
    """Batch norm's count of batches: files from before torch 0.4.1 lack it, and the default momentum never reads it."""
    return name.endswith(".num_batches_tracked")


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a weights file by name, on the CPU, without wrapper and prefix."""
    state: Any = _read(path)
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not isinstance(state, dict) or not state or not all(isinstance(v, Tensor) for v in state.values()):
        raise WeightsUnreadable(
            "the file holds no table of tensors",
            where=path,
            got=type(state).__name__,
            expected="names and tensors, bare or under 'state_dict'",
        )
    if all(name.startswith("module.") for name in state):
        state = {name.removeprefix("module."): value for name, value in state.items()}
    return state


def _read(path: Path) -> Any:
    if not path.is_file():
        raise WeightsUnreadable(
            "no such file of weights", where=path, expected="a .safetensors, .pt, .pth or .th file"
        )
    suffix = path.suffix.lower()
    try:
        if suffix == ".safetensors":
            return load_file(path)
        if suffix in _PICKLED:
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsUnreadable(
            "the file is no plain table of tensors, and what else it holds could run any program",
            where=path,
            expected="tensors only",
            next_step="where you trust it, save its state_dict once as .safetensors",
        ) from error
    except (SafetensorError, OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise WeightsUnreadable(
            "the file of weights is damaged",
            where=path,
            got=str(error).splitlines()[0] if str(error) else type(error).__name__,
            next_step="fetch it again",
        ) from error
    raise WeightsUnreadable(
        "not a format of weights that striate reads",
        where=path,
        got=suffix or "no suffix",
        expected=".safetensors, .pt, .pth or .th",
    )


def _head(model: nn.Module) -> str:
    """The name of the last linear or convolutional layer."""
    return [name for name, module in model.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)][-1]


def _only_head(model: nn.Module, missing: list[str], unexpected: list[str], other_shape: list[str]) -> bool:
    head = _head(model)
    return not missing and not unexpected and all(n.rpartition(".")[0] == head for n in other_shape)


def _shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "scalar"


def _misfit(
    path: Path, missing: list[str], unexpected: list[str], shapes: list[str], *, only_head: bool
) -> WeightsDoNotFit:
    counted = (("missing", missing), ("left over", unexpected), ("of another shape", shapes))
    lines = [f"{len(found)} {what}: {_first(found)}" for what, found in counted if found]
    return WeightsDoNotFit(
        "these weights do not fit the network",
        where=path,
        got="\n".join(lines),
        expected="every tensor of the network, and no other",
        next_step="only the head differs: the file is for another number of classes"
        if only_head
        else "build the network as it was trained: its name, channels, norm and skip options",
    )


def _first(found: list[str]) -> str:
    more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more
