"""Weights from a file into a network: strict, never unpickling anything but tensors.

Knows nothing about runs or where files come from.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from striate.models.errors import WeightsDoNotFit, WeightsUnreadable
from striate.models.head import head_name

__all__ = ["load_weights", "read_state"]

_PICKLED = (".pt", ".pth", ".th")
_DAMAGED = (
    SafetensorError,
    OSError,
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
)
"""What the two readers raise on bytes that are not what they claim to be."""
_FOREIGN = re.compile(r"GLOBAL (\S+) was not an allowed global")
"""In torch's refusal: the object that is no tensor."""
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
    kept = [n for n in other_shape if new_head and n.rpartition(".")[0] == head_name(model)]
    state = {name: value for name, value in state.items() if name not in kept}
    missing = [n for n in wanted if n not in state and n not in kept and not _is_counter(n)]
    unexpected = [n for n in state if n not in wanted]
    other_shape = [n for n in other_shape if n not in kept]
    if missing or unexpected or other_shape:
        shapes = [f"{n} {_shape(state[n])}, here {_shape(wanted[n])}" for n in other_shape]
        raise _misfit(
            path, missing, unexpected, shapes, only_head=_only_head(model, missing, unexpected, other_shape)
        )
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
            with warnings.catch_warnings():
                # Advice to whoever wrote the file; here it is read or refused.
                warnings.simplefilter("ignore")
                return torch.load(path, map_location="cpu", weights_only=True)
    except (*_DAMAGED, UnpicklingError) as error:
        raise _unreadable(path, error) from error
    raise WeightsUnreadable(
        "not a format of weights that striate reads",
        where=path,
        got=suffix or "no suffix",
        expected=".safetensors, .pt, .pth or .th",
    )


def _unreadable(path: Path, error: Exception) -> WeightsUnreadable:
    """A file that holds more than tensors is told from a damaged one: the cures differ."""
    foreign = _FOREIGN.search(str(error))
    if foreign:
        return WeightsUnreadable(
            "the file holds more than tensors, and loading such a file can run any program",
            where=path,
            got=f"{foreign[1]} among the tensors",
            expected="tensors only",
            next_step="where you trust it, save its state_dict once as .safetensors",
        )
    return WeightsUnreadable(
        "the file of weights is damaged, or no such file at all",
        where=path,
        expected=f"what its name says: {path.suffix.lower()}",
        next_step="fetch it again",
    )


def _only_head(model: nn.Module, missing: list[str], unexpected: list[str], other_shape: list[str]) -> bool:
    head = head_name(model)
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
