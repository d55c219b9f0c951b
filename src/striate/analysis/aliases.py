"""Which tensors lie on the same memory, and what a write to one of them did to the others.

A view is linked to the tensor it was taken from. After a write the change is carried up the links (a slice is put back into
what it was cut from) and down again to every other view, each time as an operator on values, so that whoever reads the list
of operators never meets shared memory. Knows nothing about modules or what is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch

__all__ = ["WRITTEN_THROUGH", "Aliases", "Step"]

WRITTEN_THROUGH = "striate.written_through"
"""Stands for a write through a view that cannot be said as one operator."""

# The elements are those of the base in the same order.
_SAME_ORDER = {
    "view",
    "_unsafe_view",
    "_reshape_alias",
    "alias",
    "detach",
    "unsqueeze",
    "squeeze",
    "lift_fresh",
}


@dataclass(frozen=True)
class Step:
    """An operator that stands for what a write did: `tensor` now holds `op` of `arguments` (which hold tensors)."""

    op: str
    arguments: dict[str, Any]
    tensor: torch.Tensor


@dataclass(frozen=True)
class _Link:
    """`tensor` is the view `op` of ``arguments["self"]``."""

    op: str
    arguments: dict[str, Any]
    tensor: torch.Tensor

    @property
    def base(self) -> torch.Tensor:
        base: torch.Tensor = self.arguments["self"]
        return base

    def put_back(self) -> Step:
        """The base after its view was written to."""
        short, src = self.op.removeprefix("aten."), self.tensor
        if short in ("slice", "select"):
            return Step(f"aten.{short}_scatter", {**self.arguments, "src": src}, self.base)
        if short in _SAME_ORDER:
            return Step("aten.view", {"self": src, "size": list(self.base.shape)}, self.base)
        order = _order(short, self.arguments, self.base.ndim)
        if order is not None:
            inverse = [order.index(d) for d in range(len(order))]
            return Step("aten.permute", {"self": src, "dims": inverse}, self.base)
        return Step(WRITTEN_THROUGH, {"self": self.base, "src": src}, self.base)


class Aliases:
    """The links among the tensors of one walk."""

    def __init__(self) -> None:
        self._up: dict[int, _Link] = {}
        self._down: dict[int, list[_Link]] = {}

    def view(self, op: str, arguments: dict[str, Any], results: list[torch.Tensor]) -> None:
        """Note that `results` are views of ``arguments["self"]``; one of many becomes the slice that it is."""
        if not isinstance(arguments.get("self"), torch.Tensor):
            return
        for link in _links(op, arguments, results):
            if link.tensor is not link.base:
                self._up[id(link.tensor)] = link
                self._down.setdefault(id(link.base), []).append(link)

    def after_write(self, tensor: torch.Tensor) -> Iterator[Step]:
        """What happened to every other tensor on the memory of `tensor`, bases first, then views in their order."""
        seen = {id(tensor)}
        chain = [tensor]
        while (link := self._up.get(id(chain[-1]))) is not None:
            yield link.put_back()
            chain.append(link.base)
            seen.add(id(link.base))
        pending = chain[::-1]
        while pending:
            for link in self._down.get(id(pending.pop(0)), []):
                if id(link.tensor) not in seen:
                    seen.add(id(link.tensor))
                    pending.append(link.tensor)
                    yield Step(link.op, link.arguments, link.tensor)


def _links(op: str, arguments: dict[str, Any], results: list[torch.Tensor]) -> Iterator[_Link]:
    base, short = arguments["self"], op.removeprefix("aten.")
    if short == "unbind":
        for index, result in enumerate(results):
            yield _Link("aten.select", {"self": base, "dim": arguments["dim"], "index": index}, result)
    elif short in ("split", "split_with_sizes"):
        dim = arguments["dim"]
        ends = list(accumulate(result.shape[dim] for result in results))
        for start, end, result in zip([0, *ends], ends, results, strict=False):
            piece = {"self": base, "dim": dim, "start": start, "end": end, "step": 1}
            yield _Link("aten.slice", piece, result)
    else:
        yield from (_Link(op, arguments, result) for result in results)


def _order(short: str, arguments: dict[str, Any], rank: int) -> list[int] | None:
    """Axis d of the view is axis ``order[d]`` of the base, for the views that only permute axes."""
    order = list(range(rank))
    if short == "permute":
        return [d % rank for d in arguments["dims"]]
    if short == "t":
        return order[::-1]
    if short == "transpose":
        a, b = arguments["dim0"] % rank, arguments["dim1"] % rank
        order[a], order[b] = order[b], order[a]
        return order
    return None
