"""What input a network was made for, and who says so."""

from __future__ import annotations

import pytest
from torch import nn

from striate.models import build
from striate.models.errors import UnknownModel
from striate.models.expected_input import MEAN, STD, expected_by_module, expected_by_name, statistics_for


@pytest.mark.parametrize(
    ("name", "size", "origin"),
    [
        ("resnet20", (3, 32, 32), "ImageNet's, assumed"),
        ("ResNet-18", (3, 32, 32), "ImageNet's, assumed"),
        ("timm/resnet18", (3, 224, 224), "timm's for these weights"),
        ("timm/inception_v3", (3, 299, 299), "timm's for these weights"),
        ("torchvision/inception_v3", (3, 299, 299), "ImageNet's, assumed"),
        ("squeezenet1_0", (3, 224, 224), "ImageNet's, assumed"),
    ],
)
def test_by_name(name: str, size: tuple[int, int, int], origin: str) -> None:
    expected = expected_by_name(name)
    assert (expected.size, expected.statistics_from) == (size, origin)


def test_timms_own_statistics_are_taken() -> None:
    assert expected_by_name("timm/inception_v3").mean == (0.5, 0.5, 0.5) or expected_by_name(
        "timm/inception_v3"
    ).mean == pytest.approx(MEAN)
    assert expected_by_name("timm/vit_tiny_patch16_224").mean == (0.5, 0.5, 0.5)


def test_by_module() -> None:
    assert expected_by_module(build("resnet20", classes=3)).size == (3, 32, 32)
    assert expected_by_module(build("timm/resnet18", classes=3)).size == (3, 224, 224)
    assert expected_by_module(nn.Sequential(nn.Conv2d(1, 4, 3))).size == (1, 224, 224)
    assert expected_by_module(nn.Flatten()).size == (3, 224, 224)


def test_statistics_where_nobody_gave_them() -> None:
    assert statistics_for(3) == (MEAN, STD, "ImageNet's, assumed")
    mean, std, _ = statistics_for(1)
    assert mean[0] == pytest.approx(0.4588, abs=1e-3)
    assert std[0] == pytest.approx(0.2256, abs=1e-3)
    assert statistics_for(5)[:2] == ((0.0,) * 5, (1.0,) * 5)


def test_an_unknown_name() -> None:
    with pytest.raises(UnknownModel, match="did you mean resnet"):
        expected_by_name("resnet21x")
