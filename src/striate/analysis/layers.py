"""What each layer of a network puts out, holds, costs and sees, read off one walk.

A layer is a module without children, or one that holds parameters of its own beside its children; operators that a
larger module calls by itself (an addition, a functional pool) are layers too where they are asked for. Knows nothing about
what the layers are for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from striate.analysis.cost import activation_bytes, depending, multiply_adds
from striate.analysis.operations import Call, Operation, Value, Walk
from striate.analysis.receptive_field import Fields, described
from striate.analysis.trace import walk
from striate.core.layer_records import LayerFact

__all__ = ["layer_facts", "layers_of"]

# Operators outside of modules that are worth a line: they combine, shrink or enlarge maps.
_WORTH_A_LINE = (
    "cat",
    "stack",
    "max_pool",
    "avg_pool",
    "mean",
    "amax",
    "upsample",
    "pixel_shuffle",
    "pixel_unshuffle",
)
_COMBINES = ("add", "mul", "sub", "div", "maximum")


def layer_facts(model: nn.Module, input_size: Sequence[int]) -> tuple[LayerFact, ...]:
    """The modules that run on an image of `input_size` (C, H, W), in the order in which they finish, without their fields.

    Identities are left out. A layer that runs twice is listed twice; parameters are counted where they are first met, so
    the counts never add up to more than `cost.parameter_count` (to less where a module did not run as a module). Raises
    InputRefused, which names the layer that did not take its input.

    >>> [fact.output_shape for fact in layer_facts(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 32, 32))]
    [(8, 30, 30), (8, 30, 30)]
    """
    return layers_of(walk(model, input_size), None, operators=False)


def layers_of(walked: Walk, fields: Fields | None, *, operators: bool = True) -> tuple[LayerFact, ...]:
    """The layers of a walk; with `fields` also what they see, with `operators` also those outside of modules."""
    image = depending(walked)
    calls = [call for call in walked.calls if _is_layer(call.module)]
    found = []
    covered: set[int] = set()
    for call in calls:
        own = [i for i in range(call.first, call.last) if _owns(call, walked.operations[i])]
        covered.update(own)
        ran = [walked.operations[i] for i in own]
        found.append((call.last, 0, _Row(walked, fields, image, ran, call.inputs, call.outputs, call)))
    for i, op in enumerate(walked.operations if operators else ()):
        if i not in covered and _worth_a_line(op, image):
            given = tuple(value for value in op.inputs if value.number in image)
            found.append((i, 1, _Row(walked, fields, image, [op], given, op.outputs, None)))
    counted: set[nn.Parameter] = set()
    return tuple(row.fact(counted) for *_, row in sorted(found, key=lambda item: item[:2]))


@dataclass(frozen=True)
class _Row:
    """One line: a run of a module, or (`call` is None) an operator outside of one."""

    walked: Walk
    fields: Fields | None
    image: frozenset[int]
    operations: Sequence[Operation]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    call: Call | None

    def fact(self, counted: set[nn.Parameter]) -> LayerFact:
        """The record; parameters in `counted` were met before."""
        call, output = self.call, self.outputs[0] if self.outputs else None
        own: list[nn.Parameter] = []
        if call is not None:
            own = [p for p in call.module.parameters(recurse=_is_leaf(call.module)) if p not in counted]
            counted.update(own)
        cost = sum(map(multiply_adds, self.operations))
        return LayerFact(
            name=call.name if call is not None else self.operations[0].module,
            kind=type(call.module).__name__ if call is not None else _short(self.operations[0]),
            output_shape=output.shape[1:] if output is not None else (),
            parameters=sum(p.numel() for p in own),
            multiply_adds=cost,
            activation_bytes=activation_bytes(self.operations, self.image),
            dense_parameters=_dense(self.inputs, output) if cost and output is not None else 0,
            field=self._field(output),
            input_field=self._input_field(),
            **_window(self.operations),
        )

    def _field(self, output: Value | None) -> Any:
        if self.fields is None or output is None:
            return None
        return described(self.fields, output, self.walked.input.shape[1:])

    def _input_field(self) -> tuple[int, ...]:
        """Size of what the input of this layer sees; () where it has no one size."""
        if self.fields is None or not self.inputs:
            return ()
        return described(self.fields, self.inputs[0], self.walked.input.shape[1:]).size or ()


def _dense(inputs: Sequence[Value], output: Value) -> int:
    return (inputs[0].numel + 1) * output.numel if inputs else 0


def _window(operations: Sequence[Operation]) -> dict[str, Any]:
    """Kernel, stride, padding, dilation and groups of the first operator that has a window."""
    for op in operations:
        if op.op in ("aten.convolution", "aten._convolution"):
            names = ("stride", "padding", "dilation")
            kernel = op["weight"].shape[2:]
            return {"kernel": kernel, "groups": op["groups"], **{n: _axes(op[n], len(kernel)) for n in names}}
        if "pool" in op.op and "kernel_size" in op.arguments:
            axes = int(op.op[op.op.index("pool") + 4])
            kernel = _axes(op["kernel_size"], axes)
            stride = _axes(op["stride"], axes) if op["stride"] else kernel
            dilation = _axes(op.arguments.get("dilation", 1), axes)
            return {
                "kernel": kernel,
                "stride": stride,
                "padding": _axes(op["padding"], axes),
                "dilation": dilation,
            }
    return {}


def _axes(value: Any, axes: int) -> tuple[int, ...]:
    values = (value,) if isinstance(value, int) else tuple(value)
    return values * axes if len(values) == 1 else values


def _worth_a_line(op: Operation, image: frozenset[int]) -> bool:
    short = _short(op)
    if not any(out.number in image for out in op.outputs):
        return False
    if short in _COMBINES:
        return sum(value.number in image for value in op.inputs) > 1
    return multiply_adds(op) > 0 or short.startswith(_WORTH_A_LINE)


def _short(op: Operation) -> str:
    return op.op.split(".", 1)[1].strip("_").removesuffix("_with_indices")


def _owns(call: Call, op: Operation) -> bool:
    """Whether the operator is the module's own, and not that of a child that is a layer itself."""
    return op.module == call.name or _is_leaf(call.module)


def _is_leaf(module: nn.Module) -> bool:
    return next(module.children(), None) is None


def _is_layer(module: nn.Module) -> bool:
    if isinstance(module, nn.Identity):
        return False
    return _is_leaf(module) or next(module.parameters(recurse=False), None) is not None
