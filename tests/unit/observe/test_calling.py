"""A network called beside its loop as its loop calls it."""

from __future__ import annotations

import torch
from torch import nn

from striate.observe.calling import as_called


class Named(nn.Module):
    def forward(self, *, pixel_values):
        return pixel_values + 1


def test_a_plain_argument_gets_the_name_and_nothing_stays():
    model = Named()
    with as_called(model, "pixel_values"):
        assert model(torch.zeros(1)).item() == 1
        assert model(pixel_values=torch.zeros(1)).item() == 1
    assert not model._forward_pre_hooks


def test_compiled_code_is_put_aside_meanwhile():
    model = nn.Linear(1, 1)
    model._compiled_call_impl = lambda *_: "compiled"
    with as_called(model, ""):
        assert isinstance(model(torch.zeros(1)), torch.Tensor)
    assert model(torch.zeros(1)) == "compiled"
