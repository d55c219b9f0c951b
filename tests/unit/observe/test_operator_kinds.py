"""Operators are sorted right: what is said to be affine is, what is said not to be is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from striate.observe import operator_kinds

SETS = (operator_kinds.MOVES, operator_kinds.SUMS, operator_kinds.SCALES, operator_kinds.NONLINEAR)


def test_each_operator_has_one_kind() -> None:
    assert sum(map(len, SETS)) == len(frozenset().union(*SETS))


def test_names_are_those_of_torch() -> None:
    """All but a few that only older or other builds of torch have."""
    known = {name.split("::")[1].split(".")[0] for name in torch._C._dispatch_get_all_op_names()}
    unknown = frozenset().union(*SETS) - known
    assert unknown <= {"_reshape_alias", "unfold", "softsign", "square"}


CASES: dict[str, Callable[[Tensor], Tensor]] = {
    "roll": lambda x: torch.roll(x, 1, 3),
    "constant_pad_nd": lambda x: F.pad(x, (1, 1)),
    "pixel_shuffle": lambda x: F.pixel_shuffle(x, 2),
    "avg_pool2d": lambda x: F.avg_pool2d(x, 2),
    "upsample_bilinear2d": lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"),
    "rsub": lambda x: 3 - x,
    "relu": F.relu,
    "hardtanh": lambda x: F.hardtanh(x),
    "max_pool2d": lambda x: F.max_pool2d(x, 2),
    "amax": lambda x: x.amax(1),
    "softplus": F.softplus,
    "abs": torch.abs,
    "_softmax": lambda x: x.softmax(1),
}


@pytest.mark.parametrize("name", CASES)
def test_affine_or_not(name: str) -> None:
    drawn = torch.Generator().manual_seed(0)
    a, b = (torch.randn(2, 4, 6, 6, generator=drawn).double() for _ in range(2))
    f = CASES[name]
    residual = (f(a) + f(b) - f(a + b) - f(torch.zeros_like(a))).abs().max()
    assert (float(residual) > 1e-9) == (name in operator_kinds.NONLINEAR)
