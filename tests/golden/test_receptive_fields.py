"""Published receptive fields, tolerance 0: the table of TF-Slim networks, and torchvision's, rebuilt or as they come.

Origin: github.com/google-research/receptive_field, README and RECEPTIVE_FIELD_TABLE.md (networks of TF-Slim; receptive
field, effective stride, effective padding), and for torchvision's ResNets, whose stride is on the 3x3 convolution, the recurrence
of their documented layers. TF-Slim pads a stride of two on the right alone where the map is even; so do the networks here.
"""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.analysis.receptive_field import receptive_field
from striate.models import build

SIZE = (3, 224, 224)


class Right(nn.Module):
    """Padding of one on the right and below, as SAME does before a 3x3 of stride two on an even map."""

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x, (0, 1, 0, 1))


class Unit(nn.Module):
    """A bottleneck of resnet_v1: 1x1, 3x3 with the stride, 1x1, and a shortcut."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.path = nn.Sequential(nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 3, stride, 1), nn.Conv2d(2, 2, 1))
        self.shortcut = nn.Conv2d(2, 2, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = F.relu(self.path(x) + self.shortcut(x))
        return out


def resnet_v1(*depths: int) -> nn.Sequential:
    """The stride of a block is on its last unit; the last block has none."""
    units = [
        Unit(2 if unit == depth - 1 and block < 3 else 1)
        for block, depth in enumerate(depths)
        for unit in range(depth)
    ]
    return nn.Sequential(nn.Conv2d(3, 2, 7, 2, 3), Right(), nn.MaxPool2d(3, 2), *units)


def vgg(*blocks: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for convolutions in blocks:
        layers += [nn.Conv2d(3, 3, 3, padding=1) for _ in range(convolutions)]
        layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers)


def alexnet_v2() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 2, 11, 4), nn.MaxPool2d(3, 2), nn.Conv2d(2, 2, 5, padding=2), nn.MaxPool2d(3, 2),
        *[nn.Conv2d(2, 2, 3, padding=1) for _ in range(3)], nn.MaxPool2d(3, 2),
    )  # fmt: skip


def mobilenet_v1() -> nn.Sequential:
    layers: list[nn.Module] = []
    for stride in (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1):
        layers += [Right(), nn.Conv2d(3, 3, 3, 2)] if stride == 2 else [nn.Conv2d(3, 3, 3, padding=1)]
    return nn.Sequential(*layers)


@pytest.mark.parametrize(
    ("network", "size", "stride", "padding"),
    [
        (alexnet_v2, 195, 32, 64),
        (lambda: vgg(1, 1, 2, 2, 2), 150, 32, 59),
        (lambda: vgg(2, 2, 3, 3, 3), 212, 32, 90),
        (lambda: resnet_v1(3, 4, 6, 3), 483, 32, 239),
        (lambda: resnet_v1(3, 4, 23, 3), 1027, 32, 511),
        (lambda: resnet_v1(3, 8, 36, 3), 1507, 32, 751),
        (lambda: resnet_v1(3, 24, 36, 3), 1763, 32, 879),
        (mobilenet_v1, 315, 32, 126),
    ],
    ids=["alexnet_v2", "vgg_a", "vgg_16", "resnet_v1_50", "_101", "_152", "_200", "mobilenet_v1"],
)
def test_tf_slim(network, size: int, stride: int, padding: int) -> None:
    field = receptive_field(network(), SIZE)
    assert (field.size, field.stride, field.padding) == (
        (size, size),
        (stride, stride),
        (padding, padding),
    )


def test_tf_slim_end_points() -> None:
    sizes = lambda net, kind: [
        receptive_field(net, SIZE, name).size for name, m in net.named_modules() if isinstance(m, kind)
    ]
    assert sizes(vgg(2, 2, 3, 3, 3), nn.MaxPool2d) == [(n, n) for n in (6, 16, 44, 100, 212)]
    every = sizes(alexnet_v2(), nn.Conv2d | nn.MaxPool2d)
    assert every == [(n, n) for n in (11, 19, 51, 67, 99, 131, 163, 195)]


@pytest.mark.parametrize(
    ("name", "layer", "size", "padding"),
    [
        ("resnet18", "layer4", 435, 217),
        ("resnet34", "layer4", 899, 449),
        ("resnet50", "layer1", 35, 17),
        ("resnet50", "layer2", 91, 45),
        ("resnet50", "layer3", 267, 133),
        ("resnet50", "layer4", 427, 213),
        ("resnet101", "layer4", 971, 485),
        ("resnet152", "layer4", 1451, 725),
        ("vgg11", "features", 150, 59),
        ("vgg16", "features", 212, 90),
        ("alexnet", "features", 195, 66),
        ("inception_v3", "Mixed_7c", 1311, 618),
    ],
)
def test_torchvision(name: str, layer: str, size: int, padding: int) -> None:
    with torch.device("meta"):
        net = (
            _inception() if name == "inception_v3" else build(f"torchvision/{name}", classes=9, img_size=224)
        )
    pixels = (3, 299, 299) if name == "inception_v3" else SIZE
    field = receptive_field(net, pixels, layer)
    assert (field.size, field.padding) == ((size, size), (padding, padding))


def _inception() -> nn.Module:
    from striate.models import torchvision_ops

    torchvision_ops.prepare()
    import torchvision

    net: nn.Module = torchvision.models.inception_v3(init_weights=False)
    return net


@pytest.mark.parametrize(
    ("name", "layer", "size", "padding"),
    [("inception_v4", "features", 2071, 998), ("inception_resnet_v2", "conv2d_7b", 3039, 1482)],
)
def test_timm(name: str, layer: str, size: int, padding: int) -> None:
    from striate.models import torchvision_ops

    torchvision_ops.prepare()
    import timm

    with torch.device("meta"):
        net = timm.create_model(name)
    field = receptive_field(net, (3, 299, 299), layer)
    assert (field.size, field.padding) == ((size, size), (padding, padding))


@pytest.mark.parametrize(("depth", "size"), [(20, 81), (32, 137), (44, 193), (56, 249), (110, 501)])
def test_resnets_for_small_images(depth: int, size: int) -> None:
    net = build(f"resnet{depth}", classes=10)
    layers = [name for name, m in net.named_modules() if isinstance(m, nn.Conv2d)]
    assert receptive_field(net, (3, 32, 32), layers[-1]).size == (size, size)


def test_other_networks_for_small_images() -> None:
    """resnet18 with a 3x3 stem; Tiny-VGG of the CNN Explainer (two blocks of two 3x3 and a pool of 2x2, no padding)."""
    assert receptive_field(build("resnet18", classes=10), (3, 32, 32), "layer4").size == (109, 109)
    conv, pool = lambda: nn.Conv2d(3, 3, 3), lambda: nn.MaxPool2d(2, 2)
    tiny = nn.Sequential(conv(), conv(), pool(), conv(), conv(), pool())
    assert receptive_field(tiny, (3, 64, 64)).size == (16, 16)


def test_three_convolutions_and_a_pool_among_them() -> None:
    """3, 5, 7; with a pool of stride two after the first: 2x2 gives 3, 4, 8, 12 and 3x3 gives 3, 5, 9, 13."""
    conv = lambda: nn.Conv2d(1, 1, 3)
    plain = nn.Sequential(conv(), conv(), conv())
    assert [receptive_field(plain, (1, 32, 32), str(i)).size for i in range(3)] == [(3, 3), (5, 5), (7, 7)]
    for k, expected in ((2, [3, 4, 8, 12]), (3, [3, 5, 9, 13])):
        pooled = nn.Sequential(conv(), nn.MaxPool2d(k, 2), conv(), conv())
        sizes = [receptive_field(pooled, (1, 32, 32), str(i)).size for i in range(4)]
        assert sizes == [(n, n) for n in expected]
