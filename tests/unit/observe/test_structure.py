"""Order of weights, paths, skips and non-linearities of networks whose answer is known."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.analysis.trace import walk
from striate.models.catalogue import build
from striate.observe.structure import Structure, structure_of, weights_by_definition


def of(model: nn.Module, size: tuple[int, ...] = (3, 32, 32)) -> Structure:
    return structure_of(walk(model, size), dict(model.named_parameters()))


@pytest.mark.parametrize(
    ("name", "longest", "shortest", "additions"),
    [("plain20", 19, 19, 0), ("resnet20", 19, 1, 9), ("resnet18", 17, 4, 8), ("classic", 4, 4, 0)],
)
def test_depth_and_skips_of_known_networks(name: str, longest: int, shortest: int, additions: int) -> None:
    found = of(build(name, classes=10))
    assert (found.convolutions, found.shortest, found.additions) == (longest, shortest, additions)
    assert found.unknown == ()


class Backwards(nn.Module):
    """Uses its layers in another order than it defines them, one of them twice; one never."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.second, self.first = nn.Linear(4, 3), nn.Conv2d(4, 4, 3), nn.Conv2d(3, 4, 3)
        self.norm, self.never = nn.GroupNorm(2, 4), nn.Conv2d(3, 3, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.second(F.relu(self.norm(self.first(x))))
        return self.head(F.relu(self.second(x)).mean((2, 3)))


def test_weights_in_the_order_of_use() -> None:
    found = of(Backwards()).weights
    assert [(w.layer, w.kind, w.depth, w.normalised) for w in found] == [
        ("first", "conv", 0, True),
        ("second", "conv", 1, False),
        ("head", "linear", 2, False),
    ]
    assert [w.layer for w in weights_by_definition(Backwards())] == ["head", "second", "first", "never"]


def test_a_weight_with_its_norm_taken_out_is_found() -> None:
    net = nn.Sequential(
        nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), nn.ReLU(), nn.Conv2d(4, 4, 3)
    )
    found = of(net)
    assert found.convolutions == 2
    assert found.weights[0].name == "0.parametrizations.weight.original1"


class Blurred(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3)
        self.register_buffer("blur", torch.ones(3, 1, 3, 3) / 9)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(self.conv(x), self.blur, groups=3)


def test_a_fixed_kernel_is_no_layer() -> None:
    assert of(Blurred()).convolutions == 1


CONV = lambda: nn.Conv2d(3, 3, 3, padding=1)


@pytest.mark.parametrize(
    ("between", "by"),
    [
        ([nn.ReLU(inplace=True)], ("relu",)),
        ([nn.BatchNorm2d(3), nn.GELU()], ("gelu",)),
        ([nn.MaxPool2d(2)], ("max_pool2d",)),
        ([nn.Identity()], ()),
        ([nn.BatchNorm2d(3), nn.AvgPool2d(2), nn.Dropout(0.5)], ()),
        ([nn.GroupNorm(1, 3)], ()),
        ([nn.Softmax(1)], ("_softmax",)),
    ],
    ids=["relu", "gelu", "max pool", "identity", "affine", "norm", "softmax"],
)
def test_what_is_not_affine_between_layers(between: list[nn.Module], by: tuple[str, ...]) -> None:
    assert of(nn.Sequential(CONV(), *between, CONV())).nonlinear_by == by


def test_what_stands_before_or_behind_all_layers_is_not_between() -> None:
    assert of(nn.Sequential(nn.ReLU(), CONV(), CONV(), nn.ReLU())).nonlinear_by == ()


class Product(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = CONV(), CONV(), CONV()

    def forward(self, x: Tensor) -> Tensor:
        return self.c(self.a(x) * self.b(x))


class Rounded(Product):
    def forward(self, x: Tensor) -> Tensor:
        return self.c(torch.frac(self.a(x)))


def test_a_product_of_two_maps_is_not_affine_and_unknown_operators_are_named() -> None:
    assert of(Product()).nonlinear_by == ("mul",)
    assert of(Rounded()).unknown == ("frac",)


def test_branches_of_one_depth_are_no_skip() -> None:
    class Twins(Product):
        def forward(self, x: Tensor) -> Tensor:
            return self.c(self.a(x) + self.b(x))

    class Dense(Product):
        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([x, self.c(self.b(self.a(x)))], 1)

    assert of(Twins()).additions == 0
    assert (of(Dense()).additions, of(Dense()).convolutions, of(Dense()).shortest) == (0, 3, 0)
