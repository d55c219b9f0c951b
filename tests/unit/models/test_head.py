"""The head is found and renewed in linear and convolutional classifiers."""

from __future__ import annotations

import pytest
from torch import nn

from striate.models.catalogue import build
from striate.models.head import head_name, renew_head


@pytest.mark.parametrize(
    ("model", "head"),
    [
        ("classic", "head"),
        ("resnet20", "linear"),
        ("resnet18", "fc"),
        ("squeezenet1_0", "classifier.1"),
        ("torchvision/mobilenet_v3_small", "classifier.3"),
        ("mobilenetv3_small_100", "classifier"),
        ("vit_tiny_patch16_224", "head"),
        ("convnext_atto", "head.fc"),
    ],
)
def test_the_head(model: str, head: str) -> None:
    network = build(model, classes=4, img_size=64)
    assert head_name(network) == head
    renew_head(network, 9)
    fresh = network.get_submodule(head)
    assert isinstance(fresh, nn.Linear | nn.Conv2d)
    assert fresh.weight.shape[0] == 9
