"""A refused input is told by the layer that refused it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.analysis.errors import InputRefused, LayerUnsuited
from striate.analysis.forward import as_input, first_tensor, forward, logits_of
from tests.unit.analysis.networks import Awkward, pictures


def test_the_layer_that_refuses_is_named() -> None:
    with pytest.raises(InputRefused) as refused:
        forward(nn.Sequential(nn.Sequential(nn.Flatten(), nn.Linear(9, 2))), pictures(side=4))
    assert str(refused.value) == (
        "the network cannot take this input [input-refused]\n"
        "  where     0.1 (Linear)\n"
        "  got       3x4x4 (mat1 and mat2 shapes cannot be multiplied (3x48 and 9x2))\n"
        "  next      another size with --input, such as --input 3x224x224"
    )


def test_a_network_that_refuses_by_itself_is_named_too() -> None:
    class Picky(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise ValueError("no\nthanks")

    with pytest.raises(InputRefused, match=r"the network itself \(Picky\)\n  got       3x8x8 \(no\)"):
        forward(Picky(), pictures())


def test_the_input_takes_the_networks_precision() -> None:
    assert as_input(Awkward().bfloat16(), pictures()).dtype is torch.bfloat16
    assert as_input(nn.Flatten(), pictures()).dtype is torch.float32


def test_scores_are_the_first_tensor_of_what_comes_back() -> None:
    assert logits_of(Awkward()(pictures())).shape == (3, 4)
    assert first_tensor({"a": (None, ["x", torch.ones(2)])}) is not None
    with pytest.raises(LayerUnsuited, match="no scores of classes"):
        logits_of(pictures())
    with pytest.raises(LayerUnsuited, match="no scores of classes"):
        logits_of("text")
