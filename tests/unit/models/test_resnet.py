"""Residual networks: parameter counts by formula, stems, and equality with published implementations."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.models import torchvision_ops
from striate.models.resnet import ResNet, ThinResNet

# He et al. 2016, table 6 rounds these to 0.27, 0.46, 0.66, 0.85 and 1.7 million.
GOLDEN = {20: 269_722, 32: 464_154, 44: 658_586, 56: 853_018, 110: 1_727_962}


def parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def by_formula(depth: int, classes: int) -> int:
    """Weights of 6n + 1 convolutions, gain and shift of as many norms, one linear layer."""
    n = (depth - 2) // 6
    convolutions = 9 * (
        3 * 16 + 2 * n * 16**2 + 16 * 32 + (2 * n - 1) * 32**2 + 32 * 64 + (2 * n - 1) * 64**2
    )
    norms = 2 * (16 + 2 * n * (16 + 32 + 64))
    return convolutions + norms + 65 * classes


@pytest.mark.parametrize("depth", GOLDEN)
def test_thin_parameters(depth: int) -> None:
    assert parameters(ThinResNet(depth, classes=10)) == GOLDEN[depth] == by_formula(depth, 10)


@pytest.mark.parametrize("depth", [0, 2, 18, 21])
def test_depth_is_6n_plus_2(depth: int) -> None:
    with pytest.raises(ValueError, match=f"depth must be 6n \\+ 2 with n >= 1, got {depth}"):
        ThinResNet(depth, classes=10)


@pytest.mark.parametrize("side", [1, 8, 31, 32, 64])
def test_thin_takes_any_size(side: int) -> None:
    assert ThinResNet(20, classes=7, channels=1).eval()(torch.zeros(1, 1, side, side + 3)).shape == (1, 7)


@pytest.mark.parametrize(("depth", "count"), [(18, 11_173_962), (34, 21_282_122)])
def test_small_stem(depth: int, count: int) -> None:
    model = ResNet(depth, classes=10, img_size=(64, 64))
    assert model.conv1.kernel_size == (3, 3)
    assert parameters(model) == count


def test_imagenet_stem_is_torchvisions_network_to_the_bit() -> None:
    torchvision_ops.prepare()
    from torchvision.models import resnet18

    theirs = resnet18().eval()
    ours = ResNet(18, classes=1000, img_size=(65, 65)).eval()
    assert parameters(ours) == 11_689_512
    ours.load_state_dict(theirs.state_dict(), strict=True)
    x = torch.randn(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(ours(x), theirs(x))


def test_without_skip_nothing_of_the_shortcuts_is_left() -> None:
    model = ResNet(18, classes=10, skip=False)
    assert not [name for name in model.state_dict() if "downsample" in name]


@pytest.mark.parametrize("norm", ["batch", "group", "none"])
@pytest.mark.parametrize("activation", ["relu", "gelu", "silu"])
def test_every_option_trains_a_step(norm: str, activation: str) -> None:
    torch.manual_seed(0)
    model = ThinResNet(20, classes=3, norm=norm, activation=activation, dropout=0.1)
    model(torch.randn(4, 3, 8, 8)).logsumexp(1).sum().backward()
    gradients = [p.grad for p in model.parameters()]
    assert all(g is not None and g.isfinite().all() for g in gradients)
    kinds = {type(m) for m in model.modules()}
    assert {"batch": nn.BatchNorm2d, "group": nn.GroupNorm, "none": nn.Identity}[norm] in kinds
    assert {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU}[activation] in kinds


def test_a_deep_network_without_norm_builds() -> None:
    assert ThinResNet(110, classes=2, norm="none").eval()(torch.zeros(1, 3, 8, 8)).isfinite().all()
