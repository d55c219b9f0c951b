"""What named layers put out on a batch, in the order in which they ran.

Knows nothing about what is done with it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from torch import Tensor, nn

from striate.analysis.errors import LayerUnsuited, UnknownLayer
from striate.analysis.forward import as_input, first_tensor, forward
from striate.analysis.untouched import untouched
from striate.core.errors import nearest

__all__ = ["Captured", "capture", "captured", "has_map", "image_map", "layer_named", "only_tensor"]


class Captured(NamedTuple):
    """One run of one module. `output` is what the module returned: a tensor, or a tuple or dict of them."""

    name: str
    output: Any


@contextmanager
def captured(model: nn.Module, names: Iterable[str]) -> Iterator[list[Captured]]:
    """Inside: the list that fills as the named modules run; a module that runs twice is in it twice.

    What goes on to the next layer is a copy of what the list holds, so that a layer that works in place (``ReLU(inplace=
    True)``) does not change what the one before it put out, and the gradient by an output is to be had. Hooks are taken
    off afterwards; modes and gradients are the caller's business (see `untouched`). Raises UnknownLayer.
    """
    modules = {name: layer_named(model, name) for name in names}
    seen: list[Captured] = []

    def watch(name: str) -> Callable[[nn.Module, Any, Any], Any]:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> Any:
            seen.append(Captured(name, output))
            return _copied(output)

        return hook

    with ExitStack() as stack:
        for name, module in modules.items():
            stack.callback(module.register_forward_hook(watch(name)).remove)
        yield seen


def capture(model: nn.Module, images: Tensor, names: Iterable[str] | None = None) -> list[Captured]:
    """Outputs of the named modules on `images` (N, C, H, W), in the order in which they ran; of all modules by default.

    In evaluation mode and without gradients; the model is as before afterwards. Raises UnknownLayer, and InputRefused
    where the network cannot take the images.

    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
    >>> [(name, tuple(out.shape)) for name, out in capture(net, torch.zeros(1, 3, 8, 8), ["1", "0"])]
    [('0', (1, 8, 6, 6)), ('1', (1, 8, 6, 6))]
    """
    wanted = [name for name, _ in model.named_modules() if name] if names is None else list(names)
    with untouched(model), captured(model, wanted) as seen:
        forward(model, as_input(model, images))
    return seen


def layer_named(model: nn.Module, name: str) -> nn.Module:
    """The module called `name`; ``""`` is the model itself. Raises UnknownLayer with the nearest names."""
    modules = dict(model.named_modules(remove_duplicate=False))
    if name in modules:
        return modules[name]
    close = nearest(name, [n for n in modules if n])
    raise UnknownLayer(
        "no layer of this name",
        got=name,
        expected=None if close else _some([n for n in modules if n]),
        next_step=f"did you mean {' or '.join(close)}?" if close else None,
    )


def only_tensor(found: Captured) -> Tensor:
    """The output, or the first tensor in it where there are several. Raises LayerUnsuited where there is none."""
    tensor = first_tensor(found.output)
    if tensor is None:
        raise LayerUnsuited("the layer puts out no tensor", where=found.name, got=type(found.output).__name__)
    return tensor


def image_map(seen: list[Captured], name: str, image: tuple[int, ...]) -> Tensor:
    """(N, C, H, W) that the layer put out the last time it ran for an `image` of (..., H, W). Raises LayerUnsuited for anything else."""
    runs = [found for found in seen if found.name == name]
    if not runs:
        raise LayerUnsuited(
            "this layer does not run for this input",
            where=name,
            next_step="choose a layer that runs; `striate inspect` lists them",
        )
    tensor = only_tensor(runs[-1])
    if tensor.dim() != 4:
        raise LayerUnsuited(
            "the layer puts out no map of the image",
            where=name,
            got="x".join(["N", *map(str, tensor.shape[1:])]),
            expected="N x channels x height x width",
            next_step="choose a convolution or a block before the map is pooled or flattened",
        )
    if _channels_last(tensor.shape, image):
        raise LayerUnsuited(
            "the layer puts its channels last",
            where=name,
            got="x".join(["N", *map(str, tensor.shape[1:])]) + f" for an image of {image[-2]}x{image[-1]}",
            expected="N x channels x height x width",
            next_step="choose a convolution, or a layer behind which the axes are changed",
        )
    return tensor


def has_map(found: Captured, image: tuple[int, ...]) -> bool:
    """Whether this run put out a map of the `image` (..., H, W) with more than one place: (N, C, H, W)."""
    tensor = first_tensor(found.output)
    if tensor is None or tensor.dim() != 4 or _channels_last(tensor.shape, image):
        return False
    return min(tensor.shape[2:]) > 1


def _channels_last(shape: tuple[int, ...], image: tuple[int, ...]) -> bool:
    """Whether the second and third axis have the image's proportions, and the third and fourth are far from them.

    A fifth of tolerance: padding changes small maps by a unit or two. Far is a half, which no padding does.
    """
    _, a, b, c = shape
    proportion = image[-2] / image[-1]
    off = lambda height, width: abs(math.log(height / width / proportion))
    return off(a, b) < math.log(1.2) and off(b, c) > math.log(1.5)


def _copied(value: Any) -> Any:
    """The same structure with every tensor in it copied (within the graph); what is not known is handed on."""
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_copied(part) for part in value))
    if isinstance(value, tuple | list):
        return type(value)(_copied(part) for part in value)
    if isinstance(value, dict):
        same = copy.copy(value)
        for key in value:
            same[key] = _copied(value[key])
        return same
    return value


def _some(names: list[str]) -> str:
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
