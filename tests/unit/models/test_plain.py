"""Plain networks are residual ones without the additions: the same tensors, another function."""

from __future__ import annotations

import torch

from striate.models.plain import PlainNet
from striate.models.resnet import ThinResNet


def test_plain_and_residual_hold_the_same_tensors() -> None:
    plain, residual = PlainNet(20, classes=10).state_dict(), ThinResNet(20, classes=10).state_dict()
    assert {n: v.shape for n, v in plain.items()} == {n: v.shape for n, v in residual.items()}


def test_equal_weights_give_other_logits() -> None:
    plain, residual = PlainNet(20, classes=10).eval(), ThinResNet(20, classes=10).eval()
    plain.load_state_dict(residual.state_dict())
    x = torch.ones(1, 3, 16, 16)
    assert not torch.allclose(plain(x), residual(x))


def test_skip_false_is_plain() -> None:
    plain, residual = PlainNet(20, classes=10).eval(), ThinResNet(20, classes=10, skip=False).eval()
    plain.load_state_dict(residual.state_dict())
    x = torch.ones(1, 3, 16, 16)
    assert torch.equal(plain(x), residual(x))
