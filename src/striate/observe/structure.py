"""How a network is put together, off one walk: order of weights, paths, skips.

Knows nothing about the numbers in its tensors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from striate.analysis.cost import depending
from striate.analysis.operations import Operation, Value, Walk
from striate.analysis.trace import walk
from striate.observe.operator_kinds import CONVOLUTIONS, MOVES, NONLINEAR, PRODUCTS, SCALES, SUMS, is_norm
from striate.observe.shadow import shadow

__all__ = ["Structure", "Weight", "short", "structure_of", "walk_beside", "weights_by_definition"]


@dataclass(frozen=True)
class Weight:
    """The weight of a convolution or linear layer. `depth` is its place in the order of use, from 0."""

    name: str
    kind: Literal["conv", "linear"]
    depth: int
    normalised: bool = False
    """Its output goes straight into a normalisation."""

    @property
    def layer(self) -> str:
        """Name of the layer; of a bare parameter its own."""
        return self.name.removesuffix(".weight")


@dataclass(frozen=True)
class Structure:
    """What one walk tells about a network."""

    weights: tuple[Weight, ...]
    convolutions: int
    """On the longest path from the image to what the network returns."""
    shortest: int
    """On the shortest one."""
    additions: int
    """Sums of two tensors that have passed through different numbers of layers with weights."""
    norms: tuple[Operation, ...]
    nonlinear_by: tuple[str, ...]
    """Operators that are not affine and stand between two layers with weights, normalisations apart."""
    unknown: tuple[str, ...]
    """Operators there of which it is not known."""


@dataclass(frozen=True)
class _Path:
    """What lies between the image and a value."""

    longest: int = 0
    shortest: int = 0
    weighted: int = 0
    """Layers with weights on the longest path, products included."""
    since: frozenset[str] = frozenset()
    """What is not affine since a layer with weights, on any path; "?name" for what is not known."""
    fresh: str = ""
    """The weight that this value comes straight from."""


def short(op: Operation) -> str:
    """``max_pool2d`` for ``aten.max_pool2d_with_indices``; ``relu`` for ``aten.relu_``."""
    return op.op.split(".", 1)[1].rstrip("_").removesuffix("_with_indices")


def walk_beside(model: nn.Module, size: Sequence[int]) -> Walk:
    """A walk with one image of `size` (C, H, W) that may be taken at any time, even before a backward pass.

    Attention is walked through in its parts, not as the one operator that torch has for it in eval mode. Raises what `trace.walk` does.
    """
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with shadow(model):
            return walk(model, size)
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def structure_of(walked: Walk, parameters: Collection[str]) -> Structure:
    """Fold over the operators of a walk of a network whose `parameters` have these names. O(operators).

    A convolution with a kernel that is a buffer (a fixed blur) is no layer with weights.
    """
    fold = _Fold(walked, frozenset(parameters))
    for op in walked.operations:
        fold.take(op)
    ends = [fold.paths[out.number] for out in walked.outputs if out.number in fold.paths]
    between = sorted(fold.between)
    return Structure(
        weights=tuple(
            Weight(name, kind, depth, name in fold.normalised)
            for depth, (name, kind) in enumerate(fold.weights.items())
        ),
        convolutions=max((path.longest for path in ends), default=0),
        shortest=min((path.shortest for path in ends), default=0),
        additions=fold.additions,
        norms=tuple(fold.norms),
        nonlinear_by=tuple(name for name in between if not name.startswith("?")),
        unknown=tuple(name[1:] for name in between if name.startswith("?")),
    )


def weights_by_definition(model: nn.Module) -> tuple[Weight, ...]:
    """Weights of convolutions and linear layers in the order in which they were defined, for a network that cannot be walked."""
    kinds: Sequence[tuple[type[nn.Module], Literal["conv", "linear"]]] = (
        (nn.modules.conv._ConvNd, "conv"),
        (nn.Linear, "linear"),
    )
    found = [
        (f"{name}.weight" if name else "weight", kind)
        for name, module in model.named_modules()
        for cls, kind in kinds
        if isinstance(module, cls) and isinstance(module._parameters.get("weight"), nn.Parameter)
    ]
    return tuple(Weight(name, kind, depth) for depth, (name, kind) in enumerate(found))


class _Fold:
    """The state of the fold: the path to every value that depends on the image, the parameter behind every other one."""

    def __init__(self, walked: Walk, parameters: frozenset[str]) -> None:
        self.parameters = parameters
        self.image = depending(walked)
        self.paths: dict[int, _Path] = {walked.input.number: _Path()}
        self.origin: dict[int, str] = {}
        self.weights: dict[str, Literal["conv", "linear"]] = {}
        self.normalised: set[str] = set()
        self.between: set[str] = set()
        self.norms: list[Operation] = []
        self.additions = 0

    def take(self, op: Operation) -> None:
        """One operator."""
        given = [v for v in op.inputs if v.number in self.paths]
        if not given:
            self._follow_parameters(op)
            return
        name, weight = short(op), self._weight(op)
        joined = _joined([self.paths[v.number] for v in given])
        if weight:
            after = self._through(weight, joined, name)
        elif is_norm(name):
            self.norms.append(op)
            self.normalised.update(self.paths[v.number].fresh for v in given)
            after = _Path(joined.longest, joined.shortest, joined.weighted, joined.since)
        else:
            after = self._elsewhere(op, name, given, joined)
        self.paths.update({out.number: after for out in op.outputs})

    def _through(self, weight: str, joined: _Path, name: str) -> _Path:
        conv = name in CONVOLUTIONS
        self.weights.setdefault(weight, "conv" if conv else "linear")
        self.between |= joined.since
        return _Path(joined.longest + conv, joined.shortest + conv, joined.weighted + 1, frozenset(), weight)

    def _elsewhere(self, op: Operation, name: str, given: Sequence[Value], joined: _Path) -> _Path:
        """Operators without a weight of a layer."""
        if name == "add" and len(given) == 2:
            a, b = (self.paths[v.number].weighted for v in given)
            self.additions += a != b
        since = joined.since
        # Before the first weight the map of the whole image is still given, and after the last one nothing is mixed again.
        if joined.weighted and (what := self._not_affine(name, given)):
            since = since | {what}
        keeps = name in MOVES or (name in SUMS and len(given) == 1)
        fresh = joined.fresh if keeps and name != "cat" else ""
        return _Path(joined.longest, joined.shortest, joined.weighted, since, fresh)

    def _not_affine(self, name: str, given: Sequence[Value]) -> str:
        if (
            name in NONLINEAR
            or "scaled_dot_product" in name
            or "rnn" in name
            or "lstm" in name
            or "gru" in name
        ):
            return name
        if name in MOVES or name in SUMS or name in CONVOLUTIONS:
            return ""
        if name in SCALES or name in PRODUCTS:
            return name if len(given) > 1 else ""
        return f"?{name}"

    def _weight(self, op: Operation) -> str:
        """The parameter that this convolution or product multiplies the image's values with; "" for anything else."""
        name = short(op)
        if name not in (*CONVOLUTIONS, *PRODUCTS):
            return ""
        matrices = [op["weight"]] if name in CONVOLUTIONS else [v for v in op.inputs if len(v.shape) > 1]
        names = (self._named(v) or f"?{v.number}" for v in matrices if v.number not in self.image)
        # A matrix that is nobody's is taken for a weight that was never registered; a buffer is fixed.
        return next((n for n in names if n in self.parameters or n.startswith("?")), "")

    def _named(self, value: Value) -> str:
        return "" if value.number in self.image else value.name or self.origin.get(value.number, "")

    def _follow_parameters(self, op: Operation) -> None:
        """What is computed from parameters alone is named by the largest of them: a transpose, a weight with its norm taken out."""
        named = sorted(self._parameters(op), key=lambda found: -found[0])
        if named:
            self.origin.update({out.number: named[0][1] for out in op.outputs})

    def _parameters(self, op: Operation) -> Iterator[tuple[int, str]]:
        for value in op.inputs:
            if name := self._named(value):
                yield value.numel, name


def _joined(paths: Sequence[_Path]) -> _Path:
    """Where branches meet."""
    return _Path(
        max(path.longest for path in paths),
        min(path.shortest for path in paths),
        max(path.weighted for path in paths),
        frozenset().union(*(path.since for path in paths)),
        paths[0].fresh,
    )
