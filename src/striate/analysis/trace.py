"""One walk through a network: every operator that really ran, in order, by its arguments.

The network is called once on an input without content, and each operator that reaches the dispatcher is noted: no symbolic
tracing, so Python control flow, functional calls, in-place writes, shared modules and any nesting of outputs are as they
are. Tensors are fake (they have a shape and no memory); where the network asks what stands in them, the walk is repeated
on real ones. Knows nothing about what an operator means.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from striate.analysis.aliases import Aliases
from striate.analysis.errors import InputRefused, NotYetShaped
from striate.analysis.forward import forward
from striate.analysis.operations import Call, Operation, Value, Walk
from striate.analysis.untouched import untouched

__all__ = ["walk"]


def walk(model: nn.Module, input_size: Sequence[int], *, training: bool = False) -> Walk:
    """Walk through `model` with one input of `input_size`, (C, H, W) or with any number of spatial axes.

    The network is in evaluation mode meanwhile unless `training`, and is as before afterwards. Raises NotYetShaped for lazy
    modules that have not run, and InputRefused, which names the layer, where the network does not take such an input.
    """
    _refuse_lazy(model)
    on_meta = any(p.is_meta for p in model.parameters())
    if on_meta:
        return _walk(model, input_size, training=training, fake=False)
    try:
        return _walk(model, input_size, training=training, fake=True)
    except InputRefused:
        # A fake tensor refuses what asks for its content; whether the network takes the input, a real one tells.
        return _walk(model, input_size, training=training, fake=False)


def _walk(model: nn.Module, input_size: Sequence[int], *, training: bool, fake: bool) -> Walk:
    recorder = _Recorder(model)
    reference = next((p for p in model.parameters() if p.is_floating_point()), torch.zeros(()))
    with ExitStack() as stack:
        stack.enter_context(untouched(model))
        model.train(training)
        if fake:
            stack.enter_context(_quiet())
            stack.enter_context(FakeTensorMode(allow_non_fake_inputs=True))
        image = torch.zeros(1, *input_size, dtype=reference.dtype, device=reference.device)
        given = recorder.value(image)
        stack.callback(register_module_forward_pre_hook(recorder.enter).remove)
        stack.callback(register_module_forward_hook(recorder.leave).remove)
        stack.enter_context(recorder)
        forward(model, image)
    return Walk(given, tuple(recorder.operations), tuple(recorder.calls))


@contextmanager
def _quiet() -> Iterator[None]:
    """Fake tensors log a refusal with its traceback before they raise it; here the error says it once."""
    logger = logging.getLogger("torch._subclasses.fake_tensor")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _refuse_lazy(model: nn.Module) -> None:
    for name, parameter in model.named_parameters():
        if nn.parameter.is_lazy(parameter):
            raise NotYetShaped(
                "a layer does not know its shape yet",
                where=name,
                got=type(parameter).__name__,
                expected="parameters with a shape",
                next_step="run the network once on a batch, model(images), then look at it",
            )


@dataclass
class _Frame:
    """A module that is running."""

    name: str
    module: nn.Module
    inputs: tuple[Value, ...]
    first: int


@dataclass
class _Recorder(TorchDispatchMode):
    """Notes operators as the dispatcher sees them, and which module they belong to."""

    model: nn.Module
    operations: list[Operation] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._frames: list[_Frame] = []
        self._modules = {id(module): name for name, module in self.model.named_modules()}
        self._named = {
            id(tensor): name
            for tensors in (self.model.named_parameters(), self.model.named_buffers())
            for name, tensor in tensors
        }
        self._values: dict[int, Value] = {}
        # Ids are only unique among tensors that live.
        self._alive: list[torch.Tensor] = []
        self._aliases = Aliases()
        self._count = 0

    # -- tensors -----------------------------------------------------------------------------------------------

    def value(self, tensor: torch.Tensor) -> Value:
        """What stands in the tensor now."""
        known = self._values.get(id(tensor))
        return known if known is not None else self._renew(tensor)

    def _renew(self, tensor: torch.Tensor) -> Value:
        """A value for a tensor that is new, or was written to."""
        if id(tensor) not in self._values:
            self._alive.append(tensor)
        name = self._named.get(id(tensor), "")
        new = Value(self._count, tuple(tensor.shape), tensor.element_size(), name)
        self._count += 1
        self._values[id(tensor)] = new
        return new

    def _values_of(self, structure: Any) -> tuple[Value, ...]:
        return tuple(self.value(leaf) for leaf in tree_leaves(structure) if isinstance(leaf, torch.Tensor))

    def _recorded(self, argument: Any) -> Any:
        if isinstance(argument, torch.Tensor):
            return self.value(argument)
        if isinstance(argument, list | tuple):
            return [self._recorded(item) for item in argument]
        return argument

    # -- operators ---------------------------------------------------------------------------------------------

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        if func.namespace == "prim":  # questions about a tensor, which Python asks of fake ones
            return out
        bound = _bound(func, args, kwargs or {})
        recorded = {name: self._recorded(value) for name, value in bound.items()}
        results = [leaf for leaf in tree_leaves(out) if isinstance(leaf, torch.Tensor)]
        values = tuple(self._renew(tensor) for tensor in results)
        written = list(_written(func, bound))
        module = self._frames[-1].name if self._frames else ""
        self.operations.append(
            Operation(_name(func), recorded, values, module, allocates=not (_is_view(func) or written))
        )
        if _is_view(func):
            self._aliases.view(_name(func), bound, results)
        for tensor in written:
            if all(tensor is not result for result in results):
                self._renew(tensor)
            self._update_aliases(tensor)
        return out

    def _update_aliases(self, tensor: torch.Tensor) -> None:
        """Note what the write to `tensor` did to every other tensor on the same memory, as operators of their own."""
        for step in self._aliases.after_write(tensor):
            recorded = {name: self._recorded(value) for name, value in step.arguments.items()}
            value = self._renew(step.tensor)
            module = self._frames[-1].name if self._frames else ""
            self.operations.append(Operation(step.op, recorded, (value,), module, allocates=False))

    # -- modules -----------------------------------------------------------------------------------------------

    def enter(self, module: nn.Module, args: Any) -> None:
        """Hook before a module's forward."""
        name = self._modules.get(id(module), type(module).__name__)
        self._frames.append(_Frame(name, module, self._values_of(args), len(self.operations)))

    def leave(self, module: nn.Module, args: Any, output: Any) -> None:
        """Hook after it."""
        frame = self._frames.pop()
        outputs = self._values_of(output)
        self.calls.append(Call(frame.name, module, frame.inputs, outputs, frame.first, len(self.operations)))


def _bound(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by the names of the operator's schema, defaults filled in."""
    bound = {}
    for i, argument in enumerate(func._schema.arguments):
        bound[argument.name] = args[i] if i < len(args) else kwargs.get(argument.name, argument.default_value)
    return bound


def _name(func: Any) -> str:
    """``aten.add`` for ``aten::add.Tensor``: overloads of a name mean the same."""
    return func._schema.name.replace("::", ".")


def _is_view(func: Any) -> bool:
    """Whether the results lie on the memory of an argument; one such operator does not say so in its schema."""
    aliased = any(r.alias_info is not None and not r.alias_info.is_write for r in func._schema.returns)
    return aliased or _name(func) == "aten._unsafe_view"


def _written(func: Any, bound: Mapping[str, Any]) -> Iterator[torch.Tensor]:
    """Tensors among the arguments that the operator writes to."""
    for argument in func._schema.arguments:
        if argument.alias_info is not None and argument.alias_info.is_write:
            yield from (t for t in tree_leaves(bound[argument.name]) if isinstance(t, torch.Tensor))
