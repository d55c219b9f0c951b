"""The part that goes from images to scores is found in whatever a step calls."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from striate.callbacks.scout import Scout
from tests.loops import K, net


class Holder(nn.Module):
    """As people write a LightningModule."""

    def __init__(self) -> None:
        super().__init__()
        self.model = net()
        self.backbone, self.head = self.model[:-1], self.model[-1]
        self.nets = nn.ModuleDict({"student": self.model})
        self.criterion = nn.CrossEntropyLoss()
        self.norm = nn.BatchNorm2d(1)

    def forward(self, x):
        return self.model(x)


STEPS = {
    "self": (lambda h, x: h(x), ""),
    "child": (lambda h, x: h.model(x), "model"),
    "in a container": (lambda h, x: h.nets["student"](x), "model"),
    "normalised": (lambda h, x: h.model(h.norm(x)), "model"),
    "twice": (lambda h, x: (h.model(x), h(x))[0], "model"),
    "views": (lambda h, x: h.model(torch.cat([x, x])).mean(0, keepdim=True).expand(len(x), K), "model"),
    "resized": (lambda h, x: h.model(F.interpolate(F.pad(x, (4, 4, 4, 4)), 8)), "model"),
    "pieces": (lambda h, x: h.head(h.backbone(x)), None),
}


@pytest.mark.parametrize("step", STEPS)
def test_what_a_step_calls(step):
    work, wanted = STEPS[step]
    holder = Holder()
    x, y = torch.randn(6, 1, 8, 8), torch.randint(K, (6,))
    scout = Scout(holder)
    holder.criterion(work(holder, x), y).backward()
    found = scout.found(x)
    assert (found and found.module) is (None if wanted is None else holder.get_submodule(wanted))
    scout.stop()
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in holder.modules())


def test_nothing_is_found_without_images_or_without_a_call():
    holder = Holder()
    scout = Scout(holder)
    assert scout.found(torch.randn(6, 1, 8, 8)) is None
    holder(torch.randn(6, 1, 8, 8))
    assert scout.found(None) is None


def test_a_call_that_an_exception_left_is_none():
    holder = Holder()
    scout = Scout(holder)
    with pytest.raises(RuntimeError):
        holder(torch.randn(6, 3, 8, 8))
    x = torch.randn(6, 1, 8, 8)
    holder.model(x)
    assert scout.found(x).module is holder.model
